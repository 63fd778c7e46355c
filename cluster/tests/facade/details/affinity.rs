//! NodeAffinity: only what a node does not meet is listed.

use super::{behind_spec, expect};

#[test]
fn a_node_selector_lists_the_keys_that_fail() {
    let spec = "{nodeSelector: {disk: ssd, kubernetes.io/hostname: n2}, containers: [{name: c}]}";
    // Each of n1 and n2 meets one of the two keys.
    let expected = expect([
        ("n1", &["nodeSelector kubernetes.io/hostname=n2"]),
        ("n2", &["nodeSelector disk=ssd"]),
        ("n3", &["nodeSelector disk=ssd,kubernetes.io/hostname=n2"]),
    ]);
    assert_eq!(behind_spec(spec, ""), expected);
}

#[test]
fn each_affinity_term_lists_what_fails() {
    let spec = "
      nodeSelector: {topology.kubernetes.io/zone: z1}
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
            - matchExpressions:
              - {key: disk, operator: In, values: [ssd, nvme]}
              - {key: cores, operator: Gt, values: ['8']}
            - matchExpressions: [{key: disk, operator: NotIn, values: [ssd]}, {key: gpu, operator: Exists}]
              matchFields: [{key: metadata.name, operator: NotIn, values: [n2]}]
            - {}
      containers: [{name: c}]";
    // n1 has a fast disk, 8 cores and no GPU; n2 a slow disk and 4 cores; n3 is labelled with neither.
    let empty = "affinity with an empty term, which no node meets";
    let zone = "nodeSelector topology.kubernetes.io/zone=z1";
    let expected = expect([
        ("n1", &["affinity cores Gt 8", "affinity disk notin (ssd), gpu", empty]),
        ("n2", &[zone, "affinity disk in (ssd,nvme), cores Gt 8", "affinity gpu, metadata.name!=n2", empty]),
        ("n3", &[zone, "affinity disk in (ssd,nvme), cores Gt 8", "affinity gpu", empty]),
    ]);
    assert_eq!(behind_spec(spec, ""), expected);
}

#[test]
fn an_affinity_that_is_met_is_not_listed() {
    let spec = "
      nodeSelector: {disk: hdd}
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
            - matchExpressions: [{key: gpu, operator: Exists}]
            - matchExpressions: [{key: topology.kubernetes.io/zone, operator: Exists}]
      containers: [{name: c}]";
    // All nodes have the zone label, so the second term is met everywhere.
    let expected = expect([("n1", &["nodeSelector disk=hdd"]), ("n3", &["nodeSelector disk=hdd"])]);
    assert_eq!(behind_spec(spec, ""), expected);
}
