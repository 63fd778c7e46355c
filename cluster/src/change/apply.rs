//! Carrying a change out.

use std::collections::BTreeMap;

use super::{Change, Label, Nodes, Resize, Taint as Taints, add_nodes};
use crate::error::{Error, ErrorKind};
use crate::labels::{is_label_value, is_qualified_name};
use crate::objects::{Condition, Node, Object, ResourceList, Taint};
use crate::quantity::Quantity;
use crate::read::Input;
use crate::simulate::{Applied, DrainOptions, DrainReport, Simulation};

/// What came of changes that say something.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Carried {
    /// What came of each object that was applied.
    pub applied: Vec<Applied>,
    /// Drains.
    pub drains: Vec<DrainReport>,
    /// What is to be known of manifests.
    pub warnings: Vec<String>,
    /// What of them plays no part.
    pub left_out: Vec<String>,
}

impl Change {
    /// Makes the change. What the cluster does about it is played afterwards; only a drain plays itself.
    ///
    /// # Errors
    /// Where it means nothing that is there, or a server refuses it; names the change.
    pub fn apply(&self, simulation: &mut Simulation, carried: &mut Carried) -> Result<(), Error> {
        let is_said = |error: &Error| !error.source_name().is_empty() || !error.object().is_empty();
        self.carry_out(simulation, carried)
            .map_err(|error| if is_said(&error) { error } else { error.in_object(self.to_string()) })
    }

    fn carry_out(&self, simulation: &mut Simulation, carried: &mut Carried) -> Result<(), Error> {
        let select = |simulation: &Simulation, nodes: &Nodes| nodes.select(simulation.cluster());
        match self {
            Change::WithoutNodes(nodes) => {
                select(simulation, nodes)?.iter().try_for_each(|node| simulation.remove_node(node))
            }
            Change::UnreachableNodes(nodes) => change(simulation, nodes, |node| {
                let conditions = &mut node.status.conditions;
                conditions.retain(|condition| condition.kind != "Ready");
                let (kind, status) = ("Ready".to_owned(), "Unknown".to_owned());
                conditions.push(Condition { kind, status, ..Condition::default() });
            }),
            Change::Drain(drain) => {
                let nodes = select(simulation, &drain.nodes)?;
                let options = DrainOptions {
                    ignore_daemon_sets: drain.ignore_daemonsets,
                    delete_empty_dir_data: drain.delete_emptydir_data,
                    force: drain.force,
                    timeout: Some(drain.timeout),
                };
                let names: Vec<&str> = nodes.iter().map(String::as_str).collect();
                carried.drains.push(simulation.drain(&names, options)?);
                Ok(())
            }
            Change::Cordon(nodes) => change(simulation, nodes, |node| node.spec.unschedulable = true),
            Change::Uncordon(nodes) => change(simulation, nodes, |node| node.spec.unschedulable = false),
            Change::Taint(taints) => taints.apply(simulation),
            Change::Label(label) => label.apply(simulation),
            Change::AddNodes(add) => {
                for (node, csi) in add.nodes(simulation.cluster())? {
                    simulation.put_node(node)?;
                    if let Some(csi) = csi {
                        simulation.cluster_mut().upsert(Object::from(csi))?;
                    }
                }
                Ok(())
            }
            Change::ResizeNodes(Resize { nodes, resources }) => {
                let sizes = amounts(resources)?;
                change(simulation, nodes, |node| add_nodes::resize(node, &sizes))
            }
            Change::Scale(scale) => scale.apply(simulation),
            Change::SetRequests(set) => set.apply(simulation),
            Change::Delete(delete) => delete.apply(simulation),
            Change::Apply(manifests) => {
                let input = manifests.read()?;
                note(&input, carried);
                let before = carried.applied.len();
                carried.applied.extend(simulation.apply(input.objects)?);
                carried.left_out.extend(simulation.refused_for_now(&carried.applied[before..])?);
                Ok(())
            }
            Change::KubernetesVersion(version) => simulation.become_version(version.parse()?),
            Change::Config(config) if config.is_string() => {
                let hint = "read the file, and give what it holds";
                Err(Error::new(ErrorKind::Unsupported, "a configuration is not a name").hint(hint))
            }
            Change::Config(config) => simulation.become_configured(config.clone()),
        }
    }
}

fn note(input: &Input, carried: &mut Carried) {
    carried.warnings.extend(input.warnings.iter().cloned());
    carried.left_out.extend(input.left_out());
}

fn change(simulation: &mut Simulation, nodes: &Nodes, mut change: impl FnMut(&mut Node)) -> Result<(), Error> {
    let nodes = nodes.select(simulation.cluster())?;
    nodes.iter().try_for_each(|node| simulation.change_node(node, &mut change))
}

/// Amounts by resource.
pub(super) fn amounts(texts: &BTreeMap<String, String>) -> Result<ResourceList, Error> {
    let one = |(name, text): (&String, &String)| {
        let amount: Quantity = text.parse().map_err(|_| {
            Error::input(format!("`{text}` is no quantity")).at(name.clone()).hint("write it as in 500m, 16 or 64Gi")
        })?;
        if amount.is_negative() {
            return Err(Error::input(format!("`{text}` is less than nothing")).at(name.clone()));
        }
        Ok((name.clone(), amount))
    };
    texts.iter().map(one).collect()
}

/// Reads `key=value:Effect` or `key:Effect`.
pub(crate) fn taint(text: &str) -> Result<Taint, Error> {
    let wrong = || {
        let hint = "write key=value:Effect, where Effect is NoSchedule, PreferNoSchedule or NoExecute";
        Error::input(format!("`{text}` is no taint")).hint(hint)
    };
    let (rest, effect) = text.rsplit_once(':').ok_or_else(wrong)?;
    let (key, value) = rest.split_once('=').unwrap_or((rest, ""));
    let is_effect = matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute");
    if !is_effect || !is_qualified_name(key) || !is_label_value(value) {
        return Err(wrong());
    }
    Ok(Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned(), time_added: None })
}

/// What becomes of the taints of a node.
type Step = Box<dyn Fn(&mut Node)>;

impl Taints {
    fn apply(&self, simulation: &mut Simulation) -> Result<(), Error> {
        let mut steps: Vec<Step> = Vec::new();
        for text in &self.taints {
            if let Some(gone) = text.strip_suffix('-') {
                let (key, effect) = gone.split_once(':').map_or((gone, None), |(key, effect)| (key, Some(effect)));
                let (key, effect) = (key.split('=').next().unwrap_or(key).to_owned(), effect.map(str::to_owned));
                steps.push(Box::new(move |node| {
                    let is_meant = |taint: &Taint| {
                        taint.key == key && effect.as_ref().is_none_or(|effect| taint.effect == *effect)
                    };
                    node.spec.taints.retain(|taint| !is_meant(taint));
                }));
            } else {
                let new = taint(text)?;
                steps.push(Box::new(move |node| {
                    node.spec.taints.retain(|taint| taint.key != new.key || taint.effect != new.effect);
                    node.spec.taints.push(new.clone());
                }));
            }
        }
        change(simulation, &self.nodes, |node| steps.iter().for_each(|step| step(node)))
    }
}

impl Label {
    fn apply(&self, simulation: &mut Simulation) -> Result<(), Error> {
        let mut labels: Vec<(&str, Option<&str>)> = Vec::new();
        for text in &self.labels {
            let (key, value) = match (text.split_once('='), text.strip_suffix('-')) {
                (Some((key, value)), _) => (key, Some(value)),
                (None, Some(key)) => (key, None),
                _ => (text.as_str(), Some("\u{0}")),
            };
            if !is_qualified_name(key) || value.is_some_and(|value| !is_label_value(value)) {
                let hint = "write key=value, or key- to take a label away";
                return Err(Error::input(format!("`{text}` is no label")).hint(hint));
            }
            labels.push((key, value));
        }
        change(simulation, &self.nodes, |node| {
            for (key, value) in &labels {
                match value {
                    Some(value) => _ = node.metadata.labels.insert((*key).to_owned(), (*value).to_owned()),
                    None => _ = node.metadata.labels.remove(*key),
                }
            }
        })
    }
}
