# Two commands matter: `make run` (station and dashboard on a simulated mat) and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

# What the bundled front end is made of: a change here installs (and so bundles) again.
FRONTEND := hatch_build.py $(wildcard web/frontend/*.* web/frontend/src/*.* station/locale/*.*)

.PHONY: run dev test browser lint bench wheel deb lock docs clean
.DEFAULT_GOAL := run

run: $(VENV)/.installed
	@$(BIN)/backlift run --simulate

# What the tests need; then .venv/bin/python -m pytest tests/practice runs a part of them.
dev: $(VENV)/.installed-dev

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

# For a Pi (arm64) and for a PC (amd64), with every package inside; needs dpkg-deb and the package index.
deb: wheel
	$(BIN)/python release/build_deb.py $$(ls -t dist/backlift_station-*.whl | head -n 1)

# After a change of the dependencies: the exact packages with their hashes.
lock: $(VENV)/.installed-dev
	$(BIN)/pip install --quiet uv
	$(BIN)/python release/lock.py

# A stamp newer than what defines the installation means there is nothing to do.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV) || { echo "cannot make a virtual environment: on Debian, 'sudo apt install python3-venv'"; exit 1; }

$(VENV)/.installed: $(BIN)/python pyproject.toml $(FRONTEND)
	@echo "Installing into $(VENV); the first time this takes a minute or two ..."
	@$(BIN)/pip install --quiet --use-pep517 --editable .
	@touch $@

$(VENV)/.installed-dev: $(BIN)/python pyproject.toml $(FRONTEND)
	@echo "Installing what the tests need into $(VENV); the first time this takes some minutes ..."
	@$(BIN)/pip install --quiet --use-pep517 --editable '.[dev]'
	@touch $@ $(VENV)/.installed

docs: $(VENV)/.installed-dev
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs site

# The end-to-end tests open the pages in Debian's Chromium, WebKit (under a virtual screen) and Firefox; the studio test runs Mosquitto.
DEBIAN := chromium fonts-dejavu-core mosquitto webkit2gtk-driver xvfb firefox-esr
browser:
	@command -v chromium >/dev/null && test -x /usr/sbin/mosquitto && test -x /usr/bin/WebKitWebDriver && test -x /usr/bin/Xvfb && \
	  test -x /usr/bin/firefox-esr || \
	  { [ "$$(id -u)" = 0 ] && apt-get -o DPkg::Lock::Timeout=300 update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $(DEBIAN) >/dev/null; } || \
	  { echo "The page tests need browsers and a broker: 'sudo apt install $(DEBIAN)', then run this again."; exit 1; }

clean:
	rm -rf $(VENV) build dist site web/static/built web/frontend/node_modules
