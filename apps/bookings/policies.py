"""May this user do this on this booking? Asked after `visible_to`: the row is there for them."""

from apps.accounts.models import User
from apps.bookings.guards import MONEY_GUARDS
from apps.bookings.models import Booking, Review, Visibility
from apps.clinical.models import Consent


def reads_staff_notes(user: User) -> bool:
    """Whether the user reads `internal_notes` and events for staff."""
    return user.may("bookings.view_booking")


def writes_medical_details(user: User) -> bool:
    """Whether what the user sends of the patient's health is taken; never from admins."""
    return user.may("booking.medical_details")


def reads_medical_details(user: User, booking: Booking) -> bool:
    """Whether what the patient says of their health, and why a document is wanted, is shown; never to admins.

    To the hospital and the doctor as long as the patient's consent opens the case to them: it is revoked at once, and
    ends some time after the case (domain.md, Clinical records; T17).
    """
    if not user.may("booking.medical_details"):
        return False
    if booking.patient.user_id == user.pk or reads_staff_notes(user):
        return True
    return Consent.objects.in_force().opening_to(user).filter(booking=booking).exists()


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
    if to not in MONEY_GUARDS or not user.may(f"override.{to}"):
        return False
    return booking.hospital.admin_user_id == user.pk or user.may("bookings.view_booking")


def visibilities_for(user: User) -> tuple[str, ...]:
    """Return for whom the user may write on a timeline."""
    return tuple(str(value) for value in Visibility if user.may(f"timeline.write_for_{value}"))


def can_edit_review(user: User, review: Review) -> bool:
    """Whether the user may change or remove the review: whoever wrote it, and admins."""
    return review.patient.user_id == user.pk or user.may("review.moderate")
