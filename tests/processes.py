"""Real processes beside a test: they see its database (committed rows only), its Redis and its settings."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from medivoy.embedded import children

BASE_DIR = Path(__file__).resolve().parent.parent
# What a process needs to work on the same things as the test.
HANDED_OVER = (
    "RUN",
    "MONGODB_NAME",
    "CACHES",
    "CELERY_TASK_DEFAULT_QUEUE",
    "CELERY_BROKER_TRANSPORT_OPTIONS",
    "MEDIA_ROOT",
    "OUTBOX_DIR",
    "EMAIL_URL",
    "EMAIL_TIMEOUT",
)


def environment(settings):
    """The environment of a process that shares the test's stores and settings."""
    address = urlsplit(os.environ["DATABASE_URL"])
    handed = {name: getattr(settings, name) for name in HANDED_OVER}
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.child_settings",
        "DATABASE_URL": urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}")),
        "CHILD_SETTINGS": json.dumps(handed, default=str),
        "PYTHONPATH": str(BASE_DIR),
        "PYTHONUNBUFFERED": "1",
    }


def python(code, settings):
    """Start `code` in a process of its own, with Django set up."""
    return children.spawn(
        [sys.executable, "-c", f"import django; django.setup(); {code}"],
        env=environment(settings),
        cwd=BASE_DIR,
        output=subprocess.DEVNULL,
    )


@contextmanager
def worker(settings, log, *, beat=False, concurrency=1):
    """Run a Celery worker, with the clock in it where `beat`; its output goes to the file `log`."""
    argv = [sys.executable, "-m", "celery", "-A", "medivoy", "worker", "--loglevel", "INFO"]
    argv += ["--concurrency", str(concurrency), "--without-gossip", "--without-mingle", "--without-heartbeat"]
    with log.open("wb") as output:
        process = children.spawn(
            [*argv, *(["--beat"] if beat else [])], env=environment(settings), cwd=BASE_DIR, output=output
        )
        try:
            wait_until(lambda: " ready." in log.read_text() or process.poll() is not None, 60)
            assert process.poll() is None, log.read_text()
            yield process
        finally:
            children.stop(process)


def wait_until(holds, seconds):
    """Wait for `holds()`, and fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (result := holds()):
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
    return result
