"""The Unicode bidirectional algorithm (UAX #9): in which order the characters of a line stand.

Isolates are resolved in full. Embeddings and overrides (U+202A to U+202E) are treated as removed: `text.clean`
turns them into isolates first, because an override can make "1.000" of 000.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from unicodedata import bidirectional, normalize

MAX_DEPTH = 125
REMOVED = frozenset({"BN", "LRE", "RLE", "LRO", "RLO", "PDF"})
INITIATORS = frozenset({"LRI", "RLI", "FSI"})
NEUTRAL = frozenset({"B", "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI"})
STRONG = {"L": "L", "R": "R", "AL": "R", "EN": "R", "AN": "R"}  # as the rules for neutrals see them
TRAILING = frozenset({"WS", "LRI", "RLI", "FSI", "PDI"}) | REMOVED
MAX_BRACKETS = 63
_BRACKETS = (
    "()[]{}༺༻༼༽᚛᚜⁅⁆⁽⁾₍₎⌈⌉⌊⌋〈〉❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟅⟆⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄⦅⦆⦇⦈⦉⦊⦋⦌⦍⦐⦏⦎⦑⦒⦓⦔⦕⦖⦗⦘⧘⧙⧚⧛⧼⧽"
    "⸢⸣⸤⸥⸦⸧⸨⸩⹕⹖⹗⹘⹙⹚⹛⹜〈〉《》「」『』【】〔〕〖〗〘〙〚〛﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠｢｣"
)
OPENING = dict(zip(_BRACKETS[::2], _BRACKETS[1::2], strict=True))
CLOSING = frozenset(OPENING.values())


@dataclass(frozen=True)
class Run:
    """Neighbours of one level: `text[start:end]`; odd levels run from right to left."""

    start: int
    end: int
    level: int

    @property
    def rtl(self) -> bool:
        return self.level % 2 == 1


def resolve_levels(text: str, rtl: bool) -> list[int]:
    """Return the embedding level of each character of one paragraph whose own direction is `rtl`."""
    types = [bidirectional(char) or "L" for char in text]
    if not rtl and not any(kind in ("R", "AL", "AN") or kind in INITIATORS for kind in types):
        return [0] * len(text)
    matches = _match_isolates(types)
    levels = _explicit_levels(types, int(rtl), matches)
    for indices, sos, eos in _isolating_sequences(types, levels, int(rtl), matches):
        _resolve_sequence(text, types, levels, indices, sos, eos)
    for i, kind in enumerate(types):
        if kind in REMOVED:
            levels[i] = levels[i - 1] if i else int(rtl)
    return levels


def visual_runs(text: str, levels: list[int], start: int, end: int, rtl: bool) -> list[Run]:
    """Return the runs of the line `text[start:end]` from left to right (rules L1 and L2)."""
    line = levels[start:end]
    for i in reversed(range(len(line))):
        if bidirectional(text[start + i]) not in TRAILING:
            break
        line[i] = int(rtl)
    runs, at = [], start
    for level, members in groupby(line):
        length = sum(1 for _ in members)
        runs.append(Run(at, at + length, level))
        at += length
    odd = [run.level for run in runs if run.rtl]
    for level in range(max((run.level for run in runs), default=0), min(odd, default=1) - 1, -1):
        runs = _reverse_stretches(runs, level)
    return runs


def _reverse_stretches(runs: list[Run], level: int) -> list[Run]:
    """Turn round each stretch of runs at `level` or above."""
    result: list[Run] = []
    for high, members in groupby(runs, key=lambda run: run.level >= level):
        stretch = list(members)
        result.extend(reversed(stretch) if high else stretch)
    return result


def _match_isolates(types: list[str]) -> dict[int, int]:
    """Map each isolate initiator to the PDI that ends it (BD9); one without an end is absent."""
    open_, matches = [], {}
    for i, kind in enumerate(types):
        if kind in INITIATORS:
            open_.append(i)
        elif kind == "PDI" and open_:
            matches[open_.pop()] = i
    return matches


def _starts_rtl(types: list[str], start: int, end: int, matches: dict[int, int]) -> bool:
    """Whether the first strong character in the stretch, outside inner isolates, is right-to-left (P2, P3)."""
    i = start
    while i < end:
        if types[i] in ("L", "R", "AL"):
            return types[i] != "L"
        i = matches.get(i, end) if types[i] in INITIATORS else i + 1
    return False


def _explicit_levels(types: list[str], base: int, matches: dict[int, int]) -> list[int]:
    """Apply X1 to X8 for isolates."""
    levels, stack, overflow = [], [base], 0
    for i, kind in enumerate(types):
        if kind == "PDI":
            if overflow:
                overflow -= 1
            elif len(stack) > 1:
                stack.pop()
        levels.append(base if kind == "B" else stack[-1])
        if kind in INITIATORS:
            inner_rtl = kind == "RLI" or (
                kind == "FSI" and _starts_rtl(types, i + 1, matches.get(i, len(types)), matches)
            )
            deeper = stack[-1] + 1 + ((stack[-1] + 1) % 2 != int(inner_rtl))
            if deeper <= MAX_DEPTH and not overflow:
                stack.append(deeper)
            else:
                overflow += 1
    return levels


def _isolating_sequences(
    types: list[str], levels: list[int], base: int, matches: dict[int, int]
) -> Iterator[tuple[list[int], str, str]]:
    """Yield the isolating run sequences (BD13) with the directions before and after them (X10)."""
    kept = [i for i, kind in enumerate(types) if kind not in REMOVED]
    runs = [list(members) for _, members in groupby(kept, key=lambda i: levels[i])]
    before = {run[0]: levels[runs[n - 1][-1]] if n else base for n, run in enumerate(runs)}
    after = {run[-1]: levels[runs[n + 1][0]] if n + 1 < len(runs) else base for n, run in enumerate(runs)}
    starting = {run[0]: run for run in runs}
    continued = set(matches.values())
    for run in runs:
        if types[run[0]] == "PDI" and run[0] in continued:
            continue
        sequence = list(run)
        while (pdi := matches.get(sequence[-1])) in starting:
            sequence += starting[pdi]
        own = levels[sequence[0]]
        following = base if types[sequence[-1]] in INITIATORS else after[sequence[-1]]
        yield sequence, _direction(max(own, before[sequence[0]])), _direction(max(own, following))


def _direction(level: int) -> str:
    return "R" if level % 2 else "L"


def _resolve_sequence(text: str, types: list[str], levels: list[int], indices: list[int], sos: str, eos: str) -> None:
    """Write the final levels of one isolating run sequence."""
    embedding = _direction(levels[indices[0]])
    kinds = [types[i] for i in indices]
    _resolve_marks(kinds, sos)
    _resolve_numbers(kinds, sos)
    _resolve_brackets("".join(text[i] for i in indices), [types[i] for i in indices], kinds, sos, embedding)
    _resolve_neutral(kinds, sos, eos, embedding)
    for i, kind in zip(indices, kinds, strict=True):
        if embedding == "L":
            levels[i] += {"L": 0, "R": 1}.get(kind, 2)
        else:
            levels[i] += kind != "R"


def _resolve_marks(kinds: list[str], sos: str) -> None:
    """Apply W1 to W3."""
    previous = sos
    for i, kind in enumerate(kinds):  # W1
        if kind == "NSM":
            kinds[i] = "ON" if previous in INITIATORS or previous == "PDI" else previous
        previous = kinds[i]
    strong = sos
    for i, kind in enumerate(kinds):  # W2
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[i] = "AN"
    kinds[:] = ["R" if kind == "AL" else kind for kind in kinds]  # W3


def _resolve_numbers(kinds: list[str], sos: str) -> None:
    """Apply W4 to W7."""
    for i in range(1, len(kinds) - 1):  # W4
        left, kind, right = kinds[i - 1 : i + 2]
        if left == right and ((kind == "ES" and left == "EN") or (kind == "CS" and left in ("EN", "AN"))):
            kinds[i] = left
    at = 0
    for kind, members in groupby(list(kinds)):  # W5, W6
        end = at + sum(1 for _ in members)
        if kind == "ET":
            beside_number = (at and kinds[at - 1] == "EN") or (end < len(kinds) and kinds[end] == "EN")
            kinds[at:end] = ["EN" if beside_number else "ON"] * (end - at)
        at = end
    kinds[:] = ["ON" if kind in ("ES", "CS") else kind for kind in kinds]
    strong = sos
    for i, kind in enumerate(kinds):  # W7
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[i] = "L"


def _bracket_pairs(text: str, kinds: list[str]) -> list[tuple[int, int]]:
    """Return the pairs of brackets in the sequence (BD16), by their opening."""
    open_: list[tuple[str, int]] = []
    pairs = []
    for i, char in enumerate(normalize("NFC", one) for one in text):
        if kinds[i] != "ON":
            continue
        if char in OPENING:
            if len(open_) == MAX_BRACKETS:
                return []
            open_.append((OPENING[char], i))
        elif char in CLOSING:
            for depth in reversed(range(len(open_))):
                if open_[depth][0] == char:
                    pairs.append((open_[depth][1], i))
                    del open_[depth:]
                    break
    return sorted(pairs)


def _resolve_brackets(text: str, original: list[str], kinds: list[str], sos: str, embedding: str) -> None:
    """Apply N0: a pair of brackets takes one direction, that of what it holds or of what stands before."""
    before, scanned = sos, 0
    for opening, closing in _bracket_pairs(text, kinds):
        before = next((STRONG[kind] for kind in reversed(kinds[scanned:opening]) if kind in STRONG), before)
        scanned = opening
        inside = {STRONG[kind] for kind in kinds[opening + 1 : closing] if kind in STRONG}
        if not inside:
            continue
        direction = embedding if embedding in inside else before
        for at in (opening, closing):
            kinds[at] = direction
            for i in range(at + 1, len(kinds)):
                if original[i] != "NSM":
                    break
                kinds[i] = direction


def _resolve_neutral(kinds: list[str], sos: str, eos: str, embedding: str) -> None:
    """Apply N1 and N2."""
    at = 0
    for neutral, members in groupby(list(kinds), key=lambda kind: kind in NEUTRAL):
        end = at + sum(1 for _ in members)
        if neutral:
            left = STRONG[kinds[at - 1]] if at else sos
            right = STRONG[kinds[end]] if end < len(kinds) else eos
            kinds[at:end] = [left if left == right else embedding] * (end - at)
        at = end
