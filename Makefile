# Everything that is done here by hand or by CI. `make` alone lists it.
# ARGS is passed on (make benchmark ARGS='--scale 0.2'), PYTHON chooses the interpreter.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?=
RUN ?= reports/latest
VERSIONS := 3.11 3.12 3.13 3.14 3.15
NEWEST := $(lastword $(VERSIONS))
NEWEST_VENV := .venv-newest-$(NEWEST)
NEWEST_READY := $(NEWEST_VENV)/.ready
PEERS := .venv-peers
UV ?=

# What installs into an environment: its own pip, or a uv that UV names, which is several times as fast.
install = $(if $(UV),$(UV) pip install --quiet --python $(1)/bin/python,$(1)/bin/python -m pip install --quiet --disable-pip-version-check)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-newest benchmark report test test-all test-newest lint lock wheel clean
.PHONY: docs gate unseen peers-unseen bench-harm bench-load bench-client bench-probe bench-wrapper bench-suspects suspects-table quota-table bench-page bench-check accuracy roads peers pins flake mutation cases limits limits-reference agent-fixes

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## create the virtual environment, or bring it up to date

# The first interpreter that really runs: a pyenv shim may be on the PATH and not work.
$(READY): requirements/dev.lock pyproject.toml
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  for python in $(PYTHON) $(if $(PYTHON),,python3.13 python3.12 python3.11 python3.14 python3.15 python3); do \
	    "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	      && found="$$python" && break; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "No Python 3.11 or later that has the modules venv and ensurepip was found." >&2; \
	    echo "  Install one (Debian: apt-get install python3-venv) or name it: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3.12" >&2; \
	    exit 2; \
	  fi; \
	  echo "Setting up $(VENV) with $$("$$found" --version)"; \
	  "$$found" -m venv --clear $(VENV); \
	fi
	$(call install,$(VENV)) --require-hashes -r requirements/dev.lock
	$(call install,$(VENV)) --no-deps --no-build-isolation -e .
	@touch $@

benchmark: $(READY) ## measure every blocking call of the reference app and its replacement
	$(BIN)/neverblock run $(ARGS)

gate: $(READY) ## measure the reference app at the quick scale, in a minute or two, and decide
	$(BIN)/neverblock run --quick --scenario gather $(ARGS)

report: $(READY) ## render the last run again (RUN=folder for another), without firing
	$(BIN)/neverblock report $(RUN) $(ARGS)

test: $(READY) ## run the tests, one part after another; those that ARGS names, in one process
	$(BIN)/python $(if $(ARGS),-m pytest $(ARGS),tests/parts.py)

# PYTHON311=/path/to/python and so on name an interpreter; tools/find-python.sh says where else it looks.
test-all: ## run the tests on every supported Python that is found
	@status=0; missing=; \
	for version in $(VERSIONS); do \
	  found=$$(tools/find-python.sh $$version) || { missing="$$missing $$version"; continue; }; \
	  echo "=== Python $$version: $$found"; \
	  $(MAKE) --no-print-directory test VENV=.venv-$$version PYTHON="$$found" || status=1; \
	done; \
	for version in $$missing; do \
	  echo "=== Python $$version: NOT TESTED, it was not found; name it: make test-all PYTHON$$(echo $$version | tr -d .)=/path/to/python$$version" >&2; \
	  echo "    On Debian, tools/pythons.sh $$version fetches it and touches nothing of the system (3.14 or later)." >&2; \
	done; \
	if [ -n "$$missing" ] && [ "$$NEVERBLOCK_REQUIRE_ALL" = 1 ]; then status=1; fi; \
	exit $$status

test-newest: $(NEWEST_READY) ## run the tests of probe, check and plugin on the newest Python, which is fetched where it is not found
	$(NEWEST_VENV)/bin/python tests/parts.py --newest

setup-newest: $(NEWEST_READY) ## create the environment of these tests, with no more than they need

$(NEWEST_READY): requirements/newest.lock pyproject.toml
	@python=$$(tools/find-python.sh $(NEWEST)) || python=$$(tools/pythons.sh $(NEWEST) | tail -n 1); \
	[ -n "$$python" ] || exit 2; \
	"$$python" -m venv --clear $(NEWEST_VENV)
	$(call install,$(NEWEST_VENV)) --require-hashes -r $<
	$(call install,$(NEWEST_VENV)) --no-deps --no-build-isolation -e .
	@touch $@

lint: $(READY) ## check style, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

LOCK := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate

.venv-lock/bin/uv:
	$(or $(PYTHON),python3) -m venv .venv-lock && .venv-lock/bin/pip install --quiet --require-hashes -r requirements/uv.lock

lock: .venv-lock/bin/uv ## resolve the dependencies anew into requirements/dev.lock and newest.lock (ARGS=--upgrade for newer ones)
	$(LOCK) pyproject.toml --group dev --all-extras -o requirements/dev.lock $(ARGS)
	$(LOCK) pyproject.toml --group newest --constraints requirements/dev.lock -o requirements/newest.lock
	$(LOCK) requirements/uv.in -o requirements/uv.lock $(ARGS)

bench-harm: $(READY) ## whether what a load says others lost is what they win without the bad endpoints
	$(BIN)/python benchmarks/load_harm.py

bench-load: $(READY) ## what neverblock adds to a request of Locust's, and what four generators make
	$(BIN)/python benchmarks/load_speed.py $(ARGS)

bench-client: $(READY) ## what the engines themselves cost, by n
	$(BIN)/python benchmarks/client.py $(ARGS)

bench-probe: $(READY) ## what the probe costs the server
	$(BIN)/python benchmarks/probe.py $(ARGS)

bench-suspects: $(READY) ## what marking 200 lines costs a request, on Python 3.12 or later
	$(BIN)/python benchmarks/suspects.py $(ARGS)

suspects-table: $(READY) ## what ruff suspects in apps of known truth, and what is true, into docs/ (Python 3.12 or later; ARGS='--shared FOLDER' for more)
	$(BIN)/python benchmarks/suspects_table.py --json $(VENV)/suspects.json --markdown docs/suspects-found.md $(ARGS)

quota-table: $(READY) ## what a limit of 2, 1 and half a core does to the figures, as root, into docs/containers.md
	$(BIN)/python benchmarks/quota_table.py

bench-wrapper: $(READY) ## what the wrapper alone costs a request, on however restless a machine
	$(BIN)/python benchmarks/wrapper.py $(ARGS)

bench-page: $(READY) ## what a page costs, by the number of endpoints
	$(BIN)/python benchmarks/page.py $(ARGS)

bench-check: $(READY) ## what a check costs beside its requests
	$(BIN)/python benchmarks/check_speed.py $(ARGS)

pins: $(READY) .venv-lock/bin/uv ## which pins of other projects conflict with neverblock in one environment
	$(BIN)/python benchmarks/pins.py --uv .venv-lock/bin/uv --wheel . --markdown docs/pins.md

flake: $(READY) ## run the gate again and again, quiet and beside neighbours, and count where it is wrong
	$(BIN)/python benchmarks/flake.py --markdown docs/reliability.md --accuracy docs/accuracy.md $(ARGS)

mutation: $(READY) ## change the pure stages and see whether the tests notice
	$(BIN)/python benchmarks/mutation.py $(ARGS)

roads: $(READY) ## judge the corpus by every way in, and write the table into docs/
	$(BIN)/python benchmarks/roads.py --json $(VENV)/roads.json --markdown docs/roads.md $(ARGS)

accuracy: $(READY) ## judge the corpus, print the confusion matrix and write it into docs/
	$(BIN)/python benchmarks/accuracy.py --markdown docs/accuracy.md --json $(VENV)/corpus.json $(ARGS)

$(PEERS)/.ready: $(READY) requirements/peers.lock requirements/peers-outside.lock
	@[ -x $(PEERS)/bin/python ] || $(BIN)/python -m venv $(PEERS)
	@[ -x $(PEERS)/outside/bin/python ] || $(BIN)/python -m venv $(PEERS)/outside
	$(PEERS)/bin/python -m pip install --quiet --require-hashes -r requirements/peers.lock
	$(PEERS)/outside/bin/python -m pip install --quiet --require-hashes -r requirements/peers-outside.lock
	@touch $@

peers: $(PEERS)/.ready ## judge the corpus by other tools as well and write the table into docs/
	$(BIN)/python benchmarks/peers.py --python $(PEERS)/bin/python $(if $(wildcard $(VENV)/corpus.json),--neverblock $(VENV)/corpus.json) $(ARGS)

cases: $(READY) ## check the apps of tests/cases and print what each endpoint got beside its truth
	$(BIN)/python benchmarks/cases.py $(ARGS)

limits: $(READY) ## measure the capacity of every planted limit and write the table into docs/limits.md
	$(BIN)/python benchmarks/limits.py $(ARGS)

limits-reference: $(READY) ## hold what one request predicts of the reference app to its measured ceilings, into docs/limits.md, in about 15 minutes
	$(BIN)/python benchmarks/reference_capacity.py $(ARGS)

agent-fixes: $(READY) ## fix every bad pair by the diff that --format agent prints, and measure it again
	$(BIN)/python tests/end_to_end/fix_pairs.py

unseen: $(READY) ## judge the corpus of an author who had not seen ours
	$(BIN)/python benchmarks/accuracy.py --corpus tests/unseen --neighbours 0 --json $(VENV)/unseen.json $(ARGS)

peers-unseen: $(PEERS)/.ready ## judge that corpus by other tools as well
	$(BIN)/python benchmarks/peers.py --python $(PEERS)/bin/python --corpus tests/unseen --out $(VENV)/unseen.md $(if $(wildcard $(VENV)/unseen.json),--neverblock $(VENV)/unseen.json) $(ARGS)

docs: $(READY) ## build the site into build/site, from docs/ and the code, fetching nothing
	$(BIN)/python tools/site/build.py $(ARGS)

wheel: $(READY) ## build the wheel and see that it holds neverblock alone
	rm -rf dist
	$(BIN)/python -m hatchling build -t wheel -d dist
	$(BIN)/python -c "import glob, sys, zipfile; names = zipfile.ZipFile(*glob.glob('dist/*.whl')).namelist(); odd = [n for n in names if not n.startswith(('neverblock/', 'neverblock-'))]; print(len(names), 'files'); sys.exit(f'not of neverblock: {odd}' if odd else 0)"

clean: ## remove environments, caches and builds; runs in reports/ stay
	rm -rf .venv .venv-* .pythons dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find harness target_app scenarios tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
