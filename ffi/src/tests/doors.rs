//! The doors beside decisions: mirrors, ids, questions, upkeep, and what a failure leaves.

use super::*;
use crate::bridge::*;
use crate::guard::BAYPLAN_ZERO_ENDED;
use crate::ids::*;
use crate::mirror::*;
use crate::progress::*;
use crate::upkeep::*;

use std::ffi::c_void;

fn live_pod(name: &str, version: u32, on: &str) -> String {
    format!(
        r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "{name}", "namespace": "default", "uid": "{name}",
        "resourceVersion": "{version}"}}, "spec": {{"schedulerName": "default-scheduler", "nodeName": "{on}",
        "containers": [{{"name": "c", "image": "i", "resources": {{"requests": {{"cpu": "500m"}}}}}}]}}}}"#
    )
}

fn blank() -> Changes {
    Changes {
        struct_size: size_of::<Changes>() as u32,
        reserved: 0,
        added: 9,
        updated: 9,
        confirmed: 9,
        unchanged: 9,
        removed: 9,
        moved: 9,
    }
}

/// Added, updated, confirmed, unchanged, removed, moved.
fn counted(changes: &Changes) -> [u64; 6] {
    [changes.added, changes.updated, changes.confirmed, changes.unchanged, changes.removed, changes.moved]
}

fn observe(cluster: *mut Cluster, text: &str) -> [u64; 6] {
    let mut changes = blank();
    // SAFETY: a live cluster, a text with its length, locals.
    ok(|e| unsafe { bayplan_cluster_observe(cluster, text.as_ptr().cast(), text.len(), &mut changes, null_mut(), e) });
    counted(&changes)
}

/// The node of a pod.
fn on(cluster: *const Cluster, pod: &CStr) -> String {
    let (mut node, mut length) = (std::ptr::null(), 0);
    // SAFETY: a live cluster, locals; the node is read at once.
    unsafe {
        ok(|e| bayplan_cluster_pod_node(cluster, pod.as_ptr(), BAYPLAN_ZERO_ENDED, &mut node, &mut length, e));
        String::from_utf8(std::slice::from_raw_parts(node.cast::<u8>(), length).to_vec()).unwrap()
    }
}

#[test]
fn a_mirror_keeps_what_it_bound_until_it_is_told() {
    let cluster = loaded(&[]);
    assert_eq!(observe(cluster, &live_pod("p", 5, "")), [1, 0, 0, 0, 0, 0]);
    // SAFETY: a live cluster, texts, locals.
    unsafe {
        ok(|e| bayplan_cluster_bind(cluster, c"default/p".as_ptr(), c"small".as_ptr(), 7, e));
        assert_eq!(observe(cluster, &live_pod("p", 6, "")), [0, 0, 0, 1, 0, 0]);
        assert_eq!(on(cluster, c"default/p"), "small");
        ok(|e| bayplan_cluster_forget(cluster, c"default/p".as_ptr(), e));
        assert_eq!(on(cluster, c"default/p"), "");
        ok(|e| bayplan_cluster_bind(cluster, c"default/p".as_ptr(), c"small".as_ptr(), 7, e));
        let (list, mut changes, mut moved) = (live_pod("p", 8, "large"), blank(), null_mut());
        ok(|e| {
            let (data, length) = (list.as_ptr().cast(), list.len());
            bayplan_cluster_replace(cluster, c"v1".as_ptr(), c"Pod".as_ptr(), data, length, &mut changes, &mut moved, e)
        });
        assert_eq!(counted(&changes), [0, 0, 0, 0, 0, 1]);
        let mut name = MaybeUninit::<Str>::uninit();
        ok(|e| bayplan_strings_get(moved, 0, name.as_mut_ptr(), e));
        assert_eq!(text_of(name.assume_init()), "default/p");
        bayplan_strings_free(moved);
        fails(BAYPLAN_CONFLICT, "it is known to be on large", |e| {
            bayplan_cluster_forget(cluster, c"default/p".as_ptr(), e)
        });
        let gone = live_pod("p", 9, "large");
        ok(|e| bayplan_cluster_observe_deleted(cluster, gone.as_ptr().cast(), gone.len(), &mut changes, e));
        assert_eq!(counted(&changes), [0, 0, 0, 0, 1, 0]);
        changes.struct_size = 3;
        fails(BAYPLAN_INVALID_ARGUMENT, "changes.struct_size is 3", |e| {
            bayplan_cluster_observe(cluster, gone.as_ptr().cast(), gone.len(), &mut changes, null_mut(), e)
        });
        bayplan_cluster_free(cluster);
    }
}

#[test]
fn decisions_by_number_are_those_by_name() {
    let cluster = loaded(&[("a", "500m"), ("b", "6"), ("c", "500m"), ("d", "600m"), ("e", "9")]);
    let empty = DecisionNumbers {
        pod: 0,
        score: 0,
        outcome: 0,
        node: 0,
        ties: 0,
        feasible: 0,
        preempts_on: 0,
        victims: 0,
        not_applied: 0,
        missing: 0,
    };
    // SAFETY: a live cluster, texts with their lengths, arrays of as many elements as are said.
    unsafe {
        let names = ["default/a", "default/b", "default/c", "default/d", "default/e"];
        let mut ids = [0; 5];
        for (id, name) in ids.iter_mut().zip(names) {
            ok(|e| bayplan_cluster_pod_id(cluster, name.as_ptr().cast(), name.len(), id, e));
        }
        assert_eq!(ids, [0, 1, 2, 3, 4]);
        let mut again = 9;
        ok(|e| bayplan_cluster_pod_id(cluster, c"default/b".as_ptr(), BAYPLAN_ZERO_ENDED, &mut again, e));
        assert_eq!(again, 1);
        let mut fork = null_mut();
        ok(|e| bayplan_cluster_fork(cluster, &mut fork, e));
        let mut results = [empty; 5];
        let decide = |count, results: &mut [DecisionNumbers; 5], ids: &[u64; 5], e| {
            bayplan_cluster_decide_ids(fork, ids.as_ptr(), count, BAYPLAN_DECIDE_BIND, 7, results.as_mut_ptr(), e)
        };
        ok(|e| decide(5, &mut results, &ids, e));
        let mut expected = null_mut();
        ok(|e| bayplan_cluster_schedule_pending(cluster, 7, &mut expected, e));
        for (result, name) in results.iter().zip(names) {
            let decision = read(expected).into_iter().find(|one| text_of(one.pod) == name).expect("it waited");
            let (mut node, mut length) = (std::ptr::null(), 0);
            if result.node != u32::MAX {
                let status =
                    crate::bridge::bayplan_cluster_node_of_row(fork, result.node, &mut node, &mut length, null_mut());
                assert_eq!(status, BAYPLAN_OK);
            }
            let node = if node.is_null() { &[] } else { std::slice::from_raw_parts(node.cast::<u8>(), length) };
            assert_eq!(node, text_of(decision.node).as_bytes(), "{name}");
            assert_eq!(
                (result.score, result.ties, result.feasible),
                (decision.score, decision.ties, decision.feasible)
            );
            assert_eq!(result.outcome, decision.outcome);
        }
        bayplan_decisions_free(expected);
        bayplan_cluster_free(fork);

        // An id that is none: what was bound before it is bound no more, and nothing is written.
        let fresh = loaded(&[("a", "500m"), ("b", "500m")]);
        let mut ids = [0; 3];
        ok(|e| bayplan_cluster_pod_id(fresh, c"default/a".as_ptr(), 9, &mut ids[0], e));
        ids[1] = 77;
        let mut results = [empty; 3];
        fails(BAYPLAN_NOT_FOUND, "no pod has the id 77", |e| {
            bayplan_cluster_decide_ids(fresh, ids.as_ptr(), 2, BAYPLAN_DECIDE_BIND, 7, results.as_mut_ptr(), e)
        });
        assert_eq!(on(fresh, c"default/a"), "");
        assert_eq!(results[0].outcome, 0);
        ok(|e| bayplan_cluster_verify(fresh, e));
        bayplan_cluster_free(fresh);
        bayplan_cluster_free(cluster);
    }
}

#[test]
fn questions_are_answered_as_json() {
    let cluster = loaded(&[("a", "500m")]);
    let ask = |question: &CStr, options: &str, after, json: *mut *mut Strings, e| {
        // SAFETY: a live cluster, texts with their lengths, pointers to locals.
        unsafe {
            bayplan_cluster_ask(cluster, question.as_ptr(), options.as_ptr().cast(), options.len(), after, json, e)
        }
    };
    let answer = |question: &CStr, options: &str| -> serde_json::Value {
        let mut json = null_mut();
        ok(|e| ask(question, options, null_mut(), &mut json, e));
        let mut text = MaybeUninit::<Str>::uninit();
        // SAFETY: a live list, a local.
        unsafe {
            ok(|e| bayplan_strings_get(json, 0, text.as_mut_ptr(), e));
            let value = serde_json::from_str(&text_of(text.assume_init())).expect("it is JSON");
            bayplan_strings_free(json);
            value
        }
    };
    for (question, options, kind) in [
        (c"simulate", "", "Simulation"),
        (c"drain", r#"{"changes": [{"drain": {"nodes": "small"}}]}"#, "Drain"),
        (c"fail", r#"{"by": "node", "threads": 1}"#, "Fail"),
        (c"shrink", r#"{"most": 1}"#, "Shrink"),
        (c"upgrade", r#"{"nodes": "small"}"#, "Upgrade"),
        (c"preempt", r#"{"pod": "default/a"}"#, "PreemptionPreview"),
        (c"nodes", "", "Nodes"),
    ] {
        let document = answer(question, options);
        assert_eq!(document["apiVersion"], "bayplan/v1", "{question:?}");
        assert_eq!(document["kind"], kind, "{question:?}");
    }
    let (mut after, mut json) = (null_mut(), null_mut());
    ok(|e| ask(c"simulate", "", &mut after, &mut json, e));
    assert_eq!(on(after, c"default/a"), "large");
    // SAFETY: handles that were given.
    unsafe {
        bayplan_cluster_free(after);
        bayplan_strings_free(json);
    }
    let mut json = null_mut();
    fails(BAYPLAN_NOT_FOUND, "no node has GPUs", |e| ask(c"gpus", "{}", null_mut(), &mut json, e));
    let mut garbage = 16 as *mut Strings;
    fails(BAYPLAN_NOT_FOUND, "dance is no question", |e| ask(c"dance", "", null_mut(), &mut garbage, e));
    assert!(garbage.is_null(), "a handle is null after a failure");
    let mut json = null_mut();
    fails(BAYPLAN_INVALID_INPUT, "it has no `pairs`", |e| {
        ask(c"shrink", r#"{"pairs": true}"#, null_mut(), &mut json, e)
    });
    fails(BAYPLAN_INVALID_INPUT, "options of fail", |e| ask(c"fail", "[1]", null_mut(), &mut json, e));
    // SAFETY: a live cluster.
    unsafe { bayplan_cluster_free(cluster) };
}

#[test]
fn a_long_call_stops_when_it_is_told_to() {
    unsafe extern "C" fn until(context: *mut c_void, _: usize, _: usize) -> bool {
        // SAFETY: the context is the counter below.
        let left = unsafe { &mut *context.cast::<usize>() };
        *left = left.saturating_sub(1);
        *left > 0
    }
    let cluster = loaded(&[("a", "100m"), ("b", "100m"), ("c", "100m")]);
    let mut left = Box::new(2usize);
    let mut decisions = 16 as *mut Decisions;
    // SAFETY: a live cluster, a counter that outlives the calls.
    unsafe {
        ok(|e| bayplan_cluster_set_progress(cluster, Some(until), (&raw mut *left).cast(), e));
        fails(BAYPLAN_STOPPED, "stopped", |e| bayplan_cluster_schedule_pending(cluster, 7, &mut decisions, e));
        assert!(decisions.is_null());
        assert_eq!(on(cluster, c"default/a"), "", "nothing is bound");
        let pods = r#"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "w"}, "spec": {"replicas": 500,
            "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "c", "image": "i"}]}}}}"#;
        *left = 2;
        fails(BAYPLAN_STOPPED, "", |e| {
            let (data, length) = (pods.as_ptr().cast(), pods.len());
            bayplan_cluster_place(cluster, data, length, null(), 0, null_mut(), &mut decisions, e)
        });
        ok(|e| bayplan_cluster_set_progress(cluster, None, null_mut(), e));
        ok(|e| bayplan_cluster_schedule_pending(cluster, 7, &mut decisions, e));
        bayplan_decisions_free(decisions);
        bayplan_cluster_free(cluster);
    }
}

#[test]
fn numbers_and_upkeep() {
    let cluster = loaded(&[("a", "500m"), ("b", "500m")]);
    // SAFETY: a live cluster, texts, locals.
    unsafe {
        ok(|e| bayplan_cluster_bind(cluster, c"default/a".as_ptr(), c"small".as_ptr(), 7, e));
        let (mut allocatable, mut requested) = (0, 0);
        let mut amount = |resource: &CStr| {
            let node = c"small".as_ptr();
            ok(|e| bayplan_cluster_node_amount(cluster, node, resource.as_ptr(), &mut allocatable, &mut requested, e));
            (allocatable, requested)
        };
        assert_eq!(amount(c"cpu"), (1000, 500));
        assert_eq!(amount(c"memory"), (4 << 30, 0));
        assert_eq!(amount(c"example.com/gpu"), (0, 0));
        let mut resources = null_mut();
        ok(|e| bayplan_cluster_node_resources(cluster, c"small".as_ptr(), &mut resources, e));
        assert_eq!(bayplan_strings_count(resources), 3);
        bayplan_strings_free(resources);
        ok(|e| bayplan_cluster_compact(cluster, e));
        let mut bytes = null_mut();
        ok(|e| bayplan_cluster_save(cluster, &mut bytes, e));
        let mut text = MaybeUninit::<Str>::uninit();
        ok(|e| bayplan_strings_get(bytes, 0, text.as_mut_ptr(), e));
        let saved = text.assume_init();
        let mut opened = null_mut();
        ok(|e| bayplan_cluster_open(saved.data, saved.length, &mut opened, e));
        fails(BAYPLAN_INVALID_INPUT, "", |e| bayplan_cluster_open(saved.data, saved.length / 2, &mut null_mut(), e));
        bayplan_strings_free(bytes);
        for which in [cluster, opened] {
            let mut counts =
                Counts { struct_size: size_of::<Counts>() as u32, minor: 0, nodes: 0, pods: 0, pending: 0, bound: 0 };
            ok(|e| bayplan_cluster_counts(which, &mut counts, e));
            assert_eq!((counts.minor, counts.nodes, counts.pods, counts.pending, counts.bound), (37, 2, 2, 1, 1));
            assert_eq!(on(which, c"default/a"), "small");
        }
        bayplan_cluster_free(opened);
        let mut decisions = null_mut();
        let manifest = pod("other", "6");
        ok(|e| bayplan_cluster_decide_manifest(cluster, manifest.as_ptr().cast(), manifest.len(), &mut decisions, e));
        let decision = read(decisions)[0];
        assert_eq!((text_of(decision.pod).as_str(), text_of(decision.node).as_str()), ("default/other", "large"));
        bayplan_decisions_free(decisions);
        fails(BAYPLAN_NOT_FOUND, "default/other", |e| bayplan_cluster_evict(cluster, c"default/other".as_ptr(), e));
        // In the place of a pod that waits, not merged into it: what it says does not count.
        let picky = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "picky"}, "spec": {"schedulerName": "default-scheduler",
            "nodeSelector": {"no": "such"}, "containers": [{"name": "c", "image": "i"}]}}"#;
        assert_eq!(load(cluster, picky.as_bytes()).0, BAYPLAN_OK);
        let bare = picky.replace(r#""nodeSelector": {"no": "such"}, "#, "");
        assert_ne!(bare, picky);
        let mut ask = |text: &str, e| {
            bayplan_cluster_decide_manifest(cluster, text.as_ptr().cast(), text.len(), &mut decisions, e)
        };
        fails(BAYPLAN_CONFLICT, "pod default/a is on small", |e| ask(&pod("a", "1"), e));
        fails(BAYPLAN_UNSUPPORTED, "is no Pod", |e| {
            ask(r#"{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "x"}}"#, e)
        });
        ok(|e| ask(&bare, e));
        assert_eq!(read(decisions)[0].feasible, 2);
        bayplan_decisions_free(decisions);
        bayplan_cluster_free(cluster);
    }
}

#[test]
fn errors_have_parts() {
    let cluster = new();
    let bad = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop", "uid": "u"},
        "spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "much"}}}]}}"#;
    let mut error = null_mut();
    // SAFETY: a live cluster, a text with its length; the error is live until it is freed.
    unsafe {
        let source = c"pods.json".as_ptr();
        let status = bayplan_cluster_load(cluster, bad.as_ptr().cast(), bad.len(), source, &mut error);
        assert_eq!(status, BAYPLAN_INVALID_INPUT);
        let part = |part| text_of(bayplan_error_part(error, part));
        assert_eq!(part(BAYPLAN_ERROR_OBJECT), "Pod shop/p");
        assert_eq!(part(BAYPLAN_ERROR_FIELD), "spec.containers[0].resources.requests.cpu");
        assert_eq!(part(BAYPLAN_ERROR_SOURCE), "pods.json");
        assert!(part(BAYPLAN_ERROR_PROBLEM).contains("much"), "{}", part(BAYPLAN_ERROR_PROBLEM));
        assert!(part(BAYPLAN_ERROR_MESSAGE).starts_with("pods.json"));
        assert_eq!(part(77), "");
        bayplan_error_free(error);
        assert_eq!(text_of(bayplan_error_part(null(), BAYPLAN_ERROR_MESSAGE)), "");
        bayplan_cluster_free(cluster);
    }
}

/// Names that lie within a longer text, as in a JSON buffer: nothing ends them but their length.
#[test]
fn texts_end_where_their_length_says() {
    let cluster = loaded(&[("a", "500m"), ("ab", "500m"), ("c", "500m")]);
    let long = "default/abc small/large";
    let part = |from: usize, to: usize| (long[from..to].as_ptr().cast::<std::ffi::c_char>(), to - from);
    let ((a, a_length), (small, small_length)) = (part(0, 9), part(12, 17));
    // SAFETY: a live cluster, texts with their lengths, locals.
    unsafe {
        let mut decisions = null_mut();
        ok(|e| bayplan_cluster_decide_n(cluster, a, a_length, &mut decisions, e));
        assert_eq!(text_of(read(decisions)[0].pod), "default/a");
        bayplan_decisions_free(decisions);
        ok(|e| bayplan_cluster_bind_n(cluster, a, a_length, small, small_length, 7, e));
        assert_eq!((on(cluster, c"default/a"), on(cluster, c"default/ab")), ("small".to_owned(), String::new()));
        let (mut row, mut again) = (9, 8);
        ok(|e| bayplan_cluster_node_row_n(cluster, small, small_length, &mut row, e));
        ok(|e| bayplan_cluster_node_row(cluster, c"small".as_ptr(), &mut again, e));
        assert_eq!(row, again);
        ok(|e| bayplan_cluster_bound_row_n(cluster, a, a_length, &mut row, e));
        let (mut allocatable, mut requested) = (0, 0);
        let cpu = "cpus";
        let amount = |allocatable, requested, e| {
            let (data, length) = (cpu.as_ptr().cast(), 3);
            bayplan_cluster_node_amount_n(cluster, small, small_length, data, length, allocatable, requested, e)
        };
        ok(|e| amount(&mut allocatable, &mut requested, e));
        assert_eq!(requested, 500);
        let (mut pods, mut resources) = (null_mut(), null_mut());
        ok(|e| bayplan_cluster_pods_on_n(cluster, small, small_length, &mut pods, e));
        assert_eq!(bayplan_strings_count(pods), 1);
        ok(|e| bayplan_cluster_node_resources_n(cluster, small, small_length, &mut resources, e));
        assert!(bayplan_strings_count(resources) > 0);
        bayplan_strings_free(pods);
        bayplan_strings_free(resources);
        ok(|e| bayplan_cluster_unbind_n(cluster, a, a_length, e));
        ok(|e| bayplan_cluster_nominate_n(cluster, a, a_length, small, small_length, e));
        let mut json = null_mut();
        ok(|e| bayplan_cluster_why_n(cluster, a, a_length, &mut json, e));
        bayplan_strings_free(json);
        ok(|e| bayplan_cluster_preempt_dry_run_n(cluster, a, a_length, &mut json, e));
        bayplan_strings_free(json);
        ok(|e| bayplan_cluster_preempt_n(cluster, a, a_length, &mut decisions, e));
        bayplan_decisions_free(decisions);
        let mut nodes = 0;
        ok(|e| bayplan_cluster_evaluate_n(cluster, a, a_length, null_mut(), 0, &mut nodes, e));
        assert_eq!(nodes, 2);
        let mut rows = MaybeUninit::uninit();
        ok(|e| bayplan_cluster_pod_rows_n(cluster, a, a_length, rows.as_mut_ptr(), e));
        ok(|e| bayplan_cluster_bind_n(cluster, a, a_length, small, small_length, 7, e));
        ok(|e| bayplan_cluster_forget_n(cluster, a, a_length, e));
        let ((namespace, namespace_length), (name, name_length)) = (part(0, 7), part(8, 10));
        let (v1, pod, mut found) = (c"v1".as_ptr(), c"Pod".as_ptr(), false);
        let delete = |found, e| {
            bayplan_cluster_delete_n(cluster, v1, pod, namespace, namespace_length, name, name_length, found, e)
        };
        ok(|e| delete(&mut found, e));
        assert!(found);
        ok(|e| bayplan_cluster_evict_n(cluster, a, a_length, e));
        fails(BAYPLAN_NOT_FOUND, "default/a", |e| bayplan_cluster_evict_n(cluster, a, a_length, e));
        fails(BAYPLAN_INVALID_ARGUMENT, "pod is null", |e| bayplan_cluster_evict_n(cluster, null(), 3, e));
        bayplan_cluster_free(cluster);
    }
}
