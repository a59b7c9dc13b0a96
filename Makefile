# Bare `make` is the help. Everything needs only Python 3.11+ and make; the rest is installed into .venv.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.8
ARGS ?=
# The tests alone start some hundred processes of Python: let them keep what they have compiled.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test lint types arrows audit check flask bench plots chaos crash outages mutants texts lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name text; do printf '  make %-8s %s\n' "$$name" "$$text"; done

.venv/installed: requirements.lock Makefile
	@echo "Setting up .venv with $$($(PYTHON) --version) (once, takes about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Backroom needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { echo "Python's venv module is missing: on Debian, apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@# uv does not read pip's settings: hand it the index that pip uses, and let pip try where it fails.
	@index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true)}}"; \
	  [ -z "$$index" ] || export UV_DEFAULT_INDEX="$$index"; \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock \
	  || { echo "uv could not fetch everything here; pip tries with its own settings"; \
	       $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; }
	@touch $@

run: .venv/installed ## Boot the whole shop, let a scripted buyer purchase something, stay up until Ctrl-C (ARGS=--no-demo)
	@exec $(BIN)/python -m sandbox $(ARGS)

# The tests often wait, for servers that start or stop: what only computes goes on beside them.
test: .venv/installed ## Run every check that CI runs
	@$(MAKE) --no-print-directory -j2 check lint types arrows audit

lint: .venv/installed ## Style: ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed ## Types: mypy, strict
	$(BIN)/mypy

arrows: .venv/installed ## Architecture: which package may know which
	$(BIN)/lint-imports

audit: .venv/installed ## Security: bandit, and known holes in what is pinned (offline, dated: deploy/advisories.py)
	$(BIN)/bandit --quiet --recursive --severity-level high app tasks live sandbox deploy config.py wsgi.py asgi.py celeryconfig.py
	$(BIN)/python deploy/advisories.py < requirements.lock

check: .venv/installed ## The tests, on servers of their own (ARGS="tests/orders -x" for some of them)
	$(BIN)/python -m pytest -n 3 $(if $(ARGS),$(ARGS),-p tests.covered)

flask: .venv/installed ## Run a command in the shop that `make run` has up (ARGS="work list", ARGS=doctor)
	@exec $(BIN)/python -m sandbox.commands $(ARGS)

bench: .venv/installed ## Measure what each path costs, on a stack of its own (ARGS="--products 1000 --profile")
	@exec $(BIN)/python -m bench $(ARGS)

plots: .venv/installed ## Measure catalogs of several sizes under several loads, and draw it into docs/plots (takes an hour)
	@exec $(BIN)/python -m bench.curves $(ARGS)

chaos: .venv/installed ## Buy while everything breaks, then count what is wrong (ORDERS=10000 SEED=3 DURATION=600 FAULTS=kill-*,none,all)
	@exec $(BIN)/python -m proof.chaos $(if $(ORDERS),--orders $(ORDERS)) $(if $(SEED),--seed $(SEED)) $(if $(DURATION),--duration $(DURATION)) $(if $(FAULTS),--faults '$(FAULTS)') $(ARGS)

crash: .venv/installed ## Fail at every edge of the shop, in every way, and see that it ends well (ARGS="--quick")
	@exec $(BIN)/python -m proof.crash $(ARGS)

outages: .venv/installed ## Take away what the shop needs, and see what buyers notice (ARGS="redis-stopped --seconds 60")
	@exec $(BIN)/python -m proof.outages $(ARGS)

mutants: .venv/installed ## Break the transition core in every small way, and see that a test notices each (ARGS="--sample 150")
	@exec $(BIN)/python -m proof.mutants $(ARGS)

texts: .venv/installed ## Note in the .po files which texts of messages are new or gone (then translate the empty ones)
	cd app/notifications && ../../$(BIN)/pybabel -q extract -F translations/babel.cfg --no-location --sort-output --omit-header -o translations/all.pot .
	cd app/notifications && for po in translations/*.po; do ../../$(BIN)/pybabel -q update -i translations/all.pot -o $$po -l $$(basename $$po .po) \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 110; done; rm translations/all.pot

lock: .venv/installed ## Write requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --group local --group test --group lint --universal --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock

clean: ## Remove everything that was installed or written
	@[ ! -x $(BIN)/python ] || $(BIN)/python -m sandbox clean
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
