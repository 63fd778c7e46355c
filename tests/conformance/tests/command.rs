//! The command: what it prints and how it exits.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use bayplan_conformance::files::vectors;
use flate2::read::MultiGzDecoder;
use serde_json::Value;

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_bayplan-conformance")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// A committed file's first line with a feasible choice changed by `change`, beside its cases, which keep their place.
fn doctored(test: &str, change: impl FnOnce(&mut Value)) -> [String; 2] {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    let mut text = String::new();
    let packed = fs::File::open(vectors().join("taints/1.36.ndjson.gz")).unwrap();
    MultiGzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let steps = lines.iter_mut().flat_map(|line| line["steps"].as_array_mut().unwrap());
    change(&mut steps.into_iter().find(|step| step["scores"].is_object()).unwrap()["scores"]);
    let expected = folder.join("1.36.ndjson");
    fs::write(&expected, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let cases = vectors().join("taints/cases.ndjson.gz");
    [cases, expected].map(|path| path.to_string_lossy().into_owned())
}

#[test]
fn equal_files_exit_with_0() {
    let [cases, expected] = doctored("unchanged", |_| {});
    let (code, out, error) = run(&["--engine", "reference", &cases, &expected]);
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.contains("taints    1.36       100     441     441  -"), "{out}");
}

#[test]
fn a_changed_score_exits_with_1() {
    let [cases, expected] = doctored("changed", |scores| {
        let row = scores.as_object_mut().unwrap().values_mut().next().unwrap();
        row["TaintToleration"] = Value::from(-7);
    });
    let (code, out, error) = run(&["--engine", "reference", &cases, &expected]);
    assert_eq!(code, Some(1), "{out}{error}");
    assert!(out.contains("441     440  taints-") && out.contains(".TaintToleration\n  expected  -7\n"), "{out}");
}

#[test]
fn another_version_differs() {
    let [cases, expected] = doctored("version", |_| {});
    let (code, out, error) = run(&["--engine", "reference", "--version", "1.34", &cases, &expected]);
    assert_eq!(code, Some(1), "{out}{error}");
}

#[test]
fn bad_arguments_exit_with_2() {
    for (arguments, error) in [
        (&["--version", "1.12"][..], "--version 1.12: must be one of 1.34, 1.35, 1.36, 1.37"),
        (&["--version"], "--version needs a value"),
        (&["--engine", "nobody"], "no engine nobody; there are: "),
        (&["--speed"], "unknown option --speed"),
        (&["--differences", "-1"], "--differences -1: must be a whole number"),
        (&["--category", "nothing"], "--category nothing: there are: capacity, declared,"),
        (&["--case", "nobody"], "--case nobody: no such case"),
        (&["cases.ndjson"], "cases.ndjson: a file of cases without its expected file"),
    ] {
        let (code, out, found) = run(arguments);
        assert_eq!(code, Some(2), "{arguments:?} {out}");
        assert!(found.contains(error), "{arguments:?} {found}");
    }
}
