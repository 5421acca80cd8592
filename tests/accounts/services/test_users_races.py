"""Two admins who put each other out at the same moment: one stays. With a negative control."""

import threading

import pytest
from django.db import connection, transaction

from apps.accounts.api.profiles import versioned
from apps.accounts.errors import LastAdmin
from apps.accounts.models import User
from apps.accounts.models.user import UserQuerySet
from apps.accounts.services import users
from apps.accounts.services.staff import AdminExists, lock_beside_admins, make_first_admin
from apps.billing.services.erasure import erase_own_account
from apps.bookings.models import Booking
from apps.bookings.services.booking import Wish, request_booking
from apps.bookings.services.staffing import deactivate_user
from apps.bookings.states import BookingStatus as S
from apps.bookings.tasks import move_stranded_cases
from medivoy.core.context import writing
from medivoy.core.errors import DomainError
from tests import figures
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, make_patient
from tests.factories.hospitals import HospitalFactory
from tests.race import contend

pytestmark = pytest.mark.django_db(transaction=True)


def put_each_other_out():
    """Return how many of two admins are left."""
    pair = [UserFactory(admin=True), UserFactory(admin=True)]

    def act(number):
        with writing(pair[number]):
            return deactivate_user(pair[1 - number], actor=pair[number])

    results = contend(act, 2)
    assert all(isinstance(result, (User, DomainError)) for result in results), results
    return User.objects.filter(pk__in=[user.pk for user in pair], is_active=True).count()


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_one_admin_stays(_round):
    assert put_each_other_out() == 1


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_one_of_two_stays_though_a_third_is_there(_round):
    """The one who was put out a moment before puts out nobody any more."""
    UserFactory(admin=True)

    assert put_each_other_out() == 1


def test_without_the_lock_both_go(monkeypatch):
    """The negative control: each looks, then each acts."""
    both_looked = threading.Barrier(2, timeout=20)
    look = users.refuse_last_admin

    def look_and_wait(user):
        look(user)
        both_looked.wait()

    monkeypatch.setattr(UserQuerySet, "locked", lambda rows: rows)
    monkeypatch.setattr(users, "refuse_last_admin", look_and_wait)

    assert put_each_other_out() == 0


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_of_two_admins_who_leave_at_once_one_stays(_round):
    leaving = [UserFactory(admin=True), UserFactory(admin=True)]

    def leave(number):
        with writing(leaving[number]):
            return erase_own_account(leaving[number])

    left = contend(leave, 2)

    assert sorted(type(result) is LastAdmin for result in left) == [False, True]
    assert User.objects.admins().count() == 1


def is_free(table, row, lock):
    """Whether somebody else may take this lock of the row at once."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR {lock} SKIP LOCKED", [row.pk])
            return cursor.fetchone() is not None
    finally:
        other.close()


def test_whoever_leaves_keeps_no_admin_waiting():
    """The erasure of a person with a long history takes its time."""
    patient, admin = make_patient().user, UserFactory(admin=True)
    with transaction.atomic():
        lock_beside_admins(patient, actor=patient, operation="account.destroy")

        assert is_free("users", admin, "NO KEY UPDATE")
        assert not is_free("users", patient, "NO KEY UPDATE")


def test_a_profile_that_is_compared_keeps_no_case_waiting():
    """A request locks the patient and then points at the user, the other way round: both would wait for ever."""
    patient = make_patient()
    with transaction.atomic():
        versioned(patient.user, expected=frozenset({patient.version + patient.user.version}))

        for table, row in (("users", patient.user), ("patients", patient)):
            assert is_free(table, row, "KEY SHARE")
            assert not is_free(table, row, "NO KEY UPDATE")


def test_one_first_admin_is_made():
    results = contend(lambda number: make_first_admin(f"first{number}@example.test"))

    made = [result for result in results if isinstance(result, User)]
    # An administrator who has not yet accepted counts: the link is on its way.
    assert len(made) == 1
    assert all(isinstance(result, AdminExists) for result in results if result not in made)


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_t68_a_case_is_opened_before_the_erasure_or_not_at_all(_round):
    """T68: never one of a person who is gone."""
    UserFactory(coordinator=True)
    patient, hospital = make_patient(), HospitalFactory()

    def act(number):
        with writing(patient.user):
            if number:
                return erase_own_account(patient.user)
            wish = Wish(patient=patient, hospital=hospital, booking_type="opinion")
            return request_booking(wish, actor=patient.user)

    opened, erased = contend(act, 2)

    assert isinstance(opened, Booking) == isinstance(erased, DomainError), (opened, erased)
    assert Booking.objects.filter(patient=patient).exists() != bool(User.objects.get(pk=patient.user_id).erased_at)


def test_a_case_that_was_on_its_way_to_who_left_is_moved():
    with writing(None):
        case = booking_in(S.ACCEPTED)
    User.objects.filter(pk=case.coordinator_id).update(is_active=False)
    heir = UserFactory(coordinator=True)

    move_stranded_cases()

    case.refresh_from_db()
    assert case.coordinator == heir
