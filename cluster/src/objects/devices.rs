//! Devices that drivers offer, and groups of pods that are placed together. The rules about them are not played yet: pods that they
//! concern are flagged, so only what tells which pods these are is read.

use super::ObjectMeta;

object! {
    /// A claim for devices.
    ResourceClaim { metadata: ObjectMeta }
    /// What the claims of pods are made from.
    ResourceClaimTemplate { metadata: ObjectMeta }
    /// A class of devices.
    DeviceClass { metadata: ObjectMeta, spec: DeviceClassSpec }
    /// `spec` of a class of devices. Pods that ask for the extended resource are given devices of the class.
    DeviceClassSpec { extended_resource_name: String }
    /// The devices that a driver offers.
    ResourceSlice { metadata: ObjectMeta }
    /// A taint on devices.
    DeviceTaintRule { metadata: ObjectMeta }
    /// Pods that are placed together.
    PodGroup { metadata: ObjectMeta }
    /// What pod groups are made from.
    Workload { metadata: ObjectMeta }
}
