"""/reviews and /doctors/:id/reviews (T22)."""

import pytest

from apps.bookings.models import Booking, Review
from apps.bookings.services.reviews import verify_review
from apps.bookings.states import BookingStatus as S
from medivoy.core.context import writing
from tests import figures
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, make_patient, requested
from tests.factories.hospitals import DoctorFactory, HospitalDoctorFactory
from tests.race import contend

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(coordinator):
    """A completed booking with a doctor named on it."""
    booking = booking_in(S.COMPLETED)
    doctor = HospitalDoctorFactory(hospital=booking.hospital).doctor
    Booking.objects.filter(pk=booking.pk).update(doctor=doctor)
    booking.refresh_from_db()
    return booking


@pytest.fixture
def review(booking, api):
    api.as_(booking.patient.user).post("/reviews", {"booking_id": str(booking.pk), "rating": 4, "review_text": "Kind"})
    return Review.objects.get()


def test_a_patient_reviews_a_completed_booking_once(api, booking):
    client = api.as_(booking.patient.user)
    said = {
        "booking_id": str(booking.pk),
        "doctor_id": str(booking.doctor_id),
        "hospital_id": str(booking.hospital_id),
        "rating": 5,
        "review_text": "Excellent service",
        "is_published": True,
        "is_verified": True,
    }
    answer = client.post("/reviews", said)
    assert answer.status_code == 201, answer.json()
    data = answer.json()["data"]
    assert (data["rating"], data["is_published"], data["is_verified"]) == (5, False, False)
    assert data["booking_id"] == str(booking.pk)
    again = client.post("/reviews", said)
    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")


def test_not_before_it_is_completed(api, coordinator):
    early = requested()
    answer = api.as_(early.patient.user).post("/reviews", {"booking_id": str(early.pk), "rating": 5})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_completed")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": "good"}, "rating"),
        ({"rating": None}, "rating"),
        ({"booking_id": None}, "booking_id"),
        ({"booking_id": "another's"}, "booking_id"),
        ({"doctor_id": "another"}, "doctor_id"),
        ({"review_text": "x" * 6000}, "review_text"),
    ],
)
def test_bad_reviews(said, field, api, booking):
    other = {"another's": lambda: booking_in(S.COMPLETED).pk, "another": lambda: DoctorFactory().pk}
    said = {name: str(other[value]()) if value in other else value for name, value in said.items()}
    body = {"booking_id": str(booking.pk), "rating": 5} | said
    answer = api.as_(booking.patient.user).post("/reviews", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not Review.objects.exists()


@pytest.mark.parametrize("role", ["doctor", "hospital_admin", "coordinator", "translator", "admin"])
def test_nobody_else_writes_reviews(role, api, booking):
    said = {"booking_id": str(booking.pk), "rating": 5}
    assert api.as_(UserFactory(user_type=role)).post("/reviews", said).status_code == 403


def test_it_is_public_once_a_person_has_checked_it(api, review, coordinator):
    path = f"/reviews/{review.pk}"
    assert api.get(path).status_code == 404
    assert api.as_(review.patient.user).get(path).status_code == 200
    assert api.as_(review.patient.user).patch(f"{path}/verify", {}).status_code == 403
    assert api.as_(coordinator).patch(f"{path}/verify", {}).json()["data"]["is_published"] is True
    data = api.get(path).json()["data"]
    assert (data["author"], data["patient_id"], data["booking_id"]) == (review.patient.user.first_name, None, None)
    doctor = review.doctor
    doctor.refresh_from_db()
    assert (doctor.rating, doctor.total_reviews) == (4, 1)
    rows = api.get(f"/doctors/{doctor.pk}/reviews").json()["data"]
    assert [row["id"] for row in rows] == [str(review.pk)]
    assert api.get("/doctors/01a203d4-0000-7000-8000-000000000000/reviews").status_code == 404


def test_the_public_list_is_filtered(api, review):
    verify_review(review)
    for query, count in (
        (f"doctor_id={review.doctor_id}", 1),
        (f"hospital_id={review.hospital_id}", 1),
        ("rating=4", 1),
        ("rating=5", 0),
    ):
        assert len(api.get(f"/reviews?{query}").json()["data"]) == count, query
    assert api.get("/reviews?rating=9").status_code == 400


def test_an_edit_goes_back_to_moderation(api, review):
    verify_review(review)
    client, path = api.as_(review.patient.user), f"/reviews/{review.pk}"
    data = client.patch(path, {"review_text": "Very kind", "is_published": True}).json()["data"]
    assert (data["review_text"], data["rating"], data["is_published"]) == ("Very kind", 4, False)
    assert api.get(path).status_code == 404


def test_whose_it_is_not_sees_it_and_may_not_change_it(api, review):
    path, stranger = f"/reviews/{review.pk}", api.as_(make_patient().user)
    assert stranger.patch(path, {"rating": 1}).status_code == 404
    verify_review(review)
    assert stranger.patch(path, {"rating": 1}).status_code == 403
    assert stranger.delete(path).status_code == 403
    assert Review.objects.get().rating == 4


def test_author_and_admin_take_it_away(api, review, admin):
    assert api.as_(admin).patch(f"/reviews/{review.pk}", {"rating": 3}).status_code == 200
    assert api.as_(review.patient.user).delete(f"/reviews/{review.pk}").status_code == 200
    assert not Review.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_who_changes_one_and_who_checks_it_wait_for_each_other_and_never_both(api, _round):
    UserFactory(coordinator=True)
    with writing(None):
        done = booking_in(S.COMPLETED)
        doctor = HospitalDoctorFactory(hospital=done.hospital).doctor
        Booking.objects.filter(pk=done.pk).update(doctor=doctor)
    author, staff = api.as_(done.patient.user), api.as_(UserFactory(coordinator=True))
    made = author.post("/reviews", {"booking_id": str(done.pk), "rating": 4, "review_text": "Kind"})
    path = f"/reviews/{made.json()['data']['id']}"
    tag = author.get(path)["ETag"]
    calls = [
        lambda: author.patch(path, {"rating": 5}, HTTP_IF_MATCH=tag),
        lambda: staff.patch(f"{path}/verify", {}),
    ]

    first, second = (answer.status_code for answer in contend(lambda number: calls[number](), 2))

    assert (first in (200, 412), second) == (True, 200)
