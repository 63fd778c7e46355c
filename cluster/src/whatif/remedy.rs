//! What stands between a pod and a node: nodes grouped by what stops them, the nearest ones, and the smallest single changes that make it fit,
//! each of which was tried.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bayplan_core::NodeId;

use crate::attempt::{Explanation, Outcome, RejectedBy};
use crate::change::{AddNodes, Change, Label, Nodes, SetRequests};
use crate::config::Plugin;
use crate::error::Error;
use crate::labels::{RequiredNodes, untolerated};
use crate::objects::{Kind, Node, Object, Pod, Toleration};
use crate::plan::top_of;
use crate::quantity::Quantity;
use crate::requests;
use crate::simulate::{Amount, Utilisation};
use crate::state::Cluster;

/// What a node has too little of for the pod: milli-CPU, bytes, pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lack {
    /// The resource.
    pub resource: String,
    /// What the pod asks for.
    pub asked: i64,
    /// What is free.
    pub free: i64,
    /// What the node can give to pods in all.
    pub allocatable: i64,
}

/// Nodes that the same rule rejects for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stopped {
    /// The rule that rejects them first.
    pub rule: RejectedBy,
    /// Its reasons, as the message counts them.
    pub reasons: Vec<String>,
    /// What is behind them, where it is the same on all of the nodes.
    pub detail: String,
    /// The least and the most that the nodes have free of what is short: resource, what is asked for, least, most, the most a node gives.
    pub short: Vec<(String, i64, i64, i64, i64)>,
    /// The nodes, in node order.
    pub nodes: Vec<String>,
}

/// A node, and all that it lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Near {
    /// The node.
    pub node: String,
    /// The rules that reject it, all of them.
    pub rules: Vec<&'static str>,
    /// What is short.
    pub lacks: Vec<Lack>,
}

/// A single change with which the pod fits.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Remedy {
    /// In a sentence.
    pub says: String,
    /// The node that the pod then goes to.
    pub node: String,
    /// The same as a change, where it is one.
    pub change: Option<Change>,
}

/// Why a pod fits nowhere, and what would help.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Analysis {
    /// Nodes by what stops them, the most first.
    pub stopped: Vec<Stopped>,
    /// The nodes that lack least, the nearest first.
    pub nearest: Vec<Near>,
    /// Changes that help, the smallest first.
    pub remedies: Vec<Remedy>,
}

/// So many near nodes are named.
const NEAREST: usize = 3;
/// So many nodes are tried for each kind of remedy.
const TRIES: usize = 3;

impl Cluster {
    /// What stands between a pod and a node, from its explanation.
    ///
    /// Costs a look at each rejected node, and a fork and a decision for each change that is tried: fewer than twenty.
    ///
    /// # Errors
    /// Where there is no such pod.
    pub fn analyse(&self, explanation: &Explanation) -> Result<Analysis, Error> {
        let key = explanation.decision.pod.as_str();
        let mut fork = self.clone();
        fork.set_preemption(false);
        let mut pod = Pod::clone(&*fork.known(key)?);
        if !pod.spec.node_name.is_empty() {
            // One that is on a node is decided again.
            pod.spec.node_name.clear();
            fork.upsert(Object::from(pod.clone()))?;
        }
        let asked = asked(&pod);
        let resources: Vec<&str> = asked.iter().map(|(resource, _)| resource.as_str()).collect();
        let mut nodes: HashMap<&str, Vec<Lack>> = HashMap::with_capacity(explanation.filtered.len());
        for (node, amounts) in explanation.filtered.keys().zip(amounts(&mut fork, explanation, &resources)?) {
            let lacks = asked.iter().zip(amounts).filter_map(|((resource, asked), amount)| {
                let free = amount.allocatable.saturating_sub(amount.requested).max(0);
                let lack = || Lack { resource: resource.clone(), asked: *asked, free, allocatable: amount.allocatable };
                (*asked > free).then(lack)
            });
            nodes.insert(node, lacks.collect());
        }
        let mut analysis = Analysis { stopped: stopped(&fork, explanation, &nodes), ..Analysis::default() };
        if explanation.decision.outcome != Outcome::Unschedulable || explanation.filtered.is_empty() {
            return Ok(analysis);
        }
        let near = nearest(explanation, &nodes);
        analysis.remedies = Remedies { cluster: &fork, pod: &pod, near: &near }.find()?;
        analysis.nearest = near.into_iter().take(NEAREST).collect();
        Ok(analysis)
    }
}

/// What each rejected node has of some resources, in the explanation's order.
fn amounts(cluster: &mut Cluster, explanation: &Explanation, resources: &[&str]) -> Result<Vec<Vec<Amount>>, Error> {
    let ids: Vec<Option<NodeId>> = explanation.filtered.keys().map(|node| cluster.node_id(node)).collect();
    Utilisation::of_each(cluster, &ids, resources)
}

/// What a pod asks for, by resource.
fn asked(pod: &Pod) -> Vec<(String, i64)> {
    let amounts = requests::pending(pod);
    let mut asked = vec![("cpu".to_owned(), amounts.milli_cpu), ("memory".to_owned(), amounts.memory)];
    asked.push(("ephemeral-storage".to_owned(), amounts.ephemeral_storage));
    asked.extend(amounts.scalar.iter().map(|(name, amount)| (name.clone(), *amount)));
    asked.push(("pods".to_owned(), 1));
    asked.retain(|(_, amount)| *amount > 0);
    asked
}

fn is_fit(rule: RejectedBy) -> bool {
    rule == RejectedBy::Plugin(Plugin::NodeResourcesFit)
}

fn stopped(cluster: &Cluster, explanation: &Explanation, nodes: &HashMap<&str, Vec<Lack>>) -> Vec<Stopped> {
    let mut groups: Vec<Stopped> = Vec::new();
    let mut places: BTreeMap<(RejectedBy, &[String], String), usize> = BTreeMap::new();
    for name in cluster.nodes() {
        let Some(verdict) = explanation.filtered.get(name) else { continue };
        let detail = if is_fit(verdict.plugin) { String::new() } else { verdict.details.join("; ") };
        let key = (verdict.plugin, &verdict.reasons[..], detail.clone());
        let at = *places.entry(key).or_insert_with(|| {
            groups.push(Stopped {
                rule: verdict.plugin,
                reasons: verdict.reasons.clone(),
                detail,
                short: Vec::new(),
                nodes: Vec::new(),
            });
            groups.len() - 1
        });
        groups[at].nodes.push(name.to_owned());
        for lack in nodes.get(name).into_iter().flatten().filter(|_| is_fit(verdict.plugin)) {
            match groups[at].short.iter_mut().find(|(resource, ..)| *resource == lack.resource) {
                Some((_, _, least, most, all)) => {
                    (*least, *most, *all) =
                        ((*least).min(lack.free), (*most).max(lack.free), (*all).max(lack.allocatable));
                }
                None => {
                    let one = (lack.resource.clone(), lack.asked, lack.free, lack.free, lack.allocatable);
                    groups[at].short.push(one);
                }
            }
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.nodes.len()));
    groups
}

/// All rejected nodes, those first that fewest rules reject and that lack least.
fn nearest(explanation: &Explanation, nodes: &HashMap<&str, Vec<Lack>>) -> Vec<Near> {
    let mut near: Vec<Near> = explanation
        .filtered
        .iter()
        .map(|(name, verdict)| {
            let all = explanation.all_reasons.get(name).filter(|all| !all.is_empty());
            let rules = all
                .map_or_else(|| vec![verdict.plugin.name()], |all| all.iter().map(|(rule, _)| rule.name()).collect());
            let lacks = nodes.get(&**name).cloned().unwrap_or_default();
            Near { node: name.to_string(), rules, lacks }
        })
        .collect();
    let far = |near: &Near| -> f64 {
        let part = |lack: &Lack| (lack.asked - lack.free) as f64 / lack.asked.max(1) as f64;
        near.lacks.iter().map(part).sum()
    };
    near.sort_by(|a, b| a.rules.len().cmp(&b.rules.len()).then_with(|| far(a).total_cmp(&far(b))));
    near
}

/// The search for single changes.
struct Remedies<'a> {
    cluster: &'a Cluster,
    pod: &'a Pod,
    near: &'a [Near],
}

impl Remedies<'_> {
    fn find(&self) -> Result<Vec<Remedy>, Error> {
        let mut found = Vec::new();
        found.extend(self.uncordon()?);
        found.extend(self.tolerate()?);
        found.extend(self.ask_for_less()?);
        found.extend(self.label()?);
        found.extend(self.another_node()?);
        Ok(found)
    }

    /// The nodes that only this rule rejects.
    fn only(&self, plugin: Plugin) -> impl Iterator<Item = (&Near, &Node)> {
        let near = self.near.iter().filter(move |near| near.rules == [plugin.name()]);
        near.filter_map(|near| match self.cluster.object(Kind::Node, "", &near.node)? {
            Object::Node(node) => Some((near, &**node)),
            _ => None,
        })
    }

    /// Where the pod goes on a fork that was changed.
    fn try_it(&self, change: impl FnOnce(&mut Cluster) -> Result<(), Error>) -> Result<Option<String>, Error> {
        let mut fork = self.cluster.clone();
        change(&mut fork)?;
        let meta = &self.pod.metadata;
        Ok(fork.decide(&crate::state::key_of(&meta.namespace, &meta.name))?.node)
    }

    fn with_pod(&self, change: impl FnOnce(&mut Pod)) -> Result<Option<String>, Error> {
        let mut pod = self.pod.clone();
        change(&mut pod);
        self.try_it(|fork| fork.upsert(Object::from(pod)))
    }

    fn uncordon(&self) -> Result<Option<Remedy>, Error> {
        // A cordoned node has a taint as well.
        let rules = [Plugin::NodeUnschedulable.name(), Plugin::TaintToleration.name()];
        let near = self.near.iter().filter(|near| near.rules.iter().all(|rule| rules.contains(rule)));
        let cordoned = near.filter_map(|near| match self.cluster.object(Kind::Node, "", &near.node)? {
            Object::Node(node) => node.spec.unschedulable.then_some(node),
            _ => None,
        });
        for node in cordoned.take(TRIES) {
            let name = &node.metadata.name;
            let mut changed = Node::clone(node);
            changed.spec.unschedulable = false;
            changed.spec.taints.retain(|taint| taint.key != "node.kubernetes.io/unschedulable");
            if let Some(goes) = self.try_it(|fork| fork.upsert(Object::from(changed)))? {
                let change = Change::Uncordon(Nodes(name.clone()));
                return Ok(Some(Remedy { says: format!("uncordon node {name}"), node: goes, change: Some(change) }));
            }
        }
        Ok(None)
    }

    fn tolerate(&self) -> Result<Option<Remedy>, Error> {
        let mut tried = BTreeSet::new();
        for (_, node) in self.only(Plugin::TaintToleration) {
            let mut pod = self.pod.clone();
            let mut added = Vec::new();
            while let Some(taint) = untolerated(&node.spec.taints, &pod.spec.tolerations) {
                let text = match taint.value.as_str() {
                    "" => format!("{}:{}", taint.key, taint.effect),
                    value => format!("{}={value}:{}", taint.key, taint.effect),
                };
                // A node that is not ready has no pods come to it.
                if added.len() > 8 || taint.key.starts_with("node.kubernetes.io/") {
                    added.clear();
                    break;
                }
                pod.spec.tolerations.push(Toleration {
                    key: taint.key.clone(),
                    operator: "Equal".to_owned(),
                    value: taint.value.clone(),
                    effect: taint.effect.clone(),
                    ..Toleration::default()
                });
                added.push(text);
            }
            if added.is_empty() || !tried.insert(added.clone()) || tried.len() > TRIES {
                continue;
            }
            if let Some(goes) = self.try_it(|fork| fork.upsert(Object::from(pod)))? {
                let says = format!("let the pod tolerate {}", added.join(" and "));
                return Ok(Some(Remedy { says, node: goes, change: None }));
            }
        }
        Ok(None)
    }

    /// One request that is smaller, of the container that asks for most.
    fn ask_for_less(&self) -> Result<Vec<Remedy>, Error> {
        let mut most: BTreeMap<&str, &Lack> = BTreeMap::new();
        for (near, _) in self.only(Plugin::NodeResourcesFit) {
            let [lack] = &near.lacks[..] else { continue };
            if lack.free > 0 && lack.resource != "pods" {
                let best = most.entry(&lack.resource).or_insert(lack);
                if best.free < lack.free {
                    *best = lack;
                }
            }
        }
        let mut found = Vec::new();
        for (resource, lack) in most {
            let over = lack.asked - lack.free;
            let container =
                self.pod.spec.containers.iter().max_by_key(|container| {
                    container.resources.requests.get(resource).map_or(0, |amount| amount.nano())
                });
            let Some(container) = container else { continue };
            let Some(before) = container.resources.requests.get(resource).copied() else { continue };
            let scale: fn(i64) -> String =
                if resource == "cpu" { |amount| format!("{amount}m") } else { |amount| amount.to_string() };
            let has = if resource == "cpu" { before.milli_value() } else { before.value() };
            if has <= over {
                continue;
            }
            let less = scale(has - over);
            let Ok(amount) = less.parse::<Quantity>() else { continue };
            let name = container.name.clone();
            let goes = self.with_pod(|pod| {
                for container in pod.spec.containers.iter_mut().filter(|container| container.name == name) {
                    container.resources.requests.insert(resource.to_owned(), amount);
                    if let Some(limit) = container.resources.limits.get_mut(resource)
                        && lack.resource.contains('/')
                    {
                        *limit = amount;
                    }
                }
            })?;
            let Some(goes) = goes else { continue };
            let (kind, namespace, top) = top_of(self.cluster, self.pod);
            // A Job's template does not change, and a pod's requests neither.
            let may_change = kind.keeps_spec() && kind != Kind::Job || kind == Kind::ReplicationController;
            let change = may_change.then(|| {
                let requests = BTreeMap::from([(resource.to_owned(), less.clone())]);
                let workload = format!("{namespace}/{}/{top}", kind.name().to_lowercase());
                Change::SetRequests(SetRequests { workload, namespace: None, container: Some(name.clone()), requests })
            });
            let says = format!("let container {name} ask for {less} of {resource} instead of {}", scale(has));
            found.push(Remedy { says, node: goes, change });
        }
        Ok(found)
    }

    /// Labels that a node lacks for the pod's node selector.
    fn label(&self) -> Result<Option<Remedy>, Error> {
        let required = RequiredNodes::of(self.pod);
        for (_, node) in self.only(Plugin::NodeAffinity).take(TRIES) {
            let mut changed = node.clone();
            let mut added = Vec::new();
            for (key, value) in &self.pod.spec.node_selector {
                if node.metadata.labels.get(key) != Some(value) {
                    changed.metadata.labels.insert(key.clone(), value.clone());
                    added.push(format!("{key}={value}"));
                }
            }
            let name = node.metadata.name.clone();
            if added.is_empty() || !required.matches(&name, &changed.metadata.labels) {
                continue;
            }
            if let Some(goes) = self.try_it(|fork| fork.upsert(Object::from(changed)))? {
                let says = format!("label node {name} with {}", added.join(" "));
                let change = Change::Label(Label { nodes: Nodes(name), labels: added });
                return Ok(Some(Remedy { says, node: goes, change: Some(change) }));
            }
        }
        let is_bound = self
            .pod
            .spec
            .affinity
            .as_ref()
            .and_then(|of| of.node_affinity.as_ref())
            .is_some_and(|of| of.required.is_some());
        if !is_bound && self.pod.spec.node_selector.is_empty() {
            return Ok(None);
        }
        let goes = self.with_pod(|pod| {
            pod.spec.node_selector.clear();
            if let Some(affinity) = pod.spec.affinity.as_mut().and_then(|of| of.node_affinity.as_mut()) {
                affinity.required = None;
            }
        })?;
        let says = "leave out the pod's node selector and required node affinity".to_owned();
        Ok(goes.map(|node| Remedy { says, node, change: None }))
    }

    /// A node more, like one that only lacks room; of each shape one is tried.
    fn another_node(&self) -> Result<Option<Remedy>, Error> {
        let mut shapes = Vec::new();
        for (near, node) in self.only(Plugin::NodeResourcesFit) {
            if shapes.contains(&&node.status.allocatable) {
                continue;
            }
            if shapes.len() == TRIES {
                break;
            }
            shapes.push(&node.status.allocatable);
            let add = AddNodes { count: 1, like: Some(near.node.clone()), ..AddNodes::default() };
            let (new, _) = add.made(self.cluster)?;
            if let Some(goes) = self.try_it(|fork| fork.upsert(Object::from(new)))? {
                let says = format!("add a node like {}", near.node);
                return Ok(Some(Remedy { says, node: goes, change: Some(Change::AddNodes(add)) }));
            }
        }
        Ok(None)
    }
}

/// Names that differ in a number at their end, as ranges: `worker-00…worker-23`, `gpu-0`.
#[must_use]
pub fn folded<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let split = |name: &'n str| {
        let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (stem, number) = name.split_at(name.len() - digits);
        (stem, number.parse::<u64>().ok(), number.len())
    };
    let mut runs: Vec<(&str, &str, Option<u64>)> = Vec::new();
    for name in names {
        let (stem, number, width) = split(name);
        if let Some((_, last, Some(before))) = runs.last_mut()
            && let Some(number) = number
            && number == *before + 1
            && split(last).0 == stem
            && (split(last).2 == width || !last[stem.len()..].starts_with('0'))
        {
            (*last, *before) = (name, number);
            continue;
        }
        runs.push((name, name, number));
    }
    let shown = runs.into_iter().map(|(first, last, _)| match first == last {
        true => first.to_owned(),
        false => format!("{first}…{last}"),
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn names_fold_where_their_numbers_follow() {
        assert_eq!(folded(["a-8", "a-9", "a-10", "b", "c-1", "c-3"]), ["a-8…a-10", "b", "c-1", "c-3"]);
        assert_eq!(folded(["w-00", "w-01", "w-02"]), ["w-00…w-02"]);
        assert_eq!(folded([]), Vec::<String>::new());
    }
}
