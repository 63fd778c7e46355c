//! InterPodAffinity: pod affinity and anti-affinity.

use bayplan_core::plugins::inter_pod_affinity::{AFFINITY, ANTI_AFFINITY, EXISTING_ANTI_AFFINITY};

use super::{Arguments, Entry, Text, filters, scores};
use crate::config::{Args, InterPodArgs, raw, wrong};
use crate::error::Error;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point) || scores(point),
    by_default: |_| Some(Some(2)),
    configure: Some(configure),
    texts: &[
        (AFFINITY, Text::Is("node(s) didn't match pod affinity rules")),
        (ANTI_AFFINITY, Text::Is("node(s) didn't match pod anti-affinity rules")),
        (EXISTING_ANTI_AFFINITY, Text::Is("node(s) didn't satisfy existing pods anti-affinity rules")),
    ],
    ..Entry::NONE
};

fn configure(args: &mut Args, given: Arguments<'_>) -> Result<(), Error> {
    args.interpod = interpod(&given.typed()?, given.path)?;
    Ok(())
}

fn interpod(raw: &raw::InterPodAffinityArgs, path: &str) -> Result<InterPodArgs, Error> {
    let weight = raw.hard_pod_affinity_weight.unwrap_or(1);
    if !(0..=100).contains(&weight) {
        return Err(wrong(format!("{path}.hardPodAffinityWeight"), format!("{weight} is not in 0 to 100")));
    }
    Ok(InterPodArgs {
        hard_pod_affinity_weight: weight,
        ignore_preferred_terms_of_existing_pods: raw.ignore_preferred_terms_of_existing_pods,
    })
}
