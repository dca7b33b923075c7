# Everything is set up on first use, in .venv, with the python3 on the PATH: `make PYTHON=python3.13 test` picks another.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# Most of the time goes into compiling on one core, so two processes share the tests.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check lint format parity clients docs clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/.runtime ## Fill in masked words with the model that ships inside the package
	$(BIN)/flax-albert fill-mask "The capital of France is [MASK]." "She opened the [MASK] and went into the room." \
	  "Plants turn [MASK] into sugar."

test: $(VENV)/.dev ## The everyday tests and the examples in the docstrings
	$(PYTEST)

test-all: $(VENV)/.dev ## Every test that needs no network, slow ones too
	$(PYTEST) -m "not network"

check: lint test ## Everything that must hold before a change goes in: lint, then test

lint: $(VENV)/.dev ## Format, lint, types and import directions
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/pyrefly check --summary=none --python-interpreter-path $(BIN)/python
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## Format the code and mend what can be mended
	$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

parity: $(VENV)/.runtime ## Compare with the FlaxAlbert classes of transformers 4.37 and 4.57, live
	$(BIN)/python -m tests.reference.parity

clients: $(VENV)/.dev ## Test the hub with the older versions of its client that are supported
	for version in 0.36 1; do \
	  $(PIP) install --upgrade --target build/client-$$version "huggingface_hub==$$version.*" && \
	  PYTHONPATH=build/client-$$version $(PYTEST) tests/hub || exit 1; \
	done

docs: $(VENV)/.docs ## Build the manual, warnings being errors, and run its programs
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --fresh-env --quiet -b html docs build/docs
	$(PYTEST) -m "" tests/manual
	@echo "The manual is in build/docs/index.html"

clean: ## Remove the environment and every cache
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache build dist
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# One environment, set up in steps; each leaves a stamp, so that a second call costs nothing.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "flax-albert needs Python 3.11 or newer, and \
	$(PYTHON) is " + sys.version.split()[0] + ": say which to use, as in `make PYTHON=python3.12 test`.")'
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  echo "$(PYTHON) cannot make a virtual environment: install its venv module (python3-venv on Debian)." >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.created pyproject.toml constraints.txt
	@echo "Setting up $(VENV): flax-albert and what it runs on"
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo "Setting up $(VENV): the tools of the tests"
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(VENV)/.docs: $(VENV)/.dev
	@echo "Setting up $(VENV): the tools of the manual"
	@$(PIP) install --constraint constraints.txt --editable '.[dev,docs]'
	@touch $@
