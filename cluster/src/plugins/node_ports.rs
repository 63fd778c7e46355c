//! NodePorts: host ports.

use bayplan_core::plugins::node_ports::TAKEN;

use super::{Entry, Text, filters};

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point),
    by_default: |_| Some(None),
    texts: &[(TAKEN, Text::Is("node(s) didn't have free ports for the requested pod ports"))],
    ..Entry::NONE
};
