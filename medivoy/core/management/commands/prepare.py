"""`manage.py prepare`: what a database needs before the platform starts on it; part of every start and deployment."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrates the database and loads the schedule; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="fill an empty database with the demo world")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"], stdout=self.stdout)
        call_command("load_schedule", stdout=self.stdout)
        if options["demo"] and "seed_demo" in get_commands():
            call_command("seed_demo", "--if-empty", stdout=self.stdout)
