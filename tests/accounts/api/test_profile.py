"""GET and PATCH /auth/profile."""

import pytest

from apps.accounts.roles import Role
from apps.clinical.models import Patient
from apps.hospitals.models import Doctor, Hospital
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

PROFILE = "/auth/profile"

HEALTH = {
    "date_of_birth": "1980-02-29",
    "gender": "female",
    "blood_group": "AB-",
    "country": "KE",
    "city": "Nairobi",
    "address": "12 Long Road",
    "emergency_contact_name": "Amina",
    "emergency_contact_phone": "+254712345678",
    "insurance_provider": "Mutual",
    "insurance_policy_number": "P-77",
    "medical_history": ["hypertension"],
    "allergies": ["penicillin", "latex"],
    "current_medications": ["ramipril 5 mg"],
}


@pytest.fixture
def patient(user):
    return Patient.objects.create(user=user)


@pytest.fixture
def doctor():
    return Doctor.objects.create(user=UserFactory(doctor=True), license_number="OLD-1")


@pytest.fixture
def as_patient(patient, bearer):
    return bearer(patient.user)


@pytest.fixture
def as_doctor(doctor, bearer):
    return bearer(doctor.user)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_patient_reads_account_and_profile(as_patient, patient):
    data = as_patient.get(PROFILE).json()["data"]

    assert data["email"] == patient.user.email
    assert data["profile"]["id"] == str(patient.pk)
    assert data["created_at"].endswith("Z")


def test_a_doctor_reads_theirs(as_doctor, doctor):
    profile = as_doctor.get(PROFILE).json()["data"]["profile"]

    assert profile["license_number"] == "OLD-1"
    assert profile["is_verified"] is False
    assert profile["rating"] == 0


def test_a_hospital_admin_reads_the_hospitals_that_are_theirs(bearer):
    admin = UserFactory(hospital_admin=True)
    mine = Hospital.objects.create(name="Mine", slug="mine", country="IN", admin_user=admin)
    Hospital.objects.create(name="Other", slug="other", country="IN")

    profile = bearer(admin).get(PROFILE).json()["data"]["profile"]

    assert profile == {"hospitals": [{"id": str(mine.pk), "name": "Mine", "slug": "mine", "city": "", "country": "IN"}]}


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TRANSLATOR, Role.ADMIN, Role.PATIENT, Role.DOCTOR])
def test_without_a_row_of_their_own_the_profile_is_empty(bearer, role):
    assert bearer(UserFactory(user_type=role)).get(PROFILE).json()["data"]["profile"] == {}


def test_t4_no_hash_and_no_flag_of_the_row(as_patient, patient):
    """T4."""
    body = as_patient.get(PROFILE).content.decode()

    assert "password" not in body
    assert patient.user.password not in body


def test_needs_a_sign_in(api):
    assert api.get(PROFILE).status_code == 401
    assert api.patch(PROFILE, {"first_name": "X"}).status_code == 401


def test_reading_costs_three_queries(as_patient, django_assert_num_queries):
    """The sign-in, the second factor, the role's profile."""
    with django_assert_num_queries(3):
        as_patient.get(PROFILE)


def test_a_hospital_admins_hospitals_cost_one_query(bearer, django_assert_num_queries):
    admin = UserFactory(hospital_admin=True)
    for n in range(3):
        Hospital.objects.create(name=f"H{n}", slug=f"h{n}", country="IN", admin_user=admin)
    client = bearer(admin)

    with django_assert_num_queries(3):
        client.get(PROFILE)


# --- writing ---------------------------------------------------------------------------------------------------------


def test_people_change_their_own_account(as_patient, patient):
    body = {"first_name": "Ana", "last_name": "", "preferred_language": "hi", "timezone": "Asia/Kolkata"}
    body["last_name"] = "Roy"

    data = as_patient.patch(PROFILE, body).json()["data"]

    patient.user.refresh_from_db()
    for name, value in body.items():
        assert data[name] == getattr(patient.user, name) == value


def test_a_patient_writes_medical_and_contact_details(as_patient, patient):
    response = as_patient.patch(PROFILE, {"profile": HEALTH})

    assert response.status_code == 200
    assert response.json()["data"]["profile"] == {"id": str(patient.pk), **HEALTH}
    patient.refresh_from_db()
    assert patient.allergies == ["penicillin", "latex"]


def test_what_is_not_named_stays(as_patient, patient):
    as_patient.patch(PROFILE, {"profile": HEALTH})

    as_patient.patch(PROFILE, {"profile": {"city": "Mombasa"}})

    patient.refresh_from_db()
    assert (patient.city, patient.blood_group) == ("Mombasa", "AB-")


def test_t3_health_data_waits_for_the_proven_address(bearer, patient):
    """T3: the account itself may be written before."""
    patient.user.is_verified = False
    patient.user.save()
    client = bearer(patient.user)

    refused = client.patch(PROFILE, {"profile": {"allergies": ["latex"]}})

    assert refused.status_code == 403
    assert refused.json()["code"] == "email_not_verified"
    assert client.patch(PROFILE, {"first_name": "Ana"}).status_code == 200
    patient.refresh_from_db()
    assert patient.allergies == []


def test_t13_t20_server_owned_fields_are_ignored(as_patient, patient):
    """T13, T20: e-mail, role, password and what is proven are not written here."""
    before = type(patient.user).objects.filter(pk=patient.user_id).values().get()
    owned = {
        "email": "thief@example.test",
        "user_type": "admin",
        "is_verified": False,
        "is_active": False,
        "is_staff": True,
        "password": "another-good-password-8",
        "password_hash": "x",
        "id": "00000000-0000-7000-8000-000000000000",
        "version": 99,
        "last_login": None,
        "profile_picture": "https://evil.example/x.svg",
        "away_until": "2027-01-01T00:00:00Z",
        "nonsense": {"a": 1},
        "profile": {"id": "00000000-0000-7000-8000-000000000000", "user_id": 1, "user": 1, "version": 7, "x": 1},
    }

    assert as_patient.patch(PROFILE, owned).status_code == 200

    assert type(patient.user).objects.filter(pk=patient.user_id).values().get() == before


def test_t20_a_doctor_does_not_verify_or_rate_themselves(as_doctor, doctor):
    """T20."""
    body = {"is_verified": True, "is_active": False, "rating": "5.00", "total_reviews": 900, "specialty": "cardiology"}

    data = as_doctor.patch(PROFILE, {"profile": body}).json()["data"]["profile"]

    assert (data["specialty"], data["is_verified"], data["rating"], data["total_reviews"]) == (
        "cardiology",
        False,
        0,
        0,
    )


def test_t20_the_licence_number_is_fixed_once_it_was_checked(as_doctor, doctor):
    """T20."""
    as_doctor.patch(PROFILE, {"profile": {"license_number": "NEW-2"}})
    doctor.refresh_from_db()
    assert doctor.license_number == "NEW-2"
    doctor.is_verified = True
    doctor.save()

    as_doctor.patch(PROFILE, {"profile": {"license_number": "FORGED-3", "bio": "Hello"}})

    doctor.refresh_from_db()
    assert (doctor.license_number, doctor.bio) == ("NEW-2", "Hello")


def test_a_doctors_texts_are_written_in_the_source_language(as_doctor, doctor):
    as_doctor.patch(f"{PROFILE}?lang=ar", {"profile": {"bio": "I mend hearts."}})

    doctor.refresh_from_db()
    assert doctor.bio == "I mend hearts."


@pytest.mark.parametrize(
    ("fee", "currency", "status"),
    [("80.50", "USD", 200), (80, "JPY", 200), ("80.125", "KWD", 200), ("80.125", "USD", 400), ("80.5", "JPY", 400)],
)
def test_a_fee_has_its_currencys_decimals(as_doctor, fee, currency, status):
    response = as_doctor.patch(PROFILE, {"profile": {"consultation_fee": fee, "currency": currency}})

    assert response.status_code == status
    if status == 400:
        assert list(response.json()["errors"]) == ["profile.consultation_fee"]


def test_a_new_currency_must_suit_the_fee_that_stands(as_doctor):
    as_doctor.patch(PROFILE, {"profile": {"consultation_fee": "80.50", "currency": "USD"}})

    assert as_doctor.patch(PROFILE, {"profile": {"currency": "JPY"}}).status_code == 400


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.HOSPITAL_ADMIN, Role.ADMIN])
def test_who_has_no_profile_row_writes_none(bearer, role):
    response = bearer(UserFactory(user_type=role)).patch(PROFILE, {"profile": {"blood_group": "A+"}, "first_name": "Z"})

    assert response.status_code == 200
    assert response.json()["data"]["first_name"] == "Z"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"first_name": 5}, "first_name"),
        ({"preferred_language": "xx"}, "preferred_language"),
        ({"timezone": "Nowhere"}, "timezone"),
        ({"phone": "12"}, "phone"),
        ({"profile": None}, "profile"),
        ({"profile": []}, "profile"),
        ({"profile": "x"}, "profile"),
        ({"profile": {"blood_group": "C+"}}, "profile.blood_group"),
        ({"profile": {"country": "Atlantis"}}, "profile.country"),
        ({"profile": {"date_of_birth": "2999-01-01"}}, "profile.date_of_birth"),
        ({"profile": {"date_of_birth": "1080-01-01"}}, "profile.date_of_birth"),
        ({"profile": {"date_of_birth": "29.02.1980"}}, "profile.date_of_birth"),
        ({"profile": {"allergies": "latex"}}, "profile.allergies"),
        ({"profile": {"allergies": ["latex", 7]}}, "profile.allergies.1"),
        ({"profile": {"allergies": ["x" * 501]}}, "profile.allergies.0"),
        ({"profile": {"allergies": ["x"] * 101}}, "profile.allergies"),
        ({"profile": {"emergency_contact_phone": "none"}}, "profile.emergency_contact_phone"),
    ],
)
def test_bad_input_is_400_on_its_field_and_nothing_is_written(as_patient, patient, body, field):
    response = as_patient.patch(PROFILE, {"last_name": "Changed", **body})

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    patient.user.refresh_from_db()
    assert patient.user.last_name != "Changed"


# --- the phone number ------------------------------------------------------------------------------------------------


def test_t13_another_number_needs_the_password(as_patient, patient):
    """T13."""
    old = patient.user.phone

    for password in ({}, {"current_password": "wrong-password-1"}):
        refused = as_patient.patch(PROFILE, {"phone": "+447700900123", **password})
        assert refused.status_code == 400
        assert list(refused.json()["errors"]) == ["current_password"]

    patient.user.refresh_from_db()
    assert patient.user.phone == old


def test_with_the_password_it_changes(as_patient, patient):
    body = {"phone": "+44 7700 900123", "current_password": PASSWORD}

    assert as_patient.patch(PROFILE, body).json()["data"]["phone"] == "+447700900123"


def test_the_same_number_again_needs_none(as_patient, patient):
    assert as_patient.patch(PROFILE, {"phone": patient.user.phone, "first_name": "Ana"}).status_code == 200


def test_a_number_with_an_owner_is_409(as_patient):
    owner = UserFactory()

    response = as_patient.patch(PROFILE, {"phone": owner.phone, "current_password": PASSWORD})

    assert response.status_code == 409
    assert response.json()["code"] == "already_registered"


def test_guesses_at_the_password_slow_down(as_patient):
    body = {"phone": "+447700900123", "current_password": "wrong-password-1"}

    assert [as_patient.patch(PROFILE, body).status_code for _ in range(6)] == [400] * 5 + [429]


def test_a_right_password_is_no_guess_for_long(as_patient):
    for number in range(7):
        body = {"phone": f"+4477009001{number:02}", "current_password": PASSWORD}
        assert as_patient.patch(PROFILE, body).status_code == 200


def test_t10_numbers_are_not_tried_one_after_the_other(as_patient, settings):
    """T10: who has one is told to whoever wants it, so they may not want many."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"phone_change": "3/h"}
    bodies = [{"phone": UserFactory().phone, "current_password": PASSWORD} for _n in range(4)]

    assert [as_patient.patch(PROFILE, body).status_code for body in bodies] == [409, 409, 409, 429]


def test_t10_nor_by_many_accounts_from_one_place(bearer, settings):
    """T10: it tells what a registration tells, and is counted with those."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"register": "3/h"}
    body = {"phone": UserFactory().phone, "current_password": PASSWORD}

    assert [bearer(UserFactory()).patch(PROFILE, body).status_code for _n in range(4)] == [409, 409, 409, 429]


# --- versions --------------------------------------------------------------------------------------------------------


def test_the_tag_follows_both_rows(as_patient, patient):
    first = as_patient.get(PROFILE)["ETag"]
    assert as_patient.get(PROFILE, HTTP_IF_NONE_MATCH=first).status_code == 304

    patient.city = "Kisumu"
    patient.save()

    assert as_patient.get(PROFILE)["ETag"] != first
    assert as_patient.patch(PROFILE, {"first_name": "Ana"}, HTTP_IF_MATCH=first).status_code == 412


def test_if_match_lets_the_present_version_through_once(as_patient):
    tag = as_patient.get(PROFILE)["ETag"]

    statuses = [as_patient.patch(PROFILE, {"first_name": n}, HTTP_IF_MATCH=tag).status_code for n in ("Ana", "Bea")]

    assert statuses == [200, 412]
