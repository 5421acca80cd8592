"""The worker's side of refunds: each approved one is brought to its gateway, outside of any transaction."""

from datetime import timedelta

from django.db.models import F

from apps.billing.gateways.base import GatewayError, RefundOrder, ReportedRefund
from apps.billing.gateways.registry import reach
from apps.billing.models import Refund
from apps.billing.services.locking import lock_refund
from apps.billing.services.refund_reports import book_refund_report, fail_refund, move_refund
from apps.billing.states import RefundState
from apps.billing.working import work_off
from apps.bookings.services.news import tell
from apps.notifications.services.outbox import event_id_for
from medivoy.core import clock
from medivoy.core.context import writing

# Whoever took a refund has this long before another worker takes it.
LEASE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=6)
# After so many tries in vain somebody is told, and the tries go on.
ALERT_AFTER = 5


def send_due_refunds() -> int:
    """Bring the refunds that are due to their gateways; safe to run twice at once. Returns how many were taken."""
    return work_off(_claim, send_refund)


def send_refund(refund: Refund) -> None:
    """Ask the gateway to make a refund that was taken, or how it stands; the refund's id is the gateway's key."""
    try:
        reported = _ask(refund)
    except GatewayError as error:
        _keep_trying(refund, error)
        return
    with writing(None):
        book_refund_report(lock_refund(refund.pk), reported)


def _claim() -> Refund | None:
    """Take one due refund for as long as its gateway may need."""
    with writing(None):
        refund = (
            Refund.objects.due()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("payment")
            .order_by("next_attempt_at")
            .first()
        )
        if refund is None:
            return None
        refund.next_attempt_at = clock.now() + LEASE
        if refund.status == RefundState.APPROVED:
            move_refund(refund, RefundState.PROCESSING)
        refund.save(update_fields=["next_attempt_at"])
        Refund.objects.filter(pk=refund.pk).update(attempts=F("attempts") + 1)
        refund.attempts += 1
        return refund


def _ask(refund: Refund) -> ReportedRefund:
    gateway = reach(refund.payment.payment_gateway)
    if refund.gateway_refund_id:
        return gateway.look_up_refund(refund.gateway_refund_id, refund.payment.gateway_transaction_id)
    return gateway.refund(
        RefundOrder(
            id=refund.gateway_key,
            number=refund.refund_number,
            payment_reference=refund.payment.gateway_transaction_id,
            capture_reference=refund.payment.capture_reference,
            amount=refund.amount,
            currency=refund.currency,
        )
    )


def _keep_trying(refund: Refund, error: GatewayError) -> None:
    """A refusal ends it; a gateway out of reach is asked again later, ever more rarely."""
    with writing(None):
        refund = lock_refund(refund.pk)
        if refund.status != RefundState.PROCESSING:
            return
        if error.permanent:
            fail_refund(refund, reason=str(error))
            return
        refund.next_attempt_at = clock.now() + min(timedelta(minutes=2 ** min(refund.attempts, 12)), LONGEST_PAUSE)
        refund.save(update_fields=["next_attempt_at"])
        if refund.attempts == ALERT_AFTER:
            tell(refund.booking, "refund_failed", event_id=event_id_for("refund_out_of_reach", refund.pk))
