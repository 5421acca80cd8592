"""The console's pages behind mailed links: an invitation accepted, a password that was lost set anew.

The token comes in the address once and is moved into the session at once, as the page leads on to itself without it:
neither a later page nor a picture on this one learns of it, and the browser's history keeps an address that opens
nothing.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from rest_framework.exceptions import Throttled

from apps.accounts.admin.fields import NameInput
from apps.accounts.api.fields import LONGEST_PASSWORD
from apps.accounts.api.serializers import LONGEST_SECRET
from apps.accounts.api.viewsets import SIGN_IN
from apps.accounts.errors import UselessLink
from apps.accounts.models import Invitation, PasswordReset, User
from apps.accounts.services.invitations import accept_invitation
from apps.accounts.services.mailed_secrets import Kind, find_secret
from apps.accounts.services.password_reset import reset_password
from medivoy.api import attempts
from medivoy.api.limiter import network_of, spend
from medivoy.core.errors import InvalidInput

LIMIT = "mailed_secret"
HELP = _("10 characters or more, neither a common password nor like your name or address.")


class NewPasswordForm(forms.Form):
    """A password, typed twice. How strong it is, is for the service to say."""

    password = forms.CharField(
        label=_("New password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        help_text=HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True, "dir": "ltr"}),
    )
    again = forms.CharField(
        label=_("The same once more"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
    )

    def clean_again(self) -> str:
        if self.cleaned_data["again"] != self.cleaned_data.get("password", self.cleaned_data["again"]):
            raise forms.ValidationError(_("The two passwords are not the same."))
        return self.cleaned_data["again"]


class Named(forms.Form):
    """What an account without names is asked for."""

    first_name = NameInput(label=_("First name"), max_length=100)
    last_name = NameInput(label=_("Last name"), max_length=100)


class InvitedForm(Named, NewPasswordForm):
    """Names first, then the password."""

    field_order = ("first_name", "last_name", "password", "again")


def speak_to(user: Any, request: HttpRequest) -> None:
    """Show the page in the language of whom it is for, unless another was chosen in this browser."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(user.preferred_language)
        request.LANGUAGE_CODE = translation.get_language()


@method_decorator([never_cache, sensitive_post_parameters("password", "again")], name="dispatch")
class MailedLink(FormView):
    """The page behind one kind of link."""

    template_name = "console/mailed_link.html"
    form_class = NewPasswordForm
    kind: Kind
    name: str
    done: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take a token that comes, or show the page of the one that was taken; each counts as a guess at a token."""
        self.useless = self.throttled = False
        comes = request.method == "GET" and "token" in request.GET
        try:
            if comes or request.method == "POST":
                spend(LIMIT, network_of(request))
            if comes:
                return self.take_token(request)
            self.found = find_secret(self.kind, request.session.get(self.key, ""))
        except Throttled:
            self.throttled = True
            return self.say_only(status=429)
        except UselessLink:
            self.useless = True
            return self.say_only(status=400)
        speak_to(self.found.user, request)
        return super().dispatch(request, *args, **kwargs)

    @property
    def key(self) -> str:
        """What the session calls the token of this kind of link."""
        return f"mailed_{self.name}"

    def take_token(self, request: HttpRequest) -> HttpResponseBase:
        """Keep the token of a good link in the session, and lead on to the page without it. Raises UselessLink."""
        token = request.GET["token"][:LONGEST_SECRET]
        find_secret(self.kind, token)
        request.session[self.key] = token
        return HttpResponseRedirect(reverse(f"admin:{self.name}"))

    def say_only(self, *, status: int) -> HttpResponseBase:
        """Answer the page without a form."""
        return self.render_to_response(self.get_context_data(form=None), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(useless=self.useless, throttled=self.throttled, **kwargs)

    def form_valid(self, form: Any) -> HttpResponseBase:
        try:
            user = self.act(form.cleaned_data)
        except UselessLink:
            self.useless = True
            return self.say_only(status=400)
        except InvalidInput as refusal:
            for name, texts in refusal.errors.items():
                form.add_error(name if name in form.fields else None, [str(text) for text in texts])
            return self.form_invalid(form)
        # Nobody who can read their mail is kept out by a stranger's guesses at their account (T12).
        attempts.succeeded(SIGN_IN, user.email, network_of(self.request))
        del self.request.session[self.key]
        messages.success(self.request, self.done)
        return HttpResponseRedirect(reverse("admin:login"))

    def act(self, values: dict[str, Any]) -> User:
        """Do what the link lets its reader do, once, and return whose account it is."""
        raise NotImplementedError


class AcceptInvitation(MailedLink):
    kind = Invitation
    name = "accept_invitation"
    done = _("Your password is set. Please sign in.")

    def get_form_class(self) -> Any:
        user = self.found.user
        return NewPasswordForm if user.first_name and user.last_name else InvitedForm

    def act(self, values: dict[str, Any]) -> User:
        names = {name: values[name] for name in ("first_name", "last_name") if name in values}
        return accept_invitation(self.request.session[self.key], password=values["password"], **names)


class ResetPassword(MailedLink):
    kind = PasswordReset
    name = "reset_password"
    done = _("Your password is changed. Please sign in.")

    def act(self, values: dict[str, Any]) -> User:
        return reset_password(self.request.session[self.key], password=values["password"])
