"""What a server does not start with: one list, read at the end of the settings.

Each refusal looks at the settings by name and yields sentences for whoever starts the server: what is wrong, and what
to set. Throw-away platforms (`make run`, the tests) and DEBUG are spared what protects real people's data, and nothing
else.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

Settings = Mapping[str, Any]

LOOPBACK = {"localhost", "127.0.0.1", "::1", "[::1]"}
SAMPLES = ("change-me", "changeme", "secret", "insecure", "sample", "debug-only", "example")
# Of this repository, where everybody can read them.
PUBLISHED = ("test-run",)
# A secret that was typed by leaning on a key.
FEWEST_CHARACTERS = 8
SAMPLE_PASSWORDS = {"password", "postgres", "medivoy", "redis", "mongo", "admin", "root", "test", "123456"}


def host_of(address: str) -> str:
    return (urlsplit(address).hostname or "").lower()


def is_known_outside(settings: Settings) -> bool:
    """Whether the server goes by a name that others than this machine can call."""
    names = {*settings["ALLOWED_HOSTS"], host_of(settings["PUBLIC_URL"])}
    return not names <= LOOPBACK


def is_production(settings: Settings) -> bool:
    """Whether real people's data may lie here; in doubt, yes."""
    if settings["DEBUG"] or settings["EMBEDDED"]:
        return False
    return not settings["LOCAL"] or is_known_outside(settings)


def looks_made_up(value: str, settings: Settings) -> bool:
    samples = SAMPLES + PUBLISHED if is_production(settings) else SAMPLES
    return any(sample in value.lower() for sample in samples) or len(set(value)) < FEWEST_CHARACTERS


def missing_or_sample_secrets(settings: Settings) -> Iterator[str]:
    for name, (value, length) in settings["SECRETS"].items():
        if len(value) < length or looks_made_up(value, settings):
            yield f"{name} must be set to a secret of {length} characters or more (see .env.example)"


def broken_field_keys(settings: Settings) -> Iterator[str]:
    try:
        keys = [base64.urlsafe_b64decode(key) for key in settings["FIELD_KEYS"]]
    except ValueError:
        keys = []
    sane = [len(key) == 32 and not looks_made_up(key.decode("latin-1"), settings) for key in keys]
    if not sane or not all(sane):
        yield "FIELD_KEYS must be Fernet keys, 32 random bytes each in URL-safe base64 (see .env.example)"


def repeated_secrets(settings: Settings) -> Iterator[str]:
    seen: dict[str, str] = {}
    values = [(name, value) for name, (value, _length) in settings["SECRETS"].items() if value]
    for name, value in [*values, *(("FIELD_KEYS", key) for key in settings["FIELD_KEYS"])]:
        if value in seen:
            yield f"{name} and {seen[value]} are the same: whoever learns one has both. Make another"
        seen.setdefault(value, name)


def debug_seen_from_outside(settings: Settings) -> Iterator[str]:
    if settings["DEBUG"] and is_known_outside(settings):
        yield "DEBUG shows errors with their source: it may be on for localhost only, in ALLOWED_HOSTS and PUBLIC_URL"


def plain_http(settings: Settings) -> Iterator[str]:
    address = urlsplit(settings["PUBLIC_URL"])
    if address.scheme != "https" or not address.hostname or address.username or address.query:
        yield "PUBLIC_URL must be the https:// address that patients type; it begins every link in mails"
    if not settings["SESSION_COOKIE_SECURE"]:
        yield "SECURE_COOKIES=false sends the console's sessions over plain HTTP"


def open_hosts(settings: Settings) -> Iterator[str]:
    hosts = settings["ALLOWED_HOSTS"]
    if not hosts or any("*" in host or host.startswith(".") for host in hosts):
        yield "ALLOWED_HOSTS must name each host by itself; links, cookies and redirects would follow any other"


def open_origins(settings: Settings) -> Iterator[str]:
    for name in ("CORS_ALLOWED_ORIGINS", "CSRF_TRUSTED_ORIGINS"):
        for origin in settings[name]:
            if "*" in origin or not origin.startswith("https://") or urlsplit(origin).path:
                yield f"{name} must list origins such as https://care.example.org; {origin!r} is none, or too many"
    if settings.get("CORS_ALLOW_ALL_ORIGINS") or settings.get("CORS_ALLOWED_ORIGIN_REGEXES"):
        yield "CORS is by a list of origins: CORS_ALLOWED_ORIGINS"


def play_money(settings: Settings) -> Iterator[str]:
    if settings["SANDBOX_GATEWAY"]:
        yield "SANDBOX_GATEWAY lets anybody pay without money: it may be on for `make run` and DEBUG only"


def sample_passwords(settings: Settings) -> Iterator[str]:
    found = {
        "DATABASE_URL": settings["DATABASES"]["default"].get("PASSWORD") or "",
        "REDIS_URL": urlsplit(settings["REDIS_URL"]).password or "",
        "MONGODB_URL": urlsplit(settings["MONGODB_URL"]).password or "",
    }
    for name, password in found.items():
        if password.lower() in SAMPLE_PASSWORDS:
            yield f"{name} has a password that everybody would try first"


Refusal = Callable[[Settings], Iterator[str]]

# Asked of every server; DEBUG makes its secrets up.
WITHOUT_DEBUG: tuple[Refusal, ...] = (missing_or_sample_secrets, broken_field_keys, repeated_secrets)
WITH_DEBUG: tuple[Refusal, ...] = (debug_seen_from_outside,)
IN_PRODUCTION: tuple[Refusal, ...] = (plain_http, open_hosts, open_origins, play_money, sample_passwords)


def complaints(settings: Settings) -> list[str]:
    """Return every sentence that speaks against starting with these settings."""
    refusals = WITH_DEBUG if settings["DEBUG"] else WITHOUT_DEBUG
    if is_production(settings):
        refusals += IN_PRODUCTION
    return [sentence for refusal in refusals for sentence in refusal(settings)]


def refuse_unsafe(settings: Settings) -> None:
    """Raise ImproperlyConfigured where the server must not start, with all that is to be set right."""
    found = complaints(settings)
    if found:
        raise ImproperlyConfigured(". ".join(found))
