//! kube-scheduler's plugins, as this crate knows them: a file each, named as kube-scheduler names them, with all that is said of the
//! plugin here: the points that it takes part in, its arguments, and kube-scheduler's words for its reasons. What it decides is in the core's file of the same
//! name.

mod arguments;
mod details;
mod text;

use bayplan_core::Reason;

use crate::compile::Own;
use crate::config::{Args, Plugin, Point, for_each_plugin};
use crate::error::Error;
use crate::objects::Pod;
use crate::state::Cluster;
use crate::version::Version;

pub(crate) use arguments::{API_VERSION, Arguments};
pub(crate) use details::{Details, ExplainIndex};

macro_rules! entries {
    ($($name:ident: $file:ident,)*) => {
        $(pub(crate) mod $file;)*

        /// The registry: each plugin's entry, by [`Plugin`].
        static ENTRIES: [Entry; Plugin::ALL.len()] = [$($file::PLUGIN),*];
    };
}
for_each_plugin!(entries);

/// The entry of a plugin.
pub(crate) fn entry(plugin: Plugin) -> &'static Entry {
    &ENTRIES[plugin as usize]
}

/// Takes over a plugin's arguments.
type Configure = fn(&mut Args, Arguments<'_>) -> Result<(), Error>;
/// A plugin's PreFilter.
type PreFilter = fn(&Cluster, &Pod, &Own) -> Option<PreFilterStatus>;
/// The numbers and names behind a plugin's rejection of a node.
type NodeDetails = fn(&mut Details<'_>) -> Result<Vec<String>, Error>;

/// What a file of this folder exports as `PLUGIN`, most of it by `..Entry::NONE`.
pub(crate) struct Entry {
    /// The first version that has the plugin.
    since: Version,
    /// Whether the plugin, though the version has it, is idle because its feature gate is off by default.
    is_idle: fn(Version) -> bool,
    /// Whether it takes part in a point.
    points: fn(Point, Version) -> bool,
    /// Whether its filter is the same without its PreFilter.
    is_pre_filter_optional: bool,
    /// Whether the default profile of the version runs it, and the weight of its score where it has one there.
    by_default: fn(Version) -> Option<Option<i32>>,
    /// Takes over its arguments; none where it has no arguments.
    pub(crate) configure: Option<Configure>,
    /// Its PreFilter: what rejects the pod as a whole, before any node is looked at.
    pub(crate) pre_filter: Option<PreFilter>,
    /// The names behind a rejection by its PreFilter.
    pub(crate) pre_filter_details: Option<fn(&Cluster, &Pod) -> Vec<String>>,
    /// The numbers and names behind a rejection of a node.
    pub(crate) details: Option<NodeDetails>,
    /// kube-scheduler's words for its reasons.
    texts: &'static [(Reason, Text)],
}

/// What PreFilter says of a pod that no node can take.
pub(crate) enum PreFilterStatus {
    /// It rejects the pod, in kube-scheduler's words: UnschedulableAndUnresolvable.
    Rejected(String),
    /// The attempt fails, in kube-scheduler's words.
    Failed(String),
}

impl PreFilterStatus {
    fn rejected(why: impl Into<String>) -> Self {
        PreFilterStatus::Rejected(why.into())
    }
}

/// The names behind a PreFilterResult: the nodes that the affinity names.
pub(crate) fn pre_filter_result_details(pod: &Pod) -> Vec<String> {
    node_affinity::names(pod)
}

/// kube-scheduler's words for a reason.
pub(crate) enum Text {
    /// Just these.
    Is(&'static str),
    /// With the name of the resource that it is about.
    OfResource(fn(&str) -> String),
    /// With the name of the CSI driver that it is about.
    OfDriver(fn(&str) -> String),
}

impl Entry {
    /// A plugin of all versions that does nothing.
    const NONE: Self = Entry {
        since: Version::V1_34,
        is_idle: |_| false,
        points: |_, _| false,
        is_pre_filter_optional: false,
        by_default: |_| None,
        configure: None,
        pre_filter: None,
        pre_filter_details: None,
        details: None,
        texts: &[],
    };

    /// The text of a reason of the plugin; `names` has those of resources and drivers.
    pub(crate) fn text(&self, reason: Reason, resource: impl Fn() -> String, driver: impl Fn() -> String) -> String {
        match self.texts.iter().find(|(own, _)| reason.is(*own)) {
            Some((_, Text::Is(text))) => (*text).to_owned(),
            Some((_, Text::OfResource(text))) => text(&resource()),
            Some((_, Text::OfDriver(text))) => text(&driver()),
            None => unreachable!("a test finds a text for each reason of the core"),
        }
    }
}

/// The points of a filter.
fn filters(point: Point) -> bool {
    matches!(point, Point::PreFilter | Point::Filter)
}

/// The points of a score with a PreScore.
fn scores(point: Point) -> bool {
    matches!(point, Point::PreScore | Point::Score)
}

impl Plugin {
    /// Whether the version has the plugin.
    #[must_use]
    pub fn is_in(self, version: Version) -> bool {
        version >= entry(self).since
    }

    /// Whether the plugin, though the version has it, is idle because its feature gate is off by default.
    pub(crate) fn is_idle(self, version: Version) -> bool {
        (entry(self).is_idle)(version)
    }

    /// Whether the plugin takes part in the point.
    pub(crate) fn implements(self, point: Point, version: Version) -> bool {
        (entry(self).points)(point, version)
    }

    /// Whether its filter is the same without its PreFilter.
    pub(crate) fn is_pre_filter_optional(self) -> bool {
        entry(self).is_pre_filter_optional
    }

    /// What a version turns on at every point where it can, with the weights of scores, in order.
    pub(crate) fn defaults(version: Version) -> Vec<(Plugin, Option<i32>)> {
        let by_default = Plugin::ALL.iter().filter_map(|plugin| Some((*plugin, (entry(*plugin).by_default)(version)?)));
        let mut list: Vec<_> = by_default.collect();
        // From 1.37 on the cheaper of the two comes first.
        if version >= Version::V1_37 {
            let at = |list: &[(Plugin, _)], plugin| list.iter().position(|(other, _)| *other == plugin);
            if let (Some(a), Some(b)) = (at(&list, Plugin::NodeUnschedulable), at(&list, Plugin::NodeName)) {
                list.swap(a, b);
            }
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is forgotten in a plugin's file fails here: every plugin of the core is one here, takes part where it filters or scores, and has a
    /// text for each of its reasons and no others.
    #[test]
    fn plugins_of_the_core_are_complete() {
        for core in bayplan_core::Plugin::ALL.iter().copied() {
            let plugin = Plugin::from(core);
            assert_eq!(plugin.in_core(), Some(core));
            let reasons = bayplan_core::plugins::reasons(core);
            let texts = entry(plugin).texts;
            assert_eq!(texts.len(), reasons.len(), "{plugin}: as many texts as reasons");
            for reason in reasons {
                assert!(texts.iter().any(|(own, _)| own.is(*reason)), "{plugin}: a text for reason {}", reason.kind());
            }
            for version in Version::ALL {
                let is_there = plugin.is_in(version);
                if bayplan_core::plugins::filters(core) {
                    assert!(!is_there || plugin.implements(Point::Filter, version), "{plugin} filters in {version}");
                }
                if bayplan_core::plugins::scores(core) && plugin != Plugin::DynamicResources {
                    assert!(!is_there || plugin.implements(Point::Score, version), "{plugin} scores in {version}");
                }
            }
        }
    }
}
