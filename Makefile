# Everything runs in .venv, made here from requirements.lock: `make report` needs
# Python 3.11 or newer and nothing else; `make test` adds the tools of the tests.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))
# What an installation depends on; our own modules are read in place.
INSTALLED_FROM := pyproject.toml requirements.lock
SYNC = $(UV) pip install --quiet --compile-bytecode --constraint requirements.lock --editable .

# Jupyter as this project sets it, before what the reader has set (docs/decisions/0019).
lab notebooks: export JUPYTER_CONFIG_PATH := $(CURDIR)/.jupyter$(if $(JUPYTER_CONFIG_PATH),:$(JUPYTER_CONFIG_PATH))
# Which notebooks are open is kept here, not among those of the reader's other projects.
lab: export JUPYTERLAB_WORKSPACES_DIR := $(CURDIR)/$(VENV)/share/jupyter/lab/workspaces

.DEFAULT_GOAL := help
.PHONY: report test check lab bench notebooks lock clean help environment
.DELETE_ON_ERROR:

report: $(VENV)/.runs  ## Run all notebooks and write reports/index.html (ARGS="--set '…' --perspective NAME")
	@$(BIN)/decision rerun $(NOTEBOOKS) --out reports $(ARGS)

test: $(VENV)/.tests  ## All tests: format, lint, types, code, notebooks, browser
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest -q -n 2 --dist loadfile --nbval decision tests README.md notebooks

check: $(VENV)/.tests  ## Lint, types and the quick tests: no notebooks, no browser
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest -q -n 2 -m "not browser"

lab: $(VENV)/.runs  ## JupyterLab, open at notebooks/00_start_here.ipynb
	@# A notebook that is not trusted shows its stored figures as loose words until it is run.
	@$(BIN)/jupyter trust $(NOTEBOOKS) >/dev/null 2>&1
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS)

notebooks: $(VENV)/.tests  ## Run the notebooks and store their outputs (when numbers have moved)
	$(BIN)/ruff format --quiet notebooks
	$(BIN)/jupyter nbconvert --log-level=WARN --to notebook --execute --inplace \
	  --ExecutePreprocessor.record_timing=False --ExecutePreprocessor.kernel_name=python3 $(NOTEBOOKS)

bench: $(VENV)/.tests  ## Time us and pyAgrum side by side (benchmarks/README.md)
	$(BIN)/python -W ignore -m benchmarks $(ARGS)

environment: $(VENV)/.tests  ## Make .venv with the tools of the tests, and run nothing

lock: $(UV)  ## Bring requirements.lock up to pyproject.toml (all to the newest: ARGS=--upgrade)
	$(UV) pip compile --quiet $(ARGS) --universal --python-version 3.11 --no-emit-index-url \
	  --no-annotate --no-header --group dev pyproject.toml --output-file requirements.lock

clean:  ## Remove .venv, reports and caches
	rm -rf $(VENV) reports dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

help:  ## What can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11: make … PYTHON=python3.12, say" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || ./.ci/debian python3-venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock uv
	@touch $@

$(VENV)/.runs: $(INSTALLED_FROM) | $(UV)
	$(SYNC)
	@touch $@

$(VENV)/.tests: $(INSTALLED_FROM) | $(UV)
	$(SYNC) --group dev
	@# pyAgrum, the peer of some tests, expects GNU's OpenMP library on the machine.
	@$(BIN)/python -c 'import pyagrum' 2>/dev/null || ./.ci/debian libgomp1
	@touch $(VENV)/.runs $@
