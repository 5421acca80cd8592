"""`manage.py roles`: who may do what, and where that is written."""

from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from apps.accounts.roles import ANYONE, LETTERS, SIGNED_IN, Role
from medivoy.api import matrix
from medivoy.api.matrix import Place, Rule

YES, NO = "●", "·"
COLUMNS = (ANYONE, *LETTERS)
HEADING = """# Roles

Made by `manage.py roles --markdown > docs/roles.md` from `apps/accounts/roles.py` and from what the viewsets declare:
change those, not this page. A mark lets the role do the operation at all; on which rows is asked of what stands under
*rows*, then of *policy*, then, where a case is moved, of the table of *moves* ([states](states.md)).
`manage.py roles <operation>` says the same of one operation, with files and lines.

`*` without signing in, P patient, D doctor, H hospital administrator, C coordinator, T translator, A administrator.
"""


class Command(BaseCommand):
    help = "Print who may do what: everything, one operation (or those with a word), or all that a role may do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("operation", nargs="?", help="Its name, such as booking.destroy, or a word of it.")
        parser.add_argument("--role", choices=Role.values, help="Only what this role may do.")
        parser.add_argument("--markdown", action="store_true", help="As the page docs/roles.md.")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            if options["markdown"]:
                return self.stdout.write(as_markdown(), ending="")
            if options["operation"]:
                return self.stdout.write("\n".join(self._about(options["operation"])))
            rules = [rule for rule in matrix.everything() if not options["role"] or options["role"] in rule.roles]
            return self.stdout.write("\n".join(as_lines(rules)))

    def _about(self, wanted: str) -> list[str]:
        found = matrix.matching(wanted)
        if not found:
            raise CommandError(f"nothing in the table has the name or the word {wanted!r}")
        return list(as_detail(found[0])) if len(found) == 1 else as_lines(found)


def as_lines(rules: list[Rule]) -> list[str]:
    """Return a line for each rule: its name, a mark by role, and what it is."""
    width = max((len(rule.name) for rule in rules), default=0)
    head = f"{'':{width}}  {' '.join(COLUMNS)}"
    return [head, *(f"{rule.name:{width}}  {' '.join(marks(rule))}  {_what(rule)}".rstrip() for rule in rules)]


def marks(rule: Rule) -> list[str]:
    allowed = [rule.words == ANYONE, *(role in rule.roles for role in LETTERS.values())]
    return [YES if may else NO for may in allowed]


def _what(rule: Rule) -> str:
    return f"{', '.join(rule.routes)}  {rule.title}" if rule.routes else ""


def who(rule: Rule) -> str:
    """Return who may do it, in words."""
    if rule.is_open:
        return {ANYONE: "anyone, signed in or not", SIGNED_IN: "any signed-in user"}[rule.words]
    return ", ".join(role.label.lower() for role in Role if role in rule.roles)


def as_detail(rule: Rule) -> Iterator[str]:
    """Return all that is known of one rule, each part with the file and line where it is written."""
    yield f"{rule.name}  {rule.title}".rstrip()
    yield from _line("who", f"{who(rule)} ({rule.words})", rule.written)
    for route in rule.routes:
        yield from _line("route", route, rule.view)
    for place in rule.rows:
        yield from _line("rows", f"{place.name}: {place.words}", place)
    for name, place in rule.references.items():
        yield from _line("body", f"{name} is one of {place.name}", place)
    if rule.policy:
        yield from _line("policy", f"{rule.policy.name}: {rule.policy.words}", rule.policy)
    if rule.moves:
        yield from _line("moves", f"{rule.moves.name}: which role moves a case from which state", rule.moves)
    if rule.needs_proven_email:
        yield "  e-mail  must be proven"


def _line(label: str, text: str, place: Place | None) -> Iterator[str]:
    yield f"  {label:6}  {text}"
    if place:
        yield f"          {place}"


def as_markdown() -> str:
    """Return the page docs/roles.md. It names functions but no lines, so that it changes with the rules alone."""
    sections = [HEADING]
    for entity, rules in groupby(matrix.operations(), key=lambda rule: rule.name.partition(".")[0]):
        sections.append(_table(entity, list(rules), ("route", "rows", "policy")))
    sections.append(_table("Asked inside answers, policies and services", matrix.rights(), ()))
    sections.append(_table("Pages of the console", matrix.permissions(), ()))
    return "\n".join(sections)


def _table(title: str, rules: list[Rule], more: tuple[str, ...]) -> str:
    columns = ["operation", *COLUMNS, *more]
    rows = [[f"`{rule.name}`", *(mark if mark == YES else "" for mark in marks(rule)), *_more(rule)] for rule in rules]
    lines = [
        [column.replace("*", "\\*") for column in columns],
        ["---"] * len(columns),
        *(row[: len(columns)] for row in rows),
    ]
    return "\n".join([f"## {title}", "", *(f"| {' | '.join(line)} |" for line in lines), ""])


def _more(rule: Rule) -> Iterator[str]:
    yield "<br>".join(f"`{route}`" for route in rule.routes)
    yield "<br>".join(f"`{place.name}`" for place in rule.rows)
    policy = [f"`{rule.policy.name}`"] if rule.policy else []
    yield "<br>".join([*policy, *([f"moves of `{rule.moves.name}`"] if rule.moves else [])])
