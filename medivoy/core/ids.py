"""Identifiers: UUIDv7, so that keys sort by time and indexes grow at one end."""

import uuid

import uuid_utils.compat


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7."""
    return uuid_utils.compat.uuid7()
