//! NodeAffinity: the node's labels and name must be as the pod, and the configuration, ask; some are preferred.

use std::collections::BTreeSet;

use bayplan::objects::{Node, NodeAffinity as Affinity, NodeSelectorTerm, Pod};

use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::labels::{Selector, node_selector_matches, node_term_matches, term_errors};
use crate::plugin::{Filter, Plugin, PreFilter, Rejection, normalize};

pub(crate) struct NodeAffinity;

impl Plugin for NodeAffinity {
    /// Where every term names nodes, only those are looked at.
    fn pre_filter(&self, cycle: &Cycle<'_>) -> Result<PreFilter, Rejection> {
        let required = affinity(cycle.pod).and_then(|affinity| affinity.required.as_ref());
        let Some(required) = required else {
            let nothing = cycle.profile.added_affinity.required.is_none() && cycle.pod.spec.node_selector.is_empty();
            return Ok(if nothing { PreFilter::Skip } else { PreFilter::Pass });
        };
        let mut names = BTreeSet::new();
        for term in &required.node_selector_terms {
            match named_nodes(term) {
                Some(of_term) => names.extend(of_term),
                None => return Ok(PreFilter::Pass),
            }
        }
        if required.node_selector_terms.is_empty() {
            return Ok(PreFilter::Pass);
        }
        if names.is_empty() {
            return Err(Rejection::unresolvable("pod affinity terms conflict"));
        }
        Ok(PreFilter::Only(names))
    }

    fn filter<'a>(&self, cycle: &'a Cycle<'a>, _view: &[NodeView<'a>]) -> Filter<'a> {
        Box::new(|node| {
            let added = &cycle.profile.added_affinity.required;
            if added.as_ref().is_some_and(|added| !node_selector_matches(added, node.node)) {
                return Err(Rejection::unresolvable("node(s) didn't match scheduler-enforced node affinity"));
            }
            if !matches(cycle.pod, node.node) {
                return Err(Rejection::unresolvable("node(s) didn't match Pod's node affinity/selector"));
            }
            Ok(())
        })
    }

    /// The weights of the preferred terms that match.
    fn score(&self, cycle: &Cycle<'_>, feasible: &[&NodeView<'_>]) -> Result<Option<Vec<i64>>, String> {
        let own = affinity(cycle.pod).map_or(&[][..], |affinity| &affinity.preferred);
        let added = &cycle.profile.added_affinity.preferred;
        if own.is_empty() && added.is_empty() {
            return Ok(None);
        }
        let weighty = own.iter().enumerate().filter(|(_, term)| term.weight != 0);
        let errors: Vec<String> =
            weighty.flat_map(|(i, term)| term_errors(&term.preference, &format!("[{i}]"))).collect();
        match &errors[..] {
            [] => {}
            [error] => return Err(format!("running PreScore plugin \"NodeAffinity\": {error}")),
            errors => return Err(format!("running PreScore plugin \"NodeAffinity\": [{}]", errors.join(", "))),
        }
        let sum = |node: &&NodeView<'_>| {
            let terms = own.iter().chain(added).filter(|term| node_term_matches(&term.preference, node.node));
            terms.map(|term| i64::from(term.weight)).sum()
        };
        let mut scores: Vec<i64> = feasible.iter().map(sum).collect();
        normalize(&mut scores, false);
        Ok(Some(scores))
    }
}

/// Whether the node is one that the pod selects and requires.
pub(crate) fn matches(pod: &Pod, node: &Node) -> bool {
    let required = affinity(pod).and_then(|affinity| affinity.required.as_ref());
    Selector::equal(&pod.spec.node_selector).matches(&node.metadata.labels)
        && required.is_none_or(|required| node_selector_matches(required, node))
}

fn affinity(pod: &Pod) -> Option<&Affinity> {
    pod.spec.affinity.as_ref()?.node_affinity.as_ref()
}

/// The nodes that the term names; `None` where it names none.
fn named_nodes(term: &NodeSelectorTerm) -> Option<BTreeSet<String>> {
    let named = term.match_fields.iter().filter(|field| field.key == "metadata.name" && field.operator == "In");
    named
        .map(|field| field.values.iter().cloned().collect::<BTreeSet<_>>())
        .reduce(|one, other| one.intersection(&other).cloned().collect())
}
