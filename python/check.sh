#!/usr/bin/env bash
# Builds the Python package into a virtual environment and checks all of it: tests, types, stubs, style.
# VENV names the environment (default: .venv beside the workspace); PROFILE is the cargo profile (default: release).
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${VENV:-$PWD/.venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
export VIRTUAL_ENV=$venv PATH=$venv/bin:$PATH
if ! cmp -s python/requirements-dev.txt "$venv/requirements-dev.txt"; then
    pip install --quiet --disable-pip-version-check -r python/requirements-dev.txt
    cp python/requirements-dev.txt "$venv/requirements-dev.txt"
fi
maturin develop --quiet --profile "${PROFILE:-release}" --manifest-path python/Cargo.toml
cd python
ruff format --check .
ruff check .
mypy
(cd "$venv" && python -m mypy.stubtest bayplan)
pytest "$@"
