//! Pods of one controller are mostly alike. Such a pod is saved as what differs from the first of them.

use serde::{Deserialize, Serialize};

use crate::objects::{Pod, SelectorRequirement};

/// What differs between siblings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sibling {
    /// Which of the pods that are saved whole it is like, counted from 0.
    pub(super) of: u32,
    name: String,
    uid: String,
    created: Option<String>,
    node: String,
    started: Option<String>,
    /// Labels with another value.
    pub(super) labels: Vec<(String, String)>,
    /// The names of the volumes: that of the token of the service account ends in chance.
    volumes: Vec<String>,
}

impl Sibling {
    /// What differs, where that is all: `pod` is [`Self::pod`] of it.
    pub(super) fn of(of: u32, first: &Pod, pod: &Pod, pin: Option<&str>) -> Option<Self> {
        let other = |(key, value): &(&String, &String)| first.metadata.labels.get(*key) != Some(value);
        let sibling = Sibling {
            of,
            name: pod.metadata.name.clone(),
            uid: pod.metadata.uid.clone(),
            created: pod.metadata.creation_timestamp.clone(),
            node: pod.spec.node_name.clone(),
            started: pod.status.start_time.clone(),
            labels: pod.metadata.labels.iter().filter(other).map(|(key, value)| (key.clone(), value.clone())).collect(),
            volumes: pod.spec.volumes.iter().map(|volume| volume.name.clone()).collect(),
        };
        (sibling.clone().pod(first, pin) == *pod).then_some(sibling)
    }

    /// The pod, by the first of its kind and the node that its affinity names.
    pub(super) fn pod(self, first: &Pod, pin: Option<&str>) -> Pod {
        let mut pod = first.clone();
        pod.metadata.name = self.name;
        pod.metadata.uid = self.uid;
        pod.metadata.creation_timestamp = self.created;
        pod.metadata.labels.extend(self.labels);
        pod.spec.node_name = self.node;
        pod.status.start_time = self.started;
        for (volume, name) in pod.spec.volumes.iter_mut().zip(self.volumes) {
            volume.name = name;
        }
        if let Some(pin) = pin {
            named_nodes(&mut pod).for_each(|field| field.values = vec![pin.to_owned()]);
        }
        pod
    }
}

/// The requirements on the name of the node in a pod's required affinity.
fn named_nodes(pod: &mut Pod) -> impl Iterator<Item = &mut SelectorRequirement> {
    let affinity = pod.spec.affinity.as_mut().and_then(|affinity| affinity.node_affinity.as_mut());
    let required = affinity.and_then(|affinity| affinity.required.as_mut());
    let terms = required.into_iter().flat_map(|required| &mut required.node_selector_terms);
    terms.flat_map(|term| &mut term.match_fields).filter(|field| field.key == "metadata.name")
}
