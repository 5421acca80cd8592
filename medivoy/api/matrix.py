"""Who may do what and where that is written: each operation with its roles, its routes and what is asked of the row.

Read from the table of roles and from what the viewsets declare, so nothing is said twice. Printed by `manage.py
roles`, shown in the console, kept in docs/roles.md.
"""

import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Model

from apps.accounts import roles
from medivoy.api.checks import api_routes, operations_of, readable
from medivoy.api.fields import ReferenceField
from medivoy.core.states import Machine


@dataclass(frozen=True)
class Place:
    """Something of the code, with its file and line, and what it says of itself."""

    name: str
    file: str
    line: int
    words: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Rule:
    """A line of the table: of an operation, a right or a permission of the console."""

    name: str
    words: str
    written: Place
    title: str = ""
    routes: tuple[str, ...] = ()
    view: Place | None = None
    # Asked of the rows: of the address and its answer, of what a body refers to, and of the row before it is changed.
    rows: tuple[Place, ...] = ()
    references: dict[str, Place] = field(default_factory=dict)
    policy: Place | None = None
    moves: Place | None = None
    needs_proven_email: bool = False

    @property
    def roles(self) -> frozenset[str]:
        return roles.roles_of(self.name)

    @property
    def is_open(self) -> bool:
        """Whether no role is asked: for anyone, or for any signed-in user."""
        return self.words in (roles.ANYONE, roles.SIGNED_IN)


def operations() -> list[Rule]:
    """Return the operations of the API, in the table's order."""
    doors = _doors()
    return [_operation(name, words, doors.get(name, [])) for name, words in roles.OPERATIONS.items()]


def rights() -> list[Rule]:
    """Return what is asked inside answers and services, in the table's order."""
    return [Rule(name, words, written_at(name)) for name, words in roles.RIGHTS.items()]


def permissions() -> list[Rule]:
    """Return what the console's pages ask for, in the table's order."""
    return [Rule(name, words, written_at(name)) for name, words in roles.ADMIN_PERMISSIONS.items()]


def everything() -> list[Rule]:
    return [*operations(), *rights(), *permissions()]


def matching(wanted: str) -> list[Rule]:
    """Return the rule of that name, else those with the word in name or title."""
    rules = everything()
    exact = [rule for rule in rules if rule.name == wanted]
    word = wanted.lower()
    return exact or [rule for rule in rules if word in rule.name or word in rule.title.lower()]


# --- where things are written ------------------------------------------------------------------------------------


def written_at(name: str) -> Place:
    """Return the line of the table. Raises StopIteration for a name that it does not have."""
    found = next(number for number, line in enumerate(_table(), 1) if line.startswith(f'    "{name}":'))
    return Place(name, _path(roles.__file__), found)


@cache
def _table() -> list[str]:
    return Path(roles.__file__).read_text().splitlines()


def place_of(thing: Any, name: str = "") -> Place:
    """Return where a function, method or class is written."""
    words = " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())
    line = inspect.getsourcelines(thing)[1]
    return Place(name or thing.__qualname__, _path(inspect.getsourcefile(thing) or ""), line, words)


def visible_to_of(model: type[Model]) -> Place | None:
    """Return where it is written who sees the model's rows."""
    rule = getattr(type(model._default_manager.all()), "visible_to", None)
    return place_of(rule, f"{model.__name__}.visible_to") if rule else None


def _path(file: str) -> str:
    return str(Path(file).resolve().relative_to(settings.BASE_DIR))


def _machine(machine: Machine | None) -> Place | None:
    """Return where a table of moves is written: the module-level name that holds it."""
    for module in list(sys.modules.values()) if machine else ():
        name = next((name for name, value in vars(module).items() if value is machine), "")
        if name and module.__name__.endswith(".states"):
            lines = inspect.getsource(module).splitlines()
            line = next(number for number, text in enumerate(lines, 1) if text.startswith(f"{name} ="))
            return Place(name, _path(module.__file__ or ""), line)
    return None


# --- what the viewsets declare -----------------------------------------------------------------------------------


def _doors() -> dict[str, list[tuple[str, Any, str]]]:
    """Return by operation: its routes, each with the viewset and the action behind it."""
    found: dict[str, list[tuple[str, Any, str]]] = {}
    for route, pattern in api_routes():
        view: Any = pattern.callback
        for method, name in operations_of(pattern).items():
            found.setdefault(name, []).append((f"{method.upper()} {readable(route)}", view.cls, view.actions[method]))
    return found


def _operation(name: str, words: str, doors: list[tuple[str, Any, str]]) -> Rule:
    if not doors:
        return Rule(name, words, written_at(name))
    _route, view, action = doors[0]
    handler = getattr(view, action)
    policy = view.policies.get(action)
    return Rule(
        name,
        words,
        written_at(name),
        title=place_of(handler).words.partition(". ")[0].rstrip("."),
        routes=tuple(route for route, _view, _action in doors),
        view=place_of(handler, f"{view.__name__}.{action}"),
        rows=tuple(_rows(view)),
        references=dict(_references(view.serializers.get(action))),
        policy=place_of(policy) if policy else None,
        moves=_machine(view.moves.get(action)),
        needs_proven_email=action in view.verified_email,
    )


def _rows(view: Any) -> Iterator[Place]:
    for model in dict.fromkeys((view.within, getattr(view, "model", None))):
        place = visible_to_of(model) if model else None
        if place:
            yield place


def _references(serializer: Any) -> Iterator[tuple[str, Place]]:
    """What a body names by id, and must be there for the asker too."""
    for name, declared in getattr(serializer, "_declared_fields", {}).items():
        place = visible_to_of(declared.rows.model) if isinstance(declared, ReferenceField) and declared.scoped else None
        if place:
            yield name, place
