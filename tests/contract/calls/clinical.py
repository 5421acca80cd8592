"""How the operations of patients and their records are called."""

from urllib.parse import urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.client import ApiClient
from tests.contract.call import MULTIPART, Call, calls, of, simple
from tests.factories.clinical import PDF

for operation in ("retrieve", "medical_records", "access_log"):
    simple(f"patient.{operation}", lambda world: of(world.patients["patient"]))
for operation in ("retrieve", "download"):
    simple(f"medical_record.{operation}", lambda world: of(world.record))
simple("patient.partial_update", lambda world: of(world.patients["patient"], {"city": "Muscat"}))
simple(
    "patient.emergency_access",
    lambda world: of(world.patients["patient"], {"reason": "Unconscious after an accident, allergies needed"}),
)
simple(
    "patient.create",
    lambda world: of(body={"email": "enrolled@example.test", "first_name": "New", "last_name": "Person"}),
)


@calls("medical_record.create")
def create(world, caller) -> Call:
    body = {
        "file": SimpleUploadedFile("scan.pdf", PDF, "application/pdf"),
        "record_type": "xray",
        "title": "Chest X-ray",
    }
    if caller == "coordinator":
        body["patient_id"] = str(world.patients["patient"].pk)
    return of(body=body, content_type=MULTIPART)


@calls("medical_record.file")
def file(world, caller) -> Call:
    """The link that the first patient got."""
    bearer = {"Authorization": f"Bearer {world.tokens['patient']}"}
    answer = ApiClient().get(f"/medical-records/{world.record.pk}/download", headers=bearer)
    return of(world.record, query=urlsplit(answer.json()["data"]["url"]).query)
