"""May this user do this with this money? Asked after `visible_to`: the row is there for them."""

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.bookings.models import Booking


def may_pay(user: User, booking: Booking) -> bool:
    """Whether the user gets what is needed to pay: the patient, and staff who send them the link."""
    if user.has_role(Role.PATIENT):
        return booking.patient.user_id == user.pk
    return user.may("payment.create")
