"""How the audit trail is narrowed in the console."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.accounts.audit_words import ACTIONS, WORDS_OF_ACTORS, kinds
from apps.accounts.models import User
from apps.accounts.models.audit import AuditEntryQuerySet
from medivoy.core import clock

ALL = ("", _("All"))
LEFT_TO_RIGHT = {"dir": "ltr"}


def _kinds() -> list[tuple[str, Any]]:
    named = [(entity, capfirst(str(name))) for entity, name in kinds().items()]
    return [ALL, *sorted(named, key=lambda choice: choice[1])]


class InstantField(forms.DateTimeField):
    """A day and a time in the reader's zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def clean(self, value: Any) -> datetime | None:
        moment = super().clean(value)
        if moment is not None and not clock.is_reachable(moment.date()):
            raise ValidationError(_("This day is out of reach."), code="invalid")
        return moment


class TrailForm(forms.Form):
    person = forms.CharField(
        label=_("Person (e-mail or id)"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs=LEFT_TO_RIGHT),
    )
    kind = forms.ChoiceField(label=_("Kind of row"), choices=_kinds, required=False)
    action = forms.ChoiceField(
        label=_("What"), choices=[ALL, *((code, capfirst(word)) for code, word in ACTIONS.items())], required=False
    )
    start = InstantField(label=_("From"), required=False)
    end = InstantField(label=_("Until"), required=False)
    search = forms.CharField(
        label=_("Id of a request or a row"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs=LEFT_TO_RIGHT),
    )

    def __init__(self, *args: Any, reader: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.reader = reader

    def clean_person(self) -> str:
        """Return what the trail calls them: a user's id, or one of its words."""
        text = self.cleaned_data["person"].strip()
        if not text or text in WORDS_OF_ACTORS:
            return text
        try:
            return str(uuid.UUID(text))
        except ValueError:
            user = User.objects.visible_to(self.reader).by_email(text).first()
        if user is None:
            raise ValidationError(_("There is no account with this address."), code="unknown")
        return str(user.pk)

    def narrow(self, entries: AuditEntryQuerySet) -> AuditEntryQuerySet:
        """Return those of `entries` that were asked for."""
        asked = self.cleaned_data
        person = asked["person"]
        if person:
            entries = entries.filter(actor=person) if person in WORDS_OF_ACTORS else entries.of_person(person)
        equals = {"entity_type": asked["kind"], "action": asked["action"]}
        entries = entries.filter(**{name: value for name, value in equals.items() if value})
        return self._with_id(entries.between(asked["start"], asked["end"]), asked["search"].strip())

    def _with_id(self, entries: AuditEntryQuerySet, key: str) -> AuditEntryQuerySet:
        """Return the entries of the row with this id, which an index finds in each kind; else of such a request."""
        if not key:
            return entries
        of_row = Q(entity_type__in=list(kinds()), entity_id=key)
        if entries.filter(of_row).exists():
            return entries.filter(of_row)
        return entries.filter(request_id=key)
