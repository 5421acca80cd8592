"""Whether this user may, on this row of the catalogue; whether their role may at all is in apps/accounts/roles.py."""

from apps.accounts.models import User
from apps.hospitals.models import Hospital


def can_change_hospital(user: User, hospital: Hospital) -> bool:
    """A hospital's administrator changes that one, an admin any."""
    return hospital.admin_user_id == user.pk or user.may("hospitals.change_hospital")


def can_see_hospital_details(user: User, hospital: Hospital) -> bool:
    """Contacts and terms are for staff, and for the hospital's own administrator."""
    if not user.is_authenticated or not user.may("hospital.details"):
        return False
    return hospital.admin_user_id == user.pk or user.may("hospitals.view_hospital")
