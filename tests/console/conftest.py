"""The console as its people open it: a browser session, not a token."""

import os

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import UserFactory
from tests.system import program

SCREEN = {"width": 1366, "height": 768}
BACKEND = "apps.accounts.backends.RoleBackend"


def session_of(user):
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture(scope="module")
def chromium():
    path = program("chromium", "chromium-browser", "google-chrome")
    playwright = pytest.importorskip("playwright.sync_api", reason="requirements/browser.txt is not installed")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def coordinator(db):
    return UserFactory(coordinator=True, first_name="Lina")


@pytest.fixture
def admin_user(db):
    return UserFactory(admin=True)


@pytest.fixture
def desk(coordinator):
    """The coordinator's browser."""
    return session_of(coordinator)


def case_address(booking):
    return reverse("admin:bookings_booking_change", args=[booking.pk])


def press_address(booking, code):
    return reverse("admin:bookings_booking_action", args=[booking.pk, code])


def press(client, booking, code, **data):
    """Press a button of a case, from a screen that shows the case as it is now."""
    booking.refresh_from_db()
    seen = booking.events.order_by("-created_at", "-id").first()
    return client.post(
        press_address(booking, code), {"seen": seen.pk, "expected_status": booking.status, **data}, follow=True
    )
