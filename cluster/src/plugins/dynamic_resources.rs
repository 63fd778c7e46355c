//! DynamicResources: claims on devices. They are not evaluated; a decision says so of the pods that have any.

use super::{Arguments, Entry, filters};
use crate::config::{Args, Point, raw};
use crate::error::Error;
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, version| match point {
        Point::PreEnqueue | Point::PostFilter | Point::PodGroupPostFilter | Point::Reserve | Point::PreBind => true,
        Point::Score => version >= Version::V1_35,
        _ => filters(point),
    },
    by_default: |_| Some(Some(2)),
    configure: Some(configure),
    ..Entry::NONE
};

fn configure(_: &mut Args, given: Arguments<'_>) -> Result<(), Error> {
    let _: raw::DynamicResourcesArgs = given.typed()?;
    Ok(())
}

/// Its part of the message of a pod that fits nowhere and claims no devices.
pub(crate) fn post_filter(version: Version) -> Option<&'static str> {
    (version < Version::V1_37).then_some("no new claims to deallocate")
}

/// The error of its PostFilter where its PreFilter did not run.
pub(crate) const NO_STATE: &str = "not found";
