//! The headers are what the sources say.

use std::path::Path;

/// The crates of the C interface.
const FFI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ffi");

/// A header, and what it is written from.
struct Header {
    name: &'static str,
    /// The crate, beside `ffi`.
    folder: &'static str,
    /// The sources, in the order in which a reader wants them.
    sources: &'static [&'static str],
    /// How many functions there are at least.
    functions: usize,
}

const HEADERS: [Header; 2] = [
    Header {
        name: "bayplan.h",
        folder: ".",
        sources: &[
            "version",
            "status",
            "error",
            "text",
            "plugin",
            "options",
            "progress",
            "decision",
            "cluster",
            "mirror",
            "ids",
            "upkeep",
            "answer_rows",
            "ask",
            "extender",
            "bridge",
        ],
        functions: 88,
    },
    Header {
        name: "bayplan_core.h",
        folder: "block",
        sources: &[
            "fault", "memory", "rows", "terms", "node", "selector", "storage", "profile", "spec", "pod", "request",
            "decide", "on_node", "preempt",
        ],
        functions: 57,
    },
];

impl Header {
    /// As the sources have it.
    fn written(&self) -> String {
        let folder = Path::new(FFI).join(self.folder);
        let mut config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).expect("cbindgen.toml is legal");
        config.sort_by = cbindgen::SortKey::None;
        let mut builder = cbindgen::Builder::new().with_config(config);
        for source in self.sources {
            builder = builder.with_src(folder.join(format!("src/{source}.rs")));
        }
        let mut written = Vec::new();
        builder.generate().expect("cbindgen reads the sources").write(&mut written);
        String::from_utf8(written).expect("cbindgen writes UTF-8")
    }
}

#[test]
fn headers_follow_the_sources() {
    for header in HEADERS {
        let (written, name) = (header.written(), header.name);
        let path = Path::new(FFI).join("../include").join(name);
        if std::env::var_os("BAYPLAN_BLESS").is_some() {
            std::fs::write(&path, &written).expect("the header can be written");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == written,
            "include/{name} differs from the sources: run BAYPLAN_BLESS=1 cargo test -p bayplan-header"
        );
    }
}

/// Every exported function is declared, under a name of ours.
#[test]
fn every_function_is_declared() {
    for header in HEADERS {
        let written = header.written();
        let code: String = written.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let mut functions = 0;
        for file in std::fs::read_dir(Path::new(FFI).join(header.folder).join("src")).expect("the sources are there") {
            let path = file.expect("it can be listed").path();
            // Tests lie in folders.
            if path.is_dir() {
                continue;
            }
            let source = std::fs::read_to_string(path).expect("it can be read");
            for after in source.split("#[unsafe(no_mangle)]\n").skip(1) {
                let name = after.split_once("fn ").expect("a function follows").1.split('(').next().expect("a name");
                assert!(name.starts_with("bayplan_"), "{name}");
                let declared = |before: &str| code.matches(&format!("{before}{name}(")).count();
                assert_eq!(declared(" ") + declared("*"), 1, "{name}");
                functions += 1;
            }
        }
        assert!(functions >= header.functions, "only {functions} functions of {} were found", header.name);
    }
}
