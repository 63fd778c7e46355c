//! Doctored files are errors, never a shorter comparison.

mod common;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use bayplan_conformance::files::{Pair, VERSIONS, categories, committed};
use common::{lines, steps};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

/// Writes the files into a folder of the test's own, under the target directory.
fn files(test: &str, cases: &[Value], expected: &[Value]) -> Pair {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    let text = |lines: &[Value]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let paths = (folder.join("cases.ndjson"), folder.join("1.36.ndjson"));
    fs::write(&paths.0, text(cases)).unwrap();
    fs::write(&paths.1, text(expected)).unwrap();
    Pair::new(paths.0, paths.1, None)
}

/// The error of reading the sound pair after a change to its case and its expected steps.
#[track_caller]
fn fails(test: &str, change: impl FnOnce(&mut Vec<Value>, &mut Vec<Value>), error: &str) {
    let (case, expected) = lines(&steps(), &steps());
    let (mut cases, mut expecteds) = (vec![case], vec![expected]);
    change(&mut cases, &mut expecteds);
    let pair = files(test, &cases, &expecteds);
    let found = pair.read().expect_err("the doctored files were read");
    assert!(found.contains(error), "{found}");
    // The command says the same and exits with 2 (it would be 1 were it to play them).
    let (name, files) = (env!("CARGO_BIN_EXE_bayplan-conformance"), [&pair.cases, &pair.expected]);
    let out = Command::new(name).args(files).output().unwrap();
    assert_eq!(out.status.code(), Some(2), "{out:?}");
    assert!(String::from_utf8_lossy(&out.stderr).contains(error), "{out:?}");
}

#[test]
fn sound_files_are_read() {
    let (case, expected) = lines(&steps(), &steps());
    let pair = files("sound", &[case], &[expected]);
    assert_eq!((pair.version.as_str(), pair.category().as_str()), ("1.36", "sound"));
    let read = pair.read().unwrap();
    assert_eq!(read[0].1.steps.len(), 4);
}

#[test]
fn packed_files_are_read() {
    let (case, expected) = lines(&steps(), &steps());
    let plain = files("packed", &[case], &[expected]);
    let packed = plain.cases.with_extension("ndjson.gz");
    let mut writer = GzEncoder::new(fs::File::create(&packed).unwrap(), Compression::fast());
    writer.write_all(&fs::read(&plain.cases).unwrap()).unwrap();
    writer.finish().unwrap();
    let pair = Pair::new(packed, plain.expected, None);
    assert_eq!(pair.category(), "packed");
    assert_eq!(pair.read().unwrap().len(), 1);
}

#[test]
fn the_version_is_found() {
    let version = |name: &str, given| Pair::new("c".into(), name.into(), given).version;
    assert_eq!(version("taints/1.34.ndjson.gz", None), "1.34");
    assert_eq!(version("1.35", None), "1.35");
    assert_eq!(version("taints/1.34.ndjson.gz", Some("1.36")), "1.36");
    assert_eq!(version("anything.ndjson", None), "1.37");
    assert_eq!(version("1.3.ndjson", None), "1.37");
    let category = |name: &str| Pair::new(name.into(), "1.37.ndjson".into(), None).category();
    assert_eq!((category("a/taints/cases.ndjson.gz"), category("a/mine.ndjson")), ("taints".into(), "mine".into()));
}

#[test]
fn missing_step() {
    fails("missing_step", |_, e| drop(e[0]["steps"].as_array_mut().unwrap().pop()), "no step for pod a/p2");
}

#[test]
fn missing_second_try() {
    let change = |_: &mut Vec<Value>, e: &mut Vec<Value>| drop(e[0]["steps"].as_array_mut().unwrap().remove(2));
    fails("missing_second_try", change, "instead of a/p1 after room was made for it");
}

#[test]
fn extra_step() {
    let more = json!({"pod": "a/p3", "result": "Unschedulable"});
    fails("extra_step", |_, e| e[0]["steps"].as_array_mut().unwrap().push(more), "has no pending pod");
}

#[test]
fn missing_case() {
    fails("missing_case", |c, _| c.push(json!({"name": "d", "objects": [], "pending": []})), "no case d");
}

#[test]
fn extra_case() {
    fails("extra_case", |_, e| e.push(json!({"name": "d", "steps": []})), "case d, which");
}

#[test]
fn case_twice() {
    fails("case_twice", |c, _| c.push(c[0].clone()), "case c is there twice");
    fails("expected_twice", |_, e| e.push(e[0].clone()), "case c is there twice");
}

#[test]
fn unknown_kind() {
    let more = json!({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "g"}});
    fails("unknown_kind", |c, _| c[0]["objects"].as_array_mut().unwrap().push(more), r#""example.com/v1" "Gadget""#);
    fails("unknown_version", |c, _| c[0]["objects"][0]["apiVersion"] = json!("v2"), r#""v2" "Node""#);
    fails("no_kind", |c, _| c[0]["objects"][0] = json!({}), "unknown kind");
}

#[test]
fn zero_steps() {
    let change = |c: &mut Vec<Value>, e: &mut Vec<Value>| {
        c[0]["pending"] = json!([]);
        e[0]["steps"] = json!([]);
    };
    fails("zero_steps", change, "no steps to compare");
    let clear = |c: &mut Vec<Value>, e: &mut Vec<Value>| {
        c.clear();
        e.clear();
    };
    fails("zero_cases", clear, "no steps to compare");
}

#[test]
fn unknown_field() {
    fails("unknown_field", |_, e| e[0]["steps"][0]["verdict"] = json!(1), "unknown field `verdict`");
    fails("unknown_inner_field", |_, e| e[0]["steps"][0]["filtered"]["n0"]["why"] = json!(1), "unknown field `why`");
    fails("unknown_case_field", |c, _| c[0]["nodes"] = json!(1), "unknown field `nodes`");
    fails("unknown_line_field", |_, e| e[0]["more"] = json!(1), "unknown field `more`");
}

#[test]
fn unsound_steps() {
    fails("no_pod", |_, e| drop(e[0]["steps"][0].as_object_mut().unwrap().remove("pod")), r#"of pod """#);
    fails("no_result", |_, e| drop(e[0]["steps"][0].as_object_mut().unwrap().remove("result")), r#"has result """#);
    fails("unknown_result", |_, e| e[0]["steps"][3]["result"] = json!("Lost"), r#"has result "Lost""#);
    fails("no_node", |_, e| drop(e[0]["steps"][0].as_object_mut().unwrap().remove("node")), r#"and node """#);
    fails("other_order", |c, _| c[0]["pending"] = json!(["a/p1", "a/p0", "a/p2"]), "instead of a/p1");
    fails("scheduler_error", |_, e| e[0]["error"] = json!("x"), "the scheduler did not play it: x");
}

#[test]
fn no_json() {
    let pair = files("no_json", &[], &[]);
    fs::write(&pair.cases, "{\"name\": \"c\", \"obj").unwrap();
    let error = pair.read().unwrap_err();
    assert!(error.contains("line 1:") && error.contains("cases.ndjson"), "{error}");
    assert!(Pair::new("/nowhere".into(), "/nowhere".into(), None).read().unwrap_err().contains("/nowhere"));
}

#[test]
fn every_committed_vector_is_sound() {
    let pairs = committed(None).unwrap();
    let mut steps = 0;
    for pair in &pairs {
        steps += pair.read().unwrap().iter().map(|(_, expected)| expected.steps.len()).sum::<usize>();
    }
    assert_eq!(pairs.len(), categories().unwrap().len() * VERSIONS.len());
    assert_eq!(committed(Some("1.36")).unwrap().len(), pairs.len() / VERSIONS.len());
    println!("{} pairs of files, {steps} steps", pairs.len());
}
