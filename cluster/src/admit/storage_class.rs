//! The default storage class of claims that name none.

use crate::objects::{PersistentVolumeClaim, StorageClass};

const DEFAULT: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
const OLD_FIELD: &str = "volume.beta.kubernetes.io/storage-class";

/// Gives a new claim that names no class the default one, where there is one. An empty name is a name: no class.
pub(crate) fn give(claim: &mut PersistentVolumeClaim, classes: &[&StorageClass]) {
    if claim.spec.storage_class_name.is_none() && !claim.metadata.annotations.contains_key(OLD_FIELD) {
        claim.spec.storage_class_name = default(classes);
    }
}

/// Of several default classes the newest is taken, and of those the first by name.
fn default(classes: &[&StorageClass]) -> Option<String> {
    let is_default = |class: &&&StorageClass| {
        DEFAULT.iter().any(|key| class.metadata.annotations.get(*key).is_some_and(|value| value == "true"))
    };
    let mut defaults: Vec<&&StorageClass> = classes.iter().filter(is_default).collect();
    let created = |class: &&StorageClass| class.metadata.creation_timestamp.as_deref().and_then(crate::time::seconds);
    defaults.sort_by_key(|class| (std::cmp::Reverse(created(class)), class.metadata.name.clone()));
    defaults.first().map(|class| class.metadata.name.clone())
}
