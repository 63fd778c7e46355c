//! Rejections of the pod as a whole, nodes that the affinity leaves out, and what the configuration adds.

use bayplan::Options;
use bayplan::render::{json, text};

use super::{Behind, NODES, behind_spec, expect, why};

fn pod(spec: &str, others: &str) -> String {
    format!("{NODES}apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: default}}\nspec: {spec}\n---\n{others}")
}

/// The rule that rejects the pod as a whole, its reason, and what is behind it.
fn rejected(spec: &str, others: &str) -> (String, String, Vec<String>) {
    let rejected = why(&pod(spec, others), Options::default()).pre_filter.expect("a rejection");
    (rejected.plugin.to_string(), rejected.reason, rejected.details)
}

const POD: &str = "{containers: [{name: c}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}, \
                   {name: w, persistentVolumeClaim: {claimName: more}}]}";

fn claim(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}, namespace: default}}\n\
         spec: {{{spec}}}\nstatus: {{phase: Pending}}\n---\n"
    )
}

const CLASS: &str = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: slow}\nprovisioner: dr\n\
                     volumeBindingMode: Immediate\n---\n";

#[test]
fn claims_that_are_not_there() {
    let more = claim("more", "storageClassName: slow");
    let expected =
        ("VolumeRestrictions", "persistentvolumeclaim \"data\" not found", "claim default/data is not there");
    let (rule, reason, details) = rejected(POD, &more);
    assert_eq!((rule.as_str(), reason.as_str(), details), (expected.0, expected.1, vec![expected.2.to_owned()]));
}

#[test]
fn claims_that_do_not_wait() {
    let size = "resources: {requests: {storage: 1Gi}}";
    let behind = |data: &str, more: &str| {
        let (rule, reason, details) = rejected(POD, &[&claim("data", data), &claim("more", more), CLASS].concat());
        assert_eq!(
            (rule.as_str(), reason.as_str()),
            ("VolumeBinding", "pod has unbound immediate PersistentVolumeClaims")
        );
        details
    };
    assert_eq!(
        behind(&format!("storageClassName: slow, {size}"), "storageClassName: gone"),
        [
            "claim default/data (class slow, 1Gi) has no volume, and its class does not wait for a pod's node",
            "claim default/more (class gone) has no volume, and its class is not there"
        ]
    );
    assert_eq!(
        behind("storageClassName: ''", "storageClassName: slow, volumeName: pv-1"),
        [
            "claim default/data (no class) has no volume, and it names no class",
            "claim default/more: its binding to volume pv-1 is not complete"
        ]
    );
}

#[test]
fn it_is_shown() {
    let explanation = why(&pod(POD, ""), Options::default());
    let shown = text::explanation(&explanation);
    assert!(
        shown.contains("\nBehind it: claim default/data is not there; claim default/more is not there\n"),
        "{shown}"
    );
    let document = json::explanation(&explanation);
    assert_eq!(document["preFilter"]["details"][1], "claim default/more is not there");
}

/// A pod whose affinity has these terms.
fn affine(terms: &str) -> String {
    format!(
        "{{containers: [{{name: c}}], affinity: {{nodeAffinity: \
         {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{terms}]}}}}}}}}"
    )
}

fn named(names: &[&str]) -> String {
    let fields: Vec<String> =
        names.iter().map(|name| format!("{{key: metadata.name, operator: In, values: [{name}]}}")).collect();
    format!("{{matchFields: [{}]}}", fields.join(", "))
}

#[test]
fn nodes_that_the_affinity_names() {
    let text: &[&str] = &["the affinity names node n1 alone"];
    assert_eq!(behind_spec(&affine(&named(&["n1"])), ""), expect([("n2", text), ("n3", text)]));
    let terms = ["n1", "n2"].map(|name| named(&[name])).join(", ");
    assert_eq!(behind_spec(&affine(&terms), ""), expect([("n3", &["the affinity names nodes n1, n2 alone"])]));
    let terms = ["n1", "n2", "n6", "n7", "n8"].map(|name| named(&[name])).join(", ");
    let expected = expect([("n3", &["the affinity names nodes n1, n2, n6 and 2 more alone"])]);
    assert_eq!(behind_spec(&affine(&terms), ""), expected);
    let (rule, reason, details) = rejected(&affine(&named(&["n1", "n2"])), "");
    assert_eq!((rule.as_str(), reason.as_str()), ("NodeAffinity", "pod affinity terms conflict"));
    assert_eq!(details, ["affinity metadata.name=n1, metadata.name=n2, which no node meets at once"]);
}

#[test]
fn affinity_that_the_configuration_adds() {
    let configuration = serde_json::json!({
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "profiles": [{"schedulerName": "default-scheduler", "pluginConfig": [{"name": "NodeAffinity", "args": {
            "addedAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                {"matchExpressions": [
                    {"key": "disk", "operator": "Exists"},
                    {"key": "cores", "operator": "Gt", "values": ["4"]},
                ]},
                {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["z9"]}]},
            ]}},
        }}]}],
    });
    let options = Options { configuration: Some(configuration), ..Options::default() };
    let filtered = why(&pod("{nodeSelector: {disk: hdd}, containers: [{name: c}]}", ""), options).filtered;
    let zone = "addedAffinity topology.kubernetes.io/zone=z9";
    // n1 has a disk and 8 cores, so that only the pod's own selector rejects it; n2 has 4 cores, n3 neither label.
    let expected = expect([
        ("n1", &["nodeSelector disk=hdd"]),
        ("n2", &["addedAffinity cores Gt 4", zone]),
        ("n3", &["addedAffinity disk, cores Gt 4", zone]),
    ]);
    let reasons = |node: &str| filtered[node].reasons[0].as_str();
    assert_eq!(reasons("n1"), "node(s) didn't match Pod's node affinity/selector");
    assert_eq!(reasons("n2"), "node(s) didn't match scheduler-enforced node affinity");
    assert_eq!(filtered.into_iter().map(|(node, v)| (node.to_string(), v.details)).collect::<Behind>(), expected);
}
