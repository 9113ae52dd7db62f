# The commands of the project. They need Python 3.11 or newer with venv, and make; nothing else, and no root.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
CONFIG ?= config
STATE  ?= state

.PHONY: run demo test check bench lock starter clean

run: $(VENV)/.run-installed          ## install what is needed and start the service
	$(BIN)/monitor run --config $(CONFIG) --state $(STATE)

demo: $(VENV)/.run-installed         ## a small newsroom on this machine, in a minute
	$(BIN)/monitor demo

test: $(VENV)/.dev-installed         ## all tests, with the coverage that the pure packages must keep
	$(BIN)/python -m tests.run

check: $(VENV)/.dev-installed        ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.dev-installed        ## measurements; see docs/benchmarks.md
	$(BIN)/python -m bench

lock: $(VENV)/.dev-installed         ## make the lock files anew from pyproject.toml
	UV_NO_PROGRESS=1 $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --group build -o requirements/run.txt pyproject.toml
	UV_NO_PROGRESS=1 $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -c requirements/run.txt --group build --group dev -o requirements/dev.txt pyproject.toml

starter:                             ## pack config/ as the starter that `monitor init` and the demo use
	rm -rf monitor/starter && cp -R config monitor/starter

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-installed: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev-installed: requirements/dev.txt $(VENV)/.run-installed
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

clean:                               ## take the environment away (config and state stay)
	rm -rf $(VENV) .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
