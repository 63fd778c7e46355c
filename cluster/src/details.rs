//! What an explanation adds to a reason: the numbers and names behind it.

use bayplan_core::NodeId;

use crate::cluster::Cluster;
use crate::decide::Asked;
use crate::error::Error;
use crate::labels::{self, Selector};
use crate::objects::{Kind, LabelSelector, Node, Object, Pod, PodAffinity, PodAffinityTerm};
use crate::requests;

impl Cluster {
    /// The numbers and names behind the first rule that rejects a node.
    pub(crate) fn details(&mut self, asked: &Asked, pod: &Pod, node: &str, rule: &str) -> Result<Vec<String>, Error> {
        let Some(id) = self.compiler.nodes.get(node).copied() else { return Ok(Vec::new()) };
        let Some(object) = self.store.get(Kind::Node, "", node).cloned() else { return Ok(Vec::new()) };
        let Object::Node(object) = &*object else { return Ok(Vec::new()) };
        Ok(match rule {
            "TaintToleration" => taints(object, pod),
            "NodeResourcesFit" => self.fit_details(id, pod)?,
            "NodeAffinity" => affinity(pod),
            "NodePorts" => ports(pod),
            "PodTopologySpread" => self.spread_details(asked, id, pod)?,
            "InterPodAffinity" => self.pod_affinity_details(object, pod),
            "NodeVolumeLimits" => self.limit_details(id)?,
            _ => Vec::new(),
        })
    }

    fn fit_details(&mut self, node: NodeId, pod: &Pod) -> Result<Vec<String>, Error> {
        let asked = requests::pending(pod);
        let mut out = Vec::new();
        let mut named =
            vec![("cpu", asked.milli_cpu), ("memory", asked.memory), ("ephemeral-storage", asked.ephemeral_storage)];
        named.extend(asked.scalar.iter().map(|(name, amount)| (name.as_str(), *amount)));
        named.push(("pods", 1));
        for (name, amount) in named.into_iter().filter(|(_, amount)| *amount > 0) {
            let resource = self.compiler.resources.id(&mut self.compiler.table, name)?;
            let (all, used) = self.compiler.table.run(|s| s.tables.amounts(node, resource))?;
            if amount > all.wrapping_sub(used) {
                let show = |value: i64| if name == "cpu" { format!("{value}m") } else { value.to_string() };
                out.push(format!("{name}: {} asked for, {} of {} taken", show(amount), show(used), show(all)));
            }
        }
        Ok(out)
    }

    fn spread_details(&mut self, asked: &Asked, node: NodeId, pod: &Pod) -> Result<Vec<String>, Error> {
        let mut rows = Vec::new();
        self.ask(asked, |s, request| {
            rows.clear();
            s.spread_numbers(request, node, &mut |numbers| rows.push(numbers))
        })?;
        let hard: Vec<_> =
            pod.spec.topology_spread_constraints.iter().filter(|c| c.when_unsatisfiable == "DoNotSchedule").collect();
        let mut out = Vec::new();
        for row in rows {
            let constraint = hard.get(row.constraint as usize);
            let key = self.compiler.keys.iter().find(|(_, id)| **id == row.key).map_or("", |(key, _)| key.as_str());
            if !row.domain.is_some() {
                out.push(format!("the node has no label {key}"));
                break;
            }
            let own = i64::from(row.counts_itself);
            if row.here + own - row.least > i64::from(row.max_skew) {
                let domain = self.compiler.strings.name(row.domain);
                let pods = constraint.map_or("its like".to_owned(), |c| selector_text(c.label_selector.as_ref()));
                out.push(format!(
                    "{} {domain} has {} of {pods}, the lowest {key} {}, maxSkew {}",
                    short(key),
                    row.here,
                    row.least,
                    row.max_skew
                ));
                break;
            }
        }
        Ok(out)
    }

    /// Which terms find no pod near, or one too near.
    fn pod_affinity_details(&self, node: &Node, pod: &Pod) -> Vec<String> {
        let domain = |term: &PodAffinityTerm| node.metadata.labels.get(&term.topology_key);
        let here = |term: &PodAffinityTerm| {
            format!("{} {}", short(&term.topology_key), domain(term).map_or("(no label)", String::as_str))
        };
        let affinity = pod.spec.affinity.as_ref();
        let required = |affinity: Option<&PodAffinity>| affinity.map_or(&[][..], |a| &a.required).to_vec();
        let mut out = Vec::new();
        for term in required(affinity.and_then(|a| a.pod_affinity.as_ref())) {
            if self.matching(&term, pod, node).is_none() {
                out.push(format!("no pod of {} in {}", selector_text(term.label_selector.as_ref()), here(&term)));
            }
        }
        for term in required(affinity.and_then(|a| a.pod_anti_affinity.as_ref())) {
            if let Some(other) = self.matching(&term, pod, node) {
                let pods = selector_text(term.label_selector.as_ref());
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
                    selector_text(term.label_selector.as_ref())
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

    fn limit_details(&mut self, node: NodeId) -> Result<Vec<String>, Error> {
        let mut out = Vec::new();
        for (name, number) in self.compiler.driver_names.clone().iter().zip(0..) {
            let driver = bayplan_core::DriverId(number);
            let (used, limit) = self.compiler.table.run(|s| s.tables.driver_on(node, driver))?;
            if let Some(limit) = limit {
                out.push(format!("{name}: {used} of at most {limit} volumes"));
            }
        }
        Ok(out)
    }
}

fn taints(node: &Node, pod: &Pod) -> Vec<String> {
    labels::untolerated(&node.spec.taints, &pod.spec.tolerations)
        .map(|t| {
            let value = if t.value.is_empty() { String::new() } else { format!("={}", t.value) };
            format!("taint {}{value}:{} is not tolerated", t.key, t.effect)
        })
        .into_iter()
        .collect()
}

fn affinity(pod: &Pod) -> Vec<String> {
    let selector: Vec<String> = pod.spec.node_selector.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let mut out = Vec::new();
    if !selector.is_empty() {
        out.push(format!("nodeSelector {}", selector.join(",")));
    }
    let required = pod.spec.affinity.as_ref().and_then(|a| a.node_affinity.as_ref()?.required.as_ref());
    for term in required.iter().flat_map(|r| &r.node_selector_terms) {
        let all = term.match_expressions.iter().chain(&term.match_fields);
        let texts: Vec<String> = all.map(|r| requirement_text(&r.key, &r.operator, &r.values)).collect();
        out.push(format!("affinity {}", texts.join(", ")));
    }
    out
}

fn ports(pod: &Pod) -> Vec<String> {
    let ports = pod.spec.containers.iter().flat_map(|c| &c.ports).filter(|p| p.host_port > 0);
    let texts: Vec<String> =
        ports.map(|p| format!("{}/{}", p.host_port, if p.protocol.is_empty() { "TCP" } else { &p.protocol })).collect();
    if texts.is_empty() { Vec::new() } else { vec![format!("host ports {}", texts.join(", "))] }
}

fn requirement_text(key: &str, operator: &str, values: &[String]) -> String {
    match operator {
        "Exists" => key.to_owned(),
        "DoesNotExist" => format!("!{key}"),
        "In" if values.len() == 1 => format!("{key}={}", values[0]),
        "In" | "NotIn" => format!("{key} {} ({})", operator.to_lowercase(), values.join(",")),
        _ => format!("{key} {operator} {}", values.join(",")),
    }
}

/// A selector as kubectl writes it.
fn selector_text(selector: Option<&LabelSelector>) -> String {
    let Some(selector) = selector else { return "no pods".to_owned() };
    let equal = selector.match_labels.iter().map(|(key, value)| format!("{key}={value}"));
    let others = selector.match_expressions.iter().map(|r| requirement_text(&r.key, &r.operator, &r.values));
    let texts: Vec<String> = equal.chain(others).collect();
    if texts.is_empty() { "any label".to_owned() } else { texts.join(",") }
}

/// A topology key as people say it.
fn short(key: &str) -> &str {
    match key.rsplit('/').next() {
        Some("hostname") => "node",
        Some(last) => last,
        None => key,
    }
}
