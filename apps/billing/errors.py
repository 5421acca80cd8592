"""What may go wrong with money, by name; each is one of the families of medivoy.core.errors."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from medivoy.core.errors import Conflict, InvalidInput, Unavailable


class AmountNotDue(InvalidInput):
    """Something else than the next milestone or the whole balance was to be paid."""

    code = "amount_not_due"
    message = _("Only the next milestone or the whole balance can be paid.")


class PaymentInProgress(Conflict):
    """Another attempt to pay is under way and cannot be withdrawn."""

    code = "payment_in_progress"
    message = _("Another payment of this booking is still under way.")


class GatewayRefused(Conflict):
    """The gateway will not do it, now or later."""

    code = "gateway_refused"
    message = _("The payment service refused this.")


class GatewayAway(Unavailable):
    """The gateway is out of reach; the payment waits for the next try."""

    code = "gateway_unavailable"
    message = _("The payment service cannot be reached right now. Please try again in a moment.")


class SecondPersonNeeded(Conflict):
    """The same person may not do both halves."""

    code = "second_person_needed"
    message = _("A second person has to confirm this.")


class ReferenceUsed(Conflict):
    """A bank reference counts once."""

    code = "reference_used"
    message = _("This bank reference was booked before.")


class RefundTooMuch(Conflict):
    """More than what is left of a payment; `left` is the API's text of it."""

    code = "refund_too_much"
    message = _("This is more than what is left of the payment.")

    def __init__(self, left: str) -> None:
        super().__init__(details={"left": left})


class RefundChanged(Conflict):
    """The refund is no longer what the asker saw."""

    code = "refund_changed"
    message = _("The refund has changed since you looked.")

    def __init__(self, **details: Any) -> None:
        super().__init__(details=details)
