"""`make demo-flow` against a real platform."""

import pytest

from medivoy.embedded.server import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("e2e")]


def test_it_walks_all_twelve_steps_and_prints_the_timeline(platform):
    done = platform.manage("demo_flow")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line[:5] for line in lines[:12]] == [f"{number:>2}/12" for number in range(1, 13)]
    timeline = done.stdout.partition("The timeline:")[2]
    for state in ("requested", "awaiting_medical_details", "payment_completed", "invoice_sent", "feedback_received"):
        assert f" {state} " in timeline
    assert "Lina Haddadin" in timeline


def test_it_says_what_is_wrong(platform):
    nobody = platform.manage("demo_flow", "--url", f"http://127.0.0.1:{free_port()}")
    assert "Start it with: make run" in nobody.stderr
    stranger = platform.manage("demo_flow", "--password", "another")
    assert "401" in stranger.stderr
    assert "demo accounts" in stranger.stderr
    for failed in (nobody, stranger):
        assert failed.returncode == 1
        assert "Traceback" not in failed.stderr
