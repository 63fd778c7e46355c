//! Preemption through the C interface.

use super::*;

const LOW: &str = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "low", "namespace": "default", "uid": "u"},
    "spec": {"nodeName": "large", "priority": 1, "schedulerName": "default-scheduler", "containers": [{"name": "c", "resources": {"requests": {"cpu": "7"}}}]},
    "status": {"phase": "Running", "startTime": "2024-01-01T00:00:00Z"}}"#;
const HIGH: &str = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "high", "namespace": "default", "uid": "v"},
    "spec": {"priority": 10, "schedulerName": "default-scheduler", "containers": [{"name": "c", "resources": {"requests": {"cpu": "5"}}}]}}"#;

fn contested() -> *mut Cluster {
    let cluster = loaded(&[]);
    for object in [LOW, HIGH] {
        // SAFETY: a live handle and a text with its length.
        ok(|e| unsafe { bayplan_cluster_upsert(cluster, object.as_ptr().cast(), object.len(), e) });
    }
    cluster
}

/// The text is the scheduler's own: `found a potential placement…` stands so in 1.37's source and in the vectors.
const FOUND: &str = "preemption: found a potential placement for pod on node large, preempting 1 victims";

#[test]
fn a_decision_says_whom_the_pod_would_preempt() {
    let cluster = contested();
    let (mut decisions, mut json) = (null_mut(), null_mut());
    let high = c"default/high".as_ptr();
    // SAFETY: live handles throughout.
    unsafe {
        ok(|e| bayplan_cluster_decide(cluster, high, &mut decisions, e));
        let decision = read(decisions)[0];
        assert_eq!((text_of(decision.preempts_on), decision.victims, decision.violations), ("large".to_owned(), 1, 0));
        assert_eq!(text_of(decision.preemption_message), FOUND);
        let mut victim = std::mem::MaybeUninit::<Str>::uninit();
        ok(|e| bayplan_decisions_victim(decisions, 0, 0, victim.as_mut_ptr(), e));
        assert_eq!(text_of(victim.assume_init()), "default/low");
        fails(BAYPLAN_INVALID_ARGUMENT, "out of range", |e| {
            bayplan_decisions_victim(decisions, 0, 1, victim.as_mut_ptr(), e)
        });
        bayplan_decisions_free(decisions);
        ok(|e| bayplan_cluster_preempt_dry_run(cluster, high, &mut json, e));
        let weighed: serde_json::Value = serde_json::from_str(&take(json)[0]).unwrap();
        let candidate = serde_json::json!([{"node": "large", "victims": ["default/low"], "violations": 0}]);
        assert_eq!((&weighed["candidates"], &weighed["best"]), (&candidate, &serde_json::json!(["large"])));
        assert_eq!(on(cluster, "large"), ["default/low"], "a dry run changes nothing");
        ok(|e| bayplan_cluster_set_preemption(cluster, false, e));
        ok(|e| bayplan_cluster_decide(cluster, high, &mut decisions, e));
        let decision = read(decisions)[0];
        assert_eq!((text_of(decision.preempts_on), text_of(decision.preemption_message)), Default::default());
        bayplan_decisions_free(decisions);
    }
    free(cluster);
}

#[test]
fn preempting_evicts_and_nominates() {
    let cluster = contested();
    let mut decisions = null_mut();
    let high = c"default/high".as_ptr();
    // SAFETY: live handles throughout.
    unsafe {
        ok(|e| bayplan_cluster_preempt(cluster, high, &mut decisions, e));
        assert_eq!(text_of(read(decisions)[0].preempts_on), "large");
        bayplan_decisions_free(decisions);
        assert!(on(cluster, "large").is_empty());
        ok(|e| bayplan_cluster_preempt(cluster, high, &mut decisions, e));
        assert_eq!(text_of(read(decisions)[0].node), "large", "the second attempt finds room");
        bayplan_decisions_free(decisions);
    }
    free(cluster);
}

#[test]
fn placing_tells_who_was_evicted() {
    let cluster = contested();
    let mut decisions = null_mut();
    let place = |flags: u32, decisions: *mut *mut Decisions, e: *mut *mut Error| {
        let (data, length) = (HIGH.as_ptr().cast(), HIGH.len());
        // SAFETY: live handles and a text with its length.
        unsafe { bayplan_cluster_place(cluster, data, length, null(), flags, null_mut(), decisions, e) }
    };
    // SAFETY: live handles throughout.
    unsafe {
        ok(|e| place(BAYPLAN_PLACE_INCLUDE_PENDING, &mut decisions, e));
        assert_eq!(bayplan_decisions_eviction_count(decisions), 1);
        let mut eviction = std::mem::MaybeUninit::<Eviction>::zeroed();
        fails(BAYPLAN_INVALID_ARGUMENT, "struct_size", |e| {
            bayplan_decisions_eviction(decisions, 0, eviction.as_mut_ptr(), e)
        });
        (*eviction.as_mut_ptr()).struct_size = size_of::<Eviction>() as u32;
        ok(|e| bayplan_decisions_eviction(decisions, 0, eviction.as_mut_ptr(), e));
        let found = eviction.assume_init();
        let texts = [found.pod, found.node, found.by, found.replaced_by].map(text_of);
        assert_eq!((texts, found.priority), (["default/low", "large", "default/high", ""].map(str::to_owned), 1));
        fails(BAYPLAN_INVALID_ARGUMENT, "out of range", |e| {
            bayplan_decisions_eviction(decisions, 1, eviction.as_mut_ptr(), e)
        });
        bayplan_decisions_free(decisions);
        ok(|e| place(BAYPLAN_PLACE_INCLUDE_PENDING | BAYPLAN_PLACE_NO_PREEMPTION, &mut decisions, e));
        assert_eq!(bayplan_decisions_eviction_count(decisions), 0);
        bayplan_decisions_free(decisions);
        assert_eq!(bayplan_decisions_eviction_count(null()), 0);
    }
    free(cluster);
}

#[test]
fn fit_evicts_nobody_unless_asked() {
    let cluster = contested();
    let template = HIGH.replace("\"high\"", "\"more\"");
    for (flags, expected) in [(0, 0), (BAYPLAN_FIT_PREEMPTION, 1)] {
        let (mut replicas, mut json) = (77, null_mut());
        let (data, length) = (template.as_ptr().cast(), template.len());
        // SAFETY: live handles and a text with its length.
        ok(|e| unsafe { bayplan_cluster_fit(cluster, data, length, 9, flags, &mut replicas, &mut json, e) });
        let fit: serde_json::Value = serde_json::from_str(&take(json)[0]).unwrap();
        assert_eq!((replicas, fit["evictions"].as_array().unwrap().len()), (expected, expected));
    }
    let (mut replicas, mut json) = (77, null_mut());
    let (data, length) = (template.as_ptr().cast(), template.len());
    fails(BAYPLAN_INVALID_ARGUMENT, "flags", |e| {
        // SAFETY: live handles and a text with its length.
        unsafe { bayplan_cluster_fit(cluster, data, length, 9, 2, &mut replicas, &mut json, e) }
    });
    free(cluster);
}

#[test]
fn null_is_refused() {
    let (cluster, a) = (contested(), c"a".as_ptr());
    // SAFETY: a null pointer is what is tried, all else is live.
    unsafe {
        let mut decided = null_mut();
        ok(|e| bayplan_cluster_decide(cluster, c"default/high".as_ptr(), &mut decided, e));
        type Call<'c> = Box<dyn FnMut(*mut *mut Error) -> Status + 'c>;
        let calls: [(&str, Call<'_>); 9] = [
            ("cluster", Box::new(|e| bayplan_cluster_set_preemption(null_mut(), true, e))),
            ("cluster", Box::new(|e| bayplan_cluster_preempt(null_mut(), a, &mut null_mut(), e))),
            ("pod", Box::new(|e| bayplan_cluster_preempt(cluster, null(), &mut null_mut(), e))),
            ("decisions", Box::new(|e| bayplan_cluster_preempt(cluster, a, null_mut(), e))),
            ("pod", Box::new(|e| bayplan_cluster_preempt_dry_run(cluster, null(), &mut null_mut(), e))),
            ("json", Box::new(|e| bayplan_cluster_preempt_dry_run(cluster, a, null_mut(), e))),
            ("decisions", Box::new(|e| bayplan_decisions_victim(null(), 0, 0, null_mut(), e))),
            ("pod", Box::new(|e| bayplan_decisions_victim(decided, 0, 0, null_mut(), e))),
            ("eviction", Box::new(|e| bayplan_decisions_eviction(decided, 0, null_mut(), e))),
        ];
        for (name, mut body) in calls {
            fails(BAYPLAN_INVALID_ARGUMENT, &format!("{name} is null"), &mut body);
        }
        bayplan_decisions_free(decided);
    }
    free(cluster);
}
