//! StatefulSet: pods with a number of their own, and claims that stay with it.

use super::{Expanded, Maker, check_selector, count, hash, owner};
use crate::admit::Context;
use crate::error::Error;
use crate::objects::{PersistentVolumeClaim, PersistentVolumeClaimSource, Pod, StatefulSet, Volume};

pub(super) fn expand(set: &StatefulSet, context: &Context<'_>) -> Result<Expanded, Error> {
    let (meta, spec) = (&set.metadata, &set.spec);
    check_selector(spec.selector.as_ref(), &spec.template)?;
    let maker = Maker::new(owner("apps/v1", "StatefulSet", meta), meta, &spec.template, context);
    let revision = format!("{}-{}", meta.name, hash::template(&spec.template));
    let start = spec.ordinals.as_ref().map_or(0, |ordinals| ordinals.start.max(0) as usize);
    let mut expanded = Expanded::default();
    for ordinal in start..start.saturating_add(count(spec.replicas)) {
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

/// The claims take the place of the template's volumes of the same name.
fn mount_claims(set: &StatefulSet, pod: &mut Pod) {
    for template in &set.spec.volume_claim_templates {
        let claim_name = format!("{}-{}", template.metadata.name, pod.metadata.name);
        pod.spec.volumes.retain(|volume| volume.name != template.metadata.name);
        pod.spec.volumes.push(Volume {
            name: template.metadata.name.clone(),
            persistent_volume_claim: Some(PersistentVolumeClaimSource { claim_name, read_only: false }),
            ..Volume::default()
        });
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
