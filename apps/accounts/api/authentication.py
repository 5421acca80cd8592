"""Who is asking: `Authorization: Bearer <access token>`, and no other scheme."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.accounts.models import User
from apps.accounts.services.access_tokens import read_access_token
from apps.accounts.services.presence import LiveSignIn, recognise
from medivoy.api.exceptions import CHALLENGE
from medivoy.core.errors import NotSignedIn

SCHEME = "bearer"
LONGEST_TOKEN = 4096


class TokenAuthentication(BaseAuthentication):
    """Checks the signature, then asks the database once for sign-in and user together.

    So a sign-in that was ended, or a user who was deactivated, is refused with the very next request, and nothing that
    the token says about rights is believed, because it says nothing (T6, T7).
    """

    def authenticate(self, request: Request) -> tuple[User, LiveSignIn] | None:
        """Return the user and their sign-in; None where no bearer token came.

        Raises AuthenticationFailed with the code `token_expired` or `token_invalid`.
        """
        scheme, _separator, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != SCHEME:
            return None
        try:
            return recognise(read_access_token(token[:LONGEST_TOKEN]))
        except NotSignedIn as refusal:
            raise AuthenticationFailed(str(refusal), code=refusal.code) from refusal

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE
