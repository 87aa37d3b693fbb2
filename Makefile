# The one list of tasks: people, hooks and machines call these and nothing else. A bare `make` prints them.

PYTHON  ?= python3
# More than cores: tests that watch processes wait for them a fifth of the time.
WORKERS ?= 3
SEEDS   ?= 5

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed
TEST  := $(BIN)/python -m pytest

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help

# One thread a process: the runs themselves are what is done side by side.
export OMP_NUM_THREADS ?= 1
export RAY_USAGE_STATS_ENABLED ?= 0
# Bytecode is kept, as at people's desks: every process that a test starts would compile the project again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## print this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 24

# ------------------------------------------------------------------------------------------------------- for everybody

.PHONY: demo
demo: $(STAMP) ## the whole chapter, reduced: every study, 2 seeds, a few minutes; then the page
	$(BIN)/study demo

.PHONY: chapter
chapter: $(STAMP) ## the whole chapter at full protocol (SEEDS=5); prints its cost first
	$(BIN)/study run chapter --seeds $(SEEDS) --results results/chapter
	$(BIN)/study report results/chapter --out results/chapter/report

.PHONY: docs
docs: $(STAMP) ## the findings in README.md and docs/chapter, written anew from results/chapter
	$(BIN)/python -m analysis.chapter.publish results/chapter

.PHONY: pictures
pictures: $(STAMP) ## the pictures of README and gallery, from a run and the committed results (needs Chromium)
	$(BIN)/python -m docs.make_pictures

.PHONY: site
site: $(STAMP) ## the documents as a site in build/site, to be opened without a network
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "build/site/index.html"

.PHONY: notebook
notebook: $(STAMP) ## the tutorial and the chapter as executed notebooks, build/tutorial.ipynb and build/chapter.ipynb
	PYTHONPATH=. $(BIN)/python examples/notebook.py docs/tutorial.md build/tutorial.ipynb
	PYTHONPATH=. $(BIN)/python examples/notebook.py examples/chapter.py build/chapter.ipynb

.PHONY: install
install: $(STAMP) ## make .venv and install everything, pinned (PYTHON=python3.12 chooses one)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else \
	  "Python 3.11, 3.12 or 3.13 is needed and this is %d.%d; name another: make PYTHON=python3.12" % v)'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing into $(VENV): some minutes the first time, for PyTorch is large."
	@set -- $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'; \
	  if [ -t 1 ]; then "$$@"; else "$$@" >$(VENV)/install.log 2>&1 || { tail -n 30 $(VENV)/install.log; exit 1; }; fi
	@touch $@

# ------------------------------------------------------------------------------------------------------ for developers

.PHONY: check
check: format-check lint types contracts smoke test ## all that must hold before a change goes in

.PHONY: test
test: $(STAMP) ## the tests that start neither Ray nor browser nor server (WORKERS=3; ARGS='-k name' narrows them)
	$(TEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: coverage
coverage: $(STAMP) ## the same, counting which lines they run; fails below the floor in pyproject.toml
	$(TEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder --cov --cov-report=term $(ARGS)

.PHONY: smoke
smoke: $(STAMP) ## one test each of Ray, browser and server
	$(TEST) -n 0 -m smoke tests

.PHONY: format
format: $(STAMP) ## put the code into its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --quiet .

.PHONY: format-check
format-check: $(STAMP) ## is it in its format?
	$(BIN)/ruff format --check .

.PHONY: lint
lint: $(STAMP) ## style, likely mistakes, and code that nothing uses
	$(BIN)/ruff check .
	$(BIN)/vulture

.PHONY: types
types: $(STAMP) ## strict types
	$(BIN)/mypy

.PHONY: contracts
contracts: $(STAMP) ## who may import whom
	$(BIN)/lint-imports --no-cache

.PHONY: golden
golden: $(STAMP) ## add golden values that are new, from this machine's runs; those that there are never change
	$(TEST) -n 0 --add-golden -k golden $(ARGS)

.PHONY: e2e
e2e: $(STAMP) ## all that starts Ray, a browser, a server or whole machines (Linux, root, half an hour)
	$(TEST) -n 0 -m "(e2e or ray or browser or server) and not chaos" tests $(ARGS)

.PHONY: chaos
chaos: $(STAMP) ## the long fault campaign (minutes)
	$(TEST) -n 0 -m chaos $(ARGS)

.PHONY: bench
bench: $(STAMP) ## speed, side by side with others (ARGS='--only trial --repeats 2' narrows it)
	@$(BIN)/python -c 'import lightning, skorch, sklearn' 2>/dev/null || \
	  $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: gpu
gpu: ## the training loop on this machine's GPU: checks and figures, 8 minutes (Python, PyTorch, NumPy; no installation)
	$(PYTHON) -m benchmarks.gpu $(ARGS)

.PHONY: clean
clean: ## remove caches and builds; results and .venv stay
	rm -rf build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
