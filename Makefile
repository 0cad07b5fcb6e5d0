# GATE. `make help` lists the targets. Everything is made inside this folder (.venv) and in GATE_DATA.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/runtime.lock
DEVLOCK := requirements/dev.lock
BENCHLOCK := requirements/bench.lock
FUZZLOCK := requirements/fuzz.lock

.PHONY: compile uncompile test-compiled help setup setup-dev up test check format lock bench bench-sizes soak fuzz at-size clean test-packages fuzz-api api-coverage api-coverage-page kill peers

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 19

$(VENV)/.runtime: $(LOCK) pyproject.toml scripts/venv.sh
	@scripts/venv.sh $(PYTHON) $(VENV) $(LOCK)
	@touch $@

$(VENV)/peers: requirements/peers.lock $(VENV)/.runtime
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --require-hashes --ignore-requires-python --upgrade --target $@ -r $<
	@touch $@

$(VENV)/.dev: $(DEVLOCK) $(VENV)/.runtime
	@scripts/venv.sh $(PYTHON) $(VENV) $(DEVLOCK)
	@touch $@

setup: $(VENV)/.runtime ## make the virtual environment with GATE and the packages it runs on

peers: $(VENV)/peers # other people's RADIUS, which the tests talk to

setup-dev: $(VENV)/.dev ## the same, with what the tests and checks need

up: setup ## run GATE (web, RADIUS, worker) on its own private PostgreSQL; Ctrl-C stops it
	@exec $(BIN)/gate up

test-packages: ## install the system packages the tests drive (radclient, hostapd, curl …); needs root or sudo
	@scripts/test-packages.sh

test: setup-dev test-packages peers check ## set everything up and pass every check and test
	@$(BIN)/python -m pytest

check: setup-dev ## ruff, mypy --strict, import-linter
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

fuzz: setup-dev ## let atheris try every decoder (SECONDS=600 or INPUTS=10000000, JOBS=1, TARGETS=packet,eap-talk)
	@$(BIN)/pip install --quiet --no-deps --require-hashes -r $(FUZZLOCK)
	@$(BIN)/python tests/fuzz/run.py $(if $(SECONDS),--seconds $(SECONDS)) $(if $(INPUTS),--inputs $(INPUTS)) \
		$(if $(JOBS),--jobs $(JOBS)) $(if $(TARGETS),--targets $(TARGETS))

compile: setup-dev ## compile what every packet passes (optional; needs a C compiler): a third off its cost
	@$(BIN)/python scripts/compile.py

uncompile: setup ## take back what `make compile` made
	@$(BIN)/python scripts/compile.py --remove

test-compiled: setup-dev test-packages ## the tests of the RADIUS server and what it is made of, on compiled modules
	@scripts/test-compiled.sh $(BIN)

fuzz-api: setup-dev ## let schemathesis try the API for longer (SECONDS=900)
	@FUZZ_SECONDS=$(or $(SECONDS),900) $(BIN)/python -m pytest tests/gate/api/test_fuzz.py

kill: setup-dev ## kill the RADIUS server and PostgreSQL by SIGKILL under load, 20 times, and audit each time (ROUNDS=20)
	@KILL_ROUNDS=$(or $(ROUNDS),20) $(BIN)/python -m pytest -q tests/e2e/test_kill.py

api-coverage: setup-dev ## run the tests of the API, write docs/api-coverage.md from what they saw
	@$(BIN)/python -m pytest tests/gate/api --deselect tests/gate/api/test_coverage.py --api-coverage

api-coverage-page: setup-dev ## write docs/api-coverage.md anew from what is kept, after new timings
	@$(BIN)/python tests/api_coverage.py

format: setup-dev ## let ruff put code in shape
	@$(BIN)/ruff check --fix --quiet . && $(BIN)/ruff format --quiet .

lock: setup-dev ## resolve the dependencies anew into requirements/*.lock
	@scripts/lock.sh $(BIN)

bench: setup-dev ## measure against FreeRADIUS + SQL and Django REST framework on this machine
	@$(BIN)/pip install --quiet --no-deps --require-hashes -r $(BENCHLOCK)
	@benchmarks/run.sh $(BIN)

bench-sizes: setup-dev ## sign-ins and accounting by the number of users and of stored sessions (15 minutes, 20 GB)
	@$(BIN)/python benchmarks/radius_sizes.py

soak: setup-dev ## a steady mixed load, and whether memory stays (MINUTES=30, RATE=packets a second)
	@$(BIN)/python benchmarks/soak.py --minutes $(or $(MINUTES),30) $(if $(RATE),--rate $(RATE))

at-size: setup-dev ## fill a private PostgreSQL with a million users and measure every list of the API (some 10 GB, 15 minutes)
	@$(BIN)/python benchmarks/at_size.py

clean: ## remove what make made in this folder (never GATE_DATA)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis build dist benchmarks/build benchmarks/results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
