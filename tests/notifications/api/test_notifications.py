"""GET /notifications, PATCH …/read and …/read-all, DELETE: one's own news."""

import uuid

import pytest

from apps.notifications.models import Notification
from tests.factories.accounts import UserFactory
from tests.factories.notifications import NotificationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(api, patient):
    return api.as_(patient)


def ids(response):
    return [row["id"] for row in response.json()["data"]]


def test_the_list_needs_a_sign_in(api):
    assert api.get("/notifications").status_code == 401


@pytest.mark.parametrize("role", ["doctor", "hospital_admin", "coordinator", "translator", "admin"])
def test_every_role_reads_its_own_and_only_its_own(api, role):
    user = UserFactory(user_type=role)
    NotificationFactory()
    own = NotificationFactory(user=user)
    assert ids(api.as_(user).get("/notifications")) == [str(own.pk)]


def test_newest_first_without_mails_and_removed_ones(client, patient):
    rows = NotificationFactory.create_batch(3, user=patient)
    NotificationFactory(user=patient, email=True)
    NotificationFactory(user=patient, removed_at=rows[0].created_at)
    assert ids(client.get("/notifications")) == [str(row.pk) for row in reversed(rows)]


def test_what_a_row_shows(client, patient):
    row = NotificationFactory(user=patient)
    (shown,) = client.get("/notifications").json()["data"]
    assert shown == {
        "id": str(row.pk),
        "type": "booking_accepted",
        "title": row.title,
        "message": row.message,
        "reference_type": "booking",
        "reference_id": str(row.reference_id),
        "channel": "in_app",
        "is_read": False,
        "read_at": None,
        "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_unread_are_counted_whatever_the_filter(client, patient):
    NotificationFactory.create_batch(2, user=patient)
    NotificationFactory(user=patient, is_read=True)
    NotificationFactory()
    body = client.get("/notifications?is_read=true").json()
    assert (body["meta"]["unread_count"], body["meta"]["total"]) == (2, 1)


def test_filters(client, patient):
    read = NotificationFactory(user=patient, is_read=True)
    cancelled = NotificationFactory(user=patient, type="booking_cancelled")
    assert ids(client.get("/notifications?is_read=true")) == [str(read.pk)]
    assert ids(client.get("/notifications?is_read=false")) == [str(cancelled.pk)]
    assert ids(client.get("/notifications?type=booking_cancelled")) == [str(cancelled.pk)]


@pytest.mark.parametrize("query", ["is_read=maybe", "type=no_such_event", "ordering=message", "limit=0", "page=x"])
def test_an_unknown_value_is_refused(client, query):
    assert client.get(f"/notifications?{query}").status_code == 400


def test_reading_one(client, patient):
    row, other = NotificationFactory.create_batch(2, user=patient)
    response = client.patch(f"/notifications/{row.pk}/read")
    assert response.status_code == 200
    assert response.json()["data"]["is_read"] is True
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.is_read, other.is_read) == (True, False)


def test_reading_twice_writes_once(client, patient):
    row = NotificationFactory(user=patient)
    client.patch(f"/notifications/{row.pk}/read")
    row.refresh_from_db()
    again = client.patch(f"/notifications/{row.pk}/read")
    assert again.status_code == 200
    version, read_at = row.version, row.read_at
    row.refresh_from_db()
    assert (row.version, row.read_at) == (version, read_at)


def test_reading_all(client, patient):
    NotificationFactory.create_batch(2, user=patient)
    others = NotificationFactory()
    response = client.patch("/notifications/read-all")
    assert response.json()["data"] == {"marked": 2}
    assert not Notification.objects.visible_to(patient).unread().exists()
    others.refresh_from_db()
    assert not others.is_read
    assert client.patch("/notifications/read-all").json()["data"] == {"marked": 0}


def test_removing_hides_the_row_and_keeps_it(client, patient):
    """The row is what keeps a reminder from being told again."""
    row = NotificationFactory(user=patient)
    assert client.delete(f"/notifications/{row.pk}").status_code == 200
    assert ids(client.get("/notifications")) == []
    assert client.delete(f"/notifications/{row.pk}").status_code == 404
    assert client.patch(f"/notifications/{row.pk}/read").status_code == 404
    assert Notification.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(("method", "path"), [("patch", "/notifications/{}/read"), ("delete", "/notifications/{}")])
def test_anothers_row_is_like_none(client, api, method, path):
    """An admin's neither: these are one's own. Mails are no rows of the list."""
    foreign = NotificationFactory()
    mail = NotificationFactory(email=True, user=client.handler._force_user)
    for asker in (client, api.as_(UserFactory(admin=True))):
        answers = [getattr(asker, method)(path.format(pk)) for pk in (foreign.pk, mail.pk, uuid.uuid4())]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
    foreign.refresh_from_db()
    assert (foreign.is_read, foreign.removed_at) == (False, None)


def test_signed_out_nothing_is_written(api, patient):
    row = NotificationFactory(user=patient)
    assert api.patch(f"/notifications/{row.pk}/read").status_code == 401
    assert api.patch("/notifications/read-all").status_code == 401
    assert api.delete(f"/notifications/{row.pk}").status_code == 401


def test_a_stale_version_is_refused(client, patient):
    row = NotificationFactory(user=patient)
    stale = client.delete(f"/notifications/{row.pk}", headers={"If-Match": '"7.abc"'})
    assert stale.status_code == 412
    assert ids(client.get("/notifications")) == [str(row.pk)]


def test_one_row_costs_what_thirty_do(client, patient, django_assert_num_queries, django_assert_max_num_queries):
    NotificationFactory(user=patient)
    with django_assert_max_num_queries(5) as one:
        client.get("/notifications?limit=50")
    NotificationFactory.create_batch(29, user=patient)
    with django_assert_num_queries(len(one)):
        client.get("/notifications?limit=50")


def test_the_body_of_a_write_is_not_read(client, patient):
    row = NotificationFactory(user=patient)
    client.patch(f"/notifications/{row.pk}/read", {"is_read": False, "title": "mine", "user_id": str(uuid.uuid4())})
    row.refresh_from_db()
    assert row.is_read
    assert row.title != "mine"
