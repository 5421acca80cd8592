"""`manage.py load_schedule`: tell beat of the tasks that the code declares; part of every start and deployment."""

from typing import Any

from django.core.management.base import BaseCommand

from medivoy.core.beat import load_schedule


class Command(BaseCommand):
    help = "Gives the clock every periodic task that the code declares; what an admin changed stays."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_schedule()
        self.stdout.write(f"{loaded.added} periodic tasks added, {loaded.removed} removed")
