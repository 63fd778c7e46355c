//! Checks of state that came from elsewhere: every id that later indexes a table is in range.

use crate::tables::{Count, Sequence, Tables};
use crate::{Error, NONE};

/// # Errors
/// [`Error::Corrupt`] with the table.
pub(crate) fn check(t: &Tables<'_>) -> Result<(), Error> {
    let l = &t.limits;
    let corrupt = |table| Error::Corrupt { table };
    let holds = [
        (Count::Nodes, l.nodes, "nodes"),
        (Count::Resources, l.resources, "resources"),
        (Count::Keys, l.keys, "keys"),
        (Count::Strings, l.strings, "strings"),
        (Count::TaintSets, l.taint_sets, "taint_sets"),
        (Count::ImageSets, l.image_sets, "image_sets"),
        (Count::Images, l.images, "images"),
        (Count::Profiles, l.profiles, "profiles"),
        (Count::Specs, l.specs, "specs"),
        (Count::LabelClasses, l.label_classes, "label_classes"),
        (Count::Namespaces, l.namespaces, "namespaces"),
        (Count::Selectors, l.selectors, "selectors"),
        (Count::Terms, l.terms, "terms"),
        (Count::Pods, l.pods, "pods"),
        (Count::UseKeys, l.use_keys, "use_keys"),
        (Count::Uses, l.uses, "uses"),
        (Count::Drivers, l.drivers, "drivers"),
        (Count::NodeSets, l.node_sets, "node_sets"),
        (Count::UseLists, l.use_lists, "use_lists"),
        (Count::Nominations, l.nominations, "nominations"),
        (Count::Budgets, l.budgets, "budgets"),
        (Count::Overlays, l.overlays, "overlays"),
        (Count::Volumes, l.volumes, "volumes"),
        (Count::Arena, l.arena, "arena"),
    ];
    for (count, limit, table) in holds {
        if t.count(count) > limit {
            return Err(corrupt(table));
        }
    }
    let below = |column: &[u32], count: Count, table| {
        let most = t.count(count);
        if column.iter().all(|id| *id < most || *id == NONE) { Ok(()) } else { Err(corrupt(table)) }
    };
    let nodes = t.count(Count::Nodes) as usize;
    below(&t.labels[..], Count::Strings, "labels")?;
    below(&t.taint_set[..nodes], Count::TaintSets, "nodes")?;
    below(&t.image_set[..nodes], Count::ImageSets, "nodes")?;
    below(&t.node_pods[..nodes], Count::Pods, "nodes")?;
    below(&t.pod_spec[..], Count::Specs, "pods")?;
    below(&t.pod_labels[..], Count::LabelClasses, "pods")?;
    below(&t.pod_node[..], Count::Nodes, "pods")?;
    below(&t.pod_next[..], Count::Pods, "pods")?;
    below(&t.pod_previous[..], Count::Pods, "pods")?;
    below(&t.spec_pods[..], Count::Pods, "specs")?;
    below(&t.label_pods[..], Count::Pods, "label_classes")?;
    below(&t.use_first[..], Count::Uses, "use_keys")?;
    below(&t.use_next[..], Count::Uses, "uses")?;
    below(&t.use_node[..], Count::Nodes, "uses")?;
    below(&t.use_driver[..], Count::Drivers, "use_keys")?;
    below(&t.pod_uses[..], Count::UseLists, "pods")?;
    below(&t.nominated_node[..], Count::Nodes, "nominations")?;
    below(&t.nominated_spec[..], Count::Specs, "nominations")?;
    below(&t.nominated_labels[..], Count::LabelClasses, "nominations")?;
    below(&t.nominated_uses[..], Count::UseLists, "nominations")?;
    below(&t.budget_selector[..], Count::Selectors, "budgets")?;
    below(&t.label_namespace[..], Count::Namespaces, "label_classes")?;
    let noted = t.sequence(Sequence::Journal).min(t.journal.len() as u64) as usize;
    below(&t.journal[..noted], Count::Nodes, "journal")?;
    // Each list that runs through pods has as many links as there are pods, so none runs in a circle.
    let bound = t.count(Count::BoundPods) as usize;
    let walked: usize = (0..nodes)
        .map(|n| t.pods_on(crate::NodeId(n as u32)).take(bound + 1).count())
        .try_fold(0usize, |sum, n| (sum + n <= bound).then_some(sum + n))
        .ok_or(corrupt("pods"))?;
    if walked != bound {
        return Err(corrupt("pods"));
    }
    for spec in &t.specs[..t.count(Count::Specs) as usize] {
        if spec.profile >= t.count(Count::Profiles) {
            return Err(corrupt("specs"));
        }
    }
    Ok(())
}
