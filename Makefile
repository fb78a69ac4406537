# `make` alone says what there is
PYTHON ?= python3
VENV ?= .venv
ARGS ?=
# a file of tests a process, as many processes as there are cores: files share what they start; in the
# order of tests/conftest.py, because xdist would begin with those of many tests and not with the long ones
SPREAD ?= -n auto --dist loadfile --no-loadscope-reorder

# what decides must be covered to the last branch: packages, so that a new file cannot be forgotten
DECIDES = model mapping plan claims discovery names identity pci_address

.DEFAULT_GOAL := help
.PHONY: help demo test lint pytest quick portable lowest dist venv race faults nightly search zun tempest docs sample clean

help:
	@echo "make WHAT, where WHAT is"
	@awk '/^## / { about = substr($$0, 4) } /^[a-z-]+:/ { \
		if (about) printf "  %-12s %s\n", substr($$1, 1, length($$1) - 1), about; about = "" }' Makefile

## see it work, against a real Placement on a SQLite file
demo:
	@echo "Installing into .venv-demo, unless that has been done (about half a minute) …"
	@$(PYTHON) tools/make_venv.py .venv-demo demo
	@.venv-demo/bin/pci-placement demo $(ARGS)

## everything that CI checks
test: lint pytest

## the environment that all of these but the demo use
venv:
	@echo "Installing into $(VENV), unless that has been done (about half a minute) …"
	@$(PYTHON) tools/make_venv.py $(VENV) test,lint

## ruff, mypy --strict and who may import whom
lint: venv
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo

## all tests, with the branch coverage of what decides
pytest: venv
	$(VENV)/bin/pytest $(SPREAD) $(DECIDES:%=--cov=pci_placement.%) --cov-branch --cov-fail-under=100 \
		--cov-report=term-missing:skip-covered $(ARGS)

## the red-green loop: the units, without properties (hypothesis marks them), servers and hosts
quick: venv
	$(VENV)/bin/pytest -q -m "not hypothesis and not exhaustive" tests/unit

# what depends on the Python and on the libraries: examples, not the search for new ones, and the commands at a server
PORTABLE = -q $(SPREAD) -m "not hypothesis and not exhaustive" tests/unit tests/hosts tests/functional/test_cli.py

## for the other Pythons: the units, real hosts, and the command line at a real Placement
portable: venv
	$(VENV)/bin/pytest $(PORTABLE)

## the oldest versions of all that pyproject.toml names; their warnings are not about us
lowest:
	@$(PYTHON) tools/make_venv.py --lowest .venv-lowest test
	.venv-lowest/bin/pytest -W default $(PORTABLE) tests/functional/test_agent.py tests/functional/test_metrics.py

## sdist, wheel and the list of what an installation brings (SBOM), the same bytes each time
dist: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct)
dist:
	@$(PYTHON) tools/make_venv.py .venv-dist dist
	rm -rf dist build/plain
	.venv-dist/bin/python -m build --no-isolation
	.venv-dist/bin/python -m venv --without-pip build/plain
	.venv-dist/bin/python -m pip -q --python build/plain/bin/python install dist/*.whl
	.venv-dist/bin/cyclonedx-py environment --pyproject pyproject.toml --short-PURLs --output-reproducible \
		-o dist/pci-placement.cdx.json build/plain/bin/python
	cd dist && sha256sum *

RACE_SECONDS ?= 120
RACE_WORKERS ?= 4
RACE_DATABASE ?= postgresql

## claims at full speed on a changing host, on a database server
race: venv
	@tools/install_system.sh $(RACE_DATABASE)
	@cd tests && $(abspath $(VENV))/bin/python -m race --seconds $(RACE_SECONDS) \
		--workers $(RACE_WORKERS) --database $(RACE_DATABASE) $(ARGS)

## every kind of fault at every request of every scenario
faults: venv
	FAULTS=all $(VENV)/bin/pytest -q -n auto tests/faults $(ARGS)

SEQUENCES_STEPS ?= 100000

## so many random steps of hosts, lists, claims, operators and faults, judged one by one
nightly: venv
	@cd tests && SEQUENCES_STEPS=$(SEQUENCES_STEPS) $(abspath $(VENV))/bin/python -m sequences $(ARGS)

KERNEL = build/kernel
SOAK_SECONDS ?= 3600

.PHONY: kernel kernel-smoke kernel-test units soak
kernel: venv
	@tools/install_system.sh qemu debootstrap
	@PYTHON=$(abspath $(VENV))/bin/python tests/kernel/build.sh $(KERNEL)

## the agent on a real kernel with SR-IOV, in a guest: a few steps (Debian 12, root)
kernel-smoke: kernel
	@cd tests && $(abspath $(VENV))/bin/python -m kernel smoke $(abspath $(KERNEL))

## all steps there: VFs, drivers, names, namespaces, cards plugged in and pulled out
kernel-test: kernel
	@cd tests && $(abspath $(VENV))/bin/python -m kernel steps $(abspath $(KERNEL))

## the units of etc/systemd there, started by a real systemd
units: kernel
	@cd tests && $(abspath $(VENV))/bin/python -m kernel units $(abspath $(KERNEL))

## so many seconds of random events there, with kills, claims and a Placement that goes away
soak: kernel
	@cd tests && $(abspath $(VENV))/bin/python -m kernel soak $(abspath $(KERNEL)) \
		--seconds $(SOAK_SECONDS) $(ARGS)

## the property tests with examples that nobody has tried yet; "make test" tries the same every time
search: venv
	$(VENV)/bin/pytest -q --hypothesis-profile=search tests/properties tests/unit tests/functional/test_machine.py $(ARGS)

## containers with devices on a real zun: its API, scheduler and compute manager
zun:
	@$(PYTHON) tools/make_venv.py .venv-zun test,zun-tests,tempest
	.venv-zun/bin/pytest tests/zun -W default

.PHONY: nova
## a real nova beside us: its API, scheduler, conductor and compute manager
nova:
	@$(PYTHON) tools/make_venv.py .venv-nova test,nova-tests
	.venv-nova/bin/pytest tests/nova -W default

.PHONY: pictures
## what a browser makes of topology and report, by day and by night, in build/pictures
pictures: venv
	@tools/install_system.sh chromium
	PICTURES=build/pictures $(VENV)/bin/pytest -q tests/pictures $(ARGS)

.PHONY: samples
## what Ansible itself and its linter say of etc/ansible
samples:
	@$(PYTHON) tools/make_venv.py .venv-samples samples
	cd etc/ansible && $(abspath .venv-samples)/bin/ansible-playbook --syntax-check -i localhost, site.yml
	cd etc/ansible && PATH=$(abspath .venv-samples)/bin:$$PATH ansible-lint --offline --profile production .

## the checks of doc/tempest.md by a real Tempest, at a real Keystone and Placement
tempest:
	@$(PYTHON) tools/make_venv.py .venv-tempest test,tempest
	.venv-tempest/bin/pytest tests/tempest -W default

## the documentation as HTML, and the man pages of etc/man; warnings are errors
docs:
	@$(PYTHON) tools/make_venv.py .venv-docs docs
	.venv-docs/bin/python -m sphinx -W -b html doc build/html
	.venv-docs/bin/python -m sphinx -W -q -b man -d build/man/.doctrees doc build/man
	mkdir -p etc/man && cp build/man/*.[18] etc/man

.PHONY: completion
## what bash and zsh complete, in etc/completion, made anew
completion: venv
	$(VENV)/bin/pci-placement complete --shell bash >etc/completion/pci-placement
	$(VENV)/bin/pci-placement complete --shell zsh >etc/completion/_pci-placement

## etc/pci-placement/pci-placement.conf.sample, made anew
sample: venv
	$(VENV)/bin/oslo-config-generator --config-file etc/pci-placement/config-generator.conf

## remove what these targets made
clean:
	rm -rf .venv* build dist

.PHONY: bench
## each prints a ratio against something that it names; one of them wants a PostgreSQL
bench: venv
	$(VENV)/bin/python bench/discovery.py
	$(VENV)/bin/python bench/sent.py
	$(VENV)/bin/python bench/cloud.py
	$(VENV)/bin/python bench/process.py
	$(VENV)/bin/python bench/planning.py
	$(VENV)/bin/python bench/permutations.py
	$(VENV)/bin/python bench/lists.py
	$(VENV)/bin/python bench/fleet.py
