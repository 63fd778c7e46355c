//! NodeDeclaredFeatures (from 1.35 on, on from 1.36): features that the node must declare.

use bayplan_core::plugins::node_declared_features::MISSING;

use super::{Entry, Text, filters};
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    since: Version::V1_35,
    is_idle: |version| version < Version::V1_36,
    points: |point, _| filters(point),
    by_default: |version| (version >= Version::V1_36).then_some(None),
    texts: &[(MISSING, Text::Is("node(s) didn't match Pod's required features"))],
    ..Entry::NONE
};
