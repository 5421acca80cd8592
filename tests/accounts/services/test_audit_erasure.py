"""What is taken out of the audit trail with a person, and what stays (T61, T68)."""

import pytest
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import AuditEntry, EmailChange
from apps.accounts.models.audit import OWNERS
from apps.accounts.services.audit import record
from apps.accounts.services.audit_erasure import erase_values, ids_named, rows_made_for
from medivoy.core.context import request_scope, writing
from tests.accounts.trail import as_ruler
from tests.factories.accounts import EmailChangeFactory, UserFactory
from tests.factories.clinical import EmergencyAccessFactory, MedicalRecordFactory, PatientFactory

pytestmark = pytest.mark.django_db

HOME, OFFICE = "203.0.113.9", "198.51.100.4"


def at_home():
    return request_scope("at-home", ip=HOME, user_agent="Phone")


def at_work():
    return request_scope("at-work", ip=OFFICE, user_agent="Desk")


def entries_of(row, entity):
    return AuditEntry.objects.of_object(entity, row.pk).order_by("pk")


def values(entry):
    return entry.changes, entry.ip, entry.user_agent


def told(*entries):
    """What an erasure says that it blanked."""
    return {name for entry in entries for name in entry.fields}


@pytest.fixture
def person():
    """A patient who signed up at home, and whom a coordinator helped."""
    with at_home(), writing(None):
        return UserFactory(first_name="Aisha")


@pytest.fixture
def coordinator():
    return UserFactory(coordinator=True)


def test_t68_values_go_and_what_happened_stays(person, coordinator):
    with at_work(), writing(coordinator):
        person.first_name = "Aysha"
        person.save()
    before = list(entries_of(person, "user").values("pk", "actor", "action", "fields", "digest", "happened_at"))

    assert erase_values(coordinator, user_id=person.pk, entities=[]) == 2

    made, changed = entries_of(person, "user")
    assert values(made) == (None, None, "")
    assert values(changed) == (None, OFFICE, "Desk"), "from where the coordinator worked is theirs"
    assert list(entries_of(person, "user").values(*before[0])) == before
    assert "Aisha" not in str(AuditEntry.objects.filter(subject_id=person.pk).values())


def test_what_they_did_to_others_stays_but_not_from_where(person, coordinator):
    with at_work(), writing(coordinator):
        person.last_name = "Other"
        person.save()

    erase_values(None, user_id=coordinator.pk, entities=[])

    changed = entries_of(person, "user").last()
    assert values(changed) == ({"last_name": ["Person", "Other"]}, None, "")


def test_the_last_changes_of_the_erasure_itself_go_too(person):
    with at_home(), writing(person):
        person.first_name = ""
        person.save()
        erase_values(person, user_id=person.pk, entities=[])
    assert [values(entry) for entry in entries_of(person, "user")] == [(None, None, "")] * 2
    (told_of,) = AuditEntry.objects.filter(action="erase", subject_id=person.pk)
    assert (told_of.actor, told_of.request_id, told_of.ip, told_of.user_agent) == (str(person.pk), "at-home", None, "")


def test_rows_that_are_gone_already_are_found(person):
    with at_home(), writing(person):
        link = EmailChangeFactory(user=person, email="aisha@home.test")
        EmailChange.objects.filter(pk=link.pk).delete()
    assert "aisha@home.test" in str(entries_of(link, "email_change").values())

    erase_values(None, user_id=person.pk, entities=[])

    assert "aisha@home.test" not in str(entries_of(link, "email_change").values())


class TestRowsOlderThanTheTrail:
    """Of their making there is no entry, and so none that says whose they are."""

    @pytest.fixture
    def link(self, person):
        with as_ruler():
            return EmailChangeFactory(user=person, email="aisha@home.test")

    def test_t68_what_tells_of_their_removal_is_blanked(self, person, link):
        EmailChange.objects.filter(pk=link.pk).delete()
        assert entries_of(link, "email_change").get().changes["email"] == ["aisha@home.test", None]

        erase_values(None, user_id=person.pk, entities=[])

        assert entries_of(link, "email_change").get().changes is None

    def test_and_what_tells_of_a_change_before_that(self, person, link):
        EmailChange.objects.filter(pk=link.pk).update(email="aysha@home.test")
        EmailChange.objects.filter(pk=link.pk).delete()

        erase_values(None, user_id=person.pk, entities=[])

        assert [entry.changes for entry in entries_of(link, "email_change")] == [None, None]

    def test_those_that_are_there_still_are_found_by_the_row(self, person, link):
        EmailChange.objects.filter(pk=link.pk).update(email="aysha@home.test")

        erase_values(None, user_id=person.pk, entities=[])

        assert entries_of(link, "email_change").get().changes is None

    def test_so_are_those_of_a_patient(self):
        with as_ruler():
            record, _of_another = MedicalRecordFactory(), MedicalRecordFactory()
        found = rows_made_for("patient_id", record.patient_id, kinds=["medical_record", "consent"])
        assert found == [("medical_record", str(record.pk))]

    def test_those_of_others_keep_theirs(self, person, link):
        with as_ruler():
            other = EmailChangeFactory(email="other@home.test")
        EmailChange.objects.filter(pk=other.pk).delete()

        erase_values(None, user_id=person.pk, entities=[])

        assert entries_of(other, "email_change").get().changes["email"] == ["other@home.test", None]


@pytest.mark.parametrize("column", OWNERS)
def test_whose_a_row_was_is_found_without_walking_the_trail(person, column):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = AuditEntry.objects.made_for(column, person.pk).explain()
    assert f"audit_entries_with_{column}" in plan
    assert f"audit_entries_less_{column}" in plan


def test_t71_who_opened_records_in_an_emergency_does_not_take_that_along(coordinator):
    access = EmergencyAccessFactory(user=coordinator)

    erase_values(None, user_id=coordinator.pk, entities=[])

    assert entries_of(access, "emergency_access").get().changes["user_id"] == [None, str(coordinator.pk)]


def test_the_same_memory_however_many(person, monkeypatch):
    """They are locked, blanked and named a few at a time."""
    monkeypatch.setattr("apps.accounts.services.audit_erasure.CHUNK", 3)
    with at_home(), writing(person):
        for number in range(10):
            person.first_name = f"Name{number}"
            person.save()
    with CaptureQueriesContext(connection) as queries:
        assert erase_values(None, user_id=person.pk, entities=[]) == 11
    blankings = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "audit_entries"')]
    assert len(blankings) == 4, "both parts of three entries in one statement"


def test_the_rows_that_the_caller_names_are_theirs(person):
    patient = PatientFactory(user=person, city="Cairo")
    other = PatientFactory(city="Cairo")
    assert ("patient", str(patient.pk)) in rows_made_for("user_id", person.pk, kinds=["patient"])

    erase_values(None, user_id=person.pk, entities=[("patient", patient.pk)])

    assert entries_of(patient, "patient").get().changes is None
    assert entries_of(other, "patient").get().changes["city"] == [None, "Cairo"]


def test_one_entry_names_what_was_blanked_and_of_which_part(person, coordinator):
    made = entries_of(person, "user").get()
    with at_home(), transaction.atomic():
        record("read", actor=person, entity="hospital", entity_id="1")
    read = AuditEntry.objects.get(actor=str(person.pk), action="read")

    erase_values(coordinator, user_id=person.pk, entities=[])

    (entry,) = AuditEntry.objects.filter(action="erase", subject_id=person.pk)
    assert (entry.actor, entry.entity_type) == (str(coordinator.pk), "audit_entry")
    assert told(entry) == {f"changes:{made.pk}", f"origin:{made.pk}", f"origin:{read.pk}"}
    assert ids_named(entry.fields) == {made.pk, read.pk}


def test_many_are_named_by_several(person, monkeypatch):
    monkeypatch.setattr("apps.accounts.services.audit_erasure.CHUNK", 2)
    for number in range(4):
        with at_work(), writing(UserFactory(coordinator=True)):
            person.first_name = f"Name{number}"
            person.save()
    assert erase_values(None, user_id=person.pk, entities=[]) == 5
    entries = AuditEntry.objects.filter(action="erase", subject_id=person.pk)
    assert [len(ids_named(entry.fields)) for entry in entries.order_by("pk")] == [2, 2, 1]
    assert len(told(*entries)) == 6


def test_once_more_does_nothing(person):
    erase_values(None, user_id=person.pk, entities=[])
    assert erase_values(None, user_id=person.pk, entities=[]) == 0
    assert AuditEntry.objects.filter(action="erase", subject_id=person.pk).count() == 1


def test_an_erasure_that_is_rolled_back_blanks_nothing(person):
    with transaction.atomic():
        erase_values(None, user_id=person.pk, entities=[])
        transaction.set_rollback(True)
    assert entries_of(person, "user").get().changes is not None
    assert not AuditEntry.objects.filter(action="erase", subject_id=person.pk).exists()


@pytest.mark.parametrize(
    "assignment",
    [
        "actor = 'system'",
        "happened_at = now()",
        "changes = '{}'",
        "changes = NULL",
        "ip = '192.0.2.1'",
        "user_agent = ''",
        "salt = ''",
        "erased_at = now()",
        "sequence = 5, hash = ''",
        "digest = 'x'",
        "ip = NULL, user_agent = '', origin_salt = ''",
        "changes = NULL, salt = '', ip = NULL, erased_at = now()",
    ],
)
def test_t61_nothing_else_is_changed_of_an_entry(person, assignment):
    """T61: one part, all of it, with the time: or nothing."""
    entry = entries_of(person, "user").get()
    with pytest.raises(Error, match="audit entry"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE audit_entries SET {assignment} WHERE id = %s", [entry.pk])
    assert values(entries_of(person, "user").get()) == values(entry)
