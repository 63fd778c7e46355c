//! What is placed: replicas that are missing, waiting pods, in the queue's order; and how a question is stopped.

use bayplan::attempt::Outcome;
use bayplan::objects::{Kind, Object};
use bayplan::plan::check_workloads;
use bayplan::{Cluster, ErrorKind, Options, PlaceOptions, Placements, read};

fn objects(text: &str) -> Vec<Object> {
    read::from_text(text, "test").expect("objects").objects
}

fn node(name: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{kubernetes.io/hostname: {name}}}}}\nstatus: {{allocatable: {{cpu: '4', memory: 8Gi, pods: '110'}}}}\n"
    )
}

fn workload(kind: &str, name: &str, replicas: usize, more: &str) -> String {
    let api = if kind == "Job" { "batch/v1" } else { "apps/v1" };
    let (count, selector) = match kind {
        "Job" => (format!("parallelism: {replicas}, completions: {replicas}, "), String::new()),
        "DaemonSet" => (String::new(), format!("selector: {{matchLabels: {{app: {name}}}}}, ")),
        _ => (format!("replicas: {replicas}, "), format!("selector: {{matchLabels: {{app: {name}}}}}, ")),
    };
    let restart = if kind == "Job" { "Never" } else { "Always" };
    format!(
        "---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{count}{selector}template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{{more}restartPolicy: {restart}, containers: [{{name: c, image: i, resources: {{requests: {{cpu: 100m}}}}}}]}}}}}}\n"
    )
}

fn cluster(text: &str) -> Cluster {
    let mut cluster = Cluster::new(Options::default()).expect("defaults");
    cluster.load(objects(text)).expect("objects");
    cluster
}

fn place(cluster: &Cluster, text: &str) -> Placements {
    cluster.place(Some(&objects(text)), &PlaceOptions::default(), &mut |_, _| true).expect("a plan")
}

fn names(placements: &Placements) -> Vec<&str> {
    placements.decisions.iter().map(|decision| decision.pod.as_str()).collect()
}

#[test]
fn only_the_missing_replicas_are_placed() {
    let start = cluster(&(node("a") + &node("b")));
    for kind in ["Deployment", "ReplicaSet", "StatefulSet", "Job"] {
        let three = place(&start, &workload(kind, "web", 3, ""));
        assert_eq!(three.decisions.len(), 3, "{kind}");
        let five = place(&three.cluster, &workload(kind, "web", 5, ""));
        assert_eq!(five.decisions.len(), 2, "{kind}: {:?}", names(&five));
        assert!(five.warnings[0].contains("3 of its 5 pods exist already"), "{kind}: {:?}", five.warnings);
        assert!(five.decisions.iter().all(|d| !names(&three).contains(&d.pod.as_str())), "{kind}");
        let again = place(&five.cluster, &workload(kind, "web", 5, ""));
        assert_eq!(again.decisions.len(), 0, "{kind}");
        assert!(again.warnings[0].contains("nothing to place"), "{kind}: {:?}", again.warnings);
        let fewer = place(&five.cluster, &workload(kind, "web", 2, ""));
        assert_eq!(fewer.decisions.len(), 0, "{kind}");
    }
    // The cluster that was asked is as it was.
    assert_eq!((start.pods_on("a"), start.pods_on("b")), (Vec::new(), Vec::new()));
}

#[test]
fn a_daemon_set_lacks_the_nodes_without_a_pod_of_it() {
    let start = cluster(&(node("a") + &node("b")));
    let both = place(&start, &workload("DaemonSet", "agent", 0, ""));
    assert_eq!(names(&both), ["default/agent-a", "default/agent-b"]);
    assert!(both.decisions.iter().all(|d| d.pod.ends_with(d.node.as_deref().expect("placed"))));
    // A node that comes with the workload is taken in first.
    let third = place(&both.cluster, &(node("c") + &workload("DaemonSet", "agent", 0, "")));
    assert_eq!(names(&third), ["default/agent-c"]);
    assert_eq!(third.decisions[0].node.as_deref(), Some("c"));
}

#[test]
fn a_deployment_with_another_template_is_a_new_set() {
    let start = cluster(&node("a"));
    let old = place(&start, &workload("Deployment", "web", 2, ""));
    let new = place(&old.cluster, &workload("Deployment", "web", 3, "nodeSelector: {kubernetes.io/hostname: a}, "));
    assert_eq!(new.decisions.len(), 1);
    assert!(new.warnings.iter().any(|w| w.contains("template differs")), "{:?}", new.warnings);
    let sets = |placements: &Placements| placements.cluster.objects(Kind::ReplicaSet).count();
    assert_eq!((sets(&old), sets(&new)), (1, 2));
    // What the API server would have set by itself is no difference.
    let same = place(&old.cluster, &workload("Deployment", "web", 3, "schedulerName: default-scheduler, "));
    assert_eq!((same.decisions.len(), sets(&same), same.warnings.len()), (1, 1, 1));
}

/// A node that comes with the workloads gets the pods of DaemonSets first, as one does that is in the cluster.
#[test]
fn added_nodes_get_their_daemon_pods_first() {
    let daemon =
        |cpu: &str, more: &str| workload("DaemonSet", "agent", 0, more).replace("cpu: 100m", &format!("cpu: {cpu}"));
    let live = node("a").replace("{name: a,", "{name: a, uid: a,");
    let start = place(&cluster(&live), &daemon("2", "")).cluster;
    let web = workload("Deployment", "web", 1, "nodeSelector: {kubernetes.io/hostname: c}, ").replace("100m", "'3'");
    let placed = place(&start, &(node("c") + &web));
    assert_eq!(
        placed.decisions[0].message,
        "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector."
    );
    assert_eq!(placed.cluster.pods_on("c"), ["default/agent-c"]);
    // Where they find no room, or are refused, that is said.
    let large = place(&cluster(&live), &daemon("9", "")).cluster;
    let left_out = place(&large, &(node("c") + &web)).left_out;
    assert!(
        left_out.iter().any(|said| said.starts_with("default/agent-c, of a DaemonSet, finds no room: 0/2")),
        "{left_out:?}"
    );
    let class = "---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 10\n";
    let mut refused = place(&cluster(&(live + class)), &daemon("1", "priorityClassName: high, ")).cluster;
    assert!(refused.delete(Kind::PriorityClass, "", "high").expect("a change"));
    let left_out = place(&refused, &(node("c") + &web)).left_out;
    assert!(left_out.iter().any(|said| said.contains("DaemonSet default/agent: its pods are refused")), "{left_out:?}");
}

#[test]
fn a_rollout_is_said_even_where_no_replica_is_missing() {
    let start = cluster(&node("a"));
    let differs = |placements: &Placements| placements.warnings.iter().any(|w| w.contains("template differs"));
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
        let old = place(&start, &workload(kind, "web", 2, ""));
        let new = place(&old.cluster, &workload(kind, "web", 2, "nodeSelector: {kubernetes.io/hostname: a}, "));
        assert!(new.decisions.is_empty() && differs(&new), "{kind}: {:?}", new.warnings);
        // What the API server would have set by itself is no difference.
        let same = place(&old.cluster, &workload(kind, "web", 2, "schedulerName: default-scheduler, "));
        assert!(same.decisions.is_empty() && !differs(&same), "{kind}: {:?}", same.warnings);
        assert!(!differs(&place(&start, &workload(kind, "web", 2, ""))), "{kind}");
    }
    // Back to a template whose set has no pods any more, while those of the newer one run.
    let old = place(&start, &workload("Deployment", "web", 2, ""));
    let changed = workload("Deployment", "web", 3, "nodeSelector: {kubernetes.io/hostname: a}, ");
    let both = place(&old.cluster, &changed);
    assert!(differs(&place(&both.cluster, &workload("Deployment", "web", 3, ""))));
    // A Job's pods stay what they are.
    let job = place(&start, &workload("Job", "web", 2, ""));
    assert!(!differs(&place(&job.cluster, &workload("Job", "web", 2, "nodeSelector: {kubernetes.io/hostname: a}, "))));
}

#[test]
fn a_workload_that_makes_no_pods_says_why_once() {
    let start = cluster(&node("a"));
    let job = workload("Job", "run", 2, "").replace("spec: {par", "spec: {suspend: true, par");
    let cron = |field: &str, suspend: &str| {
        format!(
            "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: nightly}}\nspec: {{schedule: '0 3 * * *', {field}jobTemplate: {{spec: {{{suspend}template: {{spec: {{restartPolicy: Never, containers: [{{name: c, image: i}}]}}}}}}}}}}\n"
        )
    };
    let deleted = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: gone, uid: u, deletionTimestamp: '2026-01-01T00:00:00Z'}\nspec: {schedulerName: default-scheduler, containers: [{name: c, image: i}]}\n";
    for (text, words) in [
        (job, "Job default/run is suspended, so it makes no pods"),
        (cron("suspend: true, ", ""), "CronJob default/nightly is suspended, so it makes no pods"),
        (cron("", "suspend: true, "), "Job default/nightly-00001 is suspended, so it makes no pods"),
        (
            workload("Deployment", "web", 0, ""),
            "Deployment default/web: it asks for no pods, so there is nothing to place",
        ),
        (deleted.to_owned(), "Pod default/gone is being deleted, so it is not placed"),
    ] {
        let placements = place(&start, &text);
        assert!(placements.decisions.is_empty(), "{text}");
        assert_eq!(placements.warnings, [words]);
    }
    assert_eq!(names(&place(&start, &cron("suspend: false, ", ""))), ["default/nightly-00001-00001"]);
}

#[test]
fn an_input_of_workloads_holds_some() {
    let fault = |texts: &[&str]| {
        let reading = read::Reading::live();
        let inputs: Vec<read::Input> =
            texts.iter().map(|text| reading.bytes(text.as_bytes(), "f").expect("objects")).collect();
        let error = check_workloads(&inputs.iter().collect::<Vec<_>>()).err();
        error.map_or_else(String::new, |error| error.to_string())
    };
    let secret = "{apiVersion: v1, kind: Secret, metadata: {name: s}}";
    let of = |version: &str, kind: &str| format!("{{apiVersion: {version}, kind: {kind}, metadata: {{name: w}}}}");
    let legal =
        "workloads are Pod, Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet, Job, CronJob";
    assert_eq!(fault(&[secret]), format!("f: there is no workload in it, only 1 Secret (v1); {legal}"));
    assert_eq!(
        fault(&[secret, &(node("a") + &node("b"))]),
        format!("f, f: there is no workload in it, only 2 Node (v1), 1 Secret (v1); {legal}")
    );
    assert_eq!(
        fault(&["{apiVersion: v1, kind: List, items: []}"]),
        format!("f: there is no workload in it: it is empty; {legal}")
    );
    for (version, kind, meant) in [
        ("apps/v1", "deployment", "Deployment (apps/v1)"),
        ("extensions/v1beta1", "Deployment", "Deployment (apps/v1)"),
        ("v1", "StatefulSet", "StatefulSet (apps/v1)"),
        ("v1", "pods", "Pod (v1)"),
    ] {
        let error = format!("f: no API server takes {kind} ({version}); did you mean {meant}?");
        assert_eq!(fault(&[&of(version, kind)]), error);
        // Its pods would silently be left out.
        assert_eq!(fault(&[&of("v1", "Pod"), &of(version, kind)]), error);
    }
    // A kind of somebody else's.
    let job = of("batch.volcano.sh/v1alpha1", "Job");
    assert_eq!(
        fault(&[&job]),
        "f: there is no workload in it, only 1 Job (batch.volcano.sh/v1alpha1); did you mean Job (batch/v1)?"
    );
    let config = "{apiVersion: kubescheduler.config.k8s.io/v1, kind: KubeSchedulerConfiguration}";
    assert_eq!(
        fault(&[config]),
        "f: a KubeSchedulerConfiguration is no workload; give it with --config or -c (in Python with config=)"
    );
    for others in [&[][..], &[&of("v1", "Pod"), secret, &job], &[&(of("v1", "Pod") + "\n---\n" + secret)]] {
        assert_eq!(fault(others), "");
    }
}

#[test]
fn the_queue_is_by_priority_then_arrival_and_ordinals_rise() {
    let start = cluster(&node("a"));
    let text = workload("StatefulSet", "low", 11, "")
        + &workload("Deployment", "high", 1, "priorityClassName: high, ")
        + "---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 10\n";
    let placements = place(&start, &text);
    let order = names(&placements);
    assert!(order[0].starts_with("default/high-"), "{order:?}");
    let ordinals: Vec<String> = (0..11).map(|i| format!("default/low-{i}")).collect();
    assert_eq!(order[1..], ordinals);
}

#[test]
fn waiting_pods_are_placed_alone_or_with_others() {
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: waits, uid: u}\nspec: {schedulerName: default-scheduler, containers: [{name: c, image: i}]}\n";
    let start = cluster(&(node("a") + pod));
    let alone = start.place(None, &PlaceOptions::default(), &mut |_, _| true).expect("a plan");
    assert_eq!(names(&alone), ["default/waits"]);
    let text = workload("StatefulSet", "web", 1, "");
    assert_eq!(names(&place(&start, &text)), ["default/web-0"]);
    let options = PlaceOptions { include_pending: true, ..PlaceOptions::default() };
    let both = start.place(Some(&objects(&text)), &options, &mut |_, _| true).expect("a plan");
    assert_eq!(names(&both), ["default/waits", "default/web-0"]);
    assert!(both.cluster.pending().is_empty());
    assert_eq!(start.pending(), ["default/waits"]);
}

#[test]
fn what_is_not_the_schedulers_is_said() {
    let start = cluster(&node("a"));
    let text = workload("StatefulSet", "gated", 1, "schedulingGates: [{name: g}], ")
        + &workload("StatefulSet", "other", 1, "schedulerName: other, ")
        + "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {pods: '2'}}\n";
    let placements = place(&start, &text);
    let outcomes: Vec<Outcome> = placements.decisions.iter().map(|d| d.outcome).collect();
    assert_eq!(outcomes, [Outcome::Gated, Outcome::Ignored]);
    assert!(placements.left_out.is_empty());
    // The quota has room for two pods, and no more.
    let more = place(&placements.cluster, &workload("StatefulSet", "more", 2, ""));
    let [words] = more.left_out.as_slice() else { panic!("{:?}", more.left_out) };
    let refused = "pods \"more-0\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2";
    assert_eq!(*words, format!("StatefulSet default/more: 2 of 2 pods are refused: {refused}"));
    assert!(more.decisions.is_empty());
    let template = objects(&workload("Deployment", "web", 1, ""));
    let fit = placements.cluster.fit(&template[0], 3, &mut |_, _| true).expect("an answer");
    assert_eq!((fit.replicas, fit.limit_reached), (0, false));
    let said = fit.refused.expect("the quota has no room");
    assert!(
        said.ends_with("is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"),
        "{said}"
    );
}

#[test]
fn a_caller_can_stop_and_is_told_how_far_it_is() {
    let start = cluster(&node("a"));
    let mut told = Vec::new();
    let text = objects(&workload("StatefulSet", "web", 3, ""));
    let stopped = start.place(Some(&text), &PlaceOptions::default(), &mut |done, of| {
        told.push((done, of));
        done < 2
    });
    assert_eq!(stopped.err().map(|e| e.kind()), Some(ErrorKind::Stopped));
    assert_eq!(told[..3], [(0, 3); 3], "asked before each pod is made");
    assert_eq!(told[3..], [(0, 3), (1, 3), (2, 3)], "and before each is placed");
    assert_eq!(start.fit(&text[0], 9, &mut |_, _| false).err().map(|e| e.kind()), Some(ErrorKind::Stopped));
}

#[test]
fn replicas_of_every_kind_fit_until_the_cpu_is_gone() {
    let start = cluster(&(node("a") + &node("b")));
    // Two nodes of 4 CPUs hold 80 pods of 100m.
    for kind in ["Deployment", "ReplicaSet", "StatefulSet", "Job"] {
        let fit = start.fit(&objects(&workload(kind, "web", 2, ""))[0], 1000, &mut |_, _| true).expect("a fit");
        assert_eq!((fit.replicas, fit.limit_reached), (80, false), "{kind}");
        assert_eq!(fit.by_node, [("a".to_owned(), 40), ("b".to_owned(), 40)], "{kind}");
        assert_eq!(fit.reasons, [("Insufficient cpu".to_owned(), 2)], "{kind}");
    }
    let error =
        start.fit(&objects(&workload("DaemonSet", "agent", 0, ""))[0], 9, &mut |_, _| true).expect_err("none fits");
    assert!(error.to_string().contains("place it instead"));
    let error = start.fit(&objects(&node("a"))[0], 9, &mut |_, _| true).expect_err("no template");
    assert!(error.to_string().contains("it makes no pods"), "{error}");
}

#[test]
fn pods_that_evicting_could_help_are_said() {
    let small = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: small, uid: u}\nspec: {nodeName: a, priority: 1, containers: [{name: c, image: i, resources: {requests: {cpu: '4'}}}]}\n";
    let start = cluster(&(node("a") + small));
    let place = |start: &Cluster, text: &str| {
        let options = PlaceOptions { preemption: Some(false), ..PlaceOptions::default() };
        start.place(Some(&objects(text)), &options, &mut |_, _| true).expect("a plan")
    };
    let of = |priority: i32| place(&start, &workload("StatefulSet", "web", 1, &format!("priority: {priority}, ")));
    let evicts = |placements: &Placements| placements.warnings.iter().any(|w| w.contains("may evict"));
    let classes = "---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 10\n";
    let high = place(&start, &(classes.to_owned() + &workload("StatefulSet", "web", 1, "priorityClassName: high, ")));
    assert!(evicts(&high), "{:?}", high.warnings);
    assert!(!evicts(&of(0)));
}

#[test]
fn new_claims_get_the_default_class() {
    let classes = "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: late, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}\nprovisioner: d\nvolumeBindingMode: WaitForFirstConsumer\n\
        ---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: now}\nprovisioner: d\nvolumeBindingMode: Immediate\n";
    let claim = |class: &str| {
        format!(
            "metadata: {{name: data}}, spec: {{{class}accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}"
        )
    };
    let set = |class: &str| {
        let text = workload("StatefulSet", "db", 2, "volumes: [{name: x, emptyDir: {}}], ");
        text.replace("spec: {replicas", &format!("spec: {{volumeClaimTemplates: [{{{}}}], replicas", claim(class)))
    };
    let own = |class: &str| {
        let volume = claim(class).replace("metadata: {name: data}, ", "");
        workload(
            "Deployment",
            "web",
            2,
            &format!("volumes: [{{name: own, ephemeral: {{volumeClaimTemplate: {{{volume}}}}}}}], "),
        )
    };
    for make in [&set as &dyn Fn(&str) -> String, &own] {
        let start = cluster(&(node("a") + classes));
        let class_of = |placements: &Placements| -> Vec<Option<String>> {
            let claims = placements.cluster.objects(Kind::PersistentVolumeClaim);
            claims
                .map(|claim| match claim {
                    Object::PersistentVolumeClaim(claim) => claim.spec.storage_class_name.clone(),
                    other => panic!("{other}"),
                })
                .collect()
        };
        // The claims wait for their pods, which are placed.
        let by_default = place(&start, &make(""));
        assert_eq!(class_of(&by_default), [Some("late".to_owned()), Some("late".to_owned())]);
        assert!(by_default.decisions.iter().all(|d| d.outcome == Outcome::Scheduled), "{:?}", by_default.decisions);
        // A class that is named stays, and its claims must be bound first.
        let named = place(&start, &make("storageClassName: now, "));
        assert_eq!(class_of(&named), [Some("now".to_owned()), Some("now".to_owned())]);
        for decision in &named.decisions {
            assert!(decision.message.contains("unbound immediate PersistentVolumeClaims"), "{decision:?}");
        }
        let fit = start.fit(&objects(&make(""))[0], 3, &mut |_, _| true).expect("a fit");
        assert_eq!(fit.replicas, 3, "{:?}", fit.stopped_by);
    }
}

#[test]
fn pods_that_name_their_node_take_room_there() {
    let pod = |name: &str, spec: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{{spec}, containers: [{{name: c, image: i, resources: {{requests: {{cpu: '3'}}}}}}]}}\n"
        )
    };
    let start = cluster(&node("a"));
    let placements = place(&start, &(pod("there", "nodeName: a") + &pod("asks", "priority: 0")));
    assert_eq!(names(&placements), ["default/asks"]);
    assert_eq!(placements.decisions[0].message, "0/1 nodes are available: 1 Insufficient cpu.");
    assert_eq!(placements.cluster.pods_on("a"), ["default/there"]);
    let told = |placements: &Placements, start: &str| placements.warnings.iter().any(|w| w.starts_with(start));
    assert!(told(&placements, "Pod default/there names node a itself"), "{:?}", placements.warnings);
    let of_set = place(&start, &workload("ReplicaSet", "web", 2, "nodeName: a, "));
    assert_eq!((of_set.decisions.len(), of_set.cluster.pods_on("a").len()), (0, 2));
    assert!(told(&of_set, "ReplicaSet default/web names node a itself"), "{:?}", of_set.warnings);
}
