"""Settings of a process that a test starts: the tests' own, and what this very test changed (tests/processes.py)."""

import json
import os

from medivoy.settings_test import *  # noqa: F403

globals().update(json.loads(os.environ["CHILD_SETTINGS"]))
