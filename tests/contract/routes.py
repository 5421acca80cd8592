"""Every operation of the API, found in the URLconf: nothing is listed by hand, so nothing is forgotten."""

import re
from dataclasses import dataclass
from typing import Any

from medivoy.api.checks import api_routes, operations_of, readable


@dataclass(frozen=True)
class Operation:
    """One line of the table of roles, at the address where it is done."""

    name: str
    method: str
    path: str
    view: Any
    action: str

    @property
    def variables(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def is_list(self) -> bool:
        return self.action == "list" or self.action in self.view.list_actions

    @property
    def writes(self) -> bool:
        return self.method not in ("GET", "HEAD")

    def __str__(self) -> str:
        return self.name


def operations() -> list[Operation]:
    """Return all operations, in the order of the URLconf."""
    return [
        Operation(name, method.upper(), readable(route), pattern.callback.cls, pattern.callback.actions[method])
        for route, pattern in api_routes()
        for method, name in operations_of(pattern).items()
    ]
