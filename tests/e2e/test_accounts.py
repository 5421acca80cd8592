"""A newcomer signs up, proves the address by the mail that came, books, and loses the password."""

import re

import pytest

from tests.journey import Journey
from tests.processes import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("e2e")]

ADDRESS, SECRET, NEW_SECRET = "newcomer@medivoy.test", "a-long-first-secret-7", "a-long-second-secret-8"


SENT = "SELECT id::text FROM notifications WHERE address = %s AND type = %s AND is_sent"


def token_in(platform, kind):
    """The token in the link of the newcomer's one mail of this kind."""
    ((pk,),) = wait_until(lambda: platform.sql(SENT, ADDRESS, kind), 20)
    (mail,) = [mail for mail in platform.mails(ADDRESS) if pk in mail["Message-ID"]]
    assert mail["Content-Language"] == "hi"
    (token,) = set(re.findall(r"token=([\w-]+)", mail.get_body(("plain",)).get_content()))
    return token


def test_from_sign_up_to_a_booking(platform, people):
    newcomer = platform.person()
    body = {
        "email": ADDRESS,
        "password": SECRET,
        "first_name": "Asha",
        "last_name": "Newcomer",
        "user_type": "patient",
        "preferred_language": "hi",
    }
    newcomer.post("/auth/register", body | {"user_type": "admin"}, expect=400)
    tokens = newcomer.post("/auth/register", body)
    newcomer.session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    newcomer.post("/auth/register", body, expect=409)
    case = Journey({**people, "newcomer": newcomer}, patient="newcomer")
    assert newcomer.post("/bookings", case.wish(), expect=403)["code"] == "email_not_verified"

    token = token_in(platform, "email_verification")
    newcomer.post("/auth/verify-email", {"token": token[::-1]}, expect=400)
    newcomer.post("/auth/verify-email", {"token": token})
    case.offer().agree().pay_all()
    assert case.booking["coordinator"]["name"].startswith("Meera"), "the coordinator who speaks Hindi"

    newcomer.post("/auth/forgot-password", {"email": ADDRESS})
    newcomer.post("/auth/forgot-password", {"email": "nobody@medivoy.test"})
    token = token_in(platform, "password_reset")
    newcomer.post("/auth/reset-password", {"token": token, "password": NEW_SECRET})
    newcomer.get("/auth/profile", expect=401)
    newcomer.post("/auth/login", {"email": ADDRESS, "password": SECRET}, expect=401)
    newcomer.sign_in(ADDRESS, NEW_SECRET)
    assert newcomer.get("/auth/profile")["is_verified"] is True
