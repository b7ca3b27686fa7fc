# Two commands: `make scan` inspects this host, `make test` proves hostprobe on this machine.
# Both set up what they need; ARGS passes options on: make scan ARGS="-v --format json".

PYTHON ?= /usr/bin/python3
VENV := .venv
RUN := $(VENV)/bin
DIST := dist
APT := DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends

.PHONY: scan test test-quick lint format fuzz soak roots benchmark sample readme docs pictures clean
.PHONY: man completions dist deb rpm single-file

scan: $(VENV)/.installed
	@PATH=$(CURDIR)/$(RUN):$$PATH packaging/scan $(ARGS)

test: $(VENV)/.dev
	@tests/install-packages
	$(RUN)/pytest -q -n auto -m "not real" $(ARGS)
	$(RUN)/pytest -q -n auto --dist loadfile -m "real and not alone" $(ARGS)
	$(RUN)/pytest -q -m alone $(ARGS)

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

# The day of the sources, so that the same sources give the same packages.
export SOURCE_DATE_EPOCH := $(or $(SOURCE_DATE_EPOCH),\
  $(shell git log -1 --format=%ct 2>/dev/null),$(shell date +%s))

# What packages hold besides the program, below share/ as it will be below /usr/share.
man: $(VENV)/.dev
	$(RUN)/python packaging/manual share

completions: $(VENV)/.dev
	$(RUN)/python packaging/completions share

dist: man completions
	rm -f $(DIST)/hostprobe*
	$(RUN)/hatchling build -d $(DIST)

deb: dist
	packaging/build-deb $(DIST)

rpm: dist
	packaging/build-rpm $(DIST)

# One file that needs nothing but a Python, for a rescue system.
single-file: dist
	packaging/build-single-file $(DIST)

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis dist share

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
