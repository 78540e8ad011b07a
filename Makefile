# `make` lists what one can do. Everything happens in .venv, which is made on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test check audit format bench chaos artwork screenshots lock clean

help: ## List what one can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp ## Run Laurel (settings from the environment or .env)
	@$(BIN)/laurel run

test: $(VENV)/dev.stamp ## Run the tests
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: $(VENV)/dev.stamp ## Format, lint, types, layers and known dangers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive bot commands storage

audit: $(VENV)/dev.stamp ## Ask whether a dependency has a known fault (over the network)
	@$(BIN)/pip-audit --require-hashes --disable-pip --requirement requirements.txt

format: $(VENV)/dev.stamp ## Put the code into the house's form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/dev.stamp ## Measure speed; prints ratios (BENCH=name for one of them)
	@$(BIN)/python -m tests.benchmarks $(BENCH)

chaos: $(VENV)/dev.stamp ## Run the full-size replays, which take minutes
	@$(BIN)/python -m pytest tests/chaos

artwork: $(VENV)/run.stamp ## Draw the starter badges anew
	@$(BIN)/python -m bot.artwork.starter

screenshots: $(VENV)/dev.stamp ## Take the README's pictures anew, from the playground
	@$(BIN)/python -m tests.screenshots

lock: $(VENV)/dev.stamp ## Pin the dependencies anew, with hashes
	@$(BIN)/uv pip compile -q pyproject.toml --group build --upgrade --generate-hashes --no-emit-index-url --universal --python-version 3.11 --no-header -o requirements.txt
	@$(BIN)/uv pip compile -q pyproject.toml --group build --group dev --upgrade --generate-hashes --no-emit-index-url --universal --python-version 3.11 --no-header -c requirements.txt -o requirements-dev.txt

clean: ## Remove the virtual environment and caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Laurel needs Python 3.11 or newer; PYTHON=python3.12 make … chooses one."; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv"; rm -rf $(VENV); exit 2; }

$(VENV)/run.stamp: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Laurel needs into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "Installing what developing Laurel needs …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
