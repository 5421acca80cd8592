"""The demo world as a script: which journeys there are, how far each has come, and how long ago it began."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from apps.clinical.models import Patient
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.core.context import writing
from medivoy.demo import catalogue
from medivoy.demo.case import Case, Step
from medivoy.demo.people import make_accounts, make_patients
from medivoy.demo.steps import aside, payment, quotation, request, stay
from medivoy.demo.steps.request import reminded

TO_REVIEW: list[Step] = [request.request, request.review]
TO_ACCEPTED = [*TO_REVIEW, request.accept]
TO_ASKED = [*TO_ACCEPTED, request.ask]
TO_DOCUMENTS = [*TO_ASKED, request.send_documents]
TO_DRAFT = [*TO_DOCUMENTS, quotation.draft]
TO_SENT = [*TO_DRAFT, quotation.send]
TO_AGREED = [*TO_SENT, quotation.agree]
TO_PAID = [*TO_AGREED, payment.pay_all]
TO_DEPOSIT = [*TO_AGREED, payment.pay]
TO_TRAVEL = [*TO_PAID, stay.travel]
TO_READY = [*TO_TRAVEL, stay.apply_visa, stay.finish_travel]
TO_TREATED = [*TO_READY, stay.admit]
TO_COMPLETED = [*TO_TREATED, stay.discharge]

# (steps, days since the request, days from the request to the wished admission, how many of them)
JOURNEYS: list[tuple[list[Step], float, int, int]] = [
    ([request.request], 0.05, 60, 4),
    ([request.request], 0.4, 60, 1),
    (TO_REVIEW, 0.3, 55, 3),
    (TO_ACCEPTED, 1, 50, 3),
    (TO_ASKED, 2, 50, 2),
    ([*TO_ASKED, reminded(3), reminded(4)], 9, 60, 1),
    (TO_DOCUMENTS, 2.2, 45, 3),
    (TO_DRAFT, 3, 45, 2),
    (TO_SENT, 3.5, 45, 3),
    ([*TO_SENT, reminded(3), aside.call], 12, 60, 2),
    ([*TO_SENT, quotation.revise], 6, 50, 1),
    ([*TO_SENT, quotation.decline], 7, 50, 1),
    ([*TO_SENT, quotation.expire], 25, 60, 1),
    (TO_AGREED, 5.5, 40, 2),
    ([*TO_AGREED, reminded(5)], 11, 40, 1),
    ([*TO_AGREED, payment.open_payment], 7, 40, 1),
    ([*TO_AGREED, payment.announce_transfer], 8, 40, 2),
    (TO_DEPOSIT, 9, 40, 2),
    (TO_PAID, 8, 35, 2),
    ([*TO_DEPOSIT, stay.travel, stay.apply_visa], 14, 40, 2),
    ([*TO_DEPOSIT, stay.travel, stay.finish_travel], 18, 26, 1),
    (TO_TRAVEL, 11, 30, 2),
    (TO_READY, 16, 22, 2),
    ([*TO_TREATED, aside.note], 22, 18, 2),
    (TO_COMPLETED, 30, 19, 2),
    ([*TO_TREATED, stay.die], 40, 20, 1),
    ([*TO_COMPLETED, stay.feed_back], 60, 20, 4),
    ([*TO_REVIEW, request.reject], 10, 40, 2),
    ([*TO_ASKED, aside.hold], 12, 60, 2),
    ([*TO_PAID, aside.hold], 14, 60, 1),
    ([*TO_SENT, aside.cancel_by_patient], 9, 40, 1),
    ([*TO_PAID, aside.cancel_by_patient], 12, 32, 2),
    ([*TO_PAID, aside.cancel_for_visa], 12, 24, 1),
    ([*TO_DEPOSIT, aside.cancel_by_hospital], 12, 30, 1),
    ([*TO_AGREED, payment.overpay], 9, 40, 1),
]
# patient@ has a case that is treated by hospital@ and doctor@, and an offer to answer.
KNOWN: list[tuple[list[Step], float, int]] = [(TO_TREATED, 22, 18), (TO_SENT, 3.5, 45)]

# Whoever starts the platform finds a handful of mails in the outbox, in every language, and their own at once: what
# was mailed before this has arrived, as it would have from a platform that has been running all the time.
MAIL_ARRIVED_BEFORE = timedelta(days=1)
NEWS_READ_BEFORE = timedelta(days=3)


@dataclass
class Place:
    """Where cases happen: the houses, and the people who may ask for something."""

    houses: catalogue.Catalogue
    patients: list[Patient]


def build(say: Callable[[str], None]) -> None:
    """Make the whole world in an empty database, the same each time but for the dates, which follow today's."""
    place = build_place(say)
    for steps, days, ahead in KNOWN:
        _walk(place, 0, steps, days, ahead)
    journeys = [(steps, days, ahead) for steps, days, ahead, count in JOURNEYS for _number in range(count)]
    for turn, journey in enumerate(journeys, start=1):
        _walk(place, turn, *journey)
        if turn % 10 == 0 or turn == len(journeys):
            say(f"{turn} of {len(journeys)} cases")
    _let_old_news_arrive()


def build_place(say: Callable[[str], None]) -> Place:
    """Make the accounts, the houses with all they offer, and the patients; no case yet."""
    with clock.at(_ago(400)), writing(None):
        say("accounts")
        accounts = make_accounts()
        say("hospitals, doctors, treatments, packages")
        houses = catalogue.build(accounts)
        say("patients")
        return Place(houses, make_patients(accounts))


def _walk(place: Place, turn: int, steps: list[Step], days: float, ahead: int) -> None:
    """Walk one case: patients and hospitals take turns, turn 0 is patient@'s at hospital@'s."""
    patient = place.patients[turn % len(place.patients)]
    hospital = place.houses.hospitals[turn % len(place.houses.hospitals)]
    case = Case(patient, hospital, place.houses, _ago(days), ahead, turn)
    for step in steps:
        step(case)


def _ago(days: float) -> datetime:
    return clock.now() - timedelta(days=days)


def _let_old_news_arrive() -> None:
    written = F("created_at")
    mails = Notification.objects.unsent().filter(created_at__lt=clock.now() - MAIL_ARRIVED_BEFORE)
    mails.update(is_sent=True, sent_at=written, attempts=1)
    news = Notification.objects.unread().filter(channel="in_app", created_at__lt=clock.now() - NEWS_READ_BEFORE)
    news.update(is_read=True, read_at=written)
