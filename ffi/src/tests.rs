//! Tests of the border, as a C program uses it.

mod answers;
mod doors;
mod preemption;

use std::ffi::{CStr, CString, c_char};
use std::mem::{MaybeUninit, offset_of, size_of};
use std::ptr::{null, null_mut};

use crate::ask::*;
use crate::cluster::*;
use crate::decision::*;
use crate::error::*;
use crate::options::*;
use crate::status::*;
use crate::text::*;
use crate::version::*;

const NODES: &str = r#"{"apiVersion": "v1", "kind": "List", "items": [
    {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "small"},
     "status": {"allocatable": {"cpu": "1", "memory": "4Gi", "pods": "10"}}},
    {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "large"},
     "status": {"allocatable": {"cpu": "8", "memory": "32Gi", "pods": "10"}}}]}"#;

fn pod(name: &str, cpu: &str) -> String {
    format!(
        r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "{name}", "namespace": "default"}},
        "spec": {{"schedulerName": "default-scheduler", "containers": [{{"name": "c", "image": "i",
        "resources": {{"requests": {{"cpu": "{cpu}"}}}}}}]}}}}"#
    )
}

/// A call's status and message.
fn call(body: impl FnOnce(*mut *mut Error) -> Status) -> (Status, String) {
    let mut error = null_mut();
    let status = body(&mut error);
    // SAFETY: an error is null or live.
    unsafe {
        assert_eq!(status, bayplan_error_status(error), "status and error differ");
        let message = CStr::from_ptr(bayplan_error_message(error)).to_str().unwrap().to_owned();
        bayplan_error_free(error);
        (status, message)
    }
}

#[track_caller]
fn ok(body: impl FnOnce(*mut *mut Error) -> Status) {
    let (status, message) = call(body);
    assert_eq!((status, message.as_str()), (BAYPLAN_OK, ""));
}

#[track_caller]
fn fails(expected: Status, part: &str, body: impl FnOnce(*mut *mut Error) -> Status) {
    let (status, message) = call(body);
    assert_eq!(status, expected, "{message}");
    assert!(message.contains(part), "`{message}` lacks `{part}`");
}

fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

fn new() -> *mut Cluster {
    let mut cluster = null_mut();
    // SAFETY: pointers to locals.
    ok(|e| unsafe { bayplan_cluster_new(null(), &mut cluster, e) });
    cluster
}

fn load(cluster: *mut Cluster, text: &[u8]) -> (Status, String) {
    // SAFETY: a live cluster and a text with its length.
    call(|e| unsafe { bayplan_cluster_load(cluster, text.as_ptr().cast(), text.len(), c"test.json".as_ptr(), e) })
}

fn loaded(pods: &[(&str, &str)]) -> *mut Cluster {
    let cluster = new();
    assert_eq!(load(cluster, NODES.as_bytes()).0, BAYPLAN_OK);
    for (name, cpu) in pods {
        assert_eq!(load(cluster, pod(name, cpu).as_bytes()), (BAYPLAN_OK, String::new()));
    }
    cluster
}

fn text_of(text: Str) -> String {
    // SAFETY: a text that lives.
    unsafe {
        assert_eq!(*text.data.add(text.length), 0, "no zero byte at the end");
        let bytes = std::slice::from_raw_parts(text.data.cast(), text.length);
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

fn take(strings: *mut Strings) -> Vec<String> {
    // SAFETY: a live list, freed here.
    unsafe {
        let all = (0..bayplan_strings_count(strings)).map(|index| {
            let mut text = MaybeUninit::uninit();
            ok(|e| bayplan_strings_get(strings, index, text.as_mut_ptr(), e));
            text_of(text.assume_init())
        });
        let all = all.collect();
        bayplan_strings_free(strings);
        all
    }
}

fn pending(cluster: *const Cluster) -> Vec<String> {
    let mut strings = null_mut();
    // SAFETY: a live cluster.
    ok(|e| unsafe { bayplan_cluster_pending(cluster, &mut strings, e) });
    take(strings)
}

fn on(cluster: *const Cluster, node: &str) -> Vec<String> {
    let mut strings = null_mut();
    // SAFETY: a live cluster.
    ok(|e| unsafe { bayplan_cluster_pods_on(cluster, c(node).as_ptr(), &mut strings, e) });
    take(strings)
}

fn read(decisions: *const Decisions) -> Vec<Decision> {
    // SAFETY: live decisions; all fields are integers or pointers.
    unsafe {
        let count = bayplan_decisions_count(decisions);
        let mut array = vec![MaybeUninit::<Decision>::zeroed().assume_init(); count.max(1)];
        array[0].struct_size = size_of::<Decision>() as u32;
        ok(|e| bayplan_decisions_read(decisions, 0, count, array.as_mut_ptr(), e));
        array.truncate(count);
        array
    }
}

fn free(cluster: *mut Cluster) {
    // SAFETY: a live cluster.
    unsafe { bayplan_cluster_free(cluster) }
}

#[test]
fn tells_its_versions() {
    assert_eq!(bayplan_abi_version(), BAYPLAN_ABI_VERSION);
    // SAFETY: a text that lives as long as the library.
    let version = unsafe { CStr::from_ptr(bayplan_version()) };
    assert_eq!(version.to_str().unwrap(), env!("CARGO_PKG_VERSION"));
    for (status, name) in [(BAYPLAN_OK, "OK"), (BAYPLAN_NOT_FOUND, "NOT_FOUND"), (99, "UNKNOWN")] {
        // SAFETY: as above.
        assert_eq!(unsafe { CStr::from_ptr(bayplan_status_name(status)) }.to_str().unwrap(), name);
    }
}

#[test]
fn places_in_queue_order_and_reads_decisions() {
    let cluster = loaded(&[("big", "6"), ("more", "6"), ("little", "500m")]);
    let mut decisions = null_mut();
    // SAFETY: live handles throughout.
    unsafe {
        ok(|e| bayplan_cluster_schedule_pending(cluster, 100, &mut decisions, e));
        let all = read(decisions);
        let names: Vec<String> = all.iter().map(|d| text_of(d.pod)).collect();
        assert_eq!(names, ["default/big", "default/more", "default/little"]);
        assert_eq!(text_of(all[0].node), "large");
        assert_eq!((all[0].outcome, all[0].feasible, all[0].ties, all[0].score), (BAYPLAN_OUTCOME_SCHEDULED, 1, 1, 0));
        assert_eq!((all[1].outcome, all[1].feasible), (BAYPLAN_OUTCOME_UNSCHEDULABLE, 0));
        assert_eq!(text_of(all[1].node), "");
        assert_eq!(text_of(all[1].message), "0/2 nodes are available: 2 Insufficient cpu.");
        assert_eq!((all[2].outcome, all[2].feasible), (BAYPLAN_OUTCOME_SCHEDULED, 2));
        assert_eq!(
            on(cluster, "large"),
            ["default/big"]
                .map(str::to_owned)
                .iter()
                .chain((text_of(all[2].node) == "large").then_some(&"default/little".to_owned()))
                .cloned()
                .collect::<Vec<_>>()
        );
        assert_eq!(pending(cluster), ["default/more"]);
        bayplan_decisions_free(decisions);
    }
    free(cluster);
}

#[test]
fn deciding_places_nothing_and_a_fork_is_independent() {
    let cluster = loaded(&[("a", "6")]);
    let (mut decisions, mut fork) = (null_mut(), null_mut());
    // SAFETY: live handles throughout.
    unsafe {
        ok(|e| bayplan_cluster_decide(cluster, c"default/a".as_ptr(), &mut decisions, e));
        assert_eq!(text_of(read(decisions)[0].node), "large");
        bayplan_decisions_free(decisions);
        assert_eq!(pending(cluster), ["default/a"]);
        ok(|e| bayplan_cluster_fork(cluster, &mut fork, e));
        ok(|e| bayplan_cluster_bind(fork, c"default/a".as_ptr(), c"small".as_ptr(), 7, e));
        assert_eq!((on(fork, "small"), pending(fork)), (vec!["default/a".to_owned()], vec![]));
        free(cluster);
        // Back to the queue, and onto another node.
        fails(BAYPLAN_CONFLICT, "bound to small already", |e| {
            bayplan_cluster_bind(fork, c"default/a".as_ptr(), c"large".as_ptr(), 8, e)
        });
        ok(|e| bayplan_cluster_unbind(fork, c"default/a".as_ptr(), e));
        assert_eq!((on(fork, "small"), pending(fork)), (vec![], vec!["default/a".to_owned()]));
        fails(BAYPLAN_CONFLICT, "is on no node", |e| bayplan_cluster_unbind(fork, c"default/a".as_ptr(), e));
        fails(BAYPLAN_NOT_FOUND, "default/b", |e| bayplan_cluster_unbind(fork, c"default/b".as_ptr(), e));
        ok(|e| bayplan_cluster_bind(fork, c"default/a".as_ptr(), c"large".as_ptr(), 8, e));
        assert_eq!(on(fork, "large"), ["default/a"]);
        ok(|e| bayplan_cluster_evict(fork, c"default/a".as_ptr(), e));
        assert_eq!(on(fork, "small"), Vec::<String>::new());
        fails(BAYPLAN_NOT_FOUND, "default/a", |e| bayplan_cluster_evict(fork, c"default/a".as_ptr(), e));
        free(fork);
    }
}

#[test]
fn a_failing_batch_binds_nothing() {
    let cluster = loaded(&[("a", "1")]);
    let names = [c"default/a".as_ptr(), c"default/none".as_ptr()];
    let mut decisions = null_mut();
    // SAFETY: live handles throughout; the one bad pointer is null.
    unsafe {
        fails(BAYPLAN_NOT_FOUND, "default/none", |e| {
            bayplan_cluster_schedule(cluster, names.as_ptr(), 2, 0, &mut decisions, e)
        });
        assert!(decisions.is_null());
        assert_eq!(pending(cluster), ["default/a"]);
        let names = [c"default/a".as_ptr(), null()];
        fails(BAYPLAN_INVALID_ARGUMENT, "pods[1] is null", |e| {
            bayplan_cluster_schedule(cluster, names.as_ptr(), 2, 0, &mut decisions, e)
        });
        fails(BAYPLAN_INVALID_ARGUMENT, "pods cannot be", |e| {
            bayplan_cluster_schedule(cluster, names.as_ptr(), usize::MAX, 0, &mut decisions, e)
        });
        ok(|e| bayplan_cluster_schedule(cluster, names.as_ptr(), 1, 0, &mut decisions, e));
        assert_eq!(pending(cluster), Vec::<String>::new());
        bayplan_decisions_free(decisions);
    }
    free(cluster);
}

#[test]
fn loading_is_all_or_nothing() {
    let cluster = new();
    let broken = NODES.replace("32Gi", "32 Gi");
    let (status, message) = load(cluster, broken.as_bytes());
    assert_eq!(status, BAYPLAN_INVALID_INPUT);
    for part in ["test.json", "Node large", "status.allocatable", "32 Gi"] {
        assert!(message.contains(part), "`{message}` lacks `{part}`");
    }
    let mut strings = null_mut();
    // SAFETY: a live cluster.
    ok(|e| unsafe { bayplan_cluster_nodes(cluster, &mut strings, e) });
    assert_eq!(take(strings), Vec::<String>::new());
    for bad in [&b"{\"apiVersion\":"[..], b"\xff\xfe", b"ab\xc3\x28"] {
        assert_eq!(load(cluster, bad).0, BAYPLAN_INVALID_INPUT, "{bad:?}");
    }
    let config = b"apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";
    assert_eq!(load(cluster, config).0, BAYPLAN_UNSUPPORTED);
    free(cluster);
}

#[test]
fn messages_do_not_act_on_a_terminal() {
    let cluster = new();
    let pod = pod("a\u{202e}", "1")
        .replace("\"a\u{202e}\"", "\"a\u{202e}\\u001b[2J\\n\"")
        .replace("\"1\"", "\"\\u001b]0;x\"");
    let (status, message) = load(cluster, pod.as_bytes());
    assert_eq!(status, BAYPLAN_INVALID_INPUT);
    assert!(message.contains("a\\u{202e}\\x1b[2J\\n: "), "{message}");
    assert!(message.contains("\\u{1b}]0;x") && !message.contains(char::is_control), "{message}");
    free(cluster);
}

#[test]
fn upserts_and_deletes_one_object() {
    let cluster = loaded(&[]);
    let upsert = |text: &str| {
        // SAFETY: a live cluster and a text with its length.
        call(|e| unsafe { bayplan_cluster_upsert(cluster, text.as_ptr().cast(), text.len(), e) })
    };
    let delete = |version: &str, kind: &str, namespace: *const c_char, name: &str| {
        let mut found = false;
        // SAFETY: a live cluster and texts.
        let (status, message) = call(|e| unsafe {
            let (version, kind, name) = (c(version), c(kind), c(name));
            bayplan_cluster_delete(cluster, version.as_ptr(), kind.as_ptr(), namespace, name.as_ptr(), &mut found, e)
        });
        (status, found, message)
    };
    assert_eq!(upsert(&pod("a", "1")), (BAYPLAN_OK, String::new()));
    assert_eq!(pending(cluster), ["default/a"]);
    assert_eq!(upsert(NODES).0, BAYPLAN_INVALID_INPUT);
    let lease = r#"{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "l"}}"#;
    assert_eq!(upsert(lease).0, BAYPLAN_UNSUPPORTED);
    // No namespace stands for the default one.
    assert_eq!(delete("v1", "Pod", null(), "a"), (BAYPLAN_OK, true, String::new()));
    assert_eq!(delete("v1", "Pod", c"default".as_ptr(), "a"), (BAYPLAN_OK, false, String::new()));
    assert_eq!(delete("v1", "Node", c"ignored".as_ptr(), "small"), (BAYPLAN_OK, true, String::new()));
    assert_eq!(delete("v1", "Lease", null(), "l").0, BAYPLAN_UNSUPPORTED);
    // SAFETY: `found` may be null.
    ok(|e| unsafe {
        bayplan_cluster_delete(cluster, c"v1".as_ptr(), c"Node".as_ptr(), null(), c"large".as_ptr(), null_mut(), e)
    });
    free(cluster);
}

#[test]
fn says_what_was_not_applied_what_is_missing_and_what_was_skipped() {
    let cluster = loaded(&[]);
    let pod = r#"{"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "uid": "u"}, "spec": {"priorityClassName": "high",
        "schedulerName": "default-scheduler", "containers": [{"name": "c", "image": "i"}]}}]}"#;
    assert_eq!(load(cluster, pod.as_bytes()), (BAYPLAN_OK, String::new()));
    let (mut decisions, mut warnings, mut json) = (null_mut(), null_mut(), null_mut());
    // SAFETY: live handles throughout.
    unsafe {
        ok(|e| bayplan_cluster_warnings(cluster, &mut warnings, e));
        let warnings = take(warnings);
        assert!(warnings.iter().any(|w| w.contains("1 ConfigMap (v1)")), "{warnings:?}");
        ok(|e| bayplan_cluster_decide(cluster, c"default/a".as_ptr(), &mut decisions, e));
        let decision = read(decisions)[0];
        assert_eq!((decision.missing, decision.not_applied), (1, 0));
        let mut text = MaybeUninit::uninit();
        ok(|e| bayplan_decisions_missing(decisions, 0, 0, text.as_mut_ptr(), e));
        assert_eq!(text_of(text.assume_init()), "PriorityClass high");
        fails(BAYPLAN_INVALID_ARGUMENT, "index 1", |e| {
            bayplan_decisions_missing(decisions, 0, 1, text.as_mut_ptr(), e)
        });
        let mut why = MaybeUninit::uninit();
        fails(BAYPLAN_INVALID_ARGUMENT, "index 0", |e| {
            bayplan_decisions_not_applied(decisions, 0, 0, text.as_mut_ptr(), why.as_mut_ptr(), e)
        });
        bayplan_decisions_free(decisions);
        ok(|e| bayplan_cluster_why(cluster, c"default/a".as_ptr(), &mut json, e));
        let json: serde_json::Value = serde_json::from_str(&take(json)[0]).unwrap();
        assert_eq!(json["decision"]["pod"], "default/a");
        assert_eq!((json["apiVersion"].as_str(), json["kind"].as_str()), (Some("bayplan/v1"), Some("Explanation")));
    }
    free(cluster);
}

#[test]
fn rules_that_are_not_applied_are_listed() {
    let cluster = loaded(&[]);
    let pod = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {
        "schedulerName": "default-scheduler", "containers": [{"name": "c", "image": "i"}],
        "schedulingGroup": {"podGroupName": "gang"}}}"#;
    assert_eq!(load(cluster, pod.as_bytes()), (BAYPLAN_OK, String::new()));
    let mut decisions = null_mut();
    // SAFETY: live handles throughout.
    unsafe {
        ok(|e| bayplan_cluster_decide(cluster, c"default/a".as_ptr(), &mut decisions, e));
        assert_eq!(read(decisions)[0].not_applied, 1);
        let (mut rule, mut why) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        ok(|e| bayplan_decisions_not_applied(decisions, 0, 0, rule.as_mut_ptr(), why.as_mut_ptr(), e));
        assert_eq!(text_of(rule.assume_init()), "GangScheduling");
        assert_ne!(text_of(why.assume_init()), "");
        bayplan_decisions_free(decisions);
    }
    free(cluster);
}

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: c, image: i, resources: {requests: {cpu: '3'}}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: m}
";

#[test]
fn workloads_are_placed_on_a_fork() {
    let cluster = loaded(&[("waits", "500m")]);
    let data = DEPLOYMENT.as_ptr().cast();
    let (mut after, mut decisions, mut strings) = (null_mut(), null_mut(), null_mut());
    let place = |flags: u32, after: *mut *mut Cluster, decisions: *mut *mut Decisions, e: *mut *mut Error| {
        // SAFETY: live handles and a text with its length.
        unsafe { bayplan_cluster_place(cluster, data, DEPLOYMENT.len(), null(), flags, after, decisions, e) }
    };
    fails(BAYPLAN_INVALID_ARGUMENT, "flags", |e| place(4, &mut after, &mut decisions, e));
    fails(BAYPLAN_INVALID_ARGUMENT, "decisions is null", |e| place(0, &mut after, null_mut(), e));
    assert!(after.is_null() && decisions.is_null());
    // SAFETY: live handles throughout.
    unsafe {
        ok(|e| place(0, &mut after, &mut decisions, e));
        // 3 + 3 of the large node's 8 CPUs; nothing on the small one's 1.
        let nodes: Vec<String> = read(decisions).iter().map(|d| text_of(d.node)).collect();
        assert_eq!(nodes, ["large", "large", ""]);
        assert_eq!(text_of(read(decisions)[2].message), "0/2 nodes are available: 2 Insufficient cpu.");
        ok(|e| bayplan_decisions_warnings(decisions, &mut strings, e));
        let warnings = take(strings);
        assert!(warnings.iter().any(|w| w.contains("1 ConfigMap (v1)")), "{warnings:?}");
        ok(|e| bayplan_decisions_json(decisions, &mut strings, e));
        let json: serde_json::Value = serde_json::from_str(&take(strings)[0]).unwrap();
        assert_eq!((json["kind"].as_str(), json["summary"]["placed"].as_u64()), (Some("Placements"), Some(2)));
        bayplan_decisions_free(decisions);
        assert_eq!((on(after, "large").len(), on(cluster, "large").len()), (2, 0));
        bayplan_cluster_free(after);
        ok(|e| place(BAYPLAN_PLACE_INCLUDE_PENDING, null_mut(), &mut decisions, e));
        assert_eq!(bayplan_decisions_count(decisions), 4);
        bayplan_decisions_free(decisions);
    }
    assert_eq!(pending(cluster), ["default/waits"]);
    free(cluster);
}

#[test]
fn tells_how_many_replicas_fit() {
    let cluster = loaded(&[]);
    let (mut replicas, mut json) = (77, null_mut());
    let fit = |template: &str, limit: usize, replicas: *mut usize, json: *mut *mut Strings, e: *mut *mut Error| {
        // SAFETY: live handles and a text with its length.
        unsafe { bayplan_cluster_fit(cluster, template.as_ptr().cast(), template.len(), limit, 0, replicas, json, e) }
    };
    // 2 CPUs each: four on the large node, none on the small one.
    let template = pod("a", "2");
    ok(|e| fit(&template, 100, &mut replicas, &mut json, e));
    assert_eq!(replicas, 4);
    let document: serde_json::Value = serde_json::from_str(&take(json)[0]).unwrap();
    assert_eq!((document["kind"].as_str(), document["replicas"].as_u64()), (Some("Fit"), Some(4)));
    ok(|e| fit(&template, 3, &mut replicas, &mut json, e));
    assert_eq!((replicas, take(json).len()), (3, 1));
    json = null_mut();
    fails(BAYPLAN_INVALID_INPUT, "one object", |e| fit(NODES, 1, &mut replicas, &mut json, e));
    fails(BAYPLAN_INVALID_ARGUMENT, "replicas is null", |e| fit(&template, 1, null_mut(), &mut json, e));
    fails(BAYPLAN_INVALID_ARGUMENT, "json is null", |e| fit(&template, 1, &mut replicas, null_mut(), e));
    assert_eq!((replicas, json.is_null()), (3, true));
    free(cluster);
}

/// Options of a later version: the same fields, and one more.
#[repr(C)]
struct LaterOptions {
    now: Options,
    more: u64,
}

fn options() -> Options {
    Options {
        struct_size: size_of::<Options>() as u32,
        flags: 0,
        version: null(),
        configuration: null(),
        configuration_length: 0,
        seed: 0,
        max_pods: 0,
        plugins: null(),
        plugin_count: 0,
    }
}

#[track_caller]
fn refused(options: *const Options, status: Status, part: &str) {
    let mut cluster = null_mut();
    // SAFETY: options as long as their size says.
    fails(status, part, |e| unsafe { bayplan_cluster_new(options, &mut cluster, e) });
    assert!(cluster.is_null(), "an output was written on failure");
}

/// Places a workload of three pods.
fn place_three(cluster: *const Cluster) -> (Status, String) {
    let mut decisions = null_mut();
    let result = call(|e| {
        let (data, length) = (DEPLOYMENT.as_ptr().cast(), DEPLOYMENT.len());
        // SAFETY: a live handle and a text with its length.
        unsafe { bayplan_cluster_place(cluster, data, length, null(), 0, null_mut(), &mut decisions, e) }
    });
    // SAFETY: null or a handle.
    unsafe { bayplan_decisions_free(decisions) };
    result
}

#[test]
fn no_more_pods_are_made_than_the_options_allow() {
    for (max_pods, expected) in [(0, BAYPLAN_OK), (3, BAYPLAN_OK), (2, BAYPLAN_TOO_MANY_PODS)] {
        let (mut cluster, mut fork) = (null_mut(), null_mut());
        // SAFETY: options as long as their size says, and live handles.
        unsafe {
            ok(|e| bayplan_cluster_new(&Options { max_pods, ..options() }, &mut cluster, e));
            ok(|e| bayplan_cluster_fork(cluster, &mut fork, e));
        }
        for cluster in [cluster, fork] {
            let (status, message) = place_three(cluster);
            assert_eq!(status, expected, "{max_pods}: {message}");
            assert_eq!(
                message.contains("it asks for 3 pods, and no more than 2 may be made"),
                max_pods == 2,
                "{message}"
            );
            free(cluster);
        }
    }
}

/// Each flag makes a difference that can be seen: an unknown field, an object that no server would take, a live object's label.
#[test]
fn options_say_how_objects_are_taken() {
    let misspelt = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"container":[],"containers":[{"name":"c","image":"i"}]}}"#;
    let bare = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c"}]}}"#;
    let set = |uid: &str, label: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"n9"{uid},"labels":{{{label}}}}},"status":{{"allocatable":{{"cpu":"1","pods":"1"}}}}}}"#
        )
    };
    let cases = [
        (0, [BAYPLAN_INVALID_INPUT, BAYPLAN_INVALID_INPUT], "merged"),
        (BAYPLAN_OPTION_VALIDATE_IGNORE, [BAYPLAN_OK, BAYPLAN_INVALID_INPUT], "merged"),
        (BAYPLAN_OPTION_OBJECTS_LIVE, [BAYPLAN_OK, BAYPLAN_OK], ""),
        (BAYPLAN_OPTION_OVERLAY_REPLACE, [BAYPLAN_INVALID_INPUT, BAYPLAN_INVALID_INPUT], "takes its place"),
    ];
    for (flags, expected, words) in cases {
        let mut cluster = null_mut();
        // SAFETY: options as long as their size says.
        ok(|e| unsafe { bayplan_cluster_new(&Options { flags, ..options() }, &mut cluster, e) });
        for (text, expected) in [misspelt, bare].into_iter().zip(expected) {
            let (status, message) = load(cluster, text.as_bytes());
            assert_eq!(status, expected, "{flags}: {message}");
        }
        assert_eq!(load(cluster, set(r#","uid":"u""#, r#""a":"b""#).as_bytes()).0, BAYPLAN_OK);
        assert_eq!(load(cluster, set("", r#""c":"d""#).as_bytes()).0, BAYPLAN_OK);
        let mut strings = null_mut();
        // SAFETY: a live cluster.
        ok(|e| unsafe { bayplan_cluster_warnings(cluster, &mut strings, e) });
        let said = take(strings).join("\n");
        assert_eq!(said.contains(words) && !words.is_empty(), !words.is_empty(), "{flags}: {said}");
        free(cluster);
    }
}

#[test]
fn options_are_checked() {
    let first = offset_of!(Options, max_pods) as u32;
    for size in [0, 4, first - 1, first + 4, u32::MAX] {
        refused(&Options { struct_size: size, ..options() }, BAYPLAN_INVALID_ARGUMENT, "struct_size");
    }
    refused(&Options { flags: 1 << 31, ..options() }, BAYPLAN_INVALID_ARGUMENT, "flags");
    refused(&Options { version: c"1.2".as_ptr(), ..options() }, BAYPLAN_INVALID_CONFIGURATION, "1.37");
    refused(&Options { version: c"\xff".as_ptr(), ..options() }, BAYPLAN_INVALID_ARGUMENT, "UTF-8");
    for text in ["{", "[]", "kind: Pod", NODES] {
        let (configuration, configuration_length) = (text.as_ptr().cast(), text.len());
        refused(
            &Options { configuration, configuration_length, ..options() },
            BAYPLAN_INVALID_CONFIGURATION,
            "options.configuration",
        );
    }
    refused(
        &Options { configuration: c"x".as_ptr(), configuration_length: usize::MAX, ..options() },
        BAYPLAN_INVALID_ARGUMENT,
        "long",
    );
    let struct_size = size_of::<LaterOptions>() as u32;
    let mut later = LaterOptions { now: Options { struct_size, ..options() }, more: 1 };
    refused((&raw const later).cast(), BAYPLAN_INVALID_ARGUMENT, "does not know");
    later.more = 0;
    let mut cluster = null_mut();
    // SAFETY: options as long as their size says.
    ok(|e| unsafe { bayplan_cluster_new((&raw const later).cast(), &mut cluster, e) });
    free(cluster);
    // As a program that was built with the first version of the struct has it: what follows is not looked at.
    let old = Options { struct_size: first, max_pods: 1, ..options() };
    // SAFETY: as above.
    ok(|e| unsafe { bayplan_cluster_new(&old, &mut cluster, e) });
    assert_eq!(place_three(cluster), (BAYPLAN_OK, String::new()));
    free(cluster);
    let config = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";
    let full = Options {
        flags: BAYPLAN_OPTION_SEED,
        version: c"v1.34.4".as_ptr(),
        configuration: config.as_ptr().cast(),
        configuration_length: config.len(),
        seed: 7,
        ..options()
    };
    // SAFETY: as above.
    ok(|e| unsafe { bayplan_cluster_new(&full, &mut cluster, e) });
    free(cluster);
}

#[test]
fn decisions_are_read_by_the_callers_size() {
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Later {
        now: Decision,
        more: u64,
    }
    let cluster = loaded(&[("a", "6"), ("b", "500m")]);
    let mut decisions = null_mut();
    // SAFETY: live handles throughout, and arrays as long as their sizes say.
    unsafe {
        ok(|e| bayplan_cluster_schedule_pending(cluster, 0, &mut decisions, e));
        let mut array = [MaybeUninit::<Later>::zeroed().assume_init(); 2];
        array.iter_mut().for_each(|later| later.more = u64::MAX);
        let read = |size: usize, first: usize, count: usize, array: *mut Later, e: *mut *mut Error| {
            (*array).now.struct_size = size as u32;
            bayplan_decisions_read(decisions, first, count, array.cast(), e)
        };
        for size in [0, size_of::<Decision>() - 1, size_of::<Decision>() + 1, 1 << 20] {
            fails(BAYPLAN_INVALID_ARGUMENT, "struct_size", |e| read(size, 0, 2, array.as_mut_ptr(), e));
        }
        for (first, count) in [(0, 3), (2, 1), (1, usize::MAX), (usize::MAX, 2)] {
            let size = size_of::<Later>();
            fails(BAYPLAN_INVALID_ARGUMENT, "out of range", |e| read(size, first, count, array.as_mut_ptr(), e));
        }
        ok(|e| read(size_of::<Later>(), 0, 2, array.as_mut_ptr(), e));
        assert_eq!(array.map(|later| text_of(later.now.pod)), ["default/a", "default/b"]);
        assert_eq!(array.map(|later| later.more), [0, 0]);
        assert_eq!(array.map(|later| later.now.struct_size as usize), [size_of::<Later>(); 2]);
        ok(|e| read(size_of::<Later>(), 1, 1, array.as_mut_ptr(), e));
        assert_eq!(text_of(array[0].now.pod), "default/b");
        bayplan_decisions_free(decisions);
    }
    free(cluster);
}

#[test]
fn null_is_refused_and_freeing_it_does_nothing() {
    let cluster = loaded(&[("a", "1")]);
    let (a, n) = (c"default/a".as_ptr(), c"large".as_ptr());
    // SAFETY: every pointer is live or null.
    unsafe {
        bayplan_cluster_free(null_mut());
        bayplan_decisions_free(null_mut());
        bayplan_strings_free(null_mut());
        bayplan_error_free(null_mut());
        assert_eq!((bayplan_decisions_count(null()), bayplan_strings_count(null())), (0, 0));
        let (mut handle, mut list, mut decisions) = (null_mut(), null_mut(), null_mut());
        let (mut text, mut view) = (MaybeUninit::<Str>::uninit(), MaybeUninit::<Decision>::uninit());
        type Call<'c> = (&'c str, Box<dyn FnMut(*mut *mut Error) -> Status + 'c>);
        ok(|e| bayplan_cluster_decide(cluster, a, &mut decisions, e));
        let decided = decisions;
        let calls: Vec<Call<'_>> = vec![
            ("cluster", Box::new(|e| bayplan_cluster_new(null(), null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_fork(null(), &mut handle, e))),
            ("fork", Box::new(|e| bayplan_cluster_fork(cluster, null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_load(null_mut(), a, 0, a, e))),
            ("data", Box::new(|e| bayplan_cluster_load(cluster, null(), 1, a, e))),
            ("cluster", Box::new(|e| bayplan_cluster_upsert(null_mut(), a, 0, e))),
            ("data", Box::new(|e| bayplan_cluster_upsert(cluster, null(), 1, e))),
            ("cluster", Box::new(|e| bayplan_cluster_delete(null_mut(), a, a, a, a, null_mut(), e))),
            ("api_version", Box::new(|e| bayplan_cluster_delete(cluster, null(), a, a, a, null_mut(), e))),
            ("kind", Box::new(|e| bayplan_cluster_delete(cluster, a, null(), a, a, null_mut(), e))),
            ("name", Box::new(|e| bayplan_cluster_delete(cluster, a, a, a, null(), null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_bind(null_mut(), a, n, 0, e))),
            ("pod", Box::new(|e| bayplan_cluster_bind(cluster, null(), n, 0, e))),
            ("node", Box::new(|e| bayplan_cluster_bind(cluster, a, null(), 0, e))),
            ("cluster", Box::new(|e| bayplan_cluster_evict(null_mut(), a, e))),
            ("pod", Box::new(|e| bayplan_cluster_evict(cluster, null(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_decide(null_mut(), a, &mut decisions, e))),
            ("pod", Box::new(|e| bayplan_cluster_decide(cluster, null(), &mut null_mut(), e))),
            ("decisions", Box::new(|e| bayplan_cluster_decide(cluster, a, null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_schedule(null_mut(), &a, 1, 0, &mut null_mut(), e))),
            ("pods", Box::new(|e| bayplan_cluster_schedule(cluster, null(), 1, 0, &mut null_mut(), e))),
            ("decisions", Box::new(|e| bayplan_cluster_schedule(cluster, &a, 1, 0, null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_schedule_pending(null_mut(), 0, &mut null_mut(), e))),
            ("decisions", Box::new(|e| bayplan_cluster_schedule_pending(cluster, 0, null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_why(null_mut(), a, &mut null_mut(), e))),
            ("pod", Box::new(|e| bayplan_cluster_why(cluster, null(), &mut null_mut(), e))),
            ("json", Box::new(|e| bayplan_cluster_why(cluster, a, null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_pending(null(), &mut list, e))),
            ("strings", Box::new(|e| bayplan_cluster_pending(cluster, null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_nodes(null(), &mut null_mut(), e))),
            ("strings", Box::new(|e| bayplan_cluster_nodes(cluster, null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_pods_on(null(), n, &mut null_mut(), e))),
            ("node", Box::new(|e| bayplan_cluster_pods_on(cluster, null(), &mut null_mut(), e))),
            ("strings", Box::new(|e| bayplan_cluster_pods_on(cluster, n, null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_warnings(null(), &mut null_mut(), e))),
            ("strings", Box::new(|e| bayplan_cluster_warnings(cluster, null_mut(), e))),
            ("decisions", Box::new(|e| bayplan_decisions_read(null(), 0, 1, view.as_mut_ptr(), e))),
            ("array", Box::new(|e| bayplan_decisions_read(decided, 0, 1, null_mut(), e))),
            ("decisions", Box::new(|e| bayplan_decisions_missing(null(), 0, 0, text.as_mut_ptr(), e))),
            ("decisions", Box::new(|e| bayplan_decisions_warnings(null(), &mut null_mut(), e))),
            ("strings", Box::new(|e| bayplan_decisions_warnings(decided, null_mut(), e))),
            ("decisions", Box::new(|e| bayplan_decisions_json(null(), &mut null_mut(), e))),
            ("json", Box::new(|e| bayplan_decisions_json(decided, null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_fit(null(), a, 0, 0, 0, null_mut(), null_mut(), e))),
            ("cluster", Box::new(|e| bayplan_cluster_place(null(), a, 0, a, 0, null_mut(), null_mut(), e))),
            ("object", Box::new(|e| bayplan_decisions_missing(decided, 0, 0, null_mut(), e))),
            ("rule", Box::new(|e| bayplan_decisions_not_applied(decided, 0, 0, null_mut(), null_mut(), e))),
            ("strings", Box::new(|e| bayplan_strings_get(null(), 0, null_mut(), e))),
        ];
        for (name, mut body) in calls {
            fails(BAYPLAN_INVALID_ARGUMENT, &format!("{name} is null"), &mut body);
            assert_eq!(body(null_mut()), BAYPLAN_INVALID_ARGUMENT, "an error that nobody wants");
        }
        assert!(handle.is_null() && list.is_null(), "an output was written on failure");
        bayplan_decisions_free(decided);
    }
    assert_eq!(pending(cluster), ["default/a"]);
    free(cluster);
}

#[test]
fn a_panic_ends_at_the_border_and_spoils_only_its_cluster() {
    let cluster = loaded(&[("a", "1")]);
    // SAFETY: live handles throughout.
    unsafe {
        fails(BAYPLAN_INTERNAL, "out of cheese", |e| {
            crate::cluster::change(cluster, e, |_| panic!("out of {}", "cheese"))
        });
        let mut list = null_mut();
        fails(BAYPLAN_INTERNAL, "free it", |e| bayplan_cluster_pending(cluster, &mut list, e));
        fails(BAYPLAN_INTERNAL, "free it", |e| bayplan_cluster_evict(cluster, c"default/a".as_ptr(), e));
        fails(BAYPLAN_INTERNAL, "free it", |e| bayplan_cluster_fork(cluster, &mut null_mut(), e));
    }
    free(cluster);
}

#[test]
fn two_at_a_time_are_told_so_and_spoil_nothing() {
    let cluster = loaded(&[("a", "1")]);
    let mut list = null_mut();
    // SAFETY: live handles throughout; the one that is in the cluster meanwhile touches nothing.
    unsafe {
        let within = |e: *mut *mut Error| {
            crate::cluster::change(cluster, e, |_| {
                fails(BAYPLAN_MISUSE, "another thread", |e| bayplan_cluster_pending(cluster, &mut list, e));
                fails(BAYPLAN_MISUSE, "another thread", |e| bayplan_cluster_evict(cluster, c"default/a".as_ptr(), e));
                Ok(())
            })
        };
        ok(within);
        assert!(list.is_null());
        let look = (*cluster).look();
        fails(BAYPLAN_MISUSE, "another thread", |e| bayplan_cluster_evict(cluster, c"default/a".as_ptr(), e));
        ok(|e| bayplan_cluster_pending(cluster, &mut list, e));
        drop(look);
        ok(|e| bayplan_cluster_evict(cluster, c"default/a".as_ptr(), e));
    }
    assert_eq!(take(list), ["default/a"]);
    free(cluster);
}
