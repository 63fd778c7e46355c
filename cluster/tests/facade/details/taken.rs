//! NodePorts, VolumeRestrictions and NodeVolumeLimits: what others have already, and who.

use super::{behind_spec, expect, running_with};

#[test]
fn a_host_port_has_a_holder() {
    let port = |port: &str| format!("containers: [{{name: c, ports: [{{{port}}}]}}]");
    let others = [
        running_with("web", "a", "", &format!("nodeName: n1, {}", port("containerPort: 80, hostPort: 80"))),
        running_with(
            "web",
            "b",
            "",
            &format!("nodeName: n2, {}", port("containerPort: 53, hostPort: 53, protocol: UDP, hostIP: 10.0.0.1")),
        ),
        running_with(
            "web",
            "c",
            "",
            &format!("nodeName: n3, {}", port("containerPort: 53, hostPort: 53, protocol: UDP, hostIP: 10.0.0.2")),
        ),
    ]
    .concat();
    let spec = "{containers: [{name: c, ports: [{containerPort: 1, hostPort: 80}, \
                {containerPort: 2, hostPort: 53, protocol: UDP, hostIP: 10.0.0.1}]}]}";
    // The pod on n3 has the port on another address.
    let expected = expect([
        ("n1", &["host port 80/TCP is held by pod web/a"]),
        ("n2", &["host port 10.0.0.1:53/UDP is held by pod web/b"]),
    ]);
    assert_eq!(behind_spec(spec, &others), expected);
}

#[test]
fn an_init_container_may_hold_a_port() {
    let spec = "nodeName: n1, containers: [{name: c}], \
                initContainers: [{name: i, restartPolicy: Always, ports: [{containerPort: 80, hostPort: 80}]}]";
    let expected = expect([("n1", &["host port 80/TCP is held by pod default/a"])]);
    let pod = "{containers: [{name: c, ports: [{containerPort: 80, hostPort: 80}]}]}";
    assert_eq!(behind_spec(pod, &running_with("default", "a", "", spec)), expected);
}

#[test]
fn a_disk_has_a_user() {
    let disk = |read_only: bool| {
        format!(
            "containers: [{{name: c}}], volumes: [{{name: v, gcePersistentDisk: {{pdName: d, readOnly: {read_only}}}}}]"
        )
    };
    let others = [
        running_with("default", "a", "", &format!("nodeName: n1, {}", disk(false))),
        running_with("default", "b", "", &format!("nodeName: n2, {}", disk(true))),
    ]
    .concat();
    let expected = expect([("n1", &["disk gce d is in use by pod default/a"])]);
    assert_eq!(behind_spec(&format!("{{{}}}", disk(true)), &others), expected);
    let expected = expect([
        ("n1", &["disk gce d is in use by pod default/a"]),
        ("n2", &["disk gce d is in use by pod default/b"]),
    ]);
    assert_eq!(behind_spec(&format!("{{{}}}", disk(false)), &others), expected);
}

/// A claim that is bound to a volume of the driver `dr`, and the volume.
fn bound(name: &str, mode: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}, namespace: default, \
         annotations: {{pv.kubernetes.io/bind-completed: 'yes'}}}}\n\
         spec: {{accessModes: [{mode}], volumeName: pv-{name}}}\nstatus: {{phase: Bound}}\n---\n\
         apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: pv-{name}}}\n\
         spec: {{accessModes: [{mode}], claimRef: {{namespace: default, name: {name}}}, \
         csi: {{driver: dr, volumeHandle: {name}}}}}\nstatus: {{phase: Bound}}\n---\n"
    )
}

fn mounts(claims: &[&str]) -> String {
    let volumes: Vec<String> = claims
        .iter()
        .map(|claim| format!("{{name: {claim}, persistentVolumeClaim: {{claimName: {claim}}}}}"))
        .collect();
    format!("containers: [{{name: c}}], volumes: [{}]", volumes.join(", "))
}

#[test]
fn a_claim_that_one_pod_alone_may_use() {
    let user = running_with("default", "x", "", &format!("nodeName: n2, {}", mounts(&["data"])));
    let others = [bound("data", "ReadWriteOncePod"), user].concat();
    let text: &[&str] = &["claim default/data is in use by pod default/x, which alone may use it"];
    let expected = expect([("n1", text), ("n2", text), ("n3", text)]);
    assert_eq!(behind_spec(&format!("{{{}}}", mounts(&["data"])), &others), expected);
}

#[test]
fn a_limit_beside_what_the_pod_brings() {
    let limit = |node: &str, count: i32| {
        format!(
            "apiVersion: storage.k8s.io/v1\nkind: CSINode\nmetadata: {{name: {node}}}\n\
             spec: {{drivers: [{{name: dr, nodeID: {node}, allocatable: {{count: {count}}}}}, \
             {{name: another, nodeID: {node}, allocatable: {{count: 0}}}}]}}\n---\n"
        )
    };
    let user = running_with("default", "x", "", &format!("nodeName: n2, {}", mounts(&["a", "c"])));
    let claims = ["a", "b", "c"].map(|name| bound(name, "ReadWriteMany")).concat();
    let others = [limit("n1", 1), limit("n2", 2), limit("n3", 2), claims, user].concat();
    // n2 has the volume a already; the pod has none of another driver.
    let expected = expect([
        ("n1", &["dr: 0 of at most 1 volumes, the pod brings 2"]),
        ("n2", &["dr: 2 of at most 2 volumes, the pod brings 1"]),
    ]);
    assert_eq!(behind_spec(&format!("{{{}}}", mounts(&["a", "b"])), &others), expected);
}
