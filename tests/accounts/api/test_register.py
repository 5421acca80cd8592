"""POST /auth/register."""

import pytest

from apps.accounts.models import RefreshToken, User
from apps.accounts.roles import Role
from apps.clinical.models import Patient
from apps.hospitals.models import Doctor
from apps.notifications.models import Notification
from tests import figures
from tests.factories.accounts import UserFactory
from tests.race import contend

REGISTER = "/auth/register"


def form(**changes):
    body = {
        "email": "user@example.com",
        "password": "SecurePassword123!",
        "phone": "+1234567890",
        "user_type": "patient",
        "first_name": "John",
        "last_name": "Doe",
    }
    return {name: value for name, value in (body | changes).items() if value is not ...}


@pytest.mark.django_db
def test_answers_as_the_plan_shows_it(api):
    response = api.post(REGISTER, form())

    assert response.status_code == 201
    body = response.json()
    assert body["message"] == "User registered successfully"
    assert set(body["data"]) == {"user", "access_token", "refresh_token", "expires_in"}
    assert body["data"]["user"]["email"] == "user@example.com"
    assert body["data"]["user"]["phone"] == "+1234567890"
    assert body["data"]["user"]["user_type"] == "patient"
    assert body["data"]["user"]["is_verified"] is False


@pytest.mark.django_db
def test_makes_the_patient_too(api):
    profile = api.post(REGISTER, form()).json()["data"]["user"]["profile"]

    patient = Patient.objects.get(user__email="user@example.com")
    assert profile["id"] == str(patient.pk)
    assert patient.user.check_password("SecurePassword123!")


@pytest.mark.django_db
def test_t1_a_doctor_starts_unverified_and_unlisted(api):
    """T1."""
    response = api.post(REGISTER, form(user_type="doctor", timezone="Asia/Kolkata"))

    doctor = Doctor.objects.get(user__email="user@example.com")
    assert response.json()["data"]["user"]["profile"]["is_verified"] is False
    assert doctor.timezone == "Asia/Kolkata"
    assert not Doctor.objects.listed().exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "role", [*sorted(set(Role.values) - {"patient", "doctor"}), "superuser", "", None, 1, ["patient"]]
)
def test_t1_no_other_role_signs_itself_up(api, role):
    """T1."""
    response = api.post(REGISTER, form(user_type=role))

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["user_type"]
    assert not User.objects.exists()


@pytest.mark.django_db
def test_t2_server_owned_and_unknown_keys_are_ignored(api):
    """T2: nothing of the body is spread into the row."""
    extra = {"is_verified": True, "is_staff": True, "is_active": False, "id": "0", "version": 9, "role": "admin"}

    response = api.post(REGISTER, form(**extra, profile={"blood_group": "A+"}, nonsense=1))

    user = User.objects.get()
    assert response.status_code == 201
    assert (user.is_verified, user.is_active, user.is_staff, user.version) == (False, True, False, 1)
    assert user.patient.blood_group == ""


@pytest.mark.django_db
def test_the_tokens_work(api, bearer):
    tokens = api.post(REGISTER, form()).json()["data"]

    assert bearer(None, token=tokens["access_token"]).get("/auth/profile").status_code == 200
    assert api.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 200


@pytest.mark.django_db
def test_mails_the_proof_of_the_address_in_their_language(api, mailed_secret):
    api.post(REGISTER, form(preferred_language="ar"))

    mail = Notification.objects.get(type="email_verification")
    assert mail.language == "ar"
    assert mail.address == "user@example.com"
    assert api.post("/auth/verify-email", {"token": mailed_secret(mail.user, "email_verification")}).status_code == 200


@pytest.mark.django_db
def test_the_language_of_the_request_becomes_theirs(api):
    api.post(REGISTER, form(), HTTP_ACCEPT_LANGUAGE="fr-CA,fr;q=0.9")

    assert User.objects.get().preferred_language == "fr"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("owner", "asked"),
    [
        ({"email": "user@example.com", "phone": None}, {}),
        ({"email": "user@example.com", "phone": None}, {"email": "USER@Example.COM"}),
        ({"email": "user@example.com", "phone": None}, {"email": "user＠example.com"}),
        ({"email": "kelvin@example.com", "phone": None}, {"email": "\u212aelvin@example.com"}),
        ({"email": "user@xn--bcher-kva.example", "phone": None}, {"email": "user@BÜCHER.example"}),
        ({"phone": "+1234567890"}, {}),
        ({"phone": "+1234567890"}, {"phone": "+1 (234) 567-890"}),
        ({"phone": "+442079460958"}, {"phone": "+44 (0)20 7946 0958"}),
        ({"phone": "+919876543210"}, {"phone": "+९१ ९८७६५ ४३२१०"}),
    ],
)
def test_t11_a_known_address_or_number_is_409_however_it_is_written(api, owner, asked):
    """T11."""
    UserFactory(**owner)

    response = api.post(REGISTER, form(**asked))

    assert response.status_code == 409
    assert response.json()["code"] == "already_registered"
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("phone", [..., None])
def test_many_people_have_no_phone(api, phone):
    UserFactory(phone=None)

    assert api.post(REGISTER, form(phone=phone)).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ...),
        ("email", "user"),
        ("email", "user@example.com\r\nBcc: all@example.com"),
        ("email", "u\u0131er@example.com"),
        ("email", "user@exam_ple..com"),
        ("email", "user@" + "ü" * 80 + ".example"),
        ("email", "a" * 250 + "@example.com"),
        ("email", ["user@example.com"]),
        ("email", {"$gt": ""}),
        ("password", ...),
        ("password", ""),
        ("password", "short1!"),
        ("password", "password123"),
        ("password", "12345678901234"),
        ("password", "user@example.com"),
        ("password", "x" * 129),
        ("password", 1234567890123),
        ("phone", "12"),
        ("phone", "0301 234567"),
        ("phone", "+1"),
        ("phone", "+1234567890123456789"),
        ("phone", "call me"),
        ("phone", 1234567890),
        ("first_name", ...),
        ("first_name", ""),
        ("first_name", "x" * 101),
        ("first_name", 5),
        ("first_name", "A\r\nBcc: x@example.com"),
        ("first_name", "A\u2028B"),
        ("last_name", "\u202egnp.exe"),
        ("last_name", ...),
        ("last_name", True),
        ("preferred_language", "de"),
        ("preferred_language", ["en"]),
        ("timezone", "Mars/Base"),
        ("timezone", "../etc/passwd"),
    ],
)
def test_bad_input_is_400_on_its_field(api, field, value):
    response = api.post(REGISTER, form(**{field: value}))

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_answer_is_in_the_askers_language(api):
    response = api.post(f"{REGISTER}?lang=es", form(password="short1!"))

    assert response["Content-Language"] == "es"
    assert "contraseña" in response.json()["errors"]["password"][0]


@pytest.mark.django_db
def test_t10_stands_behind_the_limiter(api, settings):
    """T10: the one route that tells who is registered tells it so often."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"register": "3/h"}
    UserFactory(email="user@example.com")

    statuses = [api.post(REGISTER, form()).status_code for _ in range(4)]

    assert statuses == [409, 409, 409, 429]


@pytest.mark.django_db
def test_markup_in_a_name_is_text(api):
    name = "<script>alert(1)</script>"

    assert api.post(REGISTER, form(first_name=name)).json()["data"]["user"]["first_name"] == name


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["O'Brien-Łuć", "فاطمة", "می\u200cخواهم", "क्\u200dष", "李", "Ana María"])
def test_t54_a_name_is_one_line_in_any_script(api, name):
    """T54: what would turn or break the line of a mail's head is refused above; joiners that names need are not."""
    assert api.post(REGISTER, form(first_name=name)).json()["data"]["user"]["first_name"] == name


@pytest.mark.django_db
def test_both_rows_or_none(api, monkeypatch):
    def refuse(**kwargs):
        raise RuntimeError("the second row fails")

    monkeypatch.setattr(Patient.objects, "create", refuse)

    response = type(api)(raise_request_exception=False).post(REGISTER, form())

    assert response.status_code == 500
    assert not User.objects.exists()
    assert not RefreshToken.objects.exists()


@pytest.mark.django_db
def test_query_count_is_constant(api, django_assert_max_num_queries):
    UserFactory.create_batch(5)

    with django_assert_max_num_queries(24):
        assert api.post(REGISTER, form()).status_code == 201


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(figures.ROUNDS))
@pytest.mark.parametrize("same", ["email", "phone"])
def test_t11_of_many_at_once_one_gets_the_address(api, same, _round):
    """T11: the index decides; the others get a clean 409, none a 500."""
    n = figures.CONTENDERS

    def register(number):
        other = {"phone": f"+14155550{number:03d}"} if same == "email" else {"email": f"p{number}@example.com"}
        return type(api)(raise_request_exception=False).post(REGISTER, form(**other)).status_code

    assert sorted(contend(register)) == [201] + [409] * (n - 1)
    assert User.objects.count() == Patient.objects.count() == 1
