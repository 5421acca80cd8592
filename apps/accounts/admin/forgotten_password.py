"""The console's page for somebody of the staff who has lost their password: it asks for the link that sets another."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView
from rest_framework.exceptions import Throttled

from apps.accounts.api.fields import LONGEST_EMAIL
from apps.accounts.api.pace import steady_pace
from apps.accounts.models.user import normalize_email
from apps.accounts.services.password_reset import request_password_reset
from medivoy.api.limiter import network_of, spend
from medivoy.core.context import writing

# The same rate as the API's.
LIMIT = "password_reset"


class AddressForm(forms.Form):
    """Whose password it is."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=LONGEST_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "dir": "ltr"}),
    )


@method_decorator(never_cache, name="dispatch")
class ForgottenPassword(FormView):
    """The answer and its time are the same whether there is such an account or not (T10)."""

    template_name = "console/forgotten_password.html"
    form_class = AddressForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Count the wish, then grant it; too many of one network are a 429 (T66)."""
        try:
            spend(LIMIT, network_of(request))
        except Throttled:
            return self.render_to_response(self.get_context_data(form=None, throttled=True), status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AddressForm) -> HttpResponseBase:
        with steady_pace(), writing(None):
            request_password_reset(normalize_email(form.cleaned_data["email"]))
        messages.success(self.request, _("If there is an account with this address, a link is on its way to it."))
        return HttpResponseRedirect(reverse("admin:login"))
