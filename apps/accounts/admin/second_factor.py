"""One's own second factor at the console, and what an admin does for somebody who has lost theirs."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from apps.accounts.admin.guesses import begin_guess
from apps.accounts.admin.second_step import GIVEN, CodeForm, lacks_second_factor
from apps.accounts.admin.user_actions import PersonForm
from apps.accounts.api.fields import LONGEST_PASSWORD
from apps.accounts.api.proofs import PASSWORD, guess_of
from apps.accounts.api.qr import qr_svg
from apps.accounts.models import User
from apps.accounts.services.second_factor import (
    ResetReason,
    begin_setup,
    confirm_setup,
    remove_second_factor,
    renew_recovery_codes,
    reset_second_factor,
)
from medivoy.admin import button, words_of
from medivoy.api import attempts
from medivoy.api.limiter import network_of
from medivoy.api.refusals import tell_of_refusal
from medivoy.core.context import writing
from medivoy.core.errors import DomainError, InvalidInput

TEMPLATE = "console/second_factor.html"


class Proof(forms.Form):
    """What is given once more before something changes; each guess is counted, then judged."""

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self.request = request

    def clean_current_password(self) -> str:
        password = self.cleaned_data["current_password"]
        guess = (PASSWORD, str(self.request.user.pk), network_of(self.request))
        begin_guess(*guess)
        if not self.request.user.check_password(password):
            raise forms.ValidationError(_("This is not your password."))
        attempts.succeeded(*guess)
        return password

    def clean_code(self) -> str:
        """A code after a wrong password is not looked at."""
        code = self.cleaned_data["code"]
        if not self.errors:
            begin_guess(*guess_of(code, user=self.request.user, request=self.request))
        return code

    def forget_guess(self) -> None:
        """What was guessed before the right code is forgotten."""
        guess = guess_of(self.cleaned_data["code"], user=self.request.user, request=self.request)
        attempts.succeeded(*guess)


class PasswordProof(Proof):
    current_password = forms.CharField(
        label=_("Your password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeProof(Proof):
    code = CodeForm.base_fields["code"]


class PasswordAndCodeProof(PasswordProof):
    code = CodeForm.base_fields["code"]


def show_own_second_factor(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Answer /admin/second-factor/: how it stands, or one of its STEPS.

    Secret and recovery codes are shown in the answer that makes them, and never again.
    """
    if lacks_second_factor(request) and request.user.has_second_factor:
        # A session from before it was set up: it signs in again, with it.
        logout(request)
        return HttpResponseRedirect(reverse("admin:login"))
    step = STEPS.get(request.POST.get("step", "")) if request.method == "POST" else None
    return step(request, context) if step else _page(request, context)


def _begin(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    form = PasswordProof(request, request.POST)
    setup = _done(form, lambda: begin_setup(request.user))
    if setup is None:
        return _page(request, context, begin=form)
    return _page(request, context, begun=True, setup=setup, qr=qr_svg(setup.uri))


def _confirm(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    form = CodeProof(request, request.POST)
    codes = _done(form, lambda: confirm_setup(request.user, code=form.cleaned_data["code"]))
    if codes is None:
        return _page(request, context, begun=True, confirm=form)
    form.forget_guess()
    _stay(request, given=True)
    return _page(request, context, codes=codes)


def _renew(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    form = PasswordAndCodeProof(request, request.POST)
    codes = _done(form, lambda: renew_recovery_codes(request.user, code=form.cleaned_data["code"]))
    if codes is None:
        return _page(request, context, renew=form)
    form.forget_guess()
    return _page(request, context, codes=codes)


def _remove(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    form = PasswordAndCodeProof(request, request.POST)
    removed = _done(form, lambda: remove_second_factor(request.user, code=form.cleaned_data["code"]) or True)
    if removed is None:
        return _page(request, context, remove=form)
    form.forget_guess()
    _stay(request, given=False)
    messages.success(request, _("Two-step sign-in is off."))
    return HttpResponseRedirect(reverse("admin:second_factor"))


STEPS: dict[str, Callable[[HttpRequest, dict[str, Any]], HttpResponse]] = {
    "begin": _begin,
    "confirm": _confirm,
    "renew": _renew,
    "remove": _remove,
}


def _done(form: Proof, act: Callable[[], Any]) -> Any:
    """Return what `act` does in the writing context, or None with the refusal on the form."""
    if not form.is_valid():
        return None
    try:
        with writing(form.request.user):
            return act()
    except InvalidInput as refusal:
        for name, texts in refusal.errors.items():
            form.add_error(name, [str(text) for text in texts])
    except DomainError as refusal:
        tell_of_refusal(form.request, refusal, entity="second_factor")
        form.add_error(None, words_of(refusal))
    return None


def _stay(request: HttpRequest, *, given: bool) -> None:
    """Keep this one session, under a new key, now that every other has ended."""
    update_session_auth_hash(request, User.objects.get(pk=request.user.pk))
    request.session[GIVEN] = given


def _page(request: HttpRequest, context: dict[str, Any], **shown: Any) -> HttpResponse:
    user = User.objects.select_related("totp").get(pk=request.user.pk)
    is_forced = lacks_second_factor(request)
    proofs = {
        "begin": PasswordProof,
        "confirm": CodeProof,
        "renew": PasswordAndCodeProof,
        "remove": PasswordAndCodeProof,
    }
    forms_shown = {name: proof(request) for name, proof in proofs.items()}
    state = {
        "title": _("Two-step sign-in"),
        # Until it is set up the console's own frame, with what waits in it, is not drawn.
        "layout": "unfold/layouts/unauthenticated.html" if is_forced else "admin/base_site.html",
        "is_forced": is_forced,
        "is_on": user.has_second_factor,
        "since": user.totp.confirmed_at if user.has_second_factor else None,
        "codes_left": user.recovery_codes.filter(is_used=False).count(),
        "may_remove": not user.must_give_second_factor,
    }
    forms_shown |= {name: form for name, form in shown.items() if name in proofs}
    # Several stand on one page, with fields of the same names.
    for name, form in forms_shown.items():
        form.auto_id = f"{name}_%s"
    return TemplateResponse(request, TEMPLATE, {**context, **state, **shown, **forms_shown})


class ReasonForm(PersonForm):
    """Why; it is kept in the audit trail."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", "—"), *ResetReason.choices], widget=UnfoldAdminSelectWidget
    )


class SecondFactorReset:
    """The button by which an admin takes a lost second factor away; mixed into the page of a user."""

    @button(
        label=_("Reset two-step sign-in"),
        text=_(
            "For somebody who has lost both authenticator and recovery codes, and whom you have identified. Every "
            "device of theirs is signed out, and they are told."
        ),
        permission="reset_second_factor",
        form=ReasonForm,
        icon="lock_reset",
        done=_("Two-step sign-in is off for this account."),
    )
    def reset_second_factor(self, request: HttpRequest, form: ReasonForm, object_id: str) -> None:
        user = self.get_object(request, object_id)
        reset_second_factor(user, actor=request.user, reason=form.cleaned_data["reason"])

    def has_reset_second_factor_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not request.user.may("second_factor.reset") or not object_id or str(request.user.pk) == str(object_id):
            return False
        user = self.get_object(request, object_id)
        return user is not None and user.has_second_factor
