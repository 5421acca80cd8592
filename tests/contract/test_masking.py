"""What is secret or clinical never gets into the audit trail (T60, T61): each such column is really written to."""

import json
from datetime import date

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction

from apps.accounts.models import AuditEntry
from apps.bookings.models import Booking, WantedDocument
from medivoy.core.audit import UNTOLD, Audited
from medivoy.core.context import request_scope, writing
from tests.contract.household import add_what_is_missing
from tests.contract.world import taken_back
from tests.factories.accounts import TotpFactory
from tests.factories.bookings import booking_in
from tests.factories.clinical import MedicalRecordFactory

CANARY = "canary-in-a-column-7261"
# Free text that the trail tells: names and words of the catalogue, addresses of people, numbers and codes. Whoever adds
# a column of text says here that its values may lie about twice, or masks it in its model.
TOLD = {
    "account_export": {"file"},
    "adjustment": set(),
    "bank_details": set(),
    "bank_receipt": {"currency", "reference", "sender"},
    "booking": {"booking_number", "currency"},
    "booking_event": {"from_status", "to_status"},
    "cancellation_policy": {"name"},
    "cancellation_tier": set(),
    "consent": set(),
    "credit_note": {"credit_note_number", "currency"},
    "doctor": {"bio", "currency", "license_number", "qualification", "specialty", "timezone"},
    "email_change": {"email"},
    "email_verification": {"email"},
    "emergency_access": set(),
    "gateway_event": {
        "capture_reference",
        "currency",
        "event_id",
        "gateway",
        "problem",
        "reference",
        "state",
        "subject",
        "type",
    },
    "hospital": {
        "address",
        "certifications",
        "city",
        "currency",
        "description",
        "email",
        "issuer_code",
        "legal_name",
        "name",
        "phone",
        "slug",
        "specializations",
        "tax_number",
        "timezone",
        "type",
        "website",
    },
    "hospital_doctor": {"department"},
    "hospital_treatment": {"currency", "description", "exclusions", "inclusions"},
    "invitation": {"email"},
    "invoice": {"currency", "invoice_number", "issuer_code"},
    "invoice_line": set(),
    "medical_record": {"file", "sha256"},
    "milestone": {"name"},
    "package": {"currency", "description", "inclusions", "name"},
    "package_hospital": set(),
    "package_treatment": set(),
    "password_reset": {"email"},
    "patient": {"city", "emergency_contact_name", "emergency_contact_phone", "gender", "insurance_provider"},
    "payment": {
        "capture_reference",
        "currency",
        "failure_reason",
        "gateway_transaction_id",
        "mismatch",
        "payment_method",
        "transaction_id",
    },
    "quotation": {"currency", "quotation_number"},
    "quotation_acceptance": {"channel", "ip", "language"},
    "quotation_line": set(),
    "receipt": {"receipt_number"},
    "recovery_code": set(),
    "refund": {"currency", "failure_reason", "gateway_refund_id", "refund_number"},
    "review": set(),
    "second_factor": set(),
    "travel_plan": set(),
    "treatment": {"category", "description", "name"},
    "user": {"email", "first_name", "last_name", "phone", "preferred_language", "timezone"},
    "wanted_document": set(),
}
# What the trail tells beside free text: of which kind a row is, its states, and days. Whoever adds a choice or a day
# says here that it tells nothing of anybody's body, or masks it: who reads the trail reads no records (T17).
SAID = {
    "account_export": {"state"},
    "adjustment": {"kind"},
    "bank_receipt": {"value_date"},
    "booking": {
        "admitted_on",
        "booking_type",
        "cancel_party",
        "confirmed_date",
        "discharged_on",
        "held_from",
        "payment_status",
        "requested_date",
        "review_on",
        "status",
        "waiting_on",
    },
    "booking_event": {"kind", "visibility"},
    "consent": {"purpose"},
    "credit_note": {"credit_date"},
    "gateway_event": {"outcome"},
    "hospital": {"country"},
    "hospital_doctor": {"end_date", "start_date"},
    "invoice": {"due_date", "invoice_date", "status"},
    "invoice_line": {"kind"},
    "milestone": {"due_date", "needed_for", "state"},
    "package": {"country"},
    "patient": {"country", "date_of_birth"},
    "payment": {"payment_gateway", "status"},
    "quotation": {"admission_date", "status", "valid_until"},
    "quotation_acceptance": {"capacity"},
    "quotation_line": {"kind"},
    "refund": {"status"},
    "travel_plan": {"accommodation_status", "flights_status", "transfers_status", "visa_status"},
    "user": {"user_type"},
    "wanted_document": {"state"},
}
TEXT = (models.CharField, models.TextField, models.JSONField, models.FileField, ArrayField, models.BinaryField)
TEXT += (models.GenericIPAddressField,)
LANGUAGES = ("_en", "_ar", "_hi", "_es", "_fr")

TRIGGERS = {
    model: trigger
    for model in apps.get_models()
    for trigger in getattr(model._meta, "triggers", ())
    if isinstance(trigger, Audited)
}


def is_masked(field, trigger):
    return trigger._masks(field)


def free_texts(model):
    """The columns in which somebody's words can stand; those of a fixed choice cannot hold any."""
    return [field for field in model._meta.concrete_fields if isinstance(field, TEXT) and not field.choices]


def test_t61_every_column_of_text_is_masked_or_said_to_be_told():
    told = {}
    for model, trigger in TRIGGERS.items():
        columns = {
            field.name
            for field in free_texts(model)
            if not is_masked(field, trigger) and field.name not in {*UNTOLD, *trigger.untold}
        }
        told[trigger.entity] = {name for name in columns if not name.endswith(LANGUAGES)}
    assert told == TOLD


def is_said(field):
    return bool(field.choices) or (isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField))


def test_t61_every_choice_and_day_is_masked_or_said_to_be_told():
    said = {
        trigger.entity: {
            field.name for field in model._meta.concrete_fields if is_said(field) and not is_masked(field, trigger)
        }
        for model, trigger in TRIGGERS.items()
    }
    assert {entity: names for entity, names in said.items() if names} == SAID


@pytest.mark.django_db
def test_t61_the_trail_does_not_say_what_records_say():
    """T61, T17: administrators read the trail, and no record."""
    record = MedicalRecordFactory(record_type="mri", file_type="application/dicom", record_date=date(2026, 2, 3))
    with transaction.atomic():
        case = booking_in("accepted", patient=record.patient)
    wanted = WantedDocument.objects.create(booking=case, type="mri", why="To see the knee")
    Booking.objects.filter(pk=case.pk).update(hold_reason="medical")
    rows = (("medical_record", record), ("wanted_document", wanted), ("booking", case))
    entries = [entry for kind, row in rows for entry in AuditEntry.objects.of_object(kind, row.pk)]

    made = entries[0].changes
    for name in ("record_type", "title", "file_type", "record_date"):
        assert made[name] == [None, "***"]
    for word in ("mri", "dicom", "2026-02-03", '"medical"', "knee"):
        assert word not in json.dumps([entry.changes for entry in entries]), word


def canaries(field):
    """What the column may take, one shape after the other."""
    yield from (CANARY, [CANARY], {"said": CANARY}, CANARY.encode(), CANARY[:10], date(7261, 1, 1))


def write_canary(row, field):
    """Write one into the column by the database's own means; return whether the row took one."""
    for value in canaries(field):
        try:
            with transaction.atomic():
                type(row)._base_manager.filter(pk=row.pk).update(**{field.name: value})
        except (DatabaseError, TypeError, ValueError, ValidationError):
            continue
        return True
    return False


@pytest.mark.django_db
def test_t60_no_canary_of_a_masked_column_gets_into_the_trail(world):
    newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
    written = set()
    with taken_back(), request_scope("canaries"), writing(None):
        add_what_is_missing(world)
        TotpFactory(user=world.users["admin"])
        for model, trigger in TRIGGERS.items():
            row = model._base_manager.first()
            masked = [field for field in model._meta.concrete_fields if is_masked(field, trigger)]
            written |= {f"{trigger.entity}.{field.name}" for field in masked if row and write_canary(row, field)}
        entries = AuditEntry.objects.filter(pk__gt=newest)
        leaks = [entry for entry in entries.values() if CANARY[:10] in str(entry) or "7261-01-01" in str(entry)]
        masks = entries.filter(changes__icontains="***").count()

    assert leaks == []
    assert masks >= len(written)
    assert MUST_BE_TRIED - written == set()


MUST_BE_TRIED = {
    "user.password",
    "second_factor.secret",
    "bank_details.bank_details",
    "patient.blood_group",
    "patient.medical_history",
    "patient.allergies",
    "patient.current_medications",
    "patient.insurance_policy_number",
    "patient.address",
    "medical_record.title",
    "medical_record.file_type",
    "medical_record.record_date",
    "medical_record.description",
    "booking.medical_details",
    "booking.notes",
    "booking.internal_notes",
    "booking.follow_up_note",
    "booking.override_reason",
    "wanted_document.why",
    "bank_receipt.proof",
    "gateway_event.payload",
    "payment.client_data",
    "refund.reason",
    "travel_plan.visa",
    "review.review_text",
}
