"""What somebody signs in with, in words that they know it by, from what the client calls itself."""

import re

from django.utils.translation import gettext as _

# In the order in which they are looked for: most browsers also call themselves by the names of others.
PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex Browser"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
# The name that an app of its own gives itself, before its version; "Mozilla" is the name of every browser.
PRODUCT = re.compile(r"(?!Mozilla\b)[A-Za-z][A-Za-z0-9._-]{0,39}(?=$|[/ (])")


def device_label(user_agent: str) -> str:
    """Return what the client is, such as "Firefox on Android", in the language of whoever asks."""
    program = _find(user_agent, PROGRAMS) or _product(user_agent)
    system = _find(user_agent, SYSTEMS)
    if program and system:
        return _("%(program)s on %(system)s") % {"program": program, "system": system}
    return program or system or _("Unknown device")


def _find(text: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark in text), "")


def _product(user_agent: str) -> str:
    found = PRODUCT.match(user_agent)
    return found.group() if found else ""
