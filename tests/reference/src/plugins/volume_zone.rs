//! VolumeZone: not yet.

use crate::plugin::Plugin;

pub(crate) struct VolumeZone;

impl Plugin for VolumeZone {}
