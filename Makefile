# The front door: thin targets; what they do is in cli/ and, for work on this repository itself, in dev/. Works with GNU make 3.81 and later.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Without bytecode every start of the Azure SDK takes 2 seconds more.
unexport PYTHONDONTWRITEBYTECODE

STACK ?= dev
CLOUD ?= simulated
# What `make changes` compares with
BASE ?= origin/main
# More arguments for pulumi or pytest, such as ARGS=--diff
ARGS ?=

python := .venv/bin/python

.PHONY: help
help: ## show this table
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  STACK=dev|prod|…        the stack, by its file Pulumi.<stack>.yaml (now: $(STACK))"
	@echo "  CLOUD=simulated|azure   the simulated cloud, or Azure with your credentials (now: $(CLOUD))"
	@echo "  BASE=origin/main        the commit that make changes compares with (now: $(BASE))"
	@echo "  ARGS='…'                more arguments for pulumi or pytest"

.PHONY: up preview refresh destroy outputs
up: .venv/.runtime ## deploy the stack, then show its outputs and its address plan
preview: .venv/.runtime ## show what `make up` would change
refresh: .venv/.runtime ## compare the stack's state with the cloud
destroy: .venv/.runtime ## delete everything in the stack
outputs: .venv/.runtime ## show the stack's outputs and its address plan again
up preview refresh destroy outputs:
	@$(python) -m cli.run $@ --stack $(STACK) --cloud $(CLOUD) $(ARGS)

.PHONY: doctor
doctor: $(if $(filter azure,$(CLOUD)),.venv/.azure,.venv/.runtime) ## before the first deployment: tools, sign-in, quotas, names, rights; read-only
	@$(python) -m cli.doctor --stack $(STACK) --cloud $(CLOUD) $(ARGS)

.PHONY: recover sweep
recover: .venv/.runtime ## after an interrupted run: adopt what was created, forget what was not
	@$(python) -m cli.recover --stack $(STACK) --cloud $(CLOUD) $(ARGS)
sweep: .venv/.development ## interrupt every operation in every way, recover, compare (takes hours)
	@$(python) -m dev.fault_injection $(ARGS)

.PHONY: plan
plan: .venv/.runtime ## show the stack's address plan, without engine and cloud, and draw it
	@$(python) -m cli.plan --stack $(STACK) $(ARGS)

.PHONY: reachability
reachability: .venv/.runtime ## who reaches whom in the deployed stack, from its state alone
	@$(python) -m cli.reachability --stack $(STACK) --cloud $(CLOUD) $(ARGS)

.PHONY: readme
readme: .venv/.runtime ## the deployed stack's page: endpoints, ways in, addresses, what retires when
	@$(python) -m cli.stack_readme --stack $(STACK) --cloud $(CLOUD) $(ARGS)

.PHONY: diagram
diagram: .venv/.development ## draw the deployed stack's topology, from its state alone
	@$(python) -m cli.diagram --stack $(STACK) --cloud $(CLOUD) $(ARGS)

.PHONY: changes
changes: .venv/.runtime ## what the commits since BASE change in the stack, as a pull request shows it
	@$(python) -m dev.ci.pull_request --stack $(STACK) --cloud $(CLOUD) --base $(BASE) $(ARGS)

.PHONY: audit
audit: .venv/.runtime ## hold the deployed stack against the security rules
	@$(python) -m cli.audit --stack $(STACK) --cloud $(CLOUD) $(ARGS)

.PHONY: edits
edits: .venv/.runtime ## find out what changes of a stack file do, and write docs/edits.md
	@$(python) -m dev.docs.edits --write $(ARGS)

.PHONY: checkov
checkov: .venv/.runtime ## hold the deployed stack against checkov's rules, by way of an ARM template
	@$(python) -m cli.checkov --stack $(STACK) --cloud $(CLOUD) $(ARGS)

.PHONY: docs
docs: .venv/.development ## write the page of all options anew, of the settings' models
	@$(python) -m dev.docs.options --write

.PHONY: compare
compare: .venv/.runtime ## the network models side by side, for the stack's own pools
	@$(python) -m cli.plan --compare --stack $(STACK) $(ARGS)

.PHONY: timeline drift
timeline: .venv/.runtime ## draw when each operation of a deployment runs, in documented durations
	@$(python) -m dev.timeline.timeline --stack $(STACK) $(ARGS)
drift: .venv/.runtime ## change the simulated cloud behind the program's back: make drift ARGS=--help
	@$(python) -m cli.drift $(ARGS)

.PHONY: test test-unit lint examples
examples: .venv/.development ## every example up, settled and destroyed, under the real engine
	@$(python) -m cli.pulumi_cli >/dev/null
	@$(python) -m pytest tests/engine/test_examples.py -v $(ARGS)
test: .venv/.development ## all tests, those under the real Pulumi engine included
	@$(python) -m cli.pulumi_cli >/dev/null
	@$(python) -m pytest --hypothesis-profile=full $(ARGS)
test-unit: .venv/.development ## the quick tests: pure modules and components under mocks
	@$(python) -m pytest -m "not engine" $(ARGS)
lint: .venv/.development ## ruff, pyright, actionlint
	@$(python) -m dev.lint

.PHONY: hooks
hooks: .venv/.development ## have git run the linters before each commit
	@$(python) -m pre_commit install

.PHONY: bench
bench: .venv/.development ## measure preview, growth, planner and set-up: a quiet machine, some minutes
	@$(python) -m benchmarks $(ARGS)

.PHONY: lock clean
lock: ## pin the requirements anew (needs uv)
	@for file in requirements requirements-azure requirements-dev; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header $$file.in --output-file $$file.txt >/dev/null || exit; done
clean: ## remove the simulated cloud, its backend and its stack files
	rm -rf .local

# An interpreter that is gone, such as an upgraded one, makes its links dangle.
.venv/.runtime .venv/.azure .venv/.development: $(if $(wildcard $(python)),,FORCE)
.venv/.runtime: requirements.txt cli/bootstrap.py
	@cli/bootstrap.sh runtime
.venv/.azure: requirements-azure.txt cli/bootstrap.py
	@cli/bootstrap.sh azure
.venv/.development: requirements-dev.txt cli/bootstrap.py
	@cli/bootstrap.sh development
.PHONY: FORCE
FORCE:
