"""A gateway's report that did not match our payment, once a person has looked into it."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.models import Payment
from apps.billing.services.captures import fail_payment
from apps.billing.services.locking import lock_payment
from apps.bookings.models import EventKind, Visibility
from apps.bookings.services.transition import record
from medivoy.core.errors import GuardFailed, InvalidInput


@transaction.atomic
def set_aside(payment: Payment, *, actor: User, reason: str) -> Payment:
    """Take a mismatch off the list, with what was done about the money at the gateway; it is settled never.

    An attempt that is still open has failed, so that the payer can begin another. Raises InvalidInput, GuardFailed
    no_mismatch.
    """
    if not reason.strip():
        raise InvalidInput({"reason": [_("A reason is needed.")]})
    payment = lock_payment(payment.pk)
    if not payment.mismatch:
        raise GuardFailed(_("There is no mismatch."), code="no_mismatch")
    data = {"payment": payment.transaction_id, "mismatch": payment.mismatch, "set_aside": True}
    record(
        payment.booking,
        EventKind.PAYMENT,
        actor=actor,
        visibility=Visibility.STAFF,
        internal_notes=reason,
        data=data,
    )
    reported, payment.mismatch = payment.mismatch, ""
    payment.save(update_fields=["mismatch"])
    if payment.is_open:
        fail_payment(payment, reason=reported)
    return payment
