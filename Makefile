# Balise. `make` alone lists what can be made.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: help setup setup-test demo test lint format bench lock messages coverage wheel docs
BIN := .venv/bin

help: ## This list
	@echo "make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what is missing and leave a working .venv/bin/balise
	@scripts/setup.sh

setup-test:
	@scripts/setup.sh --test

demo: setup ## Load the demonstration, start everything and print its accounts
	@exec $(BIN)/balise demo up

test: lint ## Every check and test
	@scripts/test.sh

lint: setup-test ## Style, types and the laws between modules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy core plugins collectors tests examples/*/*/ docs
	@$(BIN)/lint-imports --no-logo

format: setup-test ## Put the code into the project's form
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

coverage: setup-test ## The tests, with the lines they do not reach
	@$(BIN)/pytest --cov --cov-report=term-missing:skip-covered

bench: setup-test ## Measure speed and size, printed as ratios
	@over=0; for bench in tests/performance/bench_*.py; do \
	  echo "== $$bench"; $(BIN)/python "$$bench" || over=1; done; exit $$over

messages: setup-test ## Collect the source strings into the translation files
	@scripts/messages.sh

docs: setup-test ## Build the documentation into build/docs, without a warning
	@$(BIN)/python -m sphinx -q -W --keep-going -b html docs build/docs
	@echo build/docs/index.html

wheel: setup ## Build dist/balise-*.whl, which pip installs anywhere
	@rm -rf build dist
	@$(BIN)/python -m pip --quiet wheel --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

lock: ## Write requirements/*.txt anew from pyproject.toml (UPGRADE=1: newest of everything)
	@scripts/lock.sh
