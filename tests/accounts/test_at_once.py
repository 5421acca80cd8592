"""What is taken away is gone with the very next request, at both doors: rights, sign-ins, memberships."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.accounts.roles import STAFF, Role
from apps.accounts.services.sessions import end_all_sessions
from apps.bookings.models import Booking
from apps.bookings.states import BookingStatus as S
from apps.hospitals.models import Doctor, Hospital
from tests.console.conftest import case_address, press_address, session_of
from tests.factories.accounts import PasswordResetFactory, UserFactory
from tests.factories.bookings import booking_in
from tests.factories.clinical import MedicalRecordFactory
from tests.factories.hospitals import HospitalDoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db
CASES = "/admin/bookings/booking/"


def deactivate(user, api):
    User.objects.filter(pk=user.pk).update(is_active=False)


def demote(user, api):
    User.objects.filter(pk=user.pk).update(user_type=Role.TRANSLATOR)


def log_out(user, api):
    end_all_sessions(user)


def reset(user, api):
    PasswordResetFactory(user=user, secret="mailed")
    assert (
        api.post("/auth/reset-password", {"token": "mailed", "password": "another-good-password-8"}).status_code == 200
    )


TAKEN = [(deactivate, 401, 302), (demote, 403, 403), (log_out, 401, 302), (reset, 401, 302)]


@pytest.fixture
def booking():
    work = HospitalDoctorFactory(hospital=HospitalFactory(currency="USD"))
    booking = booking_in(S.ACCEPTED, hospital=work.hospital)
    Booking.objects.filter(pk=booking.pk).update(doctor=work.doctor)
    MedicalRecordFactory(patient=booking.patient, booking=booking, is_shared_with_doctors=True)
    booking.refresh_from_db()
    return booking


@pytest.mark.parametrize(("act", "status", "_console"), TAKEN, ids=lambda part: getattr(part, "__name__", ""))
def test_t7_the_next_request_is_refused(api, bearer, act, status, _console):
    """T6, T7."""
    user = UserFactory(coordinator=True)
    client = bearer(user)
    assert client.get("/bookings").status_code == 200

    act(user, api)

    assert client.get("/bookings").status_code == status


@pytest.mark.parametrize(("act", "_status", "console"), TAKEN, ids=lambda part: getattr(part, "__name__", ""))
def test_t7_so_is_the_next_click(api, booking, act, _status, console):
    """T6, T7, T15: the cookie lives on, and opens nothing: neither pages nor buttons."""
    user = UserFactory(coordinator=True)
    client = session_of(user)
    assert client.get(CASES).status_code == 200

    act(user, api)

    for answer in (
        client.get(CASES),
        client.get(case_address(booking)),
        client.post(press_address(booking, "rejected"), {"reason": "x"}),
    ):
        assert answer.status_code == console
        assert console != 302 or "/login/" in answer.url
    booking.refresh_from_db()
    assert booking.status == S.ACCEPTED


@pytest.mark.parametrize("role", sorted(set(Role.values) - STAFF))
def test_t15_a_cookie_from_before_a_demotion_opens_nothing(role):
    """T7, T15."""
    user = UserFactory(admin=True)
    client = session_of(user)
    assert client.get("/admin/").status_code == 200

    User.objects.filter(pk=user.pk).update(user_type=role)

    for path in ("", "accounts/user/", "accounts/user/add/", "roles/", "jsi18n/", "password_change/"):
        answer = client.get(f"/admin/{path}")
        assert (answer.status_code, "/admin/login/" in answer.get("Location", "")) == (302, True), path


def rows_of(client, booking):
    """What a member of the hospital, or its doctor, sees of a case."""
    found = [
        client.get(f"/bookings/{booking.pk}").status_code,
        client.get(f"/patients/{booking.patient_id}").status_code,
    ]
    lists = ("/bookings", f"/patients/{booking.patient_id}/bookings", "/medical-records")
    answers = [client.get(path) for path in lists]
    return found, [len(answer.json()["data"]) if answer.status_code == 200 else 0 for answer in answers]


SEEN, GONE = ([200, 200], [1, 1, 1]), ([404, 404], [0, 0, 0])


def test_t18_a_hospital_that_moves_to_another_administrator_takes_its_rows_along(bearer, booking):
    """T7, T18: membership is asked of the row, with each request."""
    before, after = booking.hospital.admin_user, UserFactory(hospital_admin=True)
    old, new = bearer(before), bearer(after)
    assert (rows_of(old, booking), rows_of(new, booking)) == (SEEN, GONE)

    Hospital.objects.filter(pk=booking.hospital_id).update(admin_user=after)

    assert (rows_of(old, booking), rows_of(new, booking)) == (GONE, SEEN)


@pytest.mark.parametrize("mark", ["is_verified", "is_active"])
def test_t17_a_doctor_without_a_licence_sees_no_case_any_more(bearer, booking, mark):
    """T1, T7, T17."""
    client = bearer(booking.doctor.user)
    assert rows_of(client, booking) == SEEN

    Doctor.objects.filter(pk=booking.doctor_id).update(**{mark: False})

    assert rows_of(client, booking) == GONE


def test_t7_who_asks_is_one_query_and_nothing_is_kept(bearer):
    """T7: the same for the first request and for the third."""
    client = bearer(UserFactory(coordinator=True))
    for _ in range(3):
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/hospitals").status_code == 200
        asking = [
            query["sql"] for query in seen if '"refresh_tokens"' in query["sql"] or 'FROM "users"' in query["sql"]
        ]
        assert len(asking) == 1, asking
