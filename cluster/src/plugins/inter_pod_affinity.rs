//! InterPodAffinity: pod affinity and anti-affinity.

use std::collections::HashMap;
use std::sync::Arc;

use bayplan_core::plugins::inter_pod_affinity::{AFFINITY, ANTI_AFFINITY, EXISTING_ANTI_AFFINITY};

use super::{Arguments, Entry, Text, filters, scores, text};
use crate::config::{Args, InterPodArgs, raw, wrong};
use crate::error::Error;
use crate::labels::Selector;
use crate::objects::{Kind, Node, Object, Pod, PodAffinity, PodAffinityTerm, StringMap};
use crate::state::Cluster;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point) || scores(point),
    by_default: |_| Some(Some(2)),
    configure: Some(configure),
    texts: &[
        (AFFINITY, Text::Is("node(s) didn't match pod affinity rules")),
        (ANTI_AFFINITY, Text::Is("node(s) didn't match pod anti-affinity rules")),
        (EXISTING_ANTI_AFFINITY, Text::Is("node(s) didn't satisfy existing pods anti-affinity rules")),
    ],
    details: Some(|of| Ok(details(of.index.near(of.cluster, of.pod), of.node, of.pod))),
    ..Entry::NONE
};

fn configure(args: &mut Args, given: Arguments<'_>) -> Result<(), Error> {
    args.interpod = interpod(&given.typed()?, given.path)?;
    Ok(())
}

fn interpod(raw: &raw::InterPodAffinityArgs, path: &str) -> Result<InterPodArgs, Error> {
    let weight = raw.hard_pod_affinity_weight.unwrap_or(1);
    if !(0..=100).contains(&weight) {
        return Err(wrong(format!("{path}.hardPodAffinityWeight"), format!("{weight} is not in 0 to 100")));
    }
    Ok(InterPodArgs {
        hard_pod_affinity_weight: weight,
        ignore_preferred_terms_of_existing_pods: raw.ignore_preferred_terms_of_existing_pods,
    })
}

/// For each domain of a topology, something of it.
type ByDomain<T> = HashMap<String, T>;

/// What bound pods have to do with a pod, by domain: found once for all nodes.
#[derive(Default)]
pub(super) struct Near {
    /// For each term that wants pods near: where there are pods that all terms mean, and the first pod that this one means.
    by_all: Vec<ByDomain<()>>,
    by_this: Vec<ByDomain<String>>,
    /// The pod is the first of a group that wants to be near itself: it may go to any node that has the labels.
    is_first: bool,
    /// For each term that wants pods away: the first pod that it means.
    unwanted: Vec<ByDomain<String>>,
    /// By topology: what is said of the first pod that keeps this one away.
    keeps_away: HashMap<String, ByDomain<String>>,
}

impl Cluster {
    /// Looks at all bound pods.
    pub(super) fn near(&self, pod: &Pod) -> Near {
        let (wanted, unwanted) = (wanted(pod), unwanted(pod));
        let by_wanted: Vec<_> = wanted.iter().map(|term| self.meant_by(term, pod)).collect();
        let by_unwanted: Vec<_> = unwanted.iter().map(|term| self.meant_by(term, pod)).collect();
        let by_all = |other: &Pod| by_wanted.iter().all(|means| means(other));
        let mut near = Near {
            by_all: wanted.iter().map(|_| HashMap::new()).collect(),
            by_this: wanted.iter().map(|_| HashMap::new()).collect(),
            is_first: by_all(pod),
            unwanted: unwanted.iter().map(|_| HashMap::new()).collect(),
            keeps_away: HashMap::new(),
        };
        for (key, other, there) in self.bound() {
            let domain = |term: &PodAffinityTerm| there.metadata.labels.get(&term.topology_key);
            let all_mean = by_all(other);
            for (at, term) in wanted.iter().enumerate() {
                let Some(domain) = domain(term) else { continue };
                if all_mean {
                    near.by_all[at].insert(domain.clone(), ());
                    near.is_first = false;
                }
                if by_wanted[at](other) {
                    least(&mut near.by_this[at], domain, key);
                }
            }
            for (at, term) in unwanted.iter().enumerate() {
                if let Some(domain) = domain(term).filter(|_| by_unwanted[at](other)) {
                    least(&mut near.unwanted[at], domain, key);
                }
            }
            for term in self::unwanted(other) {
                if let Some(domain) = domain(term).filter(|_| self.meant_by(term, other)(pod)) {
                    let text = format!("{key} in {} keeps away pods of {}", here(term, there), pods_of(term, other));
                    least(near.keeps_away.entry(term.topology_key.clone()).or_default(), domain, &text);
                }
            }
        }
        near
    }

    fn bound(&self) -> Vec<(&str, &Pod, &Node)> {
        let node = |name: &Arc<str>| match &**self.store().objects.get(Kind::Node, "", name)? {
            Object::Node(node) => Some(&**node),
            _ => None,
        };
        let nodes: Vec<Option<&Node>> = self.compiler().node_names.iter().map(node).collect();
        let pods = self.store().pods.iter();
        pods.filter_map(|entry| Some((&*entry.key, &*entry.pod, (*nodes.get(entry.row?.1.at())?)?))).collect()
    }

    /// Whether a term of `owner` means a pod.
    fn meant_by<'c>(&'c self, term: &'c PodAffinityTerm, owner: &'c Pod) -> impl Fn(&Pod) -> bool + 'c {
        let [of_pods, of_namespaces] =
            [&term.label_selector, &term.namespace_selector].map(|s| Selector::new(s.as_ref(), ""));
        let own = term.namespaces.is_empty() && term.namespace_selector.is_none();
        let none = StringMap::new();
        move |other| {
            let namespace = &other.metadata.namespace;
            let labels =
                || self.store().objects.get(Kind::Namespace, "", namespace).map(|found| &found.metadata().labels);
            of_pods.as_ref().is_ok_and(|selector| selector.matches(&other.metadata.labels))
                && (own && *namespace == owner.metadata.namespace
                    || term.namespaces.contains(namespace)
                    || of_namespaces.as_ref().is_ok_and(|selector| selector.matches(labels().unwrap_or(&none))))
        }
    }
}

/// Which terms find no pod near a node, or one too near.
fn details(near: &Near, node: &Node, pod: &Pod) -> Vec<String> {
    let domain = |key: &String| node.metadata.labels.get(key);
    let mut out = missed(near, node, pod);
    for (term, found) in unwanted(pod).iter().zip(&near.unwanted) {
        if let Some(other) = domain(&term.topology_key).and_then(|domain| found.get(domain)) {
            out.push(format!("{} has {other} of {}", here(term, node), pods_of(term, pod)));
        }
    }
    let keeps_away = near.keeps_away.iter().filter_map(|(key, found)| found.get(domain(key)?));
    out.extend(keeps_away.min().cloned());
    out
}

/// Which of the terms that want pods near find none.
fn missed(near: &Near, node: &Node, pod: &Pod) -> Vec<String> {
    let terms = wanted(pod);
    // Without the label a node is in no domain, so that nothing can be near it.
    let lacking = terms.iter().filter(|term| !node.metadata.labels.contains_key(&term.topology_key));
    let mut out: Vec<String> = lacking.map(|term| format!("the node has no label {}", term.topology_key)).collect();
    out.dedup();
    if !out.is_empty() || near.is_first {
        return out;
    }
    for (at, term) in terms.iter().enumerate() {
        let key = &term.topology_key;
        let domain = node.metadata.labels.get(key).map_or("", String::as_str);
        // Only pods that all terms mean count.
        if near.by_all[at].contains_key(domain) {
            continue;
        }
        let (here, pods) = (here(term, node), pods_of(term, pod));
        out.push(match near.by_this[at].get(domain).filter(|_| terms.len() > 1) {
            _ if term.label_selector.is_none() => {
                format!("the term for {key} has no labelSelector, so it means no pod")
            }
            Some(other) => format!("{other} of {pods} in {here} is not meant by every term"),
            None => format!("no pod of {pods} in {here}"),
        });
    }
    out
}

/// Keeps the first by name.
fn least(of: &mut ByDomain<String>, domain: &str, text: &str) {
    match of.get_mut(domain) {
        Some(known) if known.as_str() <= text => {}
        Some(known) => text.clone_into(known),
        None => drop(of.insert(domain.to_owned(), text.to_owned())),
    }
}

fn wanted(pod: &Pod) -> &[PodAffinityTerm] {
    required(pod.spec.affinity.as_ref().and_then(|affinity| affinity.pod_affinity.as_ref()))
}

fn unwanted(pod: &Pod) -> &[PodAffinityTerm] {
    required(pod.spec.affinity.as_ref().and_then(|affinity| affinity.pod_anti_affinity.as_ref()))
}

fn required(affinity: Option<&PodAffinity>) -> &[PodAffinityTerm] {
    affinity.map_or(&[], |affinity| &affinity.required)
}

/// The node's domain in the term's topology; only asked where the node has the label.
fn here(term: &PodAffinityTerm, node: &Node) -> String {
    let domain = node.metadata.labels.get(&term.topology_key).map_or("", String::as_str);
    format!("{} {domain}", text::short(&term.topology_key))
}

/// The pods that a term of `owner` means, with the namespaces that are looked at where these are not just the owner's.
fn pods_of(term: &PodAffinityTerm, owner: &Pod) -> String {
    let pods = text::selector(term.label_selector.as_ref());
    let listed = match &term.namespaces[..] {
        [] => None,
        [own] if *own == owner.metadata.namespace && term.namespace_selector.is_none() => None,
        [only] => Some(format!("of namespace {only}")),
        several => Some(format!("of namespaces {}", several.join(", "))),
    };
    let selected = term.namespace_selector.as_ref().map(|selector| {
        let is_empty = selector.match_labels.is_empty() && selector.match_expressions.is_empty();
        let labels = text::selector(Some(selector));
        if is_empty { "of any namespace".to_owned() } else { format!("of namespaces that match {labels}") }
    });
    match (listed, selected) {
        (None, None) => pods,
        (Some(only), None) | (None, Some(only)) => format!("{pods} {only}"),
        (Some(listed), Some(selected)) => format!("{pods} {listed} or {selected}"),
    }
}
