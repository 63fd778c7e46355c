#!/bin/sh
# Builds the core into a static library without an allocator, links it into a C program, looks for symbols of an
# allocator, and runs it. Shows also that a library which allocates does not get through.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../target}/noalloc
cc=${CC:-cc}
for tool in "$cc" nm cargo; do
    command -v "$tool" >/dev/null || { echo "noalloc: $tool is missing: install a C compiler with binutils, and Rust" >&2; exit 1; }
done
build() { cargo build --quiet --release --locked --manifest-path "$here/Cargo.toml" --target-dir "$target" "$@"; }

if said=$(build --features allocate 2>&1); then
    echo "noalloc: a library that allocates was built, so this test shows nothing" >&2
    exit 1
fi
case $said in
*"no global memory allocator found"*) ;;
*) echo "noalloc: a library that allocates failed for another reason:" >&2; echo "$said" >&2; exit 1 ;;
esac

build
library=$target/release/libprobe.a
symbols=$(nm "$library" 2>/dev/null)
case $symbols in
*bayplan_probe*) ;;
*) echo "noalloc: nm finds no symbols in $library" >&2; exit 1 ;;
esac
if echo "$symbols" | grep -E '__rust_(no_)?alloc|__rust_dealloc|__rust_realloc|__rdl_|__rg_| (U|T) (malloc|calloc|realloc|free)$' >&2; then
    echo "noalloc: $library has symbols of an allocator" >&2
    exit 1
fi
"$cc" -std=c99 -Wall -Wextra -Werror -pedantic -O1 -o "$target/noalloc" "$here/main.c" "$library"
"$target/noalloc"
