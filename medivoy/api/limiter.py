"""How often somebody may ask: atomic counts by account and by network, never by a header that a client can invent.

Rates are named in settings.RATE_LIMITS ("100/15m"). Somebody signed in is counted by account, so that a clinic behind
one address is not starved; anybody else by network.
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

from medivoy.api.limit_stores import stores
from medivoy.core.errors import NotSignedIn

RATE = re.compile(r"(\d+)/(\d*)([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
ANONYMOUS, SIGNED_IN = "anonymous", "signed_in"
GENERAL = (ANONYMOUS, SIGNED_IN)

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
    try:
        address = ipaddress.ip_address(text)
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
    refusal = None
    try:
        user = request.user
        caller = (SIGNED_IN, str(user.pk)) if user.is_authenticated else (ANONYMOUS, network)
    except (AuthenticationFailed, NotSignedIn) as error:
        refusal, caller = error, (ANONYMOUS, network)
    if view.generally_limited:
        request.allowance = count(*caller)
        if request.allowance.exceeded:
            raise Throttled(wait=request.allowance.reset_seconds)
    if refusal is not None:
        raise refusal
    for name in view.limits.get(view.action, ()):
        spend(name, caller[1])


def write_headers(request: Request, response: Any) -> None:
    """Tell the client what is left of its general limit."""
    allowance = getattr(request, "allowance", None)
    if allowance is not None:
        response["RateLimit-Limit"] = str(allowance.limit)
        response["RateLimit-Remaining"] = str(max(0, allowance.remaining))
        response["RateLimit-Reset"] = str(allowance.reset_seconds)
