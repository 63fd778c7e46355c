//! DaemonSet: a pod pinned to every node that the template accepts.

use super::{Allowance, Expanded, Maker, check_selector, owner};
use crate::admit::{self, Context, add_daemon_set_tolerations};
use crate::error::Error;
use crate::hash;
use crate::labels::{RequiredNodes, untolerated};
use crate::objects::{Affinity, DaemonSet, Kind, Node, NodeSelector, NodeSelectorTerm, Pod, SelectorRequirement};

pub(super) fn expand(set: &DaemonSet, context: &Context<'_>, allowance: &mut Allowance<'_>) -> Result<Expanded, Error> {
    let (meta, spec) = (&set.metadata, &set.spec);
    check_selector(spec.selector.as_ref(), &spec.template)?;
    let mut template = spec.template.clone();
    add_daemon_set_tolerations(&mut template.spec.tolerations, template.spec.host_network);
    let generation = meta.annotations.get(admit::GENERATION).map_or("1", String::as_str);
    let labels =
        [("controller-revision-hash", daemon_revision(set)), ("pod-template-generation", generation.to_owned())];
    template.metadata.labels.extend(labels.map(|(key, value)| (key.to_owned(), value)));

    let maker = Maker::new(owner("apps/v1", "DaemonSet", meta), meta, &template, context);
    let mut expanded = Expanded::default();
    let nodes: Vec<&Node> = nodes(set, context).collect();
    allowance.ask(nodes.len(), "")?;
    for node in nodes {
        allowance.go_on()?;
        let node = &node.metadata.name;
        expanded.pods.push(maker.pod(format!("{}-{node}", meta.name), |pod| pin(pod, node))?);
    }
    if context.nodes.is_empty() {
        expanded.warnings.push("there are no nodes, so a DaemonSet makes no pods".to_owned());
    }
    Ok(expanded)
}

/// The revision that a set's pods are labelled with.
pub(crate) fn daemon_revision(set: &DaemonSet) -> String {
    hash::template(&set.spec.template, admit::changed_hash(Kind::DaemonSet, &set.metadata, &set.spec.template))
}

/// The pods of all nodes that get one.
///
/// # Errors
/// Where the API server would refuse them.
pub(crate) fn daemon_pods(set: &DaemonSet, context: &Context<'_>) -> Result<Vec<Pod>, Error> {
    expand(set, context, &mut Allowance::new(super::MAX_PODS, &mut |_, _| true)).map(|expanded| expanded.pods)
}

/// The nodes that get a pod: those that the node selector and the required affinity accept, and whose taints are tolerated.
pub(crate) fn nodes<'a>(set: &DaemonSet, context: &Context<'a>) -> impl Iterator<Item = &'a Node> {
    let mut pod = admit::from_template(&set.spec.template, &set.metadata.namespace);
    add_daemon_set_tolerations(&mut pod.spec.tolerations, pod.spec.host_network);
    let required = RequiredNodes::of(&pod);
    context.nodes.clone().into_iter().filter(move |node| {
        (pod.spec.node_name.is_empty() || pod.spec.node_name == node.metadata.name)
            && required.matches(&node.metadata.name, &node.metadata.labels)
            && untolerated(&node.spec.taints, &pod.spec.tolerations).is_none()
    })
}

/// The pin replaces the required node affinity, which the choice of nodes has seen to.
fn pin(pod: &mut Pod, node: &str) {
    let name = SelectorRequirement {
        key: "metadata.name".to_owned(),
        operator: "In".to_owned(),
        values: vec![node.to_owned()],
    };
    let term = NodeSelectorTerm { match_fields: vec![name], ..NodeSelectorTerm::default() };
    let affinity = pod.spec.affinity.get_or_insert_with(Affinity::default);
    affinity.node_affinity.get_or_insert_default().required = Some(NodeSelector { node_selector_terms: vec![term] });
}
