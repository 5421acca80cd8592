"""The Celery application. Redis only carries wake-ups and the clock's ticks: every piece of work is a row first."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medivoy.settings")

app = Celery("medivoy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
