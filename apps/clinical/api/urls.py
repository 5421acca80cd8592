"""Routes of patients and their records."""

from django.urls import path

from apps.clinical.api.access_viewsets import AccessLogViewSet, EmergencyViewSet
from apps.clinical.api.viewsets import PatientRecordViewSet, PatientViewSet, RecordViewSet

urlpatterns = [
    path("patients", PatientViewSet.as_view({"get": "list", "post": "create"}), name="patients"),
    path("patients/<uuid:pk>", PatientViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="patient"),
    path(
        "patients/<uuid:pk>/medical-records",
        PatientRecordViewSet.as_view({"get": "medical_records"}),
        name="patient-medical-records",
    ),
    path(
        "patients/<uuid:pk>/emergency-access",
        EmergencyViewSet.as_view({"post": "emergency_access"}),
        name="patient-emergency-access",
    ),
    path("patients/<uuid:pk>/access-log", AccessLogViewSet.as_view({"get": "access_log"}), name="patient-access-log"),
    path("medical-records", RecordViewSet.as_view({"get": "list", "post": "create"}), name="medical-records"),
    path("medical-records/<uuid:pk>", RecordViewSet.as_view({"get": "retrieve"}), name="medical-record"),
    path("medical-records/<uuid:pk>/download", RecordViewSet.as_view({"get": "download"}), name="record-download"),
    path("medical-records/<uuid:pk>/file", RecordViewSet.as_view({"get": "file"}), name="record-file"),
]
