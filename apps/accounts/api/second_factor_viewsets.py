"""The doors of the second factor."""

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.proofs import guess_of, prove_password
from apps.accounts.api.qr import qr_svg
from apps.accounts.api.second_factor_serializers import (
    Code,
    PasswordAndCode,
    PasswordOnceMore,
    RecoveryCodes,
    SecondStepIn,
    SetupOut,
)
from apps.accounts.api.serializers import SignedIn
from apps.accounts.api.viewsets import device_of
from apps.accounts.services.half_sign_ins import Door, read_half
from apps.accounts.services.second_factor import (
    begin_setup,
    confirm_setup,
    remove_second_factor,
    renew_recovery_codes,
)
from apps.accounts.services.sign_in import finish_sign_in
from medivoy.api import attempts
from medivoy.api.envelope import ok
from medivoy.api.viewsets import BaseViewSet
from medivoy.core.context import writing


class SecondStepViewSet(BaseViewSet):
    """The second step of signing in. A token that comes along is not looked at."""

    entity = "auth"
    authentication_classes = ()
    serializers = {"login_mfa": SecondStepIn}
    answers = {"login_mfa": SignedIn}
    refusals = {"login_mfa": {401: ("invalid_code", "token_invalid", "token_expired")}}
    own_transactions = ("login_mfa",)
    limits = {"login_mfa": ("login",)}

    def login_mfa(self, request: Request) -> Response:
        """Finish signing in, with the token of the first step and a code.

        The code is what the authenticator shows, or a recovery code; each opens once. 401 `invalid_code` where it is
        wrong or was used; `token_expired` and `token_invalid` where the first step has to be done again. Wrong codes
        make the next ones wait: 429 with `Retry-After`, which another first step does not shorten.
        """
        values = self.payload()
        half = read_half(values["mfa_token"], door=Door.API)
        guess = guess_of(values["code"], user=half.user, request=request)
        attempts.begin(*guess)
        signed_in = finish_sign_in(half, code=values["code"], device=device_of(request))
        attempts.succeeded(*guess)
        return ok(self.represent(signed_in), _("Login successful"))


class SecondFactorViewSet(BaseViewSet):
    """One's own second factor."""

    entity = "mfa"
    serializers = {
        "setup": PasswordOnceMore,
        "confirm": Code,
        "destroy": PasswordAndCode,
        "recovery_codes": PasswordAndCode,
    }
    answers = {"setup": SetupOut, "confirm": RecoveryCodes, "destroy": None, "recovery_codes": RecoveryCodes}
    refusals = {
        "setup": {409: ("mfa_already_set_up",)},
        "confirm": {400: ("invalid_code",), 409: ("mfa_already_set_up", "mfa_not_set_up")},
        "destroy": {400: ("invalid_code",), 409: ("mfa_not_set_up",)},
        "recovery_codes": {400: ("invalid_code",), 409: ("mfa_not_set_up",)},
    }
    # Who registers with the address of somebody else must not keep its owner out (T12).
    verified_email = ("setup", "confirm")
    unversioned = ("destroy",)
    # The password is proven before the transaction, and a guess is forgotten after it.
    own_transactions = ("setup", "confirm", "destroy", "recovery_codes")

    def setup(self, request: Request) -> Response:
        """Begin to set up a second factor: a secret for one's authenticator.

        It counts for nothing until POST /auth/mfa/confirm. Asked again, it replaces what was not confirmed; where one
        is confirmed 409 `mfa_already_set_up`.
        """
        prove_password(request, self.payload()["current_password"])
        with writing(request.user):
            setup = begin_setup(request.user)
        return ok(self.represent({"secret": setup.secret, "uri": setup.uri, "qr_svg": qr_svg(setup.uri)}))

    def confirm(self, request: Request) -> Response:
        """Turn the second factor on, with the first code that the authenticator shows.

        The answer has ten recovery codes, this once. This sign-in goes on as one with a second factor; every other
        sign-in ends.
        """
        code = self.payload()["code"]
        guess = guess_of(code, user=request.user, request=request)
        attempts.begin(*guess)
        with writing(request.user):
            codes = confirm_setup(request.user, code=code, sign_in=request.auth.sid)
        attempts.succeeded(*guess)
        return ok(self.represent({"recovery_codes": codes}), _("The second factor is on."))

    def recovery_codes(self, request: Request) -> Response:
        """Make ten new recovery codes; the old ones stop working."""
        code = self._proven_payload(request)
        with writing(request.user):
            codes = renew_recovery_codes(request.user, code=code)
        attempts.succeeded(*guess_of(code, user=request.user, request=request))
        return ok(self.represent({"recovery_codes": codes}))

    def destroy(self, request: Request) -> Response:
        """Turn one's second factor off. Every other sign-in ends.

        403 `mfa_required` for roles that must have one.
        """
        code = self._proven_payload(request)
        with writing(request.user):
            remove_second_factor(request.user, code=code, sign_in=request.auth.sid)
        attempts.succeeded(*guess_of(code, user=request.user, request=request))
        return ok(message=_("The second factor is off."))

    def _proven_payload(self, request: Request) -> str:
        """Return the code of a body whose password is right; both guesses are counted."""
        values = self.payload()
        prove_password(request, values["current_password"])
        attempts.begin(*guess_of(values["code"], user=request.user, request=request))
        return str(values["code"])
