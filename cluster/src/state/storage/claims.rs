//! What the claims of a pod need of a node, and which volumes they are bound to there.

use std::sync::Arc;

use bayplan_core::{MAX_WAITING, NodeId, NodeSetId, Room, StrId, VolumeId, Volumes, Waiting};

use super::{NO_PROVISIONER, SELECTED_NODE, STORAGE, ZONES, claim_names, class_of_claim, requested, zones_of};
use crate::csi_migration;
use crate::error::{Error, ErrorKind};
use crate::labels::{NodeSelector, Selector};
use crate::objects::{ClaimRef, Kind, Object, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass};
use crate::quantity::Quantity;
use crate::state::prepared::Prepared;
use crate::state::{Cluster, key_of};

/// What a pod's claims need of a node, owned.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClaimPlan {
    bound: Vec<VolumeId>,
    lost: bool,
    zoned: Vec<VolumeId>,
    pub(crate) waiting: Vec<WaitingClaim>,
}

impl ClaimPlan {
    /// Has the pod no claims that count?
    pub(crate) fn is_empty(&self) -> bool {
        self.bound.is_empty() && !self.lost && self.zoned.is_empty() && self.waiting.is_empty()
    }
}

/// A claim that waits for the pod's node, owned.
#[derive(Clone, Debug)]
pub(crate) struct WaitingClaim {
    pub(crate) name: String,
    /// The node for which a volume is being made already, or none.
    pub(crate) selected: StrId,
    candidates: Vec<VolumeId>,
    /// Of the candidates.
    pub(crate) names: Vec<String>,
    reserved: Vec<VolumeId>,
    pub(crate) reserved_names: Vec<String>,
    /// Where a volume can be made, if the class makes any.
    pub(crate) makes: Option<NodeSetId>,
    rooms: Option<Vec<Room>>,
    size: i64,
    class: u32,
}

impl WaitingClaim {
    /// The claim as if no volume were there and room did not matter: where it is not met, its class makes none there.
    pub(crate) fn to_make_anywhere(&self) -> Self {
        let (candidates, reserved) = (Vec::new(), Vec::new());
        WaitingClaim { candidates, reserved, rooms: None, ..self.clone() }
    }
}

impl ClaimPlan {
    /// Runs `then` with the plan as the core takes it.
    pub(crate) fn with<R>(&self, then: impl FnOnce(Volumes<'_>) -> R) -> R {
        let waiting: Vec<Waiting<'_>> = self
            .waiting
            .iter()
            .map(|claim| Waiting {
                selected: claim.selected,
                candidates: &claim.candidates,
                reserved: &claim.reserved,
                makes: claim.makes,
                rooms: claim.rooms.as_deref(),
                size: claim.size,
                class: claim.class,
            })
            .collect();
        then(Volumes { bound: &self.bound, lost: self.lost, zoned: &self.zoned, waiting: &waiting })
    }

    pub(crate) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Just the claims that wait, as if the pod had no other than these.
    pub(crate) fn of_waiting(waiting: Vec<WaitingClaim>) -> Self {
        ClaimPlan { waiting, ..ClaimPlan::default() }
    }
}

impl Cluster {
    /// What the pod's claims need of a node.
    pub(crate) fn plan(&mut self, pod: &Pod) -> Result<ClaimPlan, Error> {
        let mut plan = ClaimPlan::default();
        let mut waiting: Vec<PersistentVolumeClaim> = Vec::new();
        let namespace = &pod.metadata.namespace;
        for (name, ephemeral) in claim_names(pod) {
            let Some(claim) = self.claim(namespace, &name).cloned() else { continue };
            let volume = self.volume(&claim.spec.volume_name).cloned();
            if !ephemeral && let Some(volume) = &volume {
                plan.zoned.push(self.volume_row(volume)?);
            }
            if claim.spec.volume_name.is_empty() {
                waiting.push(claim);
            } else if let (Some(volume), false) = (volume, plan.lost) {
                plan.bound.push(self.volume_row(&volume)?);
            } else {
                plan.lost = true;
            }
        }
        if waiting.len() > MAX_WAITING {
            let problem = format!("{} claims wait for the pod's node; at most {MAX_WAITING} may", waiting.len());
            return Err(Error::new(ErrorKind::Unsupported, problem).at("spec.volumes"));
        }
        let selected = |claim: &PersistentVolumeClaim| claim.metadata.annotations.get(SELECTED_NODE).cloned();
        // Claims for which a volume is being made come first, then the smallest.
        waiting.sort_by_key(|claim| {
            (selected(claim).is_none(), selected(claim).map_or(requested(claim), |_| Quantity::default()))
        });
        for claim in waiting {
            let selected = self.compiler.node_name(selected(&claim).as_deref())?;
            plan.waiting.push(self.waiting(&claim, selected)?);
        }
        Ok(plan)
    }

    fn waiting(&mut self, claim: &PersistentVolumeClaim, selected: StrId) -> Result<WaitingClaim, Error> {
        let (found, own) = if selected.is_some() { Default::default() } else { self.candidates(claim) };
        let mut rows = |volumes: &[PersistentVolume]| volumes.iter().map(|v| self.volume_row(v)).collect();
        let (candidates, reserved): (Result<Vec<_>, Error>, Result<Vec<_>, Error>) = (rows(&found), rows(&own));
        let names = |volumes: Vec<PersistentVolume>| volumes.into_iter().map(|v| v.metadata.name).collect();
        let class = self.class(class_of_claim(claim)).cloned().unwrap_or_default();
        let makes = match class.provisioner.as_str() {
            "" | NO_PROVISIONER => None,
            _ => Some(self.compiler.allowed(&class.allowed_topologies)?),
        };
        Ok(WaitingClaim {
            name: key_of(&claim.metadata.namespace, &claim.metadata.name),
            selected,
            candidates: candidates?,
            names: names(found),
            reserved: reserved?,
            reserved_names: names(own),
            makes,
            rooms: self.rooms(claim, &class)?,
            size: requested(claim).value(),
            class: self.compiler.storage_class(claim.spec.storage_class_name.as_deref().unwrap_or_default()),
        })
    }

    /// The volumes that would do for a claim, the smallest first and of equal ones the lowest name; and those that are
    /// reserved for it.
    fn candidates(&self, claim: &PersistentVolumeClaim) -> (Vec<PersistentVolume>, Vec<PersistentVolume>) {
        let mode = |mode: &Option<String>| mode.clone().unwrap_or_else(|| "Filesystem".to_owned());
        let attributes = |class: &Option<String>| class.clone().unwrap_or_default();
        let selector = claim.spec.selector.as_ref().map(|s| Selector::new(Some(s), "spec.selector"));
        let mut found: Vec<(Quantity, PersistentVolume)> = Vec::new();
        let mut reserved = Vec::new();
        for object in self.store.objects.volumes_of_class(class_of_claim(claim)) {
            let Object::PersistentVolume(volume) = &**object else { continue };
            let spec = &volume.spec;
            let size = spec.capacity.get(STORAGE).copied().unwrap_or_default();
            let own = spec.claim_ref.as_ref().is_some_and(|r| {
                r.namespace == claim.metadata.namespace
                    && r.name == claim.metadata.name
                    && (r.uid.is_empty() || r.uid == claim.metadata.uid)
            });
            if spec.claim_ref.is_some() && !own
                || size < requested(claim)
                || mode(&spec.volume_mode) != mode(&claim.spec.volume_mode)
                || attributes(&spec.volume_attributes_class_name)
                    != attributes(&claim.spec.volume_attributes_class_name)
                || volume.metadata.deletion_timestamp.is_some()
            {
                continue;
            }
            if own {
                reserved.push((**volume).clone());
                continue;
            }
            let selected = match &selector {
                None => true,
                Some(Ok(selector)) => selector.matches(&volume.metadata.labels),
                Some(Err(_)) => false,
            };
            let accessible = claim.spec.access_modes.iter().all(|mode| spec.access_modes.contains(mode));
            if selected && accessible && volume.status.phase == "Available" {
                found.push((size, (**volume).clone()));
            }
        }
        // Objects come in the order of their names, and the sort keeps it.
        found.sort_by_key(|(size, _)| *size);
        (found.into_iter().map(|(_, volume)| volume).collect(), reserved)
    }

    /// Where the driver of a class says that it has room for a claim; `None` where it says nothing.
    fn rooms(&mut self, claim: &PersistentVolumeClaim, class: &StorageClass) -> Result<Option<Vec<Room>>, Error> {
        let publishes = self.csi_driver(&class.provisioner).is_some_and(|d| d.spec.storage_capacity == Some(true));
        if !publishes || !claim.spec.resources.requests.contains_key(STORAGE) {
            return Ok(None);
        }
        let size = requested(claim).value();
        let objects: Vec<Arc<Object>> = self.store.objects.of_kind(Kind::CSIStorageCapacity).cloned().collect();
        let mut rooms = Vec::new();
        for object in objects {
            let Object::CSIStorageCapacity(capacity) = &*object else { continue };
            let limit = capacity.maximum_volume_size.or(capacity.capacity);
            if capacity.storage_class_name != class.metadata.name || limit.is_none_or(|limit| limit.value() < size) {
                continue;
            }
            // A topology that is no selector is no node's.
            let set = match Selector::new(capacity.node_topology.as_ref(), "nodeTopology") {
                Ok(Selector::All(requirements)) => self.compiler.fulfilling(&requirements)?,
                Ok(Selector::Nothing) | Err(_) => self.compiler.no_node()?,
            };
            rooms.push(Room { nodes: set, bytes: capacity.capacity.unwrap_or_default().value() });
        }
        Ok(Some(rooms))
    }

    pub(crate) fn volume_row(&mut self, volume: &PersistentVolume) -> Result<VolumeId, Error> {
        let required = volume.spec.node_affinity.as_ref().and_then(|a| a.required.as_ref());
        let plain = required.map(NodeSelector::lenient);
        let taken_over = csi_migration::taken_over(volume);
        let reach = match (&plain, taken_over) {
            (None, None) => self.compiler.every_node()?,
            (Some(plain), None) => self.compiler.reaching(plain)?,
            (_, Some((old, selector))) => {
                let announced = csi_migration::announcement(old);
                let selector = NodeSelector::lenient(&selector);
                self.compiler.reaching_by_announcement(&announced, &selector, plain.as_ref())?
            }
        };
        let zone = self.compiler.zone(&zones_of(volume), &ZONES.map(|(label, _)| label))?;
        let size = volume.spec.capacity.get(STORAGE).copied().unwrap_or_default().value();
        self.compiler.volume(&volume.metadata.name, reach, zone, &volume.spec.storage_class_name, size)
    }

    /// The claims for which several volumes of the same size would do on a node.
    pub(crate) fn volume_ties(&mut self, prepared: &Prepared, node: NodeId) -> Result<Vec<String>, Error> {
        let mut gets = Vec::new();
        self.ask(prepared, |mut cycle| {
            gets.clear();
            cycle.volumes_on(node, &mut |at, volume| gets.push((at, volume)))
        })?;
        let size = |name: &String| self.volume(name).and_then(|v| v.spec.capacity.get(STORAGE).copied());
        let mut rows = Vec::new();
        for (at, volume) in gets {
            let (Some(claim), Some(volume)) = (prepared.plan.waiting.get(at), volume) else { continue };
            let Some(chosen) = claim.candidates.iter().position(|c| *c == volume) else { continue };
            let same = claim.names.iter().zip(&claim.candidates).skip(chosen + 1);
            let same: Vec<VolumeId> =
                same.filter(|(name, _)| size(name) == size(&claim.names[chosen])).map(|(_, id)| *id).collect();
            rows.push((claim.name.clone(), claim.names[chosen].clone(), same));
        }
        let mut ties = Vec::new();
        for (claim, chosen, same) in rows {
            let others = self.compiler.table.run(|s| {
                same.iter().map(|v| s.tables().reaches(*v, node)).try_fold(0, |n, r| r.map(|r| n + u32::from(r)))
            })?;
            if others > 0 {
                ties.push(format!(
                    "claim {claim} takes {chosen}, the lowest name of {} volumes of the same size",
                    others + 1
                ));
            }
        }
        Ok(ties)
    }

    /// Reserves what a pod's waiting claims get on the node that it is bound to: volumes for them, and the node to make
    /// the others for. `gets` has a claim's number and the volume, or none. What was written, and what was there before.
    pub(crate) fn reserve(
        &mut self,
        plan: &ClaimPlan,
        node: &str,
        gets: &[(usize, Option<VolumeId>)],
    ) -> Arc<[Reserved]> {
        let mut reserved = Vec::new();
        for (at, volume) in gets {
            let Some(waiting) = plan.waiting.get(*at) else { continue };
            let (namespace, name) = waiting.name.split_once('/').unwrap_or_default();
            let Some(claim) = self.claim(namespace, name) else { continue };
            let ours = match volume {
                Some(id) => {
                    let ids = waiting.candidates.iter().zip(&waiting.names);
                    let mut ids = ids.chain(waiting.reserved.iter().zip(&waiting.reserved_names));
                    let name_of = ids.find(|(other, _)| *other == id).map(|(_, name)| name);
                    let Some(mut volume) = name_of.and_then(|name| self.volume(name)).cloned() else { continue };
                    volume.spec.claim_ref = Some(ClaimRef {
                        kind: "PersistentVolumeClaim".to_owned(),
                        namespace: namespace.to_owned(),
                        name: name.to_owned(),
                        uid: claim.metadata.uid.clone(),
                    });
                    Arc::new(Object::from(volume))
                }
                None => {
                    let mut claim = claim.clone();
                    claim.metadata.annotations.insert(SELECTED_NODE.to_owned(), node.to_owned());
                    Arc::new(Object::from(claim))
                }
            };
            let before = self.store.objects.get(ours.kind(), ours.namespace(), ours.name()).cloned();
            self.store.objects.put(ours.clone());
            reserved.extend(before.map(|before| Reserved { before, ours }));
        }
        reserved.into()
    }
}

/// A volume or claim that binding a pod wrote.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reserved {
    pub(crate) before: Arc<Object>,
    pub(crate) ours: Arc<Object>,
}
