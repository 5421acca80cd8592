"""How the operations of accounts are called."""

from tests.contract.call import Call, calls, of, simple
from tests.contract.world import ANYBODY
from tests.factories.accounts import PASSWORD, EmailVerificationFactory, PasswordResetFactory

NEW = {
    "email": "new@example.test",
    "password": "a-Long-enough-one-4711",
    "user_type": "patient",
    "first_name": "New",
    "last_name": "Person",
}

simple("auth.register", lambda world: of(body=NEW))
simple("auth.forgot_password", lambda world: of(body={"email": world.users["patient"].email}))
simple("auth.logout", lambda world: of(body={}))
simple("profile.partial_update", lambda world: of(body={"first_name": "Changed"}))


@calls("auth.login")
def login(world, caller) -> Call:
    user = world.users["patient" if caller == ANYBODY else caller]
    return of(body={"email": user.email, "password": PASSWORD})


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
