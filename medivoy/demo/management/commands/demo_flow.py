"""`make demo-flow`: one booking through its twelve steps against a running server, as its people would do it."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from medivoy.demo.rest_client import CallFailed, RestClient

PASSWORD = "Medivoy-demo-2026"  # noqa: S105 - the demo accounts' known password
SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SETTLE_SECONDS = 30


class Command(BaseCommand):
    help = "Walk one booking through all twelve steps against a running server and print its timeline."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=settings.PUBLIC_URL, help="where the platform runs")
        parser.add_argument("--password", default=PASSWORD)

    def handle(self, *args: Any, **options: Any) -> None:
        flow = Flow(options["url"], options["password"], self.say)
        try:
            flow.walk()
        except CallFailed as failure:
            raise CommandError(f"the server answered {failure}") from failure
        except OSError as error:
            raise CommandError(f"no server at {options['url']}: {error}. Start it with: make run") from error

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


class Flow:
    """The twelve steps. The patient, the coordinator and the hospital each have their own sign-in."""

    def __init__(self, url: str, password: str, say: Callable[[str], None]) -> None:
        self.say = say
        self.patient, self.coordinator, self.hospital = RestClient(url), RestClient(url), RestClient(url)
        self.password = password
        self.booking = ""
        self.step = 0

    def walk(self) -> None:
        """Walk all twelve steps, a line each, and print the timeline."""
        for client, name in (
            (self.patient, "patient"),
            (self.coordinator, "coordinator"),
            (self.hospital, "hospital"),
        ):
            client.sign_in(f"{name}@medivoy.test", self.password)
        steps = [
            self.request, self.review, self.accept, self.documents, self.quote, self.confirm,
            self.pay, self.invoice, self.travel, self.treat, self.complete, self.feedback,
        ]  # fmt: skip
        for step in steps:
            self.step += 1
            self.say(f"{self.step:>2}/12  {step()}")
        self.print_timeline()

    def request(self) -> str:
        """Step 1: the patient asks for a treatment that this hospital offers."""
        hospital = self.hospital.call("GET", "/auth/profile")["profile"]["hospitals"][0]
        offers = self.patient.call("GET", f"/hospitals/{hospital['id']}/treatments")
        booking = self.patient.call(
            "POST",
            "/bookings",
            {
                "hospital_id": hospital["id"],
                "treatment_id": offers[0]["treatment_id"],
                "booking_type": "treatment",
                "requested_date": (date.today() + timedelta(days=60)).isoformat(),
                "medical_details": {"complaint": "Pain in the right knee for two years"},
                "notes": "My sister travels with me.",
            },
        )
        self.booking = booking["id"]
        return f"requested by the patient: {booking['booking_number']} at {hospital['name']}"

    def review(self) -> str:
        self.move("under_review")
        return "taken into review by the coordinator"

    def accept(self) -> str:
        self.move("accepted", by=self.hospital)
        return "accepted by the hospital"

    def documents(self) -> str:
        """Step 4: a document is wanted and the patient sends it."""
        self.move("awaiting_medical_details", wanted=[{"type": "mri", "why": "Not older than three months"}])
        record = self.patient.upload(
            "/medical-records",
            {"record_type": "mri", "title": "MRI of the right knee", "booking_id": self.booking},
            "knee.pdf",
            SCAN,
        )
        return f"medical details asked for and sent: {record['title']}"

    def quote(self) -> str:
        """Step 5: the coordinator drafts the quotation in the hospital's currency and sends it."""
        booking = self.coordinator.call("GET", f"/bookings/{self.booking}")
        quotation = self.coordinator.call(
            "POST",
            f"/bookings/{self.booking}/quotation",
            {
                "currency": booking["currency"],
                "valid_until": (date.today() + timedelta(days=14)).isoformat(),
                "nights": 7,
                "line_items": [
                    {"description": "Operation and hospital stay", "quantity": 1, "unit_price": "6500"},
                    {"description": "Physiotherapy", "quantity": 5, "unit_price": "60"},
                ],
            },
        )
        self.move("quotation_sent")
        return f"quotation sent: {quotation['total_amount']} {quotation['currency']}"

    def confirm(self) -> str:
        booking = self.patient.call("POST", f"/bookings/{self.booking}/quotation/accept", {})
        return f"accepted by the patient, now {booking['status']}"

    def pay(self) -> str:
        """Step 7: the patient pays the whole balance on the sandbox gateway's page."""
        booking = self.patient.call("GET", f"/bookings/{self.booking}")
        payment = self.patient.call(
            "POST",
            "/payments",
            {"booking_id": self.booking, "payment_gateway": "sandbox", "amount": booking["balance"]},
        )
        self.patient.post_form(payment["checkout_url"], outcome="approve", delivery="twice")
        paid = self.wait_for(f"/payments/{payment['id']}", "completed")
        return f"paid: {paid['amount']} {paid['currency']} by {paid['transaction_id']}"

    def invoice(self) -> str:
        self.wait_for(f"/bookings/{self.booking}", "invoice_sent")
        invoice = self.coordinator.call("POST", "/invoices", {"booking_id": self.booking})
        size = len(self.patient.get_bytes(f"/invoices/{invoice['id']}/pdf"))
        return f"invoice {invoice['invoice_number']} issued and mailed, {size} bytes of PDF"

    def travel(self) -> str:
        self.move("travel_arrangement")
        plan = {
            "visa": {"status": "granted"},
            "flights": {"status": "done"},
            "transfers": {"status": "done"},
            "accommodation": {"status": "done"},
        }
        self.coordinator.call("PUT", f"/bookings/{self.booking}/travel", plan)
        return "travel arranged: visa, flights, transfers, accommodation"

    def treat(self) -> str:
        self.move("in_treatment", by=self.hospital)
        return "admitted by the hospital"

    def complete(self) -> str:
        self.move("completed", by=self.hospital, outcome="treated")
        return "treated and discharged"

    def feedback(self) -> str:
        body = {"booking_id": self.booking, "rating": 5, "review_text": "Kind people, clear words, no pain."}
        self.patient.call("POST", "/reviews", body)
        booking = self.patient.call("GET", f"/bookings/{self.booking}")
        return f"reviewed by the patient, now {booking['status']}"

    def move(self, status: str, by: RestClient | None = None, **extra: Any) -> None:
        (by or self.coordinator).call("PATCH", f"/bookings/{self.booking}/status", {"status": status, **extra})

    def wait_for(self, path: str, status: str) -> Any:
        """Read `path` until its status is `status`; workers need a moment."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            row = self.patient.call("GET", path)
            if row["status"] == status:
                return row
            if time.monotonic() > deadline:
                raise CommandError(f"{path} is still {row['status']} after {SETTLE_SECONDS} s; does the worker run?")
            time.sleep(0.5)

    def print_timeline(self) -> None:
        events = self.coordinator.call("GET", f"/bookings/{self.booking}/timeline?limit=100")
        self.say("\nThe timeline:")
        for event in events:
            what = event["to_status"] or event["kind"]
            self.say(
                f"  {event['created_at'][:19]}  {what:<26} {event['actor']['name'] if event['actor'] else 'system'}"
            )
