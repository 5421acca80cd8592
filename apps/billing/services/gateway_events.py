"""News from gateways: stored once under their own id before anything is done, and done once (T31-T34).

They may come late, repeated, in any order, or before we know the payment; whoever holds the row's lock applies it.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db.models import F, QuerySet

from apps.billing.gateways.base import GatewayNews, Reported, ReportedRefund, ReportedState, Subject
from apps.billing.gateways.registry import ADAPTERS, is_available
from apps.billing.models import GatewayEvent, Payment, Refund
from apps.billing.services.captures import Verdict, book_report
from apps.billing.services.locking import lock_payment, lock_refund
from apps.billing.services.refund_reports import book_refund_report
from apps.billing.states import EventOutcome
from medivoy.core import clock
from medivoy.core.context import writing
from medivoy.core.errors import Missing
from medivoy.core.money import ZERO

logger = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(hours=6)
EVENTS_A_RUN = 500


def receive_webhook(gateway: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Check and store what a gateway posted, then apply it; return how many events it brought.

    Outside of any transaction. A fault while applying is not the gateway's: the rows stay for a worker. Raises
    Missing for a gateway that is not here, BadSignature, InvalidInput.
    """
    if not is_available(gateway):
        raise Missing
    news = ADAPTERS[gateway]().read_webhook(body, headers)
    with writing(None):
        GatewayEvent.objects.bulk_create([_row(gateway, item) for item in news], ignore_conflicts=True)
    _apply(GatewayEvent.objects.due().filter(gateway=gateway, event_id__in=[item.event_id for item in news]))
    return len(news)


def apply_waiting(gateway: str, reference: str) -> None:
    """Apply what came for a payment or refund before its reference was kept here. Outside of any transaction."""
    waiting = GatewayEvent.objects.filter(gateway=gateway, reference=reference, applied_at=None)
    if waiting.exists():
        _apply(waiting)


def apply_due() -> int:
    """Apply the events that are due; a worker's job, safe to run twice at once. Returns how many were applied."""
    return _apply(GatewayEvent.objects.due().order_by("occurred_at", "id")[:EVENTS_A_RUN])


def _apply(events: QuerySet[GatewayEvent]) -> int:
    return sum(apply_event(pk) for pk in list(events.values_list("pk", flat=True)))


def apply_event(event_id: UUID) -> bool:
    """Apply one stored event, unless somebody else does or did; whatever goes wrong is kept for the next try."""
    try:
        with writing(None):
            event = (
                GatewayEvent.objects.select_for_update(skip_locked=True).filter(pk=event_id, applied_at=None).first()
            )
            if event is None:
                return False
            event.outcome, event.problem = _outcome_of(event)
            event.attempts += 1
            if event.outcome == EventOutcome.PARKED:
                event.next_attempt_at = clock.now() + _pause(event.attempts)
            else:
                event.applied_at = clock.now()
            event.save()
    except Exception as error:
        # The event stays for the next try, and the others go on.
        logger.exception("gateway event %s not applied", event_id)
        _try_later(event_id, type(error).__name__)
        return False
    return event.applied_at is not None


def _outcome_of(event: GatewayEvent) -> tuple[EventOutcome, str]:
    verdict = _book_payment(event) if event.subject == Subject.PAYMENT else _book_refund(event)
    if verdict is None:
        return EventOutcome.PARKED, "unknown reference"
    problem = event.payment.mismatch if verdict == Verdict.MISMATCH and event.payment else ""
    return EventOutcome(verdict), problem


def _book_payment(event: GatewayEvent) -> Verdict | None:
    known = Payment.objects.filter(payment_gateway=event.gateway, gateway_transaction_id=event.reference).first()
    if known is None:
        return None
    event.payment = lock_payment(known.pk)
    return book_report(
        event.payment,
        Reported(
            state=ReportedState(event.state),
            amount=ZERO if event.amount is None else event.amount,
            currency=event.currency,
            capture_reference=event.capture_reference,
            reason=event.type,
        ),
    )


def _book_refund(event: GatewayEvent) -> Verdict | None:
    known = Refund.objects.filter(payment__payment_gateway=event.gateway, gateway_refund_id=event.reference).first()
    if known is None:
        return None
    refund = lock_refund(known.pk)
    event.payment = refund.payment
    return book_refund_report(
        refund,
        ReportedRefund(
            state=ReportedState(event.state),
            amount=ZERO if event.amount is None else event.amount,
            currency=event.currency,
            reference=event.reference,
            reason=event.type,
        ),
    )


def _row(gateway: str, news: GatewayNews) -> GatewayEvent:
    return GatewayEvent(
        gateway=gateway,
        event_id=news.event_id,
        type=news.type,
        subject=news.subject,
        reference=news.reference,
        state=news.state,
        amount=news.amount,
        currency=news.currency,
        capture_reference=news.capture_reference,
        occurred_at=news.occurred_at,
        payload=news.payload,
    )


def _pause(attempts: int) -> timedelta:
    return min(timedelta(minutes=2 ** min(attempts, 12)), LONGEST_PAUSE)


def _try_later(event_id: UUID, problem: str) -> None:
    GatewayEvent.objects.filter(pk=event_id, applied_at=None).update(
        outcome=EventOutcome.FAILED,
        problem=problem,
        attempts=F("attempts") + 1,
        next_attempt_at=clock.now() + timedelta(minutes=1),
    )
