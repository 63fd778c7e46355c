//! Rows that are not in use yet: they are made what they are in an empty block, since a row that is added relies on that.

use crate::NONE;
use crate::tables::{Count, Range, Tables};

pub(super) fn clear(t: &mut Tables<'_>) {
    let used = |count| t.count(count) as usize;
    let (nodes, resources, keys) = (used(Count::Nodes), used(Count::Resources), used(Count::Keys));
    let (specs, classes, pods) = (used(Count::Specs), used(Count::LabelClasses), used(Count::Pods));
    let (use_keys, uses, drivers) = (used(Count::UseKeys), used(Count::Uses), used(Count::Drivers));
    let (images, namespaces, nominations) = (used(Count::Images), used(Count::Namespaces), used(Count::Nominations));
    let (strings, budgets) = (used(Count::Strings), used(Count::Budgets));
    let limits = t.limits;
    let (row, per_resource) = (limits.nodes as usize, limits.resources as usize);

    t.node_flags[nodes..].fill(0);
    t.features[nodes..].fill(0);
    for column in [&mut *t.taint_set, t.image_set, t.node_pods] {
        column[nodes..].fill(NONE);
    }
    table(t.allocatable, row, resources, nodes, 0);
    table(t.labels, row, keys, nodes, NONE);
    table(t.driver_limit, row, drivers, nodes, NONE);
    table(t.driver_lacks, row, drivers, nodes, 0);
    for amounts in [&mut *t.spec_fit, t.spec_bound, t.spec_score, t.spec_balanced] {
        table(amounts, per_resource, specs, resources, 0);
    }
    t.spec_pods[specs..].fill(NONE);
    t.label_pods[classes..].fill(NONE);
    t.label_namespace[classes..].fill(NONE);
    t.label_list[classes..].fill(Range::default());
    t.namespace_exists[namespaces..].fill(0);
    t.string_is_int[strings..].fill(0);
    t.image_size[images..].fill(0);
    for column in [&mut *t.pod_spec, t.pod_labels, t.pod_node, t.pod_uses] {
        column[pods..].fill(NONE);
    }
    for links in [&mut *t.pod_next, t.pod_previous] {
        table(links, limits.pods as usize, 3, pods, NONE);
    }
    for column in [&mut *t.use_driver, t.use_first] {
        column[use_keys..].fill(NONE);
    }
    for column in [&mut *t.use_node, t.use_next] {
        column[uses..].fill(NONE);
    }
    t.nominated_node[nominations..].fill(NONE);
    t.budget_selector[budgets..].fill(NONE);
}

/// Clears the rows of a table behind those in use, and in the others what is behind the cells in use.
fn table<T: Copy>(cells: &mut [T], row: usize, rows: usize, used: usize, empty: T) {
    if row == 0 {
        return;
    }
    for (at, cells) in cells.chunks_exact_mut(row).enumerate() {
        cells[if at < rows { used } else { 0 }..].fill(empty);
    }
}
