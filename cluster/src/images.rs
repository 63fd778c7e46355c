//! The images that a pod needs, as ImageLocality counts them.
//!
//! The score of a node, with `images` and `count` of [`of_pod`]:
//!
//! 1. Each entry of `images` (one that stands there twice counts twice) of which the node has the name adds
//!    `(size as f64 * (holders as f64 / nodes as f64)) as i64`, where `holders` is the number of nodes that have the name,
//!    `nodes` the number of all nodes, and `size` what the first node with the name, in the order in which the nodes came,
//!    says of it.
//! 2. The sum is clamped to [`MIN_SUM`] from below, else to [`MAX_SUM_PER_IMAGE`]` * count` from above. (For a pod without
//!    containers the second is 0; the first comes first.)
//! 3. The score is `100 * (sum - MIN_SUM) / (MAX_SUM_PER_IMAGE * count - MIN_SUM)`, truncated; it is not normalised.
//!
//! | | 1.34, 1.35 | 1.36 | 1.37 |
//! |---|---|---|---|
//! | containers and init containers | in `images` and `count` | the same | the same |
//! | image volumes | nowhere | only in `images` | in `images` and `count` |

use std::borrow::Cow;

use crate::objects::Pod;
use crate::version::Version;

const MIB: i64 = 1024 * 1024;
/// The least sum of sizes that counts: 23 MiB.
pub const MIN_SUM: i64 = 23 * MIB;
/// The greatest sum of sizes that counts, for each image of the pod: 1000 MiB.
pub const MAX_SUM_PER_IMAGE: i64 = 1000 * MIB;

/// The images that a pod needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Images {
    /// Their names with a tag or digest, to be compared with the names that a node's status gives, which are taken as
    /// they are. Repeats count each time.
    pub images: Vec<String>,
    /// By how many images the upper limit is multiplied.
    pub count: usize,
}

/// The images that the pod needs.
#[must_use]
pub fn of_pod(pod: &Pod, version: Version) -> Images {
    let spec = &pod.spec;
    let containers = spec.init_containers.iter().chain(&spec.containers).map(|container| container.image.as_str());
    let mut images: Vec<_> = containers.map(|name| normalized(name).into_owned()).collect();
    let mut count = images.len();
    if version >= Version::V1_36 {
        let volumes = spec.volumes.iter().filter_map(|volume| volume.image.as_ref());
        images.extend(volumes.map(|image| normalized(&image.reference).into_owned()));
    }
    if version >= Version::V1_37 {
        count = images.len();
    }
    Images { images, count }
}

/// The name with `:latest` where it has neither tag nor digest (a colon before the last slash is a port).
#[must_use]
pub fn normalized(name: &str) -> Cow<'_, str> {
    // Without a colon the tag is missing, whether there is a slash or not; `None` is less than any position.
    if name.rfind(':') <= name.rfind('/') { Cow::Owned(format!("{name}:latest")) } else { Cow::Borrowed(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tag_is_latest() {
        for (name, full) in [
            ("app", "app:latest"),
            ("app:v1", "app:v1"),
            ("r.example.com:5000/app", "r.example.com:5000/app:latest"),
            ("r.example.com:5000/app:v1", "r.example.com:5000/app:v1"),
            ("a/b", "a/b:latest"),
            ("app@sha256:0123", "app@sha256:0123"),
            ("", ":latest"),
        ] {
            assert_eq!(normalized(name), full);
        }
    }
}
