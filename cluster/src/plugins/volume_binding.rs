//! VolumeBinding: claims that are bound, or wait for the pod's node.

use bayplan_core::NodeId;
use bayplan_core::plugins::volume_binding::{NO_SPACE, NO_SUCH_VOLUME, NONE_TO_BIND, NOT_REACHABLE};

use super::arguments::shape;
use super::details::{Details, claim_details, claim_text};
use super::{Arguments, Entry, PreFilterStatus, Text, filters, scores, text};
use crate::compile::Own;
use crate::config::{Args, Plugin, Point, ShapePoint, raw, wrong};
use crate::csi_migration;
use crate::error::Error;
use crate::labels::NodeSelector;
use crate::objects::{CsiNode, Kind, Node, Object, PersistentVolume, Pod, TopologySelectorTerm};
use crate::state::prepared::Prepared;
use crate::state::storage::{
    BIND_COMPLETED, ClaimPlan, WaitingClaim, announces, claim_names, class_of_claim, not_owned, owned_by,
};
use crate::state::{Cluster, key_of};
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point) || scores(point) || matches!(point, Point::Reserve | Point::PreBind),
    by_default: |_| Some(None),
    configure: Some(configure),
    texts: &[
        (NOT_REACHABLE, Text::Is("node(s) didn't match PersistentVolume's node affinity")),
        (NO_SUCH_VOLUME, Text::Is("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)")),
        (NONE_TO_BIND, Text::Is("node(s) didn't find available persistent volumes to bind")),
        (NO_SPACE, Text::Is("node(s) did not have enough free storage")),
    ],
    pre_filter: Some(pre_filter),
    pre_filter_details: Some(|cluster, pod| claim_details(cluster, pod, Plugin::VolumeBinding)),
    details: Some(details),
    ..Entry::NONE
};

fn configure(args: &mut Args, given: Arguments<'_>) -> Result<(), Error> {
    if let Some(shape) = volume_binding(given.typed()?, given.version, given.path)? {
        args.volume_shape = Some(shape);
    }
    Ok(())
}

/// The shape; `None` leaves the default.
fn volume_binding(raw: raw::VolumeBindingArgs, version: Version, path: &str) -> Result<Option<Vec<ShapePoint>>, Error> {
    if let Some(seconds) = raw.bind_timeout_seconds.filter(|seconds| *seconds < 0) {
        return Err(wrong(format!("{path}.bindTimeoutSeconds"), format!("{seconds} is negative")));
    }
    let path = format!("{path}.shape");
    match raw.shape {
        None => Ok(None),
        Some(points) if version >= Version::V1_37 => {
            if points.is_empty() {
                Ok(None)
            } else {
                shape(&points, &path).map(Some)
            }
        }
        Some(_) => Err(wrong(path, "is only legal from 1.37 on")),
    }
}

/// What rejects the pod for its claims before any node is looked at.
fn pre_filter(cluster: &Cluster, pod: &Pod, _: &Own) -> Option<PreFilterStatus> {
    let rejected = |why: String| Some(PreFilterStatus::rejected(why));
    let namespace = &pod.metadata.namespace;
    for (name, ephemeral) in claim_names(pod) {
        let Some(claim) = cluster.claim(namespace, &name) else {
            return rejected(if ephemeral {
                format!("waiting for ephemeral volume controller to create the persistentvolumeclaim {name:?}")
            } else {
                format!("persistentvolumeclaim {name:?} not found")
            });
        };
        if claim.status.phase == "Lost" {
            let volume = &claim.spec.volume_name;
            return rejected(format!(
                "persistentvolumeclaim {name:?} bound to non-existent persistentvolume {volume:?}"
            ));
        }
        if claim.metadata.deletion_timestamp.is_some() {
            return rejected(format!("persistentvolumeclaim {name:?} is being deleted"));
        }
        if ephemeral && !owned_by(claim, pod) {
            return rejected(not_owned(namespace, &name, pod));
        }
    }
    let mut immediate = false;
    for (name, _) in claim_names(pod) {
        let Some(claim) = cluster.claim(namespace, &name) else { continue };
        let has_volume = !claim.spec.volume_name.is_empty();
        if has_volume && claim.metadata.annotations.contains_key(BIND_COMPLETED) {
            continue;
        }
        let class = cluster.class(class_of_claim(claim));
        match class.map(|class| class.volume_binding_mode.as_deref()) {
            Some(None) => {
                let class = class_of_claim(claim);
                return Some(PreFilterStatus::Failed(format!(
                    "running PreFilter plugin \"VolumeBinding\": VolumeBindingMode not set for StorageClass {class:?}"
                )));
            }
            Some(Some("WaitForFirstConsumer")) if !has_volume => {}
            _ => immediate = true,
        }
    }
    if immediate { rejected("pod has unbound immediate PersistentVolumeClaims".to_owned()) } else { None }
}

/// The claims for which the node is rejected.
fn details(of: &mut Details<'_>) -> Result<Vec<String>, Error> {
    of.cluster.binding_details(of.prepared, of.id, of.node, of.pod)
}

impl Cluster {
    /// The claims that VolumeBinding rejects the node for.
    pub(super) fn binding_details(
        &mut self,
        prepared: &Prepared,
        id: NodeId,
        node: &Node,
        pod: &Pod,
    ) -> Result<Vec<String>, Error> {
        let mut out = self.bound_details(id, node, pod)?;
        // A claim that cannot be met takes nothing from those after it.
        let mut met: Vec<WaitingClaim> = Vec::new();
        for claim in &prepared.plan.waiting {
            if self.are_met(prepared, id, [&met[..], std::slice::from_ref(claim)].concat())? {
                met.push(claim.clone());
            } else {
                out.push(self.waiting_text(prepared, id, node, claim)?);
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
        self.read(|t| t.reaches(row, node))
    }

    /// For which nodes the volume is: what this one lacks.
    fn place_of(&self, volume: &PersistentVolume, node: &Node) -> String {
        let csi_node: Option<&CsiNode> =
            match self.store().objects.get(Kind::CSINode, "", &node.metadata.name).map(|o| &**o) {
                Some(Object::CSINode(csi_node)) => Some(csi_node),
                _ => None,
            };
        // Where a driver has taken the volume over, its own topology counts.
        let taken_over = csi_migration::taken_over(volume).filter(|(old, _)| announces(csi_node, old));
        let required = volume.spec.node_affinity.as_ref().and_then(|affinity| affinity.required.as_ref());
        let selector = taken_over.map(|(_, selector)| selector).or_else(|| required.cloned()).unwrap_or_default();
        let terms = NodeSelector::lenient(&selector).terms;
        format!("is for {}", nodes_of(terms.iter().map(|term| text::unmet_labels(&term.labels, node))))
    }

    /// Whether these claims alone could all be met on the node.
    fn are_met(&mut self, prepared: &Prepared, node: NodeId, claims: Vec<WaitingClaim>) -> Result<bool, Error> {
        let mut only = prepared.clone();
        only.plan = ClaimPlan::of_waiting(claims);
        let mut met = false;
        self.ask(&only, |mut cycle| {
            met = false;
            cycle.volumes_on(node, &mut |_, _| met = true)
        })?;
        Ok(met)
    }

    /// Why a claim that waits for the pod's node gets nothing on this one.
    fn waiting_text(
        &mut self,
        prepared: &Prepared,
        id: NodeId,
        node: &Node,
        waiting: &WaitingClaim,
    ) -> Result<String, Error> {
        let (namespace, name) = waiting.name.split_once('/').unwrap_or_default();
        let Some(claim) = self.claim(namespace, name).cloned() else { return Ok(format!("claim {name} is not there")) };
        let claim_text = claim_text(&claim);
        if waiting.selected.is_some() {
            let selected = self.compiler().strings.name(waiting.selected);
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
        } else if self.are_met(prepared, id, vec![waiting.to_make_anywhere()])? {
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
