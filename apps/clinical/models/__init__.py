from apps.clinical.models.consent import Consent, Purpose
from apps.clinical.models.emergency_access import EmergencyAccess
from apps.clinical.models.medical_record import MedicalRecord, RecordType
from apps.clinical.models.patient import Patient

__all__ = ["Consent", "EmergencyAccess", "MedicalRecord", "Patient", "Purpose", "RecordType"]
