"""The demo world's cases: each walks its journey by the services, at the times at which its people would."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.billing import sandbox
from apps.billing.models import GatewayCode
from apps.billing.services import bank_transfers
from apps.billing.services.acceptance import accept_quotation
from apps.billing.services.cancellation import cancel_booking, preview
from apps.billing.services.journey import move_booking
from apps.billing.services.payments import ask_gateway, start_payment
from apps.bookings.models import Booking
from apps.bookings.services.booking import Wish, request_booking
from apps.bookings.services.details import attach_record
from apps.bookings.services.notes import add_note, log_call
from apps.bookings.services.quotation import Offer, OfferLine, draft_from_package, draft_quotation
from apps.bookings.services.quotation_answers import decline_quotation
from apps.bookings.services.reviews import give_review, verify_review
from apps.bookings.services.travel import write_travel
from apps.bookings.states import BookingStatus as S
from apps.clinical.models import Patient
from apps.hospitals.models import Hospital
from medivoy.core import clock
from medivoy.core.context import writing
from medivoy.core.money import round_to_step
from medivoy.demo.catalogue import Catalogue
from medivoy.demo.records import upload_scan

Step = Callable[["Case"], None]

APPROVE, NEVER = sandbox.Outcome.APPROVE, sandbox.Delivery.NEVER


@dataclass
class Case:
    """One case on its way: who, where, and what time it is for its people."""

    patient: Patient
    hospital: Hospital
    catalogue: Catalogue
    now: datetime
    # Days from the request to the wished admission.
    ahead: int
    turn: int
    booking: Booking | None = None

    def wait(self, **span: float) -> None:
        """Let time pass; never beyond the real present."""
        self.now = min(self.now + timedelta(**span), clock.now())

    def act(self, actor: User, what: Callable[[], Any]) -> Any:
        """Do something in the name of `actor` at the case's present, in a transaction."""
        with clock.at(self.now), writing(actor):
            return what()

    @property
    def patient_user(self) -> User:
        return self.patient.user

    @property
    def coordinator(self) -> User:
        self.booking.refresh_from_db()
        return self.booking.coordinator

    @property
    def house(self) -> User:
        return self.hospital.admin_user

    def move(self, to: str, actor: User, **given: Any) -> None:
        self.act(actor, lambda: move_booking(self.booking, to=to, actor=actor, **given))
        self.booking.refresh_from_db()


def request(case: Case) -> None:
    """The patient asks: for a treatment, every fourth for a package, every ninth for an opinion."""
    offers = case.catalogue.offers_of(case.hospital)
    packages = [package for package in case.catalogue.packages if case.hospital in package.hospitals.all()]
    kind: dict[str, Any] = {"treatment": offers[case.turn % len(offers)].treatment}
    if case.turn % 4 == 3 and packages:
        kind = {"package": packages[0], "travellers": 2}
    elif case.turn % 9 == 8:
        kind = {}
    wish = Wish(
        patient=case.patient,
        hospital=case.hospital,
        requested_date=(case.now + timedelta(days=case.ahead)).date(),
        medical_details={"complaint": "Described in the attached letter", "since": "two years"},
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
    case.wait(hours=3)
    wanted = [
        {"type": "mri", "why": "Not older than three months"},
        {"type": "lab_report", "why": "Blood count and coagulation"},
    ]
    case.move(S.AWAITING_MEDICAL_DETAILS, case.coordinator, wanted=wanted)


def send_documents(case: Case) -> None:
    for wanted in case.booking.wanted_documents.all():
        case.wait(hours=10)
        record = case.act(case.patient_user, lambda kind=wanted.type: upload_scan(case.patient, kind, case.booking))
        case.act(
            case.patient_user,
            lambda row=record, item=wanted: attach_record(
                row, booking_id=case.booking.pk, wanted_id=item.pk, actor=case.patient_user
            ),
        )
    case.booking.refresh_from_db()


def draft(case: Case) -> None:
    """A package drafts itself; a treatment gets the price list's line, one optional and one possible extra."""
    case.wait(hours=20)
    actor = case.coordinator
    if case.booking.package_id:
        case.act(actor, lambda: draft_from_package(case.booking, actor=actor))
        return
    hospital = case.hospital
    offers = case.catalogue.offers_of(hospital)
    chosen = next((offer for offer in offers if offer.treatment_id == case.booking.treatment_id), offers[0])
    step = hospital.currency
    offer = Offer(
        currency=hospital.currency,
        valid_until=(case.now + timedelta(days=14)).date(),
        lines=[
            OfferLine(f"{chosen.treatment.name_en}, hospital stay included", chosen.base_price),
            OfferLine("Physiotherapy, five sessions", round_to_step(chosen.base_price / 100, step), Decimal(5)),
            OfferLine("Single room", round_to_step(chosen.base_price / 20, step), kind="optional"),
            OfferLine(
                "Intensive care, a day",
                round_to_step(chosen.base_price / 10, step),
                kind="possible_extra",
                unit_price_to=round_to_step(chosen.base_price / 6, step),
            ),
        ],
        nights=chosen.duration_days,
        exclusions=chosen.exclusions,
        rests_on="The documents of this case",
        doctor=case.catalogue.doctors[hospital.slug][0],
        treatment=chosen.treatment,
    )
    case.act(actor, lambda: draft_quotation(case.booking, actor=actor, offer=offer))


def send(case: Case) -> None:
    case.wait(hours=1)
    case.move(S.QUOTATION_SENT, case.coordinator)


def decline(case: Case) -> None:
    case.wait(hours=30)
    reason = "More than we can pay at once"
    case.act(case.patient_user, lambda: decline_quotation(case.booking, actor=case.patient_user, reason=reason))


def agree(case: Case) -> None:
    case.wait(hours=26)
    user = case.patient_user
    version = case.booking.quotations.current().get().version_number
    case.act(
        user, lambda: accept_quotation(case.booking, actor=user, version=version, language=user.preferred_language)
    )
    case.booking.refresh_from_db()


def pay(case: Case) -> None:
    """The next milestone, by card at the sandbox gateway."""
    _pay_by_card(case, None)


def pay_all(case: Case) -> None:
    """All that is owed: by card, every third by bank transfer."""
    if case.turn % 3 == 2:
        announce_transfer(case)
        receive_transfer(case)
    else:
        _pay_by_card(case, case.booking.balance)


def _pay_by_card(case: Case, amount: Decimal | None) -> None:
    case.wait(hours=20)
    with clock.at(case.now):
        made = start_payment(case.booking, actor=case.patient_user, gateway=GatewayCode.SANDBOX, amount=amount)
        token = made.payment.client_data["checkout_url"].rstrip("/").rsplit("/", 1)[-1]
        sandbox.decide(token, APPROVE, NEVER)
        ask_gateway(made.payment)
    case.booking.refresh_from_db()


def open_payment(case: Case) -> None:
    """An attempt that the payer has not finished."""
    case.wait(hours=5)
    with clock.at(case.now):
        start_payment(case.booking, actor=case.patient_user, gateway=GatewayCode.SANDBOX)


def announce_transfer(case: Case) -> None:
    case.wait(hours=8)
    with clock.at(case.now):
        start_payment(
            case.booking,
            actor=case.patient_user,
            gateway=GatewayCode.BANK_TRANSFER,
            amount=case.booking.balance,
        )
    case.booking.refresh_from_db()


def receive_transfer(case: Case) -> None:
    """The statement shows the money; above the limit a second coordinator looks too."""
    case.wait(hours=40)
    payment = case.booking.payments.open().get()
    receipt: dict[str, Any] = {
        "value_date": case.now.date(),
        "sender": str(case.patient),
        "reference": f"BANK-{payment.transaction_id}",
        "amount": payment.amount,
        "currency": payment.currency,
        "proof": "Statement of the trust account",
    }
    for actor in (case.coordinator, User.objects.admins().get()):
        payment.refresh_from_db()
        if payment.is_open:
            case.act(actor, lambda who=actor: bank_transfers.confirm(payment, actor=who, **receipt))
    case.booking.refresh_from_db()


def overpay(case: Case) -> None:
    """A transfer of more than was owed."""
    case.wait(hours=6)
    actor = case.coordinator
    balance = case.booking.balance
    extra = round_to_step(balance / 50, case.booking.currency)
    receipt = case.act(
        actor,
        lambda: bank_transfers.record_receipt(
            actor=actor,
            value_date=case.now.date(),
            sender=str(case.patient),
            reference=f"BANK-{case.booking.booking_number}",
            amount=balance + extra,
            currency=case.booking.currency,
            proof="Statement of the trust account",
        ),
    )
    for who in (actor, User.objects.admins().get()):
        receipt.refresh_from_db()
        if receipt.confirmed_at is None:
            case.act(who, lambda by=who: bank_transfers.apply_receipt(receipt, case.booking, actor=by))
    case.booking.refresh_from_db()


def travel(case: Case) -> None:
    case.wait(hours=20)
    case.move(S.TRAVEL_ARRANGEMENT, case.coordinator)


def apply_visa(case: Case) -> None:
    case.wait(hours=5)
    actor = case.coordinator
    plan = {"checklist": {"visa": "applied", "accommodation": "done"}, "accommodation": {"hotel": "Garden Guest House"}}
    case.act(actor, lambda: write_travel(case.booking, actor=actor, plan=plan))


def finish_travel(case: Case) -> None:
    case.wait(hours=30)
    actor = case.coordinator
    plan = {
        "checklist": {"visa": "granted", "flights": "done", "transfers": "done", "accommodation": "done"},
        "flights": [{"number": "MV 204", "arrival": (case.now + timedelta(days=5)).isoformat()}],
        "accommodation": {"hotel": "Garden Guest House"},
    }
    case.act(actor, lambda: write_travel(case.booking, actor=actor, plan=plan))
    case.booking.refresh_from_db()


def admit(case: Case) -> None:
    case.now = max(case.now, clock.start_of_day(case.booking.confirmed_date, case.hospital.timezone))
    case.wait(hours=10)
    case.move(S.IN_TREATMENT, case.house)


def discharge(case: Case) -> None:
    case.wait(days=6)
    case.move(S.COMPLETED, case.house, outcome="treated")


def die(case: Case) -> None:
    case.wait(days=2)
    case.move(S.COMPLETED, case.house, outcome="died")


def feed_back(case: Case) -> None:
    case.wait(days=8)
    rating = 3 + case.turn % 3
    text = ("Clear words and kind people.", "I would come again.", "Well looked after.")[case.turn % 3]
    review_ = case.act(
        case.patient_user,
        lambda: give_review(case.booking, actor=case.patient_user, rating=rating, review_text=text),
    )
    if case.turn % 3:
        case.wait(hours=20)
        case.act(case.coordinator, lambda: verify_review(review_))


def hold(case: Case) -> None:
    case.wait(hours=10)
    review_on = (clock.now() + timedelta(days=case.turn % 9)).date()
    case.move(S.ON_HOLD, case.coordinator, reason="personal", review_on=review_on, notes="A wedding in the family")


def cancel_by_patient(case: Case) -> None:
    _cancel(case, "patient", "changed_mind")


def cancel_for_visa(case: Case) -> None:
    _cancel(case, "patient", "visa_refused")


def cancel_by_hospital(case: Case) -> None:
    _cancel(case, "hospital", "doctor_unavailable")


def _cancel(case: Case, party: str, reason: str) -> None:
    case.wait(hours=15)
    actor = case.coordinator
    with clock.at(case.now):
        terms = preview(case.booking, party=party, reason=reason)
    case.act(
        actor,
        lambda: cancel_booking(case.booking, actor=actor, party=party, reason=reason, expected_refund=terms.refund),
    )


def call(case: Case) -> None:
    case.wait(hours=3)
    actor = case.coordinator
    case.act(
        actor,
        lambda: log_call(
            case.booking,
            actor=actor,
            answered=bool(case.turn % 2),
            internal_notes="Asked whether everything is clear.",
            follow_up_at=clock.now() + timedelta(hours=case.turn % 40 - 4),
            follow_up_note="Call again",
        ),
    )


def note(case: Case) -> None:
    actor = case.coordinator
    case.act(actor, lambda: add_note(case.booking, actor=actor, internal_notes="Prefers messages in the morning."))
