# Everything from a clean machine with Python 3.11+, make and git: see README.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Small matrices on few cores: BLAS threads only fight each other and the workers.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

# Bytecode of tests is kept, also where Python is told to write none.
BYTECODE := PYTHONDONTWRITEBYTECODE=

.PHONY: report test lab bench calibrate lock sample check cells collected compiled clean

report: compiled
	$(BIN)/salesops run default --period 2026-Q3 --data data/sample --out reports/published --force

# The checks and the notebooks' cells each keep one core busy: side by side they take half the time.
# Three workers on two cores: one in seven tests waits for a process, a browser or a server.
test: compiled
	@$(MAKE) --no-print-directory -j 2 check cells collected
	$(BYTECODE) $(BIN)/python -m pytest -q -p no:nbval -n 3 --dist worksteal tests

# Kernels are forks of one warm process where that can be, as in a run, so that what notebooks import
# is imported once.
cells: compiled
	JUPYTER_DEFAULT_PROVISIONER_NAME=salesops-forked $(BIN)/python -m pytest -q --nbval-lax notebooks

# Pytest rewrites the assertions of every test module, which takes longer than all other collecting: here once,
# beside the checks, and not in each of three workers. A module that cannot be collected is told by the tests.
collected: compiled
	@$(BYTECODE) $(BIN)/python -m pytest -q -p no:nbval --collect-only tests >/dev/null || true

check: compiled
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lab: compiled
	SALESOPS_INTERACTIVE=1 $(BIN)/jupyter lab notebooks

bench: compiled
	$(BIN)/python -m benchmarks

calibrate: $(READY)
	$(BIN)/python -m benchmarks.calibrate

sample: $(READY)
	$(BIN)/salesops simulate data/sample --reps 60 --months 36 --seed 2026

# Where Python may write no bytecode of its own, every kernel would compile the library anew.
compiled: $(READY)
	@$(BIN)/python -m compileall -q salesops_lib

# The stamp holds the lock's hash, so an unchanged lock installs nothing.
$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@want="$$(cat requirements.lock pyproject.toml | sha256sum)"; \
	if [ "$$(cat $(READY) 2>/dev/null)" != "$$want" ]; then \
	  echo "installing the locked packages into $(VENV)" && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5,<1' && \
	  $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock && \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --compile-bytecode --editable . && \
	  $(BIN)/python -m ipykernel install --sys-prefix --name salesops --display-name "Sales operations" >/dev/null && \
	  echo "$$want" > $(READY); \
	else touch $(READY); fi

lock:
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock

clean:
	rm -rf $(VENV)
