"""The doors of the catalogue."""

import uuid
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.functional import cached_property
from rest_framework.exceptions import ValidationError as BadDay
from rest_framework.request import Request
from rest_framework.response import Response

from apps.hospitals.api import price_serializers as prices
from apps.hospitals.api.filters import (
    DoctorFilters,
    HospitalFilters,
    OfferFilters,
    PackageFilters,
    TreatmentFilters,
)
from apps.hospitals.api.serializers import (
    AffiliationIn,
    AffiliationOut,
    AnyHospital,
    DoctorOut,
    HospitalByAdminIn,
    HospitalDetails,
    HospitalIn,
    HospitalOut,
    VerificationIn,
)
from apps.hospitals.models import Doctor, Hospital, HospitalTreatment, Package, Treatment
from apps.hospitals.policies import can_change_hospital, can_see_hospital_details
from apps.hospitals.services.doctor import affiliate, end_affiliation
from apps.hospitals.services.hospital import add_hospital, change_hospital, verify_hospital
from apps.hospitals.services.offer import add_offer, change_offer
from medivoy.api.envelope import created, ok
from medivoy.api.fields import DayField
from medivoy.api.filters import CountryFormField
from medivoy.api.viewsets import BaseViewSet, ListMixin, RetrieveMixin
from medivoy.core.errors import InvalidInput, Missing

DOCTORS_BY = ("rating", "consultation_fee", "experience_years")
BY_SLUG_TOO = {"id": "The hospital's id or slug."}
OFFERS_BY = {"price": "base_price", "success_rate": "success_rate"}


def is_id(text: str) -> bool:
    """Whether a part of an address is an id, and not a slug."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def id_or_404(text: str) -> uuid.UUID:
    """Return an id in an address."""
    if not is_id(text):
        raise Missing
    return uuid.UUID(text)


def country_or_404(text: str) -> str:
    """Return the ISO code of a country in an address."""
    try:
        return CountryFormField().clean(text)
    except ValidationError as error:
        raise Missing from error


def read_day(name: str, text: str) -> date:
    """Return a parameter that is a date; 400 otherwise."""
    try:
        return DayField().run_validation(text)
    except BadDay as error:
        raise InvalidInput({name: error.detail}) from error


class HospitalViewSet(ListMixin, RetrieveMixin, BaseViewSet):
    """Hospitals, by id or slug."""

    entity = "hospital"
    catalogue = True
    model = Hospital
    serializer_class = HospitalOut
    serializers = {
        "create": HospitalByAdminIn,
        "partial_update": HospitalByAdminIn,
        "verify": VerificationIn,
    }
    answers = {"retrieve": AnyHospital} | dict.fromkeys(
        ("create", "partial_update", "destroy", "verify"), HospitalDetails
    )
    refusals = {"verify": {409: ("hospital_inactive",)}}
    policies = {"partial_update": can_change_hospital}
    filterset_class = HospitalFilters
    ordering_fields = {"name": "shown_name", "city": "city", "created_at": "created_at"}
    lookup_url_kwarg = "pk"
    path_parameters = BY_SLUG_TOO

    def get_object(self) -> Hospital:
        self.lookup_field = "pk" if is_id(self.kwargs["pk"]) else "slug"
        return super().get_object()

    def get_serializer_class(self) -> type[Any]:
        """A detail has more columns for staff and for the hospital's own administrator."""
        if self.found is None:
            return super().get_serializer_class()
        return HospitalDetails if can_see_hospital_details(self.request.user, self.found) else HospitalOut

    def input_serializer(self, instance: Any = None) -> Any:
        """A hospital's administrator writes fewer columns than an admin; what they send beyond is ignored."""
        if self.action == "partial_update" and not self.request.user.may("hospital.create"):
            context = self.get_serializer_context()
            return HospitalIn(instance, data=self.request.data, partial=True, context=context)
        return super().input_serializer(instance)

    def create(self, request: Request) -> Response:
        """Add a hospital. It is shown once it is verified."""
        hospital = add_hospital(values=self.payload(), actor=request.user)
        return created(self.reread(hospital))

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a hospital.

        `is_active`, `admin_user_id`, `currency` and what has to do with money are an admin's to write, and ignored
        from others; `is_verified` has its own route.
        """
        hospital = self.get_object()
        change_hospital(hospital, changes=self.payload(hospital), actor=request.user)
        return ok(self.reread(hospital))

    def destroy(self, request: Request, pk: str) -> Response:
        """Deactivate a hospital: nobody but staff and its administrator finds it any more. Nothing is deleted."""
        hospital = self.get_object()
        change_hospital(hospital, changes={"is_active": False}, actor=request.user)
        return ok(self.reread(hospital))

    def verify(self, request: Request, pk: str) -> Response:
        """Verify a hospital, or with `is_verified: false` take that back. 409 `hospital_inactive`."""
        hospital = self.get_object()
        verify_hospital(hospital, actor=request.user, verified=self.payload().get("is_verified", True))
        return ok(self.reread(hospital))


class OfHospitalViewSet(BaseViewSet):
    """What belongs to the hospital of the address."""

    entity = "hospital"
    catalogue = True
    within = Hospital
    path_parameters = BY_SLUG_TOO

    @cached_property
    def hospital(self) -> Hospital:
        """Raises what becomes 404 where it is not theirs to see, 403 where it is not theirs to change."""
        return self.row_above(**{"pk" if is_id(self.kwargs["pk"]) else "slug": self.kwargs["pk"]})


class HospitalDoctorViewSet(OfHospitalViewSet):
    """The doctors of a hospital."""

    model = Doctor
    serializer_class = DoctorOut
    serializers = {"add_doctor": AffiliationIn}
    answers = dict.fromkeys(("add_doctor", "remove_doctor"), AffiliationOut)
    policies = dict.fromkeys(("add_doctor", "remove_doctor"), can_change_hospital)
    statuses = {"add_doctor": (201,)}
    refusals = {"add_doctor": {409: ("already_affiliated",)}}
    unversioned = ("remove_doctor",)
    filterset_class = DoctorFilters
    ordering_fields = DOCTORS_BY
    list_actions = ("doctors",)

    def doctors(self, request: Request, pk: str) -> Response:
        """Who works there now."""
        hospital = self.hospital
        return self.page_of(self.get_queryset().working_at(hospital))

    def add_doctor(self, request: Request, pk: str) -> Response:
        """Let a doctor work there. 409 `already_affiliated` where they do."""
        hospital = self.hospital
        affiliation = affiliate(**self.payload(), hospital=hospital, actor=request.user)
        return created(self.represent(affiliation))

    def remove_doctor(self, request: Request, pk: str, doctor_id: str) -> Response:
        """End a doctor's work there, today; that they worked there stays known."""
        hospital = self.hospital
        ended = end_affiliation(hospital, doctor_id=id_or_404(doctor_id), actor=request.user)
        return ok(self.represent(ended))


class HospitalTreatmentViewSet(OfHospitalViewSet):
    """What a hospital offers, and at which price."""

    model = HospitalTreatment
    serializer_class = prices.OfferAtHospital
    serializers = {"add_treatment": prices.OfferIn, "update_treatment": prices.OfferPatch}
    policies = dict.fromkeys(("add_treatment", "update_treatment", "remove_treatment"), can_change_hospital)
    statuses = {"add_treatment": (201,)}
    refusals = {"add_treatment": {409: ("already_offered",)}}
    filterset_class = OfferFilters
    ordering_fields = {"name": "shown_name", **OFFERS_BY}
    list_actions = ("treatments",)
    lookup_field = lookup_url_kwarg = "treatment_id"

    def get_queryset(self) -> QuerySet[HospitalTreatment]:
        return super().get_queryset().filter(hospital=self.hospital).with_treatment()

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """The policies are about the hospital, also where an offer of it was found."""
        super().check_object_permissions(request, self.hospital if isinstance(obj, HospitalTreatment) else obj)

    def treatments(self, request: Request, pk: str) -> Response:
        """Its offers; those that are withdrawn for its administrator and for staff only."""
        return self.page_of(self.get_queryset())

    def add_treatment(self, request: Request, pk: str) -> Response:
        """Offer a treatment there. 409 `already_offered` where there is an offer of it, withdrawn ones too."""
        hospital = self.hospital
        offer = add_offer(hospital, values=self.payload(), actor=request.user)
        return created(self.reread(offer))

    def update_treatment(self, request: Request, pk: str, treatment_id: str) -> Response:
        """Change price, availability or what is included. What was quoted stays as it was quoted."""
        offer = self.get_object()
        change_offer(offer, changes=self.payload(offer), actor=request.user)
        return ok(self.reread(offer))

    def remove_treatment(self, request: Request, pk: str, treatment_id: str) -> Response:
        """Withdraw an offer; `is_available: true` brings it back."""
        offer = self.get_object()
        change_offer(offer, changes={"is_available": False}, actor=request.user)
        return ok(self.reread(offer))


class DoctorViewSet(ListMixin, RetrieveMixin, BaseViewSet):
    """Doctors whose licence is verified."""

    entity = "doctor"
    catalogue = True
    model = Doctor
    serializer_class = DoctorOut
    filterset_class = DoctorFilters
    ordering_fields = DOCTORS_BY


class TreatmentViewSet(ListMixin, RetrieveMixin, BaseViewSet):
    """What is treated."""

    entity = "treatment"
    catalogue = True
    model = Treatment
    serializer_class = prices.TreatmentOut
    filterset_class = TreatmentFilters
    ordering_fields = {"name": "shown_name", "category": "category", "duration_days": "duration_days"}


class TreatmentHospitalViewSet(BaseViewSet):
    """Where a treatment is offered."""

    entity = "treatment"
    catalogue = True
    within = Treatment
    model = HospitalTreatment
    serializer_class = prices.OfferOfTreatment
    filterset_class = OfferFilters
    ordering_fields = OFFERS_BY
    list_actions = ("hospitals",)

    def hospitals(self, request: Request, pk: str) -> Response:
        """The hospitals that offer it, the cheapest first; `ordering=-success_rate` puts the most successful first.

        Prices are compared as they stand: give a `currency` to compare like with like.
        """
        treatment = self.row_above(pk=id_or_404(pk))
        return self.page_of(self.get_queryset().filter(treatment=treatment).with_hospital())


class PackageViewSet(ListMixin, RetrieveMixin, BaseViewSet):
    """Medical tours. With `travel_date` prices are those of that day's season."""

    entity = "package"
    catalogue = True
    model = Package
    serializer_class = prices.PackageOut
    filterset_class = PackageFilters
    ordering_fields = {"name": "shown_name", "price": "price_then", "duration_days": "duration_days"}
    list_actions = ("by_country",)
    queries = {"retrieve": prices.TravelDay}
    path_parameters = {"country": "An ISO 3166 alpha-2 code, or the country's English name."}

    def get_queryset(self) -> QuerySet[Package]:
        return super().get_queryset().priced_for(self.travel_date)

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"travel_date": self.travel_date}

    @property
    def travel_date(self) -> date | None:
        """The day that was asked for; 400 where it is none."""
        asked = self.request.query_params.get("travel_date", "")
        return read_day("travel_date", asked) if asked else None

    def by_country(self, request: Request, country: str) -> Response:
        """Packages of one country, by its ISO code or English name."""
        return self.page_of(self.get_queryset().filter(country=country_or_404(country)))
