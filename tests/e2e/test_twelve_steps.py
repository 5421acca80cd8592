"""The twelve steps by HTTP against a real platform: each first tried by everybody who may not, and out of order."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from medivoy.demo.records import scan
from tests.journey import SECRETS, Journey
from tests.processes import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("e2e")]

# Who is refused where coordinators, the hospital, or both move a case, and how: 401 nobody, 403 not their kind of
# move, 404 not theirs to see. The patient of the case is patient2@.
STRANGERS = {"nobody": 401, "doctor2": 403, "translator": 403, "hospital2": 404, "patient": 404}
NOT_A_MOVE_OF_THEIRS = {**STRANGERS, "patient2": 403}
STAFF_ONLY = {**NOT_A_MOVE_OF_THEIRS, "hospital": 403}
PATIENT_ONLY = {"nobody": 401, "patient": 404, "hospital": 403, "coordinator": 403, "admin": 403, "translator": 403}


class Story(Journey):
    """A journey on which every door is tried by the wrong people first."""

    def refuse(self, names, method, path, body=None):
        """Let everybody in `names` try in vain."""
        for name, status in names.items():
            answer = self.people[name].ask(method, f"{self.path}{path}", body, expect=status)
            assert answer["success"] is False, name

    def step(self, status, names, by=None, **given):
        """Try a move as the wrong people, out of a state that it was never in, and then as it should be."""
        before = self.booking["status"]
        self.refuse(names, "PATCH", "/status", {"status": status, **given})
        stale = {"status": status, "expected_status": "requested" if before != "requested" else "accepted", **given}
        answer = self.coordinator.patch(f"{self.path}/status", stale, expect=409)
        assert (answer["code"], answer["details"]["current"]) == ("stale_status", before)
        moved = self.move(status, by=by, expected_status=before, **given)
        assert self.move(status, by=by, **given)["version"] == moved["version"], "asked again, nothing is written"
        return moved

    def refuse_order(self, *states):
        """Let the coordinator try states that do not come next; the answer names those that do."""
        given = {"outcome": "treated", "wanted": [{"type": "mri", "why": "x"}], "reason": "price"}
        for status in states:
            answer = self.coordinator.patch(f"{self.path}/status", {"status": status, **given}, expect=409)
            assert answer["code"] == "illegal_transition"
            assert answer["details"]["current"] == self.booking["status"]
            assert status not in answer["details"]["allowed"]
        blocked = {move["status"] for move in self.booking["allowed_transitions"]}
        assert not blocked & set(states)


@pytest.fixture(scope="module")
def story(people):
    """The whole way of one booking, from request to feedback."""
    story = Story(people, patient="patient2")
    ask(story)
    offer(story)
    pay(story)
    travel_and_be_treated(story)
    return story


def ask(story):
    """Steps 1 to 4: request, review, acceptance, details."""
    wish = story.wish()
    for name, status in {"nobody": 401, "hospital": 403, "doctor": 403, "translator": 403}.items():
        story.people[name].post("/bookings", wish, expect=status)
    assert "patient_id" in story.coordinator.post("/bookings", wish, expect=400)["errors"]
    story.request()
    story.refuse({**STRANGERS, "doctor": 404, "doctor2": 404}, "GET", "")
    story.refuse_order("accepted", "quotation_sent", "travel_arrangement", "completed", "feedback_received")
    story.step("under_review", NOT_A_MOVE_OF_THEIRS)
    story.refuse_order("awaiting_medical_details", "quotation_sent", "in_treatment")
    story.step("accepted", NOT_A_MOVE_OF_THEIRS, by=story.hospital)
    wanted = [{"type": "mri", "why": "SECRET-REASON"}]
    missing = story.coordinator.patch(f"{story.path}/status", {"status": "awaiting_medical_details"}, expect=400)
    assert "wanted" in missing["errors"]
    story.refuse(NOT_A_MOVE_OF_THEIRS, "PATCH", "/status", {"status": "awaiting_medical_details", "wanted": wanted})
    booking = story.move("awaiting_medical_details", wanted=wanted, internal_notes="SECRET-INTERNAL")
    send_document(story, booking["wanted_documents"][0]["id"])
    assert story.booking["waiting_on"] == "coordinator"


def send_document(story, wanted_id):
    fields = {"record_type": "mri", "title": "SECRET-TITLE", "booking_id": story.id, "wanted_id": wanted_id}
    for name, status in {"nobody": 401, "patient": 400, "hospital": 403, "doctor": 403, "admin": 403}.items():
        files = {"file": ("knee.pdf", scan("mri"))}
        story.people[name].ask("POST", "/medical-records", data=fields, files=files, expect=status)
    page = b"<html><script>alert(1)</script>"
    refused = story.patient.ask("POST", "/medical-records", data=fields, files={"file": ("x.pdf", page)}, expect=400)
    assert "file" in refused["errors"]
    story.patient.ask("POST", "/medical-records", data=fields, files={"file": ("knee.pdf", scan("mri"))})


def offer(story):
    """Steps 5 and 6: the quotation, and its acceptance."""
    nothing = story.coordinator.patch(f"{story.path}/status", {"status": "quotation_sent"}, expect=409)
    assert nothing["code"] == "nothing_to_send"
    story.refuse({**NOT_A_MOVE_OF_THEIRS, "patient": 403}, "POST", "/quotation", {})
    story.draft()
    assert story.patient.get(f"{story.path}/quotations") == [], "a draft is for nobody's eyes"
    story.refuse({"patient2": 409}, "POST", "/quotation/accept", {"version": 1})
    story.step("quotation_sent", NOT_A_MOVE_OF_THEIRS)
    story.draft(line_items=[{"description": "Operation", "quantity": 2, "unit_price": "6000"}])
    story.move("quotation_sent")
    story.refuse(PATIENT_ONLY, "POST", "/quotation/accept", {"version": 2})
    story.refuse({"patient2": 403, "hospital": 403}, "PATCH", "/status", {"status": "confirmed", "version": 2})
    old = story.patient.post(f"{story.path}/quotation/accept", {"version": 1}, expect=409)
    assert old["code"] == "quotation_superseded"
    agreed = story.patient.post(f"{story.path}/quotation/accept", {"version": 2})
    assert (agreed["status"], agreed["balance"], agreed["amount_due"]) == ("payment_pending", "12000.00", "3600.00")
    again = story.patient.post(f"{story.path}/quotation/accept", {"version": 2})
    assert again["version"] == agreed["version"]


def pay(story):
    """Steps 7 and 8: payment at the gateway's page, invoice by mail."""
    story.refuse({"coordinator": 403, "admin": 403}, "PATCH", "/status", {"status": "payment_completed"})
    blocked = story.coordinator.patch(f"{story.path}/status", {"status": "travel_arrangement"}, expect=409)
    assert blocked["code"] == "balance_needed"
    wish = {"booking_id": story.id, "payment_gateway": "sandbox"}
    for name, status in {"nobody": 401, "hospital": 403, "doctor": 403, "translator": 403, "patient": 400}.items():
        story.people[name].post("/payments", wish, expect=status)
    for amount in ("1.00", "12000.01", "-3600.00"):
        story.begin_payment(amount=amount, expect=400)
    assert story.begin_payment(amount="3600.001", expect=400)["errors"]["amount"]
    payment = story.begin_payment(amount="12000.00")
    assert story.begin_payment(amount="12000.00", expect=200)["id"] == payment["id"], "one open attempt a booking"
    story.coordinator.post("/invoices", {"booking_id": story.id}, expect=409)
    story.decide(payment, delivery="twice")
    paid = story.wait_for("invoice_sent")
    assert (paid["payment_status"], paid["balance"], paid["amount_paid"]) == ("payment_completed", "0.00", "12000.00")
    (invoice,) = story.patient.get(f"/invoices?booking_id={story.id}")
    assert (invoice["status"], invoice["final_amount"]) == ("paid", "12000.00")
    for name, status in {"nobody": 401, "patient": 404, "hospital2": 404, "doctor": 403}.items():
        story.people[name].get(f"/invoices/{invoice['id']}/pdf", expect=status)
    assert story.patient.get(f"/invoices/{invoice['id']}/pdf").startswith(b"%PDF")
    assert story.hospital.get(f"/payments/{payment['id']}/receipt").startswith(b"%PDF")


def travel_and_be_treated(story):
    """Steps 9 to 12: the journey, the stay, the discharge, the review."""
    story.refuse_order("in_treatment", "completed", "rejected")
    story.step("travel_arrangement", STAFF_ONLY)
    plan = {"checklist": {"visa": "applied"}, "flights": [{"number": "MV 1"}]}
    story.refuse({**STAFF_ONLY, "patient": 403, "hospital2": 403}, "PUT", "/travel", plan)
    story.coordinator.put(f"{story.path}/travel", plan)
    assert story.booking["waiting_on"] == "embassy"
    story.step("in_treatment", NOT_A_MOVE_OF_THEIRS, by=story.hospital)
    story.refuse({"patient2": 409}, "DELETE", "")
    review = {"booking_id": story.id, "rating": 5, "review_text": "SECRET-REVIEW"}
    story.patient.post("/reviews", review, expect=409)
    story.step("completed", NOT_A_MOVE_OF_THEIRS, by=story.hospital, outcome="treated")
    story.refuse({"coordinator": 409}, "PATCH", "/status", {"status": "feedback_received"})
    for name, status in {"nobody": 401, "patient": 400, "coordinator": 403, "hospital": 403}.items():
        story.people[name].post("/reviews", review, expect=status)
    story.patient.post("/reviews", review)
    story.patient.post("/reviews", review, expect=409)
    assert story.booking["status"] == "feedback_received"


def test_the_way_is_on_the_timeline_once(story):
    assert story.moves() == [
        "requested", "under_review", "accepted", "awaiting_medical_details", "quotation_sent", "quotation_sent",
        "confirmed", "payment_pending", "payment_completed", "invoice_sent", "travel_arrangement", "in_treatment",
        "completed", "feedback_received",
    ]  # fmt: skip
    seen = str(story.patient.get(f"{story.path}/timeline?limit=100"))
    assert "SECRET-INTERNAL" not in seen


def test_everybody_is_mailed_once_in_their_language(platform, story):
    outstanding = "SELECT count(*) FROM notifications WHERE channel = 'email' AND NOT is_sent"
    wait_until(lambda: platform.value(outstanding) == 0, 30)
    rows = platform.sql("SELECT id, type, address, language FROM notifications WHERE channel = 'email'")
    mails = {mail["Message-ID"].strip("<>").partition("@")[0]: mail for mail in platform.mails()}
    assert set(mails) == {str(pk) for pk, *_ in rows}
    for pk, _kind, address, language in rows:
        mail = mails[str(pk)]
        assert (mail["To"], mail["Content-Language"]) == (address, language)
    about_it = "SELECT type FROM notifications WHERE channel = 'email' AND address = %s AND title LIKE %s"
    kinds = sorted(kind for (kind,) in platform.sql(about_it, "patient2@medivoy.test", f"%{story.number}%"))
    assert kinds == sorted([
        "booking_requested", "booking_accepted", "details_wanted", "quotation_sent", "quotation_sent",
        "booking_confirmed", "payment_completed", "receipt_ready", "invoice_issued", "invoice_sent",
        "travel_arrangement", "in_treatment", "booking_completed",
    ])  # fmt: skip


def test_the_patient_reads_arabic_and_has_the_invoice(platform, story):
    mails = [mail for mail in platform.mails("patient2@medivoy.test") if story.number in mail["Subject"]]
    assert {mail["Content-Language"] for mail in mails} == {"ar"}
    assert all('dir="rtl"' in mail.get_body(("html",)).get_content() for mail in mails)
    papers = [part for mail in mails for part in mail.iter_attachments()]
    (number,) = [invoice["invoice_number"] for invoice in story.patient.get(f"/invoices?booking_id={story.id}")]
    assert {part.get_content_type() for part in papers} == {"application/pdf"}
    assert any(number in part.get_filename() for part in papers)
    assert all(part.get_content().startswith(b"%PDF") for part in papers)


@pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
def test_the_invoice_is_there_in_every_language(story, language):
    (invoice,) = story.patient.get(f"/invoices?booking_id={story.id}")
    paper = PdfReader(BytesIO(story.patient.get(f"/invoices/{invoice['id']}/pdf?lang={language}")))
    text = "".join(page.extract_text() for page in paper.pages)
    assert invoice["invoice_number"] in text
    assert story.number in text


def test_no_mail_carries_a_note_a_reason_or_a_diagnosis(platform, story):
    for mail in platform.mails():
        text = mail["Subject"] + "".join(
            part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"
        )
        assert not [secret for secret in SECRETS if secret in text]
