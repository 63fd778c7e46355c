//! Whatever the real scheduler and the real API server accepted must be read.

use std::io::{BufRead, BufReader};
use std::path::Path;

/// The objects of every conformance case, where the vectors are checked out.
#[test]
fn objects_of_the_conformance_vectors_are_read() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/vectors");
    let mut cases = 0;
    for entry in std::fs::read_dir(&vectors).expect("the conformance vectors").flatten() {
        let path = entry.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if !name.ends_with(".cases.ndjson.gz") {
            continue;
        }
        let file = flate2::read::GzDecoder::new(std::fs::File::open(&path).expect(name));
        for line in BufReader::new(file).lines() {
            let case: serde_json::Value = serde_json::from_str(&line.expect(name)).expect(name);
            let objects = case["objects"].to_string();
            let input = bayplan::read::from_text(&objects, name).unwrap_or_else(|e| panic!("{}: {e}", case["name"]));
            // An array is parsed in two passes, a list as kubectl prints it in one.
            let list = format!(r#"{{"apiVersion":"v1","items":{objects},"kind":"List"}}"#);
            assert_eq!(
                bayplan::read::from_text(&list, name).expect("a list").objects,
                input.objects,
                "{}",
                case["name"]
            );
            assert_eq!(input.objects.len(), case["objects"].as_array().map_or(0, Vec::len), "{}", case["name"]);
            cases += 1;
        }
    }
    assert!(cases > 1000, "only {cases} cases");
}
