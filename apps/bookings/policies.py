"""May this user do this on this booking? Asked after `visible_to`: the row is there for them."""

from apps.accounts.models import User
from apps.accounts.roles import Role, read_letters
from apps.bookings.guards import MONEY_GUARDS
from apps.bookings.models import Booking, Review, Visibility
from apps.bookings.states import BookingStatus

# What each role may write on a timeline; all others write nothing there.
COMPOSES = {
    Role.COORDINATOR: tuple(Visibility),
    Role.ADMIN: tuple(Visibility),
    Role.HOSPITAL_ADMIN: (Visibility.PATIENT, Visibility.HOSPITAL),
}
# Who may pass a payment gate in an emergency, with a reason that is kept.
OVERRIDES = {
    BookingStatus.TRAVEL_ARRANGEMENT: read_letters("A"),
    BookingStatus.IN_TREATMENT: read_letters("A H"),
}


def reads_staff_notes(user: User) -> bool:
    """Whether the user reads `internal_notes` and events for staff."""
    return user.may("bookings.view_booking")


def reads_money(user: User) -> bool:
    """Whether amounts, quotations and payments of a booking are shown; never to doctors."""
    return user.may("booking.quotations")


def reads_terms(user: User) -> bool:
    """Whether commission and emergencies of the bookings that they see are shown: to staff, and to a hospital of its
    own. To patients never."""
    return user.may("booking.quotation")


def can_accept(user: User, booking: Booking) -> bool:
    """Whether the user may answer the quotation as the patient."""
    return booking.patient.user_id == user.pk


def can_override(user: User, booking: Booking, to: str) -> bool:
    """Whether the user may pass the payment gate before `to` in an emergency."""
    if to not in MONEY_GUARDS or user.user_type not in OVERRIDES[BookingStatus(to)]:
        return False
    return not user.has_role(Role.HOSPITAL_ADMIN) or booking.hospital.admin_user_id == user.pk


def visibilities_for(user: User) -> tuple[str, ...]:
    """Return for whom the user may write on a timeline."""
    return tuple(str(value) for value in COMPOSES.get(Role(user.user_type), ()))


def can_edit_review(user: User, review: Review) -> bool:
    """Whether the user may change or remove the review: whoever wrote it, and admins."""
    return user.has_role(Role.ADMIN) or review.patient.user_id == user.pk
