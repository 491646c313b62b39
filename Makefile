# soakproof: `make` lists what there is to do.
# Every target that needs the environment in .venv makes it first, from requirements/lock.txt.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PLANT ?=
CONNECTIONS ?= 1000000
CROWD ?= 2000
RATE ?= 300
SOAK ?= reports/reference/soak-million

# Tests wait more than they work, so four processes share two cores; a file stays in one, and the longest begin.
SHARED := --numprocesses 4 --dist loadfile --no-loadscope-reorder
CASE ?=

# The scenario of `make loadtest`: the reference server, two hours of its time each second, so that every
# time-to-live (1 minute, 1 hour, 2 hours) turns over many times while it runs.
CLOCK_SPEED := 7200
SERVER = $(abspath $(BIN))/python -m server --port {port} --clock-speed $(CLOCK_SPEED) $(foreach plant,$(PLANT),--plant $(plant))

# Workers of a preloading arbiter, threads, a shell script and the newest Pythons: what is likeliest to break.
MATRIX_SLICE := leaky and (gunicorn-preload or flask-threading or python-3.14) or clean and (shell-script or python-3.15)

.DEFAULT_GOAL := help
.PHONY: help install programs corpus faults fuzz own-memory bench-cleanup bench-load bench-hold bench-hostile bench-observer bench-judge bench-peers operating accuracy accuracy-mends accuracy-slice fast-forward frameworks peer-suites matrix matrix-slice loadtest loadtest-hours soak-million memcheck baseline report test test-all wheel chart image check lint types imports audit lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(READY): requirements/lock.txt pyproject.toml
	@echo "soakproof: making the environment in $(VENV) (once; about a minute) ..."
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 15) else f"soakproof: {sys.executable} is Python {v[0]}.{v[1]}, need 3.11 to 3.15; name one: make PYTHON=python3.11 ...")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || requirements/install-programs environment
	@$(PYTHON) -m venv $(VENV) || { echo "soakproof: $(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 2; }
	@echo "soakproof: installing the locked packages ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@
	@echo "soakproof: the environment is ready."

install: $(READY) ## make the environment in .venv

loadtest: $(READY) ## soak the reference server with 10,000 connections; PLANT=document-locks plants a leak
	$(BIN)/soakproof run --config loadtests/loadtest.toml -- $(SERVER)

loadtest-hours: $(READY) ## the same server at true speed: its hours pass as its clock leaps
	$(BIN)/soakproof run --config loadtests/hours.toml -- $(abspath $(BIN))/python -m server --port {port}

soak-million: $(READY) ## a million connections in every drop mode, over hours; stop it and call it again to go on
	$(BIN)/python -m benchmarks.soak_million --connections $(CONNECTIONS) --clients $(CROWD) --rate $(RATE) --out $(SOAK)

memcheck: $(READY) ## the memory check of CI: a short soak, compared with the committed baseline
	@out=reports/runs/memcheck-$$(date -u +%Y-%m-%dT%H-%M-%SZ); \
	$(BIN)/soakproof run --config reports/baselines/memcheck.toml --out $$out -- $(SERVER) && \
	$(BIN)/soakproof compare reports/baselines/reference-server $$out

baseline: $(READY) ## renew the committed baseline of the memory check, and print what changes, line by line
	@out=reports/runs/baseline-$$(date -u +%Y-%m-%dT%H-%M-%SZ); \
	$(BIN)/soakproof run --config reports/baselines/memcheck.toml --out $$out -- $(SERVER) && \
	{ $(BIN)/soakproof compare reports/baselines/reference-server $$out; \
	cp $$out/run.jsonl reports/baselines/reference-server/run.jsonl && echo "reports/baselines/reference-server is $$out now"; }

report: $(READY) ## print the path of the newest report, and open it where there is a browser
	@$(BIN)/python -c 'import pathlib, sys, webbrowser; page = pathlib.Path("reports/latest/report.html").resolve(); sys.exit("no report yet: run `make loadtest`") if not page.exists() else print(page); webbrowser.open(page.as_uri())'

programs: ## install the system programs that the tests need, where that may be; the list is requirements/programs.txt
	@requirements/install-programs test

test: programs $(READY) ## the tests that take minutes, not tens of them
	$(BIN)/python -m pytest $(SHARED) -m "not slow" tests/e2e tests/faults tests/unit/testing tests/browser/test_memory_tab.py tests

test-all: programs $(READY) ## all tests, long soaks included
	@requirements/install-programs test-all
	$(BIN)/python -m pytest $(SHARED) tests/e2e tests/faults tests/unit/testing tests/browser/test_memory_tab.py tests

corpus: $(READY) ## soak real leaks of libraries, before and after they were mended; CASE=half-packet for one
	$(BIN)/python -m tests.corpus $(CASE)

faults: $(READY) ## break what can break, three times each, and docs/reliability.md; ONLY=harness_gone ROUNDS=1 JOBS=2
	$(BIN)/python -m tests.faults --rounds $(or $(ROUNDS),3) --only '$(ONLY)' --jobs $(or $(JOBS),6)

own-memory: $(READY) ## soakproof judged by itself, as many readings as of a day, 200 a second; SECONDS=150 for fewer
	$(BIN)/soakproof run --own-memory --tick 0.005 --waves 10 --max-waves 10 --clients 50 --steady $(or $(SECONDS),864) --rate 10 \
	  --drain 0 --trace never -f loadtests/collaboration.py -- $(SERVER)

fuzz: $(READY) ## a hundred thousand made-up files, and docs/reliability.md; it goes on where it was stopped; MINUTES=10
	$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/python -m pip install --quiet 'atheris==3.0.0'
	$(BIN)/python -m tests.faults.fuzzing --inputs $(or $(INPUTS),100000) --guided $(or $(GUIDED),20000) --minutes $(or $(MINUTES),600)

peer-suites: $(READY) ## others' test suites, bare and with the agent asked over and over; SUITES='wrapt starlette' for some
	$(BIN)/python -m tests.peersuites $(SUITES)

frameworks: $(READY) ## the applications of the cookbook, clean and leaky, as it says (three quarters of an hour); NAMES='nicegui reflex'
	$(BIN)/python -m tests.frameworks $(NAMES)

matrix: $(READY) ## every way to start a Python Socket.IO server, each with a clean and a leaky app (half an hour)
	$(BIN)/python -m pytest tests/matrix

matrix-slice: $(READY) ## five cells of the matrix, all at once (a minute or two)
	MATRIX_AT_ONCE=3 $(BIN)/python -m pytest tests/matrix -k "$(MATRIX_SLICE)"

bench-cleanup: $(READY) ## what a disconnect costs the reference server at 100 to 100,000 entries
	$(BIN)/python -m benchmarks.cleanup

bench-load: $(READY) ## CPU per connection of the clients, interleaved in one run
	$(BIN)/python -m benchmarks.load_cpu

bench-hold: $(READY) ## 10,000 clients held through two ping intervals: none lost, what each costs the generator
	$(BIN)/python -m benchmarks.hold_crowd

bench-hostile: $(READY) ## 10,000 hostile clients of every drop mode for ten minutes, and one that is answered; CLIENTS=500 MINUTES=1
	$(BIN)/python -m benchmarks.hostile_crowd --clients $(or $(CLIENTS),10000) --minutes $(or $(MINUTES),10)

bench-observer: $(READY) ## what being observed costs a server: CPU, pauses, memory, event loop
	$(BIN)/python -m benchmarks.observer

bench-judge: $(READY) ## a day of samples judged: seconds and megabytes
	$(BIN)/python -m benchmarks.judge_day

bench-peers: $(READY) ## what other tools say of the leaks of zoo and corpus, and docs/peers.md; JOBS=4 at a time
	$(BIN)/python -m benchmarks.peers --jobs $(or $(JOBS),1)

operating: $(READY) ## how often the judge errs, by simulation
	$(BIN)/python -m benchmarks.judge_operating

accuracy: $(READY) ## real runs against known truths, and docs/accuracy.md; ROUNDS=3 ONLY='fd*,trap' JOBS=2 MINUTES=30
	$(BIN)/python -m benchmarks.accuracy --rounds $(or $(ROUNDS),1) --only '$(or $(ONLY),*)' --minutes $(or $(MINUTES),100000) --jobs $(or $(JOBS),1)

accuracy-mends: $(READY) ## by how much the growth falls once each animal of the zoo is mended, of the runs that are kept
	$(BIN)/python -m benchmarks.accuracy.mends

fast-forward: $(READY) ## servers that clean up by age, and their leaky twins, and docs/fast-forward.md; ROUNDS=3 ONLY='sweeper*' JOBS=2
	$(BIN)/python -m benchmarks.fast_forward --rounds $(or $(ROUNDS),1) --only '$(or $(ONLY),*)' --jobs $(or $(JOBS),1)

accuracy-slice: $(READY) ## a planted leak, an animal of the zoo and both clean, in two minutes
	$(BIN)/python -m benchmarks.accuracy --slice

chart: $(READY) ## draw README's picture again, from runs in the repository
	$(BIN)/python -m benchmarks.leak_beside_bounded

image: ## build the images soakproof and soakproof-server, with docker, podman or buildah
	@requirements/build-images

wheel: $(READY) ## build the wheel, and soak with it in an environment of its own, without the checkout
	$(BIN)/python -m hatchling build -t wheel -d dist
	$(BIN)/python -m pytest tests/wheel

check: lint types imports audit test memcheck accuracy-slice matrix-slice wheel ## all that CI runs, cheapest first

audit: $(READY) ## whether what is locked has known vulnerabilities; OSV_DATABASE=PATH where there is no network
	$(BIN)/python requirements/audit.py

lint: $(READY) ## ruff: style and mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy --strict
	$(BIN)/mypy

imports: $(READY) ## the direction of flow
	$(BIN)/lint-imports --no-cache

lock: ## renew requirements/lock.txt from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --extra server --group dev pyproject.toml -o requirements/lock.txt

clean: ## remove the environment and what tools leave behind
	rm -rf .venv* .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov dist
