"""Settings of the test run: throw-away secrets, quick hashing, the same stores as everywhere."""

import os

from tests import services

os.environ["DEBUG"] = "false"
os.environ.setdefault("MEDIVOY_EMBEDDED", "true")
for name in ("SECRET_KEY", "TOKEN_KEY", "SANDBOX_WEBHOOK_SECRET"):
    os.environ.setdefault(name, f"test-run-{len(name)}-0123456789-abcdefghijklmnopqrstuvwxyz-9876543210")
os.environ.setdefault("FIELD_KEYS", "dGVzdC1ydW4tZmllbGQta2V5LTAxMjM0NTY3ODlhYmM=")
services.start_missing()

from medivoy.settings import *  # noqa: E402,F403
from medivoy.settings import CACHES, CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES, VAR_DIR  # noqa: E402

# Runs that share servers, and the workers of one run, keep out of each other's way. PostgreSQL's test databases get
# the worker's name from pytest-django.
RUN = f"test_{DATABASES['default']['NAME']}_{services.worker()}"
MONGODB_NAME = RUN
CACHES["default"]["KEY_PREFIX"] = RUN
LIMIT_PREFIX = f"{RUN}:limit:"
CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"{RUN}:"
CELERY_TASK_DEFAULT_QUEUE = RUN
# Empty: each test client would otherwise read every collected file once more.
STATIC_ROOT = VAR_DIR / "tests" / RUN / "static"
MEDIA_ROOT = VAR_DIR / "tests" / RUN / "media"
OUTBOX_DIR = VAR_DIR / "tests" / RUN / "outbox"
AUDIT_HEADS_FILE = VAR_DIR / "tests" / RUN / "audit" / "heads"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
RATE_LIMIT_WIDTH = 100
# Every test client builds the middlewares anew: no walk through all static files each time.
WHITENOISE_USE_FINDERS = False
