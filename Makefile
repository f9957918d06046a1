# One folder, one virtual environment. `make demo` runs the main job, `make test` all tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
CONSTRAINTS := constraints.txt
WORKERS ?= --numprocesses logical

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help demo test unit slow test-tune check fmt bench chaos docs clean

help: ## Say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet "pip>=25.1"

$(STAMPS)/base: pyproject.toml $(CONSTRAINTS) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: $(STAMPS)/base
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable ".[llama,media]" --group dev
	@touch $@

demo: $(STAMPS)/base ## Ask the example handbook six questions, English and Chinese
	@$(BIN)/surefoot demo

test: check unit slow ## Set up and run every test

unit: $(STAMPS)/dev ## The quick tests
	$(BIN)/python -m pytest -m "not slow and not bench" $(WORKERS) --dist worksteal

slow: $(STAMPS)/dev ## The tests that take longer, once, a file at a time on each core
	$(BIN)/python -m pytest -m "slow and not bench" $(WORKERS) --dist loadfile --durations 40

check: $(STAMPS)/dev ## Format, lint, types, layers
	$(BIN)/ruff format --check src tests
	$(BIN)/ruff check src tests
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(STAMPS)/dev ## Format the code
	$(BIN)/ruff format src tests
	$(BIN)/ruff check --fix src tests

bench: $(STAMPS)/dev ## Speed, as ratios to a reference of the same run
	$(BIN)/python -m pytest -m bench -s

chaos: $(STAMPS)/dev ## Kill ingestion a hundred times at random points
	SUREFOOT_CHAOS_CYCLES=100 $(BIN)/python -m pytest -m slow tests/integration/test_crash.py -s

docs: $(STAMPS)/dev ## Write the generated pages of docs/ anew
	$(BIN)/python docs/generate.py

# Torch comes first and exactly, so that a build without GPU libraries serves where there is one.
.venv-tune/.ready: pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv .venv-tune
	.venv-tune/bin/python -m pip install --quiet "pip>=25.1"
	.venv-tune/bin/python -m pip install --quiet torch==2.13.0
	.venv-tune/bin/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable ".[tune,llama]" --group dev
	@touch $@

test-tune: .venv-tune/.ready ## Train small models and compare engines (installs torch)
	.venv-tune/bin/python -m pytest -m "tune and not bench"

clean: ## Remove what the other targets made
	rm -rf $(VENV) .venv-tune .pytest_cache .mypy_cache .ruff_cache
