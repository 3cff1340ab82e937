# Every target needs only Python >= 3.11; the rest comes from requirements.lock.
PYTHON ?= python3
HOME_DIR := $(or $(LOUYU_HOME),.louyu)
RUN := $(HOME_DIR)/venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help venv gen lock

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)$$/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

venv: ## the Python environment, from requirements.lock
	@$(PYTHON) deploy/local/bootstrap.py

gen: venv ## everything that is generated: contracts from proto/
	@$(RUN) -m deploy.codegen.contracts

lock: venv ## requirements.lock from requirements.in
	@$(HOME_DIR)/venv/bin/uv pip compile --quiet --universal --generate-hashes --no-annotate \
	  --python-version 3.11 --custom-compile-command "make lock" requirements.in -o requirements.lock
