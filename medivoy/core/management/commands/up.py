"""`manage.py up`: the whole platform on this machine, from its databases to its workers, until it is told to stop."""

import os
import socket
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from medivoy import children, local
from medivoy.embedded import PostgreSQL, Service, ServiceFailed, wanted
from medivoy.messages import compile_messages
from medivoy.supervisor import Program, ProgramFailed, Stopped, Supervisor

WEB_SECONDS = 60.0
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound
GRANIAN = "granian --interface wsgi --workers 2 --blocking-threads 4 --no-ws --respawn-failed-workers"
GRANIAN += " --workers-kill-timeout 5 --log-level warning"
WORKER = "celery -A medivoy worker --concurrency 2 --loglevel INFO --without-gossip --without-mingle"
BEAT = "celery -A medivoy beat --loglevel INFO --pidfile="


class Command(BaseCommand):
    help = "Runs the platform: local databases where none is configured, web server, worker and clock."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--with-parent", action="store_true", help="stop also when the process that started this one ends"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["with_parent"]:
            children.follow_parent()
        self.began = time.monotonic()
        self.supervisor = Supervisor(self.say)
        self.supervisor.listen()
        code = 0
        lock = None
        try:
            self.address = Address.from_environment()
            lock = local.Lock(prepared(settings.VAR_DIR))
            lock.take()
            self.work()
        except Stopped as signal_name:
            self.say("up", f"{signal_name} received, stopping")
        except local.AlreadyRunning as holder:
            raise CommandError(
                f"The platform already runs in this folder (process {holder}). Stop it first: kill {holder}"
            ) from None
        except (ServiceFailed, ProgramFailed) as failure:
            self.say("up", str(failure))
            code = 1
        finally:
            self.supervisor.stop()
            if lock is not None:
                (settings.VAR_DIR / local.RUNNING).unlink(missing_ok=True)
                lock.release()
        self.say("up", "everything has stopped")
        sys.exit(code)
