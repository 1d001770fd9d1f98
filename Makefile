# make demo   set everything up and make the examples smaller than clang -Oz
# make test   set everything up and run the checks and the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-19 slow setup clean

setup:
	@sh runs/setup.sh $(PYTHON) $(VENV) '[dev,corpus,evaluate,model,train]'

demo:
	@sh runs/setup.sh $(PYTHON) $(VENV)
	$(BIN)/lathe doctor
	$(BIN)/lathe tune examples -o demo-out
	@sh runs/check_examples.sh demo-out

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

# the engine on the oldest LLVM that works
test-19: setup
	LATHE_LLVM=/usr/lib/llvm-19 $(BIN)/pytest tests/llvm

slow: setup
	$(BIN)/pytest -m slow

clean:
	rm -rf $(VENV) demo-out .mypy_cache .ruff_cache .pytest_cache .hypothesis
