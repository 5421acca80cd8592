"""A whole platform of its own beside the tests: servers, web, worker and clock as on `make run`, spoken to by HTTP.

Its database is a copy of the test database's schema, with the demo world's people and houses in it and no case yet.
"""

import email
import email.policy
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import requests
from django.db import connection

from medivoy.demo.people import DOMAIN, PASSWORD
from medivoy.embedded import children, environment
from medivoy.embedded.mongodb import MongoDB
from medivoy.embedded.postgresql import PostgreSQL
from medivoy.embedded.redis import Redis
from medivoy.embedded.server import free_port
from tests.processes import BASE_DIR, wait_until

WEB = "granian --interface wsgi --workers 1 --blocking-threads 4 --no-ws --log-level warning"
WEB += " --workers-kill-timeout 1 medivoy.wsgi:application"
WORKER = "celery -A medivoy worker --concurrency 1 --loglevel INFO --without-gossip --without-mingle"
BEAT = "celery -A medivoy beat --loglevel INFO --pidfile= --max-interval 1"
PLACE = "from medivoy.demo.world import build_place; build_place(print)"
# What a person waits a minute for, the tests have within seconds.
QUICK = "UPDATE django_celery_beat_intervalschedule SET every = 2, period = 'seconds' WHERE every IN (1, 10)"
# Of the test run, and not for this platform.
NOT_HANDED_OVER = ("DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER", "CHILD_SETTINGS", "EMAIL_URL")


class Platform:
    """Use it as a context; every process of it ends with the context, by its own id."""

    def __init__(self, home, **variables):
        self.home = Path(home)
        self.variables = variables
        self.postgres, self.redis, self.mongodb = PostgreSQL(self.home, durable=False), Redis(home), MongoDB(home)
        self.servers = [self.postgres, self.redis, self.mongodb]
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes = []

    def __enter__(self):
        try:
            for server in self.servers:
                server.start()
            self.copy_schema()
            self.run_python(f"{PLACE}; from medivoy.core.beat import load_schedule; load_schedule()")
            self.sql(QUICK)
            self.web = self.start_web()
            self.worker = self.start_worker()
            self.beat = self.start_beat()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_error):
        self.stop()

    def stop(self):
        for process in reversed(self.processes):
            children.stop(process)
        for server in reversed(self.servers):
            server.stop()
        self.postgres.discard()

    @property
    def environment(self):
        kept = {name: value for name, value in os.environ.items() if name not in NOT_HANDED_OVER}
        return {
            **kept,
            **environment.own_secrets(self.home),
            **{server.variable: server.url for server in self.servers},
            "DEBUG": "false",
            "MEDIVOY_EMBEDDED": "true",
            "VAR_DIR": str(self.home),
            "PUBLIC_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "RATE_LIMIT_WIDTH": "1000",
            "PYTHONPATH": str(BASE_DIR),
            "PYTHONUNBUFFERED": "1",
            **self.variables,
        }

    def copy_schema(self):
        """Bring the test database's schema over; migrating takes half a minute."""
        source = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        dump = subprocess.run(
            [self.postgres.binaries / "pg_dump", *words(source)], env=password(source), capture_output=True, check=True
        )
        target = urlsplit(self.postgres.url)
        argv = [self.postgres.binaries / "psql", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        subprocess.run([*argv, *words(target)], env=password(target), input=dump.stdout, check=True)

    def start_web(self):
        web = self.start("web", f"{WEB} --host 127.0.0.1 --port {self.port}")
        wait_until(lambda: self.answers() or web.poll() is not None, 60)
        assert web.poll() is None, self.log("web")
        return web

    def answers(self):
        try:
            return requests.get(f"{self.url}/api/v1/health", timeout=5).ok
        except requests.RequestException:
            return False

    def start_worker(self, name="worker"):
        worker = self.start(name, f"{WORKER} --hostname {name}@%h")
        wait_until(lambda: " ready." in self.log(name) or worker.poll() is not None, 60)
        assert worker.poll() is None, self.log(name)
        return worker

    def start_beat(self, name="beat"):
        beat = self.start(name, BEAT)
        wait_until(lambda: "beat: Starting" in self.log(name) or beat.poll() is not None, 60)
        assert beat.poll() is None, self.log(name)
        return beat

    def kill(self, process):
        """End a process and its children at once, as the system does where memory is short."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def start(self, name, module):
        with (self.home / f"{name}.log").open("wb") as output:
            argv = [sys.executable, "-m", *module.split()]
            process = children.spawn(argv, env=self.environment, cwd=BASE_DIR, output=output)
        self.processes.append(process)
        return process

    def log(self, name):
        return (self.home / f"{name}.log").read_text(errors="replace")

    def run_python(self, code):
        """Run `code` to its end in a process with Django set up."""
        subprocess.run([sys.executable, "-c", f"import django; django.setup(); {code}"], **self.options, check=True)

    def manage(self, *argv):
        """Run a command of manage.py; return what came of it."""
        command = [sys.executable, "manage.py", *argv]
        return subprocess.run(command, **self.options, capture_output=True, text=True, check=False)

    @property
    def options(self):
        settings = {"DJANGO_SETTINGS_MODULE": "medivoy.settings"}
        return {"env": self.environment | settings, "cwd": BASE_DIR, "timeout": 120, "stdin": subprocess.DEVNULL}

    def sql(self, statement, *values):
        """Run a statement on its database and return the rows."""
        with psycopg.connect(self.postgres.url, autocommit=True) as database:
            cursor = database.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement, *values):
        """Return the one value that a query has."""
        ((value,),) = self.sql(statement, *values)
        return value

    def mails(self, to=None):
        """What would have been sent, the oldest first."""
        files = sorted((self.home / "outbox" / "mail").glob("*.eml"))
        found = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [mail for mail in found if to is None or mail["To"] == to]

    def person(self, name=None):
        """Somebody with a client: one of the demo world's accounts, or nobody in particular."""
        return Person(self.url, name)


class Person:
    """Asks the API, and fails where the status of an answer is not the expected one."""

    def __init__(self, url, name=None):
        self.url = url
        self.session = requests.Session()
        # How long each answer took.
        self.seconds = []
        if name:
            self.sign_in(f"{name}@{DOMAIN}", PASSWORD)

    def sign_in(self, address, secret):
        tokens = self.post("/auth/login", {"email": address, "password": secret})
        self.session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return tokens

    def again(self):
        """The same person at another device."""
        other = Person(self.url)
        other.session.headers.update(self.session.headers)
        return other

    def ask(self, method, path, body=None, *, expect=(200, 201), **options):
        """Return `data` of a success, and the whole body of a refusal."""
        address = path if path.startswith("http") else f"{self.url}/api/v1{path}"
        began = time.monotonic()
        answer = self.session.request(method, address, json=body, timeout=20, **options)
        self.seconds.append(time.monotonic() - began)
        wanted = expect if isinstance(expect, tuple) else (expect,)
        assert answer.status_code in wanted, f"{method} {path} {body}: {answer.status_code} {answer.text[:1000]}"
        if answer.headers.get("Content-Type") != "application/json":
            return answer.content
        return answer.json()["data"] if answer.ok else answer.json()

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.ask("POST", path, body, **options)

    def patch(self, path, body=None, **options):
        return self.ask("PATCH", path, body, **options)

    def put(self, path, body=None, **options):
        return self.ask("PUT", path, body, **options)

    def delete(self, path, **options):
        return self.ask("DELETE", path, **options)


def words(address):
    """Name a database to PostgreSQL's own programs; its password goes another way."""
    place = ["--host", address.hostname, "--port", str(address.port), "--username", address.username]
    return [*place, "--dbname", address.path.lstrip("/")]


def password(address):
    return {"PGPASSWORD": address.password or "", "PATH": os.defpath, "LC_ALL": "C"}
