#!/bin/sh
# build.sh MINOR OUT: builds the oracle around the kube-scheduler of a minor version (1.37) as the file OUT.
#
# The release and every module that it needs are pinned in modules/MINOR.mod and modules/MINOR.sum. The first build of a version
# takes two to five minutes on two cores, and half a gigabyte of Go's caches.
set -eu
[ $# = 2 ] || { sed -n 2p "$0" >&2; exit 2; }
minor=$1
case $2 in /*) out=$2 ;; *) out=$PWD/$2 ;; esac
cd "$(dirname "$0")"
[ -f "modules/$minor.mod" ] || { echo "oracle: no modules/$minor.mod; pin.sh makes one" >&2; exit 2; }
command -v go >/dev/null || { echo "oracle: go is missing: install Go (https://go.dev/dl)" >&2; exit 2; }
mkdir -p "$(dirname "$out")"
exec go build -mod=readonly -modfile="modules/$minor.mod" -tags "k8s$(echo "$minor" | tr -d .)" -buildvcs=false -o "$out" .
