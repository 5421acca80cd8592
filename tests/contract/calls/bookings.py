"""How the operations of bookings are called."""

from datetime import timedelta

from medivoy.core import clock
from tests.contract.call import Call, calls, of, simple

READING = ("retrieve", "quotations", "quotation_pdf", "timeline", "travel")

for operation in READING:
    simple(f"booking.{operation}", lambda world: of(world.quoted))


def in_days(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


@calls("booking.create")
def create(world, caller) -> Call:
    body = {
        "hospital_id": str(world.hospital.pk),
        "treatment_id": str(world.offer.treatment_id),
        "requested_date": in_days(60),
    }
    if caller in ("coordinator", "admin"):
        body["patient_id"] = str(world.patients["patient"].pk)
    return of(body=body, headers={"Idempotency-Key": "contract"})


@calls("booking.destroy")
def destroy(world, caller) -> Call:
    by_staff = "party=patient&reason=changed_mind"
    query = {"coordinator": by_staff, "admin": by_staff, "hospital_admin": "reason=hospital_unavailable"}
    return of(world.requested, query=query.get(caller, ""))


@calls("booking.cancellation_preview")
def cancellation_preview(world, caller) -> Call:
    return destroy(world, caller)


QUOTATION = {
    "line_items": [{"description": "Surgery", "quantity": 1, "unit_price": "4200.50"}],
    "currency": "USD",
    "valid_until": in_days(14),
}

simple("booking.partial_update", lambda world: of(world.requested, {"notes": "Wheelchair"}))
simple("booking.status", lambda world: of(world.requested, {"status": "under_review"}))
simple("booking.quotation", lambda world: of(world.accepted, QUOTATION))
simple("booking.accept_quotation", lambda world: of(world.quoted, {"version": 1}))
simple("booking.decline_quotation", lambda world: of(world.quoted, {"version": 1, "reason": "Too dear"}))
simple("booking.add_to_timeline", lambda world: of(world.quoted, {"notes": "Called back"}))
simple("booking.update_travel", lambda world: of(world.arranging, {"checklist": {"visa": "not_needed"}}))
simple("patient.bookings", lambda world: of(world.patients["patient"]))
simple("doctor.reviews", lambda world: of(world.doctor))
simple("review.create", lambda world: of(body={"booking_id": str(world.completed.pk), "rating": 5}))
simple("review.retrieve", lambda world: of(world.review))
simple("review.partial_update", lambda world: of(world.review, {"rating": 4}))
simple("review.destroy", lambda world: of(world.review))
simple("review.verify", lambda world: of(world.review, {}))
