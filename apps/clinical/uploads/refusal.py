"""How a file is refused."""

from typing import Any

from medivoy.core.errors import InvalidInput


def refuse(reason: Any) -> InvalidInput:
    """Return the refusal of an uploaded file, in words for the person who sent it."""
    return InvalidInput({"file": [reason]})
