from apps.hospitals.models.bank_details import HospitalBankDetails
from apps.hospitals.models.doctor import Doctor, HospitalDoctor
from apps.hospitals.models.hospital import Hospital
from apps.hospitals.models.package import Package
from apps.hospitals.models.treatment import HospitalTreatment, Treatment

__all__ = [
    "Doctor",
    "Hospital",
    "HospitalBankDetails",
    "HospitalDoctor",
    "HospitalTreatment",
    "Package",
    "Treatment",
]
