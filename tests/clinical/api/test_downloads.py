"""GET /medical-records/:id/download and the address that it gives."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.core import signing

from apps.accounts.services.sessions import Device, end_all_sessions, open_session
from apps.clinical.models import Consent
from apps.clinical.services.links import SALT
from medivoy.core import clock
from tests.client import ApiClient
from tests.clinical import samples
from tests.factories.clinical import MedicalRecordFactory

pytestmark = pytest.mark.django_db


def signed_in(user):
    """Return a client with a real sign-in, and the sign-in."""
    sign_in = open_session(user, device=Device())
    client = ApiClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in.access_token}")
    return client


def link_of(client, record):
    response = client.get(f"/medical-records/{record.pk}/download")
    assert response.status_code == 200, response.json()
    return response.json()["data"]


def address(link):
    parts = urlsplit(link["url"])
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def record(patient):
    return MedicalRecordFactory(patient=patient, title="Chest X-ray / März")


@pytest.fixture
def client_of_patient(patient):
    return signed_in(patient.user)


def test_a_link_leads_to_the_file(client_of_patient, record, api, settings):
    link = link_of(client_of_patient, record)
    assert link["url"].startswith(f"{settings.PUBLIC_URL}/api/v1/medical-records/{record.pk}/file?token=")
    response = api.get(address(link))
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == record.file.open().read()


def test_no_browser_runs_what_it_gets(client_of_patient, record, api):
    """T49."""
    response = api.get(address(link_of(client_of_patient, record)))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; ")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Length"] == str(record.file_size)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Chest X-ray", "chest-x-ray.pdf"),
        ('a"; filename="evil.html', "a-filenameevilhtml.pdf"),
        ("../../etc/passwd\r\nX: 1", "etcpasswd-x-1.pdf"),
        ("///", "xray.pdf"),
    ],
)
def test_its_name_is_made_of_the_title_and_is_harmless(client_of_patient, record, api, title, name):
    """T54."""
    type(record).objects.filter(pk=record.pk).update(title=title)
    response = api.get(address(link_of(client_of_patient, record)))
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_name_in_another_script_stays(client_of_patient, record, api):
    type(record).objects.filter(pk=record.pk).update(title="تقرير الأشعة")
    assert "filename*=utf-8''" in api.get(address(link_of(client_of_patient, record)))["Content-Disposition"]


def test_it_is_good_for_five_minutes(client_of_patient, record, api):
    """T52."""
    link = link_of(client_of_patient, record)
    expires_at = datetime.fromisoformat(link["expires_at"])
    assert timedelta(minutes=4, seconds=55) < expires_at - clock.now() <= timedelta(minutes=5)
    with clock.at(expires_at - timedelta(seconds=1)):
        assert api.get(address(link)).status_code == 200
    with clock.at(expires_at):
        late = api.get(address(link))
    assert (late.status_code, late.json()["code"]) == (403, "link_invalid")


def test_it_dies_with_the_sign_in(client_of_patient, record, patient, api):
    """T52."""
    other_device = signed_in(patient.user)
    link, other_link = link_of(client_of_patient, record), link_of(other_device, record)
    client_of_patient.post("/auth/logout", {})
    assert api.get(address(link)).status_code == 403
    assert api.get(address(other_link)).status_code == 200
    end_all_sessions(patient.user)
    assert api.get(address(other_link)).status_code == 403


def test_it_dies_with_the_account(client_of_patient, record, patient, api):
    link = link_of(client_of_patient, record)
    type(patient.user).objects.filter(pk=patient.user_id).update(is_active=False)
    assert api.get(address(link)).status_code == 403


def test_it_is_the_asker_s_alone(client_of_patient, record, other_patient, patient, api):
    """T52."""
    link = link_of(client_of_patient, record)
    assert signed_in(other_patient.user).get(address(link)).status_code == 404
    assert client_of_patient.get(address(link)).status_code == 200


def test_it_is_of_one_record(client_of_patient, record, patient, api):
    another = MedicalRecordFactory(patient=patient)
    token = address(link_of(client_of_patient, record)).partition("token=")[2]
    assert api.get(f"/medical-records/{another.pk}/file?token={token}").status_code == 403


def test_a_consent_that_ends_closes_it(document, owner, api):
    link = link_of(signed_in(owner), document)
    assert api.get(address(link)).status_code == 200
    Consent.objects.update(revoked_at=clock.now())
    assert api.get(address(link)).status_code == 404


@pytest.mark.parametrize(
    "claims",
    [
        {},
        [],
        "x",
        {"record": 1},
        {"record": "{pk}", "user": "x", "sid": "x", "until": 9_999_999_999},
        {"record": "{pk}", "user": None, "sid": None, "until": None},
        {"record": "{pk}", "user": "{user}", "sid": "{user}", "until": 10**30},
    ],
)
def test_strange_claims_are_no_link_even_if_we_had_signed_them(record, patient, api, claims):
    names = {"{pk}": str(record.pk), "{user}": str(patient.user_id)}
    if isinstance(claims, dict):
        claims = {key: names.get(value, value) if isinstance(value, str) else value for key, value in claims.items()}
    token = signing.dumps(claims, salt=SALT)
    assert api.get(f"/medical-records/{record.pk}/file?token={token}").status_code == 403


def test_a_forged_or_missing_token_opens_nothing(client_of_patient, record, api):
    token = address(link_of(client_of_patient, record)).partition("token=")[2]
    path = f"/medical-records/{record.pk}/file"
    forged = (token[:-1] + ("A" if token[-1] != "A" else "B"), token.replace(":", ""), "x", signing.dumps({}, salt="x"))
    for attempt in forged:
        assert api.get(path, {"token": attempt}).status_code == 403
    assert api.get(path).status_code == 400
    assert api.get(path, {"token": "a\x00"}).status_code == 400


def test_who_may_not_read_gets_no_link(document, other_patient, admin, coordinator, owner, doctor, api):
    path = f"/medical-records/{document.pk}/download"
    assert signed_in(other_patient.user).get(path).status_code == 404
    assert signed_in(admin).get(path).status_code == 403
    assert api.get(path).status_code == 401
    for user in (document.patient.user, coordinator, owner, doctor.user):
        assert signed_in(user).get(path).status_code == 200


def test_a_file_that_the_storage_lost_is_a_404(client_of_patient, record, api):
    link = link_of(client_of_patient, record)
    record.file.storage.delete(record.file.name)
    assert api.get(address(link)).status_code == 404


def test_each_kind_leaves_as_what_it_is(client_of_patient, patient, api):
    for media_type, extension, data in (
        ("image/png", "png", samples.picture("PNG")),
        ("application/dicom", "dcm", samples.dicom()),
    ):
        record = MedicalRecordFactory(patient=patient, file_type=media_type, content=data, title="Scan")
        response = api.get(address(link_of(client_of_patient, record)))
        assert response["Content-Type"] == media_type
        assert f"scan.{extension}" in response["Content-Disposition"]
