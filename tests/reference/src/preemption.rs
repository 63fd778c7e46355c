//! Preemption: where no node will do, which pods of lower priority would have to go so that the pod fits, and where that
//! does the least harm. Nothing is changed here.

mod budgets;
mod importance;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bayplan::objects::Pod;

use crate::cluster::{self, NodeView, priority};
use crate::cycle::{Cycle, PreFiltered, filter_in, unavailable};
use crate::plugin::Code;
use crate::vector::{Candidate, NodeStatus, Preemption};
use crate::version::Version;

/// How it ended: why no pod would be evicted, or what set the chosen node apart from the other candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum End {
    NotAsked,
    Failed,
    NeverPreempts,
    WaitsForVictims,
    NoCandidate,
    OnlyCandidate,
    FewestViolations,
    LowestHighestPriority,
    LeastSum,
    FewestVictims,
    LatestStart,
    Tie,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            End::NotAsked => "not asked: PreFilter rejected the pod",
            End::Failed => "a rule failed",
            End::NeverPreempts => "not eligible: Never",
            End::WaitsForVictims => "not eligible: terminating",
            End::NoCandidate => "no candidate",
            End::OnlyCandidate => "candidate: the only one",
            End::FewestViolations => "candidate: fewest violations",
            End::LowestHighestPriority => "candidate: lowest highest priority",
            End::LeastSum => "candidate: least sum",
            End::FewestVictims => "candidate: fewest victims",
            End::LatestStart => "candidate: latest start",
            End::Tie => "candidate: tie",
        })
    }
}

/// The pods that would have to leave a node.
struct Victims<'a> {
    node: &'a str,
    pods: Vec<&'a Pod>,
    violations: i64,
}

/// Why a node is no candidate.
enum Hopeless {
    Reasons(Vec<String>),
    Error(String),
}

/// PreFilter has rejected the pod. Where DynamicResources had not yet had its turn, it finds nothing of what its own
/// PreFilter would have left for it, which is an error.
pub(crate) fn without_nodes(cycle: &Cycle<'_>, rejected_by: &str) -> (Preemption, End) {
    let turn = |rule: &str| cycle.profile.pre_filter.iter().position(|other| other == rule);
    let had_its_turn = turn("DynamicResources").is_some_and(|own| turn(rejected_by).is_none_or(|other| own < other));
    if runs(cycle, "DynamicResources") && !had_its_turn {
        return (Preemption { message: "not found".into(), ..Preemption::default() }, End::NotAsked);
    }
    preempt(cycle, &PreFiltered::default(), &BTreeMap::new())
}

/// Nodes were looked at, and each of these was rejected.
pub(crate) fn preempt<'a>(
    cycle: &'a Cycle<'a>,
    pre: &PreFiltered,
    looked_at: &BTreeMap<String, NodeStatus>,
) -> (Preemption, End) {
    let none = |said: &str, end| (Preemption { message: not_found(cycle, said), ..Preemption::default() }, end);
    if !runs(cycle, "DefaultPreemption") {
        return none("", End::NotAsked);
    }
    if cycle.pod.spec.preemption_policy.as_deref() == Some("Never") {
        return none("preemption: not eligible due to preemptionPolicy=Never.", End::NeverPreempts);
    }
    let may_be_cured = |node: &str| looked_at.get(node).is_some_and(|status| status.code == Code::Unschedulable.name());
    let nominated = cycle.pod.status.nominated_node_name.as_str();
    let on_nominated = cycle.nodes.iter().filter(|node| node.node.metadata.name == nominated).flat_map(|n| &n.bound);
    let mut leaving = on_nominated.filter(|pod| is_lower(cycle, pod) && is_being_preempted(pod));
    if may_be_cured(nominated) && leaving.next().is_some() {
        let said = "preemption: not eligible due to a terminating pod on the nominated node.";
        return none(said, End::WaitsForVictims);
    }

    let (mut candidates, mut reasons, mut errors) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (index, node) in cycle.nodes.iter().enumerate() {
        let helps = may_be_cured(&node.node.metadata.name).then(|| victims_on(cycle, pre, index));
        match helps {
            None => reasons.push("Preemption is not helpful for scheduling".to_owned()),
            Some(Ok(victims)) => candidates.push(victims),
            Some(Err(Hopeless::Reasons(of_node))) => reasons.extend(of_node),
            Some(Err(Hopeless::Error(error))) => drop(errors.insert(error)),
        }
    }
    if candidates.is_empty() {
        if !errors.is_empty() {
            let message = format!("preemption: {}", together(&errors));
            return (Preemption { message, ..Preemption::default() }, End::Failed);
        }
        let mut histogram: BTreeMap<&str, usize> = BTreeMap::new();
        reasons.iter().for_each(|reason| *histogram.entry(reason).or_default() += 1);
        return none(&format!("preemption: {}", unavailable(cycle, histogram)), End::NoCandidate);
    }
    let (best, end) = choose(&candidates);
    let chosen = best[0];
    let names = |victims: &Victims<'_>| victims.pods.iter().map(|pod| cluster::key(pod)).collect::<Vec<_>>();
    let mut message = String::new();
    if cycle.version >= Version::V1_37 {
        let (node, count) = (chosen.node, chosen.pods.len());
        message = format!("preemption: found a potential placement for pod on node {node}, preempting {count} victims");
    }
    let preemption = Preemption {
        message,
        best: best.iter().map(|candidate| candidate.node.to_owned()).collect(),
        chosen: chosen.node.to_owned(),
        victims: names(chosen),
        candidates: candidates
            .iter()
            .map(|candidate| Candidate {
                node: candidate.node.to_owned(),
                victims: names(candidate),
                pdb_violations: candidate.violations,
            })
            .collect(),
    };
    (preemption, end)
}

fn runs(cycle: &Cycle<'_>, rule: &str) -> bool {
    cycle.profile.post_filter.iter().any(|other| other == rule)
}

/// What is said where nobody would be evicted; up to 1.36 DynamicResources has something to say too.
fn not_found(cycle: &Cycle<'_>, said: &str) -> String {
    let of_rule = |rule: &String| match rule.as_str() {
        "DynamicResources" if cycle.version < Version::V1_37 => "no new claims to deallocate",
        "DefaultPreemption" => said,
        _ => "",
    };
    let parts = cycle.profile.post_filter.iter().map(of_rule).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(", ")
}

/// Several errors in one.
fn together(errors: &BTreeSet<String>) -> String {
    match errors.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [one] => one.to_owned(),
        ref many => format!("[{}]", many.join(", ")),
    }
}

/// Only pods of a lower priority may be evicted.
fn is_lower(cycle: &Cycle<'_>, pod: &Pod) -> bool {
    priority(pod) < priority(cycle.pod)
}

/// Whether the pod is on its way out because a scheduler evicted it.
fn is_being_preempted(pod: &Pod) -> bool {
    let target = pod.status.conditions.iter().find(|condition| condition.kind == "DisruptionTarget");
    pod.metadata.deletion_timestamp.is_some()
        && target.is_some_and(|target| target.status == "True" && target.reason == "PreemptionByScheduler")
}

/// The pods that would have to leave the node. All of lower priority are taken off; then they are put back one by one,
/// those whose budget does not allow an eviction before the others and the important ones first, and each stays if the pod
/// still fits beside it.
fn victims_on<'a>(cycle: &'a Cycle<'a>, pre: &PreFiltered, index: usize) -> Result<Victims<'a>, Hopeless> {
    let mut view = cycle.nodes.clone();
    let mut lower: Vec<&Pod> = view[index].bound.iter().copied().filter(|pod| is_lower(cycle, pod)).collect();
    if lower.is_empty() {
        return Err(Hopeless::Reasons(vec!["No preemption victims found for incoming pod".into()]));
    }
    lower.sort_by_key(|pod| cycle.cluster.place(pod));
    lower.iter().for_each(|pod| take_off(&mut view[index], pod));
    match filter_in(cycle, pre, &view, index) {
        Ok(None) => {}
        Ok(Some(status)) => return Err(Hopeless::Reasons(status.reasons.unwrap_or_default())),
        Err((_, error)) => return Err(Hopeless::Error(error)),
    }
    importance::sort(cycle, &mut lower);
    let (violating, others) = budgets::split(cycle, &lower);
    let mixed = !violating.is_empty() && !others.is_empty();
    let mut pods = Vec::new();
    let mut violations = 0;
    for (group, violates) in [(violating, 1), (others, 0)] {
        for pod in group {
            put_back(&mut view[index], pod);
            // A rule that fails is as good as one that says no.
            if !matches!(filter_in(cycle, pre, &view, index), Ok(None)) {
                take_off(&mut view[index], pod);
                pods.push(pod);
                violations += violates;
            }
        }
    }
    let node = cycle.nodes[index].node.metadata.name.as_str();
    if pods.is_empty() {
        return Err(Hopeless::Error(format!("expected at least one victim pod on node {node:?}")));
    }
    if mixed {
        importance::sort(cycle, &mut pods);
    }
    Ok(Victims { node, pods, violations })
}

fn take_off<'a>(node: &mut NodeView<'a>, pod: &'a Pod) {
    node.bound.retain(|other| !std::ptr::eq(*other, pod));
    node.taken_off.push(pod);
}

fn put_back<'a>(node: &mut NodeView<'a>, pod: &'a Pod) {
    node.taken_off.retain(|other| !std::ptr::eq(*other, pod));
    node.bound.push(pod);
}

/// The candidates that do the least harm, and the comparison that left only these; there is always one.
fn choose<'c, 'a>(candidates: &'c [Victims<'a>]) -> (Vec<&'c Victims<'a>>, End) {
    type Harm = fn(&Victims<'_>) -> i64;
    let comparisons: [(End, Harm); 5] = [
        (End::FewestViolations, |victims| victims.violations),
        (End::LowestHighestPriority, |victims| i64::from(priority(victims.pods[0]))),
        // Counted from the lowest priority that there is, so that every further victim makes the sum larger.
        (End::LeastSum, |victims| victims.pods.iter().map(|pod| i64::from(priority(pod)) + (1 << 31)).sum()),
        (End::FewestVictims, |victims| victims.pods.len() as i64),
        (End::LatestStart, |victims| -earliest_start(victims)),
    ];
    let mut left: Vec<&Victims<'_>> = candidates.iter().collect();
    if left.len() == 1 {
        return (left, End::OnlyCandidate);
    }
    for (end, harm) in comparisons {
        let least = left.iter().map(|victims| harm(victims)).min();
        left.retain(|victims| Some(harm(victims)) == least);
        if left.len() == 1 {
            return (left, end);
        }
    }
    (left, End::Tie)
}

/// When the first of the victims of the highest priority started.
fn earliest_start(victims: &Victims<'_>) -> i64 {
    let highest = victims.pods.iter().map(|pod| priority(pod)).max();
    let starts = victims.pods.iter().filter(|pod| Some(priority(pod)) == highest).map(|pod| importance::start(pod));
    starts.map(|start| start.unwrap_or(i64::MAX)).min().unwrap_or(i64::MAX)
}
