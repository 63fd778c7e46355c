//! Claims on storage that come with new pods, as the API server and its controllers make them.

use crate::objects::{Object, OwnerReference, PersistentVolumeClaim, Pod};

/// Gives a new pod a uid, by which its claims name it: one that repeats.
pub(crate) fn give_uid(pod: &mut Pod) {
    if pod.spec.volumes.iter().any(|volume| volume.ephemeral.is_some()) {
        pod.metadata.uid.clear();
        pod.metadata.uid = crate::expand::uid("Pod", &pod.metadata);
    }
}

/// The claims that are made for a pod alone, from its ephemeral volumes.
pub(crate) fn of_pod(pod: &Pod) -> Vec<Object> {
    let templates = pod.spec.volumes.iter().filter_map(|volume| {
        let template = volume.ephemeral.as_ref()?.volume_claim_template.as_ref()?;
        Some((volume, template))
    });
    let claims = templates.map(|(volume, template)| {
        let mut claim = PersistentVolumeClaim { spec: template.spec.clone(), ..Default::default() };
        claim.metadata = template.metadata.clone();
        claim.metadata.name = format!("{}-{}", pod.metadata.name, volume.name);
        claim.metadata.namespace.clone_from(&pod.metadata.namespace);
        claim.metadata.owner_references = vec![OwnerReference {
            api_version: "v1".to_owned(),
            kind: "Pod".to_owned(),
            name: pod.metadata.name.clone(),
            uid: pod.metadata.uid.clone(),
            controller: Some(true),
            block_owner_deletion: Some(true),
        }]
        .into();
        "Pending".clone_into(&mut claim.status.phase);
        Object::from(claim)
    });
    claims.collect()
}
