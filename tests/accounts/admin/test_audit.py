"""The audit trail in the console: who reads it, how it is narrowed, and what a line says."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.audit_words import audited_models
from apps.accounts.models import AuditEntry, User
from apps.accounts.roles import STAFF, Role
from apps.accounts.services.audit import record
from medivoy.core.context import request_scope, writing
from tests.console.conftest import session_of
from tests.counting import queries
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.bookings import booking_in
from tests.factories.hospitals import HospitalFactory

pytestmark = pytest.mark.django_db

TRAIL = "/admin/accounts/auditentry/"


@pytest.fixture
def watcher(db):
    return UserFactory(admin=True, first_name="Wanda", timezone="Asia/Kolkata")


@pytest.fixture
def console(watcher):
    return session_of(watcher)


def history(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_history", args=[row.pk])


def lines(answer):
    assert answer.status_code == 200
    return [row.entry for row in answer.context["rows"]]


def somebody_renamed(actor):
    """An account whose name was changed by `actor`, in a request from somewhere."""
    user = UserFactory(first_name="Before")
    with request_scope(uuid.uuid4().hex, ip="192.0.2.7", user_agent="A browser"), writing(actor):
        User.objects.filter(pk=user.pk).update(first_name="After", password=PASSWORD)
    return user


class TestWhoReadsIt:
    @pytest.mark.parametrize("role", sorted(STAFF))
    def test_t61_admins_and_nobody_else(self, role):
        client = session_of(UserFactory(user_type=role))
        pages = [TRAIL, history(UserFactory()), history(HospitalFactory())]
        entry = AuditEntry.objects.latest("pk")
        pages.append(reverse("admin:accounts_auditentry_change", args=[entry.pk]))
        expected = 200 if role == Role.ADMIN else 403
        assert {client.get(page).status_code for page in pages} == {expected}

    def test_somebody_without_a_session_is_led_to_the_sign_in(self, client):
        assert client.get(TRAIL).status_code == 302

    def test_t61_nobody_adds_changes_or_removes_an_entry(self, console, watcher):
        record("read", actor=watcher, entity="audit_log")
        entry = AuditEntry.objects.latest("pk")
        page = reverse("admin:accounts_auditentry_change", args=[entry.pk])
        posts = [f"{TRAIL}add/", page, page.replace("change", "delete"), TRAIL]
        assert {console.post(address, {"action": "delete_selected"}).status_code for address in posts} == {403}
        assert console.get(f"{TRAIL}add/").status_code == 403
        assert AuditEntry.objects.get(pk=entry.pk) == entry

    def test_t61_a_look_is_an_entry_itself(self, console, watcher):
        user = UserFactory()
        console.get(TRAIL, {"person": user.email})
        console.get(history(user))
        looks = AuditEntry.objects.filter(actor=watcher.pk, action="read", entity_type="audit_log").order_by("pk")
        assert [(look.entity_id, look.subject_id, look.fields) for look in looks] == [
            ("", user.pk, ["person"]),
            (f"user:{user.pk}", None, ["history"]),
        ]


class TestTheLinkToHistory:
    """T61: it is on every row's page, and leads to the trail; Django's own log is read by nobody."""

    def test_every_kind_of_row_has_one(self, console, watcher):
        for entity in audited_models():
            record("read", actor=None, entity=entity, entity_id=watcher.pk)
        rows = console.get(TRAIL, {"search": str(watcher.pk)}).context["rows"]
        assert {row.entry.entity_type for row in rows} >= set(audited_models())
        for row in rows:
            assert len(lines(console.get(row.url))) >= 1, row.url

    def test_the_page_of_a_library_has_none(self, console):
        assert console.get("/admin/django_celery_beat/periodictask/1/history/").status_code == 404

    def test_admins_see_it_and_coordinators_do_not(self, console):
        booking = booking_in("requested")
        coordinator = session_of(UserFactory(coordinator=True))
        for row in (booking, booking.patient, booking.hospital):
            page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
            assert history(row) in console.get(page).content.decode()
            answer = coordinator.get(page)
            assert answer.status_code == 200
            assert "/history/" not in answer.content.decode()

    def test_what_is_no_id_is_not_there(self, console):
        for nonsense in ("x", "_00", "0" * 300, str(uuid.uuid4()) + "x"):
            assert console.get(f"/admin/accounts/user/{nonsense}/history/").status_code == 404
            assert console.get(f"{TRAIL}{nonsense}/change/").status_code == 404

    def test_a_row_that_is_gone_still_has_its_history(self, console):
        user = UserFactory()
        address = history(user)
        with writing(None):
            user.delete()
        assert [entry.action for entry in lines(console.get(address))][:2] == ["delete", "create"]


class TestALine:
    def test_says_who_what_and_from_where_with_names_and_masks(self, console, watcher):
        user = somebody_renamed(watcher)
        page = console.get(history(user)).content.decode()
        assert "Wanda" in page
        assert reverse("admin:accounts_user_change", args=[watcher.pk]) in page
        for words in ("First name", "Before", "After", "192.0.2.7", "***"):
            assert words in page
        assert PASSWORD not in page

    def test_times_are_in_the_reader_s_zone(self, console, watcher):
        user = somebody_renamed(watcher)
        moment = AuditEntry.objects.of_object("user", user.pk).latest("pk").happened_at
        there = moment + timedelta(hours=5, minutes=30)
        assert f"{there:%H:%M:%S}" in console.get(history(user)).content.decode()

    def test_choices_days_and_people_are_in_words(self, console):
        coordinator = UserFactory(coordinator=True, first_name="Lina", last_name="Haddad")
        booking = booking_in("requested")
        with writing(None):
            case = type(booking).objects.filter(pk=booking.pk)
            case.update(coordinator=None)
            case.update(coordinator=coordinator, cancel_party="patient")
        row = console.get(history(booking)).context["rows"][0]
        said = {str(change.name): change.after.text for change in row.changes}
        assert said["Coordinator"] == "Lina Haddad"
        assert said["Cancelled by"] == str(dict(booking._meta.get_field("cancel_party").flatchoices)["patient"])

    def test_what_somebody_typed_is_shown_as_text(self, console, watcher):
        user = UserFactory()
        with writing(watcher):
            User.objects.filter(pk=user.pk).update(first_name="<script>alert(1)</script>")
        page = console.get(history(user)).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_one_entry_says_all_that_is_kept(self, console, watcher):
        user = somebody_renamed(watcher)
        entry = AuditEntry.objects.of_object("user", user.pk).latest("pk")
        page = console.get(reverse("admin:accounts_auditentry_change", args=[entry.pk])).content.decode()
        for words in ("A browser", entry.request_id, "After", "192.0.2.7"):
            assert words in page


class TestNarrowing:
    def test_by_person_both_what_they_did_and_what_was_read_of_them(self, console, watcher):
        one, other = UserFactory(), UserFactory()
        record("read", actor=one, entity="patient", subject=other.pk)
        record("read", actor=other, entity="patient", subject=one.pk)
        record("read", actor=other, entity="patient", subject=other.pk)
        for name in (one.email.upper(), str(one.pk)):
            found = lines(console.get(TRAIL, {"person": name, "kind": "patient"}))
            assert [(entry.actor, entry.subject_id) for entry in found] == [
                (str(other.pk), one.pk),
                (str(one.pk), other.pk),
            ]

    def test_by_kind_action_time_and_id(self, console, watcher):
        user = somebody_renamed(watcher)
        entry = AuditEntry.objects.of_object("user", user.pk).latest("pk")
        now = timezone.localtime(timezone=timezone.zoneinfo.ZoneInfo("Asia/Kolkata"))
        hour_ago, in_an_hour = (f"{now + timedelta(hours=hours):%Y-%m-%dT%H:%M}" for hours in (-1, 1))
        by_row = {"search": str(user.pk)}
        found = {"kind": "user", "action": "update", "start": hour_ago, "end": in_an_hour, **by_row}
        assert lines(console.get(TRAIL, found)) == [entry]
        assert lines(console.get(TRAIL, {"search": entry.request_id})) == [entry]
        for other in ({"kind": "booking"}, {"action": "delete"}, {"start": in_an_hour}, {"end": hour_ago}):
            assert lines(console.get(TRAIL, {**found, **other})) == []

    def test_a_person_with_what_others_changed_on_them(self, console, watcher):
        user = somebody_renamed(watcher)
        entry = AuditEntry.objects.of_object("user", user.pk).latest("pk")
        assert entry.actor != str(user.pk)
        assert entry in lines(console.get(TRAIL, {"person": user.email}))

    def test_a_request_is_found_without_walking_the_trail(self):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = AuditEntry.objects.filter(request_id=uuid.uuid4().hex).explain()
        assert "audit_entries_of_request" in plan

    @pytest.mark.parametrize(
        "query",
        [
            {"person": "nobody@example.test"},
            {"kind": "nonsense"},
            {"action": "nonsense"},
            {"start": "yesterday"},
            {"start": "0001-01-01T00:00"},
            {"search": "x" * 65},
            {"person": "{'$ne': 1}"},
        ],
        ids=str,
    )
    def test_t56_nonsense_is_said_so_and_finds_nothing(self, console, query):
        answer = console.get(TRAIL, query)
        assert lines(answer) == []
        assert answer.context["form"].errors

    @pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "٣", "1e3"])
    def test_t57_a_page_that_is_none_is_the_first(self, console, before):
        assert console.get(TRAIL, {"before": before}).status_code == 200


class TestPages:
    def test_each_entry_is_on_one_page_whatever_is_added_meanwhile(self, console, watcher):
        actor = UserFactory()
        for number in range(120):
            record("read", actor=actor, entity="booking", entity_id=str(number))
        seen, query = [], f"?person={actor.pk}&kind=booking"
        while query:
            answer = console.get(TRAIL + query)
            seen += [entry.entity_id for entry in lines(answer)]
            record("read", actor=actor, entity="booking", entity_id="later")
            query = answer.context["older"]
        assert seen == [str(number) for number in reversed(range(120))]

    def test_a_page_costs_the_same_queries_however_long_and_counts_nothing(self, console, watcher):
        actor = UserFactory()
        record("read", actor=actor, entity="booking")
        address = f"{TRAIL}?person={actor.pk}&kind=booking"
        console.get(address)
        one = queries(lambda: console.get(address))
        for _number in range(60):
            record("read", actor=UserFactory(), entity="booking", subject=actor.pk)
        with CaptureQueriesContext(connection) as seen:
            assert len(lines(console.get(address))) == 50
        assert len(seen) == one
        assert not [query for query in seen.captured_queries if 'count(*) FROM "audit' in query["sql"].lower()]
