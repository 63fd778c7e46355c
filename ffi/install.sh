#!/bin/sh
# Installs the C library, its header, and the files by which pkg-config and CMake find it (Linux).
#
#     ffi/install.sh PREFIX [PROFILE]     PROFILE is release, unless it says debug
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:?usage: ffi/install.sh PREFIX [PROFILE]}
profile=${2:-release}
built=${CARGO_TARGET_DIR:-$here/../target}/$profile
version=$(sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$here/../Cargo.toml")
abi=$(sed -n 's/^#define BAYPLAN_ABI_VERSION //p' "$here/../include/bayplan.h")
# What the static library needs of the system.
private='-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc'

for file in "$built/libbayplan.so" "$built/libbayplan.a"; do
    [ -f "$file" ] || { echo "install: $file is missing: build it with cargo build --release -p bayplan-ffi" >&2; exit 1; }
done
mkdir -p "$prefix/include" "$prefix/lib/pkgconfig" "$prefix/lib/cmake/bayplan"
prefix=$(cd "$prefix" && pwd)
cp "$here/../include/bayplan.h" "$prefix/include/"
cp "$built/libbayplan.a" "$prefix/lib/"
cp "$built/libbayplan.so" "$prefix/lib/libbayplan.so.$version"
ln -sf "libbayplan.so.$version" "$prefix/lib/libbayplan.so.$abi"
ln -sf "libbayplan.so.$abi" "$prefix/lib/libbayplan.so"
fill() { sed "s|@PREFIX@|$prefix|g; s|@VERSION@|$version|g; s|@ABI@|$abi|g; s|@PRIVATE@|$private|g" "$1" >"$2"; }
fill "$here/bayplan.pc.in" "$prefix/lib/pkgconfig/bayplan.pc"
for file in bayplanConfig bayplanConfigVersion; do
    fill "$here/cmake/$file.cmake.in" "$prefix/lib/cmake/bayplan/$file.cmake"
done
