//! The configuration's extenders, asked through a function of the caller's that carries the requests (kube-scheduler: `extender.go`,
//! `findNodesThatPassExtenders` and `prioritizeNodes`).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bayplan_core::{Decision, Filtered, NodeId, Pick};
use serde::Deserialize;
use serde_json::{Value, json};

use super::NotApplied;
use crate::config::Extender;
use crate::custom::{CallExtender, Extended, lasting};
use crate::error::Error;
use crate::objects::{Kind, Object, Pod};
use crate::state::Cluster;
use crate::state::prepared::Prepared;

/// The node and the score, where extenders may have a say in the scores.
pub(crate) fn decide_extended(filtered: Filtered<'_, '_, '_>, prepared: &Prepared, pick: Pick) -> Decision {
    let scores = &prepared.extended.scores;
    let is_nominated = prepared.nominated.is_some() && filtered.is_feasible(prepared.nominated);
    if scores.is_empty() || filtered.feasible() <= 1 || is_nominated {
        return filtered.decide(pick);
    }
    let mut scored = filtered.score();
    scores.iter().for_each(|(_, node, score)| scored.add(*node, *score));
    scored.pick(pick)
}

/// An answer to a filter's request. Go's reader does not look at the case of names, and neither does this.
#[derive(Default, Deserialize)]
#[serde(default)]
struct FilterResult {
    nodes: Option<Value>,
    nodenames: Option<Vec<String>>,
    failednodes: Option<BTreeMap<String, String>>,
    failedandunresolvablenodes: Option<BTreeMap<String, String>>,
    error: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HostPriority {
    host: String,
    score: i64,
}

/// The highest score of a plugin over the highest of an extender.
const SCALE: i64 = 10;

impl Cluster {
    /// Who carries the requests of the configuration's extenders from now on; nobody asks them where there is none, and decisions then say that they were
    /// not applied. Forks have it too.
    pub fn set_extender_calls(&mut self, calls: Option<Arc<dyn CallExtender>>) {
        self.extender_calls = calls;
    }

    /// Asks the extenders that a pod concerns; nothing where none is asked. With an error one of them fails that may not be ignored.
    pub(crate) fn extended(&mut self, pod: &Pod, prepared: &Prepared) -> Result<Result<Extended, String>, Error> {
        let Some(calls) = self.extender_calls.clone() else { return Ok(Ok(Extended::default())) };
        let config = self.compiler().config.clone();
        let extenders: Vec<&Extender> = config.extenders.iter().filter(|extender| extender.concerns(pod)).collect();
        if extenders.is_empty() {
            return Ok(Ok(Extended::default()));
        }
        let mut nodes: Vec<NodeId> = self.ask(prepared, |cycle| Ok(cycle.filter()?.feasible_nodes().collect()))?;
        // The nominated node is looked at by itself, and taken where it passes.
        if nodes.contains(&prepared.nominated) {
            let mut nominated = vec![prepared.nominated];
            match self.filtered(&*calls, &extenders, pod, &mut nominated) {
                Ok(_) if !nominated.is_empty() => return Ok(Ok(Extended::default())),
                _ => {}
            }
        }
        let mut all = match self.filtered(&*calls, &extenders, pod, &mut nodes) {
            Ok(all) => all,
            Err(fault) => return Ok(Err(fault)),
        };
        if nodes.len() > 1 {
            for extender in extenders.iter().filter(|extender| extender.verb("prioritize").is_some()) {
                // An error means that the extender has no say.
                let answer = self.send(&*calls, extender, "prioritize", pod, &nodes);
                let Ok(list) = answer.and_then(lower::<Vec<HostPriority>>) else { continue };
                let name = lasting(&extender.url);
                let scores = list.iter().filter_map(|of| {
                    let node = self.node_id(&of.host).filter(|node| nodes.binary_search(node).is_ok())?;
                    Some((name, node, of.score.saturating_mul(extender.weight).saturating_mul(SCALE)))
                });
                all.scores.extend(scores);
            }
        }
        Ok(Ok(all))
    }

    /// Has the filters of extenders look at nodes, one after the other; `nodes`, in node order, are those that pass, in the end.
    fn filtered(
        &self,
        calls: &dyn CallExtender,
        extenders: &[&Extender],
        pod: &Pod,
        nodes: &mut Vec<NodeId>,
    ) -> Result<Extended, String> {
        let mut all = Extended::default();
        for extender in extenders.iter().filter(|extender| extender.verb("filter").is_some()) {
            if nodes.is_empty() {
                break;
            }
            let answer = self.send(calls, extender, "filter", pod, nodes).and_then(|answer| {
                let answer: FilterResult = lower(answer)?;
                if answer.error.is_empty() { Ok(answer) } else { Err(answer.error) }
            });
            let passed = answer.and_then(|answer| Ok((self.passed(extender, &answer, nodes)?, answer)));
            let (mut passed, answer) = match passed {
                Ok(passed) => passed,
                Err(_) if extender.ignorable => continue,
                Err(fault) => return Err(fault),
            };
            passed.sort_unstable();
            let passes = |node: &NodeId| passed.binary_search(node).is_ok();
            let (failed, unresolvable) = (answer.failednodes, answer.failedandunresolvablenodes);
            for node in nodes.iter().filter(|node| !passes(node)) {
                let name = &*self.compiler().node_names[node.at()];
                let words =
                    |list: &Option<BTreeMap<String, String>>| Some(Arc::from(list.as_ref()?.get(name)?.as_str()));
                let verdict = match (words(&unresolvable), words(&failed)) {
                    (Some(words), _) => (Some(words), true),
                    (None, Some(words)) => (Some(words), false),
                    // kube-scheduler has no status for it: it is counted with no reason.
                    (None, None) => (None, true),
                };
                all.rejected.insert(*node, verdict);
            }
            nodes.retain(passes);
        }
        Ok(all)
    }

    /// Whether somebody beside the rules of kube-scheduler is asked of a pod, who may look at anything: plugins of the caller's own, extenders.
    pub(crate) fn asks_others(&self, pod: &Pod) -> bool {
        let compiler = self.compiler();
        let mut extenders = compiler.config.extenders.iter();
        !compiler.plugins.is_empty()
            || self.extender_calls.is_some() && extenders.any(|extender| extender.concerns(pod))
    }

    /// What is to be said where preemption is weighed for a pod that extenders concern.
    pub(crate) fn not_asked_by_preemption(&self, pod: &Pod, prepared: &Prepared) -> Option<NotApplied> {
        let extenders = &self.compiler().config.extenders;
        let mut asked = extenders.iter().filter(|extender| self.extender_calls.is_some() && extender.concerns(pod));
        let is_left_out = prepared.extended.rejected.values().any(|(_, is_unresolvable)| !is_unresolvable);
        if let Some(plugin) = self.compiler().plugins.iter().find(|plugin| plugin.is_filter()) {
            return Some(NotApplied {
                rule: plugin.name().to_owned(),
                why: "preemption does not ask it again without the victims".to_owned(),
            });
        }
        (asked.any(|extender| extender.verb("preempt").is_some()) || is_left_out).then(|| NotApplied {
            rule: "extenders".to_owned(),
            why: "preemption does not ask extenders, and leaves out nodes that they reject".to_owned(),
        })
    }

    /// The nodes that pass by an answer.
    fn passed(&self, extender: &Extender, answer: &FilterResult, nodes: &[NodeId]) -> Result<Vec<NodeId>, String> {
        if let (true, Some(names)) = (extender.node_cache_capable, &answer.nodenames) {
            let known = |name: &String| {
                self.node_id(name).filter(|node| nodes.binary_search(node).is_ok()).ok_or_else(|| {
                    format!(
                        "extender {:?} claims a filtered node {name:?} which is not found in the input node list",
                        extender.url
                    )
                })
            };
            return names.iter().map(known).collect();
        }
        let items = answer.nodes.as_ref().and_then(|list| list.get("items")).and_then(Value::as_array);
        let names = items.into_iter().flatten().filter_map(|node| node.get("metadata")?.get("name")?.as_str());
        Ok(names.filter_map(|name| self.node_id(name)).filter(|node| nodes.binary_search(node).is_ok()).collect())
    }

    fn send(
        &self,
        calls: &dyn CallExtender,
        extender: &Extender,
        verb: &str,
        pod: &Pod,
        nodes: &[NodeId],
    ) -> Result<Value, String> {
        let names: Vec<&str> = nodes.iter().map(|node| &*self.compiler().node_names[node.at()]).collect();
        let body = if extender.node_cache_capable {
            json!({ "Pod": pod, "Nodes": null, "NodeNames": names })
        } else {
            let objects = names.iter().filter_map(|name| match &**self.store().objects.get(Kind::Node, "", name)? {
                Object::Node(node) => serde_json::to_value(node).ok(),
                _ => None,
            });
            json!({ "Pod": pod, "Nodes": { "metadata": {}, "items": objects.collect::<Vec<_>>() }, "NodeNames": null })
        };
        let url = format!("{}/{}", extender.url.trim_end_matches('/'), extender.verb(verb).unwrap_or_default());
        let answer = calls.call(&url, body.to_string().as_bytes())?;
        serde_json::from_slice(&answer).map_err(|error| error.to_string())
    }
}

/// Reads an answer whatever the case of its own names; what is inside `nodes` and the maps by node stays as it is.
fn lower<T: for<'de> Deserialize<'de>>(answer: Value) -> Result<T, String> {
    let fields = |value: Value| match value {
        Value::Object(fields) => {
            let fields: HashMap<String, Value> =
                fields.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
            fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
        }
        other => other,
    };
    let answer = match answer {
        Value::Array(items) => Value::Array(items.into_iter().map(fields).collect()),
        Value::Null => {
            return serde_json::from_value(Value::Array(Vec::new()))
                .or_else(|_| serde_json::from_value(json!({})))
                .map_err(|e| e.to_string());
        }
        other => fields(other),
    };
    serde_json::from_value(answer).map_err(|error| error.to_string())
}
