"""Django's questions about sign-in and permissions, answered by the accounts' own services and the table of roles."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from apps.accounts.models import User
from apps.accounts.services.sign_in import check_credentials


class RoleBackend(BaseBackend):
    """Signs in by e-mail and password, and reads every permission from roles.py."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the active user with these credentials, or None."""
        return check_credentials(username, password) if username and password else None

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.active().filter(pk=user_id).first()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return isinstance(user_obj, User) and user_obj.has_perm(perm, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return isinstance(user_obj, User) and user_obj.has_module_perms(app_label)
