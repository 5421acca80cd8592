"""One booking on a live platform (tests/live.py), moved by its people over HTTP."""

from datetime import timedelta

from medivoy.core import clock
from tests.processes import wait_until

LINES = [{"description": "Operation", "quantity": 1, "unit_price": "10000"}]
# Words that must never leave the platform by mail.
SECRETS = ("SECRET-COMPLAINT", "SECRET-NOTE", "SECRET-INTERNAL", "SECRET-REASON", "SECRET-TITLE", "SECRET-REVIEW")


def in_days(days):
    return str(clock.today() + timedelta(days=days))


class Journey:
    """The case of one patient; `people` are clients by the names of the demo world's accounts."""

    def __init__(self, people, patient="patient", hospital="hospital"):
        self.people = people
        self.patient, self.hospital = people[patient], people[hospital]
        self.coordinator = people["coordinator"]
        self.path = ""

    def wish(self):
        """What a patient asks for."""
        house = self.hospital.get("/auth/profile")["profile"]["hospitals"][0]
        offers = self.patient.get(f"/hospitals/{house['id']}/treatments")
        return {
            "hospital_id": house["id"],
            "treatment_id": offers[0]["treatment_id"],
            "requested_date": in_days(60),
            "medical_details": {"complaint": "SECRET-COMPLAINT"},
            "notes": "SECRET-NOTE",
        }

    def request(self):
        booking = self.patient.post("/bookings", self.wish())
        self.id, self.number, self.path = booking["id"], booking["booking_number"], f"/bookings/{booking['id']}"
        return self

    @property
    def booking(self):
        return self.coordinator.get(self.path)

    def move(self, status, by=None, **given):
        return (by or self.coordinator).patch(f"{self.path}/status", {"status": status, **given})

    def draft(self, by=None, **changes):
        offer = {"currency": self.booking["currency"], "valid_until": in_days(14), "line_items": LINES}
        return (by or self.coordinator).post(f"{self.path}/quotation", offer | changes)

    def offer(self):
        """From the request to a quotation that is out."""
        self.request()
        self.move("under_review")
        self.move("accepted", by=self.hospital)
        self.draft()
        self.move("quotation_sent")
        return self

    def agree(self):
        self.patient.post(f"{self.path}/quotation/accept", {})
        return self

    def begin_payment(self, expect=201, **wish):
        """An attempt to pay by card: the next milestone unless `amount` says otherwise."""
        wish = {"booking_id": self.id, "payment_gateway": "sandbox", **wish}
        return self.patient.post("/payments", wish, expect=expect)

    def decide(self, payment, outcome="approve", delivery="once"):
        """What the payer does on the gateway's page."""
        form = {"outcome": outcome, "delivery": delivery}
        self.patient.ask("POST", payment["checkout_url"], expect=303, data=form, allow_redirects=False)

    def payment(self, payment):
        return self.patient.get(f"/payments/{payment['id']}")

    def wait_for(self, status, seconds=20):
        """Wait until workers have brought the booking to `status`."""
        wait_until(lambda: self.booking["status"] == status, seconds)
        return self.booking

    def pay_all(self):
        payment = self.begin_payment(amount=self.booking["balance"])
        self.decide(payment)
        self.wait_for("invoice_sent")
        return self

    def moves(self):
        """The states that the booking went through."""
        events = self.coordinator.get(f"{self.path}/timeline?limit=100")
        return [event["to"] for event in events if event["kind"] == "moved"]
