"""Whether the time of an answer tells who has an account (T10): asked of a real server, by ranks. `make timing`.

Known and unknown are asked in turn, each account once, so that what slows guesses down has no part in it.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests
from django.conf import settings as configured
from django.contrib.auth.hashers import make_password

from apps.accounts.services.sessions import Device, open_session
from medivoy.embedded import children
from medivoy.embedded.server import free_port
from tests.factories.accounts import PASSWORD, EmailVerificationFactory, UserFactory
from tests.processes import BASE_DIR, environment, wait_until
from tests.timing.ranks import compare

pytestmark = pytest.mark.django_db(transaction=True)

ARGON2 = "django.contrib.auth.hashers.Argon2PasswordHasher"
ASKED = 60
# After so many seconds no more are asked: all of it takes two minutes at most.
SECONDS = 15.0
FEWEST = 12
# Answers that are held back to one length are asked for side by side; those that cost work one after the other.
SIDE_BY_SIDE = 3
WARM_UP = 3


class Server:
    def __init__(self, url):
        self.url = f"{url}/api/v1"

    def seconds(self, path, body, status, token=""):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        began = time.perf_counter()
        answer = requests.post(self.url + path, json=body, headers=headers, timeout=10)
        passed = time.perf_counter() - began
        assert answer.status_code == status, answer.text
        return passed

    def seconds_at_console(self, path, form, status):
        """Send a form of the console, as a browser that has just opened it."""
        with requests.Session() as browser:
            page = self.url.removesuffix("/api/v1") + path
            browser.get(page, timeout=10)
            token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
            began = time.perf_counter()
            answer = browser.post(page, form | token, timeout=10, allow_redirects=False)
            passed = time.perf_counter() - began
        assert answer.status_code == status, answer.text
        return passed

    def compare(self, path, status, pairs, side_by_side=1):
        """Ask the first and the second of each pair (bodies, with the token to ask with), in turn."""

        def ask(body, token):
            if path.startswith("/admin/"):
                return self.seconds_at_console(path, body, status)
            return self.seconds(path, body, status, token)

        return self.compare_by(ask, path, pairs, side_by_side)

    def compare_by(self, seconds, path, pairs, side_by_side):
        deadline = time.monotonic() + SECONDS

        def ask(numbered):
            number, pair = numbered
            if time.monotonic() > deadline:
                return None
            order = (0, 1) if number % 2 else (1, 0)
            times = {which: seconds(*pair[which]) for which in order}
            return times[0], times[1]

        with ThreadPoolExecutor(side_by_side) as askers:
            times = [both for both in askers.map(ask, enumerate(pairs)) if both][WARM_UP:]
        if len(times) < FEWEST:
            pytest.skip("this machine is too busy to tell anything")
        found = compare(*(list(column) for column in zip(*times, strict=True)))
        sys.__stdout__.write(f"\n{path:26} {found}  ({len(times)} of each)")
        return found


@contextmanager
def serving(application, tmp_path):
    port = free_port()
    argv = ["granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--no-ws"]
    argv += ["--log-level", "warning", "--host", "127.0.0.1", "--port", str(port), application]
    variables = environment(configured) | {"DJANGO_SETTINGS_MODULE": "tests.timing.settings"}
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        web = children.spawn([sys.executable, "-m", *argv], env=variables, cwd=BASE_DIR, output=output)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: web.poll() is not None or answers(url), 60)
        assert web.poll() is None, log.read_text()
        yield Server(url)
    finally:
        children.stop(web)


def answers(url):
    try:
        return requests.get(f"{url}/api/v1/health", timeout=5).ok
    except requests.RequestException:
        return False


@pytest.fixture(scope="module")
def server(django_db_setup, tmp_path_factory):
    with serving("medivoy.wsgi:application", tmp_path_factory.mktemp("web")) as found:
        yield found


@pytest.fixture
def known(settings):
    """As many accounts as are asked for, with a password hashed as in production."""
    settings.PASSWORD_HASHERS = [ARGON2]
    hashed = make_password(PASSWORD)
    return [UserFactory(password=hashed) for _number in range(ASKED + WARM_UP)]


def unknown(number):
    return f"nobody{number}@example.test"


def attempts(users):
    wrong = {"password": "wrong-password-1"}
    return [
        (({"email": user.email, **wrong}, ""), ({"email": unknown(number), **wrong}, ""))
        for number, user in enumerate(users)
    ]


def test_t10_signing_in(server, known):
    """T10."""
    assert not server.compare("/auth/login", 401, attempts(known)).tells


def test_t10_signing_in_to_a_closed_account(server, known):
    """T10: the right password of an account that was shut out, against no account."""
    for user in known:
        user.is_active = False
        user.save()
    pairs = [
        (({"email": user.email, "password": PASSWORD}, ""), second)
        for user, (_, second) in zip(known, attempts(known), strict=True)
    ]
    assert not server.compare("/auth/login", 401, pairs).tells


def test_t10_asking_for_a_new_password(server, known):
    """T10."""
    pairs = [(({"email": user.email}, ""), ({"email": unknown(number)}, "")) for number, user in enumerate(known)]
    assert not server.compare("/auth/forgot-password", 200, pairs, SIDE_BY_SIDE).tells


def of_console(pairs):
    """The same people, in the words of the console's form."""
    return [
        tuple(({"username": body["email"], "password": body["password"]}, "") for body, _token in pair)
        for pair in pairs
    ]


def test_t10_signing_in_at_the_console(server, known):
    """T10."""
    assert not server.compare("/admin/login/", 200, of_console(attempts(known))).tells


def test_t10_the_right_password_of_somebody_who_does_not_work_here(server, known):
    """T10: a patient's, at the console, against no account."""
    pairs = [
        (({"email": user.email, "password": PASSWORD}, ""), second)
        for user, (_, second) in zip(known, attempts(known), strict=True)
    ]
    assert not server.compare("/admin/login/", 200, of_console(pairs)).tells


def test_t10_asking_the_console_for_a_new_password(server, known):
    """T10."""
    pairs = [(({"email": user.email}, ""), ({"email": unknown(number)}, "")) for number, user in enumerate(known)]
    assert not server.compare("/admin/forgotten-password/", 302, pairs, SIDE_BY_SIDE).tells


def test_t10_moving_to_an_address(server, known):
    """T10: one that has an owner, against one that has none."""
    taken = [UserFactory().email for _user in known]
    pairs = []
    for number, (user, email) in enumerate(zip(known, taken, strict=True)):
        token = open_session(user, device=Device()).access_token
        bodies = [{"email": wanted, "current_password": PASSWORD} for wanted in (email, unknown(number))]
        pairs.append(tuple((body, token) for body in bodies))
    assert not server.compare("/auth/change-email", 200, pairs, SIDE_BY_SIDE).tells


def test_t10_giving_back_a_link(server, known):
    """T10: one that an account used before, against one that never was."""
    pairs = []
    for number, user in enumerate(known):
        EmailVerificationFactory(user=user, secret=f"used-{number}", is_used=True)
        pairs.append((({"token": f"used-{number}"}, ""), ({"token": f"none-{number}"}, "")))
    assert not server.compare("/auth/verify-email", 400, pairs).tells


def test_the_test_would_see_it(known, tmp_path):
    """The negative control: without the hash for nobody the clock tells."""
    with serving("tests.timing.leaky:application", tmp_path) as server:
        assert server.compare("/auth/login", 401, attempts(known)).tells
