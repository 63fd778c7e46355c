#!/bin/sh
# Builds and installs the C library into a scratch prefix, compiles the example against it in every way that a user
# may, compares what it prints with the real scheduler's decisions, and runs it under valgrind.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
target=${CARGO_TARGET_DIR:-$root/target}
profile=${1:-release}
work=$target/c
cc=${CC:-cc}
cxx=${CXX:-c++}

need() { # COMMAND PACKAGE
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "c: installing $2" >&2
        { apt-get install -y -qq "$2" || { apt-get update -qq && apt-get install -y -qq "$2"; }; } >/dev/null
    fi
    command -v "$1" >/dev/null || { echo "c: $1 is missing: install it (on Debian: apt-get install $2)" >&2; exit 1; }
}
need "$cc" gcc
need "$cxx" g++
need pkg-config pkg-config
need cmake cmake
need valgrind valgrind
need python3 python3

rm -rf "$work"
mkdir -p "$work"
if [ "$profile" = release ]; then release=--release; else release=; fi
# With the features that the tests before had everything built with: alone the library would be compiled once more.
cargo build --quiet $release --manifest-path "$root/Cargo.toml" -p bayplan-ffi -p bayplan-python
CARGO_TARGET_DIR=$target/block cargo build --quiet --release --locked --manifest-path "$root/ffi/block/Cargo.toml"
CARGO_TARGET_DIR=$target "$root/ffi/install.sh" "$work/prefix" "$profile"
export PKG_CONFIG_PATH="$work/prefix/lib/pkgconfig" LD_LIBRARY_PATH="$work/prefix/lib"

# The header alone, as C99 and as C++.
echo '#include <bayplan.h>' >"$work/header.c"
cp "$work/header.c" "$work/header.cpp"
strict='-Wall -Wextra -Werror -pedantic'
# shellcheck disable=SC2046,SC2086
{
    for standard in c99 c11 c17 c2x; do
        "$cc" -std=$standard $strict $(pkg-config --cflags bayplan) -fsyntax-only "$work/header.c"
    done
    for standard in c++11 c++14 c++17 c++20 c++23; do
        "$cxx" -std=$standard $strict $(pkg-config --cflags bayplan) -fsyntax-only "$work/header.cpp"
    done
    "$cc" -std=c99 $strict -g $(pkg-config --cflags bayplan) -o "$work/place" "$root/examples/c/place.c" \
        $(pkg-config --libs bayplan)
    "$cc" -std=c99 $strict -g $(pkg-config --cflags bayplan) -o "$work/start" "$root/examples/c/start.c" \
        $(pkg-config --libs bayplan)
    "$cc" -std=c99 $strict -g -I"$work/prefix/include" -o "$work/place-static" "$root/examples/c/place.c" \
        "$work/prefix/lib/libbayplan.a" $(sed -n 's/^Libs.private: //p' "$PKG_CONFIG_PATH/bayplan.pc")
}
mkdir "$work/cmake"
cat >"$work/cmake/CMakeLists.txt" <<LISTS
cmake_minimum_required(VERSION 3.13)
project(example C)
find_package(bayplan 0.1 REQUIRED)
add_executable(place "$root/examples/c/place.c")
target_link_libraries(place bayplan::bayplan)
LISTS
cmake -S "$work/cmake" -B "$work/cmake/out" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/cmake.log" &&
    cmake --build "$work/cmake/out" >>"$work/cmake.log" || { cat "$work/cmake.log" >&2; exit 1; }

# Runs one case in one way; the exit code must fit the output.
play() { # CASE VERSION COMMAND...
    case=$1 version=$2
    shift 2
    set -- "$@" -v "$version"
    if [ -f "$case.config" ]; then set -- "$@" -c "$case.config"; fi
    # shellcheck disable=SC2046
    set -- "$@" "$case.json" $(cat "$case.pods")
    if grep -q ' pending: ' "$case.expected"; then expected=3; else expected=0; fi
    code=0
    "$@" >"$case.printed" 2>"$case.errors" || code=$?
    if ! diff -u "$case.expected" "$case.printed" >&2 || [ "$code" != "$expected" ]; then
        echo "c: $case: ended with $code, expected $expected" >&2
        cat "$case.errors" >&2
        exit 1
    fi
}
played=0
steps=0
for version in 1.34 1.37; do
    cases=$work/cases-$version
    python3 "$here/cases.py" "$root/tests/conformance/vectors" "$version" "$cases" resources=10 strategy=10 taints=10 \
        nodeaffinity=10 ports=10 images=10 gates=10 numbers=10 resize=10 declared=10 defaultspread=10 spread=10 interpod=10 volumes=10
    for file in "$cases"/*.expected; do
        play "${file%.expected}" "$version" "$work/place"
        played=$((played + 1))
        steps=$((steps + $(wc -l <"$file")))
    done
done
for file in "$work"/cases-1.37/*-0000.expected; do
    play "${file%.expected}" 1.37 "$work/place-static"
    play "${file%.expected}" 1.37 "$work/cmake/out/place"
done

# As a package: below DESTDIR, libraries in lib64, and then moved; linked with nothing of it at run time.
(cd "$work" && DESTDIR=$work/package LIBDIR=lib64 CARGO_TARGET_DIR=$target "$root/ffi/install.sh" /usr "$profile")
mv "$work/package/usr" "$work/moved"
here_too() { PKG_CONFIG_PATH="$work/moved/lib64/pkgconfig" pkg-config "$@"; }
# shellcheck disable=SC2046,SC2086
{
    "$cc" -static -std=c99 $strict $(here_too --cflags bayplan) -o "$work/place-alone" "$root/examples/c/place.c" \
        $(here_too --static --libs bayplan) 2>"$work/static.log" || { cat "$work/static.log" >&2; exit 1; }
    "$cc" -std=c99 $strict $(here_too --cflags bayplan-core) -o "$work/block" "$root/examples/c/block.c" $(here_too --libs bayplan-core)
}
play "$(ls "$work"/cases-1.37/*-0000.expected | head -1 | sed 's/\.expected$//')" 1.37 "$work/place-alone"
"$work/block" >/dev/null
for archive in bayplan bayplan_core; do
    if foreign=$(nm -g --defined-only "$work/moved/lib64/lib$archive.a" 2>/dev/null | awk 'NF == 3 { print $3 }' | grep -v "^${archive}_"); then
        echo "c: lib$archive.a gives names that are not ours: $foreign" >&2
        exit 1
    fi
done
for bad in ../lib /usr/lib 'li b'; do
    if LIBDIR=$bad CARGO_TARGET_DIR=$target "$root/ffi/install.sh" "$work/bad" "$profile" 2>/dev/null; then
        echo "c: installed to LIBDIR=$bad" >&2
        exit 1
    fi
done

# The bridge: a copy of the cluster's block is asked through bayplan_core.h, and decides as the cluster does.
# shellcheck disable=SC2046,SC2086
"$cc" -std=c99 $strict -g $(pkg-config --cflags bayplan) -o "$work/bridge" "$root/tests/block/bridge.c" \
    $(pkg-config --libs bayplan-core bayplan)
for file in "$root/examples/city.json" "$work"/cases-1.37/*.json; do
    "$work/bridge" "$file" >>"$work/bridge.printed"
done
bridged=$(awk '{ asked += $2; bound += $9 } END { print asked " pods, " bound " of them bound" }' "$work/bridge.printed")
[ "$(awk '{ bound += $9 } END { print (bound > 300) }' "$work/bridge.printed")" = 1 ] || { echo "c: only $bridged over the bridge" >&2; exit 1; }
valgrind --quiet --error-exitcode=99 "$work/bridge" "$root/examples/city.json" >/dev/null

# Under valgrind: one case of each kind, all that wait, and every way out.
check="valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=99"
watched=0
for file in "$work"/cases-1.37/*-0000.expected; do
    [ -f "$file" ] || continue
    # shellcheck disable=SC2086
    play "${file%.expected}" 1.37 $check "$work/place"
    watched=$((watched + 1))
done
[ "$watched" -gt 0 ] || { echo "c: no case was run under valgrind" >&2; exit 1; }
cat >"$work/start.expected" <<'LINES'
default/fits: n1
default/does-not: 0/1 nodes are available: 1 Insufficient cpu.
LINES
# shellcheck disable=SC2086
$check "$work/start" >"$work/start.printed"
diff -u "$work/start.expected" "$work/start.printed" >&2
ends() { # EXPECTED TEXT ARGUMENTS...
    expected=$1 text=$2 code=0
    shift 2
    # shellcheck disable=SC2086
    said=$($check "$work/place" "$@" 2>&1) || code=$?
    case $said in *"$text"*) found=yes ;; *) found=no ;; esac
    if [ "$code" != "$expected" ] || [ $found = no ]; then
        echo "c: place $* ended with $code, expected $expected and \`$text\` in: $said" >&2
        exit 1
    fi
}
some=$(ls "$work"/cases-1.37/resources-*.json | head -1)
head -c 1000 "$some" >"$work/cut.json"
ends 3 ' pending: ' "$(ls "$work"/cases-1.37/gates-*.json | head -1)"
ends 2 'NOT_FOUND: there is no pod default/none' "$some" default/none
ends 2 "INVALID_INPUT: $work/cut.json" "$work/cut.json"
ends 2 'INVALID_CONFIGURATION' -v 1.2 "$some"
ends 2 'INVALID_CONFIGURATION' -c "$some" "$some"
ends 2 'No such file' "$work/none.json"
ends 2 'usage' -x "$some"
# Plugins of the caller's own, as sanitized C and under valgrind.
"$cc" -std=c99 $strict -g -fsanitize=address,undefined -fno-sanitize-recover=all -I"$work/prefix/include" -o "$work/plugin" "$root/examples/c/plugin.c" \
    "$work/prefix/lib/libbayplan.a" -lutil -lrt -lpthread -lm -ldl
"$cc" -std=c99 $strict -g $(pkg-config --cflags bayplan) -o "$work/plugin-plain" "$root/examples/c/plugin.c" $(pkg-config --libs bayplan)
cat >"$work/plugin.expected" <<'LINES'
default/licensed: n2
default/unlicensed: n3
default/late: 0/3 nodes are available: 1 node(s) without a free licence, 2 node(s) are kept for licences.
default/lost: running "Licences" filter plugin: no licence server
asked 4 times for 4 decisions
LINES
# shellcheck disable=SC2086
for plugin in "$work/plugin" "$check $work/plugin-plain"; do
    $plugin >"$work/plugin.printed"
    diff -u "$work/plugin.expected" "$work/plugin.printed" >&2
done
# Planners' answers as structs: what README shows of the commands, whose zones are in the order of what they cost.
cat >"$work/plan.expected" <<'LINES'
zone-a fails with 12 nodes: 38 pods move, 33 go missing, 16 are preempted
zone-b fails with 11 nodes: 38 pods move, 34 go missing, 17 are preempted
zone-c fails with 9 nodes: 38 pods move, 31 go missing, 16 are preempted
highmem-3 can be switched off: 0 pods move
worker-24 can be switched off: 0 pods move
worker-25 can be switched off: 0 pods move
LINES
"$cc" -std=c99 $strict -g -fsanitize=address,undefined -fno-sanitize-recover=all -I"$work/prefix/include" -o "$work/plan" "$root/examples/c/plan.c" \
    "$work/prefix/lib/libbayplan.a" -lutil -lrt -lpthread -lm -ldl
"$work/plan" "$root/examples/city.json" >"$work/plan.printed"
diff -u "$work/plan.expected" "$work/plan.printed" >&2
# Random calls, right and wrong, as sanitized C and under valgrind. BAYPLAN_CALLS asks for more of them.
"$cc" -std=c99 $strict -Wno-overlength-strings -g -fsanitize=address,undefined -fno-sanitize-recover=all -I"$work/prefix/include" -o "$work/fuzz" "$here/fuzz.c" \
    "$work/prefix/lib/libbayplan.a" -lutil -lrt -lpthread -lm -ldl
fuzzed=$("$work/fuzz" "${BAYPLAN_CALLS:-100000}")
"$cc" -std=c99 $strict -Wno-overlength-strings -g $(pkg-config --cflags bayplan) -o "$work/fuzz-plain" "$here/fuzz.c" $(pkg-config --libs bayplan)
# LLVM looks at bytes before it knows whether they count, which valgrind takes for a fault: all else is looked at.
valgrind --quiet --undef-value-errors=no --leak-check=full --errors-for-leak-kinds=definite,indirect --error-exitcode=99 "$work/fuzz-plain" 1500 3 >"$work/fuzz.watched" 2>&1 ||
    { cat "$work/fuzz.watched" >&2; exit 1; }

# A process of little memory gets a status, whatever the limit; a dump of 15 MB takes 230 MB.
python3 "$here/large.py" >"$work/large.json"
for limit in 80 100 130 160 200 250 300 350 400; do
    code=0
    (ulimit -v ${limit}000 && "$work/place-static" "$work/large.json" ns-0/none) >"$work/limited" 2>&1 || code=$?
    if [ "$code" != 2 ] || ! grep -Eq 'NO_MEMORY|NOT_FOUND|Cannot allocate' "$work/limited"; then
        echo "c: with $limit MB it ended with $code: $(head -3 "$work/limited")" >&2
        exit 1
    fi
done
grep -q 'NOT_FOUND' "$work/limited" || { echo "c: 400 MB are not enough: $(cat "$work/limited")" >&2; exit 1; }
echo "c: $fuzzed"
echo "c: over the bridge to the block $bridged as the cluster does"
echo "c: $played cases, $steps steps as the real scheduler decided; $watched and 7 ways out under valgrind"
