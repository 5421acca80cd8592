"""Doctors in the console: their profile, their licence, and where they work."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.hospitals.models import Doctor, HospitalDoctor
from apps.hospitals.models.shown import in_all_languages
from apps.hospitals.services.doctor import verify_doctor
from medivoy.admin import DialogForm, TabularInline, TranslatedAdmin, button


class AffiliationInline(TabularInline):
    """Where the doctor works or worked; an end date ends it."""

    model = HospitalDoctor
    fields = ("hospital", "department", "is_primary", "start_date", "end_date")
    autocomplete_fields = ("hospital",)
    extra = 0
    tab = True


@admin.register(Doctor)
class DoctorPage(TranslatedAdmin):
    list_display = ("name", "specialty", "is_verified", "is_active", "rating")
    list_filter = ("is_verified", "is_active", "is_available_teleconsult")
    list_select_related = ("user",)
    search_fields = ("user__first_name", "user__last_name", *in_all_languages("specialty"))
    inlines = (AffiliationInline,)
    readonly_fields = ("is_verified", "rating", "total_reviews")
    actions_detail = ("verify", "withdraw_verification")
    sections = (
        (
            None,
            (
                ("user", "experience_years"),
                ("consultation_fee", "currency"),
                ("languages", "timezone"),
                "is_available_teleconsult",
                ("is_verified", "is_active"),
                ("rating", "total_reviews"),
            ),
        ),
    )

    # What is not for those who only work on the texts; neither shown to them nor found by them.
    details = ((_("Licence"), ("license_number",)),)

    def get_sections(self, request: HttpRequest, obj: Any = None) -> Sequence[tuple[Any, Sequence[Any]]]:
        return (*self.sections, *self.details) if request.user.may("doctor.details") else self.sections

    def get_list_display(self, request: HttpRequest) -> Sequence[str]:
        shown = super().get_list_display(request)
        return (*shown, "license_number") if request.user.may("doctor.details") else shown

    def get_search_fields(self, request: HttpRequest) -> Sequence[str]:
        found = super().get_search_fields(request)
        return (*found, "user__email") if request.user.may("doctor.details") else found

    @admin.display(description=_("name"), ordering="user__last_name")
    def name(self, doctor: Doctor) -> str:
        return str(doctor)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        return (*fields, "user") if obj else fields

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            free = User.objects.visible_to(request.user).active().who_may("doctor.practise").filter(doctor=None)
            kwargs["queryset"] = free.order_by("email")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_verify_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._is_verified(request, object_id) is False

    def has_withdraw_verification_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._is_verified(request, object_id) is True

    def _is_verified(self, request: HttpRequest, object_id: str | None) -> bool | None:
        """Return whether the licence is, or None where this user has no say in it."""
        if not self.has_change_permission(request):
            return None
        doctor = self.get_object(request, object_id or "")
        return doctor.is_verified if doctor else None

    @button(
        label=_("Verify the licence"),
        permission="verify",
        text=_("You have checked the licence number with the register. Patients will find this doctor."),
        done=_("The licence is verified."),
    )
    def verify(self, request: HttpRequest, form: DialogForm, object_id: str) -> None:
        verify_doctor(self.get_object(request, object_id), actor=request.user)

    @button(
        label=_("Withdraw the verification"),
        permission="withdraw_verification",
        text=_("Patients will not find this doctor any more."),
        done=_("The verification is withdrawn."),
    )
    def withdraw_verification(self, request: HttpRequest, form: DialogForm, object_id: str) -> None:
        verify_doctor(self.get_object(request, object_id), actor=request.user, verified=False)
