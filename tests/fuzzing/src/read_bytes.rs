//! Any bytes are an error or a cluster that can be asked.

use bayplan::objects::{Kind, Object};
use bayplan::read::Reading;
use bayplan::{Cluster, Options};

/// How many pods of what was read are asked about.
const ASKED: usize = 4;

/// How far the bytes came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// They are no objects.
    NotRead,
    /// The cluster refused them.
    Refused,
    /// They were loaded and asked about.
    Loaded,
}

/// Reads the bytes, as manifests and as what an API server returned, loads what they hold, and asks about some of it. The fate is that of the second.
///
/// # Panics
/// Where something that was refused left a trace, or an answer contradicts itself.
pub fn play(data: &[u8]) -> Fate {
    play_as(&Reading::default(), data);
    play_as(&Reading::live(), data)
}

fn play_as(reading: &Reading, data: &[u8]) -> Fate {
    let Ok(input) = reading.bytes(data, "input") else { return Fate::NotRead };
    let nodes = input.objects.iter().filter(|object| matches!(object, Object::Node(_))).count();
    let mut cluster = Cluster::new(Options::default()).expect("the defaults are sound");
    if cluster.load(input.objects).is_err() {
        assert_eq!(cluster.nodes().len(), 0, "a refused load left nodes behind");
        assert_eq!(cluster.objects(Kind::Pod).count(), 0, "a refused load left pods behind");
        return Fate::Refused;
    }
    assert!(cluster.nodes().len() <= nodes);
    for pod in cluster.pending().into_iter().take(ASKED) {
        let alone = cluster.decide(&pod).expect("a pod that is there");
        let all = cluster.why(&pod).expect("a pod that is there");
        assert_eq!(alone, all.decision, "{pod}");
        if let Some(node) = &alone.node {
            cluster.bind(&pod, node, 0).expect("what was decided can be done");
        }
    }
    Fate::Loaded
}
