//! What-if questions on the example city.

use std::collections::BTreeMap;

use bayplan::change::{Carried, Change, Scenarios};
use bayplan::inventory::WorkloadRow;
use bayplan::objects::Kind;
use bayplan::simulate::{Base, Simulation, SimulationOptions};
use bayplan::whatif::{FailOptions, ShrinkOptions};
use bayplan::{Cluster, ErrorKind, Options, read};
use serde_json::json;

fn city() -> Cluster {
    let input = read::from_bytes(include_bytes!("../../../examples/city.json"), "city").expect("it is read");
    let mut cluster = Cluster::new(Options::default()).expect("the defaults are legal");
    cluster.load(input.objects).expect("it is sound");
    cluster
}

fn options() -> SimulationOptions {
    SimulationOptions { jobs_finish: false, ..SimulationOptions::default() }
}

fn base() -> Base {
    Base::of(&city(), options(), &mut |_, _| true).expect("an end")
}

fn change(name: &str, text: &str) -> Change {
    Change::option(name, text, None).expect("it is of the form")
}

/// Where each pod is; those that wait are on no node.
fn places(cluster: &Cluster) -> BTreeMap<String, String> {
    let mut places: BTreeMap<String, String> = cluster.pending().into_iter().map(|pod| (pod, String::new())).collect();
    for node in cluster.nodes() {
        places.extend(cluster.pods_on(node).into_iter().map(|pod| (pod, node.to_owned())));
    }
    places
}

/// Plays from what the changes touch, and from everything that is there: both must end alike.
fn same_both_ways(base: &Base, changes: &[Change]) {
    let quick = base.what_if(changes, &mut |_, _| true).expect("an end");
    let mut whole = Simulation::new(base.cluster().clone(), options());
    let mut carried = Carried::default();
    for change in changes {
        change.apply(&mut whole, &mut carried).expect("it can be made");
    }
    whole.run().expect("an end");
    // What the totals say of a workload is what its pods say, counted anew.
    let rows = quick.cluster.workload_rows();
    for tally in &quick.workloads {
        let same =
            |row: &&WorkloadRow| (row.kind, &row.namespace, &row.name) == (tally.kind, &tally.namespace, &tally.name);
        let Some(row) = rows.iter().find(same) else { continue };
        assert_eq!((tally.wanted, tally.after), (row.wanted, row.ready), "{changes:?}: {tally:?}");
    }
    let (quick, whole) = (places(&quick.cluster), places(whole.cluster()));
    let differ: Vec<_> = whole.iter().filter(|(pod, node)| quick.get(*pod) != Some(node)).collect();
    assert_eq!(quick.len(), whole.len(), "{changes:?}");
    assert!(differ.is_empty(), "{changes:?}: {differ:?}");
}

#[test]
fn what_a_change_touches_is_all_that_it_changes() {
    let base = base();
    let nodes: Vec<String> = base.cluster().nodes().into_iter().map(str::to_owned).collect();
    for node in &nodes {
        same_both_ways(&base, &[change("without-nodes", node)]);
    }
    for (nth, node) in nodes.iter().enumerate().step_by(3) {
        let other = &nodes[(nth * 7 + 5) % nodes.len()];
        same_both_ways(
            &base,
            &[
                change("drain", &format!("{node} --ignore-daemonsets --delete-emptydir-data --force")),
                change("cordon", other),
            ],
        );
        same_both_ways(&base, &[change("taint", &format!("{node} gone=yes:NoExecute")), change("uncordon", other)]);
        same_both_ways(&base, &[change("unreachable-nodes", node), change("add-nodes", &format!("2 like={other}"))]);
        same_both_ways(&base, &[change("resize-nodes", &format!("{node} cpu=64 memory=256Gi"))]);
        same_both_ways(&base, &[change("label", &format!("{node} topology.kubernetes.io/zone=other"))]);
    }
    for zone in ["zone-a", "zone-b", "zone-c"] {
        let lost = change("without-nodes", &format!("topology.kubernetes.io/zone={zone}"));
        same_both_ways(&base, std::slice::from_ref(&lost));
        same_both_ways(&base, &[change("scale", "shop/search=12"), lost]);
    }
}

#[test]
fn the_loss_of_a_zone_moves_what_comes_again() {
    let cluster = city();
    let lost = [change("without-nodes", "topology.kubernetes.io/zone=zone-b")];
    let what = cluster.what_if(&lost, options(), &mut |_, _| true).expect("an end");
    assert_eq!(what.changes, ["--without-nodes topology.kubernetes.io/zone=zone-b"]);
    assert!(what.after.nodes < what.before.nodes);
    let totals = what.totals();
    // Each row adds up: what was there and is not has moved, is lost, or is missing.
    for row in &what.workloads {
        if matches!(row.kind, Kind::Deployment | Kind::StatefulSet) {
            assert_eq!(row.wanted, row.after + row.missing, "{row:?}");
        }
        assert!(row.moved + row.lost <= row.before, "{row:?}");
    }
    // One zone of three fails in `fail` as here.
    let fail = cluster.fail("zone", &FailOptions::default(), &mut |_, _| true).expect("an end");
    assert_eq!(fail.by, "topology.kubernetes.io/zone");
    let of_zone = fail.failures.iter().find(|failure| failure.domains == ["zone-b"]).expect("it is a zone");
    assert_eq!(of_zone.totals.missing, totals.missing);
    assert_eq!(of_zone.totals.lost, totals.lost);
}

#[test]
fn each_node_and_each_pair_of_zones_fails_in_turn() {
    let cluster = city();
    let nodes = cluster.fail("node", &FailOptions::default(), &mut |_, _| true).expect("an end");
    assert_eq!(nodes.failures.len(), cluster.nodes().len());
    let pairs = FailOptions { pairs: true, ..FailOptions::default() };
    let zones = cluster.fail("zone", &pairs, &mut |_, _| true).expect("an end");
    assert_eq!(zones.failures.len(), 3 + 3);
    let worst = zones.failures.iter().map(|failure| failure.totals.missing).max().expect("there are some");
    let alone = zones.failures.iter().take(3).map(|failure| failure.totals.missing).max().expect("there are some");
    assert!(worst > alone, "two zones of three carry more than one");
    // The same on one thread.
    let one = FailOptions { threads: 1, ..FailOptions::default() };
    let again = cluster.fail("node", &one, &mut |_, _| true).expect("an end");
    let totals = |fail: &bayplan::whatif::Fail| fail.failures.iter().map(|failure| failure.totals).collect::<Vec<_>>();
    assert_eq!(totals(&again), totals(&nodes));
    let stopped = cluster.fail("node", &one, &mut |done, _| done < 3).expect_err("it was stopped");
    assert_eq!(stopped.kind(), ErrorKind::Stopped);
    let unknown = cluster.fail("rack", &one, &mut |_, _| true).expect_err("no node has it");
    assert!(unknown.to_string().contains("rack"), "{unknown}");
}

#[test]
fn nodes_that_can_go_can_really_be_drained() {
    let cluster = city();
    let shrink = cluster.shrink(&ShrinkOptions::default(), &mut |_, _| true).expect("an end");
    assert_eq!(shrink.emptied.len() + shrink.kept.len(), cluster.nodes().len());
    let mut simulation = Base::of(&cluster, options(), &mut |_, _| true).expect("an end").fork();
    let waiting = simulation.cluster().pending().len();
    for emptied in &shrink.emptied {
        let drain = format!("{} --ignore-daemonsets --delete-emptydir-data", emptied.node);
        let mut carried = Carried::default();
        change("drain", &drain).apply(&mut simulation, &mut carried).expect("it can be drained");
        assert!(carried.drains[0].nodes[0].is_drained, "{:?}", carried.drains);
        simulation.remove_node(&emptied.node).expect("it is there");
    }
    simulation.run().expect("an end");
    assert_eq!(simulation.cluster().pending().len(), waiting);
    for kept in &shrink.kept {
        assert!(!kept.why.is_empty(), "{kept:?}");
    }
}

#[test]
fn changes_are_the_same_as_options_and_in_documents() {
    for (name, text) in [
        ("without-nodes", "node-0*"),
        ("unreachable-nodes", "n1"),
        ("drain", "pool=gpu --force --timeout=20s"),
        ("cordon", "zone in (a, b)"),
        ("taint", "zone in (a, b) dedicated=gpu:NoSchedule old-"),
        ("label", "n1 pool=x zone-"),
        ("add-nodes", "3 like=n1 zone=a,b label:pool=x taint:a=b:NoSchedule"),
        ("add-nodes", "2 name=big cpu=16 memory=64Gi"),
        ("resize-nodes", "pool=gpu cpu=16 memory=64Gi"),
        ("scale", "shop/ads=12"),
        ("set-requests", "shop/ads cpu=500m memory=1Gi container=main"),
        ("apply", "web.yaml"),
        ("delete", "deploy/ads"),
        ("to-version", "1.36"),
    ] {
        let one = change(name, text);
        let value = serde_json::to_value(&one).expect("it is JSON");
        assert_eq!(Change::from_value(value.clone()).expect("it is a change"), one, "{value}");
        let shown = one.to_string();
        let shown = shown.strip_prefix(&format!("--{name} ")).expect("it begins with its name");
        assert_eq!(change(name, shown.trim_matches('\'')), one, "{shown}");
    }
    for (name, text) in [
        ("without-nodes", ""),
        ("taint", "n1"),
        ("scale", "ads"),
        ("scale", "ads=many"),
        ("add-nodes", "like=n1"),
        ("add-nodes", "2"),
        ("drain", "n1 --grace"),
        ("set-requests", "ads"),
        ("nothing", "x"),
    ] {
        assert!(Change::option(name, text, None).is_err(), "--{name} {text}");
    }
}

#[test]
fn scenarios_are_read_strictly() {
    let document = json!({
        "apiVersion": "bayplan/v1", "kind": "Scenarios",
        "scenarios": [{ "name": "zone-b", "changes": [{ "withoutNodes": "zone=b" }, { "scale": { "workload": "shop/ads", "replicas": 3 } }],
            "assert": [{ "count": "missing", "minPriority": 1000 }] }],
    });
    let scenarios = Scenarios::from_value(&document, None).expect("it is sound");
    assert_eq!(scenarios.scenarios[0].changes.len(), 2);
    assert_eq!(Scenarios::from_value(&scenarios.to_value(), None).expect("it is sound"), scenarios);
    let wrong = |path: &str, value: serde_json::Value| {
        let mut document = document.clone();
        *document.pointer_mut(path).expect("it is there") = value;
        Scenarios::from_value(&document, None).expect_err("it is wrong").to_string()
    };
    assert!(wrong("/scenarios/0/changes/0", json!({ "withoutnodes": "x" })).contains("did you mean withoutNodes?"));
    assert!(wrong("/scenarios/0/changes/1", json!({ "scale": { "workload": "a" } })).contains("changes[1]"));
    assert!(wrong("/scenarios/0/assert/0", json!({ "count": "lots" })).contains("assert[0]"));
    assert!(wrong("/kind", json!("Scenario")).contains("kind: Scenarios"));
}

#[test]
fn what_means_nothing_is_an_error_that_says_what_is_meant() {
    let cluster = city();
    let says = |name: &str, text: &str| {
        let error = cluster.what_if(&[change(name, text)], options(), &mut |_, _| true);
        error.err().expect("it means nothing").to_string()
    };
    assert!(says("without-nodes", "zone=zone-b").contains("topology.kubernetes.io/zone=zone-b"));
    assert!(says("without-nodes", "topology.kubernetes.io/zone=zone-x").contains("zone-a, zone-b, zone-c"));
    assert!(says("cordon", "no-such-node").contains("no-such-node"));
    assert!(says("scale", "shop/no-such=3").contains("no-such"));
    assert!(says("scale", "ds/node-exporter=3").contains("a DaemonSet has no replicas"));
}
