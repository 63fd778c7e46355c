//! What is said beside a decision: plugins that concern the pod and were not applied, objects that the dump lacks.

use std::collections::BTreeSet;

use super::NotApplied;
use crate::csi_migration::Attachable;
use crate::objects::{Kind, Object, Pod};
use crate::state::Cluster;
use crate::state::storage::{NO_PROVISIONER, binds_at_once, claim_names, class_of_claim};
use crate::version::Version;

/// Resources of this name ask for devices of the class that comes after it, without the class saying so.
const IMPLICIT: &str = "deviceclass.resource.kubernetes.io/";

impl Cluster {
    /// Rules that concern the pod or the cluster and are not applied.
    pub(crate) fn not_applied(&self, pod: &Pod) -> Vec<NotApplied> {
        let mut out = Vec::new();
        let mut add = |rule: &str, why: &str| out.push(NotApplied { rule: rule.to_owned(), why: why.to_owned() });
        if !pod.spec.resource_claims.is_empty() {
            add("DynamicResources", "the pod claims devices");
        }
        if pod.spec.scheduling_group.is_some() || pod.spec.workload_ref.is_some() {
            add("GangScheduling", "the pod is one of a gang");
        }
        if self.version() >= Version::V1_36 {
            for (resource, class) in self.mapped_resources(pod) {
                add("DynamicResources", &format!("DeviceClass {class} may give the pod its {resource}"));
            }
        }
        let extenders = &self.compiler().config.extenders;
        let mut concerned = extenders.iter().filter(|extender| extender.concerns(pod)).peekable();
        if concerned.peek().is_some() && self.extender_calls.is_none() {
            add("extenders", "the configuration has an extender that is asked of the pod");
        }
        out
    }

    /// Objects that a rule needed and the dump lacks.
    pub(crate) fn missing(&self, pod: &Pod) -> Vec<String> {
        let mut out = Vec::new();
        let class = &pod.spec.priority_class_name;
        let known = class.starts_with("system-") || self.store().objects.get(Kind::PriorityClass, "", class).is_some();
        if pod.spec.priority.is_none() && !class.is_empty() && !known {
            out.push(format!("PriorityClass {class}"));
        }
        if let Some(owner) = pod.metadata.owner_references.iter().find(|o| o.controller == Some(true))
            && let Some(kind) = Kind::find(&owner.api_version, &owner.kind)
            && matches!(kind, Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController)
            && pod.spec.topology_spread_constraints.is_empty()
            && self.store().objects.get(kind, &pod.metadata.namespace, &owner.name).is_none()
        {
            out.push(kind.describe(&pod.metadata.namespace, &owner.name));
        }
        out.extend(self.missing_storage(pod));
        out.extend(self.missing_devices(pod));
        out.extend(self.missing_namespaces());
        out.extend(self.missing_kinds(pod).into_iter().map(|kind| format!("any {}", kind.name())));
        out
    }

    /// The extended resources of a pod that devices of a class can be given for, with the class. A class that is named in the resource is
    /// taken to be there.
    fn mapped_resources<'p>(&'p self, pod: &'p Pod) -> BTreeSet<(&'p str, &'p str)> {
        let containers = pod.spec.containers.iter().chain(&pod.spec.init_containers);
        let requests = containers.flat_map(|container| &container.resources.requests);
        let extended = requests.filter(|(name, amount)| name.contains('/') && !amount.is_zero());
        extended.filter_map(|(name, _)| Some((name.as_str(), self.class_of_resource(name)?))).collect()
    }

    fn class_of_resource<'p>(&'p self, resource: &'p str) -> Option<&'p str> {
        if let Some(class) = resource.strip_prefix(IMPLICIT) {
            return Some(class);
        }
        self.store().objects.of_kind(Kind::DeviceClass).find_map(|object| match &**object {
            Object::DeviceClass(class) if class.spec.extended_resource_name == resource => Some(object.name()),
            _ => None,
        })
    }

    /// Claims for devices, and their templates, that the pod names; and classes that its resources name.
    fn missing_devices(&self, pod: &Pod) -> Vec<String> {
        let namespace = &pod.metadata.namespace;
        let lacks = |kind, name: &str| self.store().objects.get(kind, namespace, name).is_none();
        let mut out = Vec::new();
        for claim in &pod.spec.resource_claims {
            let names = [
                (Kind::ResourceClaim, &claim.resource_claim_name),
                (Kind::ResourceClaimTemplate, &claim.resource_claim_template_name),
            ];
            let named = names.into_iter().filter_map(|(kind, name)| Some((kind, name.as_deref()?)));
            let lacking = named.filter(|(kind, name)| lacks(*kind, name));
            out.extend(lacking.map(|(kind, name)| kind.describe(namespace, name)));
        }
        if self.version() >= Version::V1_36 {
            let lacks = |class: &str| self.store().objects.get(Kind::DeviceClass, "", class).is_none();
            let classes = self.mapped_resources(pod).into_iter().map(|(_, class)| class);
            out.extend(classes.filter(|class| lacks(class)).map(|class| Kind::DeviceClass.describe("", class)));
        }
        out
    }

    /// Claims that the pod names, and the classes of those that wait. A claim that a controller makes for the pod is no such.
    fn missing_storage(&self, pod: &Pod) -> Vec<String> {
        let mut out = Vec::new();
        let namespace = &pod.metadata.namespace;
        for (name, is_ephemeral) in claim_names(pod) {
            let Some(claim) = self.claim(namespace, &name) else {
                if !is_ephemeral {
                    out.push(Kind::PersistentVolumeClaim.describe(namespace, &name));
                }
                continue;
            };
            let class = class_of_claim(claim);
            let is_missing = || self.store().objects.get(Kind::StorageClass, "", class).is_none();
            if claim.spec.volume_name.is_empty() && !class.is_empty() && is_missing() {
                out.push(format!("StorageClass {class}"));
            } else if claim.spec.volume_name.is_empty()
                && let Some(Object::StorageClass(class)) =
                    self.store().objects.get(Kind::StorageClass, "", class).map(|o| &**o)
                && class.provisioner != NO_PROVISIONER
                && binds_at_once(self, claim)
            {
                // A pod is looked at once the volume is there.
                let claim = Kind::PersistentVolumeClaim.describe(namespace, &name);
                out.push(format!("the volume that {} makes at once for {claim}", class.provisioner));
            }
        }
        out.dedup();
        out
    }

    /// Namespaces of pods whose labels a rule looks at. Where none at all is in the input, `missing_kinds` says so.
    fn missing_namespaces(&self) -> Vec<String> {
        let lacks = |name: &str| self.store().objects.get(Kind::Namespace, "", name).is_none();
        let there = self.store().objects.count(Kind::Namespace);
        // Each that is an object is known, so with as many known as there are objects none is missing: most often so.
        if !self.compiler().looks_at_namespaces || there == 0 || there == self.compiler().namespaces.len() {
            return Vec::new();
        }
        let names = self.compiler().namespaces.keys().filter(|name| lacks(name));
        let mut names: Vec<String> = names.map(|name| format!("Namespace {name}")).collect();
        names.sort();
        names
    }

    /// Kinds of which every cluster has objects, where a rule needs them and there are none.
    fn missing_kinds(&self, pod: &Pod) -> Vec<Kind> {
        let lacks = |kind| self.store().objects.of_kind(kind).next().is_none();
        let mut out = Vec::new();
        if self.compiler().looks_at_namespaces && lacks(Kind::Namespace) {
            out.push(Kind::Namespace);
        }
        // The API server has one of its own, so a dump of a real cluster, with the system's pods, does too.
        let is_dump = self.compiler().namespaces.contains_key("kube-system");
        if pod.spec.topology_spread_constraints.is_empty() && is_dump && lacks(Kind::Service) {
            out.push(Kind::Service);
        }
        if pod.spec.volumes.is_empty() {
            return out;
        }
        let is_counted = |(driver, _): &Attachable| driver != NO_PROVISIONER;
        if lacks(Kind::CSINode) && self.mounted(pod).iter().any(is_counted) {
            out.push(Kind::CSINode);
        }
        let claims = claim_names(pod).filter_map(|(name, _)| self.claim(&pod.metadata.namespace, &name));
        let mut waiting = claims.filter(|claim| claim.spec.volume_name.is_empty());
        if lacks(Kind::StorageClass) && waiting.any(|claim| class_of_claim(claim).is_empty()) {
            out.push(Kind::StorageClass);
        }
        out
    }
}
