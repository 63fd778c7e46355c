#!/bin/sh
# Adds a toy filter and a toy score to a copy of the tree: each is one new file and one changed line in each crate. Then it builds, and asks.
set -eu
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-$PWD/target}
copy=$target/add-a-plugin
rm -rf "$copy"
mkdir -p "$copy"
git ls-files -z --cached --others --exclude-standard core cluster examples/rust Cargo.lock rustfmt.toml | tar -c --null -T - | tar -x -C "$copy"
# The two crates alone, with the same versions of what they use.
sed -e 's/^members = .*/members = ["core", "cluster"]/' -e '/^bayplan-reference/d' -e '/^bayplan-conformance/d' -e '/^bayplan-properties/d' -e '/^bayplan-worlds/d' Cargo.toml >"$copy/Cargo.toml"
cd "$copy"
sed -i '/^bayplan-worlds/d' core/Cargo.toml
rm -rf core/tests
git init -q . && git add -A && git -c user.name=copy -c user.email=copy commit -qm copy

here=$OLDPWD/tests/add-a-plugin
for crate in core cluster; do
    cp "$here/$crate/"*.rs "$crate/src/plugins/"
done
for list in core/src/plugin.rs cluster/src/config/plugin.rs; do
    sed -i -e 's|^            ImageLocality: image_locality,|&\n            /// A toy.\n            ToyFilter: toy_filter,\n            /// A toy.\n            ToyScore: toy_score,|' "$list"
done
# The names in the facade have no documentation of their own.
sed -i '/\/\/\/ A toy\./d' cluster/src/config/plugin.rs

for crate in core cluster; do
    git add -A "$crate"
    new=$(git diff --cached --name-status -- "$crate" | grep -c '^A')
    changed=$(git diff --cached --numstat --diff-filter=M -- "$crate" | awk '{ lines += $1; files += 1; gone += $2 } END { print files + 0, lines + 0, gone + 0 }')
    documented=$(git diff --cached --diff-filter=M -- "$crate" | grep -c '^+ *///' || true)
    [ "$new" = 2 ] || { echo "add-a-plugin: $new new files in $crate, not one for each of two plugins" >&2; exit 1; }
    [ "$changed" = "1 $((2 + documented)) 0" ] || { echo "add-a-plugin: $crate changes '$changed' (files, lines added, lines gone), not one line for each of two plugins" >&2; exit 1; }
done

cp "$here/asked.rs" cluster/tests/asked.rs
# In a folder of its own: cargo would take the copy for the tree in a shared one.
# What is asked is small: nothing need be fast, or debugged.
CARGO_PROFILE_TEST_OPT_LEVEL=0 CARGO_PROFILE_TEST_DEBUG=none CARGO_PROFILE_DEV_DEBUG=none CARGO_TARGET_DIR=$target/add-a-plugin-build cargo test --quiet -p bayplan --test asked 2>"$copy/log" || { cat "$copy/log" >&2; exit 1; }
echo 'add-a-plugin: a toy filter and a toy score took one new file and one changed line each in each crate'
