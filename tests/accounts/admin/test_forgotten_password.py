"""The console's page by which staff ask for a new password: they have no other front end."""

import pytest

from apps.accounts.models import PasswordReset
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

PAGE, RESET = "/admin/forgotten-password/", "/admin/reset-password/"


def test_the_front_door_leads_there(client):
    assert PAGE in client.get("/admin/login/").content.decode()
    assert client.get(PAGE).status_code == 200


def test_a_link_is_mailed_that_opens_the_next_page(client, mailed_secret):
    user = UserFactory(coordinator=True)

    answer = client.post(PAGE, {"email": f" {user.email.upper()} "}, follow=True)

    assert answer.redirect_chain == [("/admin/login/", 302)]
    assert "a link is on its way" in answer.content.decode()
    assert client.get(f"{RESET}?token={mailed_secret(user, 'password_reset')}", follow=True).status_code == 200


def test_t10_nobody_learns_who_has_an_account(client):
    known, unknown = UserFactory(coordinator=True).email, "nobody@example.com"

    answers = [client.post(PAGE, {"email": email}, follow=True) for email in (known, unknown)]

    assert [reset.email for reset in PasswordReset.objects.all()] == [known]
    said = [[str(message) for message in answer.context["messages"]] for answer in answers]
    assert said[0] == said[1] != []
    assert answers[0].redirect_chain == answers[1].redirect_chain


@pytest.mark.parametrize("email", ["", "no address", "a" * 300 + "@example.com", "nul\0@example.com"])
def test_what_is_no_address_is_said(client, email):
    answer = client.post(PAGE, {"email": email})

    assert answer.status_code == 200
    assert "email" in answer.context["form"].errors


def test_t66_one_network_asks_so_often(client, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"password_reset": "2/h"}

    answers = [client.post(PAGE, {"email": "nobody@example.com"}).status_code for _n in range(3)]

    assert answers == [302, 302, 429]
