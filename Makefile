# Two commands: `make scan` inspects this host, `make test` proves hostprobe on this machine.
# Both set up what they need; ARGS passes options on: make scan ARGS="-v --format json".

PYTHON ?= /usr/bin/python3
VENV := .venv
RUN := $(VENV)/bin
APT := DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends

.PHONY: scan test test-quick lint format fuzz soak roots benchmark sample readme docs pictures clean

scan: $(VENV)/.installed
	@PATH=$(CURDIR)/$(RUN):$$PATH packaging/scan $(ARGS)

test: $(VENV)/.dev
	@tests/install-packages
	$(RUN)/pytest -q -n auto -m "not real" $(ARGS)
	$(RUN)/pytest -q -m real $(ARGS)

test-quick: $(VENV)/.dev
	$(RUN)/pytest -q -n auto -m "not real" $(ARGS)

lint: $(VENV)/.dev
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

format: $(VENV)/.dev
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

# Debian 11, 12 and 13 in chroots: needs root, mmdebstrap, gcc and the network; some minutes.
roots: $(VENV)/.dev
	$(RUN)/python -m tests.oracle.roots $(ARGS)

# The loader model against glibc and damaged files against every parser, at length; a seed that
# differs and an input that breaks its parser print how to repeat them.
fuzz: $(VENV)/.dev
	@tests/install-packages
	$(RUN)/python -m tests.fuzz.synthetic --seeds 0-999
	$(RUN)/python -m tests.fuzz.real_scripts --seeds 0-299
	$(RUN)/python -m tests.fuzz.parsers --inputs 1000000

# Faults and crowds at length: what must survive them is asserted after each.
soak: $(VENV)/.dev
	$(RUN)/python -m tests.soak.state --kills 200
	$(RUN)/python -m tests.soak.exporter
	$(RUN)/python -m tests.soak.agent --scans 500

benchmark: $(VENV)/.dev
	@tests/install-packages
	$(RUN)/python -m tests.benchmarks $(ARGS)

sample: $(VENV)/.dev
	packaging/sample-host
	packaging/readme

readme: $(VENV)/.dev
	packaging/readme

# Everything in the documents that follows from the checks and their tests.
docs: readme
	$(RUN)/python packaging/topics >docs/topics.md
	$(RUN)/python packaging/check-pages >docs/checks.md

# The pictures of README.md: needs Chromium.
pictures: $(VENV)/.dev
	packaging/pictures

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

# python3-venv carries ensurepip; without it Debian's python3 cannot make a virtual environment.
$(VENV)/bin/pip:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo "installing python3-venv: the virtual environment that hostprobe runs in"; \
	  apt-get update -q && $(APT) python3 python3-venv; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/pip
	$(RUN)/pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/pip
	$(RUN)/pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.installed
