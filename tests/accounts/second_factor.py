"""What tests of the second factor have in common."""

from tests.factories.accounts import PASSWORD, TotpFactory, UserFactory

SETUP, CONFIRM, MFA, NEW_CODES = "/auth/mfa/setup", "/auth/mfa/confirm", "/auth/mfa", "/auth/mfa/recovery-codes"
LOGIN, SECOND = "/auth/login", "/auth/login/mfa"

# Whose second factor may be demanded, and whose never is.
STAFF = ("coordinator", "translator", "admin")
OTHERS = ("patient", "doctor", "hospital_admin")


def protected(**traits):
    """Return somebody whose second factor is on."""
    return TotpFactory(user=UserFactory(**traits)).user


def first_step(api, user, **extra):
    """Give the password at the API; return the token for the second step."""
    answer = api.post(LOGIN, {"email": user.email, "password": PASSWORD}, **extra)
    assert answer.status_code == 200
    return answer.json()["data"]["mfa_token"]


def second_step(api, token, code, **extra):
    return api.post(SECOND, {"mfa_token": token, "code": code}, **extra)


def with_password(code):
    return {"current_password": PASSWORD, "code": code}
