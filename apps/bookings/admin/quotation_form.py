"""The quotation's form: its head and its lines, prefilled from the last version, the package or the price list."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.bookings.admin.forms import CaseForm, DayField, day_input, text_box
from apps.bookings.models import Booking, LineKind, Quotation
from apps.hospitals.models import Doctor, HospitalTreatment
from medivoy.core.money import currencies, decimals

VALID_DAYS = 14
EMPTY_LINES = 3
MOST_LINES = 100


class QuotationForm(CaseForm):
    """Head of a draft."""

    currency = forms.ChoiceField(label=_("Currency"))
    valid_until = DayField(label=_("Valid until"), widget=day_input())
    admission_date = DayField(label=_("Admission date"), required=False, widget=day_input())
    nights = forms.IntegerField(label=_("Nights"), required=False, min_value=0, max_value=365)
    doctor = forms.ModelChoiceField(label=_("Doctor"), required=False, queryset=Doctor.objects.none())
    exclusions = forms.CharField(label=_("Not included, one a line"), required=False, widget=text_box())
    rests_on = forms.CharField(label=_("Rests on"), required=False, widget=text_box())

    def prepare(self) -> None:
        self.fields["currency"].choices = [(code, code) for code in sorted(currencies())]
        self.fields["doctor"].queryset = (
            Doctor.objects.visible_to(self.user).listed().working_at(self.booking.hospital).select_related("user")
        )
        for name, value in first_values(self.booking, self.user).items():
            self.fields[name].initial = value


class LineForm(forms.Form):
    description = forms.CharField(label=_("Description"), max_length=500, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=LineKind.choices, initial=LineKind.INCLUDED)
    quantity = forms.DecimalField(label=_("Quantity"), min_value=0, max_digits=9, decimal_places=2, initial=1)
    unit_price = forms.DecimalField(label=_("Unit price"), max_digits=18, decimal_places=3, required=False)
    unit_price_to = forms.DecimalField(label=_("Up to"), max_digits=18, decimal_places=3, required=False)
    tax_rate = forms.DecimalField(
        label=_("Tax %"), min_value=0, max_value=100, max_digits=5, decimal_places=2, required=False, initial=0
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("description") and data.get("unit_price") is None:
            self.add_error("unit_price", _("A line has a price."))
        return data


LineFormSet = forms.formset_factory(LineForm, extra=EMPTY_LINES, max_num=MOST_LINES, absolute_max=MOST_LINES)


def newest_version(booking: Booking, user: Any) -> Quotation | None:
    versions = Quotation.objects.visible_to(user).filter(booking=booking)
    return versions.prefetch_related("lines").order_by("-version_number").first()


def first_values(booking: Booking, user: Any) -> dict[str, Any]:
    """Return the head of a new draft: the last version's, else the booking's own wishes."""
    last = newest_version(booking, user)
    valid_until = booking.local_today() + timedelta(days=VALID_DAYS)
    if last is None:
        return {
            "currency": booking.hospital.currency,
            "valid_until": valid_until,
            "admission_date": booking.requested_date,
            "doctor": booking.doctor_id,
        }
    return {
        "currency": last.currency,
        "valid_until": valid_until,
        "admission_date": last.admission_date or booking.requested_date,
        "nights": last.nights,
        "doctor": last.doctor_id or booking.doctor_id,
        "exclusions": "\n".join(last.exclusions),
        "rests_on": last.rests_on,
    }


def first_lines(booking: Booking, user: Any) -> list[dict[str, Any]]:
    """Return the lines of a new draft: the last version's, else the hospital's price for the treatment."""
    last = newest_version(booking, user)
    if last is not None:
        names = ("description", "kind", "quantity", "unit_price", "unit_price_to", "tax_rate")
        places = decimals(last.currency)
        return [
            {name: _shown(getattr(line, name), places if "price" in name else 2) for name in names}
            for line in last.lines.all()
        ]
    offers = HospitalTreatment.objects.visible_to(user)
    offer = offers.filter(hospital=booking.hospital, treatment=booking.treatment).first()
    if offer is None or offer.base_price is None:
        return []
    price = _shown(offer.base_price, decimals(offer.currency))
    return [{"description": str(offer.treatment), "kind": LineKind.INCLUDED, "quantity": 1, "unit_price": price}]


def _shown(value: Any, places: int) -> Any:
    return f"{value:.{places}f}" if hasattr(value, "quantize") else value


def line_data(formset: Any) -> list[dict[str, Any]]:
    """Return the filled lines as the quotation service takes them."""
    lines = [form.cleaned_data for form in formset.forms if form.cleaned_data.get("description")]
    return [{**line, "tax_rate": line.get("tax_rate") or 0} for line in lines]
