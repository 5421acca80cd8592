"""What the clock does with cases. Each run may be repeated or run beside another: rows and ids decide, not the run."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from uuid import UUID

from apps.bookings.services.erasure import forget_sealed, patients_with_sealed_records
from apps.bookings.services.quotation_answers import expire_offer, perhaps_run_out
from apps.bookings.services.reminders import FAMILIES, FAMILIES_OF_PAYMENT, perhaps_due, perhaps_owing, remind
from apps.bookings.services.staffing import move_stranded, stranded_cases
from apps.bookings.services.transition import lock
from medivoy.core.context import writing
from medivoy.core.schedule import scheduled

logger = logging.getLogger(__name__)


@scheduled("bookings.expire_quotations", every=timedelta(hours=1))
def expire_quotations() -> str:
    """Let quotations expire whose last day is over at the hospital."""
    expired = one_by_one(perhaps_run_out().iterator(), lambda booking_id: expire_offer(lock(booking_id)))
    return f"{expired} expired"


@scheduled("bookings.remind", every=timedelta(hours=1))
def send_reminders() -> str:
    """Remind of documents, of quotations, of feedback, and of held cases."""
    sent = one_by_one(perhaps_due().iterator(), lambda booking_id: remind(booking_id, FAMILIES))
    return f"{sent} reminders sent"


@scheduled("bookings.remind_of_payments", cron="0 6 * * *")
def send_payment_reminders() -> str:
    """Remind of deposits that are late and balances that are near."""
    sent = one_by_one(perhaps_owing().iterator(), lambda booking_id: remind(booking_id, FAMILIES_OF_PAYMENT))
    return f"{sent} reminders sent"


@scheduled("bookings.move_stranded", every=timedelta(minutes=5))
def move_stranded_cases() -> str:
    """Give cases whose coordinator left while they were being assigned to somebody who is there."""
    return f"{one_by_one(stranded_cases(), move_stranded)} cases moved"


@scheduled("bookings.forget_sealed_records", cron="10 4 * * *")
def forget_sealed_records() -> str:
    """Delete the records of erased patients that the law makes us keep no longer."""
    return f"{one_by_one(patients_with_sealed_records(), forget_sealed)} records deleted"


def one_by_one(ids: Iterable[UUID], act: Callable[[UUID], int]) -> int:
    """Act on each booking, or whatever the ids name, in a transaction of its own; return the sum of what that gave.

    One that breaks keeps no other waiting; the run fails at its end, so that somebody looks.
    """
    total, broken = 0, None
    for booking_id in ids:
        try:
            with writing(None):
                total += act(booking_id)
        except Exception as error:  # whatever it is, it concerns this one alone
            logger.exception("row %s", booking_id)
            broken = error
    if broken is not None:
        raise broken
    return total
