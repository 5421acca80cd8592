"""Who may call what: each viewset action is an operation of the table in apps/accounts/roles.py.

The order in which a request is refused: 401 nobody is signed in, 403 not for this role, 403 the e-mail is not yet
verified, 404 the row is not there for them (`visible_to`), 403 they see it but may not change it (`policies`).
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.accounts import roles
from medivoy.core.errors import Refused


class EmailNotVerified(Refused):
    """Bookings, payments and records are written only by people whose e-mail is proven."""

    code = "email_not_verified"
    message = _("Please verify your e-mail address first.")


class TablePermission(BasePermission):
    """Asks the table for the role, then the viewset's policies for the row."""

    def has_permission(self, request: Request, view: Any) -> bool:
        operation = view.operation
        if operation is None or roles.is_public(operation):
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
