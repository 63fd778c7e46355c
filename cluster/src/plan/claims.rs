//! Claims on storage that come with new pods, as the API server and its controllers make them.

use crate::objects::{Kind, Object, OwnerReference, PersistentVolumeClaim, Pod};
use crate::state::Cluster;

const DEFAULT_CLASS: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
const OLD_CLASS_FIELD: &str = "volume.beta.kubernetes.io/storage-class";

/// The claims that are made for a pod alone, from its ephemeral volumes.
pub(super) fn of_pod(pod: &Pod) -> Vec<Object> {
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
        }]
        .into();
        "Pending".clone_into(&mut claim.status.phase);
        Object::from(claim)
    });
    claims.collect()
}

/// Gives a new claim that names no class the default one, where there is one. An empty name is a name: no class.
pub(super) fn give_class(cluster: &Cluster, object: &mut Object) {
    if let Object::PersistentVolumeClaim(claim) = object
        && claim.spec.storage_class_name.is_none()
        && !claim.metadata.annotations.contains_key(OLD_CLASS_FIELD)
    {
        claim.spec.storage_class_name = default_class(cluster);
    }
}

/// Of several default classes the newest is taken, and of those the first by name.
fn default_class(cluster: &Cluster) -> Option<String> {
    let is_default = |object: &&Object| {
        let annotations = &object.metadata().annotations;
        DEFAULT_CLASS.iter().any(|key| annotations.get(*key).is_some_and(|value| value == "true"))
    };
    let mut classes: Vec<&Object> = cluster.objects(Kind::StorageClass).filter(is_default).collect();
    let created = |class: &&Object| class.metadata().creation_timestamp.as_deref().and_then(crate::time::seconds);
    classes.sort_by_key(|class| std::cmp::Reverse(created(class)));
    classes.first().map(|class| class.name().to_owned())
}
