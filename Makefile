# Everything sets up what it needs on a plain Debian with Python 3.11 and make; see README.md.
.DEFAULT_GOAL := help
.PHONY: help setup browser demo serve design cycle test check format bench bench-quick fuzz

UV := $(or $(shell command -v uv),.uv/bin/uv)
RUN := $(UV) run --frozen
ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
HOST ?= 127.0.0.1
PORT ?= 8000

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# Debian's Python refuses a plain pip install, so uv gets a virtual environment of its own.
.uv/bin/uv:
	python3 -m venv .uv || { rm -rf .uv; $(ROOT) apt-get update -qq; \
		$(ROOT) apt-get install -y -qq python3-venv; python3 -m venv .uv; }
	.uv/bin/pip install --quiet 'uv>=0.9'

setup: $(filter .uv/bin/uv,$(UV)) ## install the Python packages and compile the solver
	$(UV) sync --frozen --quiet --compile-bytecode
	@$(RUN) bailiwick warm

browser: ## install the Chromium that the browser tests drive
	@command -v chromium >/dev/null || { $(ROOT) apt-get update -qq; \
		$(ROOT) apt-get install -y -qq --no-install-recommends chromium; }

demo: setup ## sample accounts → plan → map, served at http://127.0.0.1:8000
	$(RUN) bailiwick demo --host $(HOST) --port $(PORT)

serve: setup ## the service at http://127.0.0.1:8000
	$(RUN) bailiwick serve --host $(HOST) --port $(PORT)

design: setup ## your own file: make design INPUT=my.csv TERRITORIES=8 OUT=plan
	@$(RUN) bailiwick design $(INPUT) --territories $(TERRITORIES) --out $(OUT) || { code=$$?; \
		if [ $$code = 3 ]; then echo "The plan is written, but not all is within tolerance."; \
		else exit $$code; fi; }

cycle: setup ## a year of planning for the sample company, each step checked (some minutes)
	$(RUN) python -m scripts.cycle

test: setup browser ## all tests
	$(RUN) pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup ## format, lint, types, import directions
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports

format: setup ## format the code and mend what can be mended
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

bench: setup ## quality beside the peers, and speed, into docs/benchmarks.md (takes hours)
	$(RUN) --group bench python -m benchmarks.quality
	$(RUN) --group bench python -m benchmarks.speed
	$(RUN) --group bench python -m benchmarks.report

fuzz: setup ## Schemathesis over the whole API, all phases (some minutes)
	$(RUN) python -m benchmarks.fuzz_api

bench-quick: setup ## the two smaller markets, one seed, into var/bench (a quarter of an hour)
	$(RUN) --group bench python -m benchmarks.quality --quick --seeds 1 --results var/bench
	$(RUN) --group bench python -m benchmarks.speed --repeats 1 --results var/bench
	$(RUN) --group bench python -m benchmarks.report --results var/bench --docs var/bench
