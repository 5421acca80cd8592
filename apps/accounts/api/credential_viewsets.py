"""Changing what one signs in with: `/auth/change-password`, `/auth/change-email`."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.fields import EmailAddressField, PasswordField
from apps.accounts.api.pace import steady_pace
from apps.accounts.api.proofs import prove_password
from apps.accounts.services.email_change import request_email_change
from apps.accounts.services.passwords import change_password
from medivoy.api.envelope import ok
from medivoy.api.viewsets import BaseViewSet
from medivoy.core.context import writing


class PasswordChange(serializers.Serializer[Any]):
    current_password = PasswordField()
    password = PasswordField(help_text="10 characters or more, neither common nor like what we know of you.")


class AddressChange(serializers.Serializer[Any]):
    email = EmailAddressField()
    current_password = PasswordField()


class CredentialViewSet(BaseViewSet):
    """Each needs the present password once more (T13); wrong ones make the next ones wait: 429 with `Retry-After`."""

    entity = "auth"
    serializers = {"change_password": PasswordChange, "change_email": AddressChange}
    answers = {"change_password": None, "change_email": None}
    limits = {"change_email": ("email_change",)}
    # The password is proven, and the next one hashed, before the transaction; an answer is paced after it.
    own_transactions = ("change_password", "change_email")

    def change_password(self, request: Request) -> Response:
        """Set another password.

        Every other sign-in ends, in the console too; this one goes on. 400 on `current_password` where it is wrong.
        """
        values = self.payload()
        prove_password(request, values["current_password"])
        change_password(request.user, password=values["password"], sign_in=getattr(request.auth, "sid", None))
        return ok(message=_("Your password is changed."))

    def change_email(self, request: Request) -> Response:
        """Ask to move to another e-mail address.

        A link is sent to the new address; with its token POST /auth/verify-email makes the change, and until then
        nothing changes. The answer is the same whether the address is anybody's or not. The present address is told
        at once, and again when it has changed.
        """
        values = self.payload()
        prove_password(request, values["current_password"])
        with steady_pace(), writing(request.user):
            request_email_change(request.user, email=values["email"])
        return ok(message=_("If the address can be yours, a link is on its way to it."))
