//! InterPodAffinity: which pods are missed, and where they were looked for.

use super::{behind_spec, expect, running, running_with};

/// A pod that must be near others in its zone, or far from them.
fn spec(kind: &str, terms: &[&str]) -> String {
    let terms: Vec<String> =
        terms.iter().map(|term| format!("{{topologyKey: topology.kubernetes.io/zone, {term}}}")).collect();
    format!(
        "{{affinity: {{{kind}: {{requiredDuringSchedulingIgnoredDuringExecution: [{}]}}}}, containers: [{{name: c}}]}}",
        terms.join(", ")
    )
}

/// Five pods of app=x in z3, of the pod's own namespace, and one of another in z2. Of the namespaces `dev` and `prod` only the
/// first has a pod, in z1.
fn others() -> String {
    let mut pods: Vec<String> =
        (0..5).map(|number| running("default", &format!("a{number}"), "app: x", "n3")).collect();
    pods.push(running("other", "b", "app: x", "n2"));
    pods.push(running("dev", "c", "app: x", "n1"));
    for name in ["dev", "prod"] {
        pods.push(format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{env: {name}}}}}\n---\n"
        ));
    }
    pods.concat()
}

const APP_X: &str = "labelSelector: {matchLabels: {app: x}}";

#[test]
fn the_own_namespace_goes_without_saying() {
    let expected = expect([("n1", &["no pod of app=x in zone z1"]), ("n2", &["no pod of app=x in zone z2"])]);
    assert_eq!(behind_spec(&spec("podAffinity", &[APP_X]), &others()), expected);
    let named = format!("{APP_X}, namespaces: [default]");
    assert_eq!(behind_spec(&spec("podAffinity", &[&named]), &others()), expected);
}

#[test]
fn other_namespaces_are_named() {
    let behind = |namespaces: &str| behind_spec(&spec("podAffinity", &[&format!("{APP_X}, {namespaces}")]), &others());
    let expected = expect([
        ("n1", &["no pod of app=x of namespace other in zone z1"]),
        ("n3", &["no pod of app=x of namespace other in zone z3"]),
    ]);
    assert_eq!(behind("namespaces: [other]"), expected);
    let expected = expect([("n3", &["no pod of app=x of namespaces dev, other in zone z3"])]);
    assert_eq!(behind("namespaces: [dev, other]"), expected);
    let expected = expect([
        ("n2", &["no pod of app=x of namespaces that match env=dev in zone z2"]),
        ("n3", &["no pod of app=x of namespaces that match env=dev in zone z3"]),
    ]);
    assert_eq!(behind("namespaceSelector: {matchLabels: {env: dev}}"), expected);
    let expected = expect([(
        "n3",
        &["no pod of app=x of namespace other or of namespaces that match env in (dev,prod) in zone z3"],
    )]);
    let both =
        "namespaces: [other], namespaceSelector: {matchExpressions: [{key: env, operator: In, values: [dev, prod]}]}";
    assert_eq!(behind(both), expected);
    let nowhere = spec("podAffinity", &["labelSelector: {matchLabels: {app: w}}, namespaceSelector: {}"]);
    let expected = ["z1", "z2", "z3"].map(|zone| format!("no pod of app=w of any namespace in zone {zone}"));
    let expected = expect([("n1", &[&expected[0]]), ("n2", &[&expected[1]]), ("n3", &[&expected[2]])]);
    assert_eq!(behind_spec(&nowhere, &others()), expected);
}

#[test]
fn a_pod_too_near_is_named() {
    let far = spec("podAntiAffinity", &[&format!("{APP_X}, namespaceSelector: {{matchLabels: {{env: dev}}}}")]);
    let expected = expect([("n1", &["zone z1 has dev/c of app=x of namespaces that match env=dev"])]);
    assert_eq!(behind_spec(&far, &others()), expected);
    // The pod that keeps the others away stands in another namespace.
    let keeper = "nodeName: n2, containers: [{name: c}], affinity: {podAntiAffinity: \
        {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, namespaces: [default], \
        labelSelector: {matchLabels: {app: x}}}]}}";
    let expected = expect([("n2", &["other/k in node n2 keeps away pods of app=x of namespace default"])]);
    assert_eq!(behind_spec("{containers: [{name: c}]}", &running_with("other", "k", "", keeper)), expected);
}

#[test]
fn a_node_without_the_label_has_nothing_near() {
    let n4 = "apiVersion: v1\nkind: Node\nmetadata: {name: n4}\nstatus: {allocatable: {cpu: '4', memory: 8Gi, pods: '110'}}\n---\n";
    let expected = expect([("n4", &["the node has no label topology.kubernetes.io/zone"])]);
    // Where no pod is of app=x, the pod is the first of its group, and may go wherever the label is.
    assert_eq!(behind_spec(&spec("podAffinity", &[APP_X]), n4), expected);
    let near = spec("podAffinity", &[APP_X]);
    let expected = expect([
        ("n1", &["no pod of app=x in zone z1"]),
        ("n2", &["no pod of app=x in zone z2"]),
        ("n4", &["the node has no label topology.kubernetes.io/zone"]),
    ]);
    assert_eq!(behind_spec(&near, &format!("{n4}{}", others())), expected);
}

#[test]
fn a_pod_must_be_meant_by_every_term() {
    let near = spec("podAffinity", &[APP_X, "labelSelector: {matchLabels: {team: b}}"]);
    let pods = [running("default", "a", "app: x", "n1"), running("default", "b", "app: x, team: b", "n3")];
    let expected = expect([
        ("n1", &["default/a of app=x in zone z1 is not meant by every term", "no pod of team=b in zone z1"]),
        ("n2", &["no pod of app=x in zone z2", "no pod of team=b in zone z2"]),
    ]);
    assert_eq!(behind_spec(&near, &pods.concat()), expected);
}

#[test]
fn the_first_of_a_group_misses_nobody() {
    // The pod may begin its group; only the pod of team b keeps it out of z1.
    let spec = "
      affinity:
        podAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: topology.kubernetes.io/zone, labelSelector: {matchLabels: {app: x}}}
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: topology.kubernetes.io/zone, labelSelector: {matchLabels: {team: b}}}
      containers: [{name: c}]";
    let expected = expect([("n1", &["zone z1 has default/b of team=b"])]);
    assert_eq!(behind_spec(spec, &running("default", "b", "team: b", "n1")), expected);
}
