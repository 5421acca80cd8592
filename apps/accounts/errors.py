"""The refusals of registration and sign-in."""

from django.utils.translation import gettext_lazy as _

from medivoy.core.errors import Conflict, InvalidInput, NotSignedIn, Refused


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


class WrongCode(NotSignedIn):
    """The password was right, the code was not, or somebody used it before."""

    code = "invalid_code"
    message = _("This code is not right, or was used before.")


class InvalidCode(InvalidInput):
    """The same, from somebody who is signed in."""

    code = "invalid_code"

    def __init__(self) -> None:
        super().__init__({"code": [WrongCode.message]}, code=self.code)


class SecondFactorRequired(Refused):
    """This role signs in with a second factor, and this sign-in has not given one."""

    code = "mfa_required"
    message = _("Your role signs in with a second factor. Please set it up, or sign in with it.")


class SecondFactorIsSetUp(Conflict):
    """There is one already; another one only after it is removed."""

    code = "mfa_already_set_up"
    message = _("A second factor is set up already.")


class SecondFactorNotSetUp(Conflict):
    """There is none to confirm, or to change."""

    code = "mfa_not_set_up"
    message = _("No second factor is set up.")


class OwnAccount(Conflict):
    """Nobody takes themselves away, or gives themselves another role."""

    code = "own_account"
    message = _("This cannot be done to your own account. Another administrator has to.")


class LastAdmin(Conflict):
    """Without an administrator nobody could ever make one again."""

    code = "last_admin"
    message = _("This is the last active administrator. Make another one first.")


class AccountErased(Conflict):
    """What we knew of the person is gone; the row is only there for the rows that name it."""

    code = "account_erased"
    message = _("This account was erased.")


class AccountInactive(Conflict):
    """The account was deactivated."""

    code = "account_inactive"
    message = _("This account is not active.")


class AlreadyAccepted(Conflict):
    """They have set their password: a lost one has a link of its own."""

    code = "already_accepted"
    message = _("This account has a password already.")


class TooManyMails(Conflict):
    """The address has had all the mails of this kind that it gets in an hour."""

    code = "too_many_mails"
    message = _("This address has had several of these mails within the hour. Please wait a while.")


class AdministersHospital(Conflict):
    """A hospital would have nobody left who looks after it."""

    code = "administers_hospital"
    message = _("This person administers a hospital. Name another administrator there first.")


class OpenCases(Conflict):
    """Somebody still waits for this person, or they for somebody."""

    code = "open_cases"
    message = _("There are open cases. They have to end, or move to somebody else, first.")


class MoneyOwed(Conflict):
    """An account of money is closed before the person goes."""

    code = "money_owed"
    message = _("There is money still owed, or on its way. It has to be settled first.")


class TooManyExports(Conflict):
    """A copy of all data is much work; a few a day are enough for anybody."""

    code = "too_many_exports"
    message = _("You have asked for several copies of your data today. Please try again tomorrow.")
