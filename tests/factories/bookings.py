"""Bookings in any state, brought there by the services alone: nothing that could not have happened."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.billing.models import GatewayCode, Payment
from apps.billing.services.acceptance import accept_quotation
from apps.billing.services.captures import complete_payment
from apps.billing.services.journey import move_booking
from apps.billing.services.settlement import settle
from apps.billing.states import PaymentState
from apps.bookings.models import Booking, Quotation
from apps.bookings.services import acceptance
from apps.bookings.services.booking import Wish, request_booking
from apps.bookings.services.money import write_money
from apps.bookings.services.progress import advance
from apps.bookings.services.quotation import Offer, OfferLine, draft_quotation
from apps.bookings.services.reviews import give_review
from apps.bookings.services.transition import lock
from apps.bookings.states import STEPS
from apps.bookings.states import BookingStatus as S
from apps.clinical.models import Patient
from medivoy.core import clock
from medivoy.core.numbers import next_number
from tests.factories.accounts import UserFactory
from tests.factories.clinical import PatientFactory
from tests.factories.hospitals import HospitalFactory, HospitalTreatmentFactory

TOTAL = Decimal("1000.00")
ADMISSION_IN = timedelta(days=60)


def make_patient(**user: Any) -> Patient:
    """A patient whose account is as `user` says."""
    return PatientFactory(user=UserFactory(**user))


def coordinator_for(booking: Booking) -> User:
    """Whoever looks after the booking, or any coordinator where nobody does."""
    return booking.coordinator or User.objects.coordinators().active().first() or UserFactory(coordinator=True)


def requested(
    *, patient: Patient | None = None, hospital: Any = None, actor: User | None = None, **wish: Any
) -> Booking:
    """A fresh request for a treatment that the hospital offers, with a coordinator about."""
    hospital = hospital or HospitalFactory()
    patient = patient or make_patient()
    if not User.objects.coordinators().active().exists():
        UserFactory(coordinator=True)
    if not {"treatment", "package", "booking_type"} & set(wish):
        offer = hospital.offers.first() or HospitalTreatmentFactory(hospital=hospital, currency=hospital.currency)
        wish["treatment"] = offer.treatment
    wish.setdefault("requested_date", hospital_today(hospital) + ADMISSION_IN)
    return request_booking(Wish(patient=patient, hospital=hospital, **wish), actor=actor or patient.user)


def hospital_today(hospital: Any) -> date:
    return clock.today(hospital.timezone)


def draft(booking: Booking, *, total: Decimal = TOTAL, actor: User | None = None, **offer: Any) -> Quotation:
    """A draft over one line of `total`, valid for two weeks."""
    offer.setdefault("currency", booking.hospital.currency)
    offer.setdefault("valid_until", hospital_today(booking.hospital) + timedelta(days=14))
    offer.setdefault("lines", [OfferLine("Surgery", total)])
    return draft_quotation(booking, actor=actor or coordinator_for(booking), offer=Offer(**offer))


def step(booking: Booking, to: str, **given: Any) -> Booking:
    """Make a move as the booking's coordinator."""
    return move_booking(booking, to=to, actor=given.pop("actor", None) or coordinator_for(booking), **given)


def accept(booking: Booking, **given: Any) -> Booking:
    """Accept the version that is out, as the patient; what is owed follows."""
    return accept_quotation(booking, actor=booking.patient.user, **given)


def pay(booking: Booking, amount: Decimal | None = None) -> Booking:
    """Money arrives: all that is owed, or `amount`; what follows from it follows."""
    booking = lock(booking.pk)
    complete_payment(_attempt(booking, amount), actor=None)
    return lock(booking.pk)


def _attempt(booking: Booking, amount: Decimal | None = None, **columns: Any) -> Payment:
    return Payment.objects.create(
        transaction_id=next_number("TX"),
        booking=booking,
        patient=booking.patient,
        amount=booking.balance if amount is None else amount,
        currency=booking.currency,
        payment_gateway=GatewayCode.SANDBOX,
        gateway_transaction_id=next_number("TX"),
        created_by=booking.patient.user,
        **columns,
    )


def pay_deposit(booking: Booking) -> Booking:
    """What is needed before travel is paid, the rest is not."""
    return pay(booking, booking.milestones.get(needed_for=S.TRAVEL_ARRANGEMENT).amount)


def booking_in(status: str, *, held_from: str = S.ACCEPTED, total: Decimal = TOTAL, **wish: Any) -> Booking:
    """A booking that went its way to `status`; on_hold from `held_from`."""
    if status == S.ON_HOLD:
        held = booking_in(held_from, total=total, **wish)
        return step(held, S.ON_HOLD, reason="medical", review_on=held.local_today() + timedelta(days=7))
    if status == S.REJECTED:
        return step(booking_in(S.UNDER_REVIEW, **wish), S.REJECTED, reason="No capacity")
    if status == S.CANCELLED:
        return step(booking_in(S.ACCEPTED, **wish), S.CANCELLED, party="patient", reason="changed_mind")
    booking = requested(**wish)
    for name in STEPS[1 : STEPS.index(status) + 1]:
        booking = _take(booking, name, total)
        assert booking.status == name, f"{booking.status} instead of {name}"
    return booking


def _take(booking: Booking, to: str, total: Decimal) -> Booking:
    """Bring a booking one step on. confirmed and payment_completed last no longer than a transaction; here they do."""
    match to:
        case S.AWAITING_MEDICAL_DETAILS:
            return step(booking, to, notes="Your last MRI, please")
        case S.QUOTATION_SENT:
            draft(booking, total=total)
            return step(booking, to)
        case S.CONFIRMED:
            return acceptance.accept_quotation(booking, actor=booking.patient.user).booking
        case S.PAYMENT_PENDING:
            settle(booking)
            return booking
        case S.PAYMENT_COMPLETED:
            _attempt(booking, status=PaymentState.COMPLETED, payment_date=clock.now())
            write_money(booking, amount_paid=booking.total_amount)
            advance(booking)
            return booking
        case S.INVOICE_SENT:
            settle(booking)
            return booking
        case S.FEEDBACK_RECEIVED:
            give_review(booking, actor=booking.patient.user, rating=5)
            return lock(booking.pk)
        case _:
            return step(booking, to)
