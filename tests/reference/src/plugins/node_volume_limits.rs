//! NodeVolumeLimits: not yet.

use crate::plugin::Plugin;

pub(crate) struct NodeVolumeLimits;

impl Plugin for NodeVolumeLimits {}
