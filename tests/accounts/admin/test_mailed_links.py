"""The console's pages behind an invitation and a reset: staff have no other front end."""

import pytest

from apps.accounts.models import User
from apps.accounts.services.password_reset import request_password_reset
from tests.factories.accounts import UNUSABLE, InvitationFactory, PasswordResetFactory, UserFactory

pytestmark = pytest.mark.django_db

INVITATION, RESET = "/admin/accept-invitation/", "/admin/reset-password/"
GOOD = "another-Long-one-4711"
TWICE = {"password": GOOD, "again": GOOD}


def test_t9_the_token_leaves_the_address_at_once(client):
    """T9: no page is shown, and nothing loaded, at the address that holds it."""
    InvitationFactory(secret="come-in")

    answer = client.get(f"{INVITATION}?token=come-in")

    assert (answer.status_code, answer["Location"]) == (302, INVITATION)
    page = client.get(INVITATION)
    assert page.status_code == 200
    assert "come-in" not in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"


def test_an_invitation_is_accepted_and_leads_to_signing_in(client):
    invitation = InvitationFactory(secret="come-in")
    client.get(f"{INVITATION}?token=come-in")

    answer = client.post(INVITATION, TWICE)

    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/")
    user = User.objects.get(pk=invitation.user_id)
    assert user.check_password(GOOD)
    assert user.is_verified
    assert "_auth_user_id" not in client.session
    assert client.get(INVITATION).status_code == 400


def test_who_has_no_name_is_asked_for_it(client):
    nameless = UserFactory(coordinator=True, password=UNUSABLE, first_name="", last_name="")
    InvitationFactory(secret="nameless", user=nameless)
    client.get(f"{INVITATION}?token=nameless")

    assert client.post(INVITATION, TWICE).status_code == 200
    turned = {"first_name": "\u202eaiN", "last_name": "Rao"}
    assert "first_name" in client.post(INVITATION, TWICE | turned).context["form"].errors
    assert client.post(INVITATION, TWICE | {"first_name": "Nia", "last_name": "Rao"}).status_code == 302
    nameless.refresh_from_db()
    assert nameless.get_full_name() == "Nia Rao"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": "qwertyuiop", "again": "qwertyuiop"}, "password"),
        ({"password": GOOD, "again": f"{GOOD}x"}, "again"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(client, body, field):
    InvitationFactory(secret="come-in")
    client.get(f"{INVITATION}?token=come-in")

    answer = client.post(INVITATION, body)

    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert body["password"] not in answer.content.decode()


def test_a_lost_password_of_staff_is_set_here(client, mailed_secret):
    user = UserFactory(coordinator=True)
    request_password_reset(user.email)
    client.get(f"{RESET}?token={mailed_secret(user, 'password_reset')}")

    assert client.post(RESET, TWICE).status_code == 302
    user.refresh_from_db()
    assert user.check_password(GOOD)


@pytest.mark.parametrize("address", [INVITATION, RESET])
@pytest.mark.parametrize("query", ["", "?token=", "?token=unknown", "?token=" + "x" * 5000])
def test_what_opens_nothing_says_so(client, address, query):
    answer = client.get(f"{address}{query}")

    assert answer.status_code == 400
    assert b"<form method" not in answer.content
    assert client.post(address, TWICE).status_code == 400


def test_a_token_of_one_page_is_none_at_the_other(client):
    PasswordResetFactory(secret="a-reset")

    assert client.get(f"{INVITATION}?token=a-reset").status_code == 400


def test_used_meanwhile(client):
    invitation = InvitationFactory(secret="come-in")
    client.get(f"{INVITATION}?token=come-in")
    User.objects.filter(pk=invitation.user_id).update(is_active=False)

    assert client.post(INVITATION, TWICE).status_code == 400
    assert not User.objects.get(pk=invitation.user_id).has_usable_password()


def test_t12_tokens_are_not_guessed_here(client, settings):
    """T12."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"mailed_secret": "3/h"}

    answers = [client.get(f"{INVITATION}?token=guess-{number}").status_code for number in range(4)]

    assert answers == [400, 400, 400, 429]


@pytest.mark.parametrize(("page", "make"), [(INVITATION, InvitationFactory), (RESET, PasswordResetFactory)])
def test_t12_a_slowed_down_account_is_open_again(client, page, make):
    """T12: the second way in, here as at the API. A stranger's guesses keep nobody out who can read their mail."""
    user = UserFactory(coordinator=True, password=UNUSABLE)
    make(secret="mailed", user=user)
    for _ in range(6):
        client.post("/admin/login/", {"username": user.email, "password": "wrong-password-1"})
    client.get(f"{page}?token=mailed")

    client.post(page, TWICE)

    assert client.post("/admin/login/", {"username": user.email, "password": GOOD}).status_code == 302


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", "ltr")])
def test_the_page_speaks_the_language_of_whom_it_is_for(client, language, direction):
    user = UserFactory(coordinator=True, password=UNUSABLE, preferred_language=language)
    InvitationFactory(secret="come-in", user=user)
    client.get(f"{INVITATION}?token=come-in")

    page = client.get(INVITATION).content.decode()

    assert f'dir="{direction}"' in page.partition(">")[0] + page[:400]
    assert f'lang="{language}"' in page[:400]
