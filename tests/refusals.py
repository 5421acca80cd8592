"""Refusals of services, by their code."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from medivoy.core.errors import DomainError


@contextmanager
def refused(code: str) -> Iterator[None]:
    """Expect that the block is refused with `code`."""
    with pytest.raises(DomainError) as caught:
        yield
    assert caught.value.code == code
