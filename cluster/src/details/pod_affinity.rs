//! Which pods are missed near a node, and which are too near.

use super::text;
use crate::cluster::Cluster;
use crate::labels::Selector;
use crate::objects::{Kind, Node, Object, Pod, PodAffinity, PodAffinityTerm};

impl Cluster {
    /// Which terms find no pod near, or one too near.
    pub(super) fn pod_affinity_details(&self, node: &Node, pod: &Pod) -> Vec<String> {
        let domain = |term: &PodAffinityTerm| node.metadata.labels.get(&term.topology_key);
        let here = |term: &PodAffinityTerm| {
            format!("{} {}", text::short(&term.topology_key), domain(term).map_or("(no label)", String::as_str))
        };
        let affinity = pod.spec.affinity.as_ref();
        let required = |affinity: Option<&PodAffinity>| affinity.map_or(&[][..], |a| &a.required).to_vec();
        let mut out = Vec::new();
        for term in required(affinity.and_then(|a| a.pod_affinity.as_ref())) {
            if self.matching(&term, pod, node).is_none() {
                out.push(format!("no pod of {} in {}", text::selector(term.label_selector.as_ref()), here(&term)));
            }
        }
        for term in required(affinity.and_then(|a| a.pod_anti_affinity.as_ref())) {
            if let Some(other) = self.matching(&term, pod, node) {
                let pods = text::selector(term.label_selector.as_ref());
                out.push(format!("{} has {other} of {pods}", here(&term)));
            }
        }
        let others = self.store.pods.iter().filter(|(_, e)| e.row.is_some());
        let mut keeps_away: Vec<String> = others
            .filter_map(|(key, entry)| {
                let terms = entry.pod.spec.affinity.as_ref()?.pod_anti_affinity.as_ref()?;
                let there = self.compiler.node_names.get(entry.row?.1.at())?;
                let Object::Node(there) = &**self.store.get(Kind::Node, "", there)? else { return None };
                let term = terms.required.iter().find(|term| {
                    let value = domain(term);
                    value.is_some()
                        && there.metadata.labels.get(&term.topology_key) == value
                        && self.means(term, &entry.pod, pod)
                })?;
                Some(format!(
                    "{key} in {} keeps away pods of {}",
                    here(term),
                    text::selector(term.label_selector.as_ref())
                ))
            })
            .collect();
        keeps_away.sort_unstable();
        out.extend(keeps_away.into_iter().take(1));
        out
    }

    /// A bound pod in the node's domain that a term of `pod` means.
    fn matching(&self, term: &PodAffinityTerm, pod: &Pod, node: &Node) -> Option<String> {
        let value = node.metadata.labels.get(&term.topology_key)?;
        let mut found: Vec<&String> = self
            .store
            .pods
            .iter()
            .filter(|(_, entry)| {
                entry.row.is_some_and(|(_, on)| {
                    let name = &self.compiler.node_names[on.at()];
                    let there =
                        self.store.get(Kind::Node, "", name).map(|o| o.metadata().labels.get(&term.topology_key));
                    there.flatten() == Some(value)
                }) && self.means(term, pod, &entry.pod)
            })
            .map(|(key, _)| key)
            .collect();
        found.sort_unstable();
        found.first().map(|key| (*key).clone())
    }

    /// Whether a term of `owner` means `other`.
    fn means(&self, term: &PodAffinityTerm, owner: &Pod, other: &Pod) -> bool {
        let namespace = &other.metadata.namespace;
        let own = term.namespaces.is_empty() && term.namespace_selector.is_none();
        let labels = self.store.get(Kind::Namespace, "", namespace).map(|o| o.metadata().labels.clone());
        let by_labels = Selector::new(term.namespace_selector.as_ref(), "")
            .is_ok_and(|selector| selector.matches(&labels.unwrap_or_default()));
        (own && *namespace == owner.metadata.namespace || term.namespaces.contains(namespace) || by_labels)
            && Selector::new(term.label_selector.as_ref(), "").is_ok_and(|s| s.matches(&other.metadata.labels))
    }
}
