"""The doors of /auth."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import profiles
from apps.accounts.api.pace import steady_pace
from apps.accounts.api.second_factor_serializers import LoginAnswer, SecondStepOut
from apps.accounts.api.serializers import (
    Credentials,
    EmailProof,
    ForgottenPassword,
    Logout,
    NewPassword,
    RefreshTokenIn,
    Registration,
    SignedIn,
    Tokens,
    Verification,
)
from apps.accounts.roles import Role
from apps.accounts.services.email_change import prove_address
from apps.accounts.services.email_verification import send_verification
from apps.accounts.services.password_reset import request_password_reset, reset_password
from apps.accounts.services.registration import SignUp
from apps.accounts.services.sessions import Device, end_all_sessions, end_session, open_session, renew_session
from apps.accounts.services.sign_in import SecondStep, sign_in
from apps.clinical.services.registration import register_patient
from apps.hospitals.services.registration import register_doctor
from medivoy.api import attempts, conditional
from medivoy.api.envelope import created, ok
from medivoy.api.limiter import address_of, network_of
from medivoy.api.viewsets import BaseViewSet
from medivoy.core.context import writing

SIGN_IN = "sign_in"
REGISTER: dict[str, Any] = {Role.PATIENT.value: register_patient, Role.DOCTOR.value: register_doctor}


def device_of(request: Request) -> Device:
    """Return from where the request comes."""
    address = address_of(request)
    return Device(str(address) if address else None, request.headers.get("User-Agent", ""))


class AuthViewSet(BaseViewSet):
    """The routes that anyone may call. A token that comes along is not looked at: it may well have expired."""

    entity = "auth"
    authentication_classes = ()
    serializers = {
        "register": Registration,
        "login": Credentials,
        "refresh": RefreshTokenIn,
        "forgot_password": ForgottenPassword,
        "reset_password": NewPassword,
        "verify_email": EmailProof,
    }
    answers = {
        "register": SignedIn,
        "login": LoginAnswer,
        "refresh": Tokens,
        "forgot_password": None,
        "reset_password": None,
        "verify_email": Verification,
    }
    statuses = {"register": (201,)}
    refusals = {
        "register": {409: ("already_registered",)},
        "login": {401: ("invalid_credentials",)},
        "refresh": {401: ("token_invalid", "token_expired", "token_reused")},
        "reset_password": {400: ("token_invalid",)},
        "verify_email": {400: ("token_invalid",)},
    }
    # A password is proven before the transaction, an answer is paced after it, a revocation outlasts its refusal.
    own_transactions = ("login", "refresh", "forgot_password", "reset_password", "verify_email")
    limits = {
        "register": ("register",),
        "login": ("login",),
        "refresh": ("refresh",),
        "forgot_password": ("password_reset",),
        "reset_password": ("mailed_secret",),
        "verify_email": ("mailed_secret",),
    }

    def register(self, request: Request) -> Response:
        """Sign up as a patient or a doctor.

        The account starts with an unproven e-mail address; a link to prove it is sent there. A doctor is listed once
        an admin has verified the licence. 409 `already_registered` where e-mail or phone are known.
        """
        values = self.payload()
        register = REGISTER[values.pop("user_type")]
        profile = register(SignUp(**values))
        signed_in = open_session(profile.user, device=device_of(request))
        return created(self.represent(signed_in), _("User registered successfully"))

    def login(self, request: Request) -> Response:
        """Sign in with e-mail and password.

        An account with a second factor gets `{"mfa_required": true, "mfa_token"}` and no tokens: POST /auth/login/mfa
        is the second step. 401 `invalid_credentials` is all that a wrong password, an unknown e-mail and a closed
        account say. Attempts that fail make the next ones wait: 429 with `Retry-After`.
        """
        credentials = self.payload()
        guess = (SIGN_IN, credentials["email"], network_of(request))
        attempts.begin(*guess)
        found = sign_in(**credentials, device=device_of(request))
        attempts.succeeded(*guess)
        if isinstance(found, SecondStep):
            return ok(SecondStepOut(found).data, _("Please give the code of your second factor."))
        return ok(SignedIn(found, context=self.get_serializer_context()).data, _("Login successful"))

    def refresh(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair. A token that was exchanged before ends the whole sign-in: 401
        `token_reused`."""
        return ok(self.represent(renew_session(**self.payload(), device=device_of(request))))

    def forgot_password(self, request: Request) -> Response:
        """Ask for a link to set a new password. The answer is the same whether there is such an account or not."""
        values = self.payload()
        with steady_pace(), writing(None):
            request_password_reset(values["email"])
        return ok(message=_("If there is an account with this address, a link is on its way to it."))

    def reset_password(self, request: Request) -> Response:
        """Set a new password with the token of the link. Every sign-in of the account ends."""
        values = self.payload()
        user = reset_password(values["token"], password=values["password"])
        attempts.succeeded(SIGN_IN, user.email, network_of(request))
        return ok(message=_("Your password is changed. Please sign in."))

    def verify_email(self, request: Request) -> Response:
        """Prove an e-mail address with the token of the link that was sent to it; of one to a new address, move there.

        A link to a new address replaces the old one in the account, and that is told there.
        """
        return ok(self.represent(prove_address(self.payload()["token"])), _("Your e-mail address is verified."))


class SignInViewSet(BaseViewSet):
    """What somebody signed in does with their sign-in."""

    entity = "auth"
    serializers = {"logout": Logout}
    answers = {"logout": None, "resend_verification": Verification}
    limits = {"resend_verification": ("resend_verification",)}

    def logout(self, request: Request) -> Response:
        """End this sign-in, or with `{"all": true}` every one. Its access tokens are refused from then on."""
        if self.payload()["all"]:
            end_all_sessions(request.user)
        else:
            end_session(request.user, family=request.auth.sid)
        return ok(message=_("Logout successful"))

    def resend_verification(self, request: Request) -> Response:
        """Send the link that proves one's e-mail address once more; nothing is sent to a proven one."""
        sent = send_verification(request.user)
        message = _("A link is on its way to your address.") if sent else _("No further link was sent.")
        return ok(self.represent(request.user), message)


class ProfileViewSet(BaseViewSet):
    """One's own account, with the profile of one's role."""

    entity = "profile"
    serializer_class = profiles.Profile
    serializers = {"partial_update": profiles.ProfileIn}
    refusals = {"partial_update": {403: ("email_not_verified",), 409: ("already_registered",)}}

    def get_object(self) -> Any:
        """Return the asker; 412 where `If-Match` names another version of account or profile."""
        expected = conditional.versions_expected(self.request) if self.action == "partial_update" else None
        self.found = profiles.versioned(self.request.user, expected=expected)
        return self.request.user

    def retrieve(self, request: Request) -> Response:
        """One's own account and profile."""
        return ok(self.represent(self.get_object()))

    def partial_update(self, request: Request) -> Response:
        """Change one's own account and profile.

        `email`, `user_type` and `is_verified` are not written here. Another phone number needs `current_password`;
        a patient's `profile` needs a proven e-mail address (403 `email_not_verified`).
        """
        profiles.refuse_unproven(request.user, request.data)
        user = self.get_object()
        profiles.update(user, self.payload(), network=network_of(request))
        return ok(self.represent(user), _("Your profile is saved."))
