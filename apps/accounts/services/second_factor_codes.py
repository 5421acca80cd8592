"""The codes of a second factor: what an authenticator shows (RFC 6238), and the recovery codes that replace it."""

import hmac
import secrets
import unicodedata

import pyotp

from apps.accounts.models import RecoveryCode, Totp, User
from apps.accounts.models.tokens import digest
from medivoy.core import clock

ISSUER = "Medivoy"
DIGITS = 6
# An authenticator's clock may be a step of 30 seconds ahead or behind.
DRIFT = (-1, 0, 1)

# No letter that is taken for another sign; 28 signs of 32 are 140 random bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TAKEN_FOR = str.maketrans("OIL", "011")
HOW_MANY, SIGNS, GROUP = 10, 28, 4


def read_code(typed: str) -> str:
    """Return a code in its one form, however it was typed: digits of any script, with blanks or dashes, in any case."""
    signs = unicodedata.normalize("NFKC", typed).upper()
    return "".join(str(unicodedata.digit(sign, sign)) for sign in signs if sign.isalnum())


def is_time_code(typed: str) -> bool:
    """Whether this is what an authenticator shows, rather than a recovery code."""
    code = read_code(typed)
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def authenticator(secret: str) -> pyotp.TOTP:
    """Return what the person's authenticator is to us."""
    return pyotp.TOTP(secret, digits=DIGITS)


def take_code(user: User, typed: str) -> bool:
    """Use up a code of `user` and return whether it was good: each opens once, whoever else comes with it (T14)."""
    if is_time_code(typed):
        totp = Totp.objects.filter(user=user, confirmed_at__isnull=False).first()
        return totp is not None and take_time_code(totp, typed)
    return user.recovery_codes.use(read_code(typed).translate(TAKEN_FOR))


def take_time_code(totp: Totp, typed: str) -> bool:
    """Use up what the authenticator shows, and every code before it; return whether it was good."""
    step = _step_of(totp, read_code(typed))
    return step is not None and use_step(totp, step)


def use_step(totp: Totp, step: int) -> bool:
    """Take the time step out of use and return whether this caller was the one who did: one statement, one winner."""
    return Totp.objects.filter(pk=totp.pk, last_step__lt=step).update(last_step=step) == 1


def replace_recovery_codes(user: User) -> list[str]:
    """Make new recovery codes, forget the old ones, and return the new ones in clear, for this one answer."""
    user.recovery_codes.all().delete()
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(SIGNS)) for _ in range(HOW_MANY)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code=digest(code)) for code in codes)
    return ["-".join(code[start : start + GROUP] for start in range(0, SIGNS, GROUP)) for code in codes]


def _step_of(totp: Totp, code: str) -> int | None:
    """Return the time step, of those that the drift allows, whose code this is."""
    shared = authenticator(totp.secret)
    now = shared.timecode(clock.now())
    matching = [now + drift for drift in DRIFT if hmac.compare_digest(shared.generate_otp(now + drift), code)]
    return max(matching, default=None)
