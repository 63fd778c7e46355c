//! ImageLocality: nodes that hold the pod's images already are better, the more so the larger the images are and the
//! more nodes hold them.

use crate::version::Version;

use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::plugin::{MAX_SCORE, Plugin};

const MIB: i64 = 1024 * 1024;
/// Less than this counts for nothing.
const LEAST: i64 = 23 * MIB;
/// More than this, for each image, counts for no more.
const MOST: i64 = 1000 * MIB;

pub(crate) struct ImageLocality;

impl Plugin for ImageLocality {
    fn score(&self, cycle: &Cycle<'_>, feasible: &[&NodeView<'_>]) -> Result<Option<Vec<i64>>, String> {
        let spec = &cycle.pod.spec;
        let of_containers = spec.init_containers.iter().chain(&spec.containers).map(|container| &container.image);
        let mut images: Vec<String> = of_containers.map(|image| normalized(image)).collect();
        let mut count = images.len();
        if cycle.version >= Version::V1_36 {
            let of_volumes = spec.volumes.iter().filter_map(|volume| volume.image.as_ref());
            images.extend(of_volumes.map(|image| normalized(&image.reference)));
        }
        // 1.36 adds the images of volumes without letting them raise the bound.
        if cycle.version >= Version::V1_37 {
            count = images.len();
        }
        let most = MOST * count as i64;
        let score = |node: &&NodeView<'_>| {
            let sum: i64 = images.iter().map(|image| scaled_size(cycle, node, image)).sum();
            MAX_SCORE * (sum.min(most).max(LEAST) - LEAST) / (most - LEAST)
        };
        Ok(Some(feasible.iter().map(score).collect()))
    }
}

/// The image's size, scaled by the share of nodes that hold it; 0 where this node doesn't.
fn scaled_size(cycle: &Cycle<'_>, node: &NodeView<'_>, image: &str) -> i64 {
    let size_on = |node: &NodeView<'_>| {
        let mut images = node.node.status.images.iter();
        images.find(|held| held.names.iter().any(|name| name == image)).map(|held| held.size_bytes)
    };
    if size_on(node).is_none() {
        return 0;
    }
    // Where nodes give different sizes, the first node's counts.
    let sizes: Vec<i64> = cycle.nodes.iter().filter_map(size_on).collect();
    let share = sizes.len() as f64 / cycle.nodes.len() as f64;
    (sizes[0] as f64 * share) as i64
}

/// The name with its tag: `latest` where it has none.
fn normalized(image: &str) -> String {
    if image.rfind(':') <= image.rfind('/') { format!("{image}:latest") } else { image.to_owned() }
}
