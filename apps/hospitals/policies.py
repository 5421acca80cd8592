"""Whether this user may, on this row of the catalogue; whether their role may at all is in apps/accounts/roles.py."""

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.hospitals.models import Hospital


def can_change_hospital(user: User, hospital: Hospital) -> bool:
    """A hospital's administrator changes that one, an admin any."""
    return not user.has_role(Role.HOSPITAL_ADMIN) or hospital.admin_user_id == user.pk


def can_see_hospital_details(user: User, hospital: Hospital) -> bool:
    """Contacts and terms are for staff, and for the hospital's own administrator."""
    return user.is_authenticated and user.may("hospital.details") and can_change_hospital(user, hospital)
