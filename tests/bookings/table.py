"""The journey as domain.md tells it, typed out a second time: the tests hold the code against this."""

from apps.accounts.roles import Role
from apps.bookings.states import BookingStatus as S

LETTERS = {
    "P": Role.PATIENT,
    "D": Role.DOCTOR,
    "H": Role.HOSPITAL_ADMIN,
    "C": Role.COORDINATOR,
    "T": Role.TRANSLATOR,
    "A": Role.ADMIN,
}
HELD = [
    "requested",
    "under_review",
    "accepted",
    "awaiting_medical_details",
    "quotation_sent",
    "confirmed",
    "payment_pending",
    "payment_completed",
    "invoice_sent",
    "travel_arrangement",
]

# (from, to) → who. The return from on_hold is to where it was held from alone.
MOVES: dict[tuple[str, str], str] = {
    ("requested", "under_review"): "C A H",
    ("under_review", "accepted"): "C A H",
    ("under_review", "rejected"): "C A H",
    ("accepted", "rejected"): "C A H",
    ("awaiting_medical_details", "rejected"): "C A H",
    ("quotation_sent", "rejected"): "C A H",
    ("accepted", "awaiting_medical_details"): "C A H",
    ("quotation_sent", "awaiting_medical_details"): "C A H",
    ("accepted", "quotation_sent"): "C A H",
    ("awaiting_medical_details", "quotation_sent"): "C A H",
    ("quotation_sent", "quotation_sent"): "C A H",
    ("quotation_sent", "confirmed"): "P C",
    ("confirmed", "payment_pending"): "system",
    ("confirmed", "payment_completed"): "system",
    ("payment_pending", "payment_completed"): "system",
    ("payment_completed", "invoice_sent"): "system C",
    ("payment_pending", "travel_arrangement"): "C A",
    ("invoice_sent", "travel_arrangement"): "C A",
    ("travel_arrangement", "in_treatment"): "C A H",
    ("in_treatment", "completed"): "C A H",
    ("completed", "feedback_received"): "system C",
    **{(state, "on_hold"): "C A H" for state in HELD},
    **{("on_hold", state): "C A H" for state in HELD},
    **{(state, "cancelled"): "P C A H" for state in [*HELD, "on_hold"]},
    ("in_treatment", "cancelled"): "C A H",
}


def who(source: str, target: str) -> set[str]:
    """The roles that move from one state to the other, and "system"."""
    return {LETTERS.get(word, word) for word in MOVES.get((source, target), "").split()}


def makes(role: str, target: str) -> bool:
    """Whether the role makes a move to the state from any state, the return from on_hold aside."""
    return any(role in who(source, target) for source in S.values if source != S.ON_HOLD)
