//! What of a node selector or node affinity a node does not meet.

use super::text;
use crate::labels::{NodeTerm, RequiredNodes};
use crate::objects::{Node, NodeSelectorTerm, Pod};

/// What of the pod's own selector and affinity the node does not meet.
pub(super) fn own(pod: &Pod, node: &Node) -> Vec<String> {
    let wanted = RequiredNodes::of(pod);
    let mut out = Vec::new();
    let labels = text::unmet_labels(&wanted.labels, node);
    if !labels.is_empty() {
        out.push(format!("nodeSelector {}", labels.join(",")));
    }
    let required = pod.spec.affinity.as_ref().and_then(|a| a.node_affinity.as_ref()?.required.as_ref());
    let (Some(required), Some(affinity)) = (required, &wanted.affinity) else { return out };
    if affinity.matches(&node.metadata.name, &node.metadata.labels) {
        return out;
    }
    // One term would do, so each is to blame.
    out.extend(required.node_selector_terms.iter().enumerate().map(|(at, term)| unmet(at, term, node)));
    if required.node_selector_terms.is_empty() {
        out.push("affinity without terms, which no node meets".to_owned());
    }
    out
}

fn unmet(at: usize, term: &NodeSelectorTerm, node: &Node) -> String {
    match NodeTerm::new(term, &format!("nodeSelectorTerms[{at}]")) {
        Ok(Some(term)) => format!("affinity {}", text::unmet(&term, node).join(", ")),
        Ok(None) => "affinity with an empty term, which no node meets".to_owned(),
        Err(error) => format!("affinity with a term that is not legal, which no node meets: {error}"),
    }
}
