"""Who sees what in the console: pages by the table of roles, rows by their rule, by whatever way they are asked for."""

import pytest
from django.contrib import admin
from django.urls import reverse

from apps.accounts.roles import Role
from apps.bookings.models import WantedDocument
from apps.bookings.states import BookingStatus as S
from medivoy.core.audit import entity_of
from medivoy.core.ids import uuid7
from tests.console.conftest import case_address, press_address, session_of
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, make_patient
from tests.factories.clinical import MedicalRecordFactory
from tests.factories.hospitals import DoctorFactory, HospitalDoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db
TRANSLATED = {"hospitals.doctor", "hospitals.hospital", "hospitals.package", "hospitals.treatment"}
PAGES = {f"{page.opts.app_label}.{page.opts.model_name}": page for page in admin.site._registry.values()}


def address(page, kind, *args):
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_{kind}", args=args)


@pytest.fixture
def translator():
    return session_of(UserFactory(translator=True))


@pytest.fixture
def closed_record():
    """A record of a patient without an open case: no coordinator's business."""
    return MedicalRecordFactory(patient=make_patient())


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TRANSLATOR, Role.ADMIN])
def test_t15_the_table_says_which_pages_there_are(role):
    """T15: a list, its history, a form to add, for those alone whom the table lets."""
    user = UserFactory(user_type=role)
    client = session_of(user)
    for name, page in PAGES.items():
        app, model = name.split(".")
        may_look = user.has_perm(f"{app}.view_{model}")
        assert client.get(address(page, "changelist")).status_code == (200 if may_look else 403), name
        may_see_history = may_look and user.has_perm("accounts.view_auditentry")
        told = (200 if entity_of(page.model) else 404) if may_see_history else 403
        assert client.get(address(page, "history", uuid7())).status_code == told, name
        if not user.has_perm(f"{app}.add_{model}"):
            assert client.get(address(page, "add")).status_code == 403, name


def test_a_translator_has_what_they_translate_and_nothing_else(translator):
    opened = {name for name, page in PAGES.items() if translator.get(address(page, "changelist")).status_code == 200}
    assert opened == TRANSLATED


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.HOSPITAL_ADMIN])
def test_t15_nobody_else_opens_any_page(role):
    """T15."""
    client = session_of(UserFactory(user_type=role))
    for name, page in PAGES.items():
        answer = client.get(address(page, "changelist"))
        assert (answer.status_code, "/admin/login/" in answer.url) == (302, True), name


def test_t21_a_translator_neither_sees_nor_finds_a_licence_or_an_address(translator):
    """T21: of a doctor they work on the texts."""
    work = HospitalDoctorFactory(doctor__license_number="LIC-SECRET", doctor__user__email="zoe-secret@example.test")
    page = PAGES["hospitals.doctor"]
    for path in (address(page, "changelist"), address(page, "change", work.doctor.pk)):
        body = translator.get(path).content.decode()
        assert "LIC-SECRET" not in body
        assert "zoe-secret" not in body
    found = translator.get(address(page, "changelist") + "?q=zoe-secret").content.decode()
    assert str(work.doctor.pk) not in found
    assert "LIC-SECRET" in session_of(UserFactory(coordinator=True)).get(address(page, "changelist")).content.decode()


@pytest.mark.parametrize(
    ("of", "field"),
    [
        ("hospitals.hospital", "admin_user"),
        ("hospitals.doctor", "user"),
        ("bookings.booking", "patient"),
        ("clinical.medicalrecord", "patient"),
        ("billing.payment", "booking"),
    ],
)
def test_t16_the_choices_of_a_field_are_no_way_round(translator, of, field):
    """T16: whoever may not see the rows' own page is not told them by the address behind a field."""
    make_patient(first_name="Zuri")
    app, model = of.split(".")
    query = f"?app_label={app}&model_name={model}&field_name={field}&term=Zuri"
    assert translator.get(f"/admin/autocomplete/{query}").status_code == 403


@pytest.mark.parametrize("query", ["_to_field=user__password", "_to_field=license_number&_popup=1", "t=password"])
def test_t4_a_popup_gives_away_no_other_column(translator, query):
    """T4."""
    DoctorFactory(license_number="LIC-SECRET")
    answer = translator.get(address(PAGES["hospitals.doctor"], "changelist") + f"?{query}", follow=True)
    assert answer.status_code == 400 or "LIC-SECRET" not in answer.content.decode()


def test_t16_a_hidden_row_is_like_none_on_every_page_of_it(desk, closed_record):
    """T16, T17: page, history and file of a record whose case is closed, against an id that there is not."""
    page = PAGES["clinical.medicalrecord"]
    theirs, none = (desk.get(address(page, "change", pk)) for pk in (closed_record.pk, uuid7()))
    assert (theirs.status_code, theirs.url) == (none.status_code, none.url) == (302, reverse("admin:index"))
    assert {desk.get(address(page, "history", pk)).status_code for pk in (closed_record.pk, uuid7())} == {403}
    assert desk.get(reverse("admin:clinical_medicalrecord_file", args=[closed_record.pk])).status_code == 404
    found = desk.get(address(page, "changelist") + f"?q={closed_record.title}").content.decode()
    assert address(page, "change", closed_record.pk) not in found


def test_t17_admins_reach_no_record_by_any_address(admin_user, closed_record):
    """T17."""
    client = session_of(admin_user)
    page = PAGES["clinical.medicalrecord"]
    for path in (
        address(page, "changelist"),
        address(page, "change", closed_record.pk),
        address(page, "history", closed_record.pk),
        reverse("admin:clinical_medicalrecord_file", args=[closed_record.pk]),
    ):
        assert client.get(path).status_code == 403, path


def test_t17_admins_read_no_medical_details_of_a_case(desk, admin_user):
    """T17: what the patient says of their health and why a document is wanted are for those who care for the case."""
    booking = booking_in(S.UNDER_REVIEW, medical_details={"complaint": "Knee pain"})
    WantedDocument.objects.create(booking=booking, type="mri", why="Torn ligament?")
    for client, reads in ((desk, True), (session_of(admin_user), False)):
        body = client.get(case_address(booking)).content.decode()
        assert ("Knee pain" in body) == reads
        assert ("Torn ligament?" in body) == reads


@pytest.mark.parametrize("code", ["under_review", "cancelled", "refund", "waive", "entry"])
def test_t15_a_translator_presses_no_button_of_a_case(translator, code):
    """T15."""
    booking = booking_in(S.REQUESTED)
    assert translator.get(press_address(booking, code)).status_code == 403
    assert translator.post(press_address(booking, code), {}).status_code == 403


@pytest.mark.parametrize("code", ["waive", "approve_refund", "reject_refund"])
def test_t35_a_coordinator_presses_no_button_of_an_admin(desk, code):
    """T35."""
    booking = booking_in(S.PAYMENT_PENDING)
    assert desk.get(press_address(booking, code)).status_code == 403
    assert desk.post(press_address(booking, code), {}).status_code == 403


def test_a_related_filter_offers_what_occurs_in_the_list(desk, coordinator):
    """Not everybody with an account."""
    booking = booking_in(S.REQUESTED)
    stranger, elsewhere = make_patient(first_name="Quillon"), HospitalFactory(name="Nowhere General")
    body = desk.get("/admin/bookings/booking/").content.decode()
    assert booking.hospital.name in body
    assert str(booking.coordinator_id) in body
    assert str(elsewhere.pk) not in body
    assert str(stranger.user_id) not in body
