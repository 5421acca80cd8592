"""Drafts of quotations: lines in, totals computed here. A draft moves nothing and no patient sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking, EventKind, LineKind, Quotation, QuotationLine, Visibility
from apps.bookings.services.offers import check_doctor, is_on_offer
from apps.bookings.services.quotation_answers import facts_of
from apps.bookings.services.totals import compute_totals
from apps.bookings.services.transition import lock, record
from apps.bookings.states import BEFORE_CONFIRMED
from apps.hospitals.models import Doctor, Treatment
from apps.hospitals.services.pricing import package_price
from medivoy.core import clock
from medivoy.core.errors import GuardFailed, InvalidInput
from medivoy.core.ids import uuid7
from medivoy.core.money import LARGEST, ZERO, decimals, fits
from medivoy.core.numbers import next_number

DEFAULT_VALIDITY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A line as it is offered; `tax_rate` in percent on top; `unit_price_to` is the upper end of a possible extra."""

    description: str
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    kind: str = LineKind.INCLUDED
    tax_rate: Decimal = ZERO
    unit_price_to: Decimal | None = None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What a version says. Without `admission_date` it is the wished one, without `doctor` the booking's."""

    currency: str
    valid_until: date
    lines: Sequence[OfferLine]
    admission_date: date | None = None
    nights: int | None = None
    exclusions: Sequence[str] = ()
    rests_on: str = ""
    doctor: Doctor | None = None
    treatment: Treatment | None = None


@transaction.atomic
def draft_quotation(booking: Booking, *, actor: User, offer: Offer, id: UUID | None = None) -> Quotation:  # noqa: A002
    """Write a new version of the quotation as a draft, its totals computed from its lines.

    `id` makes a retry find the draft that the first try made. Raises InvalidInput; GuardFailed too_late once
    something is agreed. Rule: domain.md, Quotation.
    """
    booking = lock(booking.pk)
    made = Quotation.objects.filter(pk=id, booking=booking).first() if id else None
    if made is not None:
        return made
    _check(booking, offer)
    if booking.stage not in BEFORE_CONFIRMED:
        raise GuardFailed(_("A quotation can be made only before the booking is confirmed."), code="too_late")
    lines = [_row(position, line) for position, line in enumerate(offer.lines, start=1)]
    totals = compute_totals(lines, offer.currency)
    if totals.total > LARGEST:
        raise InvalidInput({"line_items": [_("The total is too large.")]})
    newest = booking.quotations.order_by("-version_number").first()
    quotation = Quotation.objects.create(
        id=id or uuid7(),
        quotation_number=next_number("QT"),
        booking=booking,
        version_number=newest.version_number + 1 if newest else 1,
        currency=offer.currency,
        subtotal=totals.subtotal,
        tax_amount=totals.tax,
        rounding=totals.rounding,
        total=totals.total,
        doctor=offer.doctor or booking.doctor,
        treatment=offer.treatment or booking.treatment,
        admission_date=offer.admission_date or booking.requested_date,
        nights=offer.nights,
        exclusions=list(offer.exclusions),
        rests_on=offer.rests_on,
        valid_until=offer.valid_until,
        created_by=actor,
    )
    for line in lines:
        line.quotation = quotation
    QuotationLine.objects.bulk_create(lines)
    record(booking, EventKind.QUOTATION, actor=actor, visibility=Visibility.HOSPITAL, data=facts_of(quotation))
    return quotation


def draft_from_package(booking: Booking, *, actor: User, valid_until: date | None = None) -> Quotation:
    """Draft a version from the package's price for the wished date and the number of travellers.

    Raises InvalidInput where the booking has no package, and what draft_quotation raises.
    """
    package = booking.package
    if package is None:
        raise InvalidInput({"package_id": [_("A package is needed.")]})
    today = clock.today(booking.hospital.timezone)
    each = package_price(package, travel_date=booking.requested_date)
    lines = [OfferLine(package.name, each, Decimal(booking.travellers))]
    lines += [OfferLine(str(inclusion), ZERO) for inclusion in package.inclusions]
    offer = Offer(
        currency=package.currency,
        valid_until=valid_until or today + DEFAULT_VALIDITY,
        lines=lines,
        nights=max(package.duration_days - 1, 0) if package.duration_days else None,
    )
    return draft_quotation(booking, actor=actor, offer=offer)


def draft_from_last(booking: Booking, *, actor: User, valid_until: date | None = None) -> Quotation:
    """Draft a new version that says what the newest one says, valid until another day (also: extend its validity).

    Raises GuardFailed nothing_to_copy, and what draft_quotation raises.
    """
    last = booking.quotations.order_by("-version_number").first()
    if last is None:
        raise GuardFailed(_("There is no version to start from."), code="nothing_to_copy")
    today = clock.today(booking.hospital.timezone)
    offer = Offer(
        currency=last.currency,
        valid_until=valid_until or today + DEFAULT_VALIDITY,
        lines=[
            OfferLine(
                line.description,
                line.unit_price,
                line.quantity,
                line.kind,
                line.tax_rate,
                line.unit_price_to,
                line.is_chosen,
            )
            for line in last.lines.all()
        ],
        admission_date=last.admission_date if last.admission_date and last.admission_date >= today else None,
        nights=last.nights,
        exclusions=last.exclusions,
        rests_on=last.rests_on,
        doctor=last.doctor,
        treatment=last.treatment,
    )
    return draft_quotation(booking, actor=actor, offer=offer)


def _row(position: int, line: OfferLine) -> QuotationLine:
    return QuotationLine(
        position=position,
        description=line.description,
        kind=line.kind,
        quantity=line.quantity,
        unit_price=line.unit_price,
        unit_price_to=line.unit_price_to,
        tax_rate=line.tax_rate,
        is_chosen=line.is_chosen and line.kind == LineKind.OPTIONAL,
    )


def _check(booking: Booking, offer: Offer) -> None:
    errors: dict[str, list[Any]] = check_doctor(booking.hospital, offer.doctor)
    if offer.treatment and not is_on_offer(booking.hospital, offer.treatment):
        errors["treatment_id"] = [_("The hospital does not offer this treatment.")]
    today = clock.today(booking.hospital.timezone)
    if offer.valid_until < today:
        errors["valid_until"] = [_("This day is over at the hospital.")]
    if offer.admission_date and offer.admission_date < today:
        errors["admission_date"] = [_("This day is over at the hospital.")]
    if not offer.lines:
        errors["line_items"] = [_("A line is needed.")]
    for index, line in enumerate(offer.lines):
        errors |= {f"line_items.{index}.{name}": texts for name, texts in _check_line(line, offer.currency).items()}
    if errors:
        raise InvalidInput(errors)


def _check_line(line: OfferLine, currency: str) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    too_fine = _("%(currency)s has %(decimals)s decimals.") % {"currency": currency, "decimals": decimals(currency)}
    if line.quantity <= 0:
        errors["quantity"] = [_("This must be more than zero.")]
    if line.unit_price < 0:
        errors["unit_price"] = [_("This must be %(minimum)s or more.") % {"minimum": 0}]
    elif not fits(line.unit_price, currency):
        errors["unit_price"] = [too_fine]
    elif line.unit_price * line.quantity > LARGEST:
        errors["unit_price"] = [_("The amount is too large.")]
    if line.unit_price_to is not None:
        if line.kind != LineKind.POSSIBLE_EXTRA:
            errors["unit_price_to"] = [_("Only a possible extra has a range.")]
        elif line.unit_price_to < line.unit_price:
            errors["unit_price_to"] = [_("The range ends below its beginning.")]
        elif not fits(line.unit_price_to, currency):
            errors["unit_price_to"] = [too_fine]
    return errors
