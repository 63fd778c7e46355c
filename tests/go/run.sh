#!/bin/sh
# Vets and tests the Go package: every committed vector of every version, races, a little fuzzing, the examples.
set -eu
cd "$(dirname "$0")/../.."
. tests/go/env.sh
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
