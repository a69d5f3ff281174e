# make demo   the main job, embedded, nothing to install by hand
# make test   everything that CI runs, set-up included
# make help   the rest

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ROOMS  := pipeline.py service store intake validate classify tickets reply_templates outbox triage commands
PARTS  := $(shell find $(ROOMS) -type f -not -name '*.pyc' -not -path '*/__pycache__/*')
PIP    := $(BIN)/pip install --disable-pip-version-check --quiet --no-deps

.PHONY: help demo test test-long check model corpus-check bench chaos servers machine deb wheelhouse clean
help:
	@echo 'make demo          run the whole way on sample letters, then serve the queue at http://127.0.0.1:8080'
	@echo 'make test          set up and run what CI runs (as root it fetches the Debian packages of the test servers)'
	@echo 'make test-long     make test and the rest: all servers, bad networks, a boot, a tenth of chaos, a minute of fuzzing a reader'
	@echo 'make check         only style, types and imports'
	@echo 'make chaos         kill the daemon and its servers 300 times under 10,000 letters, on each store (an hour)'
	@echo 'make model         train the shipped model from classify/corpus'
	@echo 'make corpus-check  look for copies among the training letters'
	@echo 'make bench         measure speed against the floor, room by room, on a quiet machine'
	@echo 'make bench-long    growth to 100,000 tickets and floods of 10,000 letters'
	@echo 'make deb           build the Debian package (build/deb)'
	@echo 'make wheelhouse    collect all that an installation without an index needs (build/wheelhouse)'
	@echo 'make clean         remove what was built (not your data)'

$(VENV)/.python: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Priemnaya needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)'; exit 1; }
	@test -x $(BIN)/python || { echo 'Making $(VENV) …'; $(PYTHON) -m venv $(VENV); }
	@echo 'Installing what Priemnaya needs (once) …'
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.tests: requirements-test.lock $(VENV)/.python
	@echo 'Installing what the tests need (once) …'
	@$(PIP) -r requirements-test.lock
	@touch $@

# The wheel is installed, not the tree: what is tested and shown is what would be shipped.
$(VENV)/.wheel: $(VENV)/.python pyproject.toml README.md $(PARTS)
	@rm -rf build/wheel && mkdir -p build/wheel
	@$(BIN)/pip wheel --disable-pip-version-check --quiet --no-deps --wheel-dir build/wheel .
	@$(PIP) --force-reinstall build/wheel/*.whl
	@touch $@

demo: $(VENV)/.wheel
	@$(BIN)/priemnaya demo

servers:
	@sh tests/servers/packages.sh

machine:
	@sh tests/servers/machine.sh

check: $(VENV)/.tests
	@$(BIN)/ruff check .
	@$(BIN)/mypy

test: $(VENV)/.tests $(VENV)/.wheel servers check
	@$(BIN)/pytest -m 'not long' -n 2 --dist loadfile

test-long: $(VENV)/.tests $(VENV)/.wheel servers machine check
	@$(BIN)/pytest -n 2 --dist loadfile --durations=20

chaos: $(VENV)/.tests $(VENV)/.wheel servers
	@CHAOS_LETTERS=10000 CHAOS_KILLS=300 $(BIN)/pytest -s tests/acceptance/test_chaos.py -m long

model: $(VENV)/.wheel
	@$(BIN)/priemnaya train --corpus classify/corpus --out classify/model

corpus-check: $(VENV)/.wheel
	@$(BIN)/python -m classify.corpus_check classify/corpus

bench: $(VENV)/.tests $(VENV)/.wheel servers
	@$(BIN)/python bench/throughput.py --runs 3
	@$(BIN)/python bench/rooms.py
	@$(BIN)/python bench/fetching.py
	@$(BIN)/python bench/arrival.py
	@$(BIN)/python bench/reading.py
	@$(BIN)/python bench/fields.py
	@$(BIN)/python bench/files.py

bench-long: $(VENV)/.tests $(VENV)/.wheel servers
	@$(BIN)/python bench/growth.py
	@$(BIN)/python bench/flood.py people
	@$(BIN)/python bench/flood.py loop

deb: $(VENV)/.wheel
	@sh deploy/deb.sh $(BIN)/pip build/wheel/*.whl

wheelhouse: $(VENV)/.wheel
	@sh deploy/wheelhouse.sh $(BIN)/pip build/wheel/*.whl

clean:
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
