//! VolumeBinding: not yet.

use crate::plugin::Plugin;

pub(crate) struct VolumeBinding;

impl Plugin for VolumeBinding {}
