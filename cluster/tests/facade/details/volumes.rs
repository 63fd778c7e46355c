//! VolumeBinding and VolumeZone: the claim, its volume, and where a volume could be had.

use super::{Behind, behind_spec, expect};

const POD: &str = "{containers: [{name: c}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}";

/// A claim on 10Gi of the class `fast`; a bound one has a volume.
fn claim(name: &str, volume: &str) -> String {
    let bound = if volume.is_empty() { "" } else { "pv.kubernetes.io/bind-completed: 'yes'" };
    claim_with(name, volume, bound)
}

fn claim_with(name: &str, volume: &str, annotations: &str) -> String {
    let phase = if volume.is_empty() { "Pending" } else { "Bound" };
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\n\
         metadata: {{name: {name}, namespace: default, annotations: {{{annotations}}}}}\n\
         spec: {{storageClassName: fast, accessModes: [ReadWriteOnce], volumeName: '{volume}', \
         resources: {{requests: {{storage: 10Gi}}}}}}\nstatus: {{phase: {phase}}}\n---\n"
    )
}

/// A volume of 10Gi of the class `fast`, in the zones.
fn volume(name: &str, zones: &str, claim: Option<&str>) -> String {
    let phase = if claim.is_some() { "Bound" } else { "Available" };
    let claim = claim.map_or(String::new(), |claim| format!("claimRef: {{namespace: default, name: {claim}}}, "));
    format!(
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {name}}}\n\
         spec: {{capacity: {{storage: 10Gi}}, accessModes: [ReadWriteOnce], storageClassName: fast, {claim}\
         nodeAffinity: {{required: {{nodeSelectorTerms: [{{matchExpressions: [\
         {{key: topology.kubernetes.io/zone, operator: In, values: [{zones}]}}]}}]}}}}}}\n\
         status: {{phase: {phase}}}\n---\n"
    )
}

/// The class, which waits for the pod's node.
fn class(more: &str) -> String {
    format!(
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: fast}}\n\
         volumeBindingMode: WaitForFirstConsumer\n{more}\n---\n"
    )
}

fn class_of_volumes() -> String {
    class("provisioner: kubernetes.io/no-provisioner")
}

/// The same on some of the nodes.
fn on(nodes: &[&str], text: &str) -> Behind {
    nodes.iter().map(|node| ((*node).to_owned(), vec![text.to_owned()])).collect()
}

#[test]
fn a_volume_elsewhere() {
    let others = [claim("data", "pv-1"), volume("pv-1", "z1", Some("data")), class_of_volumes()].concat();
    let expected = on(&["n2", "n3"], "claim default/data: volume pv-1 is for nodes of topology.kubernetes.io/zone=z1");
    assert_eq!(behind_spec(POD, &others), expected);
}

#[test]
fn a_volume_that_is_not_there() {
    // VolumeZone rejects the pod as a whole for other claims; one that was made for the pod it does not look at.
    let pod = "{containers: [{name: c}], volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {}}}}]}";
    let claim = claim("p-v", "pv-9").replace(
        "{name: p-v,",
        "{name: p-v, ownerReferences: [{apiVersion: v1, kind: Pod, name: p, controller: true}],",
    );
    let expected = on(&["n1", "n2", "n3"], "claim default/p-v: volume pv-9 is not there");
    assert_eq!(behind_spec(pod, &format!("{claim}{}", class_of_volumes())), expected);
}

#[test]
fn a_class_that_makes_no_volume() {
    let behind =
        |volumes: &[String]| behind_spec(POD, &[claim("data", ""), class_of_volumes(), volumes.concat()].concat());
    let none = "claim default/data (class fast, 10Gi): no free volume fits it, and the class makes none";
    assert_eq!(behind(&[]), on(&["n1", "n2", "n3"], none));
    // A volume of another claim is not free.
    assert_eq!(behind(&[volume("pv-1", "z1", Some("other"))]), on(&["n1", "n2", "n3"], none));
    let one = "claim default/data (class fast, 10Gi): volume pv-1, the only free one that fits it, is for nodes of \
               topology.kubernetes.io/zone=z1, and the class makes none";
    assert_eq!(behind(&[volume("pv-1", "z1", None)]), on(&["n2", "n3"], one));
    let own = "claim default/data (class fast, 10Gi): volume pv-1, which is reserved for it, is for nodes of \
               topology.kubernetes.io/zone in (z1,z2), and the class makes none";
    assert_eq!(behind(&[volume("pv-1", "z1, z2", Some("data")), volume("pv-2", "z3", None)]), on(&["n3"], own));
    let two = "claim default/data (class fast, 10Gi): none of the 2 free volumes that fit it can be had here, and the \
               class makes none";
    assert_eq!(behind(&[volume("pv-1", "z1", None), volume("pv-2", "z2", None)]), on(&["n3"], two));
}

#[test]
fn one_volume_for_two_claims() {
    let pod = "{containers: [{name: c}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}, \
               {name: w, persistentVolumeClaim: {claimName: more}}]}";
    let others = [claim("data", ""), claim("more", ""), class_of_volumes(), volume("pv-1", "z1", None)].concat();
    // On n1 the first claim gets the volume.
    let only = "the only free one that fits it,";
    let taken = format!(
        "claim default/more (class fast, 10Gi): volume pv-1, {only} goes to another claim of the pod, and the class makes none"
    );
    let [data, more] = ["data", "more"].map(|name| {
        format!("claim default/{name} (class fast, 10Gi): volume pv-1, {only} is for nodes of topology.kubernetes.io/zone=z1, and the class makes none")
    });
    let expected = expect([("n1", &[&taken]), ("n2", &[&data, &more]), ("n3", &[&data, &more])]);
    assert_eq!(behind_spec(pod, &others), expected);
}

#[test]
fn a_class_that_makes_volumes_elsewhere() {
    let topologies =
        "allowedTopologies: [{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [z1, z2]}]}]";
    let others = [claim("data", ""), class(&format!("provisioner: dr\n{topologies}"))].concat();
    let expected = on(
        &["n3"],
        "claim default/data (class fast, 10Gi): no free volume fits it, and the class makes one only for nodes of \
         topology.kubernetes.io/zone in (z1,z2)",
    );
    assert_eq!(behind_spec(POD, &others), expected);
}

#[test]
fn a_driver_without_room() {
    let driver =
        "apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: dr}\nspec: {storageCapacity: true}\n---\n";
    let room = |zone: &str, size: &str| {
        format!(
            "apiVersion: storage.k8s.io/v1\nkind: CSIStorageCapacity\nmetadata: {{name: {zone}, namespace: default}}\n\
             storageClassName: fast\ncapacity: {size}\n\
             nodeTopology: {{matchLabels: {{topology.kubernetes.io/zone: {zone}}}}}\n---\n"
        )
    };
    let rooms = [room("z1", "20Gi"), room("z2", "5Gi")].concat();
    let others = [claim("data", ""), class("provisioner: dr"), driver.to_owned(), rooms].concat();
    // 10Gi do not fit in the 5Gi of z2, and of z3 nothing is said.
    let expected = on(
        &["n2", "n3"],
        "claim default/data (class fast, 10Gi): no free volume fits it, and the driver has no room for a new one here",
    );
    assert_eq!(behind_spec(POD, &others), expected);
}

#[test]
fn a_volume_that_is_being_made() {
    let claim = claim_with("data", "", "volume.kubernetes.io/selected-node: n2");
    let expected = on(&["n1", "n3"], "claim default/data (class fast, 10Gi): its volume is being made for node n2");
    assert_eq!(behind_spec(POD, &[claim, class("provisioner: dr")].concat()), expected);
}

#[test]
fn a_volume_of_another_zone() {
    let volume = volume("pv-1", "z1, z2, z3", Some("data"))
        .replace("{name: pv-1}", "{name: pv-1, labels: {topology.kubernetes.io/zone: z1__z2}}");
    // n4 has a label of a region only.
    let n4 = "apiVersion: v1\nkind: Node\nmetadata: {name: n4, labels: {topology.kubernetes.io/region: r}}\n\
              status: {allocatable: {cpu: '4', memory: 8Gi, pods: '110'}}\n---\n";
    let others = [
        claim("data", "pv-1"),
        volume.replace("operator: In, values: [z1, z2, z3]", "operator: NotIn, values: [z9]"),
        class_of_volumes(),
        n4.to_owned(),
    ]
    .concat();
    let labelled = "claim default/data: volume pv-1 is labelled topology.kubernetes.io/zone in (z1,z2)";
    let [n3, n4] = ["zone z3", "no such label"].map(|has| format!("{labelled}, the node has {has}"));
    assert_eq!(behind_spec(POD, &others), expect([("n3", &[&n3]), ("n4", &[&n4])]));
}
