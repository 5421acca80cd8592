"""Routes of patients and their records."""

from django.urls import path

from apps.clinical.api.viewsets import PatientRecordViewSet, PatientViewSet, RecordViewSet

urlpatterns = [
    path("patients", PatientViewSet.as_view({"get": "list", "post": "create"}), name="patients"),
    path("patients/<uuid:pk>", PatientViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="patient"),
    path(
        "patients/<uuid:pk>/medical-records",
        PatientRecordViewSet.as_view({"get": "medical_records"}),
        name="patient-medical-records",
    ),
    path("medical-records", RecordViewSet.as_view({"get": "list", "post": "create"}), name="medical-records"),
    path("medical-records/<uuid:pk>", RecordViewSet.as_view({"get": "retrieve"}), name="medical-record"),
    path("medical-records/<uuid:pk>/download", RecordViewSet.as_view({"get": "download"}), name="record-download"),
    path("medical-records/<uuid:pk>/file", RecordViewSet.as_view({"get": "file"}), name="record-file"),
]
