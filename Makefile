# One command for each thing a newcomer does. Every target sets up what it needs, in its own virtual environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AXE := build/browser/node_modules/axe-core/axe.min.js
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test coverage lab check wheelhouse test-wheel bench bench-start bench-ledger bench-capture bench-collect bench-media bench-graph bench-graph-store bench-produce bench-search compare-media test-servers test-faults test-hardware test-large test-exhaustive test-interop test-browser screenshots test-offline test-mutation policy-page policy-rates screening-rates misuse-simulation fuzz fuzz-media lock clean

demo: $(VENV)/.core            ## a complete sample investigation, headless
	$(BIN)/osint demo

test: $(VENV)/.dev check       ## everything a change has to pass
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n 2

coverage: $(VENV)/.dev         ## the same tests, with the lines that none of them ran
	$(BIN)/pytest -n 2 --cov --cov-report=term:skip-covered

check: $(VENV)/.dev            ## style, types on three platforms, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32
	$(BIN)/mypy --platform darwin
	$(BIN)/lint-imports

lab: $(VENV)/.core             ## JupyterLab with the start notebook open; make lab ARGS="-- --allow-root" hands options on
	$(BIN)/osint lab notebooks $(ARGS)

wheelhouse: $(VENV)/.dev       ## what Linux, Windows and macOS need to install without a network; make wheelhouse ARGS="--desktop linux --python 3.12"
	$(BIN)/python locks/wheelhouse.py $(ARGS)

test-wheel: $(VENV)/.dev       ## the wheel and the bundle of this machine, installed and run where there is no network (Linux)
	$(BIN)/python locks/wheelhouse.py --desktop linux
	$(BIN)/pytest -m wheel tests/test_wheel.py -rA

bench: $(VENV)/.dev            ## what starting costs, beside the bare imports
	$(BIN)/python benchmarks/start.py --quick

bench-start: $(VENV)/.dev      ## the first minute, beside msticpy, minet and auto-archiver where they install (needs uv and an index)
	$(BIN)/python benchmarks/start.py $(ARGS)

bench-ledger: $(VENV)/.dev     ## what the ledger costs, beside the disk, the hash and the signature alone
	$(BIN)/python benchmarks/ledger.py --large

bench-capture: $(VENV)/.dev    ## what a capture costs, beside zlib, the hash, requests, warcio and FastWARC
	$(BIN)/python benchmarks/capture.py

bench-collect: $(VENV)/.dev    ## what reading an answer costs, beside the bare parsers; make bench-collect ARGS="--others PYTHON"
	$(BIN)/python benchmarks/collect.py $(ARGS)

bench-media: $(VENV)/.dev      ## what reading media costs; make bench-media ARGS="--dir FOLDER" with real pictures
	$(BIN)/python benchmarks/media.py $(ARGS)
	$(BIN)/python benchmarks/media_similarity.py

bench-graph: $(VENV)/.dev      ## what measures of 100,000 nodes cost, beside networkx, and a frame of a chart of 5,000 elements
	$(BIN)/python benchmarks/graph.py $(ARGS)
	$(BIN)/python benchmarks/graph_frames.py

bench-graph-store: $(VENV)/.dev ## what the edges of a million posts cost, beside pandas and networkx
	$(BIN)/python benchmarks/graph_store.py $(ARGS)

bench-produce: $(VENV)/.dev    ## what a production of 10,000 exhibits costs, beside the bare copy and hash
	$(BIN)/python benchmarks/produce.py $(ARGS)

bench-search: $(VENV)/.dev     ## what a search of a million posts costs; make bench-search ARGS="--posts 1000000 5000000"
	$(BIN)/python benchmarks/search.py $(ARGS)

compare-media: $(VENV)/.dev    ## what is read from a folder of media, beside ExifTool and others; make compare-media DIR=FOLDER
	$(BIN)/python benchmarks/compare_media.py $(ARGS) -- "$(DIR)"

test-faults: $(VENV)/.dev      ## kills, full disks, lost power, wrong clocks at every step (Debian 12, as root)
	sh tests/faults/install.sh
	$(BIN)/pytest -n 2 -m faults tests/faults tests -rA

test-hardware: $(VENV)/.dev    ## keys in a PKCS#11 module, by SoftHSM2 (Debian 12, as root)
	sh tests/hardware/install.sh
	$(BIN)/pytest -m hardware tests -rA

test-large: $(VENV)/.dev       ## a file of 1 GiB the whole way, and the memory it takes (8 GiB of disk)
	$(BIN)/pytest -m large tests -rA

test-exhaustive: $(VENV)/.dev  ## more flipped bits, damages and forms of what every run tries with a few
	$(BIN)/pytest -n 2 -m exhaustive tests

test-interop: $(VENV)/.dev     ## tiled logs, web archives and link charts read by the programs of others (Debian 12, as root)
	sh tests/interop/install.sh
	$(BIN)/pytest -m interop tests/interop -rA

test-browser: $(VENV)/.dev $(AXE) ## hostile captures, accessibility and clicks in a real browser (needs Chromium and npm)
	$(BIN)/pytest -m browser_lab tests/browser_safety -rA

screenshots: $(VENV)/.dev      ## the pictures of docs/images again, from the sample investigation (needs Chromium)
	$(BIN)/python tests/browser_safety/screenshots.py

$(AXE):                        # a tool of the tests, no part of what we hand out
	npm install --prefix build/browser --ignore-scripts --no-audit --no-fund --no-save axe-core@4.14.1

test-offline: $(VENV)/.dev     ## all tests where no host but this machine can be asked; make test-offline ARGS="tests/policy"
	$(BIN)/python tests/offline.py $(BIN)/pytest -n 2 $(ARGS)

test-mutation: $(VENV)/.dev    ## takes each rule of the gate out and sees a test fail
	$(BIN)/python tests/policy/mutate_rules.py

policy-page: $(VENV)/.dev      ## writes docs/policy.md again from the pack and the list of tests
	$(BIN)/python tests/policy/policy_page.py

policy-rates: $(VENV)/.dev     ## how often the First-Amendment guard misses, and how often it cries wolf
	$(BIN)/python tests/policy/policy_rates.py

screening-rates: $(VENV)/.dev  ## how much of protected information the filter of background checks finds
	$(BIN)/python tests/screening/screening_rates.py

misuse-simulation: $(VENV)/.dev  ## how many misusers the reports of oversight show, and how many others
	$(BIN)/python tests/oversight/simulation.py

fuzz: $(VENV)/.dev             ## hostile bytes for ten minutes (needs atheris, in an environment of its own)
	sh tests/fuzz/run.sh

fuzz-media: $(VENV)/.dev       ## hostile pictures and films for ten minutes (with atheris where it installs)
	sh tests/fuzz/run_media.sh

test-servers: $(VENV)/.dev     ## collect from real servers on this machine (Debian 12, as root)
	sh tests/servers/install.sh
	$(BIN)/pytest -m servers tests/servers -rA

lock: $(VENV)/.dev             ## write locks/*.txt again from pyproject.toml (needs uv)
	$(BIN)/python locks/lock.py

clean:                         ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: locks/core.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes --only-binary :all: -r locks/core.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: locks/dev.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r locks/dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@
