"""Settings of the test run: throw-away secrets, quick hashing, the same stores as everywhere."""

import os

os.environ.setdefault("MEDIVOY_EMBEDDED", "true")
for name in ("SECRET_KEY", "TOKEN_KEY", "SANDBOX_WEBHOOK_SECRET"):
    os.environ.setdefault(name, f"test-run-{name}-0123456789abcdefghijklmnopqrstuvwxyz")
os.environ.setdefault("FIELD_KEYS", "dGVzdC1ydW4tZmllbGQta2V5LTAxMjM0NTY3ODlhYmM=")

from medivoy.settings import *  # noqa: E402,F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
RATE_LIMIT_WIDTH = 100
