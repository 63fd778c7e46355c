//! Manifests of objects that are there already: which pods are replaced, and what may not change.

use bayplan::objects::{Kind, Object};
use bayplan::simulate::{Simulated, SimulationOptions};
use bayplan::{Cluster, PlaceOptions};

use crate::simulate::{cluster, deployment, nodes, objects, quota, simulate};

/// What came of the pods: how many went, and where those are that came.
fn came(end: &Simulated) -> (usize, Vec<Option<&str>>) {
    (end.gone.len(), end.decisions.iter().map(|d| d.node.as_deref()).collect())
}

/// What was applied, as kubectl says it.
fn results(end: &Simulated) -> Vec<&'static str> {
    end.applied.iter().filter_map(|applied| Some(applied.result()?.2)).collect()
}

/// A workload of a dump, with its pods, whose containers have an environment.
fn dump(kind: &str, env: &str) -> String {
    let meta = |name: &str| format!("name: {name}, namespace: default, uid: {name}");
    let of = |env: &str| {
        format!(
            "containers: [{{name: c, image: i, env: [{{name: A, value: {env}}}], resources: {{requests: {{cpu: '1'}}}}}}]"
        )
    };
    let labels = "labels: {app: web, pod-template-hash: h1}";
    let set = format!(
        "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{{}, {labels}, ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: web, uid: web, controller: true}}]}}\nspec: {{replicas: 2, selector: {{matchLabels: {{app: web, pod-template-hash: h1}}}}, template: {{metadata: {{{labels}}}, spec: {{{}}}}}}}\n",
        meta("web-h1"),
        of(env)
    );
    let (owner, set, more) = match kind {
        "Deployment" => ("ReplicaSet, name: web-h1, uid: web-h1", set, ", replicas: 2"),
        "StatefulSet" => ("StatefulSet, name: web, uid: web", String::new(), ", replicas: 2, serviceName: web"),
        _ => ("DaemonSet, name: web, uid: web", String::new(), ""),
    };
    let workload = format!(
        "---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{{}}}\nspec: {{selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {{app: web}}}}, spec: {{{}}}}}{more}}}\n",
        meta("web"),
        of(env)
    );
    let pod = |(at, node): (usize, &str)| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{{}, {labels}, ownerReferences: [{{apiVersion: apps/v1, kind: {owner}, controller: true}}]}}\nspec: {{nodeName: {node}, {}}}\nstatus: {{phase: Running, conditions: [{{type: Ready, status: 'True'}}]}}\n",
            meta(&format!("web-{at}")),
            of(env)
        )
    };
    let pods: String = ["a", "b"].into_iter().enumerate().map(pod).collect();
    nodes(&["a", "b"]) + &workload + &set + &pods
}

/// The manifest of it.
fn manifest(kind: &str, env: &str) -> String {
    let all = dump(kind, env);
    let of_kind = all.split("---\n").find(|text| text.contains(&format!("kind: {kind}\n"))).expect("it is there");
    of_kind.replace(", uid: web", "")
}

#[test]
fn a_template_that_differs_where_no_decision_looks_is_rolled_out() {
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
        let start = cluster(&dump(kind, "one"));
        let same = simulate(&start, &manifest(kind, "one"));
        assert_eq!(came(&same), (0, vec![]), "{kind}");
        let other = simulate(&start, &manifest(kind, "two"));
        let (gone, on) = came(&other);
        assert_eq!((gone, on.len()), (2, 2), "{kind}: {:?}", other.decisions);
        // And it is quiet then.
        assert_eq!(came(&simulate(&other.cluster, "")), (0, vec![]), "{kind}");
        assert_eq!(came(&simulate(&other.cluster, &manifest(kind, "two"))), (0, vec![]), "{kind}");
        // Back again, also after it was saved.
        let saved = Cluster::from_bytes(&other.cluster.to_bytes().expect("bytes")).expect("the same");
        for end in [&other.cluster, &saved] {
            assert_eq!(came(&simulate(end, &manifest(kind, "one"))).0, 2, "{kind}");
            assert_eq!(came(&simulate(end, "")), (0, vec![]), "{kind}");
        }
        // `kubectl get -o yaml`, edited.
        let edited = manifest(kind, "two").replace("name: web, namespace", "name: web, uid: web, namespace");
        assert_eq!(came(&simulate(&start, &edited)).0, 2, "{kind}");
        let placed = start.place(Some(&objects(&edited)), &PlaceOptions::default(), &mut |_, _| true).expect("placed");
        assert!(placed.left_out[0].contains("its template differs"), "{kind}: {:?}", placed.left_out);
        // Loaded first, it is the same.
        let mut loaded = start.clone();
        loaded.load(objects(&manifest(kind, "two"))).expect("it is legal");
        assert_eq!(came(&simulate(&loaded, "")).0, 2, "{kind}");
        let saved = Cluster::from_bytes(&loaded.to_bytes().expect("bytes")).expect("the same");
        assert_eq!(came(&simulate(&saved, "")).0, 2, "{kind}");
        // place makes no rollout, and says so.
        let place = |env: &str| {
            start
                .place(Some(&objects(&manifest(kind, env))), &PlaceOptions::default(), &mut |_, _| true)
                .expect("placed")
        };
        assert!(place("one").left_out.is_empty(), "{kind}: {:?}", place("one").left_out);
        assert!(place("two").left_out[0].contains("its template differs"), "{kind}: {:?}", place("two").left_out);
    }
}

/// The same where no server has seen it: an annotation, as `kubectl rollout restart` sets one.
#[test]
fn a_restart_is_a_rollout() {
    let plain = deployment(3, "1", "");
    let again = plain.replace(
        "metadata: {labels: {app: web}}, spec",
        "metadata: {annotations: {restartedAt: now}, labels: {app: web}}, spec",
    );
    let start = simulate(&cluster(&nodes(&["a"])), &plain);
    assert_eq!(came(&simulate(&start.cluster, &plain)), (0, vec![]));
    let end = simulate(&start.cluster, &again);
    assert_eq!((came(&end).0, results(&end)), (3, vec!["configured"]));
    assert_eq!(came(&simulate(&end.cluster, &again)), (0, vec![]));
}

/// What `kubectl get -o json` prints is read in one pass, and keeps the same.
#[test]
fn a_dump_as_a_list_keeps_all_fields() {
    let json = |env: &str, uid: &str| {
        let set = format!(
            r#"{{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {{"name": "web", "namespace": "default"{uid}}}, "spec": {{"selector": {{"matchLabels": {{"app": "web"}}}}, "template": {{"metadata": {{"creationTimestamp": null, "labels": {{"app": "web"}}}}, "spec": {{"containers": [{{"name": "c", "image": "i", "env": [{{"name": "A", "value": "{env}"}}]}}]}}}}}}}}"#
        );
        let pod = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1", "namespace": "default", "uid": "p", "labels": {"app": "web", "controller-revision-hash": "h"}, "ownerReferences": [{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "web", "uid": "web", "controller": true}]}, "spec": {"nodeName": "a", "containers": [{"name": "c", "image": "i"}]}, "status": {"phase": "Running"}}"#;
        if uid.is_empty() { set } else { format!(r#"{{"apiVersion": "v1", "items": [{set}, {pod}], "kind": "List"}}"#) }
    };
    let mut start = cluster(&nodes(&["a"]));
    start.load(objects(&json("x", r#", "uid": "web""#))).expect("objects");
    assert_eq!(came(&simulate(&start, &json("x", ""))), (0, vec![]));
    assert_eq!(came(&simulate(&start, &json("y", ""))), (1, vec![Some("a")]));
}

const POD: &str = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: default}\nspec: {schedulingGates: [{name: hold}], containers: [{name: c, image: i, resources: {requests: {cpu: '1'}}}]}\n";

/// What may change of a pod: `ValidatePodUpdate` in Kubernetes' `pkg/apis/core/validation`.
#[test]
fn manifests_of_pods_that_are_there_are_applied_or_refused() {
    // As `kubectl apply` leaves it: what the last manifest had and this one has not goes.
    let last = r#"{"spec": {"schedulingGates": [{"name": "hold"}]}}"#;
    let live = format!(
        "namespace: default, uid: p, annotations: {{kubectl.kubernetes.io/last-applied-configuration: '{last}'}}"
    );
    let live = POD.replace("namespace: default", &live);
    for given in [POD.to_owned(), live] {
        let start = cluster(&(nodes(&["a"]) + &given));
        let options = SimulationOptions::default();
        let end = |text: &str| start.simulate(&objects(text), options, &mut |_, _| true);
        let held = end(POD).expect("the same");
        assert_eq!(held.decisions.iter().map(|d| d.node.as_deref()).collect::<Vec<_>>(), [None]);
        let free = end(&POD.replace("[{name: hold}]", "[]")).expect("gates may go");
        assert_eq!(came(&free), (0, vec![Some("a")]), "{:?}", free.decisions);
        let narrowed = POD.replace("[{name: hold}]", "[], nodeSelector: {kubernetes.io/hostname: b}");
        let narrowed = end(&narrowed).expect("a gated pod may take fewer nodes");
        assert_eq!(came(&narrowed).1, [None]);
        let refused = |text: &str| {
            let error = end(text).err().expect("it may not change");
            (error.object().to_owned(), error.problem().to_owned())
        };
        let (object, words) = refused(&POD.replace("cpu: '1'", "cpu: '2'"));
        assert_eq!(object, "Pod default/p");
        assert!(
            words.starts_with("Pod \"p\" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`"),
            "{words}"
        );
        let (_, words) = refused(&POD.replace("[{name: hold}]", "[{name: hold}, {name: more}]"));
        assert!(words.contains("spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'more'"), "{words}");
        let near = "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {a: b}}}]}}, ";
        let apart = cluster(
            &(nodes(&["a"]) + &given.replace("spec: {", &format!("spec: {{activeDeadlineSeconds: 10, {near}"))),
        );
        let words = |text: &str| {
            let error = apart.simulate(&objects(text), options, &mut |_, _| true).err().expect("it may not change");
            error.problem().to_owned()
        };
        let later = words(&POD.replace("spec: {", &format!("spec: {{activeDeadlineSeconds: 20, {near}")));
        assert!(
            later.contains(
                "spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value"
            ),
            "{later}"
        );
        if !given.contains("uid") {
            let alone = words(&POD.replace("spec: {", "spec: {activeDeadlineSeconds: 10, "));
            assert!(alone.contains("spec: Forbidden: pod updates may not change fields other than"), "{alone}");
        }
        let (_, words) = refused(&POD.replace("containers: [", "containers: [{name: b, image: i}, "));
        assert!(words.contains("spec.containers: Forbidden: pod updates may not add or remove containers"), "{words}");
    }
}

#[test]
fn labels_of_a_pod_that_runs_may_change() {
    let plain = POD.replace("schedulingGates: [{name: hold}], ", "");
    let start = simulate(&cluster(&nodes(&["a"])), &plain).cluster;
    let end = simulate(&start, &plain.replace("name: p,", "name: p, labels: {app: web},"));
    assert_eq!((came(&end), results(&end)), ((0, vec![]), vec!["configured"]));
    let pod = end.cluster.pod("default/p").expect("it runs on");
    assert_eq!((pod.spec.node_name.as_str(), pod.metadata.labels.get("app").map(String::as_str)), ("a", Some("web")));
    assert_eq!(results(&simulate(&start, &plain)), ["unchanged"]);
}

/// A pod that a dump has Terminating ends, and its room goes to the one that waits.
#[test]
fn pods_that_are_being_deleted_end() {
    let pod = |name: &str, more: &str, node: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: default, uid: {name}{more}}}\nspec: {{{node}containers: [{{name: c, image: i, resources: {{requests: {{cpu: '4'}}}}}}]}}\n"
        )
    };
    let ends = pod("old", ", deletionTimestamp: '2026-01-01T00:00:00Z'", "nodeName: a, ");
    let start = nodes(&["a"]) + &ends + &pod("new", "", "");
    let end = simulate(&cluster(&start), "");
    assert_eq!(came(&end), (1, vec![Some("a")]));
    assert!(
        end.warnings.iter().any(|w| w.contains("default/old is Terminating: it is taken to end")),
        "{:?}",
        end.warnings
    );
    // Nobody hears of this node.
    let silent = start.replace("allocatable", "conditions: [{type: Ready, status: Unknown}], allocatable");
    assert_eq!(came(&simulate(&cluster(&silent), "")), (0, vec![None]));
}

/// maxSurge: a new pod comes beside the old one, which goes when the new one runs (`rollingUpdate` of the DaemonSet controller).
#[test]
fn daemons_surge() {
    let set = |cpu: &str, update: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: agent, namespace: default}}\nspec: {{updateStrategy: {{rollingUpdate: {{{update}}}}}, selector: {{matchLabels: {{app: agent}}}}, template: {{metadata: {{labels: {{app: agent}}}}, spec: {{containers: [{{name: c, image: i, resources: {{requests: {{cpu: '{cpu}'}}}}}}]}}}}}}\n"
        )
    };
    let (surge, none) = ("maxSurge: 1, maxUnavailable: 0", "maxSurge: 0, maxUnavailable: 1");
    for update in [surge, none] {
        let start = simulate(&cluster(&nodes(&["a", "b"])), &set("2", update)).cluster;
        let end = simulate(&start, &set("1500m", update));
        assert_eq!(came(&end), (2, vec![Some("a"), Some("b")]), "{update}");
        let first = end.events.iter().find_map(|event| match event {
            bayplan::simulate::Event::Created(_) => Some("came"),
            bayplan::simulate::Event::Deleted(_) => Some("went"),
            _ => None,
        });
        assert_eq!(first, Some(if update == surge { "came" } else { "went" }));
        // A new pod finds no room beside the old one: with a surge the old ones stay.
        let stuck = simulate(&start, &set("3", update));
        assert_eq!(came(&stuck), if update == surge { (0, vec![None]) } else { (2, vec![Some("a"), Some("b")]) });
    }
}

#[test]
fn what_is_refused_again_and_again_counts_once() {
    let start = cluster(&(nodes(&["a", "b"]) + &quota(1)));
    let set = "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent, namespace: default}\nspec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: c, image: i}]}}}\n";
    // The others come one after the other, and the refused daemon is tried in each round.
    let others = "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: other}\nspec: {replicas: 20, serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: i}]}}}\n";
    let options = SimulationOptions { max_pods: 22, ..SimulationOptions::default() };
    let text = set.to_owned() + others;
    let end = start.simulate(&objects(&text), options, &mut |_, _| true).expect("21 pods are made, no more");
    assert_eq!((end.decisions.len(), end.left_out.len()), (21, 1), "{:?}", end.left_out);
    // What was refused and comes in the end is not left out.
    let wide = simulate(&end.cluster, &quota(5));
    assert_eq!((wide.decisions.len(), wide.left_out.len()), (1, 0), "{:?}", wide.left_out);
}

/// Pods of an account that is not there are refused, and come when it comes; an account lends its pods its secrets for pulling images. Words
/// as the real control plane gave them for manifests in which the account comes late.
#[test]
fn a_pod_needs_its_service_account() {
    let web = deployment(1, "1", "").replace("spec: {containers", "spec: {serviceAccountName: robot, containers");
    let account = |name: &str, more: &str| {
        format!("---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}, namespace: default}}\n{more}")
    };
    // Nothing is known of accounts.
    assert_eq!(came(&simulate(&cluster(&nodes(&["a"])), &web)).1, [Some("a")]);
    let start = cluster(&(nodes(&["a"]) + &account("default", "")));
    let end = simulate(&start, &web);
    assert_eq!((came(&end).1.len(), end.left_out.len()), (0, 1));
    let words = &end.left_out[0];
    assert!(words.starts_with("ReplicaSet/default/web-"), "{words}");
    assert!(
        words.contains("Error creating: pods \"web-")
            && words.ends_with(
                "-\" is forbidden: error looking up service account default/robot: serviceaccount \"robot\" not found"
            ),
        "{words}"
    );
    let robot = account("robot", "imagePullSecrets: [{name: key}]\n");
    let mended = simulate(&end.cluster, &robot);
    assert_eq!((came(&mended).1, mended.left_out.len()), (vec![Some("a")], 0));
    let made = mended.events.iter().find_map(|event| match event {
        bayplan::simulate::Event::Created(pod) => Some(bayplan::simulate::stored(pod)),
        _ => None,
    });
    assert_eq!(made.expect("a pod")["spec"]["imagePullSecrets"][0]["name"], "key");
    // Together they are taken, in whatever order.
    assert_eq!(came(&simulate(&start, &(web + &robot))).1, [Some("a")]);
    let pod = POD.replace("schedulingGates: [{name: hold}], ", "serviceAccountName: robot, ");
    assert!(start.clone().load(objects(&(pod.clone() + &robot))).is_ok());
    let refused = start.clone().load(objects(&pod)).expect_err("there is no such account");
    assert!(
        refused.problem().contains("pods \"p\" is forbidden: error looking up service account default/robot"),
        "{refused}"
    );
}

/// Where the input has the namespaces of a server, one that it lacks is not there.
#[test]
fn an_object_needs_its_namespace() {
    let namespace = |name: &str| format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
    let web = deployment(1, "1", "").replace("namespace: default", "namespace: shop");
    assert_eq!(came(&simulate(&cluster(&nodes(&["a"])), &web)).1, [Some("a")]);
    let start = cluster(&(nodes(&["a"]) + &namespace("default")));
    let end = simulate(&start, &web);
    assert_eq!(came(&end).1, []);
    assert_eq!(end.left_out, ["Deployment shop/web is refused: namespaces \"shop\" not found"]);
    assert_eq!(came(&simulate(&start, &(namespace("shop") + &web))).1, [Some("a")]);
}

/// A pod without a controller belongs to the workload that selects it, and counts as one of its own.
#[test]
fn orphans_are_adopted() {
    let lone = POD.replace("schedulingGates: [{name: hold}], ", "").replace("name: p,", "name: p, labels: {app: web},");
    let set = "---\napiVersion: v1\nkind: ReplicationController\nmetadata: {name: web, namespace: default}\nspec: {replicas: 2, selector: {app: web}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}}\n";
    let start = simulate(&cluster(&nodes(&["a"])), &lone).cluster;
    let end = simulate(&start, set);
    assert_eq!((end.decisions.len(), end.gone.len()), (1, 0));
    let owner = end.cluster.pod("default/p").and_then(|pod| pod.metadata.controller().cloned()).expect("it is adopted");
    assert_eq!((owner.kind.as_str(), owner.name.as_str()), ("ReplicationController", "web"));
    // One too many: the one that came last goes.
    let less = simulate(&end.cluster, &set.replace("replicas: 2", "replicas: 1"));
    assert_eq!(less.gone.len(), 1);
}

/// After `kubectl rollout restart` the past has a set that differs only where no decision looks, and is older: it stays in the past.
#[test]
fn the_past_of_a_deployment_stays_past() {
    let now = dump("Deployment", "two");
    let set = now.split("---\n").find(|text| text.contains("kind: ReplicaSet\n")).expect("it is there");
    let past = set
        .replace("h1", "h0")
        .replace("value: two", "value: one")
        .replace("replicas: 2", "replicas: 0")
        .replace("uid: web-h0,", "uid: web-h0, creationTimestamp: '2026-01-01T00:00:00Z',");
    let now = now.replace("uid: web-h1,", "uid: web-h1, creationTimestamp: '2026-02-01T00:00:00Z',");
    let start = cluster(&format!("{now}---\n{past}"));
    assert_eq!(came(&simulate(&start, "")), (0, vec![]));
    assert_eq!(came(&simulate(&start, &manifest("Deployment", "two"))), (0, vec![]));
    let place = start.place(Some(&objects(&manifest("Deployment", "two"))), &PlaceOptions::default(), &mut |_, _| true);
    assert_eq!(place.expect("placed").left_out, Vec::<String>::new());
    assert_eq!(came(&simulate(&start, &manifest("Deployment", "three"))).0, 2);
    assert_eq!(came(&simulate(&start, &manifest("Deployment", "one"))).0, 2);
    // Back to the past, and on from there.
    let image = |env: &str| manifest("Deployment", env).replace("image: i", "image: other");
    let start = cluster(&format!("{now}---\n{}", past.replace("image: i", "image: other")));
    let back = simulate(&start, &image("one"));
    assert_eq!(came(&back).0, 2);
    assert!(back.decisions.iter().all(|d| d.pod.starts_with("default/web-h0-")), "{:?}", back.decisions);
    assert_eq!(came(&simulate(&back.cluster, "")), (0, vec![]));
    assert_eq!(came(&simulate(&back.cluster, &image("three"))).0, 2);
    // Without the sets a rollout cannot be played, but it is seen.
    let bare: String = dump("Deployment", "one")
        .split("---\n")
        .filter(|t| !t.contains("kind: ReplicaSet\n"))
        .map(|t| format!("---\n{t}"))
        .collect();
    let placed =
        cluster(&bare)
            .place(Some(&objects(&manifest("Deployment", "two"))), &PlaceOptions::default(), &mut |_, _| true);
    assert!(placed.expect("placed").left_out[0].contains("its template differs"));
}

/// What a server writes and a manifest does not say is no change: the divisor of a field of resources, the place of a container that an injector
/// put first.
#[test]
fn what_a_server_fills_in_is_no_change() {
    let env = "env: [{name: A, value: one}, {name: M, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]";
    let with = |text: &str, env: &str| text.replace("env: [{name: A, value: one}]", env);
    let live = env.replace("limits.cpu", "limits.cpu, divisor: '0'");
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
        let options = bayplan::Options { overlay: bayplan::Overlay::Replace, ..bayplan::Options::default() };
        let mut start = Cluster::new(options).expect("defaults");
        start.load(objects(&with(&dump(kind, "one"), &live))).expect("objects");
        assert_eq!(came(&simulate(&start, &with(&manifest(kind, "one"), env))), (0, vec![]), "{kind}");
        let injected = dump(kind, "one").replace("containers: [", "containers: [{name: sidecar, image: s}, ");
        assert_eq!(came(&simulate(&cluster(&injected), &manifest(kind, "one"))), (0, vec![]), "{kind}");
    }
}

/// The pods of a live workload that a manifest changed are judged as new ones are.
#[test]
fn a_changed_live_workload_needs_its_account() {
    let account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: default, uid: d}\n";
    let start = cluster(&(dump("Deployment", "one") + account));
    let web =
        manifest("Deployment", "one").replace("spec: {containers", "spec: {serviceAccountName: robot, containers");
    let end = simulate(&start, &web);
    assert_eq!((came(&end), end.left_out.len()), ((0, vec![]), 1));
    assert!(end.left_out[0].contains("serviceaccount \"robot\" not found"), "{:?}", end.left_out);
}

fn stateful_set(cpu: &str, more: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db, namespace: default}}\nspec: {{replicas: 4, serviceName: db, {more}, selector: {{matchLabels: {{app: db}}}}, template: {{metadata: {{labels: {{app: db}}}}, spec: {{containers: [{{name: c, image: i, resources: {{requests: {{cpu: '{cpu}'}}}}}}]}}}}}}\n"
    )
}

/// `updateStatefulSetAfterInvariantEstablished` of 1.37.
#[test]
fn stateful_sets_roll_from_above() {
    let update = "ordinals: {start: 5}, updateStrategy: {rollingUpdate: {partition: 2}}";
    let start = simulate(&cluster(&nodes(&["a"])), &stateful_set("1", update)).cluster;
    let end = simulate(&start, &stateful_set("900m", update));
    let gone: Vec<&str> = end.gone.iter().map(|gone| gone.pod.as_str()).collect();
    assert_eq!(gone, ["default/db-8", "default/db-7"]);
    // One below the partition is made from a template that a real cluster would not take, and that is said.
    let mut less = end.cluster.clone();
    less.evict("default/db-5").expect("it is there");
    let end = simulate(&less, "");
    assert_eq!(end.decisions.len(), 1);
    assert!(end.warnings.iter().any(|w| w.contains("default/db-5 is below the partition")), "{:?}", end.warnings);
    // Before 1.37 one that is missing is waited for.
    let options = bayplan::Options { version: bayplan::Version::V1_36, ..bayplan::Options::default() };
    let mut older = Cluster::new(options).expect("defaults");
    older.load(objects(&nodes(&["a"]))).expect("objects");
    let start = simulate(&older, &stateful_set("1", "podManagementPolicy: Parallel")).cluster;
    let end = simulate(&start, &stateful_set("3", "podManagementPolicy: Parallel"));
    assert_eq!((end.gone.len(), end.cluster.pending().len()), (1, 1));
    // One of a set whose pods come together finds no room; another template mends it, though it is missing.
    let parallel = "podManagementPolicy: Parallel";
    let start = simulate(&cluster(&nodes(&["a"])), &stateful_set("1200m", parallel));
    assert_eq!(start.decisions.iter().filter(|d| d.node.is_none()).count(), 1);
    let end = simulate(&start.cluster, &stateful_set("300m", parallel));
    assert!(end.cluster.pending().is_empty() && end.decisions.len() == 4, "{:?}", end.decisions);
}

/// Nodes get their new daemons one after the other, however many there are.
#[test]
fn daemons_of_many_nodes_are_replaced() {
    let set = |env: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: agent, namespace: default}}\nspec: {{selector: {{matchLabels: {{app: agent}}}}, template: {{metadata: {{labels: {{app: agent}}}}, spec: {{containers: [{{name: c, image: i, env: [{{name: A, value: {env}}}]}}]}}}}}}\n"
        )
    };
    let names: Vec<String> = (0..60).map(|n| format!("n{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let start = simulate(&cluster(&nodes(&names)), &set("one")).cluster;
    let options = SimulationOptions { rounds: 10, ..SimulationOptions::default() };
    let end = start.simulate(&objects(&set("two")), options, &mut |_, _| true).expect("an end");
    assert_eq!((end.gone.len(), end.decisions.len()), (60, 60));
}

/// A workload that is being deleted makes no pods any more.
#[test]
fn what_is_being_deleted_is_not_played() {
    let deleted = dump("DaemonSet", "one").replace("uid: web}", "uid: web, deletionTimestamp: '2026-01-01T00:00:00Z'}");
    let start = cluster(&(deleted + &nodes(&["c"])));
    assert_eq!(came(&simulate(&start, "")), (0, vec![]));
}

/// A struct that is changed in place is another template too, though its text is as it was.
#[test]
fn a_changed_struct_is_a_changed_template() {
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
        let start = cluster(&dump(kind, "one"));
        let all: Vec<Object> = Kind::ALL.iter().flat_map(|kind| start.objects(*kind)).cloned().collect();
        let mut web = all.into_iter().find(|object| object.kind().name() == kind).expect("it is there");
        let template = match &mut web {
            Object::Deployment(o) => &mut o.spec.template,
            Object::StatefulSet(o) => &mut o.spec.template,
            Object::DaemonSet(o) => &mut o.spec.template,
            other => panic!("{other}"),
        };
        template.metadata.labels.insert("more".to_owned(), "x".to_owned());
        let end = start.simulate(&[web.clone()], SimulationOptions::default(), &mut |_, _| true).expect("an end");
        assert_eq!(came(&end).0, 2, "{kind}");
        if kind == "Deployment" {
            let mut loaded = start.clone();
            loaded.upsert(web).expect("it is sound");
            assert_eq!(came(&simulate(&loaded, "")).0, 2);
        }
    }
}

/// Sizes that cannot be counted, and an annotation that nobody wrote: an error, and nothing wraps around.
#[test]
fn sizes_of_replica_sets_do_not_overflow() {
    let most = i32::MAX;
    for before in ["-1", "1", "x", "2147483647"] {
        let set = |name: &str| {
            format!(
                "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{name: web-{name}, namespace: default, uid: {name}, annotations: {{deployment.kubernetes.io/desired-replicas: '1', deployment.kubernetes.io/max-replicas: '{before}'}}, ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: web, uid: web, controller: true}}]}}\nspec: {{replicas: {most}, selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{{name: {name}, image: i}}]}}}}}}\n"
            )
        };
        let start = cluster(&(nodes(&["a"]) + &set("a") + &set("b")));
        for replicas in [0, 2, most as usize] {
            let options = SimulationOptions { max_pods: 10, ..SimulationOptions::default() };
            let web = deployment(replicas, "1", "");
            match start.simulate(&objects(&web), options, &mut |_, _| true) {
                Ok(end) => assert!(end.cluster.objects(Kind::ReplicaSet).all(|set| match set {
                    Object::ReplicaSet(set) => set.spec.replicas.is_some_and(|count| (0..=most).contains(&count)),
                    _ => false,
                })),
                Err(error) => assert_eq!(error.kind(), bayplan::ErrorKind::TooManyPods, "{error}"),
            }
        }
    }
}
