#!/bin/sh
# Changes the plugins and the cycle in small ways and names the changes that no test notices; README.md beside it lists those that are known.
#     tests/mutants/run.sh FILE... [-- OPTIONS OF CARGO-MUTANTS]
set -eu
cd "$(dirname "$0")/../.."
command -v cargo-mutants >/dev/null || { echo "mutants: cargo-mutants is missing: cargo install --locked cargo-mutants" >&2; exit 1; }
target=${CARGO_TARGET_DIR:-$PWD/target}
tree=$target/mutants/tree

# A copy, since a macro declares the modules of the plugins, which cargo-mutants does not read: here they are declared once more, for no configuration.
rm -rf "$tree"
mkdir -p "$tree"
git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$tree"
for file in core/src/plugins/*.rs; do
    name=$(basename "$file" .rs)
    [ "$name" = mod ] || printf '#[cfg(any())]\nmod %s;\n' "$name" >>"$tree/core/src/plugins/mod.rs"
done
set -f # Patterns are cargo-mutants'.
files=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    files="$files --file $1"
    shift
done
[ $# -eq 0 ] || shift
cd "$tree"
# shellcheck disable=SC2086
CARGO_TARGET_DIR=$target/mutants/build exec cargo mutants --in-place --output "$target" $files "$@"
