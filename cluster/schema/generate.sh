#!/bin/sh
# Writes kubernetes.txt: the fields of the API's types, from Kubernetes' own Go types (Apache License 2.0) and OpenAPI document.
# Needs Go and the Go module proxy.
set -eu
version=1.37.2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/main.go" "$work"
cd "$work"
cat > go.mod <<M
module schema

go 1.26

require (
	k8s.io/api v0.${version#1.}
	k8s.io/apimachinery v0.${version#1.}
	k8s.io/client-go v0.${version#1.}
)
M
go mod tidy >/dev/null 2>&1
source=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
{
	echo "# The fields of the types of Kubernetes $version, by generate.sh from k8s.io/api (Apache License 2.0)."
	go run . "$source/api/openapi-spec/swagger.json"
} > "$here/kubernetes.txt"
