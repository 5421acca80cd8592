"""An audit trail of a test's own, and what somebody does to it who rules the database."""

from contextlib import contextmanager

import pytest
from django.db import connection

from apps.accounts.models import AuditEntry
from apps.accounts.services.audit_chain import BEGINNING, LINKED, link
from apps.accounts.services.audit_copies import AUDIT_LOGS
from apps.accounts.services.audit_heads import AUDIT_HEADS
from medivoy.core import mongo


@pytest.fixture
def trail(settings, tmp_path):
    """Nothing in the table, in MongoDB and in the file. A test without real transactions gets back what was there."""
    settings.AUDIT_HEADS_FILE = tmp_path / "audit" / "heads"
    with as_ruler():
        AuditEntry.objects.all().delete()
    empty_mongodb()
    yield settings.AUDIT_HEADS_FILE
    mongo.server.begin_anew()


def empty_mongodb():
    mongo.server.begin_anew()
    for name in (AUDIT_LOGS, AUDIT_HEADS):
        with mongo.collection(name, within=5) as documents:
            documents.drop()


@contextmanager
def as_ruler():
    """Who administers the database can make its triggers stand still."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield cursor
        finally:
            cursor.execute("SET session_replication_role = origin")


def add(count=1):
    """So many entries, with something in both parts of their values; the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO audit_entries
                   (actor, action, entity_type, entity_id, fields, request_id, changes, ip, user_agent)
               SELECT 'system', 'update', 'hospital', number::text, '{city}', '', '{"city": ["Pune", "Goa"]}',
                      '192.0.2.7', 'Phone'
               FROM generate_series(1, %s) number
               RETURNING id""",
            [count],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    return list(AuditEntry.objects.filter(pk__in=ids).order_by("pk"))


def at(sequence):
    return AuditEntry.objects.get(sequence=sequence)


def chain_anew():
    """What a thorough forger does: compute every hash again."""
    previous = BEGINNING
    with as_ruler() as cursor:
        for pk, sequence, *values in AuditEntry.objects.sealed().values_list("pk", "sequence", *LINKED):
            previous = link(previous, sequence, values)
            cursor.execute("UPDATE audit_entries SET hash = %s WHERE id = %s", [previous, pk])
