"""The refusals of registration and sign-in."""

from django.utils.translation import gettext_lazy as _

from medivoy.core.errors import Conflict, InvalidInput, NotSignedIn


class AlreadyRegistered(Conflict):
    """Somebody has this e-mail address or phone number. It is not said which, nor who."""

    code = "already_registered"
    message = _("There already is an account with this e-mail address or phone number.")


class InvalidCredentials(NotSignedIn):
    """Wrong password, unknown e-mail or a closed account: all look the same."""

    code = "invalid_credentials"
    message = _("The e-mail address or the password is not right.")


class TokenInvalid(NotSignedIn):
    """Not a token of ours, or its sign-in has ended."""

    code = "token_invalid"
    message = _("This token is not valid. Please sign in again.")


class TokenExpired(NotSignedIn):
    """A good token whose time is over."""

    code = "token_expired"
    message = _("This token has expired.")


class TokenReused(NotSignedIn):
    """A refresh token was exchanged before: whoever holds it now, the sign-in is over."""

    code = "token_reused"
    message = _("This token was used before, so the sign-in was ended. Please sign in again.")


class UselessLink(InvalidInput):
    """A mailed link that is unknown, used, replaced, too old, or of an address that is no longer theirs."""

    code = "token_invalid"

    def __init__(self) -> None:
        super().__init__({"token": [_("This link is not valid, or no longer.")]}, code=self.code)
