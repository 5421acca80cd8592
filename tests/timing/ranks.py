"""Whether two sets of times are of one kind: by their order alone, so that a few slow ones weigh nothing."""

import math
from collections import Counter
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Comparison:
    """`effect` is Cliff's delta, from -1 (every first time is the shorter) over 0 to 1; `p` is of the Mann-Whitney
    test, two-sided; `seconds` is the difference of the medians."""

    effect: float
    p: float
    seconds: float

    @property
    def tells(self) -> bool:
        """Whether somebody who may ask some hundred times learns which is which."""
        return abs(self.effect) > 0.33 and self.p < 0.001

    def __str__(self) -> str:
        verdict = "TELLS" if self.tells else "equal"
        return f"{verdict}  effect {self.effect:+.2f}  p {self.p:.3g}  medians differ by {self.seconds * 1000:+.1f} ms"


def compare(first: list[float], second: list[float]) -> Comparison:
    """Compare two samples of a dozen or more each; fewer would want the exact distribution."""
    m, n = len(first), len(second)
    ranks = ranks_of([*first, *second])
    wins = sum(ranks[:m]) - m * (m + 1) / 2
    ties = sum(count**3 - count for count in Counter([*first, *second]).values())
    size = m + n
    spread = math.sqrt(m * n / 12 * (size + 1 - ties / (size * (size - 1))))
    p = math.erfc(abs(wins - m * n / 2) / spread / math.sqrt(2)) if spread else 1.0
    return Comparison(effect=2 * wins / (m * n) - 1, p=p, seconds=median(first) - median(second))


def ranks_of(values: list[float]) -> list[float]:
    """Return the place of each value, from 1; equal ones share theirs."""
    places: dict[float, list[int]] = {}
    for place, value in enumerate(sorted(values), 1):
        places.setdefault(value, []).append(place)
    return [sum(places[value]) / len(places[value]) for value in values]
