"""The twelve steps of a booking against a running platform, as its people would take them over REST."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from medivoy.core import clock
from medivoy.demo.people import DOMAIN
from medivoy.demo.records import scan
from medivoy.demo.rest_client import RestClient

SETTLE_SECONDS = 30
DONE = {"visa": "granted", "flights": "done", "transfers": "done", "accommodation": "done"}


class FlowFailed(Exception):
    """The walk cannot go on; the message is meant for the person at the terminal."""


class Flow:
    """The patient, the coordinator and the hospital each have their own sign-in; `say` gets a line a step."""

    def __init__(self, url: str, password: str, say: Callable[[str], None]) -> None:
        self.say = say
        self.password = password
        self.patient, self.coordinator, self.hospital = RestClient(url), RestClient(url), RestClient(url)
        self.booking = ""
        self.price = ""

    def walk(self) -> None:
        """Walk all twelve steps and print the timeline. Raises FlowFailed, CallFailed, OSError."""
        self.patient.sign_in(f"patient@{DOMAIN}", self.password)
        self.coordinator.sign_in(f"coordinator@{DOMAIN}", self.password)
        self.hospital.sign_in(f"hospital@{DOMAIN}", self.password)
        steps = [
            self.request, self.review, self.accept, self.send_documents, self.quote, self.confirm,
            self.pay, self.read_invoice, self.travel, self.treat, self.complete, self.give_feedback,
        ]  # fmt: skip
        for number, step in enumerate(steps, start=1):
            self.say(f"{number:>2}/{len(steps)}  {step()}")
        self.print_timeline()

    def request(self) -> str:
        """The patient asks for a treatment that the hospital offers."""
        house = self.hospital.call("GET", "/auth/profile")["profile"]["hospitals"][0]
        offers = self.patient.call("GET", f"/hospitals/{house['id']}/treatments")
        booking = self.patient.call(
            "POST",
            "/bookings",
            {
                "hospital_id": house["id"],
                "treatment_id": offers[0]["treatment_id"],
                "booking_type": "treatment",
                "requested_date": in_days(60),
                "medical_details": {"complaint": "Pain in the right knee for two years"},
                "notes": "My sister travels with me.",
            },
        )
        self.booking, self.price = booking["id"], offers[0]["base_price"]
        return f"requested by the patient: {booking['booking_number']} at {house['name']}"

    def review(self) -> str:
        self.move("under_review")
        return "taken into review by the coordinator"

    def accept(self) -> str:
        self.move("accepted", by=self.hospital)
        return "accepted by the hospital"

    def send_documents(self) -> str:
        """A document is wanted, and the patient sends it."""
        booking = self.move("awaiting_medical_details", wanted=[{"type": "mri", "why": "Not older than three months"}])
        fields = {
            "record_type": "mri",
            "title": "MRI of the right knee",
            "booking_id": self.booking,
            "wanted_id": booking["wanted_documents"][0]["id"],
        }
        record = self.patient.upload("/medical-records", fields, "knee.pdf", scan("mri"))
        return f"medical details asked for and sent: {record['title']}"

    def quote(self) -> str:
        """The coordinator drafts the quotation from the hospital's price and sends it."""
        booking = self.coordinator.call("GET", f"/bookings/{self.booking}")
        offer = {
            "currency": booking["currency"],
            "valid_until": in_days(14),
            "nights": 7,
            "line_items": [
                {"description": "Operation and hospital stay", "quantity": 1, "unit_price": self.price},
                {"description": "Physiotherapy", "quantity": 5, "unit_price": "60"},
            ],
        }
        quotation = self.coordinator.call("POST", f"/bookings/{self.booking}/quotation", offer)
        self.move("quotation_sent")
        return f"quotation {quotation['quotation_number']} sent: {quotation['total']} {quotation['currency']}"

    def confirm(self) -> str:
        booking = self.patient.call("POST", f"/bookings/{self.booking}/quotation/accept", {})
        return f"confirmed by the patient, now {booking['status']}: {booking['amount_due']} due first"

    def pay(self) -> str:
        """The patient pays the whole balance on the sandbox gateway's page; its webhook comes twice."""
        booking = self.patient.call("GET", f"/bookings/{self.booking}")
        wish = {"booking_id": self.booking, "payment_gateway": "sandbox", "amount": booking["balance"]}
        payment = self.patient.call("POST", "/payments", wish)
        self.patient.post_form(payment["checkout_url"], outcome="approve", delivery="twice")
        paid = self.wait_for(f"/payments/{payment['id']}", "completed")
        return f"paid: {paid['amount']} {paid['currency']}, {paid['transaction_id']}, receipt {paid['receipt_number']}"

    def read_invoice(self) -> str:
        self.wait_for(f"/bookings/{self.booking}", "invoice_sent")
        invoice = self.patient.call("GET", f"/invoices?booking_id={self.booking}")[0]
        size = len(self.patient.get_bytes(f"/invoices/{invoice['id']}/pdf"))
        return f"invoice {invoice['invoice_number']} issued and mailed, {size} bytes of PDF"

    def travel(self) -> str:
        self.move("travel_arrangement")
        self.coordinator.call("PUT", f"/bookings/{self.booking}/travel", {"checklist": DONE})
        return "travel arranged: visa, flights, transfers, accommodation"

    def treat(self) -> str:
        self.move("in_treatment", by=self.hospital)
        return "admitted by the hospital"

    def complete(self) -> str:
        self.move("completed", by=self.hospital, outcome="treated")
        return "treated and discharged"

    def give_feedback(self) -> str:
        words = {"booking_id": self.booking, "rating": 5, "review_text": "Kind people, clear words, no pain."}
        self.patient.call("POST", "/reviews", words)
        booking = self.patient.call("GET", f"/bookings/{self.booking}")
        return f"reviewed by the patient, now {booking['status']}"

    def move(self, status: str, by: RestClient | None = None, **given: Any) -> Any:
        client = by or self.coordinator
        return client.call("PATCH", f"/bookings/{self.booking}/status", {"status": status, **given})

    def wait_for(self, path: str, status: str) -> Any:
        """Read `path` until its status is `status`; workers need a moment. Raises FlowFailed."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while (row := self.patient.call("GET", path))["status"] != status:
            if time.monotonic() > deadline:
                raise FlowFailed(f"{path} is still {row['status']} after {SETTLE_SECONDS} s. Does the worker run?")
            time.sleep(0.5)
        return row

    def print_timeline(self) -> None:
        self.say("\nThe timeline:")
        for event in self.coordinator.call("GET", f"/bookings/{self.booking}/timeline?limit=100"):
            what = event["to"] if event["kind"] == "moved" else event["kind"]
            who = event["who"]["name"] if event["who"] else "system"
            self.say(f"  {event['when'][:19].replace('T', ' ')}  {what:<26} {who}")


def in_days(days: int) -> str:
    """Return the date so many days from today."""
    return (clock.today() + timedelta(days=days)).isoformat()
