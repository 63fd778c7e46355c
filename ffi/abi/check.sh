#!/bin/sh
# Compares the ABI of the headers with the one that is committed, and with that of the last tag once there is one: a program that was built before
# must go on running. `ffi/abi/check.sh refresh` takes the present one over; do that on purpose, and raise BAYPLAN_ABI_VERSION where something is not an addition.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
for tool in abidw abidiff cc; do
    command -v "$tool" >/dev/null || { echo "abi-check: $tool is missing: apt-get install abigail-tools gcc" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The headers are the interface, and a test compares them with the sources. A library of empty functions has their types as debug information, which the real one
# has not.
dump() { # HEADER OUT
    python3 - "$1" >"$work/stubs.c" <<'PYTHON'
import re, sys
text = open(sys.argv[1]).read()
print(text[: text.index('extern "C" {')] + "#endif")
body = re.sub(r"//[^\n]*", "", text[text.index('extern "C" {') :])
for prototype in re.findall(r"[^;{}#]*\b(?:bayplan_\w+)\s*\([^;]*\)\s*;", body.split("#endif", 1)[1]):
    print(prototype.strip()[:-1] + " { __builtin_trap(); }")
print("#endif")
PYTHON
    cc -std=c11 -g -shared -fPIC -w -x c -o "$work/$(basename "$1" .h).so" "$work/stubs.c"
    abidw --no-corpus-path --no-comp-dir-path --no-show-locs --out-file "$2" "$work/$(basename "$1" .h).so"
    # The same on every 64-bit machine.
    sed -i "s/ architecture='[^']*'//" "$2"
    functions=$(grep -c 'elf-symbol .*func-type' "$2")
    [ "$functions" -gt 50 ] || { echo "abi-check: only $functions functions in $1" >&2; exit 1; }
}
for name in bayplan bayplan_core; do
    if [ "${1:-}" = refresh ]; then
        dump "$root/include/$name.h" "$here/$name.abi"
        continue
    fi
    dump "$root/include/$name.h" "$work/$name.abi"
    if ! abidiff "$here/$name.abi" "$work/$name.abi" >"$work/said"; then
        cat "$work/said" >&2
        echo "abi-check: $name.h differs from ffi/abi/$name.abi; if that is meant: ffi/abi/check.sh refresh" >&2
        exit 1
    fi
    tag=$(git -C "$root" describe --tags --abbrev=0 2>/dev/null || true)
    [ -z "$tag" ] || ! git -C "$root" cat-file -e "$tag:ffi/abi/$name.abi" 2>/dev/null || {
        git -C "$root" show "$tag:ffi/abi/$name.abi" >"$work/tag.abi"
        # Additions are legal: programs that were built before do not know of them.
        abidiff --no-added-syms "$work/tag.abi" "$work/$name.abi" >&2 || { echo "abi-check: $name.h breaks programs built for $tag" >&2; exit 1; }
    }
done
echo "abi-check: as committed"
