"""Taking a person's values out of the audit trail; that something happened, when and by which id stays for good.

The chain holds digests of the values and not the values, so it stays whole. An entry of its own tells of each
blanking, and `verify_audit` finds one of which no entry tells (docs/audit.md).
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q

from apps.accounts.audit_words import audited_models
from apps.accounts.models import AuditEntry
from apps.accounts.models.audit import CHANGES, ORIGIN
from apps.accounts.services.audit import record
from medivoy.core import clock
from medivoy.core.context import ANONYMOUS, request_id, request_scope

ERASE, ENTITY = "erase", "audit_entry"
# How many entries are blanked at a time; one entry of the erasure names them.
CHUNK = 500
# Rows whose `user_id` names who did something to somebody else: they are not the person's own.
DEEDS = ("emergency_access",)

Row = tuple[str, Any]
BLANK: dict[str, dict[str, Any]] = {
    CHANGES: {"changes": None, "salt": ""},
    ORIGIN: {"ip": None, "user_agent": "", "origin_salt": ""},
}


class Found(NamedTuple):
    """An entry, and which of its parts are to be blanked: one at least."""

    pk: int
    changes: bool
    origin: bool

    @property
    def parts(self) -> tuple[str, ...]:
        wanted = ((CHANGES, self.changes), (ORIGIN, self.origin))
        return tuple(part for part, is_wanted in wanted if is_wanted)


@transaction.atomic
def erase_values(actor: Any, *, user_id: uuid.UUID, entities: Iterable[Row]) -> int:
    """Blank what the trail says of a person, and add the entries that tell of it; return how many entries it touched.

    Call it last in the transaction that erases them: the changes made by that are entries, too, with the old values
    in them. Once more blanks what came since.

    Blanked are the values of the rows that are theirs, whoever changed them; and from where they themselves did what
    they did, also before they were signed in. Of what they did to rows of others only the latter goes: a person who
    leaves does not take along the record of what they did to others.

    It costs a second and a half for 10,000 entries on the machine of docs/audit.md, nearly all of it the database's
    indexes, and the same memory however many there are. What the caller holds locked is locked as long.

    Args:
        actor: who erases, for the entry; None for the system.
        user_id: whose account it was. Its own row, and rows with their `user_id`, also those deleted since, are theirs
            without being named.
        entities: the other rows that are about them, as (entity_type, id), such as ("patient", id).
    """
    found = _locked(user_id, _rows_about(user_id, entities))
    count = 0
    # Whoever erases themselves leaves no trace of from where.
    with request_scope(request_id()):
        while chunk := list(islice(found, CHUNK)):
            record(ERASE, actor=actor, entity=ENTITY, subject=user_id, fields=_blank(chunk))
            count += len(chunk)
    return count


def rows_made_for(column: str, owner_id: Any, *, kinds: Collection[str]) -> list[Row]:
    """Return the rows of some kinds that are those of `owner_id`: entities for erase_values. Those that are there,
    whether or not the trail was there before them, and those deleted since.

    Args:
        column: where that is written, one of models.audit.OWNERS.
        kinds: what the trail calls such rows: ["medical_record", "consent"].
    """
    told = AuditEntry.objects.made_for(column, owner_id).filter(entity_type__in=kinds)
    return [*{*told.values_list("entity_type", "entity_id"), *_rows_there(column, owner_id, kinds)}]


def names_of(part: str, ids: Collection[int]) -> Iterator[str]:
    """Return how the entry of an erasure names the parts that it blanked."""
    return (f"{part}:{pk}" for pk in ids)


def ids_named(fields: Iterable[str]) -> set[int]:
    """Return the entries, of whichever part, that the entry of an erasure names; what is no such name is none."""
    ids = (name.partition(":")[2] for name in fields)
    return {int(pk) for pk in ids if pk.isdecimal()}


def _blank(chunk: Collection[Found]) -> list[str]:
    """Blank the parts of locked entries, each entry in one statement; return how they are named."""
    alike: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for entry in chunk:
        alike[entry.parts].append(entry.pk)
    names: list[str] = []
    for parts, ids in alike.items():
        blank = {column: value for part in parts for column, value in BLANK[part].items()}
        AuditEntry.objects.filter(pk__in=ids).update(**blank, erased_at=clock.now())
        names += [name for part in parts for name in names_of(part, ids)]
    return names


def _rows_there(column: str, owner_id: Any, kinds: Collection[str]) -> Iterator[tuple[str, str]]:
    for kind in kinds:
        rows = audited_models()[kind]._base_manager.filter(**{column: owner_id})
        yield from ((kind, str(pk)) for pk in rows.values_list("pk", flat=True))


def _kinds_with(column: str) -> list[str]:
    return [
        kind
        for kind, model in audited_models().items()
        if any(field.attname == column for field in model._meta.concrete_fields)
    ]


def _rows_about(user_id: uuid.UUID, entities: Iterable[Row]) -> Q:
    rows: dict[str, set[str]] = {"user": {str(user_id)}}
    kinds = [kind for kind in _kinds_with("user_id") if kind not in DEEDS]
    for kind, pk in [*entities, *rows_made_for("user_id", user_id, kinds=kinds)]:
        rows.setdefault(kind, set()).add(str(pk))
    about = Q(subject_id=user_id)
    for kind, ids in rows.items():
        about |= Q(entity_type=kind, entity_id__in=ids)
    return about


def _locked(user_id: uuid.UUID, about: Q) -> Iterator[Found]:
    """Lock what is to be blanked and yield it, in one order, so that two erasures wait for each other and never both.

    They come through a cursor of the database, which locks each as it is taken."""
    by_them = Q(actor=str(user_id))
    theirs = by_them | (about & Q(actor=ANONYMOUS))
    entries = AuditEntry.objects.filter(about | by_them).annotate(
        blanks_changes=about & Q(changes__isnull=False),
        blanks_origin=theirs & (Q(ip__isnull=False) | ~Q(user_agent="")),
    )
    wanted = entries.filter(Q(blanks_changes=True) | Q(blanks_origin=True)).select_for_update(no_key=True)
    rows = wanted.order_by("pk").values_list("pk", "blanks_changes", "blanks_origin")
    return (Found(*row) for row in rows.iterator(chunk_size=CHUNK))
