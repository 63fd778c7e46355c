//! VolumeBinding: claims that are bound, or wait for the pod's node.

use bayplan_core::plugins::volume_binding::{NO_SPACE, NO_SUCH_VOLUME, NONE_TO_BIND, NOT_REACHABLE};

use super::arguments::shape;
use super::{Arguments, Entry, Text, filters, scores};
use crate::config::{Args, Point, ShapePoint, raw, wrong};
use crate::error::Error;
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point) || scores(point) || matches!(point, Point::Reserve | Point::PreBind),
    by_default: |_| Some(None),
    configure: Some(configure),
    texts: &[
        (NOT_REACHABLE, Text::Is("node(s) didn't match PersistentVolume's node affinity")),
        (NO_SUCH_VOLUME, Text::Is("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)")),
        (NONE_TO_BIND, Text::Is("node(s) didn't find available persistent volumes to bind")),
        (NO_SPACE, Text::Is("node(s) did not have enough free storage")),
    ],
    ..Entry::NONE
};

fn configure(args: &mut Args, given: Arguments<'_>) -> Result<(), Error> {
    if let Some(shape) = volume_binding(given.typed()?, given.version, given.path)? {
        args.volume_shape = Some(shape);
    }
    Ok(())
}

/// The shape; `None` leaves the default.
fn volume_binding(raw: raw::VolumeBindingArgs, version: Version, path: &str) -> Result<Option<Vec<ShapePoint>>, Error> {
    if let Some(seconds) = raw.bind_timeout_seconds.filter(|seconds| *seconds < 0) {
        return Err(wrong(format!("{path}.bindTimeoutSeconds"), format!("{seconds} is negative")));
    }
    let path = format!("{path}.shape");
    match raw.shape {
        None => Ok(None),
        Some(points) if version >= Version::V1_37 => {
            if points.is_empty() {
                Ok(None)
            } else {
                shape(&points, &path).map(Some)
            }
        }
        Some(_) => Err(wrong(path, "is only legal from 1.37 on")),
    }
}
