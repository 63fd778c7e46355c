#!/bin/sh
# pin.sh RELEASE: writes modules/MINOR.mod and modules/MINOR.sum for a release of Kubernetes (v1.37.2).
#
# k8s.io/kubernetes requires its staging modules (k8s.io/api, client-go, …) at v0.0.0 and replaces them by folders of its own, which
# others can't use: each is replaced by its release of the same minor and patch instead (v0.37.2).
set -eu
[ $# = 1 ] || { sed -n 2p "$0" >&2; exit 2; }
release=$1
cd "$(dirname "$0")"
minor=$(echo "$release" | sed -nE 's/^v(1\.[0-9]+)\.[0-9]+$/\1/p')
[ -n "$minor" ] || { echo "pin.sh: $release is no release like v1.37.2" >&2; exit 2; }
staging=v0.${release#v1.}
upstream=$(cd "$(mktemp -d)" && go mod download -json "k8s.io/kubernetes@$release" | sed -nE 's/^.*"GoMod": "(.*)".*$/\1/p')
{
    echo "module oracle"
    echo
    grep '^go ' "$upstream"
    echo
    echo "require k8s.io/kubernetes $release"
    echo
    echo "replace ("
    sed -nE 's#^.*(k8s\.io/[a-z0-9/-]+) => \./staging.*$#\1#p; s#^[[:space:]]*(k8s\.io/[a-z0-9/-]+) v0\.0\.0( .*)?$#\1#p' "$upstream" | sort -u |
        sed "s#^\(.*\)\$#\t\1 => \1 $staging#"
    echo ")"
} >"modules/$minor.mod"
go mod tidy -modfile="modules/$minor.mod"
