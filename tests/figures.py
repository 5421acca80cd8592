"""How hard the race, fault and property tests push: small on each run, at the full figures on `make soak`."""

import os

SOAK = os.environ.get("SOAK") == "1"

CONTENDERS = 50 if SOAK else 10
ROUNDS = 20 if SOAK else 3
EXAMPLES = 10_000 if SOAK else 200

# An id that no row has: the same in every process, for parameters by which tests are named.
NOBODY = "00000000-0000-4000-8000-000000000000"
