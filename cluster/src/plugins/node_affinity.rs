//! NodeAffinity: `nodeSelector` and node affinity.

use bayplan_core::plugins::node_affinity::{ENFORCED, NO_MATCH};

use super::details::Details;
use super::{Arguments, Entry, PreFilterStatus, Text, filters, scores, text};
use crate::compile::Own;
use crate::config::{Args, NodeAffinityArgs, raw, wrong};
use crate::error::Error;
use crate::labels;
use crate::labels::{NodeTerm, RequiredNodes};
use crate::objects::{Node, NodeSelectorTerm, Pod};
use crate::state::Cluster;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point) || scores(point),
    // The filter does without PreFilter: it then looks at every node.
    is_pre_filter_optional: true,
    by_default: |_| Some(Some(2)),
    configure: Some(configure),
    texts: &[
        (ENFORCED, Text::Is("node(s) didn't match scheduler-enforced node affinity")),
        (NO_MATCH, Text::Is("node(s) didn't match Pod's node affinity/selector")),
    ],
    pre_filter: Some(pre_filter),
    pre_filter_details: Some(|_, pod| conflicts(pod)),
    details: Some(details),
    ..Entry::NONE
};

fn configure(args: &mut Args, given: Arguments<'_>) -> Result<(), Error> {
    args.node_affinity = node_affinity(given.typed()?, given.path)?;
    Ok(())
}

fn node_affinity(raw: raw::NodeAffinityArgs, path: &str) -> Result<NodeAffinityArgs, Error> {
    let Some(added) = raw.added_affinity else { return Ok(NodeAffinityArgs::default()) };
    let path = format!("{path}.addedAffinity");
    let required_path = format!("{path}.requiredDuringSchedulingIgnoredDuringExecution");
    let preferred_path = format!("{path}.preferredDuringSchedulingIgnoredDuringExecution");
    let required = added.required.as_ref().map(|r| labels::NodeSelector::strict(r, &required_path)).transpose();
    let required = required.map_err(|error| wrong(error.field(), error.problem()))?;
    let preferred = match added.preferred.as_slice() {
        [] => None,
        terms => {
            let terms = labels::preferred_terms(terms, &preferred_path);
            Some(terms.map_err(|error| wrong(error.field(), error.problem()))?)
        }
    };
    Ok(NodeAffinityArgs { required, preferred })
}

/// A pod may name many nodes; so many are shown.
const MAX_NAMES: usize = 3;

/// What of the affinity that the configuration adds the node does not meet, or else what of the pod's own.
fn details(of: &mut Details<'_>) -> Result<Vec<String>, Error> {
    let node = of.node;
    let added = of.cluster.compiler().config.profiles[of.prepared.profile].args.node_affinity.required.as_ref();
    Ok(match added.filter(|added| !added.matches(&node.metadata.name, &node.metadata.labels)) {
        Some(added) if added.terms.is_empty() => vec!["addedAffinity without terms, which no node meets".to_owned()],
        Some(added) => {
            let unmet = added.terms.iter().map(|term| text::unmet(term, node).join(", "));
            unmet.map(|unmet| format!("addedAffinity {unmet}")).collect()
        }
        None => own(of.pod, node),
    })
}

/// The pod's terms name several nodes at once, so that PreFilter leaves none.
fn pre_filter(_: &Cluster, _: &Pod, own: &Own) -> Option<PreFilterStatus> {
    own.conflict.then(|| PreFilterStatus::rejected("pod affinity terms conflict"))
}

/// The nodes that the affinity names, where others are not looked at.
pub(super) fn names(pod: &Pod) -> Vec<String> {
    let names: Vec<String> = RequiredNodes::of(pod).names.into_iter().flatten().collect();
    match &names[..] {
        [] => Vec::new(),
        [only] => vec![format!("the affinity names node {only} alone")],
        all if all.len() <= MAX_NAMES => vec![format!("the affinity names nodes {} alone", all.join(", "))],
        all => {
            let (first, more) = (all[..MAX_NAMES].join(", "), all.len() - MAX_NAMES);
            vec![format!("the affinity names nodes {first} and {more} more alone")]
        }
    }
}

/// Terms that name several nodes at once, so that no node is left.
pub(super) fn conflicts(pod: &Pod) -> Vec<String> {
    let required = pod.spec.affinity.as_ref().and_then(|a| a.node_affinity.as_ref()?.required.as_ref());
    let conflict = |term: &NodeSelectorTerm| {
        let names = term.match_fields.iter().filter(|f| f.key == "metadata.name" && f.operator == "In");
        let names: Vec<String> = names.map(|field| format!("{}={}", field.key, field.values.join(","))).collect();
        format!("affinity {}, which no node meets at once", names.join(", "))
    };
    required.map_or(Vec::new(), |required| required.node_selector_terms.iter().map(conflict).collect())
}

/// What of the pod's own selector and affinity the node does not meet.
fn own(pod: &Pod, node: &Node) -> Vec<String> {
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
