# `make serve` and `make test` need Python 3.11 or newer, make and git; they set up everything else.
# Each installed lock leaves a stamp named for its content, so that a second run has nothing to do.

PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
RUN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-$(shell cksum < requirements.lock | cut -d ' ' -f 1)
TESTING := $(VENV)/.testing-$(shell cksum < requirements-dev.lock | cut -d ' ' -f 1)
# What other packages name but nothing here imports is not installed.
UNUSED := django asgiref sqlparse markdownsuperscript html2text
COMPILE := uv pip compile --universal --generate-hashes --no-header --no-annotate pyproject.toml \
	$(addprefix --no-emit-package ,$(UNUSED))
WAIVERS := CUTSCORE_WITHOUT_BROWSER CUTSCORE_WITHOUT_POSTGRESQL CUTSCORE_WITHOUT_STRACE CUTSCORE_WITHOUT_HAPROXY
WAIVED := $(strip $(foreach waiver,$(WAIVERS),$(if $($(waiver)),$(waiver))))

.DEFAULT_GOAL := help
.PHONY: help serve test lint bench faults model fuzz fuzzfiles forms load failover audit lock browser strace haproxy

help: ## List what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1#\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F '#' '{printf "%-15s%s\n", $$1, $$2}'

serve: $(RUNTIME) $(RUN)/cutscore ## Set up if needed, then serve on http://127.0.0.1:8000
	@exec $(RUN)/cutscore serve

# The browser's driver keeps an event loop running in its process, which other tests would stumble over: two runs.
test: lint browser strace haproxy ## Check the code, then run every test
	$(RUN)/python -m pytest -n $(WORKERS) -m 'not browser' $(PYTEST)
	$(RUN)/python -m pytest -n $(WORKERS) -m browser $(PYTEST)
	$(if $(WAIVED),@echo 'Not everything was tested: waived by $(WAIVED).')

lint: $(TESTING) $(RUN)/cutscore ## Check style and types
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

bench: $(TESTING) $(RUN)/cutscore ## Measure the speed of saves, starts and reports
	$(RUN)/python -m tests.bench

fuzz: $(TESTING) $(RUN)/cutscore ## Send 100,000 requests made up from the API's description
	$(RUN)/python -m pytest tests/pages/test_fuzz.py --hypothesis-profile=long $(PYTEST)

fuzzfiles: $(TESTING) $(RUN)/cutscore ## Give the readers of files what nobody would write (FUZZ='--seconds 600')
	$(RUN)/python -m tests.fuzz $(FUZZ)

faults: $(TESTING) $(RUN)/cutscore ## Kill servers and databases under load, and count what is lost (FAULTS='--kills 1000')
	$(RUN)/python -m tests.faults $(FAULTS)

model: $(TESTING) $(RUN)/cutscore ## Compare attempts with a model of them, step by step (MODEL='--steps 100000')
	$(RUN)/python -m tests.model $(MODEL)

forms: $(TESTING) $(RUN)/cutscore ## Measure 500 forms each of some banks: distances, exposure, scores
	$(RUN)/python -m tests.bench.assembly

load: $(TESTING) $(RUN)/cutscore ## Put real servers under load, check every answer: make load LOAD='steady --candidates 500'
	$(RUN)/python -m tests.load $(LOAD)

failover: $(TESTING) $(RUN)/cutscore ## Kill a PostgreSQL primary under load, promote its standby, check every answer
	$(RUN)/python -m tests.load.failover $(FAILOVER)

audit: $(RUN)/python ## Ask what is known of weaknesses in the locked dependencies; says so when nobody answers
	@test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv --clear $(VENV)/audit && \
		$(VENV)/audit/bin/python -m pip install -q --disable-pip-version-check pip-audit==2.10.1; } || \
		{ echo 'pip-audit could not be installed: nothing was audited.'; exit 0; }
	@test ! -x $(VENV)/audit/bin/pip-audit || \
		$(VENV)/audit/bin/pip-audit -r requirements.lock --no-deps --disable-pip --progress-spinner off

lock: ## Make both lock files anew (needs uv)
	$(COMPILE) -o requirements.lock
	$(COMPILE) --group dev -o requirements-dev.lock

# $(1) the program, $(2) its packages, $(3) what needs it, $(4) the variable that leaves that out.
define PROGRAM
@if [ -z '$($(4))' ] && ! PATH="$$PATH:/usr/sbin" command -v $(1) >/dev/null; then \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(2); \
	else \
		echo '$(3) need $(1) (Debian: sudo apt-get install $(1)).'; \
		echo '$(4)=1 make test leaves them out.'; \
		exit 1; \
	fi; \
fi
endef

browser:
	$(call PROGRAM,chromium,chromium fonts-dejavu-core,The browser tests,CUTSCORE_WITHOUT_BROWSER)

strace:
	$(if $(CUTSCORE_WITHOUT_POSTGRESQL),,$(call PROGRAM,strace,strace,The power losses of PostgreSQL,CUTSCORE_WITHOUT_STRACE))

haproxy:
	$(call PROGRAM,haproxy,haproxy,The tests of the proxy,CUTSCORE_WITHOUT_HAPROXY)

$(RUN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Cutscore needs Python 3.11 or newer as $(PYTHON). Name another one: make PYTHON=python3.12 serve'; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { \
		echo 'No virtual environment could be made (Debian: sudo apt-get install python3-venv).'; rm -rf $(VENV); exit 1; }

# --no-deps: the lock leaves out packages that another package names but nothing here imports.
define INSTALL
@echo 'Installing $(1) ...'
@if command -v uv >/dev/null; then \
	uv pip install -q --python $(RUN)/python --no-deps --require-hashes -r $(1); \
else $(RUN)/python -m pip --version >/dev/null 2>&1 || $(RUN)/python -m ensurepip >/dev/null; \
	$(RUN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r $(1); fi
@rm -f $(2)-* && touch $@
endef

$(RUNTIME): $(RUN)/python requirements.lock
	$(call INSTALL,requirements.lock,$(VENV)/.runtime)

$(TESTING): $(RUN)/python requirements-dev.lock
	$(call INSTALL,requirements-dev.lock,$(VENV)/.testing)

# The program runs from this folder and is not built: a build would fetch a build tool that no lock names.
$(RUN)/cutscore: $(RUN)/python Makefile
	@$(RUN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "cutscore.pth").write_text("$(CURDIR)\n")'
	@printf '#!/bin/sh\nexec "%s/python" -P -m app "$$@"\n' '$(CURDIR)/$(RUN)' > $@ && chmod +x $@
