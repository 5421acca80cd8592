"""An attacker with an account of their own: every way to a row of others ends as if there were no such row."""

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F

from apps.accounts.models import User
from apps.bookings.models import WantedDocument
from apps.hospitals.models import Doctor, Hospital
from medivoy.api.filters import IdFilter
from medivoy.core.context import writing
from medivoy.core.ids import uuid7
from tests.contract.call import MULTIPART, Call, call_of, send
from tests.contract.routes import operations
from tests.contract.table import expected_of
from tests.contract.test_access import faceless
from tests.contract.world import taken_back
from tests.factories.clinical import PDF

pytestmark = pytest.mark.django_db
OPERATIONS = operations()
STRANGERS = ("other_patient", "other_doctor", "other_hospital_admin", "translator")
LISTS = [operation for operation in OPERATIONS if operation.is_list]
# The first people's rows, by the parameter that names one.
IDS = {
    "admin_user_id": lambda world: world.users["hospital_admin"].pk,
    "booking_id": lambda world: world.arranging.pk,
    "coordinator_id": lambda world: world.users["coordinator"].pk,
    "doctor_id": lambda world: world.doctor.pk,
    "hospital_id": lambda world: world.hospital.pk,
    "patient_id": lambda world: world.patients["patient"].pk,
    "treatment_id": lambda world: world.offer.treatment_id,
    "user_id": lambda world: world.users["patient"].pk,
}
# What the public may name: everyone finds something by it.
PUBLIC_IDS = {"doctor_id", "hospital_id", "package_id", "treatment_id"}
# What only services and admins write.
FORGED = {
    "user_type": "admin",
    "is_verified": True,
    "is_active": True,
    "is_staff": True,
    "is_superuser": True,
    "is_published": True,
    "rating": 5,
    "total_reviews": 999,
    "admin_user_id": None,
    "status": "completed",
    "payment_status": "payment_completed",
    "amount_paid": "1000.00",
    "commission_percent": "0",
    "signed_out_at": None,
}


def lets_in(operation, caller):
    """Whether the caller gets further than their role."""
    return expected_of(operation.name)[caller] not in ("401", "403")


def strangers_at(operation):
    return [caller for caller in STRANGERS if lets_in(operation, caller)]


def is_public(operation, name):
    return name in PUBLIC_IDS and operation.view.entity in ("doctor", "hospital", "treatment", "review", "package")


def by_query(operation):
    filters = getattr(operation.view.filterset_class, "base_filters", {})
    names = [name for name, found in filters.items() if isinstance(found, IdFilter)]
    return [name for name in names if not is_public(operation, name)] if strangers_at(operation) else []


FILTERS = [(operation, name) for operation in LISTS for name in by_query(operation)]


@pytest.mark.parametrize(("operation", "name"), FILTERS, ids=str)
def test_t18_a_filter_by_an_id_of_others_finds_what_a_random_one_finds(operation, name, world):
    """T18: nothing, and no count of it. Rows that everyone sees are found by everyone."""
    assert name in IDS, f"say in IDS whose {name} is meant"
    for caller in strangers_at(operation):
        call = call_of(operation, world, caller)
        theirs, random = (
            send(operation, call.asking(f"{name}={value}"), world, caller) for value in (IDS[name](world), uuid7())
        )
        assert faceless(theirs) == faceless(random), caller


@pytest.mark.parametrize("operation", [one for one in LISTS if strangers_at(one)], ids=str)
def test_t16_a_list_shows_strangers_no_row_of_others(operation, world):
    """T16: nor counts it, nor finds it by its number; whatever it is ordered by."""
    secrets = (
        str(world.arranging.pk),
        world.arranging.booking_number,
        world.paid.transaction_id,
        world.invoice.invoice_number,
        world.users["patient"].email,
        str(world.patients["patient"].pk),
    )
    for caller in strangers_at(operation):
        call = call_of(operation, world, caller)
        columns = list(operation.view.ordering_fields)[-2:]
        for query in [f"ordering={column}" for column in columns] + [f"search={secret}" for secret in secrets[1:5]]:
            answer = send(operation, call.asking(query), world, caller)
            body = answer.content.decode()
            assert not any(secret in body for secret in secrets), f"{caller} with {query}"
        if operation.view.search_fields:
            found, nothing = (
                send(operation, call.asking(f"search={words}"), world, caller) for words in (secrets[1], "MB-0000")
            )
            assert faceless(found) == faceless(nothing), caller


# --- references in bodies ----------------------------------------------------------------------------------------


def references(operation):
    """The ids of others that strangers could give in a body; those beside a file have a test of their own."""
    if operation.name == "medical_record.create" or not strangers_at(operation):
        return []
    fields = getattr(operation.view.serializers.get(operation.action), "_declared_fields", {})
    return [name for name in fields if name.endswith("_id") and name not in PUBLIC_IDS]


REFERENCES = [(operation, name) for operation in OPERATIONS for name in references(operation)]


@pytest.mark.parametrize(("operation", "name"), REFERENCES, ids=str)
def test_t19_an_id_of_others_in_a_body_is_like_one_that_there_is_not(operation, name, world):
    """T19: the same refusal to the byte, so that no id is tried out."""
    for caller in strangers_at(operation):
        with taken_back():
            call = fresh(call_of(operation, world, caller))
            theirs, random = (
                send(operation, call.saying({**call.body, name: str(value)}), world, caller)
                for value in (IDS[name](world), uuid7())
            )
            assert theirs.status_code >= 400, f"{caller} used {name} of others"
            assert faceless(theirs) == faceless(random), caller


def fresh(call: Call) -> Call:
    """The call without its idempotency key, under which another body would be another refusal."""
    return replace(call, headers={})


@pytest.mark.parametrize("name", ["booking_id", "wanted_id", "patient_id"])
def test_t19_nor_does_a_file_reach_a_case_of_others(name, world):
    """T19: neither by the case nor by the document that it waits for."""
    operation = next(one for one in OPERATIONS if one.name == "medical_record.create")
    with taken_back():
        with writing(None):
            wanted = WantedDocument.objects.create(booking=world.arranging, type="mri")
        ids = {"booking_id": world.arranging.pk, "wanted_id": wanted.pk, "patient_id": world.patients["patient"].pk}
        answers = []
        for value in (ids[name], uuid7()):
            file = SimpleUploadedFile("scan.pdf", PDF, "application/pdf")
            body = {"file": file, "record_type": "mri", "title": "MRI", name: str(value)}
            answers.append(send(operation, Call(body=body, content_type=MULTIPART), world, "other_patient"))
        wanted.refresh_from_db()
    assert answers[0].status_code == 400
    assert faceless(answers[0]) == faceless(answers[1])
    assert wanted.state == "wanted"


# --- forged fields -----------------------------------------------------------------------------------------------


def rights_and_marks():
    """What decides about people and places, as it stands in the database."""
    return (
        dict(User.objects.values_list("pk", "user_type")),
        dict(Doctor.objects.values_list("pk", F("is_verified"))),
        {pk: rest for pk, *rest in Doctor.objects.values_list("pk", "rating", "total_reviews")},
        {pk: rest for pk, *rest in Hospital.objects.values_list("pk", "admin_user", "is_verified", "is_active")},
        {pk: rest for pk, *rest in Hospital.objects.values_list("pk", "commission_percent", "deposit_percent")},
    )


FORGERS = [
    (operation, caller)
    for operation in OPERATIONS
    if operation.writes and operation.action in operation.view.serializers
    for caller in ("patient", "doctor", "hospital_admin", "coordinator", "translator")
    if expected_of(operation.name)[caller].startswith("2")
]


@pytest.mark.parametrize(("operation", "caller"), FORGERS, ids=str)
def test_t15_nobody_raises_rights_by_a_forged_field(operation, caller, world):
    """T15, T20: neither their own nor another's, at no operation that lets them in."""
    with taken_back():
        call = call_of(operation, world, caller)
        before = rights_and_marks()
        body = FORGED | (call.body or {})
        if call.content_type == MULTIPART:
            # A form has no null.
            body = {name: value for name, value in body.items() if value is not None}
        answer = send(operation, call.saying(body, call.content_type), world, caller)
        after = rights_and_marks()
        assert answer.status_code < 500
        for then, now in zip(before, after, strict=True):
            assert {pk: now.get(pk) for pk in then} == then
