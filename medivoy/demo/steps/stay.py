"""The journey, the stay, and what the patient says of it."""

from datetime import timedelta

from apps.bookings.services.reviews import give_review, verify_review
from apps.bookings.services.travel import write_travel
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from medivoy.demo.case import Case

HOTEL = {"hotel": "Garden Guest House"}
WORDS = ("Clear words and kind people.", "I would come again.", "Well looked after.")


def travel(case: Case) -> None:
    case.wait(hours=20)
    case.move(S.TRAVEL_ARRANGEMENT, case.coordinator)


def apply_visa(case: Case) -> None:
    case.wait(hours=5)
    actor = case.coordinator
    plan = {"checklist": {"visa": "applied", "accommodation": "done"}, "accommodation": HOTEL}
    case.act(actor, lambda: write_travel(case.booking, actor=actor, plan=plan))


def finish_travel(case: Case) -> None:
    case.wait(hours=30)
    actor = case.coordinator
    plan = {
        "checklist": {"visa": "granted", "flights": "done", "transfers": "done", "accommodation": "done"},
        "flights": [{"number": "MV 204", "arrival": (case.now + timedelta(days=5)).isoformat()}],
        "accommodation": HOTEL,
    }
    case.act(actor, lambda: write_travel(case.booking, actor=actor, plan=plan))


def admit(case: Case) -> None:
    """On the morning of the agreed day, at the hospital."""
    day = case.booking.confirmed_date or case.booking.local_today()
    case.now = max(case.now, clock.start_of_day(day, case.hospital.timezone))
    case.wait(hours=10)
    case.move(S.IN_TREATMENT, case.house)


def discharge(case: Case) -> None:
    case.wait(days=6)
    case.move(S.COMPLETED, case.house, outcome="treated")


def die(case: Case) -> None:
    case.wait(days=2)
    case.move(S.COMPLETED, case.house, outcome="died")


def feed_back(case: Case) -> None:
    """A review; two of three are looked at and published."""
    case.wait(days=8)
    user = case.patient_user
    rating, text = 3 + case.turn % 3, WORDS[case.turn % 3]
    review = case.act(user, lambda: give_review(case.booking, actor=user, rating=rating, review_text=text))
    if case.turn % 3:
        case.wait(hours=20)
        case.act(case.coordinator, lambda: verify_review(review))
