//! Whatever the real scheduler and the real API server accepted must be read, as an array and as a list.

use bayplan::read::from_text;
use bayplan_conformance::files::{VERSIONS, committed};

#[test]
fn objects_of_every_case_are_read() {
    let mut cases = 0;
    for pair in committed(Some(VERSIONS[0])).unwrap() {
        for (case, _) in pair.read().unwrap() {
            let objects = serde_json::Value::from(case.objects);
            let read =
                |text: &str| from_text(text, &case.name).unwrap_or_else(|error| panic!("{}: {error}", case.name));
            let input = read(&objects.to_string());
            // An array is parsed in two passes, a list as kubectl prints it in one.
            let list = read(&format!(r#"{{"apiVersion":"v1","items":{objects},"kind":"List"}}"#));
            assert_eq!(list.objects, input.objects, "{}", case.name);
            assert_eq!(input.objects.len(), objects.as_array().map_or(0, Vec::len), "{}", case.name);
            cases += 1;
        }
    }
    println!("{cases} cases");
}
