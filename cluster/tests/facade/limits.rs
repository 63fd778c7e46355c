//! Inputs made to exhaust the stack or the memory: they are read in little of both, or refused with the limit that they break.

use bayplan::objects::Object;
use bayplan::read::{self, Input};
use bayplan::{Cluster, ErrorKind, Options, PlaceOptions};
use serde_json::json;

/// Half of the smallest stack that threads get by default (128 KiB, with musl). Without optimization frames are larger.
const STACK: usize = if cfg!(debug_assertions) { 1 << 20 } else { 64 << 10 };

/// Reads on a small stack: more than there is would end the whole test run.
fn read(text: String) -> Result<Input, String> {
    let thread = std::thread::Builder::new().stack_size(STACK);
    let thread =
        thread.spawn(move || read::Reading::live().bytes(text.as_bytes(), "f").map_err(|error| error.to_string()));
    thread.expect("a thread").join().expect("no panic")
}

fn fault(text: String) -> String {
    read(text).map(|input| input.objects.len()).expect_err("an error")
}

/// A value inside so many lists.
fn in_lists(value: &str, lists: usize) -> String {
    r#"{"apiVersion":"v1","kind":"List","items":["#.repeat(lists) + value + &"]}".repeat(lists)
}

const POD: &str =
    r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c", "image": "i"}]}}"#;
const NODE: &str = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"},"status":{"allocatable":{"cpu":"1","memory":"1Gi","pods":"110"}}}"#;

/// A pod with one more field in its spec.
fn pod_with(field: &str) -> String {
    POD.replace("\"spec\":{", &format!("\"spec\":{{{field},"))
}

#[test]
fn lists_in_lists_are_flattened_in_order_but_not_without_end() {
    let other = POD.replace("\"p\"", "\"q\"");
    let list = |items: &[&str]| in_lists(&items.join(","), 1);
    let input = read(list(&[POD, &list(&[NODE, &list(&[])]), &other])).expect("lists");
    assert_eq!(
        input.objects.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["Pod default/p", "Node n", "Pod default/q"]
    );
    assert_eq!(read(in_lists(POD, 16)).expect("16 lists").objects.len(), 1);
    let typed = r#"{"apiVersion":"v1","kind":"NodeList","items":[{"metadata":{"name":"m"}}]}"#;
    assert_eq!(read(in_lists(typed, 15)).expect("16 lists").objects[0].to_string(), "Node m");
    for lists in [17, 100, 2400] {
        let error = fault(in_lists(POD, lists));
        let place = vec!["items[0]"; 16].join(".");
        assert_eq!(
            error,
            format!("f: {place}: lists stand in one another more than 16 deep; take the inner ones out"),
            "{lists} lists"
        );
    }
    let error = fault(format!("[{}]", in_lists(POD, 16)));
    assert!(error.contains("more than 16 deep"), "an array is a list too: {error}");
    // A mistake inside is found where it is.
    let error = fault(list(&[NODE, &list(&[POD, "7"])]));
    assert!(error.starts_with("f: items[1].items[1]: it is not an object"), "{error}");
}

#[test]
fn nothing_that_is_read_recurses_without_end() {
    let nested = |open: &str, levels: usize, close: &str| open.repeat(levels) + "1" + &close.repeat(levels);
    // What is not read is skipped in a loop.
    for levels in [100, 4900] {
        let skipped = pod_with(&format!("\"x\":{}", nested("{\"a\":", levels, "}")));
        assert_eq!(read(skipped.clone()).expect("a field that is not read").objects.len(), 1);
        let input = read(skipped.replace("\"Pod\"", "\"Event\"")).expect("a kind that is not read");
        assert_eq!(input.skipped.to_string(), "1 Event (v1)");
    }
    for field in ["workloadRef", "schedulingGroup"] {
        assert!(read(pod_with(&format!("\"{field}\":{}", nested("[", 8, "]")))).is_ok());
        for levels in [9, 100, 4900] {
            let error = fault(pod_with(&format!("\"{field}\":{}", nested("{\"a\":", levels, "}"))));
            assert!(error.starts_with(&format!("f: Pod default/p: spec.{field}.a.a")), "{error}");
            assert!(error.ends_with("it is nested more than 8 levels deep"), "{error}");
        }
    }
    for levels in [9, 100, 4900] {
        let error = fault(POD.replace("\"p\"", &nested("[", levels, "]")));
        assert!(error.starts_with("f: Pod: metadata.name: invalid type: a list"), "{error}");
    }
    let error = fault(nested("[", 5001, "]"));
    assert_eq!(error, "f: it is nested more than 5000 levels deep at line 1");
    // YAML, in flow and in block form.
    for text in [nested("[", 200, "]"), (0..400).fold(String::new(), |text, i| text + "\n" + &" ".repeat(i + 1) + "a:")]
    {
        assert_eq!(
            read(format!("kind: Event\napiVersion: v1\nx: {text}\n")).expect("200 levels").skipped.iter().count(),
            1
        );
    }
    let blocks = (0..600).fold(String::new(), |text, i| text + "\n" + &" ".repeat(i + 1) + "a:");
    assert!(fault(format!("x: {blocks}")).contains("it is nested more than 500 levels deep at line 5"));
}

#[test]
fn aliases_and_merge_keys_are_counted_in_bytes() {
    const HEAD: &str = "kind: Event\napiVersion: v1\n";
    let limit = "aliases and merge keys add more than 4194304 bytes";
    let word = "x".repeat(100_000);
    let many = |item: &str, times: usize| vec![item; times].join(", ");
    // A long word that is repeated, as an item, a value and a key; 41 times it is below 4 MiB, 42 times above.
    for (times, fits) in [(41, true), (42, false)] {
        for item in ["*a", "{b: *a}", "{*a : b}", "{<<: {b: *a}}"] {
            let text = format!("{HEAD}a: &a {word}\nb: [{}]\n", many(item, times));
            match read(text) {
                Ok(_) => assert!(fits, "{times} times {item}"),
                Err(error) => {
                    assert!(!fits || item.starts_with("{*a"), "{times} times {item}: {error}");
                    assert!(error.starts_with("f: ") && error.contains(limit), "{error}");
                }
            }
        }
    }
    // A mapping that is merged.
    let entries: Vec<String> = (0..1000).map(|i| format!("key-{i:06}: v")).collect();
    let merge = |times| format!("{HEAD}a: &a {{{}}}\nb: [{}]\n", entries.join(", "), many("{<<: *a}", times));
    assert!(read(merge(50)).is_ok());
    assert!(fault(merge(100_000)).contains(limit));
    // What is merged and then replaced takes room for a moment only, but room it takes.
    let replaced = format!("{HEAD}a: &a {{b: {word}}}\nb: [{}]\n", many("{<<: *a, b: 1}", 1000));
    assert!(read(replaced).is_ok());
    // Copies of copies, as in "a billion laughs".
    let mut laughs = format!("{HEAD}a0: &a0 [{}]\n", many("x", 10));
    for i in 1..12 {
        laughs += &format!("a{i}: &a{i} [{}]\n", many(&format!("*a{}", i - 1), 10));
    }
    assert!(fault(laughs).contains(limit));
    // The limit is one for all documents.
    let document = format!("---\n{HEAD}a: &a {word}\nb: [{}]\n", many("*a", 25));
    assert!(read(document.clone()).is_ok());
    assert!(fault(document.repeat(2)).starts_with("f: document 2 (line 7): "));
}

#[test]
fn what_an_anchor_names_is_there_once() {
    // The most memory that a process had is also that of tests beside this one: it runs in a process of its own.
    if std::env::var_os("BAYPLAN_ALONE").is_none() {
        let alone = std::process::Command::new(std::env::current_exe().expect("a path"))
            .args(["--exact", "what_an_anchor_names_is_there_once"])
            .env("BAYPLAN_ALONE", "1")
            .status();
        return assert!(alone.expect("it runs").success());
    }
    // 250 anchors around 300 KB: a copy for each would be 75 MB.
    let mut text = "kind: Event\napiVersion: v1\nb: ".to_owned();
    (0..250).for_each(|i| text += &format!("&a{i} ["));
    text += &"x".repeat(300_000);
    text += &"]".repeat(250);
    let before = peak();
    assert_eq!(read(text).expect("no alias").skipped.iter().count(), 1);
    assert!(peak() - before < 40_000, "{} kB more", peak() - before);
}

/// The most memory that the process had, in kB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

#[test]
fn anchors_and_merges_mean_what_they_do_for_kubectl() {
    let text = "kind: ConfigMap\napiVersion: v1\n---\nkind: Pod\napiVersion: v1\nmetadata: &m {name: p, labels: &l {a: b}}\n\
                spec: {containers: [{name: c, image: i}], nodeSelector: {<<: [*l, {a: x, c: d}], e: f}}\n";
    let input = read(text.to_owned()).expect("one pod");
    let pod = serde_json::to_value(match &input.objects[0] {
        bayplan::objects::Object::Pod(pod) => pod,
        other => panic!("{other}"),
    });
    assert_eq!(pod.expect("JSON")["spec"]["nodeSelector"], serde_json::json!({ "a": "b", "c": "d", "e": "f" }));
}

/// A workload that asks for as many pods as a field can say, and the field.
const HUGE: &[(&str, &str)] = &[
    ("Deployment", "spec.replicas"),
    ("ReplicaSet", "spec.replicas"),
    ("ReplicationController", "spec.replicas"),
    ("StatefulSet", "spec.replicas"),
    ("Job", "spec.parallelism"),
    ("CronJob", "spec.jobTemplate.spec.parallelism"),
];

fn workload(kind: &str, pods: i32) -> Object {
    let template =
        json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "containers": [{ "name": "c", "image": "i" }] } });
    let selector =
        if kind == "ReplicationController" { json!({ "a": "b" }) } else { json!({ "matchLabels": { "a": "b" } }) };
    let mut job = json!({ "parallelism": pods, "completions": pods, "template": template });
    job["template"]["spec"]["restartPolicy"] = json!("Never");
    let (version, spec) = match kind {
        "Job" => ("batch/v1", job),
        "CronJob" => ("batch/v1", json!({ "schedule": "0 3 * * *", "jobTemplate": { "spec": job } })),
        "ReplicationController" => ("v1", json!({ "replicas": pods, "selector": selector, "template": template })),
        _ => ("apps/v1", json!({ "replicas": pods, "selector": selector, "template": template })),
    };
    let object = json!({ "apiVersion": version, "kind": kind, "metadata": { "name": "d" }, "spec": spec });
    read::from_value(&object).expect("a workload")
}

fn cluster(nodes: usize) -> Cluster {
    let mut cluster = Cluster::new(Options::default()).expect("a cluster");
    let nodes = (0..nodes).map(|i| {
        read::Reading::live().bytes(NODE.replace("\"n\"", &format!("\"n{i}\"")).as_bytes(), "f").expect("a node")
    });
    cluster.load(nodes.flat_map(|input| input.objects)).expect("nodes");
    cluster
}

#[test]
fn more_pods_than_may_be_made_are_refused_before_any_is_made() {
    let cluster = cluster(3);
    let place = |workloads: &[Object], max_pods| {
        let mut told = 0;
        let options = PlaceOptions { max_pods, ..PlaceOptions::default() };
        let placed = cluster.place(Some(workloads), &options, &mut |_, _| {
            told += 1;
            true
        });
        placed.map(|placed| placed.decisions.len()).map_err(|error| (error.kind(), error.to_string(), told))
    };
    for (kind, field) in HUGE {
        let (error, text, told) = place(&[workload(kind, i32::MAX)], 1_000_000).expect_err(kind);
        let expected = format!(
            "{kind} default/d: {field}: it asks for 2147483647 pods, and no more than 1000000 may be made; raise max_pods (--max-pods of the command) if so many are meant"
        );
        assert_eq!((error, text, told), (ErrorKind::TooManyPods, expected, 0));
        assert_eq!(place(&[workload(kind, 5)], 5), Ok(5), "{kind}");
        assert_eq!(place(&[workload(kind, 6)], 5).expect_err(kind).0, ErrorKind::TooManyPods, "{kind}");
    }
    // All workloads of a call count together.
    let (_, text, _) = place(&[workload("Job", 3), workload("StatefulSet", 3)], 5).expect_err("six pods");
    assert!(
        text.starts_with(
            "StatefulSet default/d: spec.replicas: it asks for 3 pods beside 3 of other workloads, and no more than 5"
        ),
        "{text}"
    );
    let set = json!({ "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": "d" }, "spec": {
        "selector": { "matchLabels": { "a": "b" } },
        "template": { "metadata": { "labels": { "a": "b" } }, "spec": { "containers": [{ "name": "c", "image": "i" }] } } } });
    let set = read::from_value(&set).expect("a DaemonSet");
    assert_eq!(place(std::slice::from_ref(&set), 3), Ok(3));
    let (_, text, _) = place(&[set], 2).expect_err("three nodes");
    assert!(text.starts_with("DaemonSet default/d: it asks for 3 pods, and no more than 2"), "{text}");
    // How many replicas a template asks for does not matter to how many fit.
    for (kind, _) in HUGE {
        let fit = cluster.fit(&workload(kind, i32::MAX), 2, &mut |_, _| true).expect(kind);
        assert_eq!(fit.replicas, 2, "{kind}");
    }
}

#[test]
fn making_pods_can_be_stopped() {
    for (kind, _) in HUGE {
        let mut told = Vec::new();
        let options = PlaceOptions { max_pods: usize::MAX, ..PlaceOptions::default() };
        let stopped = cluster(1).place(Some(&[workload(kind, i32::MAX)]), &options, &mut |done, of| {
            told.push((done, of));
            told.len() < 4
        });
        assert_eq!(stopped.err().map(|error| error.kind()), Some(ErrorKind::Stopped), "{kind}");
        assert_eq!(told, [(0, 2_147_483_647); 4], "{kind}");
    }
}

#[test]
fn ordinals_go_on_beyond_what_the_field_holds() {
    let mut set = workload("StatefulSet", 3);
    let Object::StatefulSet(set) = &mut set else { panic!("a StatefulSet") };
    set.spec.ordinals.get_or_insert_default().start = i32::MAX - 1;
    let (cluster, set) = (cluster(1), Object::StatefulSet(set.clone()));
    let placed = cluster.place(Some(std::slice::from_ref(&set)), &PlaceOptions::default(), &mut |_, _| true);
    let pods: Vec<String> = placed.expect("a plan").decisions.into_iter().map(|decision| decision.pod).collect();
    assert_eq!(pods, ["default/d-2147483646", "default/d-2147483647", "default/d-2147483648"]);
    assert_eq!(cluster.fit(&set, 4, &mut |_, _| true).expect("a fit").replicas, 4);
}
