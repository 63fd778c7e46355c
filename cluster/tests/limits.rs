//! Inputs made to exhaust the stack or the memory: they are read in little of both, or refused with the limit that they break.

use bayplan::read::{self, Input};

/// Half of the smallest stack that threads get by default (128 KiB, with musl). Without optimization frames are larger.
const STACK: usize = if cfg!(debug_assertions) { 1 << 20 } else { 64 << 10 };

/// Reads on a small stack: more than there is would end the whole test run.
fn read(text: String) -> Result<Input, String> {
    let thread = std::thread::Builder::new().stack_size(STACK);
    let thread = thread.spawn(move || read::from_text(&text, "f").map_err(|error| error.to_string()));
    thread.expect("a thread").join().expect("no panic")
}

fn fault(text: String) -> String {
    read(text).map(|input| input.objects.len()).expect_err("an error")
}

/// A value inside so many lists.
fn in_lists(value: &str, lists: usize) -> String {
    r#"{"apiVersion":"v1","kind":"List","items":["#.repeat(lists) + value + &"]}".repeat(lists)
}

const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c"}]}}"#;
const NODE: &str = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"},"status":{"allocatable":{"cpu":"1"}}}"#;

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
                spec: {containers: [{name: c}], nodeSelector: {<<: [*l, {a: x, c: d}], e: f}}\n";
    let input = read(text.to_owned()).expect("one pod");
    let pod = serde_json::to_value(match &input.objects[0] {
        bayplan::objects::Object::Pod(pod) => pod,
        other => panic!("{other}"),
    });
    assert_eq!(pod.expect("JSON")["spec"]["nodeSelector"], serde_json::json!({ "a": "b", "c": "d", "e": "f" }));
}
