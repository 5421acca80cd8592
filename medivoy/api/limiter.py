"""How often somebody may ask: atomic counts by account and by network, never by a header that a client can invent.

Rates are named in settings.RATE_LIMITS ("100/15m"). Somebody signed in is counted by account, so that a clinic behind
one address is not starved; anybody else by network: what they read of the public catalogue in a wide rate of its own,
and what has a rate of its own by network, such as registration, in that one alone.
"""

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from apps.accounts import roles
from medivoy.api.limit_stores import stores
from medivoy.core.errors import NotSignedIn

RATE = re.compile(r"(\d+)/(\d*)([smhd])")
# Some proxies name the port too.
WITH_PORT = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):\d{1,5}")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
ANONYMOUS, SIGNED_IN, CATALOGUE = "anonymous", "signed_in", "catalogue"
REFRESH = "refresh"
GENERAL = (ANONYMOUS, SIGNED_IN, CATALOGUE)
READING = ("GET", "HEAD")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Rate:
    """So many in so many seconds, from the first one on."""

    limit: int
    seconds: int


@dataclass(frozen=True)
class Allowance:
    """What is left of a rate after a request was counted."""

    limit: int
    remaining: int
    reset_seconds: int

    @property
    def exceeded(self) -> bool:
        return self.remaining < 0


@cache
def read_rate(text: str) -> Rate:
    """Read "100/15m": a hundred in fifteen minutes. Raises ValueError."""
    match = RATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no rate; write it like 100/15m")
    limit, amount, unit = match.groups()
    return Rate(int(limit), int(amount or 1) * SECONDS[unit])


def rate_of(name: str) -> Rate:
    """Return the rate of the limit `name`; the general ones are as many times wider as RATE_LIMIT_WIDTH says."""
    rate = read_rate(settings.RATE_LIMITS[name])
    return Rate(rate.limit * settings.RATE_LIMIT_WIDTH, rate.seconds) if name in GENERAL else rate


def store_key(name: str, caller: str) -> str:
    """Return the key in the store: hashed, so that no address and no e-mail lies there."""
    return f"{settings.LIMIT_PREFIX}{name}:{hashlib.sha256(caller.encode()).hexdigest()[:32]}"


def address_of(request: HttpRequest | Request) -> Address | None:
    """Return the client's address, seen past the proxies that are ours; None where there is none to be read."""
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXIES
    text = hops[-trusted] if trusted and len(hops) >= trusted else request.META.get("REMOTE_ADDR", "")
    with_port = WITH_PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address((with_port[1] or with_port[2]) if with_port else text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def network_of(request: HttpRequest | Request) -> str:
    """Return the client's network as one text: an IPv4 address, an IPv6 one as its /64."""
    address = address_of(request)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address or "unknown")


def count(name: str, caller: str) -> Allowance:
    """Count one more of `name` for `caller` and return what is left."""
    rate = rate_of(name)
    used, left = stores.call("count", store_key(name, caller), rate.seconds * 1000)
    return Allowance(rate.limit, rate.limit - used, max(1, -(-left // 1000)))


def spend(name: str, caller: str) -> Allowance:
    """Count one more of `name` for `caller`. Raises Throttled (429 with Retry-After) where none is left."""
    allowance = count(name, caller)
    if allowance.exceeded:
        raise Throttled(wait=allowance.reset_seconds)
    return allowance


def spend_before_answer(request: Request, view: Any) -> None:
    """Find out who asks and count the request: the general limit, and those that the action names.

    A wrong token counts against the network that sent it. Raises AuthenticationFailed or NotSignedIn, and Throttled.
    """
    network = network_of(request)
    own, refusal = view.limits.get(view.action, ()), None
    try:
        user = request.user
        name, caller = (SIGNED_IN, str(user.pk)) if user.is_authenticated else (_of_strangers(request, view), network)
    except (AuthenticationFailed, NotSignedIn) as error:
        refusal, name, caller = error, _of_refused(error), network
    is_counted_by_own = own and caller == network and refusal is None
    if view.generally_limited and not is_counted_by_own:
        _allow(request, name, caller)
    if refusal is not None:
        raise refusal
    for name in own:
        _allow(request, name, caller)


def _allow(request: Request, name: str, caller: str) -> None:
    """Count one more and note what is left, for the answer's headers. Raises Throttled."""
    allowance = count(name, caller)
    known = getattr(request, "allowance", None)
    if known is None or allowance.exceeded:
        request.allowance = allowance
    if allowance.exceeded:
        raise Throttled(wait=allowance.reset_seconds)


def _of_strangers(request: Request, view: Any) -> str:
    """Return the general rate in which somebody unknown is counted."""
    reads = request.method in READING and view.operation is not None and roles.is_public(view.operation)
    return CATALOGUE if view.catalogue and reads else ANONYMOUS


def _of_refused(error: AuthenticationFailed | NotSignedIn) -> str:
    """Return the rate in which a refused token is counted: one of ours that ran out is about to be renewed, as that of
    every colleague in the same house; any other is a guess."""
    code = error.get_codes() if isinstance(error, AuthenticationFailed) else error.code
    return REFRESH if code == "token_expired" else ANONYMOUS


def write_headers(request: Request, response: Any) -> None:
    """Tell the client what is left of the limit that it was counted in."""
    allowance = getattr(request, "allowance", None)
    if allowance is not None:
        response["RateLimit-Limit"] = str(allowance.limit)
        response["RateLimit-Remaining"] = str(max(0, allowance.remaining))
        response["RateLimit-Reset"] = str(allowance.reset_seconds)
