"""Contenders: the same thing at the same moment, from threads with connections of their own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

from tests import figures


def contend(act: Callable[[int], Any], contenders: int = figures.CONTENDERS) -> list[Any]:
    """Run `act(number)` in as many threads, let go at once; return what each returned, or the exception it raised."""
    start = threading.Barrier(contenders, timeout=30)
    results: list[Any] = [None] * contenders

    def run(number: int) -> None:
        try:
            start.wait()
            results[number] = act(number)
        except Exception as error:  # noqa: BLE001 - a loser's exception is what the test looks at
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(contenders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a contender hangs"
    return results
