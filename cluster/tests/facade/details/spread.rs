//! PodTopologySpread: the numbers of the constraint that would be broken.

use super::{behind_spec, expect, running};

fn spec(constraint: &str) -> String {
    format!(
        "{{topologySpreadConstraints: [{{maxSkew: 1, whenUnsatisfiable: DoNotSchedule, {constraint}}}], \
         containers: [{{name: c}}]}}"
    )
}

#[test]
fn the_fullest_zone_beside_the_lowest() {
    let spec = spec("topologyKey: topology.kubernetes.io/zone, labelSelector: {matchLabels: {app: x}}");
    let pods = [("a", "n1"), ("b", "n1"), ("c", "n2")].map(|(name, node)| running("default", name, "app: x", node));
    // One more in z1 would be 3, in z2 2, where z3 has none.
    let expected = expect([
        ("n1", &["zone z1 has 2 of app=x, the lowest topology.kubernetes.io/zone 0, maxSkew 1"]),
        ("n2", &["zone z2 has 1 of app=x, the lowest topology.kubernetes.io/zone 0, maxSkew 1"]),
    ]);
    assert_eq!(behind_spec(&spec, &pods.concat()), expected);
}

#[test]
fn too_few_domains_are_named() {
    let pods = ["n1", "n2", "n3"].map(|node| running("default", &format!("a-{node}"), "app: x", node)).concat();
    let constraint =
        |key: &str| spec(&format!("minDomains: 5, topologyKey: {key}, labelSelector: {{matchLabels: {{app: x}}}}"));
    // Each zone has one; three zones are fewer than five, so a second one is two more than nothing.
    let sentence = |here: &str, domains: &str| {
        format!(
            "{here} has 1 of app=x, only 3 of minDomains 5 {domains} are there for the pod, so the lowest counts as 0, maxSkew 1"
        )
    };
    let zones = [sentence("zone z1", "zones"), sentence("zone z2", "zones"), sentence("zone z3", "zones")];
    let expected = expect([("n1", &[&zones[0]]), ("n2", &[&zones[1]]), ("n3", &[&zones[2]])]);
    assert_eq!(behind_spec(&constraint("topology.kubernetes.io/zone"), &pods), expected);
    let nodes = [sentence("node n1", "nodes"), sentence("node n2", "nodes"), sentence("node n3", "nodes")];
    let expected = expect([("n1", &[&nodes[0]]), ("n2", &[&nodes[1]]), ("n3", &[&nodes[2]])]);
    assert_eq!(behind_spec(&constraint("kubernetes.io/hostname"), &pods), expected);
}

#[test]
fn only_domains_of_nodes_that_count_are_counted() {
    // n3 has no disk, and the pod's affinity leaves n2 out.
    let spec = "
      nodeSelector: {disk: ssd}
      topologySpreadConstraints:
      - {maxSkew: 1, minDomains: 2, whenUnsatisfiable: DoNotSchedule, topologyKey: disk, labelSelector: {matchLabels: {app: x}}}
      containers: [{name: c}]";
    let expected = expect([
        (
            "n1",
            &[
                "disk ssd has 1 of app=x, only 1 of minDomains 2 domains of disk are there for the pod, so the lowest counts as 0, maxSkew 1",
            ],
        ),
        ("n2", &["nodeSelector disk=ssd"]),
        ("n3", &["nodeSelector disk=ssd"]),
    ]);
    assert_eq!(behind_spec(spec, &running("default", "a", "app: x", "n1")), expected);
}

#[test]
fn a_node_without_the_label_is_in_no_domain() {
    let spec = spec("topologyKey: disk, labelSelector: {matchLabels: {app: x}}");
    let expected = expect([("n3", &["the node has no label disk"])]);
    assert_eq!(behind_spec(&spec, ""), expected);
}

#[test]
fn match_label_keys_are_part_of_the_selector() {
    let spec = spec(
        "topologyKey: topology.kubernetes.io/zone, labelSelector: {matchLabels: {app: x}}, matchLabelKeys: [team]",
    );
    // The pod b is of another team.
    let pods = [running("default", "a", "app: x, team: a", "n1"), running("default", "b", "app: x, team: b", "n2")];
    let expected =
        expect([("n1", &["zone z1 has 1 of app=x,team=a, the lowest topology.kubernetes.io/zone 0, maxSkew 1"])]);
    assert_eq!(behind_spec(&spec, &pods.concat()), expected);
}
