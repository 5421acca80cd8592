"""The console's front door: the same e-mail, password and limits as the API's; and changing one's own password."""

from typing import Any

from django import forms
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import Throttled
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm

from apps.accounts.api.fields import LONGEST_EMAIL, LONGEST_PASSWORD
from apps.accounts.api.viewsets import SIGN_IN
from apps.accounts.models.user import normalize_email
from apps.accounts.services.passwords import store_password
from medivoy.api import attempts
from medivoy.api.limiter import network_of
from medivoy.core.context import writing


class StaffSignIn(AuthenticationForm):
    """Attempts that fail make the next ones wait, at whichever of the two doors they are made (T12)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail")
        self.fields["username"].validators.append(MaxLengthValidator(LONGEST_EMAIL))
        self.fields["password"].validators.append(MaxLengthValidator(LONGEST_PASSWORD))

    def clean(self) -> dict[str, Any]:
        """Count the attempt, then judge it."""
        guess = (SIGN_IN, normalize_email(self.cleaned_data.get("username", "")), network_of(self.request))
        try:
            attempts.begin(*guess)
        except Throttled as refusal:
            words = {"seconds": getattr(refusal, "wait", 1)}
            raise forms.ValidationError(_("Too many attempts. Try again in %(seconds)s seconds.") % words) from refusal
        cleaned = super().clean()
        attempts.succeeded(*guess)
        return cleaned


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """Another password for oneself: as by the API, every other sign-in ends with the old one."""

    def save(self, commit: bool = True) -> Any:
        hashed = make_password(self.cleaned_data["new_password1"])
        with writing(self.user):
            store_password(self.user, hashed)
        self.user.refresh_from_db()
        return self.user
