//! VolumeRestrictions: not yet.

use crate::plugin::Plugin;

pub(crate) struct VolumeRestrictions;

impl Plugin for VolumeRestrictions {}
