//! Planners' answers as rows for C.

use std::any::Any;
use std::collections::{BTreeMap, HashSet};

use bayplan::inventory::{Group, NodeRow as Node};
use bayplan::simulate::{self, Amount as Sum, Tally};
use bayplan::whatif::{Fail, GpuView, Gpus, Priced as Mix, Shrink, Size, Survive, Totals as Sums, Upgrade};
use bayplan::{DryRun, Fit};

use crate::answer_rows::*;
use crate::text::{Str, Text};

/// Owns what rows point to. A list and a text stay where they are on the heap until the store is dropped.
#[derive(Default)]
pub(crate) struct Store {
    texts: Vec<Text>,
    lists: Vec<Box<dyn Any>>,
}

impl Store {
    fn text(&mut self, text: &str) -> Str {
        // First where it stays, then where it is.
        self.texts.push(Text::new(text));
        self.texts[self.texts.len() - 1].view()
    }

    /// The text, or "".
    fn maybe(&mut self, text: Option<&str>) -> Str {
        self.text(text.unwrap_or_default())
    }

    fn list<T: 'static>(&mut self, rows: Vec<T>) -> (*const T, usize) {
        if rows.is_empty() {
            return (std::ptr::null(), 0);
        }
        let list = (rows.as_ptr(), rows.len());
        self.lists.push(Box::new(rows));
        list
    }

    pub(crate) fn texts(&mut self, texts: &[String]) -> Texts {
        let views = texts.iter().map(|text| self.text(text)).collect();
        let (texts, count) = self.list(views);
        Texts { texts, count }
    }

    fn amounts(&mut self, of: &BTreeMap<String, Sum>, free: &BTreeMap<String, i64>) -> (*const Amount, usize) {
        let row = |(name, sum): (&String, &Sum)| Amount {
            resource: self.text(name),
            allocatable: sum.allocatable,
            requested: sum.requested,
            largest_free: free.get(name).copied().unwrap_or(0),
        };
        let rows = of.iter().map(row).collect();
        self.list(rows)
    }

    fn utilisation(&mut self, of: &simulate::Utilisation) -> Utilisation {
        let (amounts, amount_count) = self.amounts(&of.resources, &BTreeMap::new());
        Utilisation { nodes: of.nodes, amounts, amount_count }
    }

    fn workloads(&mut self, of: &[Tally]) -> (*const Workload, usize) {
        let row = |row: &Tally| Workload {
            kind: self.text(row.kind.name()),
            namespace_name: self.text(&row.namespace),
            name: self.text(&row.name),
            priority: row.priority,
            wanted: row.wanted,
            before: row.before,
            after: row.after,
            moved: row.moved,
            lost: row.lost,
            missing: row.missing,
            missing_before: row.missing_before,
            preempted: row.preempted,
        };
        let rows = of.iter().map(row).collect();
        self.list(rows)
    }

    fn because<'a>(&mut self, of: impl Iterator<Item = (&'a String, &'a String)>) -> (*const Because, usize) {
        let rows = of.map(|(name, why)| Because { name: self.text(name), why: self.text(why) }).collect();
        self.list(rows)
    }

    fn counted(&mut self, of: &[(String, usize)]) -> (*const Counted, usize) {
        let rows = of.iter().map(|(name, count)| Counted { name: self.text(name), count: *count }).collect();
        self.list(rows)
    }

    fn mix(&mut self, of: Option<&Mix>) -> Priced {
        let Some(mix) = of else {
            return Priced { is_found: false, price: 0.0, nodes: 0, bought: std::ptr::null(), bought_count: 0 };
        };
        let rows = mix.nodes.iter().map(|one| Bought {
            shape: self.text(&one.shape),
            zone: self.maybe(one.zone.as_deref()),
            count: one.count,
            price: one.price,
        });
        let rows = rows.collect();
        let (bought, bought_count) = self.list(rows);
        Priced { is_found: true, price: mix.price, nodes: mix.count(), bought, bought_count }
    }

    fn gpus(&mut self, of: &[Gpus]) -> (*const GpuRow, usize) {
        let row = |row: &Gpus| GpuRow {
            name: self.text(&row.name),
            pool: self.maybe(row.pool.as_deref()),
            resource: self.text(&row.resource),
            nodes: row.nodes,
            total: row.total,
            used: row.used,
            free: row.free,
            stranded: row.stranded,
            largest: row.largest,
            fits: row.fits,
        };
        let rows = of.iter().map(row).collect();
        self.list(rows)
    }

    pub(crate) fn simulated(&mut self, of: &simulate::Simulated) -> Simulated {
        let (workloads, workload_count) = self.workloads(&of.workloads);
        let gone = of.gone.iter().map(|gone| Gone {
            pod: self.text(&gone.pod),
            node: self.text(&gone.node),
            why: self.text(gone.why),
            by: self.maybe(gone.by.as_deref()),
        });
        let gone = gone.collect();
        let (gone, gone_count) = self.list(gone);
        let drained = of.drains.iter().flat_map(|drain| &drain.nodes).map(|node| Drained {
            node: self.text(&node.node),
            is_drained: node.is_drained,
            left: self.texts(&node.left),
            errors: self.texts(&node.errors),
            budgets: self.texts(&node.budgets),
        });
        let drained = drained.collect();
        let (drained, drained_count) = self.list(drained);
        Simulated {
            totals: totals(&of.totals()),
            workloads,
            workload_count,
            gone,
            gone_count,
            drained,
            drained_count,
            before: self.utilisation(&of.before),
            after: self.utilisation(&of.after),
        }
    }

    pub(crate) fn fail(&mut self, of: &Fail) -> FailAnswer {
        let mut failures = Vec::with_capacity(of.failures.len());
        for failure in &of.failures {
            let (workloads, workload_count) = self.workloads(&failure.workloads);
            failures.push(DomainFailure {
                domains: self.texts(&failure.domains),
                nodes: failure.nodes,
                totals: totals(&failure.totals),
                workloads,
                workload_count,
                after: self.utilisation(&failure.after),
                preemption_attempts: failure.preemption_attempts,
                unsure: self.texts(&failure.unsure),
            });
        }
        let (failures, failure_count) = self.list(failures);
        FailAnswer {
            by: self.text(&of.by),
            failures,
            failure_count,
            without_label: self.texts(&of.without_label),
            missing_before: of.missing_before,
            before: self.utilisation(&of.before),
        }
    }

    pub(crate) fn shrink(&mut self, of: &Shrink) -> ShrinkAnswer {
        let emptied = of.emptied.iter().map(|one| Emptied {
            node: self.text(&one.node),
            has_price: one.price.is_some(),
            price: one.price.unwrap_or(0.0),
            moves: self.texts(&one.moves),
        });
        let emptied = emptied.collect();
        let (emptied, emptied_count) = self.list(emptied);
        let (kept, kept_count) = self.because(of.kept.iter().map(|one| (&one.node, &one.why)));
        ShrinkAnswer {
            emptied,
            emptied_count,
            kept,
            kept_count,
            has_prices: of.price_before.is_some(),
            price_before: of.price_before.unwrap_or(0.0),
            price_after: of.price_after.unwrap_or(0.0),
            before: self.utilisation(&of.before),
            after: self.utilisation(&of.after),
        }
    }

    pub(crate) fn size(&mut self, of: &Size) -> SizeAnswer {
        let (impossible, impossible_count) = self.because(of.impossible.iter().map(|(pod, why)| (pod, why)));
        SizeAnswer {
            pods: of.pods,
            classes: of.classes,
            bound: of.bound,
            scheduled: self.mix(of.scheduled.as_ref()),
            packed: self.mix(of.packed.as_ref()),
            single: self.mix(of.single.as_ref()),
            impossible,
            impossible_count,
            zones: self.texts(&of.zones),
            survives: self.maybe(of.survive.map(|survive| match survive {
                Survive::Node => "node",
                Survive::Zone => "zone",
                _ => "unknown",
            })),
            after: self.utilisation(&of.after),
        }
    }

    pub(crate) fn upgrade(&mut self, of: &Upgrade) -> UpgradeAnswer {
        let steps = of.steps.iter().map(|step| UpgradeStep {
            node: self.text(&step.node),
            replacement: self.text(&step.replacement),
            is_done: step.is_done,
            evicted: step.evicted,
            missing: step.missing,
            blocked_by: self.texts(&step.blocked_by),
        });
        let steps = steps.collect();
        let (steps, step_count) = self.list(steps);
        let (peak_extra_nodes, peak_missing) = (of.peak_extra_nodes, of.peak_missing);
        UpgradeAnswer { steps, step_count, peak_extra_nodes, peak_missing }
    }

    pub(crate) fn gpu_view(&mut self, of: &GpuView) -> GpusAnswer {
        let (nodes, node_count) = self.gpus(&of.nodes);
        let (pools, pool_count) = self.gpus(&of.pools);
        let freed = of.freed.iter().map(|freed| FreedGpus {
            resource: self.text(&freed.resource),
            size: freed.size,
            node: self.text(&freed.node),
            moves: self.texts(&freed.moves),
        });
        let freed = freed.collect();
        let (freed, freed_count) = self.list(freed);
        let beside = of.beside.iter().map(|(resource, (milli_cpu, memory))| BesideGpu {
            resource: self.text(resource),
            milli_cpu: *milli_cpu,
            memory: *memory,
        });
        let beside = beside.collect();
        let (beside, beside_count) = self.list(beside);
        GpusAnswer { nodes, node_count, pools, pool_count, beside, beside_count, freed, freed_count }
    }

    pub(crate) fn preempt(&mut self, of: &DryRun) -> PreemptAnswer {
        let best: HashSet<&str> = of.best.iter().map(String::as_str).collect();
        let candidates = of.candidates.iter().map(|candidate| PreemptionCandidate {
            node: self.text(&candidate.node),
            victims: self.texts(&candidate.victims),
            violations: candidate.violations,
            is_best: best.contains(candidate.node.as_str()),
        });
        let candidates = candidates.collect();
        let (candidates, candidate_count) = self.list(candidates);
        let node = of.preemption.as_ref().and_then(|preemption| preemption.node.as_deref());
        PreemptAnswer { node: self.maybe(node), candidates, candidate_count }
    }

    pub(crate) fn nodes(&mut self, rows: &[Node], by: Option<&(String, Vec<Group>)>) -> NodesAnswer {
        let mut nodes = Vec::with_capacity(rows.len());
        for node in rows {
            let (amounts, amount_count) = self.amounts(&node.resources, &BTreeMap::new());
            nodes.push(NodeRow {
                name: self.text(&node.name),
                zone: self.maybe(node.zone.as_deref()),
                instance_type: self.maybe(node.instance_type.as_deref()),
                pods: node.pods,
                is_cordoned: node.is_cordoned,
                is_ready: node.is_ready,
                taints: self.texts(&node.taints),
                labels: self
                    .texts(&node.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>()),
                amounts,
                amount_count,
            });
        }
        let groups = by.map_or(&[][..], |(_, groups)| groups);
        let mut of_label = Vec::with_capacity(groups.len());
        for group in groups {
            let (amounts, amount_count) = self.amounts(&group.resources, &group.largest_free);
            of_label.push(NodeGroup {
                has_label: group.value.is_some(),
                value: self.maybe(group.value.as_deref()),
                nodes: group.nodes,
                pods: group.pods,
                amounts,
                amount_count,
            });
        }
        let (nodes, node_count) = self.list(nodes);
        let (groups, group_count) = self.list(of_label);
        NodesAnswer { nodes, node_count, by: self.maybe(by.map(|(by, _)| by.as_str())), groups, group_count }
    }

    pub(crate) fn fit(&mut self, of: &Fit) -> FitAnswer {
        let (by_node, by_node_count) = self.counted(&of.by_node);
        let (reasons, reason_count) = self.counted(&of.reasons);
        FitAnswer {
            replicas: of.replicas,
            is_limit_reached: of.limit_reached,
            by_node,
            by_node_count,
            reasons,
            reason_count,
            refused: self.maybe(of.refused.as_deref()),
        }
    }
}

fn totals(of: &Sums) -> Totals {
    Totals {
        moved: of.moved,
        lost: of.lost,
        missing: of.missing,
        newly_missing: of.newly_missing,
        preempted: of.preempted,
    }
}
