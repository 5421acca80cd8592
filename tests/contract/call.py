"""One call of an operation, good in every respect but perhaps its caller."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.client import ApiClient
from tests.contract.routes import Operation
from tests.contract.world import ANYBODY, World

JSON, MULTIPART = "application/json", "multipart/form-data"


@dataclass(frozen=True)
class Call:
    """What stands in the path (`pk` first), in the query, in the body and in the headers."""

    path: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    query: str = ""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)

    def address(self, operation: Operation, **others: Any) -> str:
        values = {name: self.path[name] for name in operation.variables} | others
        return operation.path.format(**values) + (f"?{self.query}" if self.query else "")

    def asking(self, query: str) -> "Call":
        return replace(self, query=query)

    def saying(self, body: Any, content_type: str = JSON) -> "Call":
        return replace(self, body=body, content_type=content_type)

    def with_headers(self, headers: dict[str, str]) -> "Call":
        return replace(self, headers=self.headers | headers)


def of(pk: Any = None, body: Any = None, **others: Any) -> Call:
    """Return the call on `pk` with `body`; other variables of the path by `path=`."""
    path = dict(others.pop("path", {}))
    if pk is not None:
        path["pk"] = getattr(pk, "pk", pk)
    return Call(path, body, **others)


Maker = Callable[[World, str], Call]
CALLS: dict[str, Maker] = {}


def calls(operation: str) -> Callable[[Maker], Maker]:
    """Say how an operation is called: a function of the world and of the caller's name."""

    def declare(maker: Maker) -> Maker:
        assert operation not in CALLS, f"{operation} is said twice"
        CALLS[operation] = maker
        return maker

    return declare


def simple(operation: str, maker: Callable[[World], Call]) -> None:
    """Say how an operation is called, whoever calls it."""
    calls(operation)(lambda world, caller: maker(world))


def call_of(operation: Operation, world: World, caller: str) -> Call:
    """Return how `caller` calls the operation. Without path, body and doubt there is only one way."""
    if operation.name in CALLS:
        return CALLS[operation.name](world, caller)
    needs_words = operation.variables or operation.action in operation.view.serializers
    assert not needs_words, f"say in tests/contract/calls how {operation.name} is called: it has a path or a body"
    return Call()


CLIENT = ApiClient(raise_request_exception=False)


def send(operation: Operation, call: Call, world: World, caller: str, **others: Any) -> Any:
    """Make the call in the name of `caller`, with a real token; `others` replace variables of the path."""
    headers = {"Authorization": f"Bearer {world.tokens[caller]}"} if caller != ANYBODY else {}
    headers |= call.headers
    address = call.address(operation, **others)
    if call.body is None:
        return CLIENT.generic(operation.method, address, headers=headers)
    kind = {JSON: {}, MULTIPART: {"format": "multipart"}}.get(call.content_type, {"content_type": call.content_type})
    return getattr(CLIENT, operation.method.lower())(address, call.body, headers=headers, **kind)
