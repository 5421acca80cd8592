"""The people with accounts, in the console."""

import pytest

from apps.accounts.models import User
from apps.accounts.roles import APPOINTED, Role
from apps.notifications.models import Notification
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"


def page(user):
    return f"{PEOPLE}{user.pk}/change/"


def form(user, **changes):
    body = {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "phone": user.phone or "",
        "preferred_language": user.preferred_language,
        "timezone": user.timezone,
        "spoken_languages": user.spoken_languages,
        "away_until_0": "",
        "away_until_1": "",
    }
    return body | changes


def new_person(**changes):
    return form(User(first_name="Nia", last_name="Rao", timezone="Asia/Kolkata"), email="nia@example.test") | changes


@pytest.fixture
def admin(client):
    user = UserFactory(admin=True)
    client.force_login(user)
    return user


@pytest.fixture
def coordinator(client):
    user = UserFactory(coordinator=True)
    client.force_login(user)
    return user


@pytest.fixture
def translator(client):
    user = UserFactory(translator=True)
    client.force_login(user)
    return user


def test_coordinators_look_people_up(client, coordinator):
    patient = UserFactory(first_name="Zuri")

    assert "Zuri" in client.get(f"{PEOPLE}?q={patient.phone[1:]}").content.decode()
    assert client.get(page(patient)).status_code == 200


def test_coordinators_change_nobody(client, coordinator):
    patient = UserFactory()

    assert client.post(page(patient), form(patient, first_name="Changed")).status_code == 403
    assert client.get(f"{PEOPLE}add/").status_code == 403
    assert client.post(f"{PEOPLE}add/", new_person(user_type="admin")).status_code == 403
    patient.refresh_from_db()
    assert patient.first_name != "Changed"


def test_translators_see_nobody(client, translator):
    assert client.get(PEOPLE).status_code == 403


def test_an_admin_corrects_plain_fields(client, admin):
    user = UserFactory(coordinator=True)

    response = client.post(
        page(user), form(user, first_name="Ana", phone="+44 7700 900123", spoken_languages=["ar", "en"])
    )

    assert response.status_code == 302
    user.refresh_from_db()
    assert (user.first_name, user.phone, user.spoken_languages) == ("Ana", "+447700900123", ["ar", "en"])


@pytest.mark.parametrize("whose", ["own", "another's"])
def test_t15_nobody_is_promoted_or_proven_here(client, admin, whose):
    """T15: not even by an admin, least of all themselves."""
    user = admin if whose == "own" else UserFactory(unverified=True)
    before = User.objects.filter(pk=user.pk).values("email", "user_type", "is_verified", "is_active", "password").get()
    forged = {
        "email": "thief@example.test",
        "user_type": "coordinator" if whose == "own" else "admin",
        "is_verified": "on",
        "is_active": "",
        "is_staff": "on",
        "password": "x",
    }

    client.post(page(user), form(user, **forged))

    assert (
        User.objects.filter(pk=user.pk).values("email", "user_type", "is_verified", "is_active", "password").get()
        == before
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"phone": "12"},
        {"timezone": "Mars"},
        {"preferred_language": "xx"},
        {"spoken_languages": ["xx"]},
        {"first_name": "\u202eaiN"},
        {"last_name": "Rao\r\nBcc: x@evil.test"},
    ],
)
def test_bad_input_is_said_on_the_page(client, admin, bad):
    user = UserFactory(coordinator=True)

    response = client.post(page(user), form(user, **bad))

    assert response.status_code == 200
    assert response.context["adminform"].errors


def test_a_number_with_an_owner_is_refused(client, admin):
    user, owner = UserFactory(coordinator=True), UserFactory()

    assert client.post(page(user), form(user, phone=owner.phone)).status_code == 200


def test_t4_no_page_shows_a_hash(client, admin):
    """T4."""
    user = UserFactory()

    for address in (PEOPLE, page(user), f"{PEOPLE}add/"):
        body = client.get(address).content.decode()
        assert user.password not in body
        assert 'name="password' not in body


def test_nobody_is_deleted_here(client, admin):
    user = UserFactory()

    assert client.post(f"{PEOPLE}{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize("role", [*sorted(APPOINTED), "doctor"])
def test_an_admin_makes_accounts_that_nobody_signs_up_for(client, admin, role, api, mailed_secret):
    """Their owner sets the password, by a link; nobody else ever knows it, and the address is proven by it."""
    response = client.post(f"{PEOPLE}add/", new_person(user_type=role, email="Nia@Example.TEST"))

    assert response.status_code == 302
    user = User.objects.get(email="nia@example.test")
    assert (user.user_type, user.is_verified, user.has_usable_password()) == (role, False, False)
    body = {"token": mailed_secret(user, "invitation"), "password": PASSWORD}
    assert api.post("/auth/accept-invitation", body).status_code == 200
    user.refresh_from_db()
    assert user.is_verified
    assert api.post("/auth/login", {"email": user.email, "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("role", [Role.PATIENT, "root", ""])
def test_t1_patients_are_not_made_here(client, admin, role):
    """T1: they have a profile beside the account, and sign up themselves or are enrolled."""
    response = client.post(f"{PEOPLE}add/", new_person(user_type=role))

    assert response.status_code == 200
    assert not User.objects.filter(email="nia@example.test").exists()
    assert not Notification.objects.exists()


@pytest.mark.parametrize("taken", ["NIA@example.test", "nia@EXAMPLE.test"])
def test_t11_a_known_address_is_refused(client, admin, taken):
    """T11."""
    UserFactory(email="nia@example.test")

    response = client.post(f"{PEOPLE}add/", new_person(user_type="coordinator", email=taken))

    assert response.status_code == 200
    assert "email" in response.context["adminform"].errors


def test_queries_are_constant(client, admin, django_assert_max_num_queries):
    UserFactory.create_batch(3)
    with django_assert_max_num_queries(20) as few:
        client.get(PEOPLE)
    UserFactory.create_batch(9)
    with django_assert_max_num_queries(20) as many:
        client.get(PEOPLE)

    assert len(few) == len(many)
