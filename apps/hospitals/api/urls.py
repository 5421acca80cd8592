"""Routes of the catalogue."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.hospitals.api.viewsets import (
    DoctorViewSet,
    HospitalDoctorViewSet,
    HospitalTreatmentViewSet,
    HospitalViewSet,
    PackageViewSet,
    TreatmentHospitalViewSet,
    TreatmentViewSet,
)

router = SimpleRouter(trailing_slash=False)
router.register("hospitals", HospitalViewSet, basename="hospital")
router.register("doctors", DoctorViewSet, basename="doctor")
router.register("treatments", TreatmentViewSet, basename="treatment")
router.register("packages", PackageViewSet, basename="package")

urlpatterns = [
    path("hospitals/<str:pk>/verify", HospitalViewSet.as_view({"patch": "verify"}), name="hospital-verify"),
    path(
        "hospitals/<str:pk>/doctors",
        HospitalDoctorViewSet.as_view({"get": "doctors", "post": "add_doctor"}),
        name="hospital-doctors",
    ),
    path(
        "hospitals/<str:pk>/doctors/<str:doctor_id>",
        HospitalDoctorViewSet.as_view({"delete": "remove_doctor"}),
        name="hospital-doctor",
    ),
    path(
        "hospitals/<str:pk>/treatments",
        HospitalTreatmentViewSet.as_view({"get": "treatments", "post": "add_treatment"}),
        name="hospital-treatments",
    ),
    path(
        "hospitals/<str:pk>/treatments/<str:treatment_id>",
        HospitalTreatmentViewSet.as_view({"patch": "update_treatment", "delete": "remove_treatment"}),
        name="hospital-treatment",
    ),
    path("treatments/<str:pk>/hospitals", TreatmentHospitalViewSet.as_view({"get": "hospitals"}), name="offers"),
    path(
        "packages/by-country/<str:country>", PackageViewSet.as_view({"get": "by_country"}), name="packages-by-country"
    ),
    *router.urls,
]
