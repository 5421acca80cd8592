"""How the operations of accounts are called."""

from urllib.parse import urlsplit

from apps.accounts.services.half_sign_ins import Door, begin_half
from medivoy.api.pagination import make_cursor
from tests.client import ApiClient
from tests.contract.call import Call, calls, of, simple
from tests.contract.world import ANYBODY
from tests.factories.accounts import (
    PASSWORD,
    AccountExportFactory,
    EmailVerificationFactory,
    InvitationFactory,
    PasswordResetFactory,
    RefreshTokenFactory,
    TotpFactory,
    code_of,
)

NEW = {
    "email": "new@example.test",
    "password": "a-Long-enough-one-4711",
    "user_type": "patient",
    "first_name": "New",
    "last_name": "Person",
}

simple("auth.register", lambda world: of(body=NEW))
simple("auth.forgot_password", lambda world: of(body={"email": world.users["patient"].email}))
simple("auth.change_email", lambda world: of(body={"email": "moved@example.test", "current_password": PASSWORD}))
simple(
    "auth.change_password",
    lambda world: of(body={"current_password": PASSWORD, "password": "another-Long-one-4711"}),
)
simple("auth.logout", lambda world: of(body={}))
simple("profile.partial_update", lambda world: of(body={"first_name": "Changed"}))


@calls("auth.login")
def login(world, caller) -> Call:
    user = world.users["patient" if caller == ANYBODY else caller]
    return of(body={"email": user.email, "password": PASSWORD})


@calls("auth.login_mfa")
def login_mfa(world, caller) -> Call:
    user = world.users["patient" if caller == ANYBODY else caller]
    TotpFactory(user=user)
    return of(body={"mfa_token": begin_half(user, door=Door.API), "code": code_of(user)})


simple("mfa.setup", lambda world: of(body={"current_password": PASSWORD}))


@calls("mfa.confirm")
def confirm_mfa(world, caller) -> Call:
    user = world.users["patient" if caller == ANYBODY else caller]
    TotpFactory(user=user, confirmed_at=None)
    return of(body={"code": code_of(user)})


@calls("mfa.destroy")
@calls("mfa.recovery_codes")
def prove_mfa(world, caller) -> Call:
    user = world.users["patient" if caller == ANYBODY else caller]
    TotpFactory(user=user)
    return of(body={"current_password": PASSWORD, "code": code_of(user)})


@calls("auth.refresh")
def refresh(world, caller) -> Call:
    return of(body={"refresh_token": world.refresh_tokens["patient" if caller == ANYBODY else caller]})


@calls("auth.reset_password")
def reset_password(world, caller) -> Call:
    link = PasswordResetFactory(user=world.users["patient"], secret=f"reset-for-{caller}")
    assert link.pk
    return of(body={"token": f"reset-for-{caller}", "password": "another-Long-one-4711"})


@calls("auth.verify_email")
def verify_email(world, caller) -> Call:
    link = EmailVerificationFactory(user=world.users["unverified"], secret=f"proof-for-{caller}")
    assert link.pk
    return of(body={"token": f"proof-for-{caller}"})


@calls("session.destroy")
def destroy_session(world, caller) -> Call:
    """Everybody ends a sign-in of their own."""
    user = world.users["patient" if caller == ANYBODY else caller]
    return of(RefreshTokenFactory(user=user, secret=f"device-of-{caller}").family)


@calls("auth.accept_invitation")
def accept_invitation(world, caller) -> Call:
    link = InvitationFactory(secret=f"invitation-for-{caller}", invited_by=world.users["admin"])
    assert link.pk
    return of(body={"token": f"invitation-for-{caller}", "password": "another-Long-one-4711"})


APPOINTED = {"email": "appointed@example.test", "user_type": "coordinator", "first_name": "New", "last_name": "Person"}
simple("user.create", lambda world: of(body=APPOINTED))
# From the top of what PostgreSQL has: nothing that other tests left in the copy.
simple("audit_log.list", lambda world: of(query=f"cursor={make_cursor(['-id'], {'id': 2**62}, 1)}"))
simple("user.retrieve", lambda world: of(world.users["patient"]))
simple("user.partial_update", lambda world: of(world.users["patient"], {"first_name": "Changed"}))
simple("user.activate", lambda world: of(world.users["deactivated"], {}))
simple("user.deactivate", lambda world: of(world.users["other_patient"], {}))
simple("user.destroy", lambda world: of(world.users["other_patient"]))
simple("account.destroy", lambda world: of(body={"current_password": PASSWORD}))
for operation in ("retrieve", "download"):
    simple(f"account_export.{operation}", lambda world: of(AccountExportFactory(user=world.users["patient"])))


@calls("account_export.file")
def export_file(world, caller) -> Call:
    """The link that the first patient got."""
    export = AccountExportFactory(user=world.users["patient"])
    bearer = {"Authorization": f"Bearer {world.tokens['patient']}"}
    answer = ApiClient().get(f"/auth/exports/{export.pk}/download", headers=bearer)
    return of(export, query=urlsplit(answer.json()["data"]["url"]).query)
