"""The platform with a mistake in it, for the negative control: an unknown address costs no hash."""

from medivoy.wsgi import application  # isort: skip - the apps are loaded by it

from apps.accounts.models import User
from apps.accounts.services import sign_in

__all__ = ["application"]

check_credentials = sign_in.check_credentials


def check_known(email, password):
    return check_credentials(email, password) if User.objects.by_email(email).exists() else None


sign_in.check_credentials = check_known
