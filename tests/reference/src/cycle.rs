//! One attempt to place one pod: gates, filters, scores, choice; and the text of a failure.

use std::collections::{BTreeMap, BTreeSet};

use crate::version::Version;
use bayplan::objects::Pod;

use crate::cluster::{self, Cluster, NodeView};
use crate::config::Profile;
use crate::plugin::{Code, Filter, MAX_SCORE, PreFilter, Rejection};
use crate::plugins;
use crate::preemption::{self, End};
use crate::vector::{self, NodeStatus, Step};

/// What every rule sees.
#[derive(Clone)]
pub(crate) struct Cycle<'a> {
    pub(crate) version: Version,
    pub(crate) profile: &'a Profile,
    pub(crate) cluster: &'a Cluster,
    pub(crate) pod: &'a Pod,
    /// The cluster as it is, without nominated pods.
    pub(crate) nodes: Vec<NodeView<'a>>,
}

/// What the PreFilter stage leaves.
#[derive(Default)]
pub(crate) struct PreFiltered {
    skipped: BTreeSet<String>,
    only: Option<BTreeSet<String>>,
    limited_by: BTreeSet<String>,
}

/// A PreFilter rejection, or the error that ends the attempt.
enum Failure {
    Rejected(vector::PreFilter),
    Error(String),
}

/// Decides for the pod; changes nothing.
pub(crate) fn decide(version: Version, profile: &Profile, cluster: &Cluster, pod: &Pod) -> (Step, Option<End>) {
    let mut step = Step { pod: cluster::key(pod), ..Step::default() };
    if !pod.spec.scheduling_gates.is_empty() {
        let gates: Vec<&str> = pod.spec.scheduling_gates.iter().map(|gate| gate.name.as_str()).collect();
        step.result = "Gated".into();
        step.message = format!("waiting for scheduling gates: [{}]", gates.join(" "));
        return (step, None);
    }
    let cycle = Cycle { version, profile, cluster, pod, nodes: cluster.view() };
    match place(&cycle, &mut step) {
        Ok(ended) => (step, ended),
        Err(error) => (Step { pod: step.pod, result: "Error".into(), error, ..Step::default() }, None),
    }
}

/// # Errors
/// The scheduler's own error.
fn place(cycle: &Cycle<'_>, step: &mut Step) -> Result<Option<End>, String> {
    let count = cycle.nodes.len();
    if count == 0 {
        return Err("no nodes available to schedule pods".into());
    }
    let pre = match pre_filter(cycle) {
        Ok(pre) => pre,
        Err(Failure::Error(error)) => return Err(error),
        Err(Failure::Rejected(rejection)) => {
            step.result = "Unschedulable".into();
            step.message = format!("0/{count} nodes are available: {}.", rejection.reason);
            let (preemption, ended) = preemption::without_nodes(cycle, &rejection.plugin);
            step.pre_filter = Some(rejection);
            step.preemption = Some(preemption);
            return Ok(Some(ended));
        }
    };
    let filters = filters(cycle, &pre, &cycle.nodes);
    let mut feasible = Vec::new();
    // The nominated node is looked at first, and taken where it will do: then it does not matter that a rule fails on another.
    let is_nominated = |node: &NodeView<'_>| node.node.metadata.name == cycle.pod.status.nominated_node_name;
    let nominated = cycle.nodes.iter().position(is_nominated).map(|index| filter(cycle, &pre, &filters, index));
    let taken = matches!(nominated, Some(Ok(None)));
    for (index, node) in cycle.nodes.iter().enumerate() {
        let name = &node.node.metadata.name;
        let status = if pre.only.as_ref().is_some_and(|only| !only.contains(name)) {
            Some(self::left_out())
        } else {
            match filter(cycle, &pre, &filters, index) {
                Ok(status) => status,
                Err((plugin, error)) if taken => {
                    Some(NodeStatus { plugin, code: "Error".into(), reasons: Some(vec![error]) })
                }
                Err((_, error)) => return Err(error),
            }
        };
        match status {
            None => feasible.push(node),
            Some(status) => drop(step.filtered.insert(name.clone(), status)),
        }
    }
    let nominated = nominated.and_then(|status| status.ok().flatten());
    step.feasible = feasible.iter().map(|node| node.node.metadata.name.clone()).collect();
    if feasible.is_empty() {
        step.result = "Unschedulable".into();
        step.message = message(cycle, &pre, step, nominated.as_ref());
        // The nominated node has been looked at, even where PreFilter left it out.
        let nominated = nominated.map(|status| (cycle.pod.status.nominated_node_name.clone(), status));
        let looked_at =
            step.filtered.clone().into_iter().chain(nominated).filter(|(_, status)| status.reasons.is_some());
        let (preemption, ended) = preemption::preempt(cycle, &pre, &looked_at.collect());
        step.preemption = Some(preemption);
        return Ok(Some(ended));
    }
    step.result = "Scheduled".into();
    if feasible.len() > 1
        && let Err(error) = score(cycle, &feasible, step)
    {
        // The nominated node is taken without scores.
        (step.scores, step.totals, step.best) = Default::default();
        if !taken {
            return Err(error);
        }
    }
    let nominated = &cycle.pod.status.nominated_node_name;
    let first = step.best.first().unwrap_or(&step.feasible[0]);
    step.node = if step.feasible.contains(nominated) { nominated.clone() } else { first.clone() };
    Ok(None)
}

fn left_out() -> NodeStatus {
    NodeStatus { plugin: "PreFilterResult".into(), code: "UnschedulableAndUnresolvable".into(), reasons: None }
}

/// Asks every rule about the pod alone. A rejection that evicting might cure is kept until all have been asked.
fn pre_filter(cycle: &Cycle<'_>) -> Result<PreFiltered, Failure> {
    let mut pre = PreFiltered { skipped: BTreeSet::new(), only: None, limited_by: BTreeSet::new() };
    let mut rejected = None;
    for name in &cycle.profile.pre_filter {
        let Some(plugin) = plugins::find(name) else { continue };
        match plugin.pre_filter(cycle) {
            Ok(PreFilter::Pass) => {}
            Ok(PreFilter::Skip) => drop(pre.skipped.insert(name.clone())),
            Ok(PreFilter::Only(names)) => {
                pre.limited_by.insert(name.clone());
                let both = match &pre.only {
                    Some(only) => only.intersection(&names).cloned().collect(),
                    None => names,
                };
                if both.is_empty() {
                    let reason = match &pre.limited_by.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                        [one] => format!("node(s) didn't satisfy plugin {one}"),
                        many => format!("node(s) didn't satisfy plugin(s) [{}] simultaneously", many.join(" ")),
                    };
                    return Err(Failure::Rejected(rejection("", Code::UnschedulableAndUnresolvable, reason)));
                }
                pre.only = Some(both);
            }
            Err(Rejection::No(Code::UnschedulableAndUnresolvable, reasons)) => {
                let reason = reasons.join(", ");
                return Err(Failure::Rejected(rejection(name, Code::UnschedulableAndUnresolvable, reason)));
            }
            Err(Rejection::No(code, reasons)) => rejected = Some(rejection(name, code, reasons.join(", "))),
            Err(Rejection::Error(error)) => {
                return Err(Failure::Error(format!("running PreFilter plugin {name:?}: {error}")));
            }
        }
    }
    match rejected {
        Some(rejection) => Err(Failure::Rejected(rejection)),
        None => Ok(pre),
    }
}

fn rejection(plugin: &str, code: Code, reason: String) -> vector::PreFilter {
    vector::PreFilter { plugin: plugin.into(), code: code.name().into(), reason }
}

/// The rules that filter, each with what it has counted of `view`.
type Filters<'a> = Vec<(&'a str, Filter<'a>)>;

fn filters<'a>(cycle: &'a Cycle<'a>, pre: &PreFiltered, view: &[NodeView<'a>]) -> Filters<'a> {
    let names = cycle.profile.filter.iter().filter(|name| !pre.skipped.contains(*name));
    names.filter_map(|name| Some((name.as_str(), plugins::find(name)?.filter(cycle, view)))).collect()
}

/// The first rule that rejects the node. Where pods of the same or a higher priority are nominated to it, the pod must
/// fit both with them and without them.
fn filter<'a>(
    cycle: &'a Cycle<'a>,
    pre: &PreFiltered,
    filters: &Filters<'_>,
    index: usize,
) -> Result<Option<NodeStatus>, (String, String)> {
    match filter_with_nominated(cycle, pre, &cycle.nodes, index)? {
        Some(rejected) => Ok(Some(rejected)),
        None => first_rejection(filters, &cycle.nodes[index]),
    }
}

/// As [`filter`], on the cluster as `view` shows it.
pub(crate) fn filter_in<'a>(
    cycle: &'a Cycle<'a>,
    pre: &PreFiltered,
    view: &[NodeView<'a>],
    index: usize,
) -> Result<Option<NodeStatus>, (String, String)> {
    match filter_with_nominated(cycle, pre, view, index)? {
        Some(rejected) => Ok(Some(rejected)),
        None => first_rejection(&self::filters(cycle, pre, view), &view[index]),
    }
}

/// The first rule that rejects the node where the pods that are nominated to it are there, if any are.
fn filter_with_nominated<'a>(
    cycle: &'a Cycle<'a>,
    pre: &PreFiltered,
    view: &[NodeView<'a>],
    index: usize,
) -> Result<Option<NodeStatus>, (String, String)> {
    let nominated = cycle.cluster.nominated(cycle.version, view[index].node, cycle.pod);
    if nominated.is_empty() {
        return Ok(None);
    }
    let mut view = view.to_vec();
    view[index].nominated = nominated;
    first_rejection(&self::filters(cycle, pre, &view), &view[index])
}

/// # Errors
/// The rule that fails, and its words.
fn first_rejection(filters: &Filters<'_>, node: &NodeView<'_>) -> Result<Option<NodeStatus>, (String, String)> {
    for (name, filter) in filters {
        match filter(node) {
            Ok(()) => {}
            Err(Rejection::No(code, mut reasons)) => {
                reasons.sort();
                let (plugin, code) = ((*name).to_owned(), code.name().to_owned());
                return Ok(Some(NodeStatus { plugin, code, reasons: Some(reasons) }));
            }
            Err(Rejection::Error(error)) => {
                return Err(((*name).to_owned(), format!("running {name:?} filter plugin: {error}")));
            }
        }
    }
    Ok(None)
}

/// How many nodes each reason holds for. Nodes that PreFilter rules left out share one reason, which names these rules.
/// The node that the pod is nominated to has been looked at even then: its own reason counts, and the rule that gave it
/// is named among the others.
fn message(cycle: &Cycle<'_>, pre: &PreFiltered, step: &Step, nominated: Option<&NodeStatus>) -> String {
    let mut rules: BTreeSet<&str> = pre.limited_by.iter().map(String::as_str).collect();
    rules.extend(nominated.map(|status| status.plugin.as_str()));
    let rules = rules.into_iter().collect::<Vec<_>>().join(" ");
    let left_out = vec![format!("node(s) didn't satisfy plugin(s) [{rules}]")];
    let mut histogram: BTreeMap<&str, usize> = BTreeMap::new();
    for (node, status) in &step.filtered {
        let nominated = nominated.filter(|_| *node == cycle.pod.status.nominated_node_name);
        let reasons = status.reasons.as_ref().or(nominated.and_then(|status| status.reasons.as_ref()));
        for reason in reasons.unwrap_or(&left_out) {
            *histogram.entry(reason).or_default() += 1;
        }
    }
    unavailable(cycle, histogram)
}

/// The scheduler's sentence about nodes that are out of the question, with the number of nodes for each reason.
pub(crate) fn unavailable(cycle: &Cycle<'_>, histogram: BTreeMap<&str, usize>) -> String {
    let mut parts: Vec<String> = histogram.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    parts.sort();
    format!("0/{} nodes are available: {}.", cycle.nodes.len(), parts.join(", "))
}

/// Scores by every rule, weighs, sums, and finds the best.
fn score(cycle: &Cycle<'_>, feasible: &[&NodeView<'_>], step: &mut Step) -> Result<(), String> {
    let mut rows = Vec::new();
    for (plugin, weight) in &cycle.profile.score {
        let Some(rule) = plugins::find(plugin) else { continue };
        if let Some(scores) = rule.score(cycle, feasible)? {
            rows.push((plugin, *weight, scores));
        }
    }
    for (index, node) in feasible.iter().enumerate() {
        let mut of_node = BTreeMap::new();
        for (plugin, weight, scores) in &rows {
            let score = scores[index];
            if !(0..=MAX_SCORE).contains(&score) {
                return Err(format!(
                    "applying score defaultWeights on Score plugins: plugin {plugin:?} returns an invalid score {score}, \
                     it should in the range of [0, {MAX_SCORE}] after normalizing"
                ));
            }
            of_node.insert((*plugin).clone(), score * weight);
        }
        let name = &node.node.metadata.name;
        step.totals.insert(name.clone(), of_node.values().sum());
        step.scores.insert(name.clone(), of_node);
    }
    let most = step.totals.values().copied().max().unwrap_or(0);
    step.best = step.feasible.iter().filter(|name| step.totals[*name] == most).cloned().collect();
    Ok(())
}
