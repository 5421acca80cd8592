"""Every table is in the audit trail or has a reason not to be, and every write is in somebody's name (T61)."""

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import AuditEntry, User
from apps.clinical.models import Patient
from medivoy.core.audit import Audited
from medivoy.core.context import request_scope, writing
from tests.factories.accounts import UserFactory
from tests.factories.clinical import PatientFactory
from tests.trail import unsigned_writes

# Tables of which no change is told, and why.
UNTOLD = {
    "accounts.AuditEntry": "the trail itself: sealed, and verified by its chain",
    "accounts.RefreshToken": "a sign-in's beginning, end and misuse are told by a call; a renewal is no event",
    "api.IdempotencyKey": "the doors' own book of a day; what it made is told of by itself",
    "api.LimitCounter": "counts under hashed keys",
    "billing.SandboxCheckout": "what a payment provider keeps on its side",
    "billing.SandboxDelivery": "what a payment provider keeps on its side",
    "billing.SandboxRefund": "what a payment provider keeps on its side",
    "core.Counter": "the last numbers given out; the rows that bear them are told",
    "core.TaskRun": "when tasks ran; what they changed is told in the system's name",
    "notifications.Notification": "what people are told of something that is told itself",
}
# Of libraries, where no trigger of ours lies. Changes of the schedule in the console are told by a call.
OF_LIBRARIES = {"admin", "auth", "contenttypes", "sessions", "django_celery_beat"}


def is_told(model):
    return any(isinstance(trigger, Audited) for trigger in getattr(model._meta, "triggers", ()))


def test_t61_every_table_is_told_or_says_why_not():
    """T61: a new model is refused here until it has the trigger, or a reason why it needs none."""
    ours = [model for model in apps.get_models() if model._meta.app_label not in OF_LIBRARIES]
    untold = {model._meta.label for model in ours if not model._meta.proxy and not is_told(model)}

    assert untold - set(UNTOLD) == set(), "these are neither audited nor have a reason"
    assert set(UNTOLD) - untold == set(), "these are audited by now, or are gone"


def test_the_database_has_the_triggers_that_the_models_declare(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger_audited_%'")
        there = {name for (name,) in cursor.fetchall()}

    assert there == {model._meta.db_table for model in apps.get_models() if is_told(model)}


@pytest.mark.django_db(transaction=True)
def test_t61_a_write_by_no_door_is_told_as_unknown():
    with writing(None):
        user = UserFactory()
    admin = UserFactory(admin=True)
    User.objects.filter(pk=user.pk).update(first_name="Nobody")
    with writing(admin):
        User.objects.filter(pk=user.pk).update(first_name="Admin")
    with request_scope("request-of-nobody"), writing(None):
        User.objects.filter(pk=user.pk).update(first_name="Anonymous")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users SET first_name = 'psql' WHERE id = %s", [user.pk])

    told = AuditEntry.objects.filter(entity_type="user", entity_id=str(user.pk)).order_by("pk")
    assert list(told.values_list("action", "actor")) == [
        ("create", "system"),
        ("update", "unknown"),
        ("update", str(admin.pk)),
        ("update", "anonymous"),
        ("update", "unknown"),
    ]


@pytest.mark.django_db
def test_what_finds_a_write_in_nobodys_name_finds_it():
    """The negative control of every test that uses it."""
    patient = PatientFactory()
    with CaptureQueriesContext(connection) as seen:
        with writing(patient.user), transaction.atomic():
            Patient.objects.filter(pk=patient.pk).update(city="Muscat")
        with transaction.atomic():
            Patient.objects.filter(pk=patient.pk).update(city="Sohar")
        patient.save()

    found = unsigned_writes(seen)
    assert len(found) == 2
    assert "Sohar" in found[0]
