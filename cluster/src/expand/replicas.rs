//! Deployment, ReplicaSet and ReplicationController: any number of equal pods.

use super::{Allowance, Expanded, Maker, check_selector, count, owner};
use crate::admit::Context;
use crate::error::Error;
use crate::hash;
use crate::objects::{Deployment, Provenance, ReplicaSet, ReplicaSetSpec, ReplicationController};

const TEMPLATE_HASH: &str = "pod-template-hash";

const REPLICAS: &str = "spec.replicas";

pub(super) fn deployment(
    deployment: &Deployment,
    context: &Context<'_>,
    allowance: &mut Allowance<'_>,
) -> Result<Expanded, Error> {
    check_selector(deployment.spec.selector.as_ref(), &deployment.spec.template)?;
    let set = replica_set_of(deployment, None);
    let mut expanded = replica_set(&set, context, allowance)?;
    expanded.replica_sets.push(set);
    Ok(expanded)
}

/// The ReplicaSet of a Deployment's template. `all` tells its name from that of a template with the same fields that are read.
pub(crate) fn replica_set_of(deployment: &Deployment, all: Option<u64>) -> ReplicaSet {
    let (meta, spec) = (&deployment.metadata, &deployment.spec);
    let hash = hash::template(&spec.template, all);
    let mut set = ReplicaSet::default();
    set.metadata.name = format!("{}-{hash}", meta.name);
    set.metadata.namespace.clone_from(&meta.namespace);
    set.metadata.owner_references = vec![owner("apps/v1", "Deployment", meta)].into();
    set.spec = ReplicaSetSpec {
        replicas: Some(spec.replicas.unwrap_or(1)),
        selector: spec.selector.clone(),
        template: spec.template.clone(),
    };
    // The hash is a label of the pods, and part of the selector.
    set.spec.template.metadata.labels.insert(TEMPLATE_HASH.to_owned(), hash.clone());
    if let Some(selector) = &mut set.spec.selector {
        selector.match_labels.insert(TEMPLATE_HASH.to_owned(), hash);
    }
    set.metadata.labels = set.spec.template.metadata.labels.clone();
    set.metadata.uid = super::uid("ReplicaSet", &set.metadata);
    set.metadata.provenance = made(&meta.provenance);
    set
}

/// What a controller makes is made as a server stores it, and has the template of what it is made from.
pub(crate) fn made(of: &Provenance) -> Provenance {
    match of {
        Provenance::Admitted(_) | Provenance::Kept(_) => of.clone(),
        _ => Provenance::Live,
    }
}

pub(super) fn replica_set(
    set: &ReplicaSet,
    context: &Context<'_>,
    allowance: &mut Allowance<'_>,
) -> Result<Expanded, Error> {
    check_selector(set.spec.selector.as_ref(), &set.spec.template)?;
    let owner = owner("apps/v1", "ReplicaSet", &set.metadata);
    let maker = Maker::new(owner, &set.metadata, &set.spec.template, context);
    let count = count(set.spec.replicas);
    allowance.ask(count, REPLICAS)?;
    let pods = maker.numbered(&set.metadata.name, count, allowance)?;
    Ok(Expanded { pods, ..Expanded::default() })
}

pub(super) fn replication_controller(
    controller: &ReplicationController,
    context: &Context<'_>,
    allowance: &mut Allowance<'_>,
) -> Result<Expanded, Error> {
    let spec = &controller.spec;
    let Some(template) = &spec.template else { return Err(Error::input("it is missing").at("spec.template")) };
    let labels = &template.metadata.labels;
    if !spec.selector.iter().all(|(key, value)| labels.get(key) == Some(value)) {
        return Err(Error::input("spec.selector does not select these labels").at("spec.template.metadata.labels"));
    }
    let owner = owner("v1", "ReplicationController", &controller.metadata);
    let maker = Maker::new(owner, &controller.metadata, template, context);
    let count = count(spec.replicas);
    allowance.ask(count, REPLICAS)?;
    let pods = maker.numbered(&controller.metadata.name, count, allowance)?;
    Ok(Expanded { pods, ..Expanded::default() })
}
