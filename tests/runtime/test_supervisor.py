import os
import signal
import sys
import time

import pytest

from medivoy.embedded import supervisor as module
from medivoy.embedded.supervisor import ProgramFailed, Stopped, Supervisor


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(said, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(module, "RESTART_SECONDS", 0.05)
    supervisor = Supervisor(lambda name, text: said.append((name, text)), tmp_path)
    yield supervisor
    supervisor.stop()


def python(code):
    return [sys.executable, "-c", code]


def watch_until(supervisor, done, seconds=10):
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        supervisor.watch()


def test_a_step_shows_its_lines_and_fails_with_its_program(supervisor, said):
    supervisor.step("migrate", python("print('one'); print('two', end='')"), os.environ)
    assert said == [("migrate", "one"), ("migrate", "two")]
    with pytest.raises(ProgramFailed, match="migrate failed"):
        supervisor.step("migrate", python("raise SystemExit(3)"), os.environ)


def test_a_program_that_ends_is_started_again(supervisor, said, monkeypatch):
    monkeypatch.setattr(module, "SHORT_LIFE_SECONDS", 0)
    supervisor.run("worker", python("print('hello', flush=True)"), os.environ)
    watch_until(supervisor, lambda: said.count(("worker", "hello")) == 4)


def test_a_program_that_never_lives_long_is_given_up(supervisor):
    supervisor.run("worker", python("raise SystemExit(7)"), os.environ)
    with pytest.raises(ProgramFailed, match=r"worker ended 3 times in a row \(code 7\)"):
        watch_until(supervisor, lambda: False)


def test_a_signal_ends_the_watch_and_stop_ends_the_programs(supervisor, said):
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        supervisor.listen()
        supervisor.run("web", python("import time; print('up', flush=True); time.sleep(60)"), os.environ)
        watch_until(supervisor, lambda: ("web", "up") in said)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped, match="SIGTERM"):
            watch_until(supervisor, lambda: False)
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 5
    assert supervisor.programs == []
