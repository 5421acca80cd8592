"""Signing in to the console: e-mail and password first, then a code where the account has a second factor.

Between the two nobody is signed in: the session holds a token of the first step, and no user.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from apps.accounts.admin.guesses import begin_guess
from apps.accounts.api.proofs import guess_of
from apps.accounts.api.second_factor_serializers import LONGEST_CODE
from apps.accounts.errors import TokenExpired, TokenInvalid, WrongCode
from apps.accounts.services.audit import record
from apps.accounts.services.half_sign_ins import Door, HalfSignIn, begin_half, read_half
from apps.accounts.services.sessions import SIGN_IN
from apps.accounts.services.sign_in import SECOND_FACTOR_FAILED, prove_second_step, record_failure
from medivoy.api import attempts
from medivoy.core.context import writing

# What a session knows: the first step, where it leads; and that a second factor was given.
HALF, GOAL, GIVEN = "half_sign_in", "half_sign_in_goal", "second_factor"


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether the role must give a second factor, and this session has given none (T14)."""
    return request.user.must_give_second_factor and not request.session.get(GIVEN)


class StaffLogin(LoginView):
    """The first step."""

    def form_valid(self, form: Any) -> HttpResponseBase:
        """Sign in, or go on to the second step in a new session, in which nobody is signed in."""
        user = form.get_user()
        if not user.has_second_factor:
            record(SIGN_IN, actor=user, entity="user", entity_id=user.pk, fields=["console"])
            return super().form_valid(form)
        goal = self.get_success_url()
        logout(self.request)
        self.request.session[HALF] = begin_half(user, door=Door.CONSOLE)
        self.request.session[GOAL] = goal
        return HttpResponseRedirect(reverse("admin:second_step"))


class CodeForm(forms.Form):
    """Six digits or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "one-time-code", "spellcheck": "false"}),
    )


@method_decorator([never_cache, sensitive_post_parameters("code")], name="dispatch")
class SecondStep(FormView):
    """The second step: the code, counted and used up as at the API."""

    template_name = "console/second_step.html"
    form_class = CodeForm
    half: HalfSignIn

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.half = read_half(request.session.get(HALF, ""), door=Door.CONSOLE)
        except (TokenExpired, TokenInvalid):
            return self.start_again()
        return super().dispatch(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> CodeForm:
        form = super().get_form(form_class)
        form.fields["code"].widget.attrs["autofocus"] = True
        return form

    def form_valid(self, form: CodeForm) -> HttpResponseBase:
        code = form.cleaned_data["code"]
        guess = guess_of(code, user=self.half.user, request=self.request)
        try:
            begin_guess(*guess)
            with writing(self.half.user):
                user = prove_second_step(self.half, code=code)
        except forms.ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        except WrongCode as refusal:
            record_failure(SECOND_FACTOR_FAILED, self.half.user)
            form.add_error("code", str(refusal))
            return self.form_invalid(form)
        except TokenInvalid:
            return self.start_again()
        attempts.succeeded(*guess)
        return self.enter(user)

    def enter(self, user: Any) -> HttpResponseBase:
        """Sign `user` in, under a new session key, as somebody who has given a second factor."""
        session = self.request.session
        session.pop(HALF)
        goal = session.pop(GOAL, None) or reverse("admin:index")
        record(SIGN_IN, actor=user, entity="user", entity_id=user.pk, fields=["console", "second_factor"])
        login(self.request, user)
        self.request.session[GIVEN] = True
        return HttpResponseRedirect(goal)

    def start_again(self) -> HttpResponseBase:
        if self.request.session.pop(HALF, None) is not None:
            messages.error(self.request, _("That took too long. Please sign in again."))
        return HttpResponseRedirect(reverse("admin:login"))
