"""`GET /audit-logs`: what it finds, from which store, and that it shows each entry once."""

import time
import uuid
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection

from apps.accounts.models import AuditEntry, User
from apps.accounts.roles import Role
from apps.accounts.services import audit_reading
from apps.accounts.services.audit import record
from apps.accounts.services.audit_chain import seal_entries
from apps.accounts.services.audit_copies import AUDIT_LOGS, copy_entries
from apps.accounts.services.audit_erasure import erase_values
from medivoy.api.fields import InstantField
from medivoy.api.pagination import make_cursor
from medivoy.core import mongo
from medivoy.core.context import request_scope, writing
from tests.accounts.trail import add, trail
from tests.counting import queries
from tests.factories.accounts import PASSWORD, UserFactory

__all__ = ["trail"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trail")]

NOWHERE = "mongodb://127.0.0.1:1/?directConnection=true"
PATH = "/audit-logs"


@pytest.fixture
def watcher():
    return UserFactory(admin=True, first_name="Wanda", last_name="Watch")


@pytest.fixture
def client(api, watcher):
    return api.as_(watcher)


def ship():
    """What the clock does each minute."""
    seal_entries()
    copy_entries()


@pytest.fixture
def away(settings):
    settings.MONGODB_URL = NOWHERE
    mongo.server.begin_anew()
    yield
    mongo.server.begin_anew()


def read(client, query="", source=None):
    answer = client.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert source in (None, body["meta"]["source"])
    return body["data"]


def entities(rows):
    return [row["entity_id"] for row in rows]


def rename(actor):
    """A name and a password changed by `actor`, in a request from somewhere."""
    user = UserFactory(first_name="Before")
    with request_scope("request-7", ip="192.0.2.7", user_agent="A browser"), writing(actor):
        User.objects.filter(pk=user.pk).update(first_name="After", password=PASSWORD)
    return user


class TestARow:
    @pytest.mark.parametrize("source", ["mongodb", "postgresql"])
    def test_says_who_did_what_to_what_when_and_from_where(self, client, watcher, source, request):
        user = rename(watcher)
        ship()
        if source == "postgresql":
            request.getfixturevalue("away")
        entry = AuditEntry.objects.of_object("user", user.pk).latest("pk")
        moment = entry.happened_at.replace(microsecond=entry.happened_at.microsecond // 1000 * 1000)

        (row, *_created) = read(client, f"entity=user:{user.pk}", source)

        assert row == {
            "sequence": entry.sequence,
            "happened_at": InstantField().to_representation(moment),
            "actor": str(watcher.pk),
            "user": {"id": str(watcher.pk), "name": "Wanda Watch", "user_type": "admin"},
            "action": "update",
            "entity_type": "user",
            "entity_id": str(user.pk),
            "subject_id": None,
            "fields": ["first_name", "password_hash"],
            "changes": {"first_name": ["Before", "After"], "password_hash": ["***", "***"]},
            "ip": "192.0.2.7",
            "user_agent": "A browser",
            "request_id": "request-7",
        }

    def test_what_is_not_sealed_has_no_number_yet(self, client, away):
        add()
        (row,) = read(client, "entity=hospital")
        assert row["sequence"] is None
        assert (row["actor"], row["user"]) == ("system", None)

    def test_t61_the_look_is_an_entry_itself_one_a_request(self, client, watcher):
        somebody = UserFactory()
        add(3)
        read(client, f"user={somebody.pk}&entity=booking:{somebody.pk}&limit=2&nonsense=1")
        (look,) = AuditEntry.objects.filter(actor=watcher.pk)
        assert (look.action, look.entity_type, look.entity_id) == ("read", "audit_log", f"booking:{somebody.pk}")
        assert (look.subject_id, look.fields) == (somebody.pk, ["entity", "user"])

    def test_a_refused_look_shows_nothing(self, api):
        for role in sorted(set(Role.values) - {Role.ADMIN}):
            answer = api.as_(UserFactory(user_type=role)).get(PATH)
            assert (answer.status_code, "data" in answer.json()) == (403, False)


@pytest.mark.parametrize("source", ["mongodb", "postgresql"])
class TestFilters:
    @pytest.fixture(autouse=True)
    def rows(self, trail, source, request):
        """Four entries; `source` has them."""
        self.one, self.other = UserFactory(), UserFactory()
        record("read", actor=self.one, entity="booking", entity_id="1")
        record("sign_in", actor=self.one, entity="user", entity_id="2")
        record("read", actor=None, entity="booking", entity_id="3")
        record("read", actor=self.other, entity="patient", entity_id="1")
        ship()
        if source == "postgresql":
            request.getfixturevalue("away")
        self.source = source

    def found(self, client, query):
        return entities(read(client, query, self.source))

    def test_by_user(self, client):
        assert self.found(client, f"user={self.one.pk}") == ["2", "1"]
        assert self.found(client, f"user={self.other.pk}") == ["1"]
        assert "3" in self.found(client, "user=system")
        assert str(self.one.pk) in self.found(client, "user=unknown"), "it was made by none of our doors"
        assert self.found(client, f"user={uuid.uuid4()}") == []

    def test_by_kind_and_by_row(self, client):
        assert self.found(client, "entity=booking") == ["3", "1"]
        assert self.found(client, "entity=booking:1") == ["1"]
        assert self.found(client, "entity=patient:3") == []

    def test_by_action(self, client):
        assert self.found(client, "action=read") == ["1", "3", "1"]
        assert self.found(client, "action=sign_in") == ["2"]

    def test_by_time_the_end_excluded(self, client):
        first, second = AuditEntry.objects.filter(actor=self.one.pk).order_by("pk")
        moments = [quote(f"{entry.happened_at:%Y-%m-%dT%H:%M:%S.%f}Z") for entry in (first, second)]
        assert self.found(client, f"user={self.one.pk}&from={moments[0]}") == ["2", "1"]
        assert "1" not in self.found(client, f"user={self.one.pk}&to={moments[0]}")
        later = quote((second.happened_at + timedelta(seconds=1)).isoformat())
        assert self.found(client, f"user={self.one.pk}&to={later}") == ["2", "1"]
        assert self.found(client, f"user={self.one.pk}&from={later}") == []

    def test_all_together(self, client):
        assert self.found(client, f"user={self.one.pk}&entity=booking:1&action=read") == ["1"]
        assert self.found(client, f"user={self.one.pk}&entity=booking:1&action=update") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("user=x", "user"),
        ('user={"$ne":""}', "user"),
        ("user=00000000-0000-0000-0000-00000000000", "user"),
        ("entity=nonsense", "entity"),
        ("entity=booking:", "entity"),
        ("entity=booking:$ne", "entity"),
        ("entity=booking:a:b", "entity"),
        ('entity={"$gt":""}', "entity"),
        ("action=nonsense", "action"),
        ("action=$where", "action"),
        ("from=2027-01-01T00:00:00", "from"),
        ("to=2027-01-01", "to"),
        ("from=yesterday", "from"),
        ("to=99999-01-01T00:00:00Z", "to"),
        ("limit=0", "limit"),
        ("count=all", "count"),
        ("cursor=x", "cursor"),
    ],
)
def test_t56_what_is_no_plain_value_is_400(client, query, field):
    """T56: no operator, no kind that there is not, no time without a zone."""
    answer = client.get(f"{PATH}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("name", ["user[$ne]", "entity[$gt]", "action[$regex]", "$where"])
def test_t56_an_operator_in_a_parameter_s_name_is_ignored(client, name):
    add(2)
    ship()
    assert len(read(client, f"{quote(name)}=.", "mongodb")) == len(read(client, "", "mongodb"))


def test_a_cursor_of_another_list_is_400(client):
    for terms, row in ((["-created_at"], {"created_at": 1}), (["-id"], {"id": str(uuid.uuid4())})):
        answer = client.get(f"{PATH}?cursor={make_cursor(terms, row, 1)}")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


class TestSource:
    def test_t62_both_stores_say_the_same_of_what_is_shipped(self, client, settings, watcher):
        """T62: row by row, with every kind of value that a change can have."""
        rename(watcher)
        add(30)
        record("refuse", actor=watcher, entity="booking", entity_id=uuid.uuid4(), subject=uuid.uuid4(), fields=["x"])
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO audit_entries (actor, action, entity_type, entity_id, fields, request_id, user_agent,
                       changes) VALUES ('system', 'update', 'payment', '1', '{amount,meta}', 'ر', 'متصفح',
                       '{"amount": ["1000.000", 12.5], "meta": [null, {"a": [1, true, "é"]}], "n": [1, 2]}')"""
            )
        ship()
        copied = read(client, "limit=100", "mongodb")
        settings.MONGODB_URL = NOWHERE
        mongo.server.begin_anew()
        kept = [row for row in read(client, "limit=100", "postgresql") if row["sequence"]]
        assert copied == kept
        assert len(copied) >= 34

    def test_t62_away_it_is_not_waited_for(self, client, away):
        """T62: a closed port here; one that never answers in tests/core/test_mongo.py."""
        add(3)
        seal_entries()
        began = time.monotonic()
        assert len(read(client, "entity=hospital", "postgresql")) == 3
        assert time.monotonic() - began < mongo.REQUEST_SECONDS + 3

    @pytest.mark.parametrize("lost", [{"sequence": 2}, {"sequence": 3}, {}])
    def test_t62_a_copy_that_is_not_whole_is_not_believed(self, client, lost):
        """T62: behind after an outage, or emptied."""
        add(3)
        ship()
        assert len(read(client, "entity=hospital", "mongodb")) == 3
        with mongo.collection(AUDIT_LOGS, within=5) as documents:
            documents.delete_many(lost)
        assert len(read(client, "entity=hospital", "postgresql")) == 3

    def test_t62_nor_one_while_the_sealer_stands_still(self, client, monkeypatch):
        add(2)
        ship()
        add(1)
        assert len(read(client, "entity=hospital", "mongodb")) == 2
        monkeypatch.setattr(audit_reading, "LATE", timedelta(0) - timedelta(minutes=1))
        assert len(read(client, "entity=hospital", "postgresql")) == 3

    def test_t68_what_was_erased_is_shown_no_more_from_that_moment(self, client, watcher):
        """T68, T61: although the copy has it for another minute."""
        user = rename(watcher)
        ship()
        query = f"entity=user:{user.pk}&action=update"
        (row,) = read(client, query, "mongodb")
        assert row["changes"]["first_name"] == ["Before", "After"]
        with writing(watcher):
            erase_values(watcher, user_id=user.pk, entities=[])
        (row,) = read(client, query, "postgresql")
        assert row["changes"] is None
        ship()
        (row,) = read(client, query, "mongodb")
        assert row["changes"] is None


def walk(client, query, between=lambda page: None):
    """Follow the cursor to the end; return each row with the store that it came from."""
    found, cursor, page = [], "", 0
    while cursor is not None:
        body = client.get(f"{PATH}?{query}&cursor={quote(cursor)}").json()
        found += [(row["entity_id"], body["meta"]["source"]) for row in body["data"]]
        cursor, page = body["meta"]["next_cursor"], page + 1
        assert body["meta"]["page"] == page
        between(page)
    return found


class TestPages:
    EXPECTED = [str(number) for number in reversed(range(1, 25))]

    def test_each_entry_is_shown_once_while_others_are_added_and_sealed(self, client, away):
        """From PostgreSQL, where what has no number yet is given one on the way."""
        add(24)

        def meanwhile(page):
            add(2)
            if page == 2:
                seal_entries()

        found = walk(client, "entity=hospital&limit=5", meanwhile)
        assert [key for key, _source in found] == self.EXPECTED

    def test_and_from_the_copy_while_others_are_shipped(self, client):
        add(24)
        ship()

        def meanwhile(page):
            add(2)
            ship()

        found = walk(client, "entity=hospital&limit=5", meanwhile)
        assert found == [(key, "mongodb") for key in self.EXPECTED]

    def test_t62_and_where_mongodb_goes_away_on_the_way_and_comes_back(self, client, settings):
        """T62."""
        add(24)
        ship()
        there = settings.MONGODB_URL

        def meanwhile(page):
            settings.MONGODB_URL = there if page == 3 else NOWHERE if page == 1 else settings.MONGODB_URL
            mongo.server.begin_anew()

        found = walk(client, "entity=hospital&limit=5", meanwhile)
        assert [key for key, _source in found] == self.EXPECTED
        assert [source for _key, source in found[::5]] == ["mongodb", "postgresql", "postgresql", "mongodb", "mongodb"]

    @pytest.mark.parametrize("source", ["mongodb", "postgresql"])
    def test_pages_by_number_and_counts_as_in_every_list(self, client, source, request, monkeypatch):
        add(24)
        ship()
        if source == "postgresql":
            request.getfixturevalue("away")
        monkeypatch.setattr("medivoy.api.pagination.COUNT_CAP", 20)
        body = client.get(f"{PATH}?entity=hospital&limit=5&page=2").json()
        assert entities(body["data"]) == self.EXPECTED[5:10]
        assert (body["meta"]["total"], body["meta"]["total_exact"], body["meta"]["pages"]) == (20, False, 4)
        exact = client.get(f"{PATH}?entity=hospital&limit=5&count=exact").json()["meta"]
        assert (exact["total"], exact["total_exact"], exact["source"]) == (24, True, source)
        assert read(client, "entity=hospital&page=9") == []
        answer = client.get(f"{PATH}?page=501")
        assert (answer.status_code, answer.json()["code"]) == (400, "use_cursor")

    @pytest.mark.parametrize("source", ["mongodb", "postgresql"])
    def test_the_queries_are_the_same_for_one_row_and_for_many(self, client, source, request):
        for _number in range(4):
            record("read", actor=UserFactory(), entity="booking")
        ship()
        if source == "postgresql":
            request.getfixturevalue("away")
        few, many = (queries(lambda limit=limit: read(client, f"limit={limit}", source)) for limit in (1, 4))
        assert few == many
