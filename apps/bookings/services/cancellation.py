"""Cancelling, but for the money: on whose side the reason lies, and what becomes of the case."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking
from apps.bookings.moves import check_move
from apps.bookings.services.money import write_money
from apps.bookings.services.news import tell
from apps.bookings.services.quotation_answers import withdraw_offer
from apps.bookings.services.transition import lock, move
from apps.bookings.states import BookingStatus, CancelReason, Party
from apps.clinical.services.consents import end_after
from medivoy.core.errors import InvalidInput

# Who always cancels as a party of their own; coordinators and admins say which.
OWN_PARTY = {"cancellation.as_patient": Party.PATIENT, "cancellation.as_hospital": Party.HOSPITAL}


@dataclass(frozen=True, slots=True)
class Grounds:
    """Who cancels and why: these choose the rule, not the actor's role."""

    party: str
    reason: str


def read_grounds(actor: User, *, party: str = "", reason: str = "") -> Grounds:
    """Return the grounds that the actor gives, filled in as the contract has it.

    A patient is party patient and may leave the reason (changed_mind); a hospital is party hospital and says why;
    coordinators and admins say both. Raises InvalidInput on party or reason.
    """
    errors: dict[str, list[Any]] = {}
    own = next((side for right, side in OWN_PARTY.items() if actor.may(right)), None)
    party = party or (own.value if own else "")
    if own == Party.PATIENT:
        reason = reason or CancelReason.CHANGED_MIND.value
    if party not in Party.values:
        errors["party"] = [_("One of these is needed: %(choices)s.") % {"choices": ", ".join(Party.values)}]
    elif own and party != own:
        errors["party"] = [_("You cancel on your own side only.")]
    if reason not in CancelReason.values:
        errors["reason"] = [_("One of these is needed: %(choices)s.") % {"choices": ", ".join(CancelReason.values)}]
    if errors:
        raise InvalidInput(errors)
    return Grounds(party, reason)


@transaction.atomic
def close_cancelled(
    booking: Booking,
    *,
    actor: User | None,
    party: str,
    reason: str,
    amount_kept: Decimal,
    proof_wanted: bool,
    notes: str = "",
    internal_notes: str = "",
) -> Booking:
    """Cancel a case: the quotation that was out is withdrawn, the consent runs out, the balance is what is kept.

    `amount_kept` in the booking's currency, as the policy has it; `proof_wanted` where a paper may still better it.
    Money, invoice and news of them are billing's. Raises IllegalMove where the actor's role (None: any) cannot.
    """
    booking = lock(booking.pk)
    check_move(booking, BookingStatus.CANCELLED, actor=actor)
    withdraw_offer(booking, actor=actor)
    move(
        booking,
        BookingStatus.CANCELLED,
        actor=actor,
        reason=reason,
        notes=notes,
        internal_notes=internal_notes,
        data={"party": party},
        cancel_party=party,
        cancel_reason=reason,
        amount_kept=amount_kept,
        cancel_proof_wanted=proof_wanted,
        hold_reason="",
        review_on=None,
    )
    write_money(booking)
    end_after(booking, ended_at=booking.status_since)
    if reason == CancelReason.DEATH:
        tell(booking, "patient_died", actor=actor)
    return booking


@transaction.atomic
def settle_proof(booking: Booking, *, actor: User, amount_kept: Decimal) -> Booking:
    """Write that the paper that proves the reason was checked, and what is kept now, in the booking's currency."""
    booking = lock(booking.pk)
    write_money(booking, cancel_proof_wanted=False, amount_kept=amount_kept)
    return booking
