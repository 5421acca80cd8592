"""Every state × every state × every role through HTTP, with all that each move must be told (T42)."""

from datetime import timedelta

import pytest
from django.db import transaction

from apps.accounts.roles import Role
from apps.bookings.models import BookingEvent
from apps.bookings.services.transition import lock
from apps.bookings.states import BookingStatus as S
from tests.bookings.table import HELD, makes, who
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, draft
from tests.factories.hospitals import DoctorFactory, HospitalDoctorFactory

pytestmark = pytest.mark.django_db

HELD_FROM = S.ACCEPTED
# What the bookings of the factory lack for a move that exists.
GUARDS = {
    (S.PAYMENT_PENDING, S.TRAVEL_ARRANGEMENT): "balance_needed",
    (S.PAYMENT_COMPLETED, S.INVOICE_SENT): "invoice_needed",
    (S.COMPLETED, S.FEEDBACK_RECEIVED): "review_needed",
}
# The states that follow by themselves where the move is made.
FOLLOWED_BY = {S.CONFIRMED: S.PAYMENT_PENDING}


def told(booking, target, role):
    """All that the move to `target` must be told."""
    extra = {
        S.REJECTED: {"reason": "No capacity"},
        S.AWAITING_MEDICAL_DETAILS: {"wanted": [{"type": "mri", "why": "The knee"}]},
        S.CONFIRMED: {"channel": "phone", "proof": "Call of today"},
        S.ON_HOLD: {"reason": "medical", "review_on": str(booking.local_today() + timedelta(days=3))},
        S.CANCELLED: {"party": "hospital", "reason": "hospital_unavailable"},
    }
    if target == S.CANCELLED and role == Role.PATIENT:
        extra[S.CANCELLED] = {}
    return {"status": target, **extra.get(target, {})}


def expected(source, target, role):
    """The status and code that the contract has for it, and the state afterwards."""
    is_return = source == S.ON_HOLD and target == HELD_FROM
    may = role in who(source, target) and (source != S.ON_HOLD or target in (HELD_FROM, S.CANCELLED))
    if role in (Role.DOCTOR, Role.TRANSLATOR):
        return 403, "permission_denied", source
    if role == Role.PATIENT and target == S.CONFIRMED:
        return 403, "permission_denied", source
    if not makes(role, target) and not (is_return and may):
        return 403, "permission_denied", source
    if source == target:
        return 200, None, source
    if not may:
        return 409, "illegal_transition", source
    if (source, target) in GUARDS and not is_return:
        return 409, GUARDS[source, target], source
    return 200, None, FOLLOWED_BY.get(target, target)


def allowed(source, role):
    return [
        target
        for target in S.values
        if role in who(source, target) and (source != S.ON_HOLD or target in (HELD_FROM, S.CANCELLED))
    ]


@pytest.fixture
def people(coordinator):
    return {
        Role.COORDINATOR: coordinator,
        Role.TRANSLATOR: UserFactory(translator=True),
        Role.ADMIN: UserFactory(admin=True),
    }


@pytest.mark.parametrize("source", S.values)
def test_every_move_from(source, api, people):
    booking = booking_in(source, held_from=HELD_FROM)
    doctor = HospitalDoctorFactory(hospital=booking.hospital, doctor=DoctorFactory()).doctor
    type(booking).objects.filter(pk=booking.pk).update(doctor=doctor)
    if source in (S.ACCEPTED, S.AWAITING_MEDICAL_DETAILS):
        draft(booking)
    people |= {
        Role.PATIENT: booking.patient.user,
        Role.DOCTOR: doctor.user,
        Role.HOSPITAL_ADMIN: booking.hospital.admin_user,
    }
    clients = {role: api.as_(user) for role, user in people.items()}
    wrong = []
    for target in S.values:
        for role, client in clients.items():
            with transaction.atomic():
                before = BookingEvent.objects.count()
                answer = client.patch(f"/bookings/{booking.pk}/status", told(booking, target, role))
                body = answer.json()
                found = (answer.status_code, body.get("code"), lock(booking.pk).status)
                written = BookingEvent.objects.count() - before
                if found != expected(source, target, role):
                    wrong.append((target, role, found, expected(source, target, role)))
                elif found[1] == "illegal_transition" and body["details"] != {
                    "current": source,
                    "allowed": allowed(source, role),
                }:
                    wrong.append((target, role, body["details"]))
                elif (found[0] == 200 and source != target) != bool(written):
                    wrong.append((target, role, "events written", written))
                transaction.set_rollback(True)
    assert not wrong


@pytest.mark.parametrize("held_from", HELD)
def test_a_held_booking_goes_back_to_where_it_was_and_nowhere_else(held_from, api, coordinator):
    booking = booking_in(S.ON_HOLD, held_from=held_from)
    client = api.as_(coordinator)
    for target in HELD:
        if target == held_from:
            continue
        with transaction.atomic():
            answer = client.patch(f"/bookings/{booking.pk}/status", told(booking, target, Role.COORDINATOR))
            assert answer.status_code == (409 if makes(Role.COORDINATOR, target) else 403), (target, answer.json())
            transaction.set_rollback(True)
    answer = client.patch(f"/bookings/{booking.pk}/status", {"status": held_from})
    assert answer.status_code == 200
    went_on = {S.CONFIRMED: S.PAYMENT_PENDING, S.PAYMENT_COMPLETED: S.INVOICE_SENT}
    assert answer.json()["data"]["status"] == went_on.get(held_from, held_from)
