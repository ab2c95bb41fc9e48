# Two commands matter: `make run` (station and dashboard on a simulated mat) and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: run test setup setup-test browser lint bench wheel clean
.DEFAULT_GOAL := run

run: $(VENV)/.installed
	$(BIN)/backlift run --simulate

test: $(VENV)/.installed-dev browser lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed
	$(BIN)/backlift bench

wheel: $(VENV)/.installed-dev
	$(BIN)/python -m build

# A stamp newer than what defines the installation means there is nothing to do.
$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV) || { echo "cannot make a virtual environment: on Debian, 'sudo apt install python3-venv'"; exit 1; }

$(VENV)/.installed: $(BIN)/python pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: $(BIN)/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/.installed

# The end-to-end tests open the pages in Debian's Chromium.
browser:
	@command -v chromium >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; } || \
	  { echo "The page tests need a browser: 'sudo apt install chromium fonts-dejavu-core', then run this again."; exit 1; }

clean:
	rm -rf $(VENV) build dist web/static/built
