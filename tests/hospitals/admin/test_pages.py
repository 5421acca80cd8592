"""The catalogue's pages of the console: who sees what, what is saved, and the buttons."""

import pytest
from django.urls import reverse

from apps.hospitals.models import Hospital, HospitalBankDetails
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import (
    DoctorFactory,
    HospitalDoctorFactory,
    HospitalFactory,
    HospitalTreatmentFactory,
    PackageFactory,
    TreatmentFactory,
)

pytestmark = pytest.mark.django_db

PAGES = {
    "hospital": HospitalFactory,
    "doctor": DoctorFactory,
    "treatment": TreatmentFactory,
    "hospitaltreatment": HospitalTreatmentFactory,
    "package": PackageFactory,
}


def page(name, row=None):
    if row is None:
        return reverse(f"admin:hospitals_{name}_changelist")
    return reverse(f"admin:hospitals_{name}_change", args=[row.pk])


@pytest.fixture
def console(client):
    """Return the browser of somebody who is signed in."""

    def open_as(user):
        client.force_login(user)
        return client

    return open_as


def form_of(response):
    """Return what a browser would send back of the page's forms."""
    context = response.context
    forms = [context["adminform"].form]
    for formset in (inline.formset for inline in context["inline_admin_formsets"]):
        forms += [formset.management_form, *formset.forms]
    sent = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is True:
                sent[bound.html_name] = "on"
            elif value is not None and value is not False:
                sent[bound.html_name] = bound.field.prepare_value(value)
    return sent


@pytest.mark.parametrize("name", PAGES)
def test_lists_and_pages_open_for_admins(console, admin, name):
    row = PAGES[name]()
    browser = console(admin)
    assert browser.get(page(name)).status_code == 200
    assert browser.get(page(name), {"q": "a"}).status_code == 200
    response = browser.get(page(name, row))
    assert response.status_code == 200
    assert "adminform" in response.context


@pytest.mark.parametrize("role", ["coordinator", "translator"])
@pytest.mark.parametrize("name", PAGES)
def test_others_of_the_staff_may_look_and_change_nothing(console, name, role):
    row = PAGES[name]()
    browser = console(UserFactory(**{role: True}))
    may_look = not (name == "hospitaltreatment" and role == "translator")
    assert browser.get(page(name, row)).status_code == (200 if may_look else 403)
    assert browser.post(page(name, row), {"is_active": ""}).status_code == 403
    assert browser.get(reverse(f"admin:hospitals_{name}_add")).status_code == 403


@pytest.mark.parametrize("role", ["patient", "doctor", "hospital_admin"])
def test_nobody_else_gets_in(console, hospital, role):
    user = UserFactory() if role == "patient" else UserFactory(**{role: True})
    response = console(user).get(page("hospital", hospital))
    assert response.status_code == 302
    assert "/login/" in response["Location"]


def test_an_admin_saves_a_hospital_with_its_bank_details(console, admin, hospital):
    browser = console(admin)
    sent = form_of(browser.get(page("hospital", hospital)))
    sent |= {"name_ar": "أبولو", "city": "<b>Madras</b>", "bank_account-0-bank_details": "IBAN AE07 0331 2345"}
    sent |= {"bank_account-TOTAL_FORMS": "1"}
    response = browser.post(page("hospital", hospital), sent)
    assert response.status_code == 302, response.context["adminform"].form.errors
    hospital.refresh_from_db()
    assert (hospital.name_en, hospital.name_ar, hospital.city) == ("Apollo Heart Hospital", "أبولو", "Madras")
    assert hospital.bank_account.bank_details == "IBAN AE07 0331 2345"
    assert "IBAN AE07" in browser.get(page("hospital", hospital)).content.decode()


def test_bank_details_are_encrypted_and_shown_to_admins_alone(console, hospital, coordinator, django_db_blocker):
    HospitalBankDetails.objects.create(hospital=hospital, bank_details="IBAN 42")
    stored = HospitalBankDetails.objects.raw("SELECT id, bank_details AS stored FROM hospital_bank_details")[0].stored
    assert "IBAN" not in stored
    for user in (coordinator, UserFactory(translator=True)):
        content = console(user).get(page("hospital", hospital)).content.decode()
        assert "IBAN" not in content
        assert "bank_details" not in content


def test_a_translator_sees_texts_and_no_terms(console, hospital, coordinator):
    content = console(UserFactory(translator=True)).get(page("hospital", hospital)).content.decode()
    assert "Commission" not in content
    assert "Commission" in console(coordinator).get(page("hospital", hospital)).content.decode()


def test_a_new_hospital_gets_its_slug_and_is_not_verified(console, admin):
    browser = console(admin)
    address = reverse("admin:hospitals_hospital_add")
    sent = form_of(browser.get(address))
    sent |= {"name_en": "Nile Clinic", "country": "EG", "timezone": "Africa/Cairo", "is_verified": "on"}
    response = browser.post(address, sent)
    assert response.status_code == 302, response.context["adminform"].form.errors
    hospital = Hospital.objects.get()
    assert (hospital.name, hospital.slug, hospital.is_verified) == ("Nile Clinic", "nile-clinic", False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_en", ""),
        ("timezone", "Mars/Base"),
        ("currency", "XXQ"),
        ("website", "javascript:alert(1)"),
        ("issuer_code", "MV"),
        ("deposit_percent", "101"),
    ],
)
def test_bad_input_is_shown_at_the_field(console, admin, hospital, field, value):
    browser = console(admin)
    sent = form_of(browser.get(page("hospital", hospital))) | {field: value}
    response = browser.post(page("hospital", hospital), sent)
    assert list(response.context["adminform"].form.errors) == [field]


def test_lists_of_texts_are_edited_a_line_each(console, admin, hospital):
    browser = console(admin)
    sent = form_of(browser.get(page("hospital", hospital))) | {"specializations": "Hearts\r\n\r\n Bones "}
    browser.post(page("hospital", hospital), sent)
    hospital.refresh_from_db()
    assert hospital.specializations == ["Hearts", "Bones"]
    assert "Hearts\nBones" in browser.get(page("hospital", hospital)).content.decode()


def test_seasons_that_overlap_are_refused(console, admin):
    package = PackageFactory()
    browser = console(admin)
    season = '{"from": "06-01", "to": "08-31", "percent": 120}'
    sent = form_of(browser.get(page("package", package))) | {"seasonal_pricing": f"[{season}, {season}]"}
    response = browser.post(page("package", package), sent)
    assert "Two seasons" in str(response.context["adminform"].form.errors["seasonal_pricing"])


def test_a_price_with_too_many_decimals_is_refused(console, admin):
    offer = HospitalTreatmentFactory(currency="JPY", base_price=1000)
    browser = console(admin)
    sent = form_of(browser.get(page("hospitaltreatment", offer))) | {"base_price": "1000.5"}
    response = browser.post(page("hospitaltreatment", offer), sent)
    assert list(response.context["adminform"].form.errors) == ["base_price"]


def test_an_affiliation_ends_by_a_date_and_is_never_deleted(console, admin):
    row = HospitalDoctorFactory()
    browser = console(admin)
    address = page("doctor", row.doctor)
    sent = form_of(browser.get(address)) | {"affiliations-0-end_date": "2027-01-01", "affiliations-0-DELETE": "on"}
    assert browser.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert str(row.end_date) == "2027-01-01"


# --- the buttons


def press(browser, name, row, button, **fields):
    address = reverse(f"admin:hospitals_{name}_{button}", args=[row.pk])
    return browser.post(address, {"_form_submitted": "True", **fields})


@pytest.mark.parametrize(("name", "factory"), [("hospital", HospitalFactory), ("doctor", DoctorFactory)])
def test_an_admin_verifies_and_takes_it_back(console, admin, name, factory):
    row = factory(is_verified=False)
    browser = console(admin)
    assert press(browser, name, row, "verify")["Location"] == page(name, row)
    row.refresh_from_db()
    assert row.is_verified
    press(browser, name, row, "withdraw_verification")
    row.refresh_from_db()
    assert not row.is_verified


@pytest.mark.parametrize("role", ["coordinator", "translator", "hospital_admin"])
@pytest.mark.parametrize(("name", "factory"), [("hospital", HospitalFactory), ("doctor", DoctorFactory)])
def test_nobody_else_presses_it(console, role, name, factory):
    """T15."""
    row = factory(is_verified=False)
    response = press(console(UserFactory(**{role: True})), name, row, "verify")
    assert response.status_code in (302, 403)
    row.refresh_from_db()
    assert not row.is_verified


def test_looking_at_the_dialog_does_nothing(console, admin):
    hospital = HospitalFactory(is_verified=False)
    response = console(admin).get(reverse("admin:hospitals_hospital_verify", args=[hospital.pk]))
    assert response.status_code == 200
    hospital.refresh_from_db()
    assert not hospital.is_verified


def test_a_button_is_there_only_where_it_can_be_pressed(console, admin, hospital):
    verified, unverified = hospital, HospitalFactory(is_verified=False)
    browser = console(admin)
    address = reverse("admin:hospitals_hospital_verify", args=[unverified.pk])
    assert address in browser.get(page("hospital", unverified)).content.decode()
    assert browser.get(reverse("admin:hospitals_hospital_verify", args=[verified.pk])).status_code == 403
    assert browser.get(reverse("admin:hospitals_hospital_verify", args=["x"])).status_code == 403


def test_a_refusal_is_a_message_on_the_page(console, admin):
    doctor = DoctorFactory(is_verified=False, license_number="")
    browser = console(admin)
    press(browser, "doctor", doctor, "verify")
    assert "There is no licence number to check." in browser.get(page("doctor", doctor)).content.decode()


def test_a_refusal_in_the_dialog_stays_in_the_dialog(console, admin):
    doctor = DoctorFactory(is_verified=False, license_number="")
    address = reverse("admin:hospitals_doctor_verify", args=[doctor.pk])
    response = console(admin).post(address, {"_form_submitted": "True"}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "There is no licence number to check." in response.content.decode()


def test_a_dialog_that_went_well_leads_back_to_the_page(console, admin):
    hospital = HospitalFactory(is_verified=False)
    address = reverse("admin:hospitals_hospital_verify", args=[hospital.pk])
    response = console(admin).post(address, {"_form_submitted": "True"}, headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == page("hospital", hospital)
