"""Sessions of the console, of whose keys the database keeps digests alone: a copy of it signs nobody in.

Django's own store writes the key that stands in the cookie. Settings name this module as SESSION_ENGINE.
"""

import hashlib
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.utils import timezone


def digest(key: str) -> str:
    """Return what is kept of a session's key, which is random enough for a plain hash; as long as Django's column."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class SessionStore(DatabaseStore):
    """Django's store, which asks for and writes rows by the digest of their key."""

    def load(self) -> dict[str, Any]:
        found = Session.objects.filter(session_key=digest(self.session_key or ""), expire_date__gt=timezone.now())
        row = found.first()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row.session_data)

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = digest(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(digest(key))
