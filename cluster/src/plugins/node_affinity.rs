//! NodeAffinity: `nodeSelector` and node affinity.

use bayplan_core::plugins::node_affinity::{ENFORCED, NO_MATCH};

use super::{Arguments, Entry, Text, filters, scores};
use crate::config::{Args, NodeAffinityArgs, raw, wrong};
use crate::error::Error;
use crate::labels;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point) || scores(point),
    // The filter does without PreFilter: it then looks at every node.
    is_pre_filter_optional: true,
    by_default: |_| Some(Some(2)),
    configure: Some(configure),
    texts: &[
        (ENFORCED, Text::Is("node(s) didn't match scheduler-enforced node affinity")),
        (NO_MATCH, Text::Is("node(s) didn't match Pod's node affinity/selector")),
    ],
    ..Entry::NONE
};

fn configure(args: &mut Args, given: Arguments<'_>) -> Result<(), Error> {
    args.node_affinity = node_affinity(given.typed()?, given.path)?;
    Ok(())
}

fn node_affinity(raw: raw::NodeAffinityArgs, path: &str) -> Result<NodeAffinityArgs, Error> {
    let Some(added) = raw.added_affinity else { return Ok(NodeAffinityArgs::default()) };
    let path = format!("{path}.addedAffinity");
    let required_path = format!("{path}.requiredDuringSchedulingIgnoredDuringExecution");
    let preferred_path = format!("{path}.preferredDuringSchedulingIgnoredDuringExecution");
    let required = added.required.as_ref().map(|r| labels::NodeSelector::strict(r, &required_path)).transpose();
    let required = required.map_err(|error| wrong(error.field(), error.problem()))?;
    let preferred = match added.preferred.as_slice() {
        [] => None,
        terms => {
            let terms = labels::preferred_terms(terms, &preferred_path);
            Some(terms.map_err(|error| wrong(error.field(), error.problem()))?)
        }
    };
    Ok(NodeAffinityArgs { required, preferred })
}
