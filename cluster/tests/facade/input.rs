//! Inputs that are refused: names that run into one another, times that are none, files that are none; and what an error says of
//! where it comes from.

use std::error::Error as _;

use bayplan::objects::Kind;
use bayplan::{Cluster, ErrorKind, Options, PlaceOptions, read};
use serde_json::{Value, json};

fn object(kind: Kind, metadata: Value) -> Value {
    let version = if kind.group().is_empty() { "v1".to_owned() } else { format!("{}/v1", kind.group()) };
    json!({ "apiVersion": version, "kind": kind.name(), "metadata": metadata })
}

fn fault(object: &Value) -> String {
    read::Reading::live()
        .bytes(object.to_string().as_bytes(), "f")
        .map(|input| input.objects.len())
        .expect_err("an error")
        .to_string()
}

#[test]
fn names_with_slashes_are_refused_by_every_door() {
    for kind in Kind::ALL {
        for name in ["b/c", "/b", "b/"] {
            let error = fault(&object(*kind, json!({ "name": name, "namespace": "a" })));
            let known = kind.describe(if kind.namespaced() { "a" } else { "" }, name);
            assert_eq!(
                error,
                format!("f: {known}: metadata.name: {name:?} has a slash; legal are letters, digits, - and .")
            );
        }
        let read = read::Reading::live()
            .bytes(object(*kind, json!({ "name": "c", "namespace": "a/b" })).to_string().as_bytes(), "f");
        match read {
            Ok(input) => assert!(!kind.namespaced() && input.objects[0].namespace().is_empty(), "{kind}"),
            Err(error) => assert_eq!(error.field(), "metadata.namespace", "{error}"),
        }
        // What was not read goes through the same check.
        let mut cluster = Cluster::new(Options::default()).expect("a cluster");
        let mut named =
            read::Reading::live().value(&object(*kind, json!({ "name": "c", "namespace": "a" }))).expect("legal");
        for (name, problem) in [("b/c", "\"b/c\" has a slash"), ("", "it is missing")] {
            name.clone_into(&mut named.metadata_mut().name);
            for loaded in
                [cluster.upsert(named.clone()), cluster.load([named.clone()]), cluster.load(vec![named.clone(); 99])]
            {
                let error = loaded.expect_err(kind.name());
                assert_eq!(
                    (error.kind(), error.field(), error.problem()),
                    (ErrorKind::Input, "metadata.name", problem)
                );
            }
        }
    }
}

#[test]
fn a_time_is_one_or_an_error_that_names_the_field() {
    for year in ["9223372036854775807", "-1", "2026-13"] {
        let time = format!("{year}-01-01T00:00:00Z");
        let pod = |metadata: Value, status: Value| json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": status });
        for (field, pod) in [
            ("status.startTime", pod(json!({ "name": "p" }), json!({ "startTime": time }))),
            ("metadata.creationTimestamp", pod(json!({ "name": "p", "creationTimestamp": time }), json!({}))),
            ("metadata.deletionTimestamp", pod(json!({ "name": "p", "deletionTimestamp": time }), json!({}))),
        ] {
            let expected = format!(
                "f: Pod default/p: {field}: {time:?} is not a time; legal is a time as in 2006-01-02T15:04:05Z"
            );
            assert_eq!(fault(&pod), expected);
        }
    }
    let none = object(Kind::Node, json!({ "name": "n", "creationTimestamp": null }));
    assert!(read::from_value(&none).is_ok(), "kubectl create --dry-run writes null");
}

#[test]
fn the_last_second_that_there_is_is_followed_by_itself() {
    let mut cluster = Cluster::new(Options::default()).expect("a cluster");
    let allocatable = json!({ "cpu": "4", "memory": "4Gi", "pods": "9" });
    let node = json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "n" }, "status": { "allocatable": allocatable } });
    let pods = ["p", "q"].map(|name| object(Kind::Pod, json!({ "name": name })));
    let objects = [node, pods[0].clone()].map(|object| read::Reading::live().value(&object).expect("legal"));
    cluster.load(objects).expect("legal");
    cluster.bind("default/p", "n", i64::MAX).expect("bound");
    let more = read::Reading::live().value(&pods[1]).expect("legal");
    let placed = cluster.place(Some(std::slice::from_ref(&more)), &PlaceOptions::default(), &mut |_, _| true);
    assert_eq!(placed.expect("a plan").decisions[0].node.as_deref(), Some("n"));
    assert_eq!(cluster.fit(&more, 2, &mut |_, _| true).expect("a fit").replicas, 2);
}

#[test]
fn errors_keep_what_they_come_of() {
    let error = read::from_path("/no/such/file.json").expect_err("no file");
    let io = error.source().and_then(|source| source.downcast_ref::<std::io::Error>()).expect("an error of the system");
    assert_eq!(io.kind(), std::io::ErrorKind::NotFound);
    for text in ["{\"kind\": ", r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":[]}"#] {
        let error = read::Reading::live().bytes(text.as_bytes(), "f").expect_err("no JSON, or no pod");
        assert!(error.source().is_some_and(|source| source.is::<serde_json::Error>()), "{error}");
    }
    assert!(read::from_text("", "f").expect_err("empty").source().is_none());
}

#[cfg(unix)]
mod special {
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    /// A directory with one manifest, which goes with the value.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("bayplan-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).expect("a directory");
            std::fs::write(path.join("a.json"), object(Kind::Node, json!({ "name": "n" })).to_string())
                .expect("a file");
            Directory(path)
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn mkfifo(path: &PathBuf) {
        assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
    }

    #[test]
    fn what_is_no_file_in_a_directory_is_named() {
        let socket = |path: &PathBuf| drop(std::os::unix::net::UnixListener::bind(path).expect("a socket"));
        let link = |path: &PathBuf| std::os::unix::fs::symlink("/dev/zero", path).expect("a link");
        type Make<'a> = &'a dyn Fn(&PathBuf);
        let cases: [(&str, Make, &str); 3] = [
            ("b.yaml", &mkfifo, "it is a pipe, not a file; take it out of the directory, or name it itself"),
            ("c.json", &socket, "it is a socket, not a file; take it out of the directory"),
            ("d.yml", &link, "it is a device, not a file; take it out of the directory"),
        ];
        for (name, make, problem) in cases {
            let directory = Directory::new(name);
            assert_eq!(read::from_path(&directory.0).expect("one file").objects.len(), 1);
            let path = directory.0.join(name);
            make(&path);
            let error = read::from_path(&directory.0).expect_err(name);
            assert_eq!(error.to_string(), format!("{}: {problem}", path.display()));
            assert_eq!(error.kind(), ErrorKind::Io);
            // Of another name it is of no interest.
            std::fs::rename(&path, directory.0.join("other")).expect("another name");
            assert_eq!(read::from_path(&directory.0).expect("one file").objects.len(), 1);
        }
    }

    #[test]
    fn a_pipe_that_is_named_is_read_and_a_device_is_not() {
        let directory = Directory::new("pipe");
        let pipe = directory.0.join("pipe");
        mkfifo(&pipe);
        let text = object(Kind::Node, json!({ "name": "n" })).to_string();
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::write(pipe, text)
        });
        assert_eq!(read::from_path(&pipe).expect("what was written").objects.len(), 1);
        writer.join().expect("no panic").expect("written");
        for device in ["/dev/zero", "/dev/null"] {
            let error = read::from_path(device).expect_err(device).to_string();
            assert_eq!(
                error,
                format!("{device}: it is a device, not a file; give a file, a directory, a pipe, or - for stdin")
            );
        }
    }
}
