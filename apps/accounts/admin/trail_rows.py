"""Entries of the audit trail as a person reads them: names instead of ids, fields by their names, local times."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.contrib import admin
from django.db.models import Field, Model
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _

from apps.accounts.audit_columns import word_of
from apps.accounts.audit_words import ACTIONS, WORDS_OF_ACTORS, audited_models, kinds
from apps.accounts.models import AuditEntry, User

NOTHING = "—"
LONGEST_VALUE = 300
# An entry with more fields than these shows them when it is opened.
SHOWN_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Value:
    """A value in words; a code runs from left to right whatever the language."""

    text: str
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    name: Any
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry with everything that its line on the page says."""

    entry: AuditEntry
    who: Any
    who_url: str
    whose: Any
    action: Any
    kind: Any
    url: str
    changes: Sequence[Change]
    names: Sequence[str]

    @property
    def is_long(self) -> bool:
        return len(self.changes) > SHOWN_AT_ONCE


def shown(entries: Iterable[AuditEntry], *, reader: Any) -> list[ShownEntry]:
    """Return the entries in words; the people in them are read in one query."""
    entries = list(entries)
    named = {found for entry in entries for found in _people_in(entry)}
    users = {str(user.pk): user for user in User.objects.visible_to(reader).filter(pk__in=named)}
    return [_shown(entry, users, reader) for entry in entries]


def _people_in(entry: AuditEntry) -> set[str]:
    """Return the ids of users that the entry names: who did it, whose data it is, whom a column points at."""
    columns = columns_of(entry.entity_type)
    pointed = [
        value
        for name, pair in (entry.changes or {}).items()
        if _points_at_user(columns.get(name))
        for value in pair
        if value
    ]
    return {str(word) for word in (entry.actor, entry.subject_id, *pointed) if is_id(word)}


def _shown(entry: AuditEntry, users: dict[str, User], reader: Any) -> ShownEntry:
    columns = columns_of(entry.entity_type)
    actor = users.get(entry.actor)
    changes = [
        Change(_label(columns.get(name), name), *(_value(columns.get(name), value, users) for value in pair))
        for name, pair in sorted((entry.changes or {}).items())
    ]
    subject = str(entry.subject_id) if entry.subject_id else ""
    return ShownEntry(
        entry=entry,
        who=actor or WORDS_OF_ACTORS.get(entry.actor, entry.actor),
        who_url=_page("accounts_user_change", entry.actor) if actor else "",
        whose=users.get(subject, subject),
        action=ACTIONS.get(entry.action, entry.action),
        kind=capfirst(kinds().get(entry.entity_type, entry.entity_type)),
        url=history_url(entry.entity_type, entry.entity_id, reader=reader),
        changes=changes,
        names=[] if changes else [str(_label(columns.get(name), name)) for name in entry.fields],
    )


def is_id(word: Any) -> bool:
    try:
        return bool(uuid.UUID(str(word)))
    except ValueError:
        return False


@cache
def columns_of(entity: str) -> "dict[str, Field[Any, Any]]":
    """Return the fields of the rows that the trail calls so, by column."""
    model = audited_models().get(entity)
    return {field.column: field for field in model._meta.concrete_fields} if model else {}


def history_url(entity: str, entity_id: str, *, reader: Any) -> str:
    """Return the address of a row's history, of the trail narrowed to it where rows of its kind have no page for the
    reader; nothing where the entry is about no row."""
    if not entity_id or entity not in audited_models():
        return ""
    model = audited_models()[entity]
    if admin.site.is_registered(model) and reader.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
        return _page(f"{model._meta.app_label}_{model._meta.model_name}_history", entity_id)
    return f"{reverse('admin:accounts_auditentry_changelist')}?kind={entity}&search={entity_id}"


def page_of(model: type[Model], object_id: str) -> str:
    return _page(f"{model._meta.app_label}_{model._meta.model_name}_change", object_id)


def _page(name: str, object_id: str) -> str:
    try:
        return reverse(f"admin:{name}", args=[object_id])
    except NoReverseMatch:
        return ""


def _label(field: "Field[Any, Any] | None", name: str) -> Any:
    word = word_of(field, name)
    return name if word is name else capfirst(word)


def _points_at_user(field: "Field[Any, Any] | None") -> bool:
    return field is not None and field.related_model is User


def _value(field: "Field[Any, Any] | None", value: Any, users: dict[str, User]) -> Value:
    """Return a column's value, as the database wrote it into the entry, in words."""
    if value is None or value == "":
        return Value(NOTHING)
    if isinstance(value, bool):
        return Value(_("yes") if value else _("no"))
    if str(value) in users and _points_at_user(field):
        return Value(str(users[str(value)]))
    choices = dict(getattr(field, "flatchoices", ()) or ())
    if isinstance(value, (str, int)) and value in choices:
        return Value(str(choices[value]))
    moment = _moment(field, value)
    text = moment or (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return Value(Truncator(text).chars(LONGEST_VALUE), is_code=not moment and text.isascii())


def _moment(field: "Field[Any, Any] | None", value: Any) -> str:
    """Return a day or an instant as the reader writes it; nothing where the value is none."""
    kind = field.get_internal_type() if field is not None else ""
    if kind not in ("DateTimeField", "DateField") or not isinstance(value, str):
        return ""
    found: datetime | date | None = parse_datetime(value) if kind == "DateTimeField" else parse_date(value)
    if isinstance(found, datetime):
        return date_format(localtime(found) if is_aware(found) else found, "DATETIME_FORMAT")
    return date_format(found, "DATE_FORMAT") if found else ""
