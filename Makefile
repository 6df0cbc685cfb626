# Each target with `##` behind it is listed by `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
PY := $(BIN)/python
export RASA_TELEMETRY_ENABLED := false
export PYTHONWARNINGS := ignore::DeprecationWarning
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 3

.PHONY: help setup environment train vectors run chat test check style types fast content-check evaluate safety-report bench screenshots documents page lock clean

help: ## This list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: environment train ## Environment and trained model; safe to repeat, redoes only what changed.

environment: .venv/.made ## Only the environment in .venv/.

.venv/.made: requirements.lock scripts/make-environment scripts/find-python
	@scripts/make-environment

train: environment ## Train the model, if anything it depends on has changed.
	@$(PY) -m bot train

vectors: environment ## Write the sentence vectors of all training texts, which are shipped, anew.
	@$(PY) -m bot vectors

run: setup ## Install, train and start the assistant in demonstration mode; prints its address.
	@exec $(PY) -m bot run --demo

chat: setup ## Talk to the assistant in this terminal.
	@exec $(PY) -m bot chat

test: setup ## Everything: style, types, content, unit, engine, browser and dialogue tests.
	@scripts/run-tests

check: environment style types fast content-check ## Style, types, content and fast tests; no model needed.

style:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types:
	@$(BIN)/mypy && $(BIN)/lint-imports

fast:
	@$(PY) -m pytest -q -m "not model and not browser and not postgres"

content-check: environment ## Check every answer against the facts and the house style.
	@$(PY) -m bot content check

examples-check: environment ## Check the training examples: enough of each kind, no copies.
	@$(PY) -m bot examples check

evaluate: setup ## Score the project's own held-out questions; prints the figures.
	@mkdir -p var && $(PY) -m bot evaluate data/heldout/en.jsonl --out var/heldout.jsonl

safety-report: setup ## Measure the safety gate on messages it has not seen; writes docs/safety/report.md.
	@$(PY) -m bot safety-report

compare: environment ## Compare pipelines by cross-validation; takes long; writes docs/benchmarks/pipelines.md
	@$(PY) -m bot compare

bench: setup ## Measure against a stock Rasa starter, on this machine, in one run.
	@$(PY) -m bot bench

page: ## Build the pages of chat and console anew; needs Node, which nothing else does.
	@scripts/build-page

screenshots: setup ## Take the pictures of every state of the page anew; writes docs/screenshots.
	@rm -rf var/screenshots && $(PY) -m pytest -q -m browser tests/browser/test_screenshots.py && $(PY) scripts/copy_screenshots.py

documents: environment ## Write the documents that are made from code.
	@$(PY) -m bot documents

lock: environment ## Write requirements.lock anew from pyproject.toml.
	@scripts/make-lock

clean: ## Remove environment, models and everything written while running.
	rm -rf .venv var .rasa results && find models -type f ! -name README.md -delete
