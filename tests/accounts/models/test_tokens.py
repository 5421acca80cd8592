"""How secrets are made and shown."""

from apps.accounts.models import EmailVerification, PasswordReset, RefreshToken
from apps.accounts.models.tokens import digest, new_secret


def test_secrets_are_long_and_never_the_same():
    secrets = {new_secret() for _ in range(1000)}

    assert len(secrets) == 1000
    assert min(len(secret) for secret in secrets) >= 43


def test_what_is_kept_fits_its_column_and_is_not_the_secret():
    assert len(digest("secret")) == 64
    assert "secret" not in digest("secret")


def test_no_row_shows_its_token():
    for kind in (RefreshToken, PasswordReset, EmailVerification):
        row = kind(token=digest("secret"))
        assert row.token not in str(row) + repr(row)
