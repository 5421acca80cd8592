"""Guesses at a secret (sign-in, codes) slow down; nobody is ever locked out by a stranger.

Three counts see each attempt: this account from this network, this account from anywhere, this network at any
account. A network from which the account has signed in before is exempt from the second, so a stranger who hammers
an account slows only himself; and resetting the password by mail is always open.
"""

from dataclasses import dataclass

from rest_framework.exceptions import Throttled

from medivoy.api.limit_stores import stores
from medivoy.api.limiter import spend, store_key

KNOWN_MILLISECONDS = 90 * 24 * 3600 * 1000


@dataclass(frozen=True)
class Slope:
    """So many attempts are free; then the wait doubles from `first` to `longest`. All in seconds."""

    free: int
    first: float
    longest: float
    window: float

    def wait(self, key: str) -> int:
        """Count an attempt and return 0, or return the milliseconds to wait."""
        times = (int(1000 * seconds) for seconds in (self.first, self.longest, self.window))
        return stores.call("attempt", key, self.free, *times)


FROM_HERE = Slope(free=5, first=2, longest=900, window=3600)
FROM_ANYWHERE = Slope(free=20, first=1, longest=60, window=3600)
# Where the secret is six digits, of which three are good at any time: about a hundred guesses a day, not 1,500.
FROM_ANYWHERE_AT = {"second_factor": Slope(free=20, first=1, longest=900, window=24 * 3600)}


def _keys(kind: str, account: str, network: str) -> tuple[str, str, str]:
    pair = f"{account} {network}"
    return store_key(f"{kind}-here", pair), store_key(f"{kind}-account", account), store_key(f"{kind}-known", pair)


def begin(kind: str, account: str, network: str) -> None:
    """Count an attempt before it is judged, so that fifty at once are fifty. Raises Throttled (429).

    `kind` names the guarded thing and its limit by network in settings.RATE_LIMITS ("sign_in"), `account` is what the
    caller typed, known or not, in its one normal form: both look the same from outside.
    """
    here, anywhere, known = _keys(kind, account, network)
    spend(kind, network)
    wait = FROM_HERE.wait(here)
    if not wait and not stores.call("remembers", known):
        wait = FROM_ANYWHERE_AT.get(kind, FROM_ANYWHERE).wait(anywhere)
    if wait:
        raise Throttled(wait=-(-wait // 1000))


def succeeded(kind: str, account: str, network: str) -> None:
    """Forget what was counted from here, and know this network from now on."""
    here, _anywhere, known = _keys(kind, account, network)
    stores.call("forget", [here])
    stores.call("remember", known, KNOWN_MILLISECONDS)
