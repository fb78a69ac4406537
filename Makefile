# make demo   see it work, against a real Placement on a SQLite file
# make test   everything that CI checks
PYTHON ?= python3
VENV ?= .venv
ARGS ?=

# what decides must be covered to the last branch
DECIDES = model names fields advice plan scene order reshape transfer contest stock sites reservations shape \
	ownership guard drift service match mapping neighbours discovery

.PHONY: demo test lint pytest quick venv race faults search zun docs sample clean

demo:
	@echo "Installing into .venv-demo, unless that has been done (about half a minute) …"
	@$(PYTHON) tools/make_venv.py .venv-demo demo
	@.venv-demo/bin/pci-placement demo $(ARGS)

test: lint pytest

venv:
	@echo "Installing into $(VENV), unless that has been done (about a minute) …"
	@$(PYTHON) tools/make_venv.py $(VENV) test,lint

lint: venv
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo

pytest: venv
	$(VENV)/bin/pytest $(DECIDES:%=--cov=pci_placement.%) --cov-branch --cov-fail-under=100 \
		--cov-report=term-missing:skip-covered $(ARGS)

# for the other Pythons: all but what the servers and the command line do
quick: venv
	$(VENV)/bin/pytest -q tests/unit tests/hosts tests/scenarios

# claims at full speed on a changing host, for as long as one likes: the sample in the tests, longer
RACE_SECONDS ?= 120
RACE_WORKERS ?= 4
RACE_DATABASE ?= postgresql

race: venv
	@tools/install_system.sh $(RACE_DATABASE)
	@cd tests && $(abspath $(VENV))/bin/python -m race --seconds $(RACE_SECONDS) \
		--workers $(RACE_WORKERS) --database $(RACE_DATABASE) $(ARGS)

# every kind of fault at every request of every scenario; "make test" tries a sample of them
faults: venv
	FAULTS=all $(VENV)/bin/pytest -q tests/faults $(ARGS)

# the property tests with examples that nobody has tried yet; "make test" tries the same every time
search: venv
	$(VENV)/bin/pytest -q --hypothesis-profile=search tests/unit tests/functional/test_machine.py $(ARGS)

# our extra specs against zun's own parser
zun:
	@$(PYTHON) tools/make_venv.py .venv-zun test,zun
	.venv-zun/bin/pytest tests/zun -W default

docs:
	@$(PYTHON) tools/make_venv.py .venv-docs docs
	.venv-docs/bin/python -m sphinx -W -b html doc build/html

sample: venv
	$(VENV)/bin/oslo-config-generator --config-file etc/pci-placement/config-generator.conf

clean:
	rm -rf .venv .venv-demo build dist *.egg-info

# each prints a ratio against something that it names
.PHONY: bench
bench: venv
	$(VENV)/bin/python bench/passes.py
	$(VENV)/bin/python bench/permutations.py
