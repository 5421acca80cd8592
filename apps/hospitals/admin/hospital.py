"""Hospitals in the console: their facts and terms, their offers, and where they are paid."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from apps.accounts.models import User
from apps.hospitals.models import Hospital, HospitalBankDetails, HospitalTreatment
from apps.hospitals.models.shown import in_all_languages
from apps.hospitals.services.hospital import free_slug, verify_hospital
from medivoy.admin import DialogForm, StackedInline, TabularInline, TranslatedAdmin, button


class OfferInline(TabularInline):
    """What is offered and at which price; the words of an offer are on its own page."""

    model = HospitalTreatment
    fields = ("treatment", "base_price", "currency", "duration_days", "success_rate", "is_available")
    autocomplete_fields = ("treatment",)
    show_change_link = True
    extra = 0
    tab = True


class BankDetailsInline(StackedInline):
    """Seen and written by those alone whom roles.py names."""

    model = HospitalBankDetails
    fields = ("bank_details",)
    extra = 0
    max_num = 1
    can_delete = False
    tab = True


@admin.register(Hospital)
class HospitalPage(TranslatedAdmin):
    list_display = ("name", "country", "city", "is_verified", "is_active")
    list_filter = ("is_verified", "is_active", ("country", ChoicesDropdownFilter))
    search_fields = (*in_all_languages("name"), "slug", "city")
    inlines = (OfferInline, BankDetailsInline)
    readonly_fields = ("slug", "is_verified")
    one_line = ("logo",)
    actions_detail = ("verify", "withdraw_verification")
    sections = (
        (
            None,
            (
                ("slug", "type"),
                ("country", "city"),
                "address",
                ("latitude", "longitude"),
                ("timezone", "currency"),
                ("is_verified", "is_active"),
                "specializations",
                "certifications",
                ("website", "logo"),
            ),
        ),
    )
    terms = (
        (_("Contacts"), (("phone", "email"), "admin_user")),
        (
            _("Terms"),
            (("deposit_percent", "commission_percent"), ("issuer_code", "tax_number"), "legal_name"),
        ),
    )

    def get_sections(self, request: HttpRequest, obj: Any = None) -> Sequence[tuple[Any, Sequence[Any]]]:
        return (*self.sections, *self.terms) if request.user.may("hospital.details") else self.sections

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "admin_user":
            people = User.objects.visible_to(request.user).active().who_may("hospital.administer")
            kwargs["queryset"] = people.order_by("email")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Hospital, form: ModelForm, change: bool) -> None:
        if not change:
            obj.slug = free_slug(form.cleaned_data["name_en"], obj.pk)
        super().save_model(request, obj, form, change)

    def has_verify_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._is_verified(request, object_id) is False

    def has_withdraw_verification_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._is_verified(request, object_id) is True

    def _is_verified(self, request: HttpRequest, object_id: str | None) -> bool | None:
        """Return whether it is, or None where this user has no say in it."""
        if not request.user.may("hospital.verify"):
            return None
        hospital = self.get_object(request, object_id or "")
        return hospital.is_verified if hospital else None

    @button(
        label=_("Verify"),
        permission="verify",
        text=_("Patients will find this hospital and can ask for treatment there."),
        done=_("The hospital is verified."),
    )
    def verify(self, request: HttpRequest, form: DialogForm, object_id: str) -> None:
        verify_hospital(self.get_object(request, object_id), actor=request.user)

    @button(
        label=_("Withdraw the verification"),
        permission="withdraw_verification",
        text=_("Patients will not find this hospital any more. Open cases go on."),
        done=_("The verification is withdrawn."),
    )
    def withdraw_verification(self, request: HttpRequest, form: DialogForm, object_id: str) -> None:
        verify_hospital(self.get_object(request, object_id), actor=request.user, verified=False)
