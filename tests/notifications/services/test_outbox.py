"""Telling people: rows in the caller's transaction, each once."""

import uuid

import pytest
from django.db import connection, transaction

from apps.notifications.models import Channel, Notification
from apps.notifications.services.outbox import event_id_for, notify
from medivoy.core import jobs
from medivoy.core.ids import uuid7
from tests.factories.accounts import UserFactory

NUMBER = {"number": "MB-2026-000001"}


@pytest.fixture
def hospital(db):
    return UserFactory(hospital_admin=True)


@pytest.fixture
def parties(patient, coordinator, hospital):
    return {"patient": [patient], "coordinator": [coordinator], "hospital": [hospital], "admins": []}


def told():
    return {(row.user, row.channel) for row in Notification.objects.select_related("user")}


def test_one_row_for_each_user_and_channel(parties, patient, coordinator, hospital):
    booking = uuid7()
    notify("booking_accepted", to=parties, reference=("booking", booking), context=NUMBER)
    assert told() == {(user, channel) for user in (patient, coordinator, hospital) for channel in Channel.values}
    row = Notification.objects.get(user=patient, channel="in_app")
    assert (row.type, row.reference_type, row.reference_id) == ("booking_accepted", "booking", booking)
    assert row.title == "Booking MB-2026-000001: request accepted"


def test_the_table_decides_who_of_the_parties_hears(parties, patient, coordinator):
    notify("quotation_sent", to=parties, context=NUMBER)
    assert {user for user, _channel in told()} == {patient, coordinator}


def test_whoever_did_it_is_left_out(parties, patient, coordinator):
    notify("quotation_sent", to=parties, actor=coordinator, context=NUMBER)
    assert {user for user, _channel in told()} == {patient}


def test_the_patient_hears_of_their_own_request(parties, patient, coordinator):
    notify("booking_requested", to=parties, actor=patient, context=NUMBER)
    assert {user for user, _channel in told()} == {patient, coordinator}


def test_a_coordinator_does_not_hear_of_their_own_cancellation(parties, patient, coordinator, hospital):
    notify("booking_cancelled", to=parties, actor=coordinator, context=NUMBER)
    assert {user for user, _channel in told()} == {patient, hospital}


def test_nobody_is_told_twice_in_two_capacities(patient):
    notify("payment_completed", to={"patient": [patient], "hospital": [patient, patient]}, context=NUMBER)
    assert Notification.objects.count() == 2


def test_nobody_assigned_and_the_inactive_are_passed_over(patient):
    gone = UserFactory(deactivated=True)
    notify("quotation_sent", to={"patient": [gone], "coordinator": [None]}, context=NUMBER)
    assert Notification.objects.count() == 0


def test_an_audience_that_does_not_hear_is_not_even_read(parties, django_assert_num_queries):
    class Unread:
        def __iter__(self):
            raise AssertionError

    with django_assert_num_queries(1):
        notify("quotation_sent", to={**parties, "admins": Unread()}, context=NUMBER)


def test_unknown_events_and_audiences_are_errors_of_the_caller(patient):
    with pytest.raises(KeyError):
        notify("no_such_event", to={"patient": [patient]})
    with pytest.raises(KeyError):
        notify("quotation_sent", to={"patients": [patient]}, context=NUMBER)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Booking MB-2026-000001: the quotation is ready"),
        ("ar", "الحجز MB-2026-000001: عرض السعر جاهز"),
        ("hi", "बुकिंग MB-2026-000001: कोटेशन तैयार है"),
        ("es", "Reserva MB-2026-000001: el presupuesto está listo"),
        ("fr", "Réservation MB-2026-000001 : le devis est prêt"),
        ("xx", "Booking MB-2026-000001: the quotation is ready"),
    ],
)
def test_everyone_reads_it_in_their_own_language(db, language, title):
    notify("quotation_sent", to={"patient": [UserFactory(preferred_language=language)]}, context=NUMBER)
    assert {row.title for row in Notification.objects.all()} == {title}


def test_news_in_the_app_need_no_sending(parties):
    notify("booking_under_review", to=parties, context=NUMBER)
    assert not Notification.objects.unsent().exists()
    assert {row.channel for row in Notification.objects.all()} == {"in_app"}


def test_patients_are_led_to_the_app_and_staff_to_the_console(settings, parties, patient, coordinator):
    settings.NOTIFICATION_PAGES = {
        "app": ("https://app.test", {"booking": "/bookings/{id}"}),
        "console": ("https://console.test/admin/", {"booking": "bookings/{id}/"}),
    }
    booking = uuid7()
    notify("quotation_sent", to=parties, reference=("booking", booking), context=NUMBER)
    links = {row.user: row.link for row in Notification.objects.filter(channel="email")}
    assert links[patient] == f"https://app.test/bookings/{booking}"
    assert links[coordinator] == f"https://console.test/admin/bookings/{booking}/"


def test_what_has_no_page_leads_to_the_beginning(settings, patient):
    settings.NOTIFICATION_PAGES = {"app": ("https://app.test", {}), "console": ("https://console.test", {})}
    notify("password_changed", to={"user": [patient]})
    assert Notification.objects.get(channel="email").link == "https://app.test"


@pytest.mark.parametrize("link", ["/path", "javascript:alert(1)", "//evil.test"])
def test_a_link_is_an_absolute_address(patient, link):
    with pytest.raises(ValueError):
        notify("quotation_sent", to={"patient": [patient]}, context=NUMBER, link=link)


def test_only_the_patients_mail_carries_documents(parties, patient):
    invoice = uuid7()
    notify("payment_completed", to=parties, context=NUMBER, attachments=[("invoice", invoice)])
    carried = {(row.user, row.channel): row.attachments for row in Notification.objects.all() if row.attachments}
    assert carried == {(patient, "email"): [f"invoice:{invoice}"]}


# --- once, and only with the event itself


def test_the_same_event_tells_nobody_twice(parties):
    """T64: the key is event, user and channel."""
    event_id = event_id_for("details_reminder", uuid.UUID(int=7), 3)
    for _run in range(3):
        notify("quotation_sent", to=parties, context=NUMBER, event_id=event_id)
    assert Notification.objects.count() == 4


def test_an_event_id_of_the_same_parts_is_the_same():
    booking = uuid7()
    assert event_id_for("reminder", booking, 3) == event_id_for("reminder", booking, 3)
    assert event_id_for("reminder", booking, 3) != event_id_for("reminder", booking, 7)


@pytest.mark.django_db(transaction=True)
def test_a_rollback_takes_the_news_with_it(monkeypatch):
    """T63."""
    woken = []
    monkeypatch.setattr(jobs.wake_ups, "send", lambda task, args: woken.append(task))
    patient = UserFactory()
    with transaction.atomic():
        notify("quotation_sent", to={"patient": [patient]}, context=NUMBER)
        assert Notification.objects.count() == 2
        transaction.set_rollback(True)
    assert Notification.objects.count() == 0
    assert woken == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_after_the_commit_and_not_before(monkeypatch):
    woken = []
    monkeypatch.setattr(jobs.wake_ups, "send", lambda task, args: woken.append(connection.in_atomic_block))
    patient = UserFactory()
    with transaction.atomic():
        notify("quotation_sent", to={"patient": [patient]}, context=NUMBER)
        assert woken == []
    assert woken == [False]


def test_nobody_is_woken_for_news_in_the_app_only(parties, monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(jobs.wake_ups, "send", lambda task, args: woken.append(task))
    with django_capture_on_commit_callbacks(execute=True):
        notify("booking_under_review", to=parties, context=NUMBER)
    assert woken == []


# --- secrets


SECRET = "https://app.test/reset?token=s3cr3t-t0ken"


def columns_of(row):
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(n)::text FROM notifications n WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def test_a_secret_link_is_never_in_the_table_in_clear(patient):
    notify("password_reset", to={"user": [patient]}, link=SECRET, secret=True)
    row = Notification.objects.get()
    assert row.secret_link == SECRET
    assert row.link == ""
    assert "s3cr3t" not in columns_of(row)


def test_what_is_shown_in_the_app_has_no_secret(patient):
    with pytest.raises(ValueError):
        notify("password_changed", to={"user": [patient]}, link=SECRET, secret=True)


def test_a_secret_needs_its_link(patient):
    with pytest.raises(ValueError):
        notify("password_reset", to={"user": [patient]}, secret=True)


def test_a_mail_goes_to_the_address_of_the_moment(patient):
    address = patient.email
    notify("password_reset", to={"user": [patient]}, link=SECRET, secret=True)
    patient.email = "another@example.test"
    patient.save()
    assert Notification.objects.get().address == address
