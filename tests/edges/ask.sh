#!/bin/sh
# ask.sh: writes the edge cases anew (generate.py), the real scheduler's answers to them, and their counts. Needs Go.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python3 "$here/generate.py"
"$here/../conformance/oracle/ask.py" --write edges edges-nominated edges-preemption edges-topology edges-volumes
cargo run --quiet --release --manifest-path "$here/../../Cargo.toml" -p bayplan-conformance -- --manifest
