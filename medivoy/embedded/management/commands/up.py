"""`manage.py up`: the whole platform on this machine, from its databases to its workers, until it is told to stop."""

import os
import signal
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from medivoy.demo.people import DOMAIN, PASSWORD
from medivoy.embedded import children, environment
from medivoy.embedded.address import Address, AddressUnusable
from medivoy.embedded.postgresql import PostgreSQL
from medivoy.embedded.server import ServerFailed
from medivoy.embedded.servers import wanted
from medivoy.embedded.supervisor import Program, ProgramFailed, Stopped, Supervisor
from medivoy.messages import compile_messages

WEB_SECONDS = 60.0
WEB = "granian --interface wsgi --workers 2 --blocking-threads 4 --no-ws --log-level warning"
WEB += " --respawn-failed-workers --workers-kill-timeout 5 medivoy.wsgi:application"
WORKER = "celery --quiet -A medivoy worker --concurrency 2 --loglevel WARNING --without-gossip --without-mingle"
BEAT = "celery --quiet -A medivoy beat --loglevel WARNING --pidfile="
# Celery's remark at each start; on a bare machine or in CI there may be no other user.
ROOT_IS_KNOWN = "ignore:You're running the worker with superuser privileges"
ACCOUNTS = ("admin", "coordinator", "translator", "hospital", "hospital2", "doctor", "doctor2", "patient", "patient2")


class Command(BaseCommand):
    help = "Runs the platform on this machine: databases where none is configured, web server, worker and clock."
    requires_system_checks = ()
    unheard = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
        parser.add_argument(
            "--with-parent", action="store_true", help="stop also when the process that started this one ends"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["with_parent"]:
            children.follow_parent()
        supervisor = Supervisor(self.say, settings.BASE_DIR)
        supervisor.listen()
        try:
            address = Address.from_environment(os.environ)
            address.check()
            with environment.Lock(settings.VAR_DIR):
                code = self.live(supervisor, address, demo=not options["no_demo"])
        except (AddressUnusable, environment.AlreadyRunning) as refusal:
            raise CommandError(str(refusal)) from None
        sys.exit(code)

    def live(self, supervisor: Supervisor, address: Address, *, demo: bool) -> int:
        """Start everything, keep it running, stop everything; return the exit code."""
        try:
            self.start(supervisor, address, demo=demo)
            while True:
                supervisor.watch()
        except Stopped as reason:
            self.say("up", f"{reason} received, stopping")
            return 0
        except (ServerFailed, ProgramFailed) as failure:
            self.say("up", str(failure))
            return 1
        finally:
            supervisor.stop()
            (settings.VAR_DIR / environment.RUNNING).unlink(missing_ok=True)
            self.say("up", "everything has stopped")

    def start(self, supervisor: Supervisor, address: Address, *, demo: bool) -> None:
        began = time.monotonic()
        variables = self.start_servers(supervisor) | plain_http(address)
        environment.write_variables(settings.VAR_DIR / environment.RUNNING, variables)
        settings.STATIC_ROOT.mkdir(exist_ok=True)
        self.say("up", f"{compile_messages(settings.BASE_DIR / 'locale')} message catalogues compiled")
        settled = {**os.environ, **variables, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": ROOT_IS_KNOWN}
        throw_away = variables["MEDIVOY_EMBEDDED"] == "true" or settings.DEBUG
        options = ["--demo"] if demo and throw_away else []
        supervisor.step("prepare", [sys.executable, settings.BASE_DIR / "manage.py", "prepare", *options], settled)
        listen = ["--host", address.host, "--port", str(address.port)]
        supervisor.run("web", [sys.executable, "-m", *WEB.split(), *listen], settled)
        self.wait_for_web(supervisor, address)
        supervisor.run("worker", [sys.executable, "-m", *WORKER.split()], settled)
        supervisor.run("beat", [sys.executable, "-m", *BEAT.split()], settled)
        self.welcome(address, time.monotonic() - began, accounts=throw_away)

    def start_servers(self, supervisor: Supervisor) -> dict[str, str]:
        """Start the servers that are not configured; return the addresses."""
        servers = wanted(settings.VAR_DIR, os.environ)
        for server in servers:
            supervisor.heed()
            self.say("up", f"starting {server.name}, data in {server.home}")
            server.start()
            program = Program(server.name, server.spawn, running=server.process, stop_signal=server.stop_signal)
            supervisor.adopt(program)
        embedded = any(isinstance(server, PostgreSQL) for server in servers)
        return {"MEDIVOY_EMBEDDED": str(embedded).lower()} | {server.variable: server.url for server in servers}

    def wait_for_web(self, supervisor: Supervisor, address: Address) -> None:
        deadline = time.monotonic() + WEB_SECONDS
        while not address.answers():
            supervisor.watch()
            if time.monotonic() > deadline:
                raise ProgramFailed(f"the web server did not answer within {WEB_SECONDS:.0f} s")

    def welcome(self, address: Address, seconds: float, *, accounts: bool) -> None:
        lines = [
            f"Medivoy is ready after {seconds:.0f} s. Ctrl-C stops it.",
            f"  console    {address.url}/admin/",
            f"  REST API   {address.url}/api/v1/",
            f"  API pages  {address.url}/api/docs",
            f"  mail sent  {settings.OUTBOX_DIR}",
        ]
        if accounts:
            lines.append(f"  accounts   {', '.join(f'{name}@{DOMAIN}' for name in ACCOUNTS)}")
            lines.append(f"  password   {PASSWORD}")
        for line in lines:
            self.say("up", line)

    def say(self, name: str, text: str) -> None:
        if self.unheard:
            return
        try:
            self.stdout.write(f"{name:<8} | {text}")
            self.stdout.flush()
        except OSError:  # whoever read this has left: stop too, without another word
            self.unheard = True
            os.kill(os.getpid(), signal.SIGTERM)


def plain_http(address: Address) -> dict[str, str]:
    """Settings for a server on this machine without TLS; what the environment says about them goes first."""
    values = {
        "PUBLIC_URL": address.url,
        "ALLOWED_HOSTS": address.allowed_hosts,
        "RATE_LIMIT_WIDTH": "100",
        "SECURE_COOKIES": "false",
        "SECURE_SSL_REDIRECT": "false",
        "SECURE_HSTS_SECONDS": "0",
    }
    return {name: os.environ.get(name, value) for name, value in values.items()}
