"""The buttons on a person's page in the console: the services of the API, and nothing on one's own page."""

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.bookings.states import BookingStatus as S
from apps.notifications.models import Notification
from tests.factories.accounts import UNUSABLE, UserFactory
from tests.factories.bookings import booking_in
from tests.factories.hospitals import HospitalFactory

pytestmark = pytest.mark.django_db

BUTTONS = ("invite_again", "change_role", "activate", "deactivate", "erase")


@pytest.fixture
def admin(client):
    UserFactory(admin=True)
    user = UserFactory(admin=True)
    client.force_login(user)
    return user


def address(user, name):
    return reverse(f"admin:accounts_user_{name}", args=[user.pk])


def page(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def press(client, user, name, **data):
    """As the dialog sends it."""
    return client.post(address(user, name), {"_form_submitted": "on", **data}, headers={"HX-Request": "true"})


def fresh(user):
    return User.objects.get(pk=user.pk)


def offered(client, user):
    body = client.get(page(user)).content.decode()
    return {name for name in BUTTONS if address(user, name) in body}


def test_each_person_has_the_buttons_that_fit(client, admin):
    invited = UserFactory(coordinator=True, password=UNUSABLE)

    assert offered(client, invited) == {"invite_again", "change_role", "deactivate", "erase"}
    assert offered(client, UserFactory(translator=True, deactivated=True)) == {"change_role", "activate", "erase"}
    assert offered(client, UserFactory()) == {"deactivate", "erase"}


def test_t15_there_is_none_on_ones_own_page(client, admin):
    """T15: nor behind its address."""
    assert offered(client, admin) == set()
    for name in BUTTONS:
        assert press(client, admin, name).status_code == 403
    assert fresh(admin).is_active


def test_t15_coordinators_have_none(client):
    """T15."""
    client.force_login(UserFactory(coordinator=True))
    user = UserFactory(translator=True)

    assert offered(client, user) == set()
    for name in BUTTONS:
        assert press(client, user, name).status_code == 403


def test_an_invitation_is_sent_again(client, admin):
    user = UserFactory(coordinator=True, password=UNUSABLE)

    assert press(client, user, "invite_again").headers["HX-Redirect"] == page(user)
    assert Notification.objects.filter(user=user, type="invitation").exists()


def test_deactivating_hands_the_cases_to_who_is_chosen(client, admin):
    case = booking_in(S.ACCEPTED)
    UserFactory(coordinator=True)
    leaver, heir = case.coordinator, UserFactory(coordinator=True)

    press(client, leaver, "deactivate", reassign_to=heir.pk)

    case.refresh_from_db()
    assert case.coordinator == heir
    assert not fresh(leaver).is_active


def test_activating(client, admin):
    user = UserFactory(translator=True, deactivated=True)

    press(client, user, "activate")

    assert fresh(user).is_active


def test_a_role_is_changed_with_a_reason(client, admin):
    user = UserFactory(translator=True)

    assert "HX-Redirect" not in press(client, user, "change_role", user_type="coordinator").headers
    assert fresh(user).user_type == "translator"
    press(client, user, "change_role", user_type="coordinator", reason="duties_changed")
    assert fresh(user).user_type == "coordinator"


def test_a_refusal_stands_in_the_dialog(client, admin):
    person = HospitalFactory().admin_user

    answer = press(client, person, "change_role", user_type="translator", reason="mistake")

    assert answer.status_code == 200
    assert "administers a hospital" in answer.content.decode()
    assert fresh(person).user_type == "hospital_admin"


def test_erasing_takes_two_steps(client, admin):
    user = UserFactory(translator=True)

    press(client, user, "erase", email=user.email)
    press(client, user, "erase", email="another@example.test", understood="on")
    assert fresh(user).erased_at is None

    press(client, user, "erase", email=user.email, understood="on")
    assert fresh(user).erased_at
    assert "Erased account" in client.get(page(user)).content.decode()
    assert offered(client, fresh(user)) == set()


def test_nothing_is_corrected_on_who_was_erased(client, admin):
    user = UserFactory(translator=True)
    press(client, user, "erase", email=user.email, understood="on")

    assert client.post(page(user), {"first_name": "Back"}).status_code == 403
    assert fresh(user).first_name == ""


def test_t13_ones_own_number_is_not_changed_here(client, admin):
    """T13: it takes the password."""
    client.post(page(admin), {"first_name": "Ana", "last_name": "B", "phone": "+447700900123",
                              "preferred_language": "en", "timezone": "UTC"})  # fmt: skip

    assert fresh(admin).phone == admin.phone
