"""`manage.py graph_states`: every state machine of the platform, printed from the tables that decide."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from apps.billing.states import INVOICE, PAYMENT, REFUND
from apps.bookings.states import BOOKING, QUOTATION
from medivoy.core.states import Machine

MACHINES = {machine.name: machine for machine in (BOOKING, QUOTATION, PAYMENT, REFUND, INVOICE)}

HEADING = """# States

Made by `manage.py graph_states --format markdown > docs/states.md` from the tables that decide: change them, not this
page. `system` is a service that follows the facts; whose row it must be, and what else a move needs, is in
`apps/*/guards.py` and `policies.py`.
"""


def as_json(machines: list[Machine]) -> str:
    """Return the machines as data."""
    return json.dumps([machine.as_dict() for machine in machines], indent=2, ensure_ascii=False) + "\n"


def as_mermaid(machines: list[Machine]) -> str:
    """Return the machines as Mermaid diagrams, one after the other."""
    return "\n".join(f"%% {machine.name}\n{machine.as_mermaid()}\n" for machine in machines)


def as_markdown(machines: list[Machine]) -> str:
    """Return a page with a diagram and a table for each machine."""
    return "\n".join([HEADING, *(_section(machine) for machine in machines)])


def _section(machine: Machine) -> str:
    rows = [
        f"| {', '.join(move.sources)} | {move.target} | {', '.join(sorted(move.roles))} | {move.needs} |"
        for move in machine.moves
    ]
    table = "\n".join(["| from | to | who | only if |", "|---|---|---|---|", *rows])
    return f"## {machine.name}\n\n```mermaid\n{machine.as_mermaid()}\n```\n\n{table}\n"


FORMATS: dict[str, Callable[[list[Machine]], str]] = {
    "json": as_json,
    "mermaid": as_mermaid,
    "markdown": as_markdown,
}


class Command(BaseCommand):
    help = "Print the state machines as JSON, Mermaid or Markdown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("machine", nargs="*", help="Which; all of them by default.")
        parser.add_argument("--format", choices=FORMATS, default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = sorted(set(options["machine"]) - set(MACHINES))
        if unknown:
            raise CommandError(f"no such machine: {', '.join(unknown)}; there are {', '.join(MACHINES)}")
        machines = [MACHINES[name] for name in options["machine"] or MACHINES]
        with translation.override("en"):
            self.stdout.write(FORMATS[options["format"]](machines), ending="")
