//! Which claims of a pod a node cannot serve: their volumes lie elsewhere, or none can be had.

use bayplan_core::NodeId;

use super::text;
use crate::attachable;
use crate::cluster::{Cluster, key_of};
use crate::decide::Asked;
use crate::error::Error;
use crate::labels::NodeSelector;
use crate::objects::{CsiNode, Kind, Node, Object, PersistentVolume, PersistentVolumeClaim, Pod, TopologySelectorTerm};
use crate::volumes::{Plan, STORAGE, WaitingClaim, announces, claim_names, class_of_claim};

impl Cluster {
    /// The claims that VolumeBinding rejects the node for.
    pub(super) fn binding_details(
        &mut self,
        asked: &Asked,
        id: NodeId,
        node: &Node,
        pod: &Pod,
    ) -> Result<Vec<String>, Error> {
        let mut out = self.bound_details(id, node, pod)?;
        // A claim that cannot be met takes nothing from those after it.
        let mut met: Vec<WaitingClaim> = Vec::new();
        for claim in &asked.plan.waiting {
            if self.are_met(asked, id, [&met[..], std::slice::from_ref(claim)].concat())? {
                met.push(claim.clone());
            } else {
                out.push(self.waiting_text(asked, id, node, claim)?);
            }
        }
        Ok(out)
    }

    /// The claims that have a volume which cannot be reached from the node, or is not there.
    fn bound_details(&mut self, id: NodeId, node: &Node, pod: &Pod) -> Result<Vec<String>, Error> {
        let namespace = &pod.metadata.namespace;
        let mut out = Vec::new();
        for (name, _) in claim_names(pod) {
            let Some(volume_name) = self.claim(namespace, &name).map(|claim| claim.spec.volume_name.clone()) else {
                continue;
            };
            if volume_name.is_empty() {
                continue;
            }
            let claim = key_of(namespace, &name);
            let Some(volume) = self.volume(&volume_name).cloned() else {
                // What comes after a volume that is lost is not looked at; what cannot be reached before it counts first.
                if out.is_empty() {
                    out.push(format!("claim {claim}: volume {volume_name} is not there"));
                }
                break;
            };
            if !self.reaches(&volume, id)? {
                out.push(format!("claim {claim}: volume {volume_name} {}", self.place_of(&volume, node)));
            }
        }
        Ok(out)
    }

    fn reaches(&mut self, volume: &PersistentVolume, node: NodeId) -> Result<bool, Error> {
        let row = self.volume_row(volume)?;
        self.compiler.table.run(|s| s.tables().reaches(row, node))
    }

    /// For which nodes the volume is: what this one lacks.
    fn place_of(&self, volume: &PersistentVolume, node: &Node) -> String {
        let csi_node: Option<&CsiNode> =
            match self.store.objects.get(Kind::CSINode, "", &node.metadata.name).map(|o| &**o) {
                Some(Object::CSINode(csi_node)) => Some(csi_node),
                _ => None,
            };
        // Where a driver has taken the volume over, its own topology counts.
        let taken_over = attachable::taken_over(volume).filter(|(old, _)| announces(csi_node, old));
        let required = volume.spec.node_affinity.as_ref().and_then(|affinity| affinity.required.as_ref());
        let selector = taken_over.map(|(_, selector)| selector).or_else(|| required.cloned()).unwrap_or_default();
        let terms = NodeSelector::lenient(&selector).terms;
        format!("is for {}", nodes_of(terms.iter().map(|term| text::unmet_labels(&term.labels, node))))
    }

    /// Whether these claims alone could all be met on the node.
    fn are_met(&mut self, asked: &Asked, node: NodeId, claims: Vec<WaitingClaim>) -> Result<bool, Error> {
        let mut only = asked.clone();
        only.plan = Plan::of_waiting(claims);
        let mut met = false;
        self.ask(&only, |s, request| {
            met = false;
            s.cycle(request)?.volumes_on(node, &mut |_, _| met = true)
        })?;
        Ok(met)
    }

    /// Why a claim that waits for the pod's node gets nothing on this one.
    fn waiting_text(
        &mut self,
        asked: &Asked,
        id: NodeId,
        node: &Node,
        waiting: &WaitingClaim,
    ) -> Result<String, Error> {
        let (namespace, name) = waiting.name.split_once('/').unwrap_or_default();
        let Some(claim) = self.claim(namespace, name).cloned() else { return Ok(format!("claim {name} is not there")) };
        let claim_text = claim_text(&claim);
        if waiting.selected.is_some() {
            let selected = self.compiler.strings.name(waiting.selected);
            if selected != node.metadata.name {
                return Ok(format!("{claim_text}: its volume is being made for node {selected}"));
            }
        }
        let found = match (&waiting.reserved_names[..], &waiting.names[..]) {
            _ if waiting.selected.is_some() => "its volume is being made for this node".to_owned(),
            ([own, ..], _) => self.one_text(own, "which is reserved for it,", id, node)?,
            ([], []) => "no free volume fits it".to_owned(),
            ([], [only]) => self.one_text(only, "the only free one that fits it,", id, node)?,
            ([], several) => format!("none of the {} free volumes that fit it can be had here", several.len()),
        };
        let class_name = class_of_claim(&claim).to_owned();
        let made = if waiting.makes.is_none() {
            if self.class(&class_name).is_none() { "its class is not there" } else { "the class makes none" }.to_owned()
        } else if self.are_met(asked, id, vec![waiting.to_make_anywhere()])? {
            "the driver has no room for a new one here".to_owned()
        } else {
            let allowed = self.class(&class_name).map_or(&[][..], |class| &class.allowed_topologies);
            let nodes = nodes_of(allowed.iter().map(|term| not_allowed(term, node)));
            format!("the class makes one only for {nodes}")
        };
        Ok(format!("{claim_text}: {found}, and {made}"))
    }

    /// Why the one volume that a claim could have is not to be had on the node.
    fn one_text(&mut self, name: &str, what: &str, id: NodeId, node: &Node) -> Result<String, Error> {
        let Some(volume) = self.volume(name).cloned() else { return Ok(format!("volume {name} is not there")) };
        Ok(if self.reaches(&volume, id)? {
            format!("volume {name}, {what} goes to another claim of the pod")
        } else {
            format!("volume {name}, {what} {}", self.place_of(&volume, node))
        })
    }
}

/// A claim with its class and how much it asks for.
pub(super) fn claim_text(claim: &PersistentVolumeClaim) -> String {
    let class = match class_of_claim(claim) {
        "" => "no class".to_owned(),
        class => format!("class {class}"),
    };
    let size = claim.spec.resources.requests.get(STORAGE).map_or(String::new(), |size| format!(", {size}"));
    format!("claim {} ({class}{size})", key_of(&claim.metadata.namespace, &claim.metadata.name))
}

/// The nodes that something is for, by the requirements of each term that this one does not meet.
fn nodes_of(terms: impl Iterator<Item = Vec<String>>) -> String {
    let terms: Vec<String> = terms.map(|unmet| unmet.join(",")).collect();
    if terms.is_empty() { "no node".to_owned() } else { format!("nodes of {}", terms.join(" or ")) }
}

/// The labels for which a class makes volumes and that the node lacks.
fn not_allowed(term: &TopologySelectorTerm, node: &Node) -> Vec<String> {
    let unmet = term.match_label_expressions.iter().filter(|wanted| {
        let value = node.metadata.labels.get(&wanted.key);
        value.is_none_or(|value| !wanted.values.contains(value))
    });
    unmet.map(|wanted| text::one_of(&wanted.key, &wanted.values)).collect()
}
