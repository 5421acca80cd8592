"""STAFF_TOTP_REQUIRED at the API: who must give a second factor does nothing without, but set it up."""

import pytest

from apps.accounts import roles
from apps.accounts.models import Totp
from apps.accounts.services.sessions import Device, open_session
from tests.accounts.second_factor import CONFIRM, MFA, OTHERS, SETUP, STAFF, first_step, second_step, with_password
from tests.contract.routes import operations
from tests.factories.accounts import PASSWORD, UserFactory, code_of
from tests.figures import NOBODY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("steady_clock")]

PRIVATE = [o for o in operations() if o.view.authentication_classes and o.name not in roles.BEFORE_SECOND_FACTOR]


@pytest.fixture(autouse=True)
def required(settings):
    settings.STAFF_TOTP_REQUIRED = True


def ask(client, operation):
    address = operation.path.format(**dict.fromkeys(operation.variables, NOBODY))
    return getattr(client, operation.method.lower())(address)


@pytest.mark.parametrize("role", STAFF)
def test_t14_without_one_every_operation_is_refused(bearer, role):
    """T14: the public ones too, which show staff more than the public sees; not whether the platform is alive, which
    is said to whoever asks."""
    client = bearer(UserFactory(user_type=role))
    answers = {o.name: ask(client, o) for o in PRIVATE if not o.name.startswith("health.")}

    assert len(answers) > 60
    wrong = {name for name, answer in answers.items() if answer.status_code != 403}
    assert wrong == set()
    assert {answer.json()["code"] for answer in answers.values()} == {"mfa_required"}


@pytest.mark.parametrize("role", STAFF)
def test_all_that_it_takes_to_set_it_up_is_open_and_then_everything(bearer, role):
    user = UserFactory(user_type=role)
    client = bearer(user)
    assert client.get("/auth/profile").json()["data"]["mfa_enabled"] is False
    assert client.get("/notifications").status_code == 403

    client.post(SETUP, {"current_password": PASSWORD})
    assert client.post(CONFIRM, {"code": code_of(user)}).status_code == 200

    assert client.get("/notifications").status_code == 200


@pytest.mark.parametrize("role", STAFF)
def test_who_signs_in_with_it_works(api, bearer, role):
    user = UserFactory(user_type=role)
    Totp.objects.create(user=user, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", confirmed_at="2026-01-01T00:00:00Z")
    tokens = second_step(api, first_step(api, user), code_of(user)).json()["data"]

    assert bearer(user, token=tokens["access_token"]).get("/notifications").status_code == 200
    renewed = api.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).json()["data"]
    assert bearer(user, token=renewed["access_token"]).get("/notifications").status_code == 200


@pytest.mark.parametrize("role", STAFF)
def test_and_may_not_turn_it_off(bearer, role):
    user = UserFactory(user_type=role)
    Totp.objects.create(user=user, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", confirmed_at="2026-01-01T00:00:00Z")
    client = bearer(user, token=open_session(user, device=Device(), second_factor=True).access_token)

    answer = client.delete(MFA, with_password(code_of(user)))

    assert (answer.status_code, answer.json()["code"]) == (403, "mfa_required")
    assert Totp.objects.get(user=user).last_step == 0


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_else_is_asked_for_one(bearer, role):
    client = bearer(UserFactory(user_type=role))

    assert client.get("/notifications").status_code == 200


def test_it_is_read_at_each_request(bearer, settings):
    client = bearer(UserFactory(coordinator=True))
    assert client.get("/notifications").status_code == 403

    settings.STAFF_TOTP_REQUIRED = False

    assert client.get("/notifications").status_code == 200


def test_whoever_becomes_staff_needs_one_with_the_next_request(bearer):
    """T7."""
    user = UserFactory()
    client = bearer(user)
    assert client.get("/notifications").status_code == 200
    user.user_type = "coordinator"
    user.save()

    assert client.get("/notifications").status_code == 403
