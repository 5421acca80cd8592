"""State machines as data: a table of moves that can be printed, drawn, tested and asked."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from medivoy.core.errors import IllegalMove

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Move:
    """One move: from where, to where, who may (role values, or `system`), and what it needs, for people to read."""

    sources: tuple[str, ...]
    target: str
    roles: frozenset[str]
    needs: Any = ""

    def by_hand(self) -> bool:
        """Whether any person may make it; otherwise services alone do, as facts change."""
        return bool(self.roles - {SYSTEM})


class Machine:
    """A table of moves over the states of one field. It knows the shape of a journey, never a row."""

    def __init__(self, name: str, states: Iterable[str], moves: Iterable[Move]) -> None:
        self.name = name
        self.states = tuple(str(state) for state in states)
        self.moves = tuple(moves)
        for move in self.moves:
            unknown = {*move.sources, move.target} - set(self.states)
            if unknown:
                raise ValueError(f"{name}: no such state: {sorted(unknown)}")

    def between(self, source: str, target: str) -> tuple[Move, ...]:
        """Return the moves that lead from `source` to `target`."""
        return tuple(move for move in self.moves if source in move.sources and move.target == target)

    def targets(self, source: str, role: str | None = None) -> list[str]:
        """Return where one can go from `source`, in the order of the states; with `role`, where that role may."""
        found = {move.target for move in self.moves if source in move.sources and (role is None or role in move.roles)}
        return [state for state in self.states if state in found]

    def leads_to(self, target: str, role: str) -> bool:
        """Whether `role` makes a move to `target` from any state at all."""
        return any(move.target == target and role in move.roles for move in self.moves)

    def check(self, source: str, target: str) -> None:
        """Refuse a move that the table does not have. Raises IllegalMove."""
        if not self.between(source, target):
            raise IllegalMove(current=source, allowed=self.targets(source))

    def as_dict(self) -> dict[str, Any]:
        """Return the table as plain data."""
        return {
            "name": self.name,
            "states": list(self.states),
            "moves": [
                {"from": list(m.sources), "to": m.target, "roles": sorted(m.roles), "needs": str(m.needs)}
                for m in self.moves
            ],
        }

    def as_mermaid(self) -> str:
        """Return the table as a Mermaid state diagram."""
        return "\n".join(["stateDiagram-v2", *self._arrows()])

    def _arrows(self) -> Iterator[str]:
        for move in self.moves:
            for source in move.sources:
                yield f"    {source} --> {move.target}: {', '.join(sorted(move.roles))}"


def letters(table: dict[str, str]) -> Callable[[str], frozenset[str]]:
    """Return a reader of role letters: `letters({"P": "patient"})("P system")` gives the set of role values."""

    def read(text: str) -> frozenset[str]:
        return frozenset(table.get(word, word) for word in text.split())

    return read
