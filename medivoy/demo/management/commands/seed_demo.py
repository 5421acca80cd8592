"""`manage.py seed_demo`: the demo world, in an empty database, on throw-away services only."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.management.color import no_style
from django.db import connection, transaction

from apps.accounts.models import User
from medivoy.core.models import TaskRun
from medivoy.demo.world import build

MARK = "demo.seed"


class Command(BaseCommand):
    help = "Load the demo world into an empty database (DEBUG or embedded services only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are users already")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEBUG or settings.EMBEDDED):
            raise CommandError("demo accounts are made only where DEBUG is on or the embedded services run")
        if was_interrupted():
            self.say("the last making of the demo world was interrupted; beginning again")
            clear()
        elif User.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("there are users already; the demo world wants an empty database")
        self.say("making the demo world, half a minute on a quiet machine")
        TaskRun.objects.begin(MARK)
        with connection.cursor() as cursor:
            # A thousand steps do not wait for the disk; what is lost with the power is made again.
            cursor.execute("SET synchronous_commit = off")
        build(self.say)
        TaskRun.objects.finish(MARK, "the demo world is ready")
        self.say("the demo world is ready")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def was_interrupted() -> bool:
    """Whether a seeding began and never ended: nothing but its half world can be in the database."""
    return TaskRun.objects.filter(task=MARK, finished_at=None).exists()


def clear() -> None:
    """Empty our tables, also those that refuse it to everyone else; needs a superuser, as the embedded server has."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith(("apps.", "medivoy."))]
    tables = [
        model._meta.db_table
        for config in ours
        for model in config.get_models(include_auto_created=True)
        if model._meta.managed
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in connection.ops.sql_flush(no_style(), tables, allow_cascade=True):
            cursor.execute(statement)
