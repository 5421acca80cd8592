"""Django's permission questions, answered by the table of roles."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from apps.accounts import roles
from apps.accounts.models import User


class RoleBackend(BaseBackend):
    """Signs in by e-mail and password, and reads every permission from roles.py."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the active user with these credentials, or None. An unknown e-mail costs a hash all the same."""
        email = username or kwargs.get("email")
        if not email or password is None:
            return None
        user = User.objects.by_email(email).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return user_obj.is_active and roles.has_admin_permission(user_obj.user_type, perm)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return user_obj.is_active and roles.works_in_app(user_obj.user_type, app_label)
