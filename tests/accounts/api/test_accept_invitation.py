"""/auth/accept-invitation: the first password of an account that somebody else made."""

from datetime import timedelta

import pytest

from apps.accounts.errors import AccountErased, AccountInactive, AlreadyAccepted, TooManyMails
from apps.accounts.models import Invitation, RefreshToken, User
from apps.accounts.models.tokens import digest
from apps.accounts.services.invitations import invite
from apps.notifications.models import Channel, Notification
from medivoy.core import clock
from medivoy.core.errors import Refused
from tests.factories.accounts import UNUSABLE, InvitationFactory, UserFactory
from tests.race import contend

pytestmark = pytest.mark.django_db

ADDRESS = "/auth/accept-invitation"
GOOD = "another-Long-one-4711"


def invited(**columns):
    return UserFactory(**({"coordinator": True, "unverified": True, "password": UNUSABLE} | columns))


def accept(api, token, **more):
    return api.post(ADDRESS, {"token": token, "password": GOOD, **more})


def is_useless(answer):
    return (answer.status_code, answer.json().get("code")) == (400, "token_invalid")


def test_it_sets_the_password_proves_the_address_and_signs_nobody_in(api):
    invitation = InvitationFactory(secret="come-in")

    assert accept(api, "come-in").status_code == 200

    user = User.objects.get(pk=invitation.user_id)
    assert user.check_password(GOOD)
    assert user.is_verified
    assert not RefreshToken.objects.filter(user=user).exists()


def test_names_are_written_where_there_are_none(api):
    nameless = InvitationFactory(secret="nameless", user=invited(first_name="", last_name=""))
    named = InvitationFactory(secret="named")

    for token in ("nameless", "named"):
        accept(api, token, first_name="Nia", last_name="Rao")

    assert User.objects.get(pk=nameless.user_id).get_full_name() == "Nia Rao"
    assert User.objects.get(pk=named.user_id).first_name == named.user.first_name


def test_t12_a_slowed_down_account_is_open(api):
    """T12: who guessed at the account before it had a password keeps nobody out."""
    invitation = InvitationFactory(secret="come-in")
    for _ in range(6):
        slowed = api.post("/auth/login", {"email": invitation.user.email, "password": "wrong-password-1"})
    assert slowed.status_code == 429

    accept(api, "come-in")

    assert api.post("/auth/login", {"email": invitation.user.email, "password": GOOD}).status_code == 200


def test_t9_it_works_once(api):
    """T9: and never in place of a password that is there."""
    invitation = InvitationFactory(secret="once")
    accept(api, "once")
    before = User.objects.get(pk=invitation.user_id).password

    assert is_useless(accept(api, "once"))
    assert User.objects.get(pk=invitation.user_id).password == before


@pytest.mark.parametrize("how", ["unknown", "expired", "deactivated", "moved", "has password"])
def test_t9_what_is_over_is_useless_and_no_more_is_said(api, how):
    """T9."""
    invitation = InvitationFactory(secret="over")
    user = User.objects.filter(pk=invitation.user_id)
    match how:
        case "expired":
            Invitation.objects.filter(pk=invitation.pk).update(expires_at=clock.now() - timedelta(seconds=1))
        case "deactivated":
            user.update(is_active=False)
        case "moved":
            user.update(email="moved@example.test")
        case "has password":
            user.update(password=UserFactory().password)

    assert is_useless(accept(api, "never" if how == "unknown" else "over"))


def test_a_weak_password_leaves_the_link_good(api):
    InvitationFactory(secret="patience")

    assert list(api.post(ADDRESS, {"token": "patience", "password": "password"}).json()["errors"]) == ["password"]
    assert accept(api, "patience").status_code == 200


def test_the_newest_alone_is_good_and_kept_as_a_digest(api, mailed_secret):
    admin, user = UserFactory(admin=True), invited()
    invite(user, actor=admin)
    first = mailed_secret(user, "invitation")
    invite(user, actor=admin)
    second = mailed_secret(user, "invitation")

    assert is_useless(accept(api, first))
    assert Invitation.objects.filter(token=digest(second)).exists()
    assert accept(api, second).status_code == 200


@pytest.mark.parametrize(("role", "start"), [("coordinator", "/admin/"), ("doctor", "/api/v1/")])
def test_the_link_leads_where_they_work(role, start, settings):
    user = invited(coordinator=False, user_type=role)
    invite(user, actor=UserFactory(admin=True))

    mail = Notification.objects.get(user=user, channel=Channel.EMAIL)
    assert mail.secret_link.startswith(f"{settings.PUBLIC_URL}{start}")
    assert "accept-invitation" in mail.secret_link
    assert "7" in mail.message


@pytest.mark.parametrize(
    ("columns", "refusal"),
    [
        ({"password": "something"}, AlreadyAccepted),
        ({"is_active": False}, AccountInactive),
        ({"erased_at": clock.now()}, AccountErased),
    ],
)
def test_nobody_is_invited_who_cannot_come(columns, refusal):
    with pytest.raises(refusal):
        invite(invited(**columns), actor=UserFactory(admin=True))


def test_t66_an_address_gets_few_mails_and_the_last_stays_good(api, mailed_secret):
    """T66."""
    admin, user = UserFactory(admin=True), invited()
    for _number in range(5):
        invite(user, actor=admin)
    last = mailed_secret(user, "invitation")

    with pytest.raises(TooManyMails):
        invite(user, actor=admin)
    assert accept(api, last).status_code == 200


def test_only_admins_invite():
    with pytest.raises(Refused):
        invite(invited(), actor=UserFactory(coordinator=True))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_sets_the_password(api):
    InvitationFactory(secret="race")

    answers = contend(lambda number: type(api)().post(ADDRESS, {"token": "race", "password": f"{GOOD}-{number}"}))

    assert sorted(answer.status_code for answer in answers)[:2] == [200, 400]
    assert all(is_useless(answer) for answer in answers if answer.status_code != 200)
