//! The sentences behind verdicts, on clusters of a few nodes that the tests spell out.

mod affinity;
mod pods;
mod spread;
mod taken;
mod volumes;
mod whole;

use std::collections::BTreeMap;

use bayplan::attempt::Explanation;
use bayplan::{Cluster, Options, read};

/// What is behind the verdict on each node.
type Behind = BTreeMap<String, Vec<String>>;

/// Three nodes in as many zones. n1 is the one with a fast disk.
const NODES: &str = "
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {kubernetes.io/hostname: n1, topology.kubernetes.io/zone: z1, disk: ssd, cores: '8'}}
status: {allocatable: {cpu: '4', memory: 8Gi, pods: '110'}}
---
apiVersion: v1
kind: Node
metadata: {name: n2, labels: {kubernetes.io/hostname: n2, topology.kubernetes.io/zone: z2, disk: hdd, cores: '4'}}
status: {allocatable: {cpu: '4', memory: 8Gi, pods: '110'}}
---
apiVersion: v1
kind: Node
metadata: {name: n3, labels: {kubernetes.io/hostname: n3, topology.kubernetes.io/zone: z3}}
status: {allocatable: {cpu: '4', memory: 8Gi, pods: '110'}}
---
";

/// Everything about the pod `p` of the namespace `default`, in a cluster of these objects.
fn why(objects: &str, options: Options) -> Explanation {
    let mut cluster = Cluster::new(options).expect("a configuration");
    cluster.load(read::Reading::live().bytes(objects.as_bytes(), "test").expect("objects").objects).expect("a cluster");
    cluster.why("default/p").expect("the pod")
}

/// What is behind the verdict on each rejected node.
fn behind(objects: &str) -> Behind {
    let filtered = why(objects, Options::default()).filtered;
    filtered.into_iter().map(|(node, verdict)| (node.to_string(), verdict.details)).collect()
}

/// What is behind the verdicts on the three nodes, with the pod `p` of this spec and the other objects.
fn behind_spec(spec: &str, others: &str) -> Behind {
    behind(&format!(
        "{NODES}apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: default, labels: {{app: x, team: a}}}}\n\
         spec: {spec}\n---\n{others}"
    ))
}

/// A pod that runs.
fn running(namespace: &str, name: &str, labels: &str, node: &str) -> String {
    running_with(namespace, name, labels, &format!("nodeName: {node}, containers: [{{name: c}}]"))
}

/// A pod that runs, of this spec.
fn running_with(namespace: &str, name: &str, labels: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{{labels}}}}}\n\
         spec: {{{spec}}}\nstatus: {{phase: Running}}\n---\n"
    )
}

/// What a test expects of each rejected node.
fn expect<const N: usize>(of: [(&str, &[&str]); N]) -> Behind {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    of.into_iter().map(|(node, expected)| (node.to_owned(), texts(expected))).collect()
}
