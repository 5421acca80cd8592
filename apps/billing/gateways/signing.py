"""Signatures of webhooks: HMAC-SHA256 over time and raw body, with an age limit, compared in constant time (T31)."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from apps.billing.gateways.base import BadSignature
from medivoy.core import clock

HEADER = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def _digest(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def sign(body: bytes, secret: str, at: datetime) -> str:
    """Return the header's text: `t=<seconds>,v1=<hex>`."""
    stamp = str(int(at.timestamp()))
    return f"t={stamp},v1={_digest(secret, stamp, body)}"


def verify(body: bytes, header: str, secret: str, max_age: timedelta) -> None:
    """Refuse a body that was not signed with `secret`, or too long ago, or in the future. Raises BadSignature."""
    match = HEADER.fullmatch(header)
    if match is None or not secret:
        raise BadSignature
    stamp, given = match.groups()
    if not hmac.compare_digest(_digest(secret, stamp, body), given):
        raise BadSignature
    if abs(clock.now() - datetime.fromtimestamp(int(stamp), UTC)) > max_age:
        raise BadSignature
