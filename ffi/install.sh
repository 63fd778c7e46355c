#!/bin/sh
# Installs the C libraries, their headers, and the files by which pkg-config and CMake find them (Linux).
#
#     [DESTDIR=…] [LIBDIR=lib] ffi/install.sh PREFIX [PROFILE]
#
# LIBDIR is below PREFIX: lib, lib64, lib/x86_64-linux-gnu. DESTDIR stands before all paths, for packages. PROFILE is the cargo profile that was built:
# release, unless it says debug or dist. What is installed may be moved as a whole.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:?usage: [DESTDIR=...] [LIBDIR=lib] ffi/install.sh PREFIX [PROFILE]}
profile=${2:-release}
libdir=${LIBDIR:-lib}
libdir=${libdir#"$prefix"/}
target=${CARGO_TARGET_DIR:-$here/../target}
built=$target/$profile
block=$target/block/release/libbayplan_core.a
version=$(sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$here/../Cargo.toml")
abi=$(sed -n 's/^#define BAYPLAN_ABI_VERSION //p' "$here/../include/bayplan.h")
# What the static library needs of the system beside what a C compiler links by itself.
private='-lutil -lrt -lpthread -lm -ldl'

case $libdir in
/* | *..* | *[!A-Za-z0-9._/-]* | '') echo "install: LIBDIR=$libdir is not a folder below $prefix, such as lib or lib64" >&2; exit 1 ;;
esac
for file in "$built/libbayplan.so" "$built/libbayplan.a"; do
    [ -f "$file" ] || { echo "install: $file is missing: build it with cargo build --release -p bayplan-ffi" >&2; exit 1; }
done
# A relative prefix is meant from where we are.
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
root=${DESTDIR:-}$prefix
lib=$root/$libdir
mkdir -p "$root/include" "$lib/pkgconfig" "$lib/cmake/bayplan"

# The way up from a folder of so many parts: lib/pkgconfig is two up.
up() { echo "$1" | sed 's|[^/]\{1,\}|..|g'; }
fill() { # TEMPLATE OUT UP
    sed "s|@UP@|$3|g; s|@LIBDIR@|$libdir|g; s|@VERSION@|$version|g; s|@ABI@|$abi|g; s|@PRIVATE@|$private|g" "$1" >"$2"
}

# A static library of one object, in which no names but ours can be seen: two Rust libraries, or one and another copy of zlib, do not meet.
one_object() { # ARCHIVE HEADER NAMES OUT
    work=$(mktemp -d)
    # shellcheck disable=SC2046
    "${LD:-ld}" -r --gc-sections $(sed -n "s|^[^/].*[ *]\($3[a-z_]*\)(.*|-u \1|p" "$2" | sort -u) -o "$work/one.o" "$1"
    "${OBJCOPY:-objcopy}" -g -R .llvmbc -R .llvmcmd --wildcard --keep-global-symbol="$3*" "$work/one.o"
    rm -f "$4"
    "${AR:-ar}" rcs "$4" "$work/one.o"
    rm -r "$work"
}

cp "$here/../include/bayplan.h" "$root/include/"
one_object "$built/libbayplan.a" "$here/../include/bayplan.h" bayplan_ "$lib/libbayplan.a"
cp "$built/libbayplan.so" "$lib/libbayplan.so.$version"
ln -sf "libbayplan.so.$version" "$lib/libbayplan.so.$abi"
ln -sf "libbayplan.so.$abi" "$lib/libbayplan.so"
fill "$here/bayplan.pc.in" "$lib/pkgconfig/bayplan.pc" "$(up "$libdir/pkgconfig")"
for file in bayplanConfig bayplanConfigVersion; do
    fill "$here/cmake/$file.cmake.in" "$lib/cmake/bayplan/$file.cmake" "$(up "$libdir/cmake/bayplan")"
done

if [ -f "$block" ]; then
    cp "$here/../include/bayplan_core.h" "$root/include/"
    one_object "$block" "$here/../include/bayplan_core.h" bayplan_core_ "$lib/libbayplan_core.a"
    fill "$here/bayplan-core.pc.in" "$lib/pkgconfig/bayplan-core.pc" "$(up "$libdir/pkgconfig")"
else
    echo "install: without bayplan_core.h: $block is not built (cargo build --release --manifest-path ffi/block/Cargo.toml --target-dir $target/block)" >&2
fi
