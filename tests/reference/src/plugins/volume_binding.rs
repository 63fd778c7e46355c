//! VolumeBinding: the volumes of the pod's claims must be reachable from the node; claims that wait for the pod's place
//! must find a volume there, or a driver that can make one.

use std::collections::BTreeMap;

use bayplan::objects::{
    ClaimRef, CsiStorageCapacity, Node, PersistentVolume, PersistentVolumeClaim, Pod, SelectorRequirement, StorageClass,
};
use bayplan::quantity::Quantity;

use super::in_tree;
use super::node_resources_fit::on_shape;
use super::volumes::{self, check_owner, claim_name, class_of_claim, class_of_volume, labels_match, reaches};
use crate::cluster::{Cluster, NodeView, is};
use crate::cycle::Cycle;
use crate::labels::{Selector, requirement_matches};
use crate::plugin::{Filter, Plugin, PreFilter, Rejection};

const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";

const NOT_REACHABLE: &str = "node(s) didn't match PersistentVolume's node affinity";
const NONE_TO_BIND: &str = "node(s) didn't find available persistent volumes to bind";
const NO_SPACE: &str = "node(s) did not have enough free storage";
const NO_SUCH_VOLUME: &str = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";

pub(crate) struct VolumeBinding;

impl Plugin for VolumeBinding {
    fn pre_filter(&self, cycle: &Cycle<'_>) -> Result<PreFilter, Rejection> {
        if !check_claims(cycle.cluster, cycle.pod).map_err(Rejection::unresolvable)? {
            return Ok(PreFilter::Skip);
        }
        let claims = Claims::of(cycle.cluster, cycle.pod).map_err(Rejection::Error)?;
        if claims.has_immediate {
            return Err(Rejection::unresolvable("pod has unbound immediate PersistentVolumeClaims"));
        }
        Ok(PreFilter::Pass)
    }

    fn filter<'a>(&self, cycle: &'a Cycle<'a>, _view: &[NodeView<'a>]) -> Filter<'a> {
        Box::new(|node| {
            let claims = Claims::of(cycle.cluster, cycle.pod).map_err(Rejection::Error)?;
            find(cycle.cluster, &claims, node.node).map(|_| ())
        })
    }

    /// From 1.37 on, by how much of the storage would be taken: of the volumes to bind, or else of the capacity to make
    /// volumes from.
    fn score(&self, cycle: &Cycle<'_>, feasible: &[&NodeView<'_>]) -> Result<Option<Vec<i64>>, String> {
        let claims = Claims::of(cycle.cluster, cycle.pod)?;
        let score = |node: &&NodeView<'_>| match find(cycle.cluster, &claims, node.node) {
            Ok(found) => found.score(&cycle.profile.volume_shape),
            Err(_) => 0,
        };
        Ok(Some(feasible.iter().map(score).collect()))
    }
}

/// Whether the pod has claims at all.
///
/// # Errors
/// What is wrong with one of them.
fn check_claims(cluster: &Cluster, pod: &Pod) -> Result<bool, String> {
    let mut has_claims = false;
    for volume in &pod.spec.volumes {
        let Some(source) = claim_name(pod, volume) else { continue };
        has_claims = true;
        let name = &source.name;
        let claim = match volumes::claim(cluster, &pod.metadata.namespace, name) {
            Some(claim) => claim,
            None if source.ephemeral => {
                let what = "waiting for ephemeral volume controller to create the persistentvolumeclaim";
                return Err(format!("{what} {name:?}"));
            }
            None => return Err(format!("persistentvolumeclaim {name:?} not found")),
        };
        if claim.status.phase == "Lost" {
            let volume = &claim.spec.volume_name;
            return Err(format!("persistentvolumeclaim {name:?} bound to non-existent persistentvolume {volume:?}"));
        }
        if claim.metadata.deletion_timestamp.is_some() {
            return Err(format!("persistentvolumeclaim {name:?} is being deleted"));
        }
        if source.ephemeral {
            check_owner(pod, claim)?;
        }
    }
    Ok(has_claims)
}

/// The pod's claims.
struct Claims<'a> {
    bound: Vec<&'a PersistentVolumeClaim>,
    waiting: Vec<&'a PersistentVolumeClaim>,
    has_immediate: bool,
}

impl<'a> Claims<'a> {
    fn of(cluster: &'a Cluster, pod: &Pod) -> Result<Claims<'a>, String> {
        let mut claims = Claims { bound: Vec::new(), waiting: Vec::new(), has_immediate: false };
        for volume in &pod.spec.volumes {
            let Some(name) = claim_name(pod, volume) else { continue };
            let claim = cluster.assumed_claim(&pod.metadata.namespace, &name.name).ok_or_else(|| {
                let key = format!("{}/{}", pod.metadata.namespace, name.name);
                format!("error getting PVC {key:?}: not found")
            })?;
            let has_volume = !claim.spec.volume_name.is_empty();
            if has_volume && claim.metadata.annotations.contains_key(BIND_COMPLETED) {
                claims.bound.push(claim);
            } else if waits(cluster, claim)? && !has_volume {
                claims.waiting.push(claim);
            } else {
                claims.has_immediate = true;
            }
        }
        Ok(claims)
    }
}

/// Whether the claim's class waits for a pod's place.
fn waits(cluster: &Cluster, claim: &PersistentVolumeClaim) -> Result<bool, String> {
    let name = class_of_claim(claim);
    let Some(class) = volumes::storage_class(cluster, name) else { return Ok(false) };
    let mode = class.volume_binding_mode.as_ref();
    let mode = mode.ok_or_else(|| format!("VolumeBindingMode not set for StorageClass {name:?}"))?;
    Ok(mode == "WaitForFirstConsumer")
}

/// What the waiting claims would get on a node.
#[derive(Default)]
struct Found<'a> {
    bindings: Vec<(&'a PersistentVolumeClaim, &'a PersistentVolume)>,
    provisions: Vec<(&'a PersistentVolumeClaim, Option<&'a CsiStorageCapacity>)>,
}

fn find<'a>(cluster: &'a Cluster, claims: &Claims<'a>, node: &Node) -> Result<Found<'a>, Rejection> {
    let mut reasons = Vec::new();
    for claim in &claims.bound {
        let Some(volume) = cluster.assumed_volume(&claim.spec.volume_name) else {
            reasons.push(NO_SUCH_VOLUME);
            break;
        };
        let required = in_tree::affinity(volume, volumes::csi_node(cluster, node)).map_err(Rejection::Error)?;
        if required.is_some_and(|required| !labels_match(&required, node)) {
            reasons.push(NOT_REACHABLE);
            break;
        }
    }
    let mut found = Found::default();
    if let Some(reason) = find_for_waiting(cluster, claims, node, &mut found)? {
        reasons.push(reason);
    }
    if reasons.is_empty() {
        return Ok(found);
    }
    let reasons = reasons.into_iter().map(str::to_owned).collect();
    Err(Rejection::No(crate::plugin::Code::UnschedulableAndUnresolvable, reasons))
}

/// Finds volumes for the waiting claims, the smallest claim first; those that find none must be provisioned. Gives the
/// reason why there is nothing for one of them.
fn find_for_waiting<'a>(
    cluster: &'a Cluster,
    claims: &Claims<'a>,
    node: &Node,
    found: &mut Found<'a>,
) -> Result<Option<&'static str>, Rejection> {
    let selected = |claim: &PersistentVolumeClaim| claim.metadata.annotations.get(SELECTED_NODE).cloned();
    if claims.waiting.iter().any(|claim| selected(claim).is_some_and(|name| name != node.metadata.name)) {
        return Ok(Some(NONE_TO_BIND));
    }
    let (mut to_provision, mut to_bind): (Vec<_>, Vec<_>) =
        claims.waiting.iter().copied().partition(|claim| selected(claim).is_some());
    to_bind.sort_by_key(|claim| requested(claim));
    for claim in to_bind {
        match matching_volume(cluster, claim, node, found) {
            Some(volume) => found.bindings.push((claim, volume)),
            None => to_provision.push(claim),
        }
    }
    for claim in to_provision {
        let name = class_of_claim(claim);
        let class = volumes::storage_class(cluster, name)
            .ok_or_else(|| Rejection::Error(format!("failed to find storage class {name:?}")))?;
        let provisions = !matches!(class.provisioner.as_str(), "" | "kubernetes.io/no-provisioner");
        if !provisions || !allows(class, node) {
            return Ok(Some(NONE_TO_BIND));
        }
        match capacity_for(cluster, claim, class, node) {
            Some(capacity) => found.provisions.push((claim, capacity)),
            None => return Ok(Some(NO_SPACE)),
        }
    }
    Ok(None)
}

fn requested(claim: &PersistentVolumeClaim) -> Quantity {
    claim.spec.resources.requests.get("storage").copied().unwrap_or_default()
}

/// The smallest volume that will do, or the one that is reserved for the claim; of several the one of the lowest name, where
/// the real choice is chance.
fn matching_volume<'a>(
    cluster: &'a Cluster,
    claim: &PersistentVolumeClaim,
    node: &Node,
    found: &Found<'_>,
) -> Option<&'a PersistentVolume> {
    let class = class_of_claim(claim);
    let mode = |mode: &Option<String>| mode.clone().unwrap_or_else(|| "Filesystem".to_owned());
    let mut smallest: Option<(&PersistentVolume, Quantity)> = None;
    let mut names: Vec<&str> = cluster.volumes.iter().map(|volume| volume.metadata.name.as_str()).collect();
    names.sort_unstable();
    for volume in names.into_iter().filter_map(|name| cluster.assumed_volume(name)) {
        let spec = &volume.spec;
        let size = spec.capacity.get("storage").copied().unwrap_or_default();
        let taken = found.bindings.iter().any(|(_, other)| other.metadata.name == volume.metadata.name);
        let is_own = spec.claim_ref.as_ref().is_some_and(|reference| refers_to(reference, claim));
        if taken
            || class_of_volume(volume) != class
            || spec.claim_ref.is_some() && !is_own
            || size < requested(claim)
            || mode(&claim.spec.volume_mode) != mode(&spec.volume_mode)
            || attributes(&claim.spec.volume_attributes_class_name) != attributes(&spec.volume_attributes_class_name)
            || volume.metadata.deletion_timestamp.is_some()
        {
            continue;
        }
        if is_own {
            return reaches(volume, node).then_some(volume);
        }
        let selector = claim.spec.selector.as_ref();
        if volume.status.phase != "Available"
            || selector.is_some_and(|selector| !Selector::new(Some(selector)).matches(&volume.metadata.labels))
            || !reaches(volume, node)
            || !claim.spec.access_modes.iter().all(|mode| spec.access_modes.contains(mode))
        {
            continue;
        }
        if smallest.is_none_or(|(_, least)| size < least) {
            smallest = Some((volume, size));
        }
    }
    smallest.map(|(volume, _)| volume)
}

fn attributes(class: &Option<String>) -> &str {
    class.as_deref().unwrap_or_default()
}

fn refers_to(reference: &ClaimRef, claim: &PersistentVolumeClaim) -> bool {
    is(&claim.metadata, &reference.namespace, &reference.name)
        && (reference.uid.is_empty() || reference.uid == claim.metadata.uid)
}

/// Whether the class makes volumes for the node.
fn allows(class: &StorageClass, node: &Node) -> bool {
    let terms = &class.allowed_topologies;
    let holds = |key: &String, values: &Vec<String>| {
        let requirement = SelectorRequirement { key: key.clone(), operator: "In".into(), values: values.clone() };
        requirement_matches(&requirement, &node.metadata.labels)
    };
    terms.is_empty()
        || terms.iter().any(|term| {
            let all = &term.match_label_expressions;
            !all.is_empty() && all.iter().all(|requirement| holds(&requirement.key, &requirement.values))
        })
}

/// `None` where the driver publishes capacity and there isn't enough of it near the node.
fn capacity_for<'a>(
    cluster: &'a Cluster,
    claim: &PersistentVolumeClaim,
    class: &StorageClass,
    node: &Node,
) -> Option<Option<&'a CsiStorageCapacity>> {
    let driver = cluster.csi_drivers.iter().find(|driver| driver.metadata.name == class.provisioner);
    let publishes = driver.is_some_and(|driver| driver.spec.storage_capacity == Some(true));
    if !publishes || !claim.spec.resources.requests.contains_key("storage") {
        return Some(None);
    }
    let size = requested(claim).value();
    let does = |capacity: &&CsiStorageCapacity| {
        let limit = capacity.maximum_volume_size.or(capacity.capacity);
        capacity.storage_class_name == class.metadata.name
            && limit.is_some_and(|limit| limit.value() >= size)
            && Selector::new(capacity.node_topology.as_ref()).matches(&node.metadata.labels)
    };
    cluster.csi_storage_capacities.iter().find(does).map(Some)
}

impl Found<'_> {
    /// The mean over storage classes of the value at their utilization.
    fn score(&self, shape: &[(i64, i64)]) -> i64 {
        let mut classes: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for (claim, volume) in &self.bindings {
            let class = classes.entry(&volume.spec.storage_class_name).or_default();
            class.0 += requested(claim).value();
            class.1 += volume.spec.capacity.get("storage").copied().unwrap_or_default().value();
        }
        for (claim, capacity) in self.provisions.iter().filter(|_| self.bindings.is_empty()) {
            let Some(capacity) = capacity else { continue };
            let class = classes.entry(claim.spec.storage_class_name.as_deref().unwrap_or_default()).or_default();
            class.0 += requested(claim).value();
            class.1 = capacity.capacity.unwrap_or_default().value();
        }
        if classes.is_empty() {
            return 0;
        }
        let value = |(requested, capacity): &(i64, i64)| {
            let full = *capacity == 0 || requested > capacity;
            on_shape(if full { 100 } else { requested * 100 / capacity }, shape)
        };
        let sum: i64 = classes.values().map(value).sum();
        (sum as f64 / classes.len() as f64).round() as i64
    }
}

/// Reserves what the pod's waiting claims get on the node: volumes for them, and the node to provision for.
pub(crate) fn reserve(cluster: &mut Cluster, pod: &str, node: &str) -> Result<(), String> {
    let (mut reserved, mut selected) = (Vec::new(), Vec::new());
    {
        let claims = match Claims::of(cluster, cluster.pod(pod)?) {
            Ok(claims) if !claims.waiting.is_empty() => claims,
            _ => return Ok(()),
        };
        let Ok(found) = find(cluster, &claims, cluster.node(node)?) else { return Ok(()) };
        for (claim, volume) in found.bindings {
            let mut volume = volume.clone();
            volume.spec.claim_ref = Some(ClaimRef {
                kind: "PersistentVolumeClaim".into(),
                namespace: claim.metadata.namespace.clone(),
                name: claim.metadata.name.clone(),
                uid: claim.metadata.uid.clone(),
            });
            reserved.push(volume);
        }
        for (claim, _) in found.provisions {
            let mut claim = claim.clone();
            claim.metadata.annotations.insert(SELECTED_NODE.into(), node.into());
            selected.push(claim);
        }
    }
    reserved.into_iter().for_each(|volume| cluster.assume_volume(volume));
    selected.into_iter().for_each(|claim| cluster.assume_claim(claim));
    Ok(())
}
