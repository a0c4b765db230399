# The commands that a developer needs; CI calls the same ones. Needs Python 3.11 or newer, make and a package registry.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.ready ## set up everything in .venv
$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 setup"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

demo: setup ## the whole system on this machine, with a pendant to press
	$(BIN)/watchword demo

test: setup ## every test that fits in 10 minutes, the project's own lints among them
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

soak: setup ## the long runs: full seeds, full sizes; 20 to 35 minutes
	$(BIN)/python -m pytest -m soak -raP -n 2 --dist load --timeout=2100

lint: setup typings ## style and types: hub, bridge and simulator; firmware against the ESP32-S3's own modules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file firmware/mypy.ini

format: setup ## put every file into the one layout, and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

gestures: setup ## what is made of 10,000 of each gesture by shaking, gloved and impatient hands; a minute
	$(BIN)/python -m watchword_sim.hands $(if $(TRIALS),--trials $(TRIALS))

footprint: setup ## what the firmware takes on the board, and against the last release (JSON=1 for programs)
	@$(BIN)/python -m watchword_sim.footprint $(if $(JSON),--json) $(if $(RELEASE),--release $(RELEASE))

coverage-firmware: setup ## which lines of the firmware its tests run, on MicroPython (MISSING=1 names the others)
	@$(BIN)/python -m watchword_sim.firmware_coverage $(if $(MISSING),--missing)

pictures: setup ## take the README's pictures again, by playing a visit in Chromium
	$(BIN)/python -m pytest -q tests/browser -k from_login_to_close
	mkdir -p docs/pictures
	cp build/screenshots/console-alarm.png build/screenshots/pendant.png docs/pictures/

docs: setup ## write the generated parts of docs/ again
	$(BIN)/python docs/generate.py

typings: typings/.ready ## the board's types in typings/
typings/.ready: firmware/stubs.lock $(VENV)/.ready
	rm -rf typings
	$(PIP) --no-deps --require-hashes --target typings -r firmware/stubs.lock
	touch $@

lock: setup ## choose versions again for pyproject.toml, pinned by hash
	$(LOCK) --extra sim --extra dev -o requirements.lock pyproject.toml
	$(LOCK) --no-annotate --group stubs -o firmware/stubs.lock

clean: ## remove everything that the other commands made
	rm -rf $(VENV) typings build .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup demo test soak lint format gestures footprint coverage-firmware pictures docs typings lock clean
