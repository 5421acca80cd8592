"""How billing's workers work off rows: one after the other, each claimed by itself, none holding up the rest."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model

logger = logging.getLogger(__name__)

# A gateway that hangs keeps a worker no longer than this; the next tick goes on.
BUDGET_SECONDS = 60

Row = TypeVar("Row", bound=Model)


def work_off(claim: Callable[[], Row | None], act: Callable[[Row], object]) -> int:
    """Claim row after row and act on each, until there is none or a minute is over; return how many were taken.

    A row whose act breaks off is logged and stays claimed until its lease ends.
    """
    taken, until = 0, time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < until:
        row = claim()
        if row is None:
            break
        taken += 1
        try:
            act(row)
        except Exception:
            logger.exception("%s %s broke off", type(row).__name__, row.pk)
    return taken
