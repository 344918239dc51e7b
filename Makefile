# Thin targets: cli/ has the commands for users, dev/ those for work on this repository. Needs GNU make 3.81 or later.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Without bytecode every start of the Azure SDK takes 2 seconds longer.
unexport PYTHONDONTWRITEBYTECODE

STACK ?= dev
CLOUD ?= simulated
# The commit that `make changes` compares with
BASE ?= origin/main
# More arguments for the command, such as ARGS=--diff
ARGS ?=

python := .venv/bin/python
# What the commands need: on Azure nothing of the simulator's
environment := $(if $(filter azure,$(CLOUD)),.venv/.azure,.venv/.simulator)

.PHONY: help
help: ## show this table
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  STACK=dev|prod|…        the stack, from its file Pulumi.<stack>.yaml (now: $(STACK))"
	@echo "  CLOUD=simulated|azure   the simulated cloud, or Azure with your sign-in (now: $(CLOUD))"
	@echo "  BASE=origin/main        the commit that make changes compares with (now: $(BASE))"
	@echo "  ARGS='…'                more arguments for the command; ARGS=--help lists them"

.PHONY: up preview refresh destroy outputs
up: $(environment) ## deploy the stack, then show its outputs and its address plan
preview: $(environment) ## show what `make up` would change
refresh: $(environment) ## update the stack's state from the cloud
destroy: $(environment) ## delete everything in the stack
outputs: $(environment) ## show the stack's outputs and its address plan
up preview refresh destroy outputs:
	@$(python) -m cli.run $@ --stack $(STACK) --cloud $(CLOUD) $(ARGS)

.PHONY: doctor certificate recover plan compare reachability readme diagram changes audit checkov drift
doctor: $(environment) ## check tools, sign-in, quotas, names and permissions before a deployment
	@$(python) -m cli.doctor --stack $(STACK) --cloud $(CLOUD) $(ARGS)
certificate: .venv/.azure ## make a self-signed certificate for a first deployment, and set it in your stack
	@$(python) -m cli.certificate --stack $(STACK) $(ARGS)
recover: $(environment) ## repair the stack's state after an interrupted run
	@$(python) -m cli.recover --stack $(STACK) --cloud $(CLOUD) $(ARGS)
plan: $(environment) ## show and draw the stack's address plan, without Pulumi and cloud
	@$(python) -m cli.plan --stack $(STACK) $(ARGS)
compare: $(environment) ## compare the network models for the stack's own node pools
	@$(python) -m cli.plan --compare --stack $(STACK) $(ARGS)
reachability: $(environment) ## show which endpoints of the deployed stack reach each other
	@$(python) -m cli.reachability --stack $(STACK) --cloud $(CLOUD) $(ARGS)
readme: $(environment) ## show the deployed stack's page: endpoints, addresses, retirement dates
	@$(python) -m cli.stack_readme --stack $(STACK) --cloud $(CLOUD) $(ARGS)
diagram: .venv/.development ## draw the topology of the deployed stack
	@$(python) -m cli.diagram --stack $(STACK) --cloud $(CLOUD) $(ARGS)
changes: $(environment) ## show what the commits since BASE change, as on a pull request
	@$(python) -m cli.changes --stack $(STACK) --cloud $(CLOUD) --base $(BASE) $(ARGS)
audit: $(environment) ## check the deployed stack against the security rules
	@$(python) -m cli.audit --stack $(STACK) --cloud $(CLOUD) $(ARGS)
checkov: $(environment) ## check the deployed stack against checkov's rules
	@$(python) -m cli.checkov --stack $(STACK) --cloud $(CLOUD) $(ARGS)
drift: .venv/.simulator ## change the simulated cloud outside of Pulumi: make drift ARGS=--help
	@$(python) -m cli.simulated.drift $(ARGS)

.PHONY: test test-unit examples lint hooks
test: .venv/.development ## run all tests, with those under the Pulumi engine
	@$(python) -m cli.pulumi_cli >/dev/null
	@$(python) -m pytest --hypothesis-profile=full $(ARGS)
test-unit: .venv/.development ## run the fast tests: pure modules, and components under mocks
	@$(python) -m pytest -m "not engine" $(ARGS)
examples: .venv/.development ## deploy and destroy every example under the Pulumi engine
	@$(python) -m cli.pulumi_cli >/dev/null
	@$(python) -m pytest tests/engine/test_examples.py -v $(ARGS)
lint: .venv/.development ## run ruff, pyright and actionlint
	@$(python) -m dev.lint
hooks: .venv/.development ## let git run the linters before each commit
	@$(python) -m pre_commit install

.PHONY: timeline sweep bench docs edits
timeline: .venv/.simulator ## draw when each operation of a deployment runs, with typical durations
	@$(python) -m dev.timeline --stack $(STACK) $(ARGS)
sweep: .venv/.development ## inject faults into every operation, recover, compare (takes hours)
	@$(python) -m dev.fault_injection $(ARGS)
bench: .venv/.development ## measure preview, growth, planner and set-up (some minutes, idle machine)
	@$(python) -m dev.benchmarks $(ARGS)
docs: .venv/.development ## write docs/options.md from the models of the settings
	@$(python) -m dev.docs.options --write
edits: .venv/.simulator ## find out what changes of a stack file do, and write docs/edits.md
	@$(python) -m dev.docs.edits --write $(ARGS)

.PHONY: lock clean
# One resolution: the other files take their pins from requirements-dev.txt. They are plain
# requirements files, because uv.lock would hold the addresses of the package index.
pin = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url
lock: ## pin the requirements of pyproject.toml with hashes; ARGS=--upgrade (needs uv)
	@$(pin) $(ARGS) --group development --output-file requirements-dev.txt >/dev/null
	@$(pin) --group program --constraints requirements-dev.txt --output-file requirements.txt >/dev/null
	@$(pin) --group azure --constraints requirements-dev.txt --output-file requirements-azure.txt >/dev/null
	@$(pin) --group simulator --constraints requirements-dev.txt --output-file requirements-simulator.txt >/dev/null
clean: ## remove the simulated cloud, its backend and its stack files
	rm -rf .local

# The links of .venv dangle when its interpreter is gone, for example after an upgrade.
.venv/.azure .venv/.simulator .venv/.development: $(if $(wildcard $(python)),,FORCE)
.venv/.azure: requirements-azure.txt cli/bootstrap.py
	@cli/bootstrap.sh azure
.venv/.simulator: requirements-simulator.txt cli/bootstrap.py
	@cli/bootstrap.sh simulator
.venv/.development: requirements-dev.txt cli/bootstrap.py
	@cli/bootstrap.sh development
.PHONY: FORCE
FORCE:
