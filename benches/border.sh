#!/bin/sh
# border.sh: what a call costs from Rust, C and Go, in one run: nanoseconds, the least of nine rounds. After `make go-library`.
set -eu
cd "$(dirname "$0")/.."
. tests/go/env.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo build --quiet --release -p bayplan-benches --example border
"${CC:-cc}" -O2 -std=c99 -Wall -Wextra -Werror -I"$target/go/include" -o "$work/border" benches/border.c "$target/go/lib/libbayplan.a" \
    "$target/go/lib/libbayplan_core.a" -lutil -lrt -lpthread -lm -ldl
for sizes in '1 1' '100 1000' '5000 10000'; do
    nodes=${sizes% *} pods=${sizes#* }
    echo "$nodes nodes, $pods pods"
    "$target/release/examples/border" --write "$work/fleet.json" "$nodes" "$pods"
    "$target/release/examples/border" "$nodes" "$pods"
    "$work/border" "$work/fleet.json" "$nodes" "$pods"
done
(cd go && "$go" test -tags "$tags" -run '^$' -bench . -count 1 .) | grep ^Benchmark
