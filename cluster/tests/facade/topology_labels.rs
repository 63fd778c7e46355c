//! A pod that is bound takes over the zone and region of its node from 1.35 on: the pods of a dump that a real API
//! server (1.37) gave have the labels that binding gives them here.

use bayplan::objects::{Kind, Object};
use bayplan::{Cluster, Options, Version, read};

const LABELS: [&str; 2] = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

#[test]
fn a_bound_pod_has_its_nodes_topology_labels() {
    let dump = read::from_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/city.json")).unwrap().objects;
    for (version, copies) in [(Version::V1_34, false), (Version::V1_37, true)] {
        let mut cluster = Cluster::new(Options { version, ..Options::default() }).unwrap();
        let mut bound = Vec::new();
        let mut objects = dump.clone();
        for object in &mut objects {
            let Object::Pod(pod) = object else { continue };
            if !pod.spec.node_name.is_empty() && pod.status.phase == "Running" {
                bound.push((*pod).clone());
                pod.spec.node_name.clear();
                LABELS.iter().for_each(|label| drop(pod.metadata.labels.remove(*label)));
            }
        }
        assert!(bound.len() > 200);
        cluster.load(objects).unwrap();
        let mut with_zone = 0;
        for pod in &bound {
            let key = format!("{}/{}", pod.metadata.namespace, pod.metadata.name);
            cluster.bind(&key, &pod.spec.node_name, 0).unwrap();
            let labels = &cluster.pod(&key).unwrap().metadata.labels;
            if copies {
                assert_eq!(labels, &pod.metadata.labels, "{key}");
            }
            with_zone += usize::from(labels.contains_key(LABELS[0]));
        }
        assert_eq!(with_zone > 0, copies);
        assert!(cluster.object(Kind::Node, "", &bound[0].spec.node_name).is_some());
    }
}
