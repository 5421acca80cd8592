"""Billing's work without anybody waiting: each is safe to run twice at once, because rows are claimed."""

from datetime import timedelta

from celery import shared_task

from apps.billing import sandbox
from apps.billing.services import gateway_events, invoices, open_payments, refund_work
from medivoy.core.schedule import scheduled


@shared_task(name="billing.send_refunds")
def send_refunds() -> None:
    """Bring approved refunds to their gateways."""
    refund_work.send_due_refunds()


@shared_task(name="billing.withdraw_payments")
def withdraw_payments() -> None:
    """Withdraw at their gateways the open payments of bookings that ended."""
    open_payments.withdraw_unwanted()


@shared_task(name="billing.deliver_sandbox_webhooks")
def deliver_sandbox_webhooks() -> None:
    """Post what the sandbox has to say."""
    sandbox.post_due_deliveries()


@scheduled("billing.ask_open_payments", every=timedelta(minutes=15))
def ask_open_payments() -> str:
    """Ask the gateways how open payments stand, in case their news were lost."""
    return f"{open_payments.ask_open()} asked"


@scheduled("billing.sweep", every=timedelta(minutes=1))
def sweep() -> str:
    """Do what no wake-up reached, and what waits for another attempt: events, refunds, withdrawals."""
    applied = gateway_events.apply_due()
    refunds = refund_work.send_due_refunds()
    withdrawn = open_payments.withdraw_unwanted()
    return f"{applied} events applied, {refunds} refunds sent, {withdrawn} payments withdrawn"


@scheduled("billing.sandbox_deliveries", every=timedelta(seconds=10))
def sandbox_deliveries() -> str:
    """Post the sandbox's webhooks that are due: late ones, and those that did not arrive."""
    return f"{sandbox.post_due_deliveries()} posted"


@scheduled("billing.overdue_invoices", every=timedelta(hours=1))
def overdue_invoices() -> str:
    """Mark the invoices whose day of payment is over."""
    return f"{invoices.mark_overdue()} overdue"
