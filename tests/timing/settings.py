"""The test's stores and rows, with the hashing of production and room for many questions."""

from medivoy import settings as usual
from tests.child_settings import *  # noqa: F403
from tests.child_settings import RATE_LIMITS

PASSWORD_HASHERS = usual.PASSWORD_HASHERS
RATE_LIMITS = dict.fromkeys(RATE_LIMITS, "1000000/h")
LOG_LEVEL = "WARNING"
