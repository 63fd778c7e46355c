//! Extension points: the steps of scheduling that plugins take part in.

use crate::version::Version;

/// An extension point: a step of scheduling that plugins take part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    PreEnqueue,
    QueueSort,
    PreFilter,
    Filter,
    PostFilter,
    PreScore,
    Score,
    Reserve,
    Permit,
    PreBind,
    Bind,
    PostBind,
    PlacementGenerate,
    PlacementScore,
    PodGroupPostFilter,
}

impl Point {
    pub(crate) const ALL: [Point; 15] = [
        Point::PreEnqueue,
        Point::QueueSort,
        Point::PreFilter,
        Point::Filter,
        Point::PostFilter,
        Point::PreScore,
        Point::Score,
        Point::Reserve,
        Point::Permit,
        Point::PreBind,
        Point::Bind,
        Point::PostBind,
        Point::PlacementGenerate,
        Point::PlacementScore,
        Point::PodGroupPostFilter,
    ];

    /// The field of `plugins` that configures it.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Point::PreEnqueue => "preEnqueue",
            Point::QueueSort => "queueSort",
            Point::PreFilter => "preFilter",
            Point::Filter => "filter",
            Point::PostFilter => "postFilter",
            Point::PreScore => "preScore",
            Point::Score => "score",
            Point::Reserve => "reserve",
            Point::Permit => "permit",
            Point::PreBind => "preBind",
            Point::Bind => "bind",
            Point::PostBind => "postBind",
            Point::PlacementGenerate => "placementGenerate",
            Point::PlacementScore => "placementScore",
            Point::PodGroupPostFilter => "podGroupPostFilter",
        }
    }

    /// The first version that has it.
    pub(crate) fn since(self) -> Version {
        match self {
            Point::PlacementGenerate | Point::PlacementScore => Version::V1_36,
            Point::PodGroupPostFilter => Version::V1_37,
            _ => Version::V1_34,
        }
    }
}
