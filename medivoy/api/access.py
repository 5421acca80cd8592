"""Who may call what: each viewset action is an operation of the table in apps/accounts/roles.py.

The order in which a request is refused: 401 nobody is signed in, 403 this sign-in lacks the second factor that the
role must give, 403 not for this role, 403 the e-mail is not yet verified, 404 the row is not there for them
(`visible_to`), 403 they see it but may not change it (`policies`).
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.accounts import roles
from apps.accounts.errors import SecondFactorRequired
from medivoy.core.errors import Refused


class EmailNotVerified(Refused):
    """Bookings, payments and records are written only by people whose e-mail is proven."""

    code = "email_not_verified"
    message = _("Please verify your e-mail address first.")


def lacks_second_factor(request: Request) -> bool:
    """Whether the asker's role must give a second factor, and this sign-in has given none (T14)."""
    user = request.user
    must = user.is_authenticated and user.must_give_second_factor
    return must and not getattr(request.auth, "second_factor", False)


class TablePermission(BasePermission):
    """Asks the table for the role, then the viewset's policies for the row."""

    def has_permission(self, request: Request, view: Any) -> bool:
        operation = view.operation
        if operation is None:
            return True
        if lacks_second_factor(request) and operation not in roles.BEFORE_SECOND_FACTOR:
            raise SecondFactorRequired
        if roles.is_public(operation):
            return True
        if not request.user.is_authenticated:
            raise NotAuthenticated
        if not request.user.may(operation):
            return False
        if view.action in view.verified_email and not request.user.is_verified:
            raise EmailNotVerified
        return True

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        policy = view.policies.get(view.action)
        return policy is None or policy(request.user, obj)
