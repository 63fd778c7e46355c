//! Any object that is read, with its kind.

use std::fmt;

use serde::{Deserialize, Deserializer};

use super::*;

/// One line per kind: its name, API group, scope and type.
macro_rules! kinds {
    ($($kind:ident $group:literal $scope:ident $ty:ty,)*) => {
        /// A kind of object that is read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "the kinds are the API's own")]
        pub enum Kind { $($kind,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Kind] = &[$(Kind::$kind,)*];

            /// As in `kind:`.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$kind => stringify!($kind),)* }
            }

            /// The API group, empty for the core group.
            pub fn group(self) -> &'static str {
                match self { $(Kind::$kind => $group,)* }
            }

            /// Do objects of this kind live in a namespace?
            pub fn namespaced(self) -> bool {
                match self { $(Kind::$kind => scope!($scope),)* }
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(self, from: D) -> Result<Object, D::Error> {
                Ok(match self { $(Kind::$kind => Object::$kind(boxed(from)?),)* })
            }
        }

        impl Object {
            /// Writes it without its kind, so that [`Kind::deserialize`] reads it.
            pub(crate) fn write<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self { $(Object::$kind(object) => serde::Serialize::serialize(&**object, to),)* }
            }
        }

        /// An object of any kind that is read.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "the kinds are the API's own")]
        pub enum Object { $($kind(Box<$ty>),)* }

        impl Object {
            /// Which kind it is.
            pub fn kind(&self) -> Kind {
                match self { $(Object::$kind(_) => Kind::$kind,)* }
            }

            /// Its metadata.
            pub fn metadata(&self) -> &ObjectMeta {
                match self { $(Object::$kind(object) => &object.metadata,)* }
            }

            /// Its metadata, to change.
            pub fn metadata_mut(&mut self) -> &mut ObjectMeta {
                match self { $(Object::$kind(object) => &mut object.metadata,)* }
            }
        }

        $(impl From<$ty> for Object {
            fn from(object: $ty) -> Object {
                Object::$kind(Box::new(object))
            }
        })*
    };
}

macro_rules! scope {
    (cluster) => {
        false
    };
    (namespaced) => {
        true
    };
}

kinds! {
    Node "" cluster Node,
    Pod "" namespaced Pod,
    Namespace "" cluster Namespace,
    Service "" namespaced Service,
    ReplicationController "" namespaced ReplicationController,
    ReplicaSet "apps" namespaced ReplicaSet,
    Deployment "apps" namespaced Deployment,
    StatefulSet "apps" namespaced StatefulSet,
    DaemonSet "apps" namespaced DaemonSet,
    Job "batch" namespaced Job,
    CronJob "batch" namespaced CronJob,
    PriorityClass "scheduling.k8s.io" cluster PriorityClass,
    RuntimeClass "node.k8s.io" cluster RuntimeClass,
    LimitRange "" namespaced LimitRange,
    ResourceQuota "" namespaced ResourceQuota,
    PodDisruptionBudget "policy" namespaced PodDisruptionBudget,
    PersistentVolume "" cluster PersistentVolume,
    PersistentVolumeClaim "" namespaced PersistentVolumeClaim,
    StorageClass "storage.k8s.io" cluster StorageClass,
    CSINode "storage.k8s.io" cluster CsiNode,
    CSIDriver "storage.k8s.io" cluster CsiDriver,
    CSIStorageCapacity "storage.k8s.io" namespaced CsiStorageCapacity,
    VolumeAttachment "storage.k8s.io" cluster VolumeAttachment,
    ResourceClaim "resource.k8s.io" namespaced ResourceClaim,
    ResourceClaimTemplate "resource.k8s.io" namespaced ResourceClaimTemplate,
    DeviceClass "resource.k8s.io" cluster DeviceClass,
    ResourceSlice "resource.k8s.io" cluster ResourceSlice,
    DeviceTaintRule "resource.k8s.io" cluster DeviceTaintRule,
    PodGroup "scheduling.k8s.io" namespaced PodGroup,
    Workload "scheduling.k8s.io" namespaced Workload,
    ServiceAccount "" namespaced ServiceAccount,
}

/// Apart from its caller, so that a kind takes the stack that its own fields need and not that of all kinds.
#[inline(never)]
fn boxed<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Box<T>, D::Error> {
    T::deserialize(from).map(Box::new)
}

impl Kind {
    /// The kind of an `apiVersion` (any version; an absent one passes) and `kind`, if it is one that is read.
    pub fn find(api_version: &str, kind: &str) -> Option<Kind> {
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        Kind::ALL.iter().copied().find(|k| k.name() == kind && (api_version.is_empty() || k.group() == group))
    }

    /// The newest apiVersion that it has. Every version of its group is read.
    pub fn api_version(self) -> String {
        let version = if matches!(self, Kind::PodGroup | Kind::Workload) { "v1beta1" } else { "v1" };
        if self.group().is_empty() { version.to_owned() } else { format!("{}/{version}", self.group()) }
    }

    /// Has every server this kind? `kubectl get` fails where it is asked for one that the server has not.
    pub fn is_everywhere(self) -> bool {
        self.group() != "resource.k8s.io" && !matches!(self, Kind::PodGroup | Kind::Workload)
    }

    /// How a server calls many of them: `deployments`.
    pub fn plural(self) -> String {
        let name = self.name().to_lowercase();
        match name.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None if name.ends_with('s') => format!("{name}es"),
            None => format!("{name}s"),
        }
    }

    /// Does it make pods, or is it one?
    pub fn makes_pods(self) -> bool {
        use Kind::*;
        matches!(self, Pod | Deployment | ReplicaSet | ReplicationController | StatefulSet | DaemonSet | Job | CronJob)
    }

    /// Does its controller replace pods where the template changes, or has it one that may not change? Then all fields of it matter.
    pub(crate) fn keeps_spec(self) -> bool {
        use Kind::*;
        matches!(self, Deployment | ReplicaSet | StatefulSet | DaemonSet | Job)
    }

    /// Is it a kind that a server learns, of a group of Kubernetes' own?
    pub(crate) fn is_extension(api_version: &str, kind: &str) -> bool {
        matches!((api_version, kind), ("v1", "List")) || api_version.starts_with("apiextensions.k8s.io/")
    }

    /// How messages name an object of this kind: `Pod default/web`, `Node n1`.
    pub fn describe(self, namespace: &str, name: &str) -> String {
        if self.namespaced() && !namespace.is_empty() {
            format!("{} {namespace}/{name}", self.name())
        } else {
            format!("{} {name}", self.name())
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Object {
    /// Is it a manifest, which no API server has seen, and that was not admitted here either?
    pub fn is_written(&self) -> bool {
        match &self.metadata().provenance {
            Provenance::Unsaid => self.metadata().uid.is_empty(),
            Provenance::Written(_) => true,
            Provenance::Live | Provenance::Kept(_) | Provenance::Admitted(_) => false,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.metadata().name
    }

    /// Its namespace; empty for objects that live in none.
    pub fn namespace(&self) -> &str {
        &self.metadata().namespace
    }
}

impl fmt::Display for Object {
    /// As messages name it: `Pod default/web`, `Node n1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.kind().describe(self.namespace(), self.name()))
    }
}
