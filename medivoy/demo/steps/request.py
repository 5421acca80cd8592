"""From the patient's request to the last document."""

from functools import partial
from io import BytesIO
from typing import Any

from apps.bookings.services.booking import Wish, request_booking
from apps.bookings.services.details import attach_record
from apps.bookings.services.reminders import FAMILIES, FAMILIES_OF_PAYMENT
from apps.bookings.services.reminders import remind as send_reminder
from apps.bookings.states import BookingStatus as S
from apps.clinical.models import RecordType
from apps.clinical.services.records import Draft, upload_record
from medivoy.core import clock
from medivoy.demo.case import Case, Step
from medivoy.demo.records import scan

DETAILS = {"complaint": "Described in the attached letter", "since": "two years"}


def request(case: Case) -> None:
    """The patient asks: for a treatment, every fourth time for a package, every ninth for an opinion."""
    offers = case.catalogue.offers[case.hospital.slug]
    package = case.catalogue.packages.get(case.hospital.slug)
    kind: dict[str, Any] = {"treatment": offers[case.turn % len(offers)].treatment}
    if case.turn % 4 == 3 and package:
        kind = {"package": package, "travellers": 2}
    elif case.turn % 9 == 8:
        kind = {}
    wish = Wish(
        patient=case.patient,
        hospital=case.hospital,
        requested_date=case.day_in(case.ahead),
        medical_details=DETAILS,
        notes="I travel with one companion." if case.turn % 2 else "",
        **kind,
    )
    case.booking = case.act(case.patient_user, lambda: request_booking(wish, actor=case.patient_user))


def review(case: Case) -> None:
    case.wait(hours=2)
    case.move(S.UNDER_REVIEW, case.coordinator)


def accept(case: Case) -> None:
    case.wait(hours=9)
    case.move(S.ACCEPTED, case.house)


def reject(case: Case) -> None:
    case.wait(hours=12)
    case.move(S.REJECTED, case.house, reason="The department is closed for renovation")


def ask(case: Case) -> None:
    """Every third patient is asked for a second document."""
    case.wait(hours=3)
    wanted = [{"type": "mri", "why": "Not older than three months"}]
    if case.turn % 3 == 0:
        wanted.append({"type": "lab_report", "why": "Blood count and coagulation"})
    case.move(S.AWAITING_MEDICAL_DETAILS, case.coordinator, wanted=wanted)


def send_documents(case: Case) -> None:
    """Each wanted document comes some hours after the one before."""
    user = case.patient_user
    for wanted in case.booking.wanted_documents.all():
        case.wait(hours=10)
        draft = Draft(
            patient=case.patient,
            record_type=wanted.type,
            title=str(RecordType(wanted.type).label),
            record_date=case.day_in(-20),
            is_shared_with_doctors=True,
        )
        attach = partial(attach_record, booking_id=case.booking.pk, wanted_id=wanted.pk, actor=user)
        with clock.at(case.now):
            upload_record(draft, file=BytesIO(scan(wanted.type)), actor=user, attach=attach)


def reminded(days: float) -> Step:
    """Return the step in which the clock comes by after so many days, and reminds of what is missing."""

    def remind(case: Case) -> None:
        case.wait(days=days)
        case.act(None, lambda: send_reminder(case.booking.pk, FAMILIES + FAMILIES_OF_PAYMENT))

    return remind
