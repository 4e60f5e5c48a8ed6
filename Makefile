# Diffusion Atlas. Everything runs in .venv, which the first target that needs it creates.
PYTHON ?= python3
PORT   ?= 8000
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := .stamps

# Passive waiting lets other processes use the cores that idle OpenMP threads would spin on.
export OMP_WAIT_POLICY = PASSIVE
export NO_MKDOCS_2_WARNING = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help serve site catalog check test lint baselines zensical bench peers clean

help: ## say what each target does
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMPS)/site: pyproject.toml constraints.txt hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Diffusion Atlas needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[site,diffusion]'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: $(STAMPS)/site
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	@# azula asks for torchvision, which has no build for the CPU build of torch; what the tests use of it runs without.
	$(BIN)/python -m pip install -q -c constraints.txt --no-deps azula
	@touch $@

# What the tests need from npm. Tests whose tool is missing (node, or html-validate from npm) say so: they fail in CI
# and are skipped elsewhere.
$(STAMPS)/node: tests/node/package-lock.json
	@command -v npm >/dev/null || echo "npm is missing: the validity of the pages is not tested" >&2
	@! command -v npm >/dev/null || npm ci --prefix tests/node --silent --no-audit --no-fund
	@mkdir -p $(STAMPS) && touch $@

catalog: $(STAMPS)/site ## check the catalog and compile it for the library
	@$(BIN)/python -m tools.compile

site: catalog ## build the site into site/
	@$(BIN)/python -m tools.build

serve: ## set up, check, build and serve the site at http://127.0.0.1:8000 (PORT= changes it)
	@$(PYTHON) tools/serve.py --probe $(PORT)
	@$(MAKE) --no-print-directory site
	@$(PYTHON) tools/serve.py $(PORT)

check: $(STAMPS)/site ## check every file of the catalog
	@$(BIN)/diffatlas check catalog

test: $(STAMPS)/dev $(STAMPS)/node site ## run all tests (builds the site first, as the browser tests need it)
	@$(BIN)/python -m pytest

lint: $(STAMPS)/dev ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

baselines: $(STAMPS)/dev ## train, measure and execute again each baseline whose sources changed
	@$(BIN)/python -m tools.baselines

zensical: site ## build the same pages with Zensical, the successor of mkdocs-material, and compare
	@$(BIN)/python -m tools.zensical

bench: $(STAMPS)/dev catalog ## measure speed and size beside their peers; writes docs/measurements/*.json
	@npm ci --prefix bench/node --silent --no-audit --no-fund
	@$(BIN)/python -m bench

$(STAMPS)/peers: $(STAMPS)/dev
	@# Without their dependencies: all ask for torchvision, which the benchmark replaces by a stub.
	$(BIN)/python -m pip install -q -c constraints.txt --no-deps ema-pytorch smalldiffusion denoising-diffusion-pytorch
	@touch $@

peers: $(STAMPS)/peers ## train beside smalldiffusion and denoising-diffusion-pytorch: hours, goes on where it stopped
	@$(BIN)/python -m bench peers

clean: ## remove everything that can be made again
	rm -rf $(VENV) $(STAMPS) .cache site build dist src/diffatlas/_data
	git clean -fdXq -- docs src tools tests bench baselines
