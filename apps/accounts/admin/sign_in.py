"""The console's front door: the same e-mail, password and limits as the API's; and changing one's own password."""

from typing import Any, ClassVar

from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm

from apps.accounts.admin.guesses import begin_guess
from apps.accounts.api.fields import LONGEST_EMAIL, LONGEST_PASSWORD
from apps.accounts.api.proofs import PASSWORD
from apps.accounts.api.viewsets import SIGN_IN
from apps.accounts.errors import InvalidCredentials, TokenInvalid
from apps.accounts.models.user import normalize_email
from apps.accounts.services.passwords import change_password
from apps.accounts.services.sign_in import SIGN_IN_FAILED, record_failure
from medivoy.api import attempts
from medivoy.api.limiter import network_of


class StaffSignIn(AuthenticationForm):
    """Attempts that fail make the next ones wait, at whichever of the two doors they are made (T12)."""

    error_messages: ClassVar[dict[str, Any]] = {
        **AuthenticationForm.error_messages,
        "invalid_login": InvalidCredentials.message,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label, self.fields["password"].label = _("E-mail"), capfirst(_("password"))
        self.fields["username"].validators.append(MaxLengthValidator(LONGEST_EMAIL))
        self.fields["password"].validators.append(MaxLengthValidator(LONGEST_PASSWORD))

    def clean(self) -> dict[str, Any]:
        """Count the attempt, then judge it; one that gave no password proves nothing and takes no count back."""
        guess = (SIGN_IN, normalize_email(self.cleaned_data.get("username", "")), network_of(self.request))
        begin_guess(*guess)
        cleaned = super().clean()
        if self.get_user() is not None:
            attempts.succeeded(*guess)
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        """Let in those who work here; that somebody else knew their password is remembered, too."""
        try:
            super().confirm_login_allowed(user)
        except ValidationError:
            record_failure(SIGN_IN_FAILED, user)
            raise


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """Another password for oneself: as by the API, every other sign-in ends with the old one.

    Guesses at the present one are counted together with the API's (T12).
    """

    def __init__(self, *args: Any, network: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guess = (PASSWORD, str(self.user.pk), network)
        labels = (_("Your password"), _("New password"), _("The same once more"))
        for name, label in zip(("old_password", "new_password1", "new_password2"), labels, strict=True):
            self.fields[name].label = label
        for field in self.fields.values():
            field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))

    def clean_old_password(self) -> str:
        begin_guess(*self.guess)
        password: str = super().clean_old_password()
        attempts.succeeded(*self.guess)
        return password

    def save(self, commit: bool = True) -> Any:
        """Raises PermissionDenied where somebody else has set another password meanwhile."""
        try:
            change_password(self.user, password=self.cleaned_data["new_password1"])
        except TokenInvalid as error:
            raise PermissionDenied from error
        self.user.refresh_from_db()
        return self.user


class OwnPasswordChange(PasswordChangeView):
    """The page of one's own password; this sign-in of the console goes on."""

    form_class = OwnPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "network": network_of(self.request)}
