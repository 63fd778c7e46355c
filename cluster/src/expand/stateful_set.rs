//! StatefulSet: pods with a number of their own, and claims that stay with it.

use std::ops::Range;

use super::{Allowance, Expanded, Maker, check_selector, count, owner};
use crate::admit::{self, Context};
use crate::error::Error;
use crate::hash;
use crate::objects::{Kind, PersistentVolumeClaim, PersistentVolumeClaimSource, Pod, StatefulSet, Volume};

pub(super) fn expand(
    set: &StatefulSet,
    context: &Context<'_>,
    allowance: &mut Allowance<'_>,
) -> Result<Expanded, Error> {
    let (start, count) = (first_ordinal(set), count(set.spec.replicas));
    allowance.ask(count, "spec.replicas")?;
    range(set, start..start.saturating_add(count), context, allowance)
}

/// The ordinal of the first pod.
pub(crate) fn first_ordinal(set: &StatefulSet) -> usize {
    set.spec.ordinals.as_ref().map_or(0, |ordinals| ordinals.start.max(0) as usize)
}

/// The ordinal of the first pod that a rollout replaces: those below the partition stay as they are.
pub(crate) fn first_to_roll(set: &StatefulSet) -> usize {
    let update = set.spec.update_strategy.rolling_update.as_ref();
    let partition = usize::try_from(update.and_then(|update| update.partition).unwrap_or(0)).unwrap_or(0);
    first_ordinal(set).saturating_add(partition)
}

/// The pod of an ordinal, which may lie beyond those that the set asks for, with its claims.
///
/// # Errors
/// Where the API server would refuse the set or the pod.
pub(crate) fn one(set: &StatefulSet, ordinal: usize, context: &Context<'_>) -> Result<Expanded, Error> {
    range(set, ordinal..ordinal + 1, context, &mut Allowance::new(1, &mut |_, _| true))
}

fn range(
    set: &StatefulSet,
    ordinals: Range<usize>,
    context: &Context<'_>,
    allowance: &mut Allowance<'_>,
) -> Result<Expanded, Error> {
    let (meta, spec) = (&set.metadata, &set.spec);
    check_selector(spec.selector.as_ref(), &spec.template)?;
    let mut maker = Maker::new(owner("apps/v1", "StatefulSet", meta), meta, &spec.template, context);
    if !spec.service_name.is_empty() {
        maker.set(|of_pod| _ = of_pod.insert("subdomain".to_owned(), spec.service_name.clone().into()));
    }
    let revision = revision(set);
    let mut expanded = Expanded::default();
    for ordinal in ordinals {
        allowance.go_on()?;
        let name = format!("{}-{ordinal}", meta.name);
        let pod = maker.pod(name.clone(), |pod| {
            let labels = [
                ("statefulset.kubernetes.io/pod-name", &name),
                ("apps.kubernetes.io/pod-index", &ordinal.to_string()),
                ("controller-revision-hash", &revision),
            ];
            pod.metadata.labels.extend(labels.map(|(key, value)| (key.to_owned(), value.clone())));
            mount_claims(set, pod);
        })?;
        expanded.claims.extend(claims(set, &name));
        expanded.pods.push(pod);
    }
    Ok(expanded)
}

/// The revision that a set's pods are labelled with.
pub(crate) fn revision(set: &StatefulSet) -> String {
    format!(
        "{}-{}",
        set.metadata.name,
        hash::template(&set.spec.template, admit::changed_hash(Kind::StatefulSet, &set.metadata, &set.spec.template))
    )
}

/// The claims stand before the template's volumes, and take the place of those of the same name.
fn mount_claims(set: &StatefulSet, pod: &mut Pod) {
    for (at, template) in set.spec.volume_claim_templates.iter().enumerate() {
        let claim_name = format!("{}-{}", template.metadata.name, pod.metadata.name);
        pod.spec.volumes.retain(|volume| volume.name != template.metadata.name);
        let claim = Volume {
            name: template.metadata.name.clone(),
            persistent_volume_claim: Some(PersistentVolumeClaimSource { claim_name, read_only: false }),
            ..Volume::default()
        };
        pod.spec.volumes.insert(at, claim);
    }
}

fn claims<'a>(set: &'a StatefulSet, pod: &'a str) -> impl Iterator<Item = PersistentVolumeClaim> + 'a {
    set.spec.volume_claim_templates.iter().map(move |template| {
        let mut claim = PersistentVolumeClaim { spec: template.spec.clone(), ..PersistentVolumeClaim::default() };
        claim.metadata = template.metadata.clone();
        claim.metadata.name = format!("{}-{pod}", template.metadata.name);
        claim.metadata.namespace.clone_from(&set.metadata.namespace);
        if let Some(selector) = &set.spec.selector {
            claim.metadata.labels.extend(selector.match_labels.clone());
        }
        claim.spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
        "Pending".clone_into(&mut claim.status.phase);
        claim
    })
}
