//! What becomes of a cluster: rollouts, pods that are lacking, and what is left out. The controllers themselves are compared with real ones by
//! `bayplan-conformance --controlplane`.

use bayplan::objects::Object;
use bayplan::simulate::{Simulated, SimulationOptions};
use bayplan::{Cluster, Options, read};

pub(crate) fn objects(text: &str) -> Vec<Object> {
    read::from_text(text, "test").expect("objects").objects
}

pub(crate) fn cluster(text: &str) -> Cluster {
    let mut cluster = Cluster::new(Options::default()).expect("defaults");
    cluster.load(objects(text)).expect("objects");
    cluster
}

pub(crate) fn simulate(cluster: &Cluster, text: &str) -> Simulated {
    let options = SimulationOptions { jobs_finish: false, ..SimulationOptions::default() };
    let objects = if text.is_empty() { Vec::new() } else { objects(text) };
    cluster.simulate(&objects, options, &mut |_, _| true).expect("an end")
}

pub(crate) fn nodes(names: &[&str]) -> String {
    let node = |name: &&str| {
        format!(
            "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {name}, uid: {name}, labels: {{kubernetes.io/hostname: {name}}}}}\nstatus: {{allocatable: {{cpu: '4', memory: 8Gi, pods: '110'}}}}\n"
        )
    };
    names.iter().map(node).collect()
}

pub(crate) fn deployment(replicas: usize, cpu: &str, more: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: default}}\nspec: {{replicas: {replicas}, {more}selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{{name: c, image: i, resources: {{requests: {{cpu: '{cpu}'}}}}}}]}}}}}}\n"
    )
}

#[test]
fn a_changed_template_is_rolled_out() {
    let start = simulate(&cluster(&nodes(&["a"])), &deployment(3, "1", ""));
    assert_eq!((start.decisions.len(), start.gone.len()), (3, 0));
    // 3 of 4 cores are in use. One more pod may come at a time (25 % of 3, rounded up), none may be missing: each finds room.
    let rolled = simulate(&start.cluster, &deployment(3, "900m", ""));
    assert!(rolled.decisions.iter().all(|d| d.node.as_deref() == Some("a")), "{:?}", rolled.decisions);
    assert_eq!((rolled.decisions.len(), rolled.gone.len()), (3, 3));
    assert!(rolled.gone.iter().all(|gone| gone.why == "Deleted" && gone.node == "a"));
    // A pod of two cores finds no room beside three of one: the rollout stands still, and all old pods serve on.
    let stuck = simulate(&start.cluster, &deployment(3, "2", ""));
    assert_eq!((stuck.decisions.len(), stuck.gone.len()), (1, 0));
    assert_eq!(stuck.decisions[0].message, "0/1 nodes are available: 1 Insufficient cpu.");
    // Recreate takes all away first; of the new ones two fit.
    let anew = simulate(&start.cluster, &deployment(3, "2", "strategy: {type: Recreate}, "));
    let placed = anew.decisions.iter().filter(|d| d.node.is_some()).count();
    assert_eq!((anew.decisions.len(), placed, anew.gone.len()), (3, 2, 3));
}

#[test]
fn pods_that_workloads_lack_are_made() {
    let daemon = "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent, namespace: default}\nspec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: c, image: i}]}}}\n";
    let start = simulate(&cluster(&nodes(&["a"])), &(daemon.to_owned() + &deployment(2, "1", "")));
    assert_eq!(start.decisions.len(), 3);
    let mut less = start.cluster.clone();
    let web: Vec<String> = start.decisions.iter().map(|d| d.pod.clone()).filter(|pod| pod.contains("web")).collect();
    less.evict(&web[0]).expect("it is there");
    let mended = simulate(&less, &nodes(&["b"]));
    let on =
        |pod: &str| mended.decisions.iter().filter(|d| d.pod.contains(pod)).map(|d| d.node.clone()).collect::<Vec<_>>();
    assert_eq!(on("agent"), [Some("b".to_owned())]);
    assert_eq!(on("web"), [Some("b".to_owned())]);
}

#[test]
fn what_is_refused_or_not_played_is_left_out() {
    let quota = "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: default}\nspec: {hard: {pods: '2'}}\n";
    let start = cluster(&(nodes(&["a"]) + quota));
    let short = simulate(&start, &deployment(3, "1", ""));
    assert_eq!(short.decisions.len(), 2);
    let [words] = short.left_out.as_slice() else { panic!("{:?}", short.left_out) };
    assert!(
        words.contains("is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"),
        "{words}"
    );
    // The pods of a Deployment whose sets were not dumped are not made twice.
    let live = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: default, uid: d}\nspec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web-5f-x, namespace: default, uid: p, labels: {app: web, pod-template-hash: 5f}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5f, uid: r, controller: true}]}\nspec: {nodeName: a, containers: [{name: c, image: i}]}\nstatus: {phase: Running}\n";
    let blind = simulate(&cluster(&(nodes(&["a"]) + live)), "");
    assert!(blind.decisions.is_empty() && blind.gone.is_empty());
    assert_eq!(
        blind.left_out,
        [
            "Deployment default/web is not played: its ReplicaSets are not in the input, and its pods are; dump replicasets too"
        ]
    );
}

#[test]
fn cron_jobs_run_and_volumes_are_made_when_asked() {
    let cron = "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly, namespace: default}\nspec: {schedule: '0 3 * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}}\n";
    let start = cluster(&nodes(&["a"]));
    let run = |cron_jobs| {
        let options = SimulationOptions { cron_jobs, jobs_finish: false, ..SimulationOptions::default() };
        start.simulate(&objects(cron), options, &mut |_, _| true).expect("an end").decisions
    };
    assert!(run(false).is_empty());
    assert_eq!(run(true).iter().map(|d| d.node.as_deref()).collect::<Vec<_>>(), [Some("a")]);
    let claim = "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: csi.example.com\nvolumeBindingMode: Immediate\nallowedTopologies: [{matchLabelExpressions: [{key: kubernetes.io/hostname, values: [b]}]}]\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: default}\nspec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: db, namespace: default}\nspec: {containers: [{name: c, image: i}], volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}\n";
    let start = cluster(&nodes(&["a", "b"]));
    let bound = |provision| {
        let options = SimulationOptions { provision, ..SimulationOptions::default() };
        let end = start.simulate(&objects(claim), options, &mut |_, _| true).expect("an end");
        (end.decisions[0].node.clone(), end.warnings.join("\n"))
    };
    assert_eq!(bound(false).0, None);
    let (node, warnings) = bound(true);
    assert_eq!(node.as_deref(), Some("b"));
    assert!(warnings.contains("csi.example.com makes a volume for PersistentVolumeClaim default/data"), "{warnings}");
}

/// A node of which nothing is heard: after 300 s its pods are marked for deletion, and stay. A Deployment's pod is made again elsewhere, a
/// StatefulSet's is not, as its name is taken (as on a real cluster, see the Kubernetes documentation on forced deletion of StatefulSet pods).
#[test]
fn pods_of_a_silent_node_stay_terminating() {
    let set = "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: default}\nspec: {replicas: 1, serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: i}]}}}\n";
    let start = simulate(&cluster(&nodes(&["a"])), &(set.to_owned() + &deployment(1, "1", "")));
    assert_eq!(start.decisions.len(), 2);
    let down = |status: &str| {
        nodes(&["a", "b"]).replacen(
            "allocatable",
            &format!("conditions: [{{type: Ready, status: {status}}}], allocatable"),
            1,
        )
    };
    let silent = simulate(&start.cluster, &down("Unknown"));
    let came: Vec<(&str, Option<&str>)> = silent.decisions.iter().map(|d| (&d.pod[..12], d.node.as_deref())).collect();
    assert_eq!(came, [("default/web-", Some("b"))]);
    assert_eq!(silent.gone.len(), 2);
    assert!(silent.warnings.iter().any(|w| w.contains("nothing is heard of node a")), "{:?}", silent.warnings);
    assert_eq!(silent.cluster.pods_on("a").len(), 2);
    // A kubelet that is heard ends its pods, and both are made again.
    let heard = simulate(&start.cluster, &down("'False'"));
    assert_eq!(heard.decisions.iter().map(|d| d.node.as_deref()).collect::<Vec<_>>(), [Some("b"), Some("b")]);
    assert!(heard.cluster.pods_on("a").is_empty());
}

#[test]
fn it_can_be_stopped_and_bounded() {
    let start = cluster(&nodes(&["a"]));
    let stopped = start.simulate(&objects(&deployment(3, "1", "")), SimulationOptions::default(), &mut |_, _| false);
    assert!(stopped.is_err());
    let few = SimulationOptions { max_pods: 2, ..SimulationOptions::default() };
    let many = start.simulate(&objects(&deployment(3, "1", "")), few, &mut |_, _| true).err().expect("too many");
    assert_eq!(many.kind(), bayplan::ErrorKind::TooManyPods);
}

/// A dump of a real cluster that was quiet: nothing comes of it but the attempts of the pods that wait, which end as they did.
#[test]
fn a_quiet_cluster_stays_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/city.json");
    let mut start = Cluster::new(Options::default()).expect("defaults");
    start.load(read::from_path(path).expect("a dump").objects).expect("objects");
    let end = start.simulate(&[], SimulationOptions::default(), &mut |_, _| true).expect("an end");
    assert_eq!((end.gone.len(), end.left_out.len()), (0, 0), "{:?} {:?}", end.gone, end.left_out);
    let mut waiting: Vec<String> = end.decisions.iter().map(|d| d.pod.clone()).collect();
    waiting.sort();
    let mut before = start.pending();
    before.sort();
    assert_eq!(waiting, before);
    assert!(end.decisions.iter().all(|d| d.node.is_none()));
}

/// A pod that was to go when its toleration ends is preempted before: it is gone, and nothing waits for it any more.
#[test]
fn a_preempted_pod_is_in_no_answer() {
    let node = nodes(&["a"]).replace("allocatable", "conditions: [{type: Ready, status: 'False'}], allocatable");
    let pod = |name: &str, more: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: default}}\nspec: {{{more}, containers: [{{name: c, image: i, resources: {{requests: {{cpu: '4'}}}}}}]}}\n"
        )
    };
    let class = "---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000\n";
    let mut start = cluster(&(node + class));
    start.load(objects(&pod("low", "nodeName: a"))).expect("objects");
    let high = pod("high", "priorityClassName: high, tolerations: [{operator: Exists}]");
    let end = simulate(&start, &high);
    assert_eq!(
        end.decisions.iter().map(|d| (&*d.pod, d.node.as_deref())).collect::<Vec<_>>(),
        [("default/high", Some("a"))]
    );
    assert_eq!(end.gone.iter().map(|gone| (&*gone.pod, gone.why)).collect::<Vec<_>>(), [("default/low", "Preempted")]);
    // One that was placed in the same simulation, by the scheduler, is not among the placed either.
    let healthy = cluster(&(nodes(&["a"]) + class));
    let both = simulate(&healthy, &(pod("low", "terminationGracePeriodSeconds: 0") + &deployment(0, "1", "")));
    let end = simulate(&both.cluster, &high);
    assert_eq!(end.decisions.iter().map(|d| &*d.pod).collect::<Vec<_>>(), ["default/high"]);
}

/// Provisioners refuse claims with a selector.
#[test]
fn a_claim_that_no_provisioner_serves_waits() {
    let claim = "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: csi.example.com\nvolumeBindingMode: Immediate\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: default}\nspec: {storageClassName: fast, selector: {matchLabels: {a: b}}, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: db, namespace: default}\nspec: {containers: [{name: c, image: i}], volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}\n";
    let options = SimulationOptions { provision: true, ..SimulationOptions::default() };
    let end = cluster(&nodes(&["a"])).simulate(&objects(claim), options, &mut |_, _| true).expect("an end");
    assert_eq!(end.decisions[0].message, "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.");
}

pub(crate) fn quota(pods: usize) -> String {
    format!(
        "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: q, namespace: default}}\nspec: {{hard: {{pods: '{pods}'}}}}\n"
    )
}

#[test]
fn refusals_that_were_overcome_are_not_said() {
    let start = simulate(&cluster(&(nodes(&["a"]) + &quota(3))), &deployment(3, "1", ""));
    // The pod beyond the three is refused, until an old one has gone.
    let strategy = "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}, ";
    let rolled = simulate(&start.cluster, &deployment(3, "900m", strategy));
    assert_eq!((rolled.decisions.len(), rolled.gone.len()), (3, 3));
    assert_eq!(rolled.left_out, Vec::<String>::new());
}

#[test]
fn pods_that_were_refused_are_no_pods_that_were_made() {
    let start = cluster(&(nodes(&["a"]) + &quota(2)));
    // Each of these is tried anew in every round in which one of the set's pods comes.
    let set = "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: other}\nspec: {replicas: 10, serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: i}]}}}\n";
    let options = SimulationOptions { max_pods: 60, ..SimulationOptions::default() };
    let text = deployment(40, "1m", "") + set;
    let end = start.simulate(&objects(&text), options, &mut |_, _| true).expect("12 pods are made, no more");
    assert_eq!(end.decisions.len(), 12);
}

#[test]
fn a_quota_counts_what_was_there_before_it() {
    let start = simulate(&cluster(&nodes(&["a"])), &deployment(3, "1m", ""));
    let other = "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: first, namespace: default}\nspec: {hard: {services: '9'}}\n";
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: one, namespace: default}\nspec: {containers: [{name: c, image: i}]}\n";
    let set = deployment(3, "1m", "").replace("name: web", "name: more").replace("app: web", "app: more");
    let end = simulate(&start.cluster, &format!("{other}{pod}{}{set}", quota(3)));
    assert_eq!(end.decisions.len(), 1, "{:?}", end.decisions);
    assert!(
        end.left_out[0].contains("exceeded quota: q, requested: pods=1, used: pods=4, limited: pods=3"),
        "{:?}",
        end.left_out
    );
}
