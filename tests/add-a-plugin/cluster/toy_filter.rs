//! ToyFilter: pods go only to every second node.

use bayplan_core::plugins::toy_filter::ODD;

use super::{Entry, Text, filters};

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point),
    texts: &[(ODD, Text::Is("node(s) were not every second one"))],
    ..Entry::NONE
};
