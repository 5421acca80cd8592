#!/usr/bin/env python3
"""Django's command line, and with `up` the way to run the whole platform on one machine."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from medivoy.embedded import environment

BASE_DIR = Path(__file__).resolve().parent


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medivoy.settings")
    environment.load_environment(BASE_DIR, create=sys.argv[1:2] == ["up"])
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
