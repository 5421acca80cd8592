"""The forms behind the buttons of a case. Shape only: the services refuse by themselves."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings.models import Booking, ItemStatus, VisaStatus
from apps.bookings.states import CancelReason, HoldReason, Outcome, Party
from apps.bookings.usual_documents import usual_documents
from apps.clinical.models import RecordType
from medivoy.core import clock


def day_input(**attrs: Any) -> forms.DateInput:
    """Return the browser's own date field."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **attrs})


class DayField(forms.DateField):
    """A day that people live through (T57)."""

    default_validators = [MinValueValidator(clock.FIRST_DAY), MaxValueValidator(clock.LAST_DAY)]


def text_box(rows: int = 2, **attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})


class CaseForm(forms.Form):
    """What every action of a case knows: the case and who acts."""

    def __init__(self, *args: Any, booking: Booking, user: Any, **kwargs: Any) -> None:
        self.booking, self.user = booking, user
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Fill choices and first values from the case."""

    def today(self) -> date:
        return self.booking.local_today()


class MoveForm(CaseForm):
    """A move that needs nothing more than the wish to make it."""


class NotedMoveForm(CaseForm):
    notes = forms.CharField(label=_("Note to the patient"), required=False, widget=text_box())
    internal_notes = forms.CharField(label=_("Internal note"), required=False, widget=text_box())


class RejectForm(NotedMoveForm):
    reason = forms.CharField(label=_("Reason"), max_length=255)
    field_order = ["reason"]


class AskDocumentsForm(CaseForm):
    types = forms.MultipleChoiceField(
        label=_("Documents"), choices=RecordType.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    why = forms.CharField(label=_("Why, or what exactly"), required=False, widget=text_box())

    def prepare(self) -> None:
        self.fields["types"].initial = [kind.value for kind in usual_documents(self.booking)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("types") and not data.get("why"):
            raise forms.ValidationError(_("Say what is wanted."))
        return data


class ConfirmForm(CaseForm):
    """An acceptance on the patient's behalf."""

    channel = forms.ChoiceField(
        label=_("How they said so"),
        choices=[
            ("phone", _("Phone")),
            ("email", _("E-mail")),
            ("whatsapp", "WhatsApp"),
            ("in_person", _("In person")),
        ],
    )
    proof = forms.CharField(label=_("Proof: what was said, where it is kept"), widget=text_box())


class HoldForm(NotedMoveForm):
    reason = forms.ChoiceField(label=_("Reason"), choices=HoldReason.choices)
    review_on = DayField(label=_("Review on"), widget=day_input())
    field_order = ["reason", "review_on"]

    def prepare(self) -> None:
        self.fields["review_on"].initial = self.today() + timedelta(days=7)


class CancelForm(CaseForm):
    party = forms.ChoiceField(label=_("Who cancels"), choices=Party.choices)
    reason = forms.ChoiceField(label=_("Reason"), choices=CancelReason.choices)


class OverridableForm(CaseForm):
    """A move that an admin may force past the money guard, with a reason that is kept."""

    override_reason = forms.CharField(
        label=_("Emergency: why without the payment"), required=False, widget=text_box(), max_length=500
    )

    right: str

    def prepare(self) -> None:
        if not self.user.may(self.right):
            del self.fields["override_reason"]


class TravelStartForm(OverridableForm):
    """Start of the travel arrangements."""

    right = "override.travel_arrangement"


class AdmitForm(OverridableForm):
    right = "override.in_treatment"
    admitted_on = DayField(label=_("Admitted on"), widget=day_input())
    field_order = ["admitted_on"]

    def prepare(self) -> None:
        super().prepare()
        self.fields["admitted_on"].initial = self.today()


class DischargeForm(CaseForm):
    discharged_on = DayField(label=_("Discharged on"), widget=day_input())
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices)

    def prepare(self) -> None:
        self.fields["discharged_on"].initial = self.today()


class ExtendForm(CaseForm):
    valid_until = DayField(label=_("Valid until"), widget=day_input())

    def prepare(self) -> None:
        self.fields["valid_until"].initial = self.today() + timedelta(days=14)


FOLLOW_UPS = [
    ("tomorrow", _("Tomorrow")),
    ("3_days", _("In 3 days")),
    ("monday", _("Monday")),
    ("date", _("On a date")),
    ("none", _("No follow-up")),
]


def follow_up_day(choice: str, today: date, given: date | None) -> date | None:
    """Return the day that a follow-up button means; None for none."""
    days = {"tomorrow": 1, "3_days": 3, "monday": 7 - today.weekday()}
    return today + timedelta(days=days[choice]) if choice in days else (given if choice == "date" else None)


class FollowUpForm(CaseForm):
    when = forms.ChoiceField(label=_("When"), choices=FOLLOW_UPS)
    day = DayField(label=_("Date"), required=False, widget=day_input())
    note = forms.CharField(label=_("Note"), required=False, max_length=255)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("when") == "date" and not data.get("day"):
            self.add_error("day", _("Which day?"))
        return data


class HandOverForm(CaseForm):
    coordinator = forms.ModelChoiceField(label=_("To"), queryset=User.objects.none())
    note = forms.CharField(label=_("Note"), required=False, widget=text_box())

    def prepare(self) -> None:
        people = User.objects.visible_to(self.user).coordinators().active()
        others = people.exclude(pk=self.booking.coordinator_id)
        self.fields["coordinator"].queryset = others.order_by("first_name", "last_name")


class EntryForm(CaseForm):
    """The composer under the timeline: a note or a call, and when to look again."""

    kind = forms.ChoiceField(choices=[("note", _("Note")), ("call", _("Call"))])
    visibility = forms.ChoiceField(
        choices=[("staff", _("Internal")), ("hospital", _("Hospital")), ("patient", _("Patient"))], initial="staff"
    )
    answered = forms.BooleanField(label=_("Answered"), required=False)
    text = forms.CharField(label=_("What was said"), widget=text_box(3, **{"data-key": "i"}))
    follow_up = forms.ChoiceField(choices=FOLLOW_UPS, required=False)

    def clean_follow_up(self) -> str:
        return self.cleaned_data["follow_up"] or ""


class TravelForm(CaseForm):
    visa = forms.ChoiceField(label=_("Visa"), choices=VisaStatus.choices)
    flights = forms.ChoiceField(label=_("Flights"), choices=ItemStatus.choices)
    transfers = forms.ChoiceField(label=_("Transfers"), choices=ItemStatus.choices)
    accommodation = forms.ChoiceField(label=_("Accommodation"), choices=ItemStatus.choices)
    arrival = forms.DateTimeField(
        label=_("Arrival (UTC)"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    flight_number = forms.CharField(label=_("Flight"), required=False, max_length=20)
    hotel = forms.CharField(label=_("Hotel"), required=False, max_length=200)

    def prepare(self) -> None:
        plan = getattr(self.booking, "travel_plan", None)
        if plan is not None:
            for name, state in plan.checklist().items():
                self.fields[name].initial = state
            self.fields["hotel"].initial = plan.accommodation.get("hotel", "")


class RescheduleForm(CaseForm):
    confirmed_date = DayField(label=_("New admission date"), widget=day_input())
    asked_by = forms.ChoiceField(label=_("Asked by"), choices=Party.choices)
    reason = forms.CharField(label=_("Reason"), max_length=255)

    def prepare(self) -> None:
        self.fields["confirmed_date"].initial = self.booking.confirmed_date or clock.today()
