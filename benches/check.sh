#!/bin/sh
# How many instructions decisions take, beside the committed numbers: a gate that noise does not move. `benches/check.sh refresh` takes the present ones over.
# Counted by callgrind, whose processor has AVX2: numbers are of x86-64 with the compiler of the file's first line.
set -eu
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
command -v valgrind >/dev/null || { echo "bench-check: valgrind is missing: apt-get install valgrind" >&2; exit 1; }
cargo build --quiet --release -p bayplan-bench
bench=$target/release/bayplan-bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rustc --version | cut -d' ' -f1,2 >"$work/counted"
for scenario in SchedulingBasic SchedulingPodAntiAffinity SchedulingPreferredPodAffinity TopologySpreading MixedSchedulingBasePod Unschedulable; do
    "$bench" --scenario "$scenario" --nodes 500 --pods 300 --existing 200 >"$work/case.ndjson"
    for loop in core_cold_one core_warm_loop facade_cold_one facade_warm_loop; do
        valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect="bayplan_bench::timing::$loop" \
            "$bench" --rounds 1 --plain 0 "$work/case.ndjson" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
        count=$(sed -n 's/.*Collected : //p' "$work/out")
        [ "${count:-0}" -gt 1000 ] || { echo "bench-check: $loop was not counted: is it a function of its own still?" >&2; exit 1; }
        printf '%s\t%s\t%s\n' "$scenario" "$loop" "$((count / 300))" | tee -a "$work/counted"
    done
done
if [ "${1:-}" = refresh ]; then
    cp "$work/counted" benches/INSTRUCTIONS
    exit 0
fi
# Hash tables begin with a seed of chance: that moves counts by less than 2 %.
awk -F '\t' 'NR == FNR { if (NF == 3) was[$1 FS $2] = $3; else compiler = $0; next }
    NF != 3 { if ($0 != compiler) { print "bench-check: counted with " compiler ", this is " $0 ": compare with care"; } next }
    !(($1 FS $2) in was) { print "bench-check: " $1 " " $2 " is not in benches/INSTRUCTIONS"; bad = 1; next }
    $3 > was[$1 FS $2] * 1.02 { printf "bench-check: %s %s: %d instructions a pod, %d before\n", $1, $2, $3, was[$1 FS $2]; bad = 1 }
    $3 < was[$1 FS $2] * 0.95 { printf "bench-check: %s %s: %d instructions a pod, %d before: better; benches/check.sh refresh keeps it\n", $1, $2, $3, was[$1 FS $2] }
    { seen[$1 FS $2] = 1 }
    END { for (key in was) if (!(key in seen)) { print "bench-check: " key " was not counted"; bad = 1 }; exit bad }' benches/INSTRUCTIONS "$work/counted" >&2
