# `make run` to try the service, `make test` before sharing a change, `make help` for the rest.

# Interpreters to try, in this order; `make PYTHON=/path/to/python3 …` names one.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
# Test processes. More than two only help where there are more cores.
WORKERS ?= 2
# Added to the command that a target runs: `make pytest ARGS="-k refresh"`, `make lock ARGS=--upgrade`.
ARGS ?=

# What is held to the style rules of auth/pyproject.toml, seen from there.
PYTHON_CODE := --config pyproject.toml . ../benchmarks ../clients/python

VENV := auth/.venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test check pytest production bench scale fix lock clean python browser redis wrk

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

# `exec` leaves no shell in between: a signal sent to make reaches the service itself.
run: $(VENV)/.runtime ## Start the service and its offline social networks; Ctrl-C stops everything
	@cd auth && exec .venv/bin/python -m app dev $(ARGS)

test: check pytest production ## Check everything that must hold: `make check`, the test suite on both kinds of stores

check: $(VENV)/.development ## Look for mistakes without running the code: lint, format, types, import rules
	@cd auth && failed=; \
	.venv/bin/ruff check --quiet $(PYTHON_CODE) || failed=yes; \
	.venv/bin/ruff format --check --quiet $(PYTHON_CODE) || { echo 'Unformatted files: run `make fix`.'; failed=yes; }; \
	.venv/bin/mypy || failed=yes; \
	.venv/bin/lint-imports --no-logo || failed=yes; \
	test -z "$$failed"

pytest: browser redis ## Run the test suite alone
	@cd auth && exec .venv/bin/python -m pytest -n $(WORKERS) $(ARGS)

# The emulator's own tests know nothing of stores.
production: browser redis ## Run the test suite on PostgreSQL and Redis, whose servers it brings up
	@cd auth && exec .venv/bin/python -m pytest -n $(WORKERS) --stores=production app/tests $(ARGS)

# Nothing of it is a test: a busy machine changes the figures.
bench: $(VENV)/.development redis wrk ## Measure the service under load, each figure beside its floor (ARGS=--help)
	@cd benchmarks && exec ../$(BIN)/python -m load $(ARGS)

scale: $(VENV)/.development redis ## Measure whether ten million accounts slow the service down (ARGS=--help)
	@cd benchmarks && exec ../$(BIN)/python -m scale $(ARGS)

fix: $(VENV)/.development ## Format the code and repair what can be repaired automatically
	@cd auth && .venv/bin/ruff check --fix --quiet --exit-zero $(PYTHON_CODE) && .venv/bin/ruff format --quiet $(PYTHON_CODE) && .venv/bin/ruff check $(PYTHON_CODE)

# Each file is held to the versions of the one before it: installing one never changes what another installed.
lock: $(VENV)/.tools ## Bring the lock files in line with pyproject.toml (ARGS=--upgrade: newest versions)
	@cd auth && $(compile) --extra flask pyproject.toml --output-file requirements.lock $(ARGS)
	@cd auth && $(compile) --extra flask --group dev --constraint requirements.lock pyproject.toml \
		--output-file requirements-dev.lock $(ARGS)
	@cd auth && $(compile) --group tools --constraint requirements-dev.lock --output-file requirements-tools.lock $(ARGS)
	@cd auth && $(compile) --group acceptance --constraint requirements-dev.lock \
		--output-file requirements-acceptance.lock $(ARGS)

clean: ## Remove what these commands made; the data of `make run` in auth/.data stay
	@rm -rf $(VENV) auth/.cache auth/.mypy_cache auth/.ruff_cache auth/.pytest_cache auth/.import_linter_cache
	@rm -rf auth/.hypothesis auth/dist benchmarks/.peers
	@rm -rf clients/python/.ruff_cache clients/python/dist
	@find auth clients -name __pycache__ -type d -prune -exec rm -rf {} +

# One file of hashes serves every platform and Python version; index addresses stay out of it.
compile = .venv/bin/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

# uv takes a second where pip takes fourteen, but only pip knows the mirror that pip's own settings may name.
pip = $(BIN)/python -m pip install --quiet --disable-pip-version-check
install = $(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python $(1) || { echo 'Trying pip instead …'; $(pip) $(1); }

# What is installed stays as it is until a lock file or pyproject.toml changes.
$(VENV)/.runtime: $(VENV)/.tools auth/requirements.lock auth/pyproject.toml
	@echo 'Installing the service …'
	@$(call install,--require-hashes -r auth/requirements.lock)
	@$(call install,--no-deps --no-build-isolation -e auth)
	@touch $@

$(VENV)/.development: $(VENV)/.runtime auth/requirements-dev.lock clients/python/pyproject.toml
	@echo 'Installing the development tools …'
	@$(call install,--require-hashes -r auth/requirements-dev.lock)
	@$(call install,--no-deps --no-build-isolation -e clients/python)
	@touch $@

$(VENV)/.tools: $(BIN)/python auth/requirements-tools.lock
	@$(pip) --require-hashes -r auth/requirements-tools.lock
	@touch $@

# Missing as well when the interpreter that it points to has gone: then the environment is made anew.
$(BIN)/python:
	@$(find-python); rm -rf $(VENV) && "$$python" -m venv $(VENV)

python:
	@$(find-python); command -v "$$python"

# Sets $python, or ends with a hint. An interpreter is run before it is trusted: a version manager's shim may lead nowhere.
define find-python
python=; for candidate in $(PYTHON); do \
	if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
done; \
if [ -z "$$python" ]; then echo 'Python 3.11 or newer is needed; none of these is: $(PYTHON)' >&2; exit 1; fi; \
if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	echo "$$python cannot create virtual environments: apt install python3-venv" >&2; exit 1; \
fi
endef

# The browser tests drive the distribution's Chromium; Playwright's driver needs libatomic.
browser: $(VENV)/.development
	@if ! command -v chromium >/dev/null || ! $(BIN)/playwright --version >/dev/null 2>&1; then \
		if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
			echo 'The browser tests need Chromium: apt install chromium libatomic1' >&2; exit 1; \
		fi; \
		echo 'Installing Chromium …'; export DEBIAN_FRONTEND=noninteractive; log=$$(mktemp); \
		{ apt-get -q update && apt-get -q install --yes --no-install-recommends chromium fonts-dejavu-core libatomic1; \
		} >"$$log" 2>&1 || { cat "$$log" >&2; exit 1; }; \
		rm -f "$$log"; \
	fi

# The tests start servers of their own; the one that the package may start is not touched.
redis:
	@if ! command -v redis-server >/dev/null && ! command -v valkey-server >/dev/null; then \
		if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
			echo 'The tests need a Redis server: apt install redis-server' >&2; exit 1; \
		fi; \
		echo 'Installing Redis …'; export DEBIAN_FRONTEND=noninteractive; log=$$(mktemp); \
		{ apt-get -q update && apt-get -q install --yes --no-install-recommends redis-server; \
		} >"$$log" 2>&1 || { cat "$$log" >&2; exit 1; }; \
		rm -f "$$log"; \
	fi

wrk:
	@if ! command -v wrk >/dev/null; then \
		if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
			echo 'The load comes from wrk: apt install wrk' >&2; exit 1; \
		fi; \
		echo 'Installing wrk …'; export DEBIAN_FRONTEND=noninteractive; log=$$(mktemp); \
		{ apt-get -q update && apt-get -q install --yes --no-install-recommends wrk; \
		} >"$$log" 2>&1 || { cat "$$log" >&2; exit 1; }; \
		rm -f "$$log"; \
	fi
