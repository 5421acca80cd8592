"""One booking from request to feedback over HTTP; money arrives through billing's own service."""

import pytest

from apps.bookings.models import Booking, BookingEvent
from tests.factories.accounts import UserFactory
from tests.factories.bookings import hospital_today, make_patient, pay
from tests.factories.hospitals import HospitalFactory, HospitalTreatmentFactory

pytestmark = pytest.mark.django_db


def test_a_booking_goes_from_request_to_feedback(api):
    hospital = HospitalFactory(currency="USD")
    offer = HospitalTreatmentFactory(hospital=hospital)
    coordinator, patient = UserFactory(coordinator=True), make_patient()
    as_patient, as_coordinator = api.as_(patient.user), api.as_(coordinator)
    today = hospital_today(hospital)

    wish = {
        "hospital_id": str(hospital.pk),
        "treatment_id": str(offer.treatment_id),
        "booking_type": "treatment",
        "requested_date": str(today.replace(year=today.year + 1)),
        "medical_details": {"diagnosis": "angina"},
        "notes": "A quiet room, please",
    }
    answer = as_patient.post("/bookings", wish)
    assert answer.status_code == 201, answer.json()
    booking = answer.json()["data"]
    assert booking["status"] == "requested"
    assert booking["coordinator"]["id"] == str(coordinator.pk)
    path = f"/bookings/{booking['id']}"

    def move(status, client=as_coordinator, **said):
        answer = client.patch(f"{path}/status", {"status": status, **said})
        assert answer.status_code == 200, answer.json()
        assert answer.json()["data"]["status"] == status
        return answer.json()["data"]

    move("under_review")
    move("accepted", client=api.as_(hospital.admin_user))
    move("awaiting_medical_details", wanted=[{"type": "mri", "why": "The knee"}])
    line = {"description": "Surgery", "quantity": 1, "unit_price": "10000.00"}
    draft = {"line_items": [line], "currency": "USD", "valid_until": str(today.replace(year=today.year + 1))}
    answer = as_coordinator.post(f"{path}/quotation", draft)
    assert answer.status_code == 201, answer.json()
    assert answer.json()["data"]["total"] == "10000.00"
    assert as_patient.get(f"{path}/quotations").json()["data"] == []
    assert move("quotation_sent")["quotation_details"]["status"] == "sent"
    answer = as_patient.post(f"{path}/quotation/accept", {"version": 1})
    assert answer.status_code == 200, answer.json()
    booking = answer.json()["data"]
    assert booking["status"] == "payment_pending"
    assert booking["balance"] == "10000.00"
    assert booking["amount_due"] == "2000.00"
    assert [m["amount"] for m in booking["milestones"]] == ["2000.00", "8000.00"]

    pay(Booking.objects.get(pk=booking["id"]))
    assert as_patient.get(path).json()["data"]["status"] == "invoice_sent"
    move("travel_arrangement")
    answer = as_coordinator.put(f"{path}/travel", {"checklist": {"visa": "applied"}, "flights": [{"number": "EK 1"}]})
    assert answer.status_code == 200, answer.json()
    assert as_patient.get(path).json()["data"]["waiting_on"] == "embassy"
    move("in_treatment")
    move("completed", outcome="treated")
    answer = as_patient.post("/reviews", {"booking_id": booking["id"], "rating": 5, "review_text": "Kind people"})
    assert answer.status_code == 201, answer.json()
    assert as_patient.get(path).json()["data"]["status"] == "feedback_received"
    timeline = as_patient.get(f"{path}/timeline?limit=100").json()["data"]
    moves = [event["to"] for event in timeline if event["kind"] == "moved"]
    assert moves == [
        "requested", "under_review", "accepted", "awaiting_medical_details", "quotation_sent", "confirmed",
        "payment_pending", "payment_completed", "invoice_sent", "travel_arrangement", "in_treatment", "completed",
        "feedback_received",
    ]  # fmt: skip
    assert as_patient.get(f"{path}/quotation/pdf").content.startswith(b"%PDF")
    assert BookingEvent.objects.filter(booking=booking["id"]).count() >= len(timeline)
