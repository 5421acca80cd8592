"""`manage.py seed_demo`: the demo world, in an empty database, on throw-away services only."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from medivoy.demo.world import build


class Command(BaseCommand):
    help = "Load the demo world into an empty database (DEBUG or embedded services only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are users already")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEBUG or settings.EMBEDDED):
            raise CommandError("demo accounts are made only where DEBUG is on or the embedded services run")
        if User.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("there are users already; the demo world wants an empty database")
        build(self.say)
        self.say("the demo world is ready")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
