# `make demo` and `make test` do everything on a fresh machine with Python 3.11 to 3.13, Node and make.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PACKAGE := manifests/salesforce
PROJECT := manifests/hubspot
CLIENTS := tests/independent
JUDGE := tests/openapi
# The first Python on PATH that will do; override with `make PYTHON=...`.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)

# Every process that a test starts would compile the whole product anew where the environment forbids to keep byte code.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test checks lint types imports unit chromium screenshots crash bench benchmarks scale sbom audit soak chaos soak-listeners fuzz openapi openapi-document fuzz-api catalogues proto schema vendor lock revision

help: ## List the targets.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | column -t -s "$$(printf '\t')"

setup: $(VENV)/.done node_modules/.done $(PACKAGE)/node_modules/.done $(PROJECT)/node_modules/.done $(CLIENTS)/node_modules/.done ## Make the virtual environment and install what the lock files name.

$(VENV)/.done: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Install Python 3.11, 3.12 or 3.13 (with venv), then run this again."; exit 1; }
	@echo "==> Setting up $(VENV) with $$($(PYTHON) --version) (about a minute the first time)"
	@$(PYTHON) -m venv $(VENV) || { echo "Install the venv module of your Python (Debian: python3-venv)."; exit 1; }
	@$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c "import tests.local.loaded"  # compiles what is used: a third of all that was installed
	@touch $@

node_modules/.done: package.json package-lock.json
	@command -v npm >/dev/null || { echo "Install Node 20 or newer with npm, then run this again."; exit 1; }
	@echo "==> Fetching the front-end packages that our static files come from"
	@npm ci --silent --no-audit --no-fund
	@touch $@

$(PACKAGE)/node_modules/.done: $(PACKAGE)/package.json $(PACKAGE)/package-lock.json
	@command -v npm >/dev/null || { echo "Install Node 20 or newer with npm, then run this again."; exit 1; }
	@echo "==> Fetching the tools that check the Salesforce package (about half a minute the first time)"
	@cd $(PACKAGE) && npm ci --silent --no-audit --no-fund
	@touch $@

$(PROJECT)/node_modules/.done: $(PROJECT)/package.json $(PROJECT)/package-lock.json
	@command -v npm >/dev/null || { echo "Install Node 20 or newer with npm, then run this again."; exit 1; }
	@echo "==> Fetching the tools that check the HubSpot project (about half a minute the first time)"
	@cd $(PROJECT) && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

$(CLIENTS)/node_modules/.done: $(CLIENTS)/package.json $(CLIENTS)/package-lock.json
	@command -v npm >/dev/null || { echo "Install Node 20 or newer with npm, then run this again."; exit 1; }
	@echo "==> Fetching the clients of others that are run against the local CRMs"
	@cd $(CLIENTS) && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

demo: setup ## Both local CRMs, everything else, and leads flowing in; ARGS=--once ends with a table.
	@$(BIN)/python -m tests.demo $(ARGS)

test: ## Everything that CI checks.
	@$(MAKE) --no-print-directory -j4 setup chromium
	@$(MAKE) --no-print-directory -j2 checks unit

checks: lint types imports

lint:
	@echo "==> Lint and format (ruff)"
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types:
	@echo "==> Types (mypy strict)"
	@$(BIN)/mypy

imports:
	@echo "==> Direction of imports (import-linter)"
	@$(BIN)/lint-imports --no-cache

unit:
	@echo "==> Tests (pytest, on two cores; starts every server it needs, takes about ten minutes)"
	@$(BIN)/python -m compileall -q connector jobs oauth rules
	@$(BIN)/python -m compileall -q -x '/(test_[^/]*|conftest)\.py$$' tests  # pytest compiles the others itself
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

# The tests in the browser need Chromium; where we may, we install it.
chromium:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "==> Installing Chromium for the tests in the browser" && apt-get install -y -qq chromium >/dev/null; \
	else echo "Install Chromium (Debian: apt-get install chromium), then run this again."; exit 1; fi

screenshots: setup chromium ## Take a picture of every page, wide, narrow and as others see it, into build/screenshots.
	@SCREENSHOTS=1 $(BIN)/python -m pytest tests/browser/test_pages.py

crash: setup ## Kill a worker at every step of a drain and of an undo, every 12th of a merge (make test: each third of these).
	@KILL_EVERY=1 $(BIN)/python -m pytest tests/jobs/test_crash.py tests/jobs/test_undo_crash.py tests/jobs/test_merge_crash.py

bench: setup ## Measure: matching on ACCOUNTS=... LEADS=... (JSON lines), without them how cost grows; PEERS=1 adds the peers.
	@if [ -n "$(ACCOUNTS)$(LEADS)" ]; then \
	  mkdir -p build && $(BIN)/python -m tests.bench match --accounts "$(ACCOUNTS)" --leads "$(LEADS)" --out build/answers.jsonl && \
	  $(BIN)/python -m tests.bench score --leads "$(LEADS)" --answers build/answers.jsonl; \
	  if [ -n "$(PEERS)" ]; then $(BIN)/python -m tests.bench peers --accounts "$(ACCOUNTS)" --leads "$(LEADS)"; fi; \
	else $(BIN)/python -m tests.bench scale; fi

benchmarks: setup ## Run every benchmark and write docs/benchmarks.md (two hours; ARGS=--short takes ten minutes).
	@$(BIN)/python -m tests.bench.page $(ARGS)

scale: setup ## A hundred installs on several hosts, a noisy one, a rolling deploy, a cut cable (as root): ARGS="--seconds 240".
	@$(BIN)/python -m tests.scale $(ARGS)

soak: setup ## 20,000 changes while everything goes wrong, then an audit: make soak ARGS="--crm hubspot --changes 20000".
	@$(BIN)/python -m tests.soak.changes $(ARGS)

chaos: setup ## 10,000 events in both CRMs while everything dies: make chaos ARGS="--seed 7 --database postgresql".
	@$(BIN)/python -m tests.chaos $(ARGS)

soak-listeners: setup ## Measure listeners on many orgs, one of them killed: make soak-listeners ARGS="--orgs 1000 --minutes 3".
	@$(BIN)/python -m tests.soak.listeners $(ARGS)

$(JUDGE)/node_modules/.done: $(JUDGE)/package.json $(JUDGE)/package-lock.json
	@echo "==> Fetching Prism, which holds calls against an OpenAPI document (about half a minute the first time)"
	@cd $(JUDGE) && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

openapi: setup $(JUDGE)/node_modules/.done ## Hold calls to HubSpot against its OpenAPI documents: make openapi SPEC=/where/they/are.
	@test -d "$(SPEC)/PublicApiSpecs" || { echo "Say where they are: make openapi SPEC=... (see tests/openapi/README.md)."; exit 1; }
	@SWITCHYARD_TEST_HUBSPOT_OPENAPI="$$(cd "$(SPEC)" && pwd)" $(BIN)/python -m pytest $(JUDGE)

fuzz: setup ## 100,000 mutated requests at everything that strangers can reach: make fuzz ARGS="--seed 8".
	@$(BIN)/python -m tests.fuzz --requests 100000 $(ARGS)

openapi-document: setup ## Write docs/openapi.json, the document of our own API.
	@$(BIN)/python -m tests.api_document

fuzz-api: setup ## Send our own API requests made from its document, right and wrong ones: make fuzz-api EACH=60.
	@SWITCHYARD_FUZZ_API=$(or $(EACH),60) $(BIN)/python -m pytest tests/connector/api/test_fuzz.py

catalogues: setup ## Bring the translations up to date with the English sentences.
	@$(BIN)/python -m tests.catalogues

proto: setup ## Generate the Python of the Pub/Sub messages.
	@$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. connector/salesforce/pb/pubsub_api.proto

schema: setup ## Write the JSON Schema of the rule language, for editors.
	@$(BIN)/python -m tests.schema

vendor: node_modules/.done ## Copy the front-end packages into our static files.
	@npm run --silent vendor

lock: ## Write the lock files anew from pyproject.toml (needs uv).
	@uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --all-extras --no-emit-index-url \
		--no-annotate --no-header pyproject.toml -o requirements.lock
	@uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
		--constraint requirements.lock pyproject.toml -o requirements-run.lock

sbom: setup ## Write what each lock file names as CycloneDX: build/sbom/product.json, console.json and so on.
	@$(BIN)/python -m tests.locks sbom

audit: setup ## Ask for known weaknesses of all that any lock file names (needs the network, and fails without).
	@$(BIN)/python -m tests.locks audit

revision: setup ## Write a migration for changed tables: make revision M="what changes".
	@$(BIN)/python -m tests.revision "$(M)"
