# From a fresh machine to a rendered document, and to every check the project holds itself to. Needed are Python 3.11
# or newer, make, and a package index that pip reaches; no TeX. Everything lands in .venv and output/; a second run
# installs nothing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXAMPLE := padhai-multiple-paths
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# pip compiles what it installs, but not what it installs as editable: without this, a machine that writes no bytecode
# (PYTHONDONTWRITEBYTECODE) would compile the program anew at every start.
COMPILE = $(BIN)/python -m compileall -q solver

.PHONY: help example test test-all bench clean
.DEFAULT_GOAL := help

help:
	@echo "make example   render one worked solution: output/$(EXAMPLE)/solution.pdf and .md"
	@echo "make test      lint, types, import directions and the everyday tests"
	@echo "make test-all  the same, with the slow sweeps"
	@echo "make bench     how long commands take, as ratios to what they cannot do without"
	@echo "make clean     forget caches and output; .venv stays"

example: $(VENV)/.installed
	@$(BIN)/python -m solver render --to pdf,md problems/$(EXAMPLE).toml
	@echo "The worked solution: output/$(EXAMPLE)/solution.pdf and output/$(EXAMPLE)/solution.md"

test: check
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

test-all: check
	$(BIN)/python -m pytest -n auto --dist worksteal

# What needs no test run. Quick, so it comes first.
.PHONY: check
check: $(VENV)/.installed-dev
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.bench

clean:
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find output -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	find solver tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: installed once, and again when pyproject.toml changes. The developer's set contains the reader's.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(PIP) install --editable .
	@$(COMPILE)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[dev]'
	@$(COMPILE)
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit(f"Chainsheet needs Python 3.11 or newer; $(PYTHON) is {sys.version.split()[0]}. Say which: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv does not work here; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
