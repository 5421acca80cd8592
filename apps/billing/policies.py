"""May this user do this with this money? Asked after `visible_to`: the row is there for them."""

from apps.accounts.models import User
from apps.bookings.models import Booking


def may_pay(user: User, booking: Booking) -> bool:
    """Whether the user gets what is needed to pay: the patient, and staff who send them the link."""
    if not user.may("payment.create"):
        return False
    return booking.patient.user_id == user.pk or user.may("billing.view_payment")
