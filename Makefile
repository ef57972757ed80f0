PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: setup demo test clean

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev,newsletter,postgresql,review,train]"
	touch $@

demo: setup
	$(BIN)/translator translate examples --output outputs/demo --layout interleaved --layout table --layout english --force
	@echo
	@echo "Open outputs/demo/2026-11-02.interleaved.md (or .table.md, .english.md)."

test: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest --cov --cov-report=term:skip-covered --cov-fail-under=90

clean:
	rm -rf .venv outputs/demo
