"""The table of roles as a page of the console: who may do what, and what is asked of the row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import ANYONE, LETTERS, Role
from medivoy.api import matrix
from medivoy.api.matrix import Place, Rule

PERMISSION = "accounts.view_roles"
# What is no model, or has no page, has its name here; a heading that is missing is the entity's own word.
HEADINGS: dict[str, Any] = {
    "account": _("Account"),
    "account_export": _("Copies of one's data"),
    "adjustment": _("Adjustments"),
    "alert": _("Alerts"),
    "audit_log": _("Audit trail"),
    "auth": _("Sign-in"),
    "cancellation": _("Cancellation"),
    "case": _("Cases"),
    "health": _("Health of the platform"),
    "mfa": _("Two-step sign-in"),
    "milestone": _("Milestones"),
    "override": _("Exceptions"),
    "profile": _("One's own account"),
    "roles": _("Roles"),
    "second_factor": _("Two-step sign-in"),
    "timeline": _("Timeline"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as it stands on the page."""

    rule: Rule
    marks: tuple[bool, ...]
    asked: tuple[Place, ...]
    is_public: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The rules of one entity."""

    heading: Any
    lines: tuple[Line, ...]


def show_roles(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """Show the whole table, to those whom it lets."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    tables = [
        (_("Operations"), grouped(matrix.operations(), _entity)),
        (_("Inside answers and services"), grouped(matrix.rights(), _entity)),
        (_("Pages of the console"), grouped(matrix.permissions(), _model)),
    ]
    roles = [(letter, Role(role).label) for letter, role in LETTERS.items()]
    context = {**frame, "title": _("Roles"), "tables": tables, "roles": roles, "columns": len(roles) + 2}
    return TemplateResponse(request, "console/roles.html", context)


def grouped(rules: Iterable[Rule], of: Callable[[Rule], str]) -> list[Group]:
    """Return the rules in the table's order, those of one entity under its heading."""
    groups: dict[str, list[Line]] = {}
    for rule in rules:
        groups.setdefault(of(rule), []).append(_line(rule))
    return [Group(_heading(entity), tuple(lines)) for entity, lines in groups.items()]


def _entity(rule: Rule) -> str:
    return rule.name.partition(".")[0]


def _model(rule: Rule) -> str:
    return rule.name.rpartition("_")[2]


def _heading(entity: str) -> Any:
    model = _models().get(entity.replace("_", ""))
    return HEADINGS.get(entity) or (capfirst(model._meta.verbose_name_plural) if model else entity)


@cache
def _models() -> dict[str, Any]:
    return {str(model._meta.model_name): model for model in apps.get_models()}


def _line(rule: Rule) -> Line:
    asked = tuple(place for place in (*rule.rows, rule.policy, rule.moves) if place)
    return Line(rule, tuple(role in rule.roles for role in LETTERS.values()), asked, rule.words == ANYONE)
