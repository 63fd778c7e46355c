//! The features that a pod needs its node to declare (rule NodeDeclaredFeatures).
//!
//! The rule is on by default from 1.36. A node passes if its `status.declaredFeatures` has every required feature; the
//! scheduler of a version only knows the features of that version, so those are the ones that can be required.

use crate::objects::{Container, Pod};
use crate::version::Version;

const RESTART_ALL_CONTAINERS: &str = "RestartAllContainersOnContainerExits";
const USER_NAMESPACES_HOST_NETWORK: &str = "UserNamespacesHostNetworkSupport";
const VOLUME_BIND_MOUNT_OPTIONS: &str = "VolumeBindMountOptions";

/// Every feature that a pod can require.
pub const ALL: [&str; 3] = [RESTART_ALL_CONTAINERS, USER_NAMESPACES_HOST_NETWORK, VOLUME_BIND_MOUNT_OPTIONS];

/// The features that the pod requires, in name order; none before 1.36.
#[must_use]
pub fn required(pod: &Pod, version: Version) -> Vec<&'static str> {
    let mut features = Vec::new();
    if version < Version::V1_36 {
        return features;
    }
    let spec = &pod.spec;
    let mut containers = spec.containers.iter().chain(&spec.init_containers);
    if containers.clone().any(restarts_all_containers) {
        features.push(RESTART_ALL_CONTAINERS);
    }
    if spec.host_network && spec.host_users == Some(false) {
        features.push(USER_NAMESPACES_HOST_NETWORK);
    }
    if version >= Version::V1_37
        && (containers.any(has_bind_options) || spec.ephemeral_containers.iter().any(has_bind_options))
    {
        features.push(VOLUME_BIND_MOUNT_OPTIONS);
    }
    features
}

fn restarts_all_containers(container: &Container) -> bool {
    container.restart_policy_rules.iter().any(|rule| rule["action"] == "RestartAllContainers")
}

fn has_bind_options(container: &Container) -> bool {
    container.volume_mounts.iter().any(|mount| !mount.bind_mount_options.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_knows_its_features() {
        let pod: Pod = serde_json::from_value(serde_json::json!({"spec": {
            "hostNetwork": true,
            "hostUsers": false,
            "containers": [{"restartPolicyRules": [{"action": "RestartAllContainers"}]}],
            "ephemeralContainers": [{"volumeMounts": [{"bindMountOptions": ["noexec"]}]}],
        }}))
        .unwrap();
        // The registries of the four versions' k8s.io/component-helpers/nodedeclaredfeatures; by default off in 1.35.
        let older = vec![RESTART_ALL_CONTAINERS, USER_NAMESPACES_HOST_NETWORK];
        let newest = [older.clone(), vec![VOLUME_BIND_MOUNT_OPTIONS]].concat();
        for (version, features) in Version::ALL.into_iter().zip([vec![], vec![], older, newest]) {
            assert_eq!(required(&pod, version), features, "{version}");
        }
    }
}
