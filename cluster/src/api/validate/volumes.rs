//! Volumes of a pod, and their mounts.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::faults::Faults;
use super::{names, storage};
use crate::api::view::{get, list, sub, text};

/// Sources, in the order in which a server looks at them, and the fields that each must have.
const SOURCES: &[(&str, &[&str])] = &[
    ("emptyDir", &[]),
    ("hostPath", &["path"]),
    ("gitRepo", &["repository"]),
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("secret", &["secretName"]),
    ("nfs", &["server", "path"]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("glusterfs", &["endpoints", "path"]),
    ("flocker", &[]),
    ("persistentVolumeClaim", &["claimName"]),
    ("rbd", &["monitors", "image"]),
    ("cinder", &["volumeID"]),
    ("cephfs", &["monitors"]),
    ("quobyte", &["registry", "volume"]),
    ("downwardAPI", &[]),
    ("fc", &[]),
    ("flexVolume", &["driver"]),
    ("configMap", &["name"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("storageos", &["volumeName"]),
    ("projected", &[]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("csi", &["driver"]),
    ("ephemeral", &["volumeClaimTemplate"]),
    ("image", &[]),
];

/// The volumes of a pod that are in order, by name.
pub(super) struct Volumes<'p>(BTreeMap<&'p str, &'p Value>);

impl<'p> Volumes<'p> {
    /// Looks through the volumes of a pod; its name where it has one.
    pub(super) fn check(it: &'p [Value], pod: Option<&str>, path: &str, out: &mut Faults) -> Self {
        let mut known = BTreeMap::new();
        let ephemeral = it.iter().filter(|volume| get(volume, "ephemeral").is_some());
        let made: HashSet<String> = pod
            .into_iter()
            .flat_map(|pod| ephemeral.clone().map(move |v| format!("{pod}-{}", text(v, "name"))))
            .collect();
        for (i, volume) in it.iter().enumerate() {
            let (path, name) = (format!("{path}[{i}]"), text(volume, "name"));
            let mut own = Faults::default();
            source(volume, &path, &mut own);
            if name.is_empty() {
                own.required(format!("{path}.name"), "");
            } else {
                own.each(&format!("{path}.name"), name, names::label(name));
            }
            if known.contains_key(name) {
                own.duplicate(format!("{path}.name"), name);
            }
            if own.0.is_empty() {
                known.insert(name, volume);
            }
            out.0.append(&mut own.0);
            let claim = text(sub(volume, "persistentVolumeClaim"), "claimName");
            if !claim.is_empty() && made.contains(claim) {
                let detail = "must not reference a PVC that gets created for an ephemeral volume";
                out.invalid(format!("{path}.persistentVolumeClaim.claimName"), claim, detail);
            }
        }
        Volumes(known)
    }

    /// The mounts and devices of a container.
    pub(super) fn mounts(&self, container: &Value, path: &str, out: &mut Faults) {
        let mut seen: HashSet<&str> = HashSet::new();
        for (i, mount) in list(container, "volumeMounts").iter().enumerate() {
            let path = format!("{path}.volumeMounts[{i}]");
            let (name, at) = (text(mount, "name"), text(mount, "mountPath"));
            if name.is_empty() {
                out.required(format!("{path}.name"), "");
            }
            if !self.0.contains_key(name) {
                out.not_found(format!("{path}.name"), name, "");
            }
            if at.is_empty() {
                out.required(format!("{path}.mountPath"), "");
            }
            if !seen.insert(at) {
                out.invalid(format!("{path}.mountPath"), at, "must be unique");
            }
        }
        for (i, device) in list(container, "volumeDevices").iter().enumerate() {
            let path = format!("{path}.volumeDevices[{i}]");
            let (name, at) = (text(device, "name"), text(device, "devicePath"));
            if name.is_empty() {
                out.required(format!("{path}.name"), "");
            }
            match self.0.get(name) {
                None => out.not_found(format!("{path}.name"), name, ""),
                Some(volume) if get(volume, "persistentVolumeClaim").or(get(volume, "ephemeral")).is_none() => {
                    let detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                    out.invalid(format!("{path}.name"), name, detail);
                }
                Some(_) => {}
            }
            if at.is_empty() {
                out.required(format!("{path}.devicePath"), "");
            }
        }
    }
}

fn source(volume: &Value, path: &str, out: &mut Faults) {
    let mut found = false;
    for (source, needs) in SOURCES {
        let Some(it) = get(volume, source) else { continue };
        let path = format!("{path}.{source}");
        if found {
            out.forbidden(path, "may not specify more than 1 volume type");
            continue;
        }
        found = true;
        for field in *needs {
            if get(it, field).is_none_or(crate::api::view::is_zero) {
                out.required(format!("{path}.{field}"), "");
            }
        }
        if let Some(template) = get(it, "volumeClaimTemplate") {
            let path = format!("{path}.volumeClaimTemplate");
            storage::claim_spec(sub(template, "spec"), &format!("{path}.spec"), out);
        }
    }
    if !found {
        out.required(path, "must specify a volume type");
    }
}
