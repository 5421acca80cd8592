"""The offer: drafted, sent, and what the patient makes of it."""

from decimal import Decimal

from apps.billing.services.acceptance import accept_quotation
from apps.bookings.services.quotation import Offer, OfferLine, draft_from_last, draft_from_package, draft_quotation
from apps.bookings.services.quotation_answers import decline_quotation, expire_offer
from apps.bookings.services.transition import lock
from apps.bookings.states import BookingStatus as S
from medivoy.core.money import round_to_step
from medivoy.demo.case import Case

VALID_DAYS = 14


def draft(case: Case) -> None:
    """A package drafts itself; a treatment gets the price list's line and what may come on top of it."""
    case.wait(hours=20)
    actor = case.coordinator
    if case.booking.package_id:
        until = case.day_in(VALID_DAYS)
        case.act(actor, lambda: draft_from_package(case.booking, actor=actor, valid_until=until))
    else:
        case.act(actor, lambda: draft_quotation(case.booking, actor=actor, offer=_offer(case)))


def _offer(case: Case) -> Offer:
    hospital = case.hospital
    offers = case.catalogue.offers[hospital.slug]
    chosen = next((offer for offer in offers if offer.treatment_id == case.booking.treatment_id), offers[0])

    def share(percent: str) -> Decimal:
        return round_to_step(chosen.base_price * Decimal(percent) / 100, hospital.currency)

    return Offer(
        currency=hospital.currency,
        valid_until=case.day_in(VALID_DAYS),
        lines=[
            OfferLine(f"{chosen.treatment.name_en}, hospital stay included", chosen.base_price),
            OfferLine("Physiotherapy, five sessions", share("1"), Decimal(5)),
            OfferLine("Single room", share("5"), kind="optional"),
            OfferLine("Intensive care, a day", share("10"), kind="possible_extra", unit_price_to=share("16.5")),
        ],
        nights=chosen.duration_days,
        exclusions=chosen.exclusions,
        rests_on="The documents of this case",
        doctor=case.catalogue.doctors[hospital.slug][0],
        treatment=chosen.treatment,
    )


def send(case: Case) -> None:
    case.wait(hours=1)
    case.move(S.QUOTATION_SENT, case.coordinator)


def revise(case: Case) -> None:
    """A second version, with a later last day; the first is superseded."""
    case.wait(hours=20)
    actor, until = case.coordinator, case.day_in(VALID_DAYS)
    case.act(actor, lambda: draft_from_last(case.booking, actor=actor, valid_until=until))
    send(case)


def decline(case: Case) -> None:
    case.wait(hours=30)
    user = case.patient_user
    case.act(user, lambda: decline_quotation(case.booking, actor=user, reason="More than we can pay at once"))


def expire(case: Case) -> None:
    """Nobody answers, and the last day at the hospital goes by."""
    case.wait(days=VALID_DAYS + 2)
    case.act(None, lambda: expire_offer(lock(case.booking.pk)))


def agree(case: Case) -> None:
    """The patient accepts; every fifth time the coordinator does on their behalf, after a call."""
    case.wait(hours=26)
    if case.turn % 5 == 4:
        case.move(S.CONFIRMED, case.coordinator, version=1, channel="phone", proof="Recorded call, 14 minutes")
        return
    user = case.patient_user
    language = user.preferred_language
    case.booking = case.act(user, lambda: accept_quotation(case.booking, actor=user, version=1, language=language))
