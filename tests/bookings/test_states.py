"""The table of moves, against domain.md, and against whoever would go round it."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apps.bookings.states import BOOKING, QUOTATION
from apps.bookings.states import BookingStatus as S
from medivoy.core.errors import IllegalMove
from tests.bookings.table import MOVES, who

PAGE = Path(settings.BASE_DIR) / "docs" / "states.md"


@pytest.mark.parametrize("source", S.values)
@pytest.mark.parametrize("target", S.values)
def test_the_machine_has_the_moves_of_the_brief_and_no_other(source, target):
    roles = {role for move in BOOKING.between(source, target) for role in move.roles}
    assert roles == who(source, target)


def test_a_move_that_the_table_does_not_have_is_refused_with_those_that_it_has():
    with pytest.raises(IllegalMove) as refusal:
        BOOKING.check(S.REQUESTED, S.ACCEPTED)
    assert refusal.value.details == {
        "current": "requested",
        "allowed": ["under_review", "on_hold", "cancelled"],
    }


def test_a_version_that_is_answered_never_comes_back():
    for state in ("accepted", "declined", "expired", "superseded", "withdrawn"):
        assert QUOTATION.targets(state) == []
    assert QUOTATION.targets("draft") == ["sent"]


def test_the_page_of_states_is_current():
    printed = StringIO()
    call_command("graph_states", format="markdown", stdout=printed)
    assert PAGE.read_text(encoding="utf-8") == printed.getvalue(), "run manage.py graph_states --format markdown"


def test_the_states_are_printed_as_data():
    printed = StringIO()
    call_command("graph_states", "booking", stdout=printed)
    (machine,) = json.loads(printed.getvalue())
    arrows = {(source, move["to"]) for move in machine["moves"] for source in move["from"]}
    assert arrows == set(MOVES)


def test_one_machine_is_drawn():
    printed = StringIO()
    call_command("graph_states", "quotation", format="mermaid", stdout=printed)
    assert "draft --> sent" in printed.getvalue()


def test_an_unknown_machine_is_refused():
    with pytest.raises(CommandError):
        call_command("graph_states", "appointment")


# Who writes a state, and of what: the services of each machine and nobody else.
WRITERS = {
    "apps/bookings/services/transition.py",
    "apps/bookings/services/quotation_answers.py",
    "apps/bookings/services/sending.py",
    "apps/bookings/services/acceptance.py",
    "apps/billing/sandbox.py",
    "apps/billing/services/captures.py",
    "apps/billing/services/invoices.py",
    "apps/billing/services/refund_reports.py",
    "apps/billing/services/refund_work.py",
    "apps/billing/services/refunds.py",
}
WRITES = re.compile(r"(?<![\w.])(?!self)\w+\.status(, \w+\.\w+)* = |\.update\([^)]*\bstatus=|setattr\([^)]*\"status\"")


def test_nothing_else_writes_a_state():
    """Searched for in the sources (T42): a new writer is put on the list on purpose or not at all."""
    found = {
        str(path.relative_to(settings.BASE_DIR))
        for path in Path(settings.BASE_DIR, "apps").rglob("*.py")
        if "migrations" not in path.parts and WRITES.search(path.read_text(encoding="utf-8"))
    }
    assert found <= WRITERS, sorted(found - WRITERS)
    assert "apps/bookings/services/quotation_answers.py" in found
