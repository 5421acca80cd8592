"""People who sign in."""

import re
import unicodedata
import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

from apps.accounts import roles
from apps.accounts.roles import Role
from medivoy.core import clock
from medivoy.core.audit import audited
from medivoy.core.models import Record

E164 = re.compile(r"\+[1-9][0-9]{4,14}")


def normalize_email(email: str) -> str:
    """Return the one form of an address that we keep: NFKC, trimmed, lower case, its domain as the mail servers
    write it (punycode), so that twins cannot register."""
    address = unicodedata.normalize("NFKC", email).strip().lower()
    name, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{name}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def normalize_phone(text: str) -> str:
    """Return the one form of a number that we keep: E.164, however it was typed. Raises ValueError for none.

    Whether the number is given out to anybody is not asked: numbering plans change faster than libraries.
    """
    try:
        number = format_number(parse(text), PhoneNumberFormat.E164)
    except NumberParseException as error:
        raise ValueError("not an international phone number") from error
    if not E164.fullmatch(number):
        raise ValueError("not an international phone number")
    return number


class UserQuerySet(models.QuerySet["User"]):
    def by_email(self, email: str) -> Self:
        """Users with this address, in whatever case it was typed (one at most)."""
        return self.filter(email=normalize_email(email))

    def active(self) -> Self:
        return self.filter(is_active=True)

    def signed_in(self, family: uuid.UUID) -> Self:
        """The active user whose sign-in this is, while it lives: one row at most, in one query."""
        return self.active().filter(
            refresh_tokens__family=family,
            refresh_tokens__is_revoked=False,
            refresh_tokens__rotated_at=None,
            refresh_tokens__expires_at__gt=clock.now(),
        )

    def locked(self) -> Self:
        """Lock the rows. Whoever opens, renews or ends sign-ins takes this lock first, so that no renewal slips by
        a revocation; foreign keys to the row stay free."""
        return self.select_for_update(no_key=True, of=("self",))

    def beside_admins(self, *ids: uuid.UUID) -> Self:
        """These users, and every active admin."""
        return self.filter(models.Q(pk__in=ids) | models.Q(user_type=Role.ADMIN, is_active=True))

    def who_may(self, operation: str) -> Self:
        """Users of the roles that may do it, active or not."""
        return self.filter(user_type__in=roles.roles_of(operation))

    def admins(self) -> Self:
        """Those who are told when nobody else can help."""
        return self.active().who_may("alert.receive")

    def coordinators(self) -> Self:
        return self.who_may("case.coordinate")

    def visible_to(self, user: "User") -> Self:
        """Staff see users as roles.py says; everyone else sees themselves."""
        return self if user.may("accounts.view_user") else self.filter(pk=user.pk)


class User(Record, AbstractBaseUser):
    """A person with an account. What they may do follows from `user_type` by roles.py, never from flags."""

    email = models.EmailField(_("e-mail"), max_length=255, unique=True)
    phone = models.CharField(_("phone"), max_length=20, null=True, blank=True, unique=True)
    password = models.CharField(_("password"), max_length=255, db_column="password_hash")
    user_type = models.CharField(_("role"), max_length=50, choices=Role.choices)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    profile_picture = models.TextField(_("picture"), blank=True)
    preferred_language = models.CharField(_("language"), max_length=10, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    spoken_languages = models.JSONField(_("languages spoken"), default=list, blank=True)
    is_verified = models.BooleanField(_("e-mail verified"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    away_until = models.DateTimeField(_("away until"), null=True, blank=True)
    last_login = models.DateTimeField(_("last sign-in"), null=True, blank=True)
    # When all sign-ins were last ended. Sessions of the console carry its hash, so they end with the rest.
    signed_out_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When what we knew of the person was taken out of this row; the row stays for the rows that name it.
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects = UserQuerySet.as_manager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta(Record.Meta):
        db_table = "users"
        triggers = [*Record.Meta.triggers, audited("user", hidden=["password"], untold=["last_login"])]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(condition=models.Q(email__regex=r"^[!-~]+$"), name="user_email_is_ascii"),
            models.CheckConstraint(condition=models.Q(phone__regex=r"^\+[1-9][0-9]{4,14}$"), name="user_phone_is_e164"),
            models.CheckConstraint(condition=models.Q(user_type__in=Role.values), name="user_type_is_a_role"),
        ]

    def __str__(self) -> str:
        if self.erased_at:
            return gettext("Erased account")
        return self.get_full_name() or self.email

    def clean(self) -> None:
        super().clean()
        self.email = normalize_email(self.email)
        try:
            self.phone = normalize_phone(self.phone) if self.phone else None
        except ValueError as error:
            raise ValidationError({"phone": _("This must be a phone number with its country code.")}) from error

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session of the console must know: it ends with the password, and with `signed_out_at`."""
        known = f"{self.password} {self.signed_out_at}"
        return salted_hmac("apps.accounts.session", known, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email

    @property
    def is_staff(self) -> bool:
        """Whether the admin site lets them in."""
        return self.user_type in roles.STAFF

    @property
    def has_second_factor(self) -> bool:
        """Whether an authenticator is set up and confirmed: asked of the database once a row."""
        totp = getattr(self, "totp", None)
        return totp is not None and totp.confirmed_at is not None

    @property
    def must_give_second_factor(self) -> bool:
        """Whether a sign-in of this role opens nothing but the setting up until a second factor is given."""
        return settings.STAFF_TOTP_REQUIRED and self.user_type in roles.SECOND_FACTOR

    def may(self, operation: str) -> bool:
        """Whether their role may do the operation at all; rows are another question."""
        return self.is_active and roles.role_may(self.user_type, operation)

    def has_role(self, *wanted: str) -> bool:
        return self.user_type in wanted

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and roles.has_admin_permission(self.user_type, perm)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and roles.works_in_app(self.user_type, app_label)
