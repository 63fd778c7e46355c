//! Dumps of whole clusters, as `kubectl get … -o json` writes them: `tests/controlplane` at the root of the repository.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use bayplan::objects::{Kind, Object, Pod};
use bayplan::{Cluster, Options, read};
use serde_json::Value;

fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/controlplane");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the folder").flatten().map(|f| f.path()).collect();
    folders.retain(|path| path.join("dump.json.gz").exists());
    folders.sort();
    assert_eq!(folders.len(), 16);
    folders
}

fn dump(folder: &Path) -> String {
    let file = std::fs::File::open(folder.join("dump.json.gz")).expect("a dump");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    text
}

/// What a plain reading of the JSON counts, by kind.
fn counts(text: &str) -> BTreeMap<String, usize> {
    let list: Value = serde_json::from_str(text).expect("JSON");
    let mut counts = BTreeMap::new();
    for item in list["items"].as_array().expect("items") {
        *counts.entry(item["kind"].as_str().expect("a kind").to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn every_dump_loads_and_what_is_skipped_is_said() {
    for folder in scenarios() {
        let name = folder.display();
        let text = dump(&folder);
        let input = read::from_text(&text, "dump.json").unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut counts = counts(&text);
        for object in &input.objects {
            *counts.get_mut(object.kind().name()).expect("the kind") -= 1;
        }
        let mut said = BTreeMap::new();
        for (_, kind, count) in input.skipped.iter() {
            said.insert(kind.to_owned(), count);
            assert!(input.skipped.to_string().contains(&format!("{count} {kind}")), "{name}: {}", input.skipped);
        }
        counts.retain(|_, left| *left > 0);
        assert_eq!(said, counts, "{name}");

        let pod = |object: &Object| match object {
            Object::Pod(pod) => Some(Pod::clone(pod)),
            _ => None,
        };
        let pods: Vec<Pod> = input.objects.iter().filter_map(pod).collect();
        let mut cluster = Cluster::new(Options::default()).expect("defaults");
        cluster.load(input.objects).unwrap_or_else(|error| panic!("{name}: {error}"));
        let runs = |pod: &&Pod| !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed");
        let bound = pods.iter().filter(runs).filter(|pod| !pod.spec.node_name.is_empty()).count();
        let on_nodes: usize = cluster.nodes().iter().map(|node| cluster.pods_on(node).len()).sum();
        let orphans: usize =
            cluster.warnings().iter().filter_map(|warning| warning.split(' ').next()?.parse::<usize>().ok()).sum();
        assert_eq!(on_nodes + orphans, bound, "{name}: {:?}", cluster.warnings());
    }
}

/// Pods of a daemon set differ only in the node that they are pinned to: they are one spec class.
#[test]
fn the_pods_of_a_daemon_set_are_one_class() {
    let folder = scenarios().into_iter().find(|path| path.ends_with("city")).expect("city");
    let objects = read::from_text(&dump(&folder), "city").expect("city").objects;
    let nodes: Vec<Object> = objects.iter().filter(|object| object.kind() == Kind::Node).cloned().collect();
    let mut of_sets: BTreeMap<String, Vec<Object>> = BTreeMap::new();
    for object in &objects {
        let owner = object.metadata().owner_references.first();
        if let (Kind::Pod, Some(owner)) = (object.kind(), owner) {
            of_sets.entry(format!("{}/{}", owner.kind, owner.name)).or_default().push(object.clone());
        }
    }
    let (mut sets, mut distinct) = (0, 0);
    for (owner, pods) in of_sets.iter().filter(|(owner, _)| owner.starts_with("DaemonSet")) {
        let mut cluster = Cluster::new(Options::default()).expect("defaults");
        let before = cluster.classes().0;
        cluster.load(nodes.clone()).expect("the nodes");
        cluster.load(pods.clone()).expect("the pods");
        assert_eq!(cluster.classes().0 - before, 1, "{owner}");
        (sets, distinct) = (sets + 1, distinct + pods.len());
    }
    assert_eq!(sets, 2);
    assert!(distinct > 50, "{distinct}");

    // All of the city: no more classes than there are owners, although each pod of a daemon set has a spec of its own.
    let mut cluster = Cluster::new(Options::default()).expect("defaults");
    cluster.load(objects).expect("city");
    assert!(cluster.classes().0 <= of_sets.len(), "{} classes, {} owners", cluster.classes().0, of_sets.len());
    println!("{} owners, {:?} classes", of_sets.len(), cluster.classes());
}
