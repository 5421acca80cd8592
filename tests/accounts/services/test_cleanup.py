"""What is forgotten, and what is kept so that a reuse is still noticed."""

from datetime import timedelta

import pytest

from apps.accounts.models import AccountExport, EmailVerification, ExportState, PasswordReset, RefreshToken
from apps.accounts.services.cleanup import KEPT
from apps.accounts.services.sessions import Device, open_session, renew_session
from apps.accounts.tasks import cleanup
from medivoy.core import clock
from medivoy.core.models import TaskRun
from tests.factories.accounts import (
    AccountExportFactory,
    EmailVerificationFactory,
    PasswordResetFactory,
    RefreshTokenFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_ago():
    return clock.now() - KEPT - timedelta(days=1)


def test_what_is_long_over_goes(long_ago):
    for factory in (RefreshTokenFactory, PasswordResetFactory, EmailVerificationFactory):
        factory(expires_at=long_ago)
        factory(expires_at=clock.now() - timedelta(days=1))

    cleanup()

    assert [kind.objects.count() for kind in (RefreshToken, PasswordReset, EmailVerification)] == [1, 1, 1]


def test_t5_the_old_links_of_a_sign_in_that_goes_on_stay():
    """T5: a thief who waits is noticed all the same."""
    user = UserFactory()
    with clock.at(clock.now() - timedelta(days=70)):
        first = open_session(user, device=Device()).refresh_token
    secret = first
    for days in range(66, -1, -6):
        with clock.at(clock.now() - timedelta(days=days)):
            secret = renew_session(secret, device=Device()).refresh_token
    links = RefreshToken.objects.count()

    cleanup()

    assert RefreshToken.objects.count() == links


def test_running_twice_does_no_harm_and_says_what_it_did(long_ago):
    RefreshTokenFactory(expires_at=long_ago)

    cleanup()
    cleanup()

    assert TaskRun.objects.get(task="accounts.cleanup").result == "0 rows deleted"


def test_requests_for_a_copy_go_once_their_file_is_gone(long_ago):
    for state in ExportState.values:
        AccountExportFactory(state=state, created_at=long_ago)
    AccountExportFactory(state=ExportState.GONE)

    cleanup()

    left = AccountExport.objects.filter(created_at__lte=long_ago)
    assert set(left.values_list("state", flat=True)) == {ExportState.READY, ExportState.REQUESTED}
    assert AccountExport.objects.filter(state=ExportState.GONE).exists()
