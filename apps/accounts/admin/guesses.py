"""Guesses at secrets, counted at the console as at the API: what waits at one door waits at the other (T12, T14)."""

from django import forms
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import Throttled

from medivoy.api import attempts


def begin_guess(kind: str, account: str, network: str) -> None:
    """Count a guess before it is judged. Raises forms.ValidationError, with how long to wait."""
    try:
        attempts.begin(kind, account, network)
    except Throttled as refusal:
        words = {"seconds": getattr(refusal, "wait", 1)}
        raise forms.ValidationError(_("Too many attempts. Try again in %(seconds)s seconds.") % words) from refusal
