"""MongoDB away, PostgreSQL restarted (T62): 503 with a time to come back at most, and everything recovers by itself."""

import time

import pytest
import requests

from tests.faults.aftermath import check_mails, check_money, check_trail, settle
from tests.journey import Journey
from tests.processes import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("faults")]


def test_without_mongodb_nothing_is_different(platform, people, mailbox):
    platform.mongodb.process.kill()
    platform.mongodb.process.wait()
    try:
        case = Journey(people).offer().agree().pay_all()
        assert max(case.coordinator.seconds) < 5
        assert people["admin"].get("/health/services", expect=503)["details"]["mongodb"]["status"] == "away"
        assert people["admin"].seconds[-1] < 3
    finally:
        platform.mongodb.spawn()
    wait_until(platform.mongodb.answers, 20)
    wait_until(lambda: requests.get(f"{platform.url}/api/v1/health/services", timeout=5).ok, 20)
    settle(platform)
    check_money(platform, case)
    check_mails(platform, mailbox)
    check_trail(platform, mailbox.since)


def test_postgresql_comes_back_and_so_does_everything(platform, people, mailbox):
    case = Journey(people).offer()
    settle(platform)
    platform.postgres.process.send_signal(platform.postgres.stop_signal)
    platform.postgres.process.wait(20)
    try:
        for method, path in [("GET", case.path), ("POST", "/bookings"), ("POST", "/auth/login"), ("GET", "/health/db")]:
            refuse_for_now(platform, case.patient, method, path)
        assert platform.answers(), "it is alive, and says so"
    finally:
        platform.postgres.spawn()
    wait_until(platform.postgres.answers, 20)
    case.agree().pay_all()
    settle(platform)
    check_money(platform, case)
    check_mails(platform, mailbox)
    assert [name for name in ("web", "worker", "beat") if getattr(platform, name).poll() is not None] == []


def refuse_for_now(platform, person, method, path):
    """Soon, and with a time to come back."""
    began = time.monotonic()
    body = {"email": "patient@medivoy.test", "password": "Medivoy-demo-2026"}
    answer = person.session.request(method, f"{platform.url}/api/v1{path}", json=body, timeout=20)
    assert (answer.status_code, answer.json()["success"]) == (503, False), f"{method} {path}: {answer.text}"
    assert int(answer.headers["Retry-After"]) > 0
    assert time.monotonic() - began < 10
