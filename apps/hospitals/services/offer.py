"""What a hospital offers, and at which price."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.hospitals.models import Hospital, HospitalTreatment
from apps.hospitals.services.source_language import save_in_source_language
from medivoy.core import money
from medivoy.core.errors import Conflict, InvalidInput


class AlreadyOffered(Conflict):
    """The hospital has an offer of this treatment, on or withdrawn."""

    code = "already_offered"
    message = _("This hospital already has an offer of this treatment: change that one.")


@transaction.atomic
def add_offer(hospital: Hospital, *, values: Mapping[str, Any], actor: User) -> HospitalTreatment:
    """Offer a treatment at the hospital; without a currency in the hospital's.

    Raises AlreadyOffered, and InvalidInput for a price with more decimals than its currency has.
    """
    Hospital.objects.select_for_update(no_key=True).get(pk=hospital.pk)
    if HospitalTreatment.objects.filter(hospital=hospital, treatment=values["treatment"]).exists():
        raise AlreadyOffered
    values = {"currency": hospital.currency, **values}
    _check_price(values.get("base_price"), values["currency"])
    return save_in_source_language(HospitalTreatment(hospital=hospital), values, is_new=True)


@transaction.atomic
def change_offer(offer: HospitalTreatment, *, changes: Mapping[str, Any], actor: User) -> HospitalTreatment:
    """Write `changes` (column names). Raises InvalidInput for a price with more decimals than its currency has.

    Nothing that was agreed with a patient changes by it: quotations hold their own lines.
    """
    merged = {"base_price": offer.base_price, "currency": offer.currency, **changes}
    _check_price(merged["base_price"], merged["currency"])
    return save_in_source_language(offer, changes)


def _check_price(price: Any, currency: str) -> None:
    if price is not None and not money.fits(price, currency):
        raise InvalidInput({"base_price": [_("This has more decimals than the currency.")]})
