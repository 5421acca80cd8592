"""`make demo-flow`: one booking through its twelve steps against a running server, as its people would do it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from medivoy.demo.flow import Flow, FlowFailed
from medivoy.demo.people import PASSWORD
from medivoy.demo.rest_client import CallFailed


class Command(BaseCommand):
    help = "Walk one booking through all twelve steps against a running server and print its timeline."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=settings.PUBLIC_URL, help="where the platform runs (%(default)s)")
        parser.add_argument("--password", default=PASSWORD, help="of the demo accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["url"]
        try:
            Flow(url, options["password"], self.say).walk()
        except FlowFailed as failure:
            raise CommandError(str(failure)) from None
        except CallFailed as failure:
            raise CommandError(f"{failure}\n{self.advice(failure)}") from None
        except (OSError, ValueError) as error:
            raise CommandError(f"no platform at {url}: {error}. Start it with: make run") from None

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    @staticmethod
    def advice(failure: CallFailed) -> str:
        """Say what may be wrong where that is known."""
        if failure.status == 401:
            return "Are the demo accounts there? An empty database gets them on `make run`."
        if failure.status == 429:
            return "Too many attempts; wait a moment."
        return "The server's log has more under the request id."
