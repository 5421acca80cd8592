"""The demo world as a script: which journeys there are, how far each has come, and how long ago it began."""

from collections.abc import Callable
from datetime import datetime, timedelta

from apps.billing.tasks import send_refunds
from apps.bookings.tasks import expire_quotations
from medivoy.core import clock
from medivoy.demo import cases, catalogue
from medivoy.demo.cases import Case, Step
from medivoy.demo.people import make_accounts, make_patients

TO_REVIEW = [cases.request, cases.review]
TO_ACCEPTED = [*TO_REVIEW, cases.accept]
TO_ASKED = [*TO_ACCEPTED, cases.ask]
TO_DOCUMENTS = [*TO_ASKED, cases.send_documents]
TO_DRAFT = [*TO_DOCUMENTS, cases.draft]
TO_SENT = [*TO_DRAFT, cases.send]
TO_AGREED = [*TO_SENT, cases.agree]
TO_PAID = [*TO_AGREED, cases.pay_all]
TO_DEPOSIT = [*TO_AGREED, cases.pay]
TO_TRAVEL = [*TO_PAID, cases.travel]
TO_READY = [*TO_TRAVEL, cases.apply_visa, cases.finish_travel]
TO_TREATED = [*TO_READY, cases.admit]
TO_COMPLETED = [*TO_TREATED, cases.discharge]

# (steps, days since the request, days from the request to the wished admission, how many of them)
JOURNEYS: list[tuple[list[Step], float, int, int]] = [
    ([cases.request], 0.05, 60, 5),
    ([cases.request], 0.4, 60, 1),
    (TO_REVIEW, 0.3, 55, 4),
    (TO_ACCEPTED, 1, 50, 3),
    (TO_ASKED, 2, 50, 3),
    (TO_ASKED, 9, 60, 1),
    (TO_DOCUMENTS, 2.2, 45, 3),
    (TO_DRAFT, 3, 45, 3),
    (TO_SENT, 3.5, 45, 4),
    ([*TO_SENT, cases.call], 12, 60, 2),
    ([*TO_SENT, cases.decline], 7, 50, 2),
    (TO_SENT, 25, 60, 2),
    (TO_AGREED, 5.5, 40, 3),
    ([*TO_AGREED, cases.open_payment], 7, 40, 1),
    ([*TO_AGREED, cases.announce_transfer], 8, 40, 2),
    (TO_DEPOSIT, 9, 40, 2),
    (TO_PAID, 8, 35, 3),
    ([*TO_DEPOSIT, cases.travel, cases.apply_visa], 14, 40, 2),
    ([*TO_DEPOSIT, cases.travel, cases.finish_travel], 18, 26, 1),
    (TO_TRAVEL, 11, 30, 2),
    (TO_READY, 16, 22, 3),
    ([*TO_TREATED, cases.note], 22, 18, 3),
    (TO_COMPLETED, 30, 19, 3),
    ([*TO_TREATED, cases.die], 40, 20, 1),
    ([*TO_COMPLETED, cases.feed_back], 60, 20, 6),
    ([*TO_REVIEW, cases.reject], 10, 40, 2),
    ([*TO_ASKED, cases.hold], 12, 60, 2),
    ([*TO_PAID, cases.hold], 14, 60, 1),
    ([*TO_SENT, cases.cancel_by_patient], 9, 40, 2),
    ([*TO_PAID, cases.cancel_by_patient], 12, 32, 2),
    ([*TO_PAID, cases.cancel_for_visa], 12, 24, 1),
    ([*TO_DEPOSIT, cases.cancel_by_hospital], 12, 30, 1),
    ([*TO_AGREED, cases.overpay], 9, 40, 1),
]
# patient@ has a case that is treated by hospital@ and doctor@, besides one that has just begun.
KNOWN = [(TO_TREATED, 22, 18), (TO_SENT, 3.5, 45)]


def build(say: Callable[[str], None]) -> None:
    """Make the whole world in an empty database, the same each time but for the dates, which follow today's."""
    say("accounts")
    with clock.at(clock.now() - timedelta(days=400)):
        accounts = make_accounts()
        say("hospitals, doctors, treatments, packages")
        world = catalogue.build(accounts)
        say("patients")
        patients = make_patients(accounts)
    say("cases")
    turn = 0
    for steps, days, ahead in KNOWN:
        _walk(Case(patients[0], world.hospitals[0], world, _ago(days), ahead, turn=0), steps)
    for steps, days, ahead, count in JOURNEYS:
        for _number in range(count):
            turn += 1
            patient, hospital = patients[turn % len(patients)], world.hospitals[turn % len(world.hospitals)]
            _walk(Case(patient, hospital, world, _ago(days), ahead, turn), steps)
        say(f"  {turn} cases")
    expire_quotations()
    send_refunds()


def _ago(days: float) -> datetime:
    return clock.now() - timedelta(days=days)


def _walk(case: Case, steps: list[Step]) -> None:
    for step in steps:
        step(case)
