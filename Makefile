# Lvjin 绿津. `make run` and `make test` need python3 (3.11 or newer), make and a package index; nothing else.
#
#   make run     set up, then run the plan and the baseline on the Jiangjin data
#   make test    set up, then check the style, the imports and the types, and run the tests
#   make app     set up, then start the application for policymakers in the browser
#   make soak    the tests that take minutes: kills, full disks, power failures, random worlds, spoilt files
#   make mutants mistakes planted in the ledger, the policies, the draws and the store: do the tests notice?
#   make determinism  the same bytes in every environment and from every Python that is found (ten minutes)
#   make bench   the benchmarks
#   make calibrate  a posterior anew from facts up to 2021, for configs/posterior.csv
#   make answers ask the questions of docs/experiments.md and put the answers there (a quarter of an hour; goes on where it stopped)
#   make readme  run the main job, beside the scenario without policies, and refresh the numbers and pictures of the READMEs
#   make setup   only set up the private environment in .venv
#   make lock    write the lock files anew (for maintainers)
#   make clean   remove what these targets made
#
# Another Python: make run PYTHON=/path/to/python3.12

PYTHON ?= python3
SHELL := /bin/bash
.DELETE_ON_ERROR:
.ONESHELL:
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := run
.PHONY: run test app soak mutants determinism bench calibrate answers readme setup setup-app setup-test lint lock clean

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

# A person's settings must not reach the environment: packages of the home folder, another project's path.
export PYTHONNOUSERSITE := 1
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

run: setup
	$(BIN)/lvjin run

setup: .venv/.warm
setup-app: .venv/.app .venv/.warm
setup-test: .venv/.test .venv/.browser .venv/.proxy .venv/.warm

# Each step leaves a stamp when it is done, so a second call skips it and an interrupted one starts that step again.
# The locks are complete, hence --no-deps: the pip that comes with Python 3.11 cannot follow extras in a hashed lock.
.venv/.locked: requirements.lock
	@if ! command -v "$(PYTHON)" >/dev/null; then
	    echo "Python was not found as '$(PYTHON)'. Install Python 3.11 or newer (Debian: apt install python3 python3-venv), or say where it is: make PYTHON=/path/to/python3" >&2; exit 1
	fi
	version=$$("$(PYTHON)" -c 'import sys; sys.stdout.write("%d.%d.%d" % sys.version_info[:3])') || { echo "'$(PYTHON)' does not start. Say where a working Python is: make PYTHON=/path/to/python3" >&2; exit 1; }
	if ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
	    echo "Python 3.11 or newer is needed, '$(PYTHON)' is $$version. Say where a newer one is: make PYTHON=/path/to/python3.11" >&2; exit 1
	fi
	if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then
	    echo "This Python ($$version) cannot make private environments: its 'venv' part is missing. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1
	fi
	echo "Setting up .venv with Python $$version (about a minute, once) ..."
	"$(PYTHON)" -m venv --clear .venv
	$(PIP) install --quiet --no-deps --require-hashes -r requirements.lock
	touch $@

.venv/.installed: .venv/.locked pyproject.toml
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	$(PIP) check
	touch $@

.venv/.warm: .venv/.installed
	@if [ -f sim/warmup.py ]; then
	    echo "Compiling the model (once) ..."
	    $(BIN)/python -m sim.warmup
	fi
	touch $@

.venv/.test: .venv/.installed requirements-test.lock
	@echo "Installing what the tests need (about a minute, once) ..."
	$(PIP) install --quiet --no-deps --require-hashes -r requirements-test.lock
	$(PIP) check
	touch $@

.venv/.app: .venv/.installed requirements-app.lock
	@echo "Installing the application (about a minute, once) ..."
	$(PIP) install --quiet --no-deps --require-hashes -r requirements-app.lock
	$(PIP) check
	touch $@

# The application is tested in a real browser, and Chinese has to show in it.
.venv/.browser: | .venv/.locked
	@if ! command -v chromium >/dev/null || ! fc-list :lang=zh 2>/dev/null | grep -q .; then
	    install="apt-get install --yes --no-install-recommends chromium fontconfig fonts-noto-cjk"
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	        echo "Installing Chromium and a Chinese font for the browser test (a minute or two, once) ..."
	        { apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive $$install; } >.venv/browser.log 2>&1 || { tail -5 .venv/browser.log >&2; echo "The browser test needs Chromium and a Chinese font: $$install" >&2; exit 1; }
	    else
	        echo "The browser test needs Chromium and a Chinese font. Ask an administrator for: $$install" >&2; exit 1
	    fi
	fi
	touch $@

# The example of docs/app.md is tested in a real nginx. Unpacked and not installed, as an installed one starts to serve.
.venv/.proxy: | .venv/.locked
	@for tool in nginx openssl; do
	    if ! PATH="$$PATH:/usr/sbin" command -v $$tool >/dev/null; then
	        echo "Fetching $$tool for the test of the example in docs/app.md (once) ..."
	        folder=.venv/debian/fetched
	        rm -rf $$folder && mkdir -p $$folder
	        if ! { command -v apt-get && { [ "$$(id -u)" != 0 ] || apt-get update --quiet=2; } && (cd $$folder && apt-get download $$tool) && dpkg-deb --extract $$folder/$${tool}_*.deb .venv/debian; } >.venv/proxy.log 2>&1; then
	            tail -5 .venv/proxy.log >&2
	            echo "The test of the application behind a proxy needs $$tool. Ask an administrator for: apt-get install $$tool" >&2; exit 1
	        fi
	    fi
	done
	touch $@

lint: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# The kernels run three times: interpreted (finds divisions by zero), bounds-checked, and as users run them.
# The complete suite comes last, so that its summary closes the output.
test: lint
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q -m "kernels and not soak" || [ $$? -eq 5 ]
	NUMBA_BOUNDSCHECK=1 $(BIN)/python -m pytest -q -m "kernels and not soak" || [ $$? -eq 5 ]
	$(BIN)/python -m pytest

app: setup-app
	$(BIN)/lvjin app

# What soaks find is kept in docs/reliability/, from which docs/reliability.md is written, failures included.
soak: setup-test
	$(BIN)/python -m sim.warmup
	trap '$(BIN)/python -m benchmarks.reliability_page' EXIT
	$(BIN)/python -m pytest -m soak $(SOAK)

# On two processors; the long ones have targets of their own.
SOAK ?= -n 2 --dist worksteal --ignore=tests/test_determinism.py --ignore=tests/test_mutants.py
mutants: SOAK := -n 2 --dist worksteal tests/test_mutants.py
mutants: soak
determinism: SOAK := tests/test_determinism.py
determinism: soak

bench: setup
	$(BIN)/python -m benchmarks

calibrate: setup-test
	$(BIN)/lvjin calibrate --install

answers: setup
	$(BIN)/python -m experiments.answers

readme: setup
	$(BIN)/lvjin run none baseline plan
	$(BIN)/python -m experiments.readme

# Needs uv in the path (pip install uv). The run lock takes its versions from the test lock: what is tested is what runs.
# Both hold for every Python from 3.11 on, carry a hash for each file, and name no address.
# Versions already locked stay; to take newer ones: make lock UPGRADE=--upgrade
UPGRADE ?=
UV_COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
lock:
	printf 'setuptools>=77\n' > .lock-build.in
	trap 'rm -f .lock-build.in' EXIT
	$(UV_COMPILE) pyproject.toml .lock-build.in --extra app --extra cluster --extra test $(UPGRADE) --output-file requirements-test.lock
	$(UV_COMPILE) pyproject.toml .lock-build.in --extra app --constraint requirements-test.lock $(UPGRADE) --output-file requirements-app.lock
	$(UV_COMPILE) pyproject.toml .lock-build.in --constraint requirements-test.lock $(UPGRADE) --output-file requirements.lock

clean:
	rm -rf .venv .numba build dist lvjin.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find agents benchmarks experiments sim tests viz -name __pycache__ -type d -prune -exec rm -rf {} +
