//! Answers as structs say what the JSON says, field by field.

use serde_json::{Value, json};

use super::*;
use crate::answer_rows::*;

/// Two zones, a node without one that is cordoned and tainted, GPUs, and pods: some of a Deployment, one by itself, one of high priority that fits nowhere.
fn world() -> *mut Cluster {
    let node = |name: &str, zone: Option<&str>, gpus: u32, rest: Value| {
        let labels = zone.map(|zone| json!({ "topology.kubernetes.io/zone": zone })).unwrap_or_else(|| json!({}));
        json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name, "labels": labels }, "spec": rest,
            "status": { "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "10", "nvidia.com/gpu": gpus.to_string() },
                        "conditions": [{ "type": "Ready", "status": "True" }] } })
    };
    let pod = |name: &str, on: &str, cpu: &str, class: &str, owner: bool| {
        let owners = json!([{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "rs", "controller": true }]);
        let mut pod = json!({ "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": name, "namespace": "shop", "labels": { "app": if owner { "web" } else { name } } },
            "spec": { "nodeName": on, "schedulerName": "default-scheduler", "priorityClassName": class, "containers": [{ "name": "c", "image": "i",
                "resources": { "requests": { "cpu": cpu } } }] } });
        if owner {
            pod["metadata"]["ownerReferences"] = owners;
        }
        pod
    };
    let replica_set = json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": { "name": "web-1", "namespace": "shop", "uid": "rs" },
        "spec": { "replicas": 2, "selector": { "matchLabels": { "app": "web" } }, "template": {
            "metadata": { "labels": { "app": "web" } },
            "spec": { "containers": [{ "name": "c", "image": "i", "resources": { "requests": { "cpu": "1" } } }] } } } });
    let small = json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": { "name": "refused", "namespace": "tight", "uid": "t" },
        "spec": { "replicas": 1, "selector": { "matchLabels": { "app": "t" } }, "template": {
            "metadata": { "labels": { "app": "t" } }, "spec": { "containers": [{ "name": "c", "image": "i" }] } } } });
    let quota = json!({ "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "none", "namespace": "tight" },
        "spec": { "hard": { "pods": "0" } } });
    let unread = json!({ "apiVersion": "example.com/v1", "kind": "Unread", "metadata": { "name": "x" } });
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": [
        node("a", Some("east"), 2, json!({})),
        node("b", Some("west"), 0, json!({})),
        node("c", None, 0, json!({ "unschedulable": true, "taints": [{ "key": "k", "value": "v", "effect": "NoSchedule" }] })),
        json!({ "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": { "name": "high" }, "value": 1000 }),
        replica_set, small, quota, unread,
        pod("web-x", "a", "1", "", true), pod("web-y", "b", "1", "", true), pod("alone", "a", "1", "", false),
        pod("urgent", "", "3500m", "high", false),
    ] });
    let cluster = new();
    assert_eq!(load(cluster, list.to_string().as_bytes()), (BAYPLAN_OK, String::new()));
    cluster
}

/// Some rows; they live as long as the answer, which the test keeps.
fn rows<'a, T>(first: *const T, count: usize) -> &'a [T] {
    assert_eq!(first.is_null(), count == 0, "null and nothing go together");
    // SAFETY: as the header says.
    if count == 0 { &[] } else { unsafe { std::slice::from_raw_parts(first, count) } }
}

fn texts(texts: Texts) -> Value {
    rows(texts.texts, texts.count).iter().map(|text| json!(text_of(*text))).collect()
}

/// Text, or null where the JSON has null.
fn maybe(text: Str) -> Value {
    let text = text_of(text);
    if text.is_empty() { Value::Null } else { json!(text) }
}

/// In the JSON cpu is in cores.
fn number(name: &str, amount: i64) -> Value {
    if name == "cpu" { json!(amount as f64 / 1000.0) } else { json!(amount) }
}

fn amounts(first: *const Amount, count: usize) -> Value {
    let of = rows(first, count).iter().map(|row| {
        let name = text_of(row.resource);
        let value = json!({ "allocatable": number(&name, row.allocatable), "requested": number(&name, row.requested) });
        (name, value)
    });
    Value::Object(of.collect())
}

fn free_on_one(first: *const Amount, count: usize) -> Value {
    let of = rows(first, count).iter().map(|row| {
        let name = text_of(row.resource);
        let free = number(&name, row.largest_free);
        (name, free)
    });
    Value::Object(of.collect())
}

fn utilisation(of: &Utilisation) -> Value {
    json!({ "nodes": of.nodes, "resources": amounts(of.amounts, of.amount_count) })
}

fn workloads(first: *const Workload, count: usize) -> Value {
    let row = |row: &Workload| {
        json!({ "namespace": text_of(row.namespace_name), "name": text_of(row.name), "kind": text_of(row.kind),
            "priority": row.priority, "wanted": row.wanted, "before": row.before, "after": row.after, "moved": row.moved,
            "lost": row.lost, "missing": row.missing, "missingBefore": row.missing_before, "preempted": row.preempted })
    };
    rows(first, count).iter().map(row).collect()
}

/// All that is in `part` is in `whole`, numbers as numbers.
#[track_caller]
fn is_in(whole: &Value, part: &Value, path: &str) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            if path.ends_with("resources") || path.ends_with("largestFree") {
                let known: Vec<&String> = part.keys().collect();
                assert_eq!(whole.keys().collect::<Vec<_>>(), known, "{path}: a row each");
            }
            for (key, value) in part {
                is_in(whole.get(key).unwrap_or(&Value::Null), value, &format!("{path}.{key}"));
            }
        }
        (Value::Array(whole), Value::Array(part)) => {
            assert_eq!(whole.len(), part.len(), "{path}: {whole:?} {part:?}");
            whole
                .iter()
                .zip(part)
                .enumerate()
                .for_each(|(at, (whole, part))| is_in(whole, part, &format!("{path}[{at}]")));
        }
        (Value::Number(whole), Value::Number(part)) => {
            let (whole, part) = (whole.as_f64().unwrap(), part.as_f64().unwrap());
            assert!((whole - part).abs() <= whole.abs() * 1e-7, "{path}: {whole} {part}");
        }
        (whole, part) => assert_eq!(whole, part, "{path}"),
    }
}

struct Asked {
    answer: *mut Answer,
    json: Value,
}

impl Drop for Asked {
    fn drop(&mut self) {
        // SAFETY: a live answer.
        unsafe { bayplan_answer_free(self.answer) }
    }
}

fn document(answer: *const Answer) -> Value {
    let mut json = null_mut();
    // SAFETY: a live answer, a local.
    ok(|e| unsafe { bayplan_answer_json(answer, &mut json, e) });
    serde_json::from_str(&take(json)[0]).expect("it is JSON")
}

/// An answer, and what `ask` says.
fn asked(cluster: *const Cluster, question: &CStr, options: &Value) -> Asked {
    let (options, mut answer, mut json) = (options.to_string(), null_mut(), null_mut());
    let (text, length) = (options.as_ptr().cast(), options.len());
    // SAFETY: a live cluster, texts with their lengths, locals.
    unsafe {
        ok(|e| bayplan_cluster_answer(cluster, question.as_ptr(), text, length, null_mut(), &mut answer, e));
        ok(|e| bayplan_cluster_ask(cluster, question.as_ptr(), text, length, null_mut(), &mut json, e));
    }
    let asked: Value = serde_json::from_str(&take(json)[0]).expect("it is JSON");
    let json = document(answer);
    assert_eq!(asked, json, "the answer's JSON is that of the question");
    Asked { answer, json }
}

#[test]
fn simulations_and_drains() {
    let cluster = world();
    for (question, options) in
        [(c"simulate", json!({})), (c"drain", json!({ "changes": [{ "drain": { "nodes": "a", "force": true } }] }))]
    {
        let Asked { answer, json } = &asked(cluster, question, &options);
        // SAFETY: a live answer.
        let found = unsafe { &*bayplan_answer_simulated(*answer) };
        let gone = rows(found.gone, found.gone_count).iter().map(|row| {
            json!({ "pod": text_of(row.pod), "node": maybe(row.node), "why": text_of(row.why), "by": maybe(row.by) })
        });
        let gone: Value = gone.collect();
        is_in(&json["gone"], &gone, "gone");
        is_in(&json["workloads"], &workloads(found.workloads, found.workload_count), "workloads");
        is_in(&json["before"], &utilisation(&found.before), "before");
        is_in(&json["after"], &utilisation(&found.after), "after");
        let totals = found.totals;
        let totals = json!({ "moved": totals.moved, "lost": totals.lost, "missing": totals.missing,
            "newlyMissing": totals.newly_missing, "preempted": totals.preempted });
        is_in(&json["totals"], &totals, "totals");
        // SAFETY: a live answer.
        let (warnings, left_out) = unsafe { (*bayplan_answer_warnings(*answer), *bayplan_answer_left_out(*answer)) };
        assert!(warnings.count > 0 && left_out.count > 0);
        assert_eq!((texts(warnings), texts(left_out)), (json["warnings"].clone(), json["leftOut"].clone()));
        // SAFETY: a live answer.
        let decisions = read(unsafe { bayplan_answer_decisions(*answer) });
        let decided: Vec<Value> =
            decisions.iter().map(|row| json!({ "pod": text_of(row.pod), "node": maybe(row.node) })).collect();
        is_in(&json["items"], &json!(decided), "items");
        assert!(!decided.is_empty());
        if question == c"drain" {
            let drained = rows(found.drained, found.drained_count).iter().map(|row| {
                json!({ "name": text_of(row.node), "isDrained": row.is_drained, "left": texts(row.left),
                    "errors": texts(row.errors), "budgets": texts(row.budgets) })
            });
            is_in(&json["drains"][0]["nodes"], &drained.collect(), "drains");
            assert_eq!(found.drained_count, 1);
            assert!(found.gone_count > 0 && found.totals.lost == 1, "the pod that nobody controls is lost");
        }
    }
    free(cluster);
}

#[test]
fn failures_and_what_can_go() {
    let cluster = world();
    let Asked { answer, json } = &asked(cluster, c"fail", &json!({ "by": "zone", "pairs": true, "threads": 1 }));
    // SAFETY: a live answer.
    let found = unsafe { &*bayplan_answer_fail(*answer) };
    let failures = rows(found.failures, found.failure_count).iter().map(|row| {
        json!({ "domains": texts(row.domains), "nodes": row.nodes, "moved": row.totals.moved, "lost": row.totals.lost,
            "missing": row.totals.missing, "newlyMissing": row.totals.newly_missing, "preempted": row.totals.preempted,
            "workloads": workloads(row.workloads, row.workload_count), "after": utilisation(&row.after),
            "preemptionAttempts": row.preemption_attempts, "unsure": texts(row.unsure) })
    });
    is_in(&json["failures"], &failures.collect(), "failures");
    assert_eq!(found.failure_count, 3, "two zones, and both at once");
    is_in(
        json,
        &json!({ "by": text_of(found.by), "withoutLabel": texts(found.without_label),
        "before": utilisation(&found.before), "summary": { "missingBefore": found.missing_before } }),
        "",
    );

    let prices = json!({ "a": 3.0, "b": 2.0, "c": 1.5 });
    let Asked { answer, json } = &asked(cluster, c"shrink", &json!({ "prices": prices }));
    // SAFETY: a live answer.
    let found = unsafe { &*bayplan_answer_shrink(*answer) };
    let emptied = rows(found.emptied, found.emptied_count).iter().map(|row| {
        let price = if row.has_price { json!(row.price) } else { Value::Null };
        json!({ "node": text_of(row.node), "price": price, "moves": texts(row.moves) })
    });
    is_in(&json["emptied"], &emptied.collect(), "emptied");
    let kept = rows(found.kept, found.kept_count).iter();
    is_in(
        &json["kept"],
        &kept.map(|row| json!({ "node": text_of(row.name), "why": text_of(row.why) })).collect(),
        "kept",
    );
    assert!(found.emptied_count > 0 && found.kept_count > 0 && found.has_prices);
    assert_eq!(found.price_before, 6.5);
    let Asked { answer: only_what_goes, json: prices } = &asked(cluster, c"shrink", &json!({ "prices": { "c": 1.5 } }));
    // SAFETY: a live answer.
    let known = unsafe { &*bayplan_answer_shrink(*only_what_goes) };
    assert_eq!((known.has_prices, known.price_before, known.price_after), (true, 1.5, 0.0));
    assert_eq!((&prices["summary"]["priceBefore"], &prices["summary"]["priceAfter"]), (&json!(1.5), &Value::Null));
    is_in(
        json,
        &json!({ "before": utilisation(&found.before), "after": utilisation(&found.after),
        "summary": { "priceBefore": found.price_before, "priceAfter": found.price_after } }),
        "",
    );
    free(cluster);
}

#[test]
fn what_to_buy_and_to_replace() {
    let cluster = world();
    let catalogue = json!([{ "name": "m", "price": 0.5, "cpu": "4", "memory": "8Gi" }, { "name": "l", "price": 0.9, "cpu": "8", "memory": "16Gi" }]);
    let Asked { answer, json } = &asked(cluster, c"size", &json!({ "catalogue": catalogue, "zones": ["east"] }));
    // SAFETY: a live answer.
    let found = unsafe { &*bayplan_answer_size(*answer) };
    let mix = |mix: &Priced| {
        let items = rows(mix.bought, mix.bought_count).iter().map(|row| {
            json!({ "shape": text_of(row.shape), "zone": maybe(row.zone), "count": row.count, "price": row.price })
        });
        let items: Value = items.collect();
        if mix.is_found { json!({ "price": mix.price, "nodes": mix.nodes, "items": items }) } else { Value::Null }
    };
    let impossible = rows(found.impossible, found.impossible_count).iter();
    let impossible: Value =
        impossible.map(|row| json!({ "pod": text_of(row.name), "why": text_of(row.why) })).collect();
    assert!(found.scheduled.is_found && found.packed.is_found && found.bound > 0.0);
    is_in(
        json,
        &json!({ "bound": found.bound, "scheduled": mix(&found.scheduled), "packed": mix(&found.packed),
        "single": mix(&found.single), "impossible": impossible, "after": utilisation(&found.after),
        "summary": { "pods": found.pods, "classes": found.classes } }),
        "",
    );

    let Asked { answer, json } = &asked(cluster, c"upgrade", &json!({ "nodes": "a" }));
    // SAFETY: a live answer.
    let found = unsafe { &*bayplan_answer_upgrade(*answer) };
    let steps = rows(found.steps, found.step_count).iter().map(|row| {
        json!({ "node": text_of(row.node), "replacement": text_of(row.replacement), "isDone": row.is_done,
            "evicted": row.evicted, "missing": row.missing, "blockedBy": texts(row.blocked_by) })
    });
    is_in(&json["items"], &steps.collect(), "items");

    assert!(
        found.step_count == 1 && rows(found.steps, 1)[0].blocked_by.count > 0,
        "kubectl does not drain what nobody controls"
    );
    is_in(
        &json["summary"],
        &json!({ "peakExtraNodes": found.peak_extra_nodes, "peakMissing": found.peak_missing }),
        "summary",
    );
    free(cluster);
}

#[test]
fn gpus_nodes_and_preemption() {
    let cluster = world();
    let Asked { answer, json } = &asked(cluster, c"gpus", &json!({}));
    // SAFETY: a live answer.
    let found = unsafe { &*bayplan_answer_gpus(*answer) };
    let gpus = |row: &GpuRow| {
        json!({ "resource": text_of(row.resource), "nodes": row.nodes, "total": row.total, "used": row.used,
            "free": row.free, "stranded": row.stranded, "largest": row.largest, "name": text_of(row.name), "pool": maybe(row.pool),
            "fits": { "1": row.fits[0], "2": row.fits[1], "4": row.fits[2], "8": row.fits[3] } })
    };
    assert!(found.node_count == 1 && found.pool_count == 1);
    is_in(&json["items"], &rows(found.nodes, found.node_count).iter().map(gpus).collect(), "items");
    is_in(&json["pools"], &rows(found.pools, found.pool_count).iter().map(gpus).collect(), "pools");
    let row = &rows(found.nodes, 1)[0];
    assert_eq!((row.total, row.fits), (2, [2, 1, 0, 0]), "two pods of one GPU, or one of two");
    let beside = rows(found.beside, found.beside_count)
        .iter()
        .map(|row| (text_of(row.resource), json!({ "cpu": row.milli_cpu as f64 / 1000.0, "memory": row.memory })));
    assert_eq!(found.beside_count, 1);
    is_in(&json["beside"], &Value::Object(beside.collect()), "beside");
    assert_eq!((found.freed_count, json["freed"].as_array().unwrap().len()), (0, 0), "two are free on one node");

    let Asked { answer, json } = &asked(cluster, c"nodes", &json!({ "by": "zone" }));
    // SAFETY: a live answer.
    let found = unsafe { &*bayplan_answer_nodes(*answer) };
    let nodes = rows(found.nodes, found.node_count).iter().map(|row| {
        json!({ "name": text_of(row.name), "zone": maybe(row.zone), "instanceType": maybe(row.instance_type), "pods": row.pods,
            "taints": texts(row.taints), "resources": amounts(row.amounts, row.amount_count) })
    });
    is_in(&json["items"], &nodes.collect(), "items");
    let node = &rows(found.nodes, found.node_count)[2];
    assert!(node.is_cordoned && node.is_ready && node.taints.count == 1);
    assert_eq!(texts(rows(found.nodes, 1)[0].labels), json!(["topology.kubernetes.io/zone=east"]));
    assert_eq!(json!(text_of(found.by)), json["by"]);
    let groups = rows(found.groups, found.group_count).iter().map(|row| {
        let value = if row.has_label { json!(text_of(row.value)) } else { Value::Null };
        json!({ "name": value, "nodes": row.nodes, "pods": row.pods, "resources": amounts(row.amounts, row.amount_count), "largestFree": free_on_one(row.amounts, row.amount_count) })
    });
    is_in(&json["groups"], &groups.collect(), "groups");
    assert_eq!(found.group_count, 3);

    let Asked { answer, json } = &asked(cluster, c"preempt", &json!({ "pod": "shop/urgent" }));
    // SAFETY: a live answer.
    let found = unsafe { &*bayplan_answer_preempt(*answer) };
    let of = json["candidates"].as_array().unwrap();
    let candidates = rows(found.candidates, found.candidate_count);
    assert_eq!((candidates.len(), of.len()), (2, 2));
    for row in candidates {
        let node = text_of(row.node);
        let of = of.iter().find(|of| of["node"] == *node).expect("the JSON has it too");
        let victims: Vec<&Value> = of["victims"].as_array().unwrap().iter().map(|victim| &victim["pod"]).collect();
        assert_eq!(texts(row.victims), json!(victims));
        is_in(of, &json!({ "violations": row.violations, "best": row.is_best }), &node);
    }
    // SAFETY: a live answer.
    let decisions = read(unsafe { bayplan_answer_decisions(*answer) });
    assert_eq!(text_of(decisions[0].preempts_on), json["node"].as_str().unwrap());
    assert_eq!(text_of(found.node), json["node"].as_str().unwrap());
    free(cluster);
}

#[test]
fn how_many_fit_and_answers_to_other_questions() {
    let cluster = world();
    let (template, mut answer) = (pod("web", "1500m"), null_mut());
    let (text, length) = (template.as_ptr().cast(), template.len());
    // SAFETY: a live cluster, a text with its length, a local; the answer is freed with `asked`.
    let asked = unsafe {
        ok(|e| bayplan_cluster_fit_answer(cluster, text, length, 100, 0, &mut answer, e));
        Asked { answer, json: document(answer) }
    };
    // SAFETY: a live answer.
    let found = unsafe { &*bayplan_answer_fit(asked.answer) };
    let counted = |first, count, name: &str, of: &str| -> Value {
        rows::<Counted>(first, count).iter().map(|row| json!({ name: text_of(row.name), of: row.count })).collect()
    };
    assert!(found.replicas > 0 && !found.is_limit_reached && found.reason_count > 0);
    is_in(
        &asked.json,
        &json!({ "replicas": found.replicas, "limitReached": found.is_limit_reached,
        "byNode": counted(found.by_node, found.by_node_count, "node", "replicas"),
        "reasons": counted(found.reasons, found.reason_count, "reason", "nodes"), "refused": maybe(found.refused) }),
        "",
    );
    // SAFETY: a live answer.
    let warnings = unsafe { *bayplan_answer_warnings(asked.answer) };
    assert!(warnings.count > 0);
    assert_eq!(texts(warnings), asked.json["warnings"], "what was skipped is said in both");
    // SAFETY: a live answer, null, and a live cluster.
    unsafe {
        let decisions = read(bayplan_answer_decisions(asked.answer));
        assert_eq!(text_of(decisions[0].message), asked.json["stoppedBy"]["message"].as_str().unwrap());
        assert!(bayplan_answer_size(asked.answer).is_null(), "it is the answer to another question");
        assert!(bayplan_answer_fit(null()).is_null() && bayplan_answer_warnings(null()).is_null());
        assert_eq!(texts(*bayplan_answer_left_out(asked.answer)), asked.json["leftOut"]);
        bayplan_answer_free(null_mut());
        let mut garbage = 16 as *mut Answer;
        fails(BAYPLAN_NOT_FOUND, "dance is no question", |e| {
            bayplan_cluster_answer(cluster, c"dance".as_ptr(), null(), 0, null_mut(), &mut garbage, e)
        });
        assert!(garbage.is_null(), "a handle is null after a failure");
        fails(BAYPLAN_INVALID_ARGUMENT, "flags has unknown bits", |e| {
            bayplan_cluster_fit_answer(cluster, text, length, 100, 8, &mut garbage, e)
        });
        fails(BAYPLAN_INVALID_ARGUMENT, "answer is null", |e| {
            bayplan_cluster_fit_answer(cluster, text, length, 100, 0, null_mut(), e)
        });
    }
    free(cluster);
}

/// A block of two GPUs that a move frees, replicas that evict, and the cluster after.
#[test]
fn moves_evictions_and_the_cluster_after() {
    let gpu_node = |name: &str| {
        json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name }, "status": {
            "allocatable": { "cpu": "8", "memory": "8Gi", "pods": "10", "nvidia.com/gpu": "2" },
            "conditions": [{ "type": "Ready", "status": "True" }] } })
    };
    let trains = |name: &str, on: &str| {
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "default", "labels": { "app": "t" },
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "t", "uid": "t", "controller": true }] }, "spec": {
            "nodeName": on, "containers": [{ "name": "c", "image": "i", "resources": { "limits": { "nvidia.com/gpu": "1" } } }] } })
    };
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": [
        { "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": { "name": "high" }, "value": 1000 },
        { "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": { "name": "t", "namespace": "default", "uid": "t" },
          "spec": { "replicas": 2, "selector": { "matchLabels": { "app": "t" } }, "template": {
            "metadata": { "labels": { "app": "t" } }, "spec": { "containers": [{ "name": "c", "image": "i" }] } } } },
        gpu_node("g1"), gpu_node("g2"), trains("t1", "g1"), trains("t2", "g2") ] });
    let cluster = new();
    assert_eq!(load(cluster, list.to_string().as_bytes()), (BAYPLAN_OK, String::new()));
    let Asked { answer, json } = &asked(cluster, c"gpus", &json!({}));
    // SAFETY: a live answer.
    let found = unsafe { &*bayplan_answer_gpus(*answer) };
    let freed = rows(found.freed, found.freed_count).iter().map(|row| {
        json!({ "resource": text_of(row.resource), "size": row.size, "node": text_of(row.node), "moves": texts(row.moves) })
    });
    is_in(&json["freed"], &freed.collect(), "freed");
    assert!(found.freed_count > 0 && rows(found.freed, 1)[0].moves.count == 1, "one move frees a node");

    let template = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "big", "namespace": "default" }, "spec": {
        "priorityClassName": "high", "containers": [{ "name": "c", "image": "i", "resources": { "limits": { "nvidia.com/gpu": "2" } } }] } });
    let (template, mut fit, mut after) = (template.to_string(), null_mut(), null_mut());
    let (text, length) = (template.as_ptr().cast(), template.len());
    // SAFETY: a live cluster, a text with its length, locals that are freed here.
    unsafe {
        ok(|e| bayplan_cluster_fit_answer(cluster, text, length, 9, BAYPLAN_FIT_PREEMPTION, &mut fit, e));
        assert_eq!((*bayplan_answer_fit(fit)).replicas, 2);
        assert_eq!(bayplan_decisions_eviction_count(bayplan_answer_decisions(fit)), 2);
        bayplan_answer_free(fit);

        let options = r#"{"changes": [{"withoutNodes": "g2"}]}"#;
        let (options, length) = (options.as_ptr().cast(), options.len());
        ok(|e| bayplan_cluster_answer(cluster, c"simulate".as_ptr(), options, length, &mut after, &mut fit, e));
        assert_eq!((*bayplan_answer_simulated(fit)).after.nodes, 1);
        bayplan_answer_free(fit);
        let mut nodes = null_mut();
        ok(|e| bayplan_cluster_nodes(after, &mut nodes, e));
        assert_eq!(take(nodes), ["g1"]);
        free(after);
    }
    free(cluster);
}
