"""Refuses to start with an endpoint that the table of roles does not know."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts import roles
from medivoy.api.viewsets import BaseViewSet

VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


def readable(route: str) -> str:
    """Return a route of the URLconf as people write it: `/api/v1/bookings/{pk}`."""
    plain = VARIABLE.sub(lambda match: "{" + (match[1] or match[2]) + "}", route)
    return "/" + re.sub(r"\\Z|[\^$\\]", "", plain)


def api_routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Walk the URLconf: the path as it is written there, and the pattern, for each viewset under /api/."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from api_routes(entry, path)
        elif issubclass(getattr(entry.callback, "cls", object), BaseViewSet):
            yield path, entry


def operations_of(pattern: URLPattern) -> dict[str, str]:
    """Return the operations behind a route, by HTTP method in lower case."""
    view: Any = pattern.callback
    return {method: view.cls.operation_of(action) for method, action in view.actions.items() if method != "head"}


@register()
def every_operation_is_in_the_table(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Each action of each viewset has a line in apps/accounts/roles.py."""
    missing = {
        (operation, path)
        for path, pattern in api_routes()
        for operation in operations_of(pattern).values()
        if operation not in roles.OPERATIONS
    }
    return [
        Error(f"{operation} (at {path}) has no line in apps/accounts/roles.py", id="api.E001")
        for operation, path in sorted(missing)
    ]
