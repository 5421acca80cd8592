"""Patients in the console: looked up by coordinators, and enrolled when they call.

The clinical profile is for those alone who care for them.
"""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import Throttled
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.accounts.admin.fields import NameInput
from apps.accounts.models.user import normalize_email, normalize_phone
from apps.accounts.services.registration import is_taken
from apps.clinical.api.access_viewsets import count_emergency
from apps.clinical.models import Patient
from apps.clinical.services.emergency import LONGEST_REASON, open_in_emergency
from apps.clinical.services.profile import update_patient
from apps.clinical.services.reads import note_profile
from apps.clinical.services.registration import Enrolment, enrol_patient
from medivoy.admin import DialogForm, ModelAdmin, button
from medivoy.core.clock import zones
from medivoy.core.errors import Conflict

capitalised = lazy(capfirst, str)

ABOUT = (("date_of_birth", "gender"), ("country", "city"), "address")
CONTACTS = (
    ("emergency_contact_name", "emergency_contact_phone"),
    ("insurance_provider", "insurance_policy_number"),
)
CLINICAL = ("blood_group", "medical_history", "allergies", "current_medications")
ACCOUNT = ("shown_name", "shown_email", "shown_phone", "shown_language")
NEW_ACCOUNT = ("email", "first_name", "last_name", "phone", "preferred_language", "timezone")


class EnrolmentForm(forms.ModelForm):
    """A new patient: the account that is made for them beside their profile."""

    email = forms.EmailField(label=capitalised(_("e-mail")), max_length=255, widget=UnfoldAdminEmailInputWidget)
    first_name = NameInput(label=capitalised(_("first name")), max_length=100, widget=UnfoldAdminTextInputWidget)
    last_name = NameInput(label=capitalised(_("last name")), max_length=100, widget=UnfoldAdminTextInputWidget)
    phone = forms.CharField(
        label=capitalised(_("phone")), max_length=40, required=False, widget=UnfoldAdminTextInputWidget
    )
    preferred_language = forms.ChoiceField(
        label=capitalised(_("language")), choices=settings.LANGUAGES, initial="en", widget=UnfoldAdminSelectWidget
    )
    timezone = forms.ChoiceField(
        label=capitalised(_("time zone")),
        choices=lambda: [(zone, zone) for zone in sorted(zones())],
        initial="UTC",
        widget=UnfoldAdminSelectWidget,
    )

    def clean_email(self) -> str:
        email = normalize_email(self.cleaned_data["email"])
        if is_taken(email=email, phone=None):
            raise forms.ValidationError(_("Somebody has this address already."), code="taken")
        return email

    def clean_phone(self) -> str | None:
        if not self.cleaned_data["phone"]:
            return None
        try:
            phone = normalize_phone(self.cleaned_data["phone"])
        except ValueError as error:
            raise forms.ValidationError(_("This must be a phone number with its country code.")) from error
        if is_taken(email="", phone=phone):
            raise forms.ValidationError(_("Somebody has this number already."), code="taken")
        return phone


class EmergencyForm(DialogForm):
    """Why; the patient reads it."""

    reason = forms.CharField(
        label=capitalised(_("reason")), max_length=LONGEST_REASON, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


def begin_emergency(user: Any, patient: Patient) -> None:
    """Count it as the API does. Raises Conflict where there were too many."""
    try:
        count_emergency(user, patient.pk)
    except Throttled as refusal:
        raise Conflict(_("Too many emergencies for now. Please wait, or call an administrator.")) from refusal


@admin.register(Patient)
class PatientPage(ModelAdmin):
    list_display = ("shown_name", "country", "shown_language", "shown_email", "shown_phone", "created_at")
    list_filter = (("country", ChoicesDropdownFilter), "user__preferred_language")
    list_select_related = ("user",)
    search_fields = ("user__first_name", "user__last_name", "user__email", "user__phone")
    search_help_text = _("Name, e-mail or phone")
    ordering = ("-created_at",)
    readonly_fields = ACCOUNT
    actions_detail: ClassVar[list[str]] = ["open_in_emergency"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find patients as the API does, slips forgiven."""
        return (queryset.search(search_term), False) if search_term else (queryset, False)  # type: ignore[attr-defined]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = forms.ModelForm if change else EnrolmentForm
        return super().get_form(request, obj, change, form=form, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sections: list[tuple[Any, dict[str, Any]]] = [
            (_("Account"), {"fields": ACCOUNT if obj else NEW_ACCOUNT}),
            (_("About"), {"fields": ABOUT}),
            (_("Contacts"), {"fields": CONTACTS}),
        ]
        if request.user.may("patient.clinical_profile"):
            sections.append((_("Clinical profile"), {"fields": CLINICAL}))
        return sections

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of who was erased there is nothing left to correct."""
        return super().has_change_permission(request, obj) and not (obj and obj.user.erased_at)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Who is shown the clinical profile is in the audit trail (T61)."""
        patient = kwargs.get("obj")
        if patient is not None and request.user.may("patient.clinical_profile"):
            note_profile(patient, reader=request.user)
        return super().render_change_form(request, context, *args, **kwargs)

    def has_emergency_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        is_there = object_id is None or self.get_object(request, str(object_id)) is not None
        return is_there and request.user.may("patient.emergency_access")

    @button(
        label=_("Open the records in an emergency"),
        permission="emergency",
        text=_(
            "For a patient without an open case. You read the records for one hour; the patient and the administrators"
            " are told at once, with your reason, and every reading is recorded."
        ),
        form=EmergencyForm,
        submit=_("Open for one hour"),
        variant=ActionVariant.DANGER,
        icon="emergency",
    )
    def open_in_emergency(self, request: HttpRequest, form: Any, object_id: str) -> Any:
        patient = self.get_object(request, object_id)
        begin_emergency(request.user, patient)
        opened = open_in_emergency(patient.pk, actor=request.user, reason=form.cleaned_data["reason"])
        until = date_format(localtime(opened.access.ends_at), "H:i")
        return _("The records are open to you until %(until)s.") % {"until": until}

    def save_model(self, request: HttpRequest, obj: Patient, form: Any, change: bool) -> None:
        if change:
            changes = {name: getattr(obj, name) for name in form.changed_data if name in form.fields}
            update_patient(obj, changes=changes)
            return
        account = {name: form.cleaned_data[name] for name in NEW_ACCOUNT}
        details = {name: value for name, value in form.cleaned_data.items() if name not in NEW_ACCOUNT}
        obj.user = enrol_patient(Enrolment(**account, details=details | {"id": obj.pk}), actor=request.user).user
        messages.info(request, _("A link to set the password is on its way to %(email)s.") % {"email": obj.user.email})

    @display(description=_("name"), ordering="user__first_name")
    def shown_name(self, patient: Patient) -> str:
        return str(patient)

    @display(description=_("e-mail"))
    def shown_email(self, patient: Patient) -> str:
        return str(patient.user.email)

    @display(description=_("phone"))
    def shown_phone(self, patient: Patient) -> str:
        return patient.user.phone or "–"

    @display(description=_("language"))
    def shown_language(self, patient: Patient) -> Any:
        return dict(settings.LANGUAGES).get(patient.user.preferred_language, "–")
