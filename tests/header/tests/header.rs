//! `include/bayplan.h` is what the sources say.

use std::path::Path;

/// The sources, in the order in which a reader wants them.
const SOURCES: [&str; 7] = ["version", "status", "error", "text", "options", "decision", "cluster"];

/// The crate of the C interface.
const FFI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ffi");

/// The header as the sources have it.
fn written() -> String {
    let crate_dir = Path::new(FFI);
    let mut config = cbindgen::Config::from_file(crate_dir.join("cbindgen.toml")).expect("ffi/cbindgen.toml is legal");
    config.sort_by = cbindgen::SortKey::None;
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(crate_dir.join(format!("src/{source}.rs")));
    }
    let mut written = Vec::new();
    builder.generate().expect("cbindgen reads the sources").write(&mut written);
    String::from_utf8(written).expect("cbindgen writes UTF-8")
}

#[test]
fn header_follows_the_sources() {
    let written = written();
    let path = Path::new(FFI).join("../include/bayplan.h");
    if std::env::var_os("BAYPLAN_BLESS").is_some() {
        std::fs::write(&path, &written).expect("include/bayplan.h can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == written,
        "include/bayplan.h differs from ffi/src: run BAYPLAN_BLESS=1 cargo test -p bayplan-header"
    );
}

/// Every exported function is declared, under a name of ours.
#[test]
fn every_function_is_declared() {
    let header = written();
    let mut functions = 0;
    for file in std::fs::read_dir(Path::new(FFI).join("src")).expect("ffi/src is there") {
        let path = file.expect("it can be listed").path();
        // Tests lie in folders.
        if path.is_dir() {
            continue;
        }
        let source = std::fs::read_to_string(path).expect("it can be read");
        for after in source.split("#[unsafe(no_mangle)]\n").skip(1) {
            let name = after.split_once("fn ").expect("a function follows").1.split('(').next().expect("a name");
            assert!(name.starts_with("bayplan_"), "{name}");
            assert_eq!(
                header.matches(&format!(" {name}(")).count() + header.matches(&format!("*{name}(")).count(),
                1,
                "{name}"
            );
            functions += 1;
        }
    }
    assert!(functions > 20, "only {functions} functions were found");
}
