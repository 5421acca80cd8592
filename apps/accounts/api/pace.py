"""Answers that take the same time whatever was found."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

# Longer than the work that it hides, a broker that does not answer included.
STEADY_SECONDS = 0.5


@contextmanager
def steady_pace(seconds: float = STEADY_SECONDS) -> Iterator[None]:
    """Let the block take `seconds`, though it be done sooner, so that its time tells nothing (T10).

    The limiter stands before it: nobody can hold many threads here.
    """
    started = time.monotonic()
    try:
        yield
    finally:
        time.sleep(max(0.0, started + seconds - time.monotonic()))
