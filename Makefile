# Every target needs only Python >= 3.11; the rest comes from requirements.lock.
PYTHON ?= python3
HOME_DIR := $(or $(LOUYU_HOME),.louyu)
RUN := $(HOME_DIR)/venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help venv gen lock up down reset rows

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)$$/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

venv: ## the Python environment, from requirements.lock
	@$(PYTHON) deploy/local/bootstrap.py

gen: venv ## everything that is generated: contracts from proto/
	@$(RUN) -m deploy.codegen.contracts

lock: venv ## requirements.lock from requirements.in
	@$(HOME_DIR)/venv/bin/uv pip compile --quiet --universal --generate-hashes --no-annotate \
	  --python-version 3.11 --custom-compile-command "make lock" requirements.in -o requirements.lock

up: venv ## the whole district on this machine; Ctrl-C stops it and keeps the data
	@$(RUN) -m deploy.local up

down: venv ## stop the district that runs from this folder
	@$(RUN) -m deploy.local down

reset: venv ## delete all data (asks first; YES=1 does not)
	@$(RUN) -m deploy.local reset

rows: venv ## which mechanisms the last test run proved
	@$(RUN) -m deploy.checks.rows
