# Needs Python 3.11 or newer and make. `make run` starts the platform, `make test` tests it.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PY := .venv/bin/python
# pytest's processes, and more arguments for it: make test JOBS=1 PYTEST="-k quotation"
JOBS ?= 2
PYTEST ?=
# Browser tests are installed where there is a browser; elsewhere they are skipped, visibly.
BROWSER := $(shell command -v chromium chromium-browser google-chrome 2>/dev/null | head -n 1)
# A platform is a dozen processes: without bytecode on disk each would compile all that it imports anew.
unexport PYTHONDONTWRITEBYTECODE
# For the checks of production settings: secrets that are thrown away with the process.
PRODUCTION = env DEBUG=false PUBLIC_URL=https://care.medivoy.test ALLOWED_HOSTS=care.medivoy.test $(foreach name,SECRET_KEY TOKEN_KEY,$(name)=$$($(PY) -c "import secrets; print(secrets.token_urlsafe(48))")) FIELD_KEYS=$$($(PY) -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())")

.PHONY: help run test soak timing check lint types layers migrations deploy schema security demo-flow messages lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

.venv/base.stamp: requirements/base.txt bin/bootstrap
	@bin/bootstrap base

.venv/dev.stamp: requirements/base.txt requirements/dev.txt bin/bootstrap
	@bin/bootstrap base dev

.venv/browser.stamp: requirements/browser.txt .venv/dev.stamp
	@bin/bootstrap base dev browser

run: .venv/base.stamp ## start the platform on this machine; HOST and PORT choose where, Ctrl-C stops it
	@exec $(PY) manage.py up --with-parent

test: .venv/dev.stamp $(if $(BROWSER),.venv/browser.stamp) ## all tests, under ten minutes on two cores
	@exec $(PY) -m pytest -n $(JOBS) --dist loadgroup $(PYTEST)

soak: .venv/dev.stamp ## all tests, with races, faults and random walks at their full figures; takes hours
	@SOAK=1 $(PY) -m pytest -n $(JOBS) --dist loadgroup $(PYTEST)

timing: .venv/dev.stamp ## whether the time of an answer tells who has an account: a rank test, two minutes on a quiet machine
	@$(PY) -m pytest -q -s -p no:cacheprovider tests/timing/equality.py

check: lint types layers migrations deploy schema security ## everything that reads the code without running it

lint: .venv/dev.stamp
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet .

types: .venv/dev.stamp
	@DEBUG=true $(PY) -m mypy --no-error-summary

layers: .venv/dev.stamp
	@.venv/bin/python -c "from importlinter.cli import lint_imports_command; lint_imports_command()" --no-cache

migrations: .venv/dev.stamp
	@DEBUG=true $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

deploy: .venv/dev.stamp
	@$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

schema: .venv/dev.stamp
	@DEBUG=true $(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null

security: .venv/dev.stamp
	@$(PY) -m bandit --quiet --recursive medivoy apps manage.py --ini setup.cfg
	@bin/audit

demo-flow: .venv/base.stamp ## walk the twelve steps of a booking against a running `make run`
	@[ -n "$$SECRET_KEY" ] || [ -e "$${VAR_DIR:-var}/secrets.env" ] || { echo "No platform was started here yet. Start it with: make run" >&2; exit 1; }
	@exec $(PY) manage.py demo_flow

messages: .venv/base.stamp ## gather what is to be translated into locale/, and name what is not translated yet
	@$(PY) -m medivoy.catalogues

lock: .venv/dev.stamp ## resolve requirements/*.in again
	@for name in base dev browser; do \
		$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock" \
			requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

clean: ## remove what make made, except the data under var/
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
