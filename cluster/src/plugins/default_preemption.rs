//! DefaultPreemption: makes room by evicting pods of lower priority.

use super::{Arguments, Entry};
use crate::config::{Args, Point, Warning, raw, wrong};
use crate::error::Error;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| matches!(point, Point::PreEnqueue | Point::PostFilter | Point::PodGroupPostFilter),
    by_default: |_| Some(None),
    configure: Some(configure),
    ..Entry::NONE
};

fn configure(args: &mut Args, given: Arguments<'_>) -> Result<(), Error> {
    let raw: raw::DefaultPreemptionArgs = given.typed()?;
    let path = given.path;
    let percentage = raw.min_candidate_nodes_percentage.unwrap_or(10);
    let absolute = raw.min_candidate_nodes_absolute.unwrap_or(100);
    let percentage_path = format!("{path}.minCandidateNodesPercentage");
    if !(0..=100).contains(&percentage) {
        return Err(wrong(percentage_path, format!("{percentage} is not in 0 to 100")));
    }
    if absolute < 0 {
        return Err(wrong(format!("{path}.minCandidateNodesAbsolute"), format!("{absolute} is negative")));
    }
    if percentage == 0 && absolute == 0 {
        return Err(wrong(percentage_path, "must not be 0 together with minCandidateNodesAbsolute"));
    }
    if raw.min_candidate_nodes_percentage.is_some_and(|percentage| percentage < 100) {
        let text = "is not honoured: preemption looks at every node, as at a percentage of 100";
        given.warnings.push(Warning::new(path, text));
    }
    args.candidates = (percentage, absolute);
    Ok(())
}
