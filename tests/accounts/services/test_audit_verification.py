"""Whatever is done to the trail behind the platform's back is found, and at which entry it begins (T61)."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import AuditEntry
from apps.accounts.services import audit_verification
from apps.accounts.services.audit_chain import link, seal_entries
from apps.accounts.services.audit_copies import AUDIT_LOGS, copy_entries
from apps.accounts.services.audit_copy_verification import verify_copies
from apps.accounts.services.audit_erasure import erase_values
from apps.accounts.services.audit_heads import HeadDocuments, HeadFile, HeadLost, export_head
from apps.accounts.services.audit_verification import verify_trail
from medivoy.core import mongo
from medivoy.core.context import writing
from tests.accounts.trail import add, as_ruler, at, chain_anew, empty_mongodb, trail
from tests.factories.accounts import UserFactory

__all__ = ["trail"]

pytestmark = pytest.mark.django_db

NOWHERE = "mongodb://127.0.0.1:1/?directConnection=true"
COUNT = 12


@pytest.fixture(autouse=True)
def sealed(trail, monkeypatch):
    """Twelve entries, sealed, and heads exported after six and after all. Read in small chunks."""
    monkeypatch.setattr(audit_verification, "CHUNK", 5)
    for _time in range(2):
        add(COUNT // 2)
        seal_entries()
        export_head()
    return trail


def fault():
    found = verify_trail().fault
    return found and (found.sequence, found.id, found.what)


def ids():
    return dict(AuditEntry.objects.sealed().values_list("sequence", "pk"))


def test_a_trail_that_nobody_touched_is_whole():
    add(3)
    finding = verify_trail()
    assert (finding.entries, finding.unsealed, finding.fault, finding.notes) == (COUNT, 3, None, [])
    assert finding.heads == {"file": 2, "MongoDB": 2}
    assert finding.oldest_unsealed == AuditEntry.objects.unsealed().first().happened_at


def test_an_empty_one_is_whole_too(sealed):
    sealed.unlink()
    empty_mongodb()
    with as_ruler() as cursor:
        cursor.execute("DELETE FROM audit_entries")
    assert fault() is None


class TestT61TheFiveWays:
    """T61: edited, deleted, inserted, swapped, cut."""

    @pytest.mark.parametrize(
        "assignment",
        [
            "actor = 'system2'",
            "action = 'delete'",
            "happened_at = happened_at + interval '1 microsecond'",
            "entity_type = 'booking'",
            "entity_id = 'other'",
            "subject_id = gen_random_uuid()",
            "fields = '{city,name}'",
            "request_id = 'other'",
            "digest = repeat('0', 64)",
            "origin_digest = repeat('0', 64)",
            "id = id + 1000000",
        ],
    )
    def test_edited(self, assignment):
        with as_ruler() as cursor:
            cursor.execute(f"UPDATE audit_entries SET {assignment} WHERE sequence = 7")
        assert fault() == (7, at(7).pk, fault()[2])
        assert "its hash does not follow" in fault()[2]

    @pytest.mark.parametrize(
        ("assignment", "part"),
        [
            ("""changes = '{"city": ["Pune", "Delhi"]}'""", "changes"),
            ("changes = NULL", "changes"),
            ("salt = 'other'", "changes"),
            ("changes = '{}', salt = ''", "changes"),
            ("ip = '192.0.2.8'", "origin"),
            ("user_agent = ''", "origin"),
            ("origin_salt = ''", "origin"),
        ],
    )
    def test_an_edited_value(self, assignment, part):
        with as_ruler() as cursor:
            cursor.execute(f"UPDATE audit_entries SET {assignment} WHERE sequence = 7")
        assert fault() == (7, at(7).pk, f"its values ({part}) were changed")

    @pytest.mark.parametrize("number", [1, 7])
    def test_deleted(self, number):
        with as_ruler() as cursor:
            cursor.execute("DELETE FROM audit_entries WHERE sequence = %s", [number])
        assert fault() == (number, None, f"entry {number} is missing")

    def test_deleted_and_closed_up(self):
        with as_ruler() as cursor:
            cursor.execute("DELETE FROM audit_entries WHERE sequence = 7")
            for number in range(8, COUNT + 1):
                cursor.execute("UPDATE audit_entries SET sequence = %s WHERE sequence = %s", [number - 1, number])
        assert fault()[:2] == (7, ids()[7])

    @pytest.mark.parametrize("has_hash", [True, False])
    def test_inserted(self, has_hash):
        """Also by somebody who knows how the hash is made: what comes after does not follow from theirs."""
        forged = add()[0]
        with as_ruler() as cursor:
            for number in range(COUNT, 6, -1):
                cursor.execute("UPDATE audit_entries SET sequence = %s WHERE sequence = %s", [number + 1, number])
            values = [getattr(forged, name) for name in audit_verification.LINKED]
            digest = link(at(6).hash, 7, values) if has_hash else at(6).hash
            cursor.execute("UPDATE audit_entries SET sequence = 7, hash = %s WHERE id = %s", [digest, forged.pk])
        if has_hash:
            assert fault()[:2] == (8, ids()[8])
        else:
            assert fault()[:2] == (7, forged.pk)

    @pytest.mark.parametrize("number", [0, -1])
    def test_inserted_before_the_beginning(self, number):
        forged = add()[0]
        with as_ruler() as cursor:
            cursor.execute("UPDATE audit_entries SET sequence = %s, hash = 'x' WHERE id = %s", [number, forged.pk])
        assert fault() == (number, forged.pk, "its number follows none")

    def test_swapped(self):
        one, other = at(7).pk, at(9).pk
        with as_ruler() as cursor:
            cursor.execute("UPDATE audit_entries SET sequence = -1 WHERE id = %s", [one])
            cursor.execute("UPDATE audit_entries SET sequence = 7 WHERE id = %s", [other])
            cursor.execute("UPDATE audit_entries SET sequence = 9 WHERE id = %s", [one])
        assert fault()[:2] == (7, other)

    def test_swapped_contents(self):
        """The numbers and hashes stay where they are, and two entries change places under them."""
        one, other = at(7).pk, at(9).pk
        with as_ruler() as cursor:
            for pk, target in ((one, -1), (other, one), (-1, other)):
                cursor.execute("UPDATE audit_entries SET id = %s WHERE id = %s", [target, pk])
        assert fault()[:2] == (7, other)

    @pytest.mark.parametrize("place", ["file", "MongoDB"])
    def test_cut(self, place, sealed):
        """Either of the two places is enough to find it."""
        if place == "file":
            empty_mongodb()
        else:
            sealed.unlink()
        with as_ruler() as cursor:
            cursor.execute("DELETE FROM audit_entries WHERE sequence > 7")
        assert fault() == (8, None, f"the trail ends at 7, and head 12 was exported to {place}")

    def test_all_of_it_cut(self):
        with as_ruler() as cursor:
            cursor.execute("DELETE FROM audit_entries")
        assert fault()[:2] == (1, None)

    def test_cut_and_grown_again(self):
        with as_ruler() as cursor:
            cursor.execute("DELETE FROM audit_entries WHERE sequence > 7")
        add(COUNT)
        seal_entries()
        assert fault()[0] == 12
        assert "the chain was computed anew, after entry 6" in fault()[2]


class TestT61Further:
    def test_a_chain_that_was_computed_anew(self):
        with as_ruler() as cursor:
            cursor.execute("UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 3")
        chain_anew()
        assert fault()[:2] == (6, at(6).pk)
        assert "it is not what was exported to file" in fault()[2]

    def test_after_the_last_head_only_the_hashes_of_the_table_hold(self):
        """What docs/audit.md says that it cannot do: a chain is as old as its last exported head."""
        add(1)
        seal_entries()
        with as_ruler() as cursor:
            cursor.execute("UPDATE audit_entries SET actor = 'nobody' WHERE sequence = %s", [COUNT + 1])
        chain_anew()
        assert fault() is None

    def test_no_head_left_anywhere(self, sealed):
        sealed.unlink()
        empty_mongodb()
        assert fault()[0] == COUNT
        assert "no exported head is left" in fault()[2]

    def test_a_head_that_was_forged(self, sealed):
        lines = sealed.read_text().splitlines()
        sealed.write_text("\n".join([lines[0].replace(at(6).hash, "0" * 64), lines[1]]) + "\n")
        assert fault()[:2] == (6, at(6).pk)

    def test_a_line_that_was_torn_is_passed_over(self, sealed):
        sealed.write_text(sealed.read_text() + "13 abc")
        assert fault() is None
        add(1)
        seal_entries()
        export_head()
        assert fault() is None
        assert verify_trail().heads == {"file": 3, "MongoDB": 3}

    def test_values_blanked_without_an_erasure(self):
        AuditEntry.objects.filter(sequence=5).update(changes=None, salt="", erased_at="2026-01-01T00:00:00Z")
        assert fault() == (5, at(5).pk, "its values (changes) were blanked, and no erasure tells of it")

    def test_an_erasure_of_the_other_part_is_none(self):
        person = UserFactory()
        with writing(person):
            erased = add()[0]
        AuditEntry.objects.filter(pk=erased.pk).update(
            ip=None, user_agent="", origin_salt="", erased_at="2026-01-01T00:00:00Z"
        )
        AuditEntry.objects.create(action="erase", entity_type="audit_entry", fields=[f"changes:{erased.pk}"])
        assert verify_trail().fault.id == erased.pk

    def test_an_erasure_leaves_the_trail_whole(self):
        with writing(None):
            person = UserFactory()
        seal_entries()
        assert erase_values(None, user_id=person.pk, entities=[("hospital", "3")]) == 3
        export_head()
        assert fault() is None
        seal_entries()
        assert fault() is None
        assert at(3).changes is None

    def test_an_erasure_that_was_cut_off_is_a_cut_and_no_blanking(self):
        with writing(None):
            person = UserFactory()
        seal_entries()
        made = AuditEntry.objects.count()
        erase_values(None, user_id=person.pk, entities=[("hospital", "3")])
        seal_entries()
        export_head()
        with as_ruler() as cursor:
            cursor.execute("DELETE FROM audit_entries WHERE sequence > %s", [made])
        assert fault()[:2] == (made + 1, None)
        assert f"the trail ends at {made}" in fault()[2]

    @pytest.mark.parametrize("assignment", ["erased_at = now()", "salt = '', changes = NULL"])
    def test_what_says_that_values_were_erased_agrees_with_them(self, assignment):
        with as_ruler() as cursor:
            cursor.execute(f"UPDATE audit_entries SET {assignment} WHERE sequence = 4")
        assert fault() == (4, at(4).pk, "it does not say rightly whether its values were erased")

    def test_values_that_were_changed_before_the_seal(self):
        entry = add()[0]
        with as_ruler() as cursor:
            cursor.execute("UPDATE audit_entries SET ip = '192.0.2.8' WHERE id = %s", [entry.pk])
        assert fault() == (None, entry.pk, "its values (origin) were changed (not sealed yet)")

    def test_another_function_in_the_database_hides_nothing(self):
        with as_ruler() as cursor:
            cursor.execute(
                """CREATE OR REPLACE FUNCTION audit_digest(salt text, part text) RETURNS text LANGUAGE sql AS
                   $$ SELECT digest FROM audit_entries WHERE audit_entries.salt = audit_digest.salt $$"""
            )
            cursor.execute("UPDATE audit_entries SET changes = '{}' WHERE sequence = 7")
        assert fault() == (7, at(7).pk, "its values (changes) were changed")

    def test_mongodb_that_goes_away_in_the_middle_is_said(self, monkeypatch):
        def break_off(until):
            yield from HeadFile().read(until=6)
            raise mongo.Away

        monkeypatch.setattr(HeadDocuments, "read", lambda _self, until: break_off(until))
        finding = verify_trail()
        assert (finding.fault, finding.heads) == (None, {"file": 2, "MongoDB": 1})
        assert finding.notes == ["MongoDB went away: not all of its heads are compared"]

    def test_mongodb_away_is_said_and_the_file_is_enough(self, settings):
        settings.MONGODB_URL = NOWHERE
        mongo.server.begin_anew()
        finding = verify_trail()
        assert (finding.fault, finding.heads) == (None, {"file": 2})
        assert finding.notes == ["MongoDB is away: its heads are not compared"]


class TestCopies:
    @pytest.fixture(autouse=True)
    def copied(self, sealed):
        assert copy_entries() == COUNT

    def copies_fault(self):
        finding = verify_trail()
        verify_copies(finding)
        return finding.fault and (finding.fault.sequence, finding.fault.what)

    def logs(self):
        return mongo.collection(AUDIT_LOGS, within=5)

    def test_equal_ones(self):
        finding = verify_trail()
        verify_copies(finding)
        assert (finding.fault, finding.copies, finding.notes) == (None, COUNT, [])

    def test_one_that_differs(self):
        with self.logs() as logs:
            logs.update_one({"_id": 4}, {"$set": {"actor": "nobody"}})
        assert self.copies_fault() == (4, "its copy in MongoDB differs: actor")

    def test_one_with_more_in_it(self):
        with self.logs() as logs:
            logs.update_one({"_id": 4}, {"$set": {"remark": "hello"}})
        assert self.copies_fault() == (4, "its copy in MongoDB differs: it has more")

    def test_one_that_is_missing(self):
        with self.logs() as logs:
            logs.delete_many({"_id": {"$in": [4]}})
        assert self.copies_fault() == (4, "its copy in MongoDB is missing")

    def test_they_name_the_entry_that_was_edited_where_the_chain_was_computed_anew(self):
        with as_ruler() as cursor:
            cursor.execute("UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 3")
        chain_anew()
        assert self.copies_fault() == (3, "its copy in MongoDB differs: actor, hash")

    def test_one_of_an_entry_that_is_not_there(self):
        with as_ruler() as cursor:
            cursor.execute("DELETE FROM audit_entries WHERE sequence > 9")
        assert self.copies_fault()[0] == 10

    @pytest.mark.parametrize("sequence", [3.5, 0.5])
    def test_t61_one_between_the_others_that_no_entry_made(self, sequence):
        """T61: it would be shown to whoever reads the trail there."""
        with self.logs() as logs:
            logs.insert_one({"_id": "forged", "sequence": sequence, "action": "delete"})
        assert self.copies_fault() == (1, "MongoDB has a copy that no entry made: forged")

    def test_t61_nor_one_beside_them(self):
        """T61: with no number at all."""
        with self.logs() as logs:
            logs.insert_one({"_id": "forged", "action": "delete"})
        assert self.copies_fault() == (None, "MongoDB has documents without a number of the trail: 1")

    def test_what_is_not_copied_yet_is_no_fault(self):
        add(2)
        seal_entries()
        finding = verify_trail()
        verify_copies(finding)
        assert (finding.fault, finding.copies) == (None, COUNT)
        assert finding.notes == ["2 entries are not copied to MongoDB yet"]

    def test_what_waits_to_be_blanked_is_no_fault(self):
        erase_values(None, user_id=UserFactory().pk, entities=[("hospital", "3")])
        assert self.copies_fault() is None
        seal_entries()
        copy_entries()
        assert self.copies_fault() is None
        AuditEntry.objects.filter(sequence=5).update(changes=None, salt="", erased_at="2026-01-01T00:00:00Z")
        assert self.copies_fault()[0] == 5


class TestTheCommand:
    def run(self, *options):
        out = StringIO()
        try:
            call_command("verify_audit", *options, stdout=out)
        except SystemExit as end:
            return end.code, out.getvalue()
        return 0, out.getvalue()

    def test_a_whole_trail(self):
        add(1)
        code, words = self.run()
        assert code == 0
        assert words.splitlines()[0] == f"whole, {COUNT} entries, 1 unsealed, heads agree"

    def test_with_copies(self):
        copy_entries()
        code, words = self.run("--copies")
        assert (code, words.splitlines()[0]) == (
            0,
            f"whole, {COUNT} entries, 0 unsealed, heads agree, {COUNT} copies agree",
        )

    def test_a_fault_ends_with_one(self):
        with as_ruler() as cursor:
            cursor.execute("DELETE FROM audit_entries WHERE sequence = 7")
        code, words = self.run()
        assert (code, words.splitlines()[0]) == (
            1,
            "NOT whole. First bad entry: number 7, id -: entry 7 is missing",
        )

    def test_as_json(self):
        code, words = self.run("--json")
        found = json.loads(words)
        assert (code, found["is_whole"], found["entries"], found["fault"]) == (0, True, COUNT, None)
        with as_ruler() as cursor:
            cursor.execute("UPDATE audit_entries SET actor = 'x' WHERE sequence = 7")
        code, words = self.run("--json")
        found = json.loads(words)
        assert (code, found["is_whole"], found["fault"]["sequence"], found["fault"]["id"]) == (1, False, 7, at(7).pk)

    def test_mongodb_away(self, settings):
        settings.MONGODB_URL = NOWHERE
        mongo.server.begin_anew()
        assert self.run()[0] == 0
        with pytest.raises(CommandError, match="MongoDB is away"):
            self.run("--copies")


def test_it_says_when_the_exported_heads_are_lost():
    """The minute's export looks by itself whether the last head is still there."""
    with as_ruler() as cursor:
        cursor.execute("DELETE FROM audit_entries WHERE sequence > 7")
    with pytest.raises(HeadLost, match=r"12 \(file\), 12 \(MongoDB\)"):
        export_head()
