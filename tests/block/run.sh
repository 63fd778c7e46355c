#!/bin/sh
# The block door: builds the core's C library, which has no allocator and no unwinder, and asks it from C: worked examples, checks by hand, the
# conformance vectors row by row, and random calls under valgrind and sanitizers. BAYPLAN_CALLS asks for more random calls.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
target=${CARGO_TARGET_DIR:-$root/target}/block
work=$target/c
cc=${CC:-cc}
cxx=${CXX:-c++}
calls=${BAYPLAN_CALLS:-100000}
for tool in "$cc" "$cxx" cargo valgrind readelf; do
    command -v "$tool" >/dev/null || { echo "block: $tool is missing: install a C and a C++ compiler with binutils, Rust, and valgrind" >&2; exit 1; }
done
rm -rf "$work"
mkdir -p "$work"
build() { # COMMAND OPTIONS...
    command=$1
    shift
    CARGO_TARGET_DIR=$target cargo "$command" --quiet --locked --manifest-path "$root/ffi/block/Cargo.toml" "$@"
}
(cd "$root/ffi/block" && cargo fmt --check)
build clippy --release -- -D warnings
build build --release
# The same with checks of arithmetic: what overflows ends the program.
build build --profile checked
library=$target/release/libbayplan_core.a

# The header alone, in each language that it promises.
echo '#include <bayplan_core.h>' >"$work/header.c"
cp "$work/header.c" "$work/header.cpp"
strict='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
for standard in c99 c11 c17 c2x; do
    # shellcheck disable=SC2086
    "$cc" -std=$standard $strict -I"$root/include" -fsyntax-only "$work/header.c"
done
for standard in c++11 c++14 c++17 c++20 c++23; do
    # shellcheck disable=SC2086
    "$cxx" -std=$standard $strict -I"$root/include" -fsyntax-only "$work/header.cpp"
done

compile() { # OUT SOURCE LIBRARY FLAGS...
    out=$1 source=$2 with=$3
    shift 3
    "$cc" -std=c99 -Wall -Wextra -Wpedantic -Werror -g -O1 -pthread -I"$root/include" "$@" -o "$work/$out" "$source" "$with"
}
compile example "$root/examples/c/block.c" "$library"
compile checks "$here/checks.c" "$library"
compile player "$here/player.c" "$library" -fsanitize=address,undefined -fno-sanitize-recover=all
# What every processor has, too.
build build --release --no-default-features --target-dir "$target/plain"
compile checks-plain "$here/checks.c" "$target/plain/release/libbayplan_core.a"
compile fuzz "$here/fuzz.c" "$target/checked/libbayplan_core.a"
compile fuzz-sanitized "$here/fuzz.c" "$library" -fsanitize=address,undefined -fno-sanitize-recover=all
compile checks-sanitized "$here/checks.c" "$library" -fsanitize=address,undefined -fno-sanitize-recover=all

# Nothing is asked of the platform but to copy, to fill and to compare memory, and no name but ours is given.
ld -r -o "$work/one.o" --gc-sections $(sed -n 's/.*\(bayplan_core_[a-z_]*\)(.*/-u \1/p' "$root/include/bayplan_core.h" | sort -u) "$library"
asked=$(readelf -sW "$work/one.o" | awk '$7 == "UND" && $8 != "" { print $8 }' | sort -u)
for name in $asked; do
    case $name in
    memcpy | memmove | memset | memcmp | bcmp | strlen | bayplan_core_*) ;;
    *) echo "block: the library asks for $name" >&2; exit 1 ;;
    esac
done
if readelf -sW "$work/one.o" | grep -E '__rust_alloc|__rdl_|eh_personality|_Unwind' >&2; then
    echo "block: the library has an allocator or an unwinder" >&2
    exit 1
fi

cat >"$work/example.expected" <<'LINES'
pod 0: node 0, score 457, one of 16 as good
pod 1: node 4, score 457, one of 15 as good
pod 2: node 8, score 457, one of 14 as good
176 pods were placed
node 0: rule 5 (NodeResourcesFit), too little of resource 0
node 1: rule 5 (NodeResourcesFit), too little of resource 0
LINES
"$work/example" | sed '$d' >"$work/example.printed"
diff -u "$work/example.expected" "$work/example.printed" >&2
"$work/checks"
"$work/checks-plain"
# What the vectors write to a block and decide on it, from a flat file.
(cd "$here/record" && cargo fmt --check)
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target} cargo run --quiet --release --locked --manifest-path "$here/record/Cargo.toml" -- "$work/player" "$work"
"$work/checks-sanitized" all
valgrind --quiet --error-exitcode=99 "$work/checks" all
"$work/fuzz" "$calls"
"$work/fuzz-sanitized" 20000 11 >/dev/null
valgrind --quiet --error-exitcode=99 "$work/fuzz" 5000 12 >/dev/null
echo "block: the example, the checks, the vectors, and random calls under valgrind and sanitizers"
