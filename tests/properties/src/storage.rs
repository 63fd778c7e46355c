//! Volumes, claims, their classes, and the drivers on nodes.

use serde_json::{Value, json};

use crate::random::Random;
use crate::terms::{HOST, NAMESPACES, ZONE, ZONES};

/// The claims that there may be in each namespace.
pub const CLAIMS: [&str; 5] = ["c0", "c1", "c2", "c3", "c4"];
/// Ids of disks of AWS, some of which no driver can take over.
pub const AWS_IDS: [&str; 4] = ["aws://z1/vol-1", "aws:///vol-1", "aws://z1/d1", "aws://z1/vol-1/x"];
/// Zones of a disk of Google; only the second names a region.
const SEVERAL_ZONES: [&str; 5] = ["z1__z2", "us-east1-b__us-east1-c", "us-east1-b__us-west1-a", "z2__", "a-b-c__a-b"];
const MIGRATED: &str = "storage.alpha.kubernetes.io/migrated-plugins";

/// Storage classes and drivers that a cluster begins with.
pub fn first(random: &mut Random) -> Vec<Value> {
    let class = |name: &str, provisioner: &str, mode: &str| {
        json!({ "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": name, "uid": name },
            "provisioner": provisioner, "volumeBindingMode": mode })
    };
    let mut zonal = class("zonal", "pd.csi.example", "WaitForFirstConsumer");
    zonal["allowedTopologies"] = json!([{ "matchLabelExpressions": [{ "key": ZONE, "values": random.some(&ZONES) }] }]);
    let mut out = vec![
        class("now", "pd.csi.example", "Immediate"),
        class("local", "kubernetes.io/no-provisioner", "WaitForFirstConsumer"),
        class("lvm", "lvm.csi.example", "WaitForFirstConsumer"),
        zonal,
        driver(random, "pd.csi.example"),
        driver(random, "lvm.csi.example"),
    ];
    out.extend(ZONES.map(|zone| capacity(random, zone)));
    out
}

fn driver(random: &mut Random, name: &str) -> Value {
    let mut spec =
        json!({ "attachRequired": true, "storageCapacity": name == "lvm.csi.example" && random.percent(80) });
    if random.percent(40) {
        spec["preventPodSchedulingIfMissing"] = random.percent(70).into();
    }
    json!({ "apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": { "name": name, "uid": name }, "spec": spec })
}

fn csi_node(random: &mut Random, node: &str) -> Value {
    let mut drivers = Vec::new();
    for name in [
        "pd.csi.example",
        "lvm.csi.example",
        "pd.csi.storage.gke.io",
        "ebs.csi.aws.com",
        "disk.csi.azure.com",
        "pxd.portworx.com",
    ] {
        if random.percent(60) {
            let mut driver = json!({ "name": name, "nodeID": node, "topologyKeys": [] });
            if random.percent(80) {
                driver["allocatable"] = json!({ "count": random.one(&[0, 1, 1, 2, 3]) });
            }
            drivers.push(driver);
        }
    }
    let mut metadata = json!({ "name": node, "uid": node });
    if random.percent(40) {
        let all = ["aws-ebs", "gce-pd", "azure-disk", "portworx-volume"].map(|old| format!("kubernetes.io/{old}"));
        metadata["annotations"] = json!({ MIGRATED: random.some(&all).join(",") });
    }
    json!({ "apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": metadata, "spec": { "drivers": drivers } })
}

/// Sizes differ from volume to volume, as the scheduler's choice among equal ones is chance.
fn free_volume(random: &mut Random) -> Value {
    let at = random.below(6);
    let name = format!("pv-{at}");
    let place = if random.percent(50) {
        json!({ "key": HOST, "operator": "In", "values": [format!("node-{}", random.below(8))] })
    } else {
        json!({ "key": ZONE, "operator": "In", "values": random.some(&ZONES) })
    };
    json!({ "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": name, "uid": name }, "spec": {
        "capacity": { "storage": format!("{}Gi", at + 1) }, "accessModes": ["ReadWriteOnce"], "storageClassName": "local",
        "volumeMode": "Filesystem", "local": { "path": "/mnt" },
        "nodeAffinity": { "required": { "nodeSelectorTerms": [{ "matchExpressions": [place] }] } },
    }, "status": { "phase": random.one(&["Available", "Available", "Available", "Released"]) } })
}

fn bound_volume(random: &mut Random, namespace: &str, claim: &str) -> Value {
    let name = format!("pv-{namespace}-{claim}");
    let mut spec = json!({
        "capacity": { "storage": "1Gi" }, "accessModes": ["ReadWriteOnce"], "storageClassName": "now",
        "volumeMode": "Filesystem",
        "claimRef": { "kind": "PersistentVolumeClaim", "namespace": namespace, "name": claim, "uid": format!("{namespace}-{claim}") },
    });
    match random.below(20) {
        0..2 => spec["gcePersistentDisk"] = json!({ "pdName": random.one(&["d0", "d1"]) }),
        2..4 => {
            let id = if random.percent(80) { random.one(&["d0", "d1"]) } else { random.one(&AWS_IDS) };
            spec["awsElasticBlockStore"] = json!({ "volumeID": id });
        }
        4 => {
            let kind = random.one(&["Managed", "managed", "Shared"]);
            spec["azureDisk"] = json!({ "diskName": "d", "diskURI": random.one(&["d0", "d1"]), "kind": kind });
        }
        5 => spec["portworxVolume"] = json!({ "volumeID": random.one(&["d0", "d1"]) }),
        at => {
            let driver = if at < 15 { "pd.csi.example" } else { "lvm.csi.example" };
            spec["csi"] = json!({ "driver": driver, "volumeHandle": format!("h{}", random.below(6)) });
        }
    }
    if random.percent(40) {
        let place = json!({ "key": ZONE, "operator": "In", "values": random.some(&ZONES) });
        spec["nodeAffinity"] = json!({ "required": { "nodeSelectorTerms": [{ "matchExpressions": [place] }] } });
    }
    let mut metadata = json!({ "name": name, "uid": name });
    if random.percent(30) {
        let key = random.one(&[ZONE, "failure-domain.beta.kubernetes.io/zone"]);
        let zones = if random.percent(70) { random.one(&["z1", "z2", "z3"]) } else { random.one(&SEVERAL_ZONES) };
        metadata["labels"] = json!({ key: zones });
    }
    json!({ "apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": spec, "status": { "phase": "Bound" } })
}

/// A claim in one of the states that it may be in, and its volume where it is bound.
pub fn claim(random: &mut Random, namespace: &str, name: &str, owner: Option<&str>) -> Vec<Value> {
    let mut metadata = json!({ "name": name, "namespace": namespace, "uid": format!("{namespace}-{name}") });
    if let Some(pod) = owner {
        let uid = if random.percent(90) { format!("{namespace}-{pod}") } else { "another".to_owned() };
        metadata["ownerReferences"] =
            json!([{ "apiVersion": "v1", "kind": "Pod", "name": pod, "uid": uid, "controller": true }]);
    }
    let modes = random.one(&[["ReadWriteOnce"], ["ReadWriteMany"], ["ReadWriteOncePod"]]);
    let size = format!("{}Gi", 1 + random.below(4));
    let mut spec = json!({
        "accessModes": modes, "resources": { "requests": { "storage": size } }, "volumeMode": "Filesystem",
    });
    let mut status = json!({ "phase": "Pending" });
    let mut out = Vec::new();
    match random.below(20) {
        0..11 => {
            metadata["annotations"] = json!({ "pv.kubernetes.io/bind-completed": "yes" });
            spec["storageClassName"] = "now".into();
            spec["volumeName"] = format!("pv-{namespace}-{name}").into();
            status = json!({ "phase": if random.percent(96) { "Bound" } else { "Lost" } });
            out.push(bound_volume(random, namespace, name));
        }
        11 => spec["storageClassName"] = "now".into(),
        12..14 => {
            spec["storageClassName"] = "local".into();
            spec["accessModes"] = json!(["ReadWriteOnce"]);
        }
        14..17 => spec["storageClassName"] = "lvm".into(),
        17 if random.percent(40) => spec["storageClassName"] = "gone".into(),
        _ => spec["storageClassName"] = "zonal".into(),
    }
    if random.percent(4) {
        let node = random.one(&["node-0", "node-1", "node-2", ""]);
        metadata["annotations"]["volume.kubernetes.io/selected-node"] = node.into();
    }
    if random.percent(3) {
        metadata["deletionTimestamp"] = "2023-11-10T00:00:00Z".into();
    }
    out.push(json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec, "status": status }));
    out
}

/// Room for volumes to be made: a piece for each class and zone, so that no two overlap.
fn capacity(random: &mut Random, zone: &str) -> Value {
    let name = format!("lvm-{zone}");
    let mut piece = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "CSIStorageCapacity",
        "metadata": { "name": name, "namespace": "default", "uid": name },
        "storageClassName": "lvm", "nodeTopology": { "matchLabels": { ZONE: zone } },
        "capacity": random.one(&["1Gi", "2Gi", "3Gi", "10Gi", "100Gi"]),
    });
    if random.percent(30) {
        piece["maximumVolumeSize"] = random.one(&["1Gi", "2Gi", "5Gi"]).into();
    }
    piece
}

fn attachment(random: &mut Random) -> Value {
    let volume = format!("pv-{}-{}", random.one(&NAMESPACES), random.one(&CLAIMS));
    let name = format!("va-{}", random.below(4));
    json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttachment", "metadata": { "name": name, "uid": name },
        "spec": { "attacher": random.one(&["pd.csi.example", "lvm.csi.example"]),
            "nodeName": format!("node-{}", random.below(8)), "source": { "persistentVolumeName": volume } },
    })
}

/// An object of storage, new or changed.
pub fn any(random: &mut Random) -> Vec<Value> {
    match random.below(12) {
        0..5 => claim(random, random.clone().one(&NAMESPACES), random.clone().one(&CLAIMS), None),
        5..7 => vec![free_volume(random)],
        7 | 8 => {
            let zone = random.one(&ZONES);
            vec![capacity(random, zone)]
        }
        9 if random.percent(40) => vec![attachment(random)],
        9 if random.percent(30) => {
            let class = json!({ "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
                "metadata": { "name": "gone", "uid": "gone" }, "provisioner": "pd.csi.example" });
            vec![class]
        }
        9 => first(random).split_off(3),
        _ => {
            let node = format!("node-{}", random.below(8));
            vec![csi_node(random, &node)]
        }
    }
}
