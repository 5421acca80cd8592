"""/users: other people's accounts, for admins; one's own for everyone."""

import pytest

from apps.accounts.models import User
from apps.accounts.roles import APPOINTED
from apps.bookings.models import Booking, BookingEvent, EventKind
from apps.bookings.states import BookingStatus as S
from apps.hospitals.models import Doctor
from tests.factories.accounts import PASSWORD, InvitationFactory, PasswordResetFactory, UserFactory
from tests.factories.bookings import booking_in
from tests.factories.hospitals import HospitalFactory

pytestmark = pytest.mark.django_db

COLUMNS = {
    "id",
    "email",
    "phone",
    "user_type",
    "first_name",
    "last_name",
    "profile_picture",
    "preferred_language",
    "timezone",
    "spoken_languages",
    "away_until",
    "is_verified",
    "is_active",
    "mfa_enabled",
    "has_password",
    "last_login",
    "erased_at",
    "created_at",
    "updated_at",
}
NEW = {"email": "Nia@Example.test", "user_type": "coordinator", "first_name": "Nia", "spoken_languages": ["ar"]}


@pytest.fixture
def admin(api):
    """An admin's client; another admin stays, so that nobody is the last by accident."""
    UserFactory(admin=True)
    user = UserFactory(admin=True)
    client = api.as_(user)
    client.user = user
    return client


def code_of(answer):
    return answer.status_code, answer.json().get("code")


def as_stored(user):
    return User.objects.filter(pk=user.pk).values().get()


def test_a_list_is_filtered_and_searched(admin):
    wanted = UserFactory(coordinator=True, first_name="Zuriel", email="zuriel@example.test")
    UserFactory(coordinator=True, first_name="Zuriel", is_active=False)
    UserFactory(first_name="Zuriel")

    answer = admin.get("/users?user_type=coordinator&is_active=true&search=zuriel")

    assert [row["id"] for row in answer.json()["data"]] == [str(wanted.pk)]
    assert admin.get(f"/users?search={wanted.phone[1:]}").json()["meta"]["total"] == 1
    assert admin.get("/users?user_type=root").status_code == 400


def test_t4_an_account_shows_its_own_list_of_columns(admin):
    """T4: neither hash nor flag comes in by itself."""
    user = UserFactory()

    assert set(admin.get(f"/users/{user.pk}").json()["data"]) == COLUMNS
    assert user.password not in admin.get("/users").content.decode()


@pytest.mark.parametrize("role", ["patient", "doctor", "hospital_admin", "coordinator", "translator"])
def test_t16_everyone_else_sees_themselves_alone(api, role):
    """T16: a coordinator looks people up in the console, not here."""
    user, other = UserFactory(user_type=role), UserFactory()

    assert api.as_(user).get(f"/users/{user.pk}").status_code == 200
    assert api.as_(user).get(f"/users/{other.pk}").status_code == 404
    assert api.as_(user).patch(f"/users/{other.pk}", {"first_name": "X"}).status_code == 404


@pytest.mark.parametrize("role", sorted(APPOINTED))
def test_an_admin_makes_an_account_and_its_owner_sets_the_password(admin, api, role, mailed_secret):
    answer = admin.post("/users", NEW | {"user_type": role})

    assert answer.status_code == 201
    user = User.objects.get(email="nia@example.test")
    assert (user.user_type, user.is_verified, user.has_usable_password()) == (role, False, False)
    body = {"token": mailed_secret(user, "invitation"), "password": PASSWORD}
    assert api.post("/auth/accept-invitation", body).status_code == 200
    assert api.post("/auth/login", {"email": user.email, "password": PASSWORD}).status_code == 200


def test_t1_a_doctor_is_made_with_a_profile_that_nobody_sees(admin):
    """T1: unverified, whoever made them."""
    admin.post("/users", NEW | {"user_type": "doctor", "timezone": "Asia/Kolkata"})

    doctor = Doctor.objects.get(user__email="nia@example.test")
    assert (doctor.is_verified, doctor.timezone) == (False, "Asia/Kolkata")
    assert doctor not in Doctor.objects.listed()


@pytest.mark.parametrize("role", ["patient", "root", None])
def test_t1_nobody_is_made_who_signs_up_or_is_nothing(admin, role):
    """T1."""
    assert admin.post("/users", NEW | {"user_type": role}).status_code == 400
    assert not User.objects.filter(email="nia@example.test").exists()


def test_a_known_address_is_refused(admin):
    UserFactory(email="nia@example.test")

    assert code_of(admin.post("/users", NEW)) == (409, "already_registered")


def test_t2_server_owned_keys_are_not_written(admin):
    """T2, T20."""
    user = UserFactory(unverified=True)
    forged = {
        "email": "thief@example.test",
        "is_verified": True,
        "is_active": False,
        "password": "x",
        "erased_at": None,
    }

    answer = admin.patch(f"/users/{user.pk}", forged | {"first_name": "Ana", "spoken_languages": ["ar"]})

    assert answer.status_code == 200
    fresh = as_stored(user)
    assert (fresh["first_name"], fresh["spoken_languages"]) == ("Ana", ["ar"])
    assert (fresh["email"], fresh["is_verified"], fresh["is_active"]) == (user.email, False, True)
    assert fresh["password"] == user.password


def test_t15_an_admin_changes_a_role_and_its_sign_ins_end(admin, bearer):
    """T15: of somebody else, among the appointed ones; a timely end of what they could do before."""
    user = UserFactory(translator=True)
    client = bearer(user)

    answer = admin.patch(f"/users/{user.pk}", {"user_type": "coordinator", "reason": "duties_changed"})

    assert answer.json()["data"]["user_type"] == "coordinator"
    assert client.get("/auth/profile").status_code == 401


@pytest.mark.parametrize("role", ["patient", "doctor"])
def test_t15_no_patient_or_doctor_becomes_staff(admin, role):
    """T15."""
    user = UserFactory(user_type=role)

    assert admin.patch(f"/users/{user.pk}", {"user_type": "admin"}).status_code == 400
    assert as_stored(user)["user_type"] == role
    assert admin.patch(f"/users/{UserFactory(coordinator=True).pk}", {"user_type": role}).status_code == 400


def test_t15_nobody_changes_their_own_role(admin, api):
    """T15: an admin hears it, for everyone else the key is none of theirs."""
    assert code_of(admin.patch(f"/users/{admin.user.pk}", {"user_type": "coordinator"})) == (409, "own_account")
    user = UserFactory(coordinator=True)
    assert api.as_(user).patch(f"/users/{user.pk}", {"user_type": "admin", "first_name": "Ana"}).status_code == 200
    assert (as_stored(user)["user_type"], as_stored(user)["first_name"]) == ("coordinator", "Ana")


def test_t13_ones_own_phone_needs_the_password(api):
    """T13: at this door as at the profile's."""
    user = UserFactory()
    client = api.as_(user)

    assert client.patch(f"/users/{user.pk}", {"phone": "+447700900123"}).status_code == 400
    body = {"phone": "+447700900123", "current_password": PASSWORD, "spoken_languages": ["ar"]}
    assert client.patch(f"/users/{user.pk}", body).status_code == 200
    assert (as_stored(user)["phone"], as_stored(user)["spoken_languages"]) == ("+447700900123", [])


def test_the_administrator_of_a_hospital_keeps_the_role(admin):
    hospital = HospitalFactory()

    answer = admin.patch(f"/users/{hospital.admin_user.pk}", {"user_type": "translator"})

    assert code_of(answer) == (409, "administers_hospital")
    assert as_stored(hospital.admin_user)["user_type"] == "hospital_admin"


def test_deactivation_ends_everything_within_the_request(admin, api, bearer):
    user = UserFactory(translator=True)
    client = bearer(user)
    PasswordResetFactory(user=user, secret="reset-of-the-leaver")
    body = {"token": "reset-of-the-leaver", "password": "another-Long-one-4711"}

    assert admin.patch(f"/users/{user.pk}/deactivate").json()["data"]["is_active"] is False

    assert client.get("/auth/profile").status_code == 401
    assert code_of(api.post("/auth/login", {"email": user.email, "password": PASSWORD})) == (401, "invalid_credentials")
    assert code_of(api.post("/auth/reset-password", body)) == (400, "token_invalid")


def test_activation_lets_in_again_and_no_old_link_works(admin, api):
    invitation = InvitationFactory(secret="before-the-break")
    admin.patch(f"/users/{invitation.user_id}/deactivate")

    assert admin.patch(f"/users/{invitation.user_id}/activate").json()["data"]["is_active"] is True

    body = {"token": "before-the-break", "password": "another-Long-one-4711"}
    assert code_of(api.post("/auth/accept-invitation", body)) == (400, "token_invalid")


def test_both_are_safe_to_repeat(admin):
    user = UserFactory(deactivated=True)

    assert admin.patch(f"/users/{user.pk}/deactivate").status_code == 200
    assert admin.patch(f"/users/{user.pk}/activate").status_code == 200
    version = as_stored(user)["version"]
    assert admin.patch(f"/users/{user.pk}/activate").status_code == 200
    assert as_stored(user)["version"] == version


def test_nobody_deactivates_or_erases_themselves_here(admin):
    for answer in (admin.patch(f"/users/{admin.user.pk}/deactivate"), admin.delete(f"/users/{admin.user.pk}")):
        assert code_of(answer) == (409, "own_account")
    assert as_stored(admin.user)["is_active"]


def test_the_last_admin_stays(admin):
    """The only other one is inactive, and cannot ask."""
    User.objects.filter(user_type="admin").exclude(pk=admin.user.pk).update(is_active=False)
    someone = UserFactory(coordinator=True)
    lone = admin.user

    assert code_of(admin.delete("/auth/account", {"current_password": PASSWORD})) == (409, "last_admin")
    assert as_stored(lone)["is_active"]
    assert admin.patch(f"/users/{someone.pk}", {"user_type": "admin"}).status_code == 200
    assert admin.patch(f"/users/{someone.pk}/deactivate").status_code == 200


def test_cases_of_who_leaves_move_by_the_rule_and_each_timeline_says_so(admin):
    case = booking_in(S.ACCEPTED)
    leaver, heir = case.coordinator, UserFactory(coordinator=True)

    assert admin.patch(f"/users/{leaver.pk}/deactivate").status_code == 200

    case.refresh_from_db()
    assert case.coordinator == heir
    event = BookingEvent.objects.filter(booking=case, kind=EventKind.ASSIGNED).latest("created_at")
    assert (event.actor, event.data["from"], event.data["to"]) == (admin.user, str(leaver.pk), str(heir.pk))


def test_cases_move_to_whoever_is_named(admin):
    case = booking_in(S.ACCEPTED)
    UserFactory(coordinator=True)
    chosen = UserFactory(coordinator=True)
    booking_in(S.ACCEPTED)

    admin.patch(f"/users/{case.coordinator_id}/deactivate", {"reassign_to": str(chosen.pk)})

    case.refresh_from_db()
    assert case.coordinator == chosen


@pytest.mark.parametrize("heir", ["translator", "themselves", "inactive"])
def test_a_wrong_heir_is_refused_and_nothing_happens(admin, heir):
    case = booking_in(S.ACCEPTED)
    leaver = case.coordinator
    people = {
        "translator": lambda: UserFactory(translator=True),
        "themselves": lambda: leaver,
        "inactive": lambda: UserFactory(coordinator=True, deactivated=True),
    }

    answer = admin.patch(f"/users/{leaver.pk}/deactivate", {"reassign_to": str(people[heir]().pk)})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["reassign_to"])
    assert as_stored(leaver)["is_active"]
    assert Booking.objects.get(pk=case.pk).coordinator == leaver


def test_a_coordinator_who_becomes_a_translator_hands_on_their_cases(admin):
    case = booking_in(S.ACCEPTED)
    heir = UserFactory(coordinator=True)

    admin.patch(f"/users/{case.coordinator_id}", {"user_type": "translator", "reassign_to": str(heir.pk)})

    case.refresh_from_db()
    assert case.coordinator == heir


def test_delete_erases_and_says_what_stands_in_its_way(admin):
    user = UserFactory(first_name="Gone")

    assert admin.delete(f"/users/{user.pk}").status_code == 200
    row = admin.get(f"/users/{user.pk}").json()["data"]
    assert (row["email"], row["first_name"], row["is_active"]) == (f"erased-{user.pk}@erased.invalid", "", False)
    assert code_of(admin.patch(f"/users/{user.pk}/activate")) == (409, "account_erased")
    assert code_of(admin.patch(f"/users/{user.pk}", {"first_name": "Back"})) == (409, "account_erased")

    case = booking_in(S.REQUESTED)
    assert code_of(admin.delete(f"/users/{case.patient.user_id}")) == (409, "open_cases")
