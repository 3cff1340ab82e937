# Every target needs only Python >= 3.11; everything else comes from requirements.lock.
PYTHON ?= python3
RUN := $(or $(LOUYU_HOME),.louyu)/venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help venv up down restart rekey reset backup restore demo code metrics test lint gen bench prove rows lock \
  screenshots

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)$$/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

up: venv ## the whole district on this machine; Ctrl-C stops it and keeps the data
	@$(RUN) -m deploy.local up

down: venv ## stop the district that runs from this folder
	@$(RUN) -m deploy.local down

restart: venv ## replace the running services one by one, without a failed request
	@$(RUN) -m deploy.local restart

rekey: venv ## a new key for people's numbers, without a failed request; then a backup
	@$(RUN) -m deploy.local rekey

reset: venv ## delete all data (asks first; YES=1 does not)
	@YES=$(YES) $(RUN) -m deploy.local reset

backup: venv ## back up the district of this folder and archive its changes from now on
	@$(RUN) -m deploy.local backup

restore: venv ## a stopped district as it was last archived (asks first; YES=1 does not)
	@YES=$(YES) $(RUN) -m deploy.local restore

demo: venv ## load the demo district into the one that runs
	@$(RUN) -m deploy.local demo

metrics: venv ## Prometheus over the running district; Ctrl-C stops it
	@$(RUN) -m deploy.observability

test: venv ## every test; installs what it needs
	@$(RUN) -m deploy.checks.chromium >/dev/null
	@$(RUN) -m deploy.local.web test
	@$(RUN) -m pytest -n 2

lint: venv ## style, types, imports, house rules, contracts, web
	@$(RUN) -m ruff check
	@$(RUN) -m ruff format --check --quiet
	@$(RUN) -m deploy.checks.sources
	@$(RUN) -m deploy.checks.dependencies
	@$(dir $(RUN))lint-imports --no-logo
	@$(RUN) -m deploy.codegen.contracts --check
	@$(RUN) -m deploy.codegen.permissions --check
	@$(RUN) -m gateway.api.document services/web/openapi.json --check
	@$(RUN) -m deploy.codegen.buf
	@$(RUN) -m mypy
	@$(RUN) -m deploy.local.web lint typecheck

gen: venv ## everything that is generated: contracts from proto/
	@$(RUN) -m deploy.codegen.contracts
	@$(RUN) -m deploy.codegen.permissions
	@$(RUN) -m gateway.api.document services/web/openapi.json

prove: venv ## the promises in full: faults, floods, hostile input; nearly three hours
	@LOUYU_PROVE=full $(RUN) -m pytest tests/chaos tests/contract

screenshots: venv ## every page of the running district at 390, 1280 and 1920 px, into .louyu/screenshots
	@$(RUN) -m tests.browser.screenshots

rows: venv ## which mechanisms the last test run proved
	@$(RUN) -m deploy.checks.rows

lock: venv ## requirements.lock from requirements.in
	@$(dir $(RUN))uv pip compile --quiet --universal --generate-hashes --no-annotate \
	  --python-version 3.11 --custom-compile-command "make lock" requirements.in -o requirements.lock

venv: ## the Python environment of this checkout
	@$(PYTHON) deploy/local/bootstrap.py

bench: venv ## measure the figures against an ordinary monolith; writes bench.json
	@$(RUN) -m tests.bench

code: venv ## LOGIN=clerk: the code of a demo account's second factor
	@$(RUN) -m demo code $(LOGIN)
