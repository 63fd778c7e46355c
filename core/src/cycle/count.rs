//! Why no node will do, in numbers: what the message of a failure is made of. Columns are counted; few reasons take a look at each node by itself.

use super::Filtered;
use super::columns::filters;
use super::mask::bit;
use crate::Error;
use crate::plugin::Reason;
use crate::plugins::{Entry, Explain, Rejected, entry};
use crate::tables::Rule;

impl Filtered<'_, '_, '_> {
    /// Calls `emit` with each reason that comes first on some nodes, and on how many, as messages count them ([`Reason::as_counted`]): the sums of
    /// [`Self::explain`], at a pass or two for each filter that rejects any.
    ///
    /// # Errors
    /// As [`Self::explain`].
    pub fn count_reasons(&mut self, emit: &mut dyn FnMut(Reason, u32)) -> Result<(), Error> {
        if self.0.s.work.nominated_count[0] > 0 {
            // Nominated pods make some nodes' reasons other than their masks say.
            return self.explain(&mut |_, reason, is_first| {
                if is_first {
                    emit(reason.as_counted(), 1);
                }
            });
        }
        let cycle = &mut self.0;
        let nodes = cycle.nodes();
        let mask = core::mem::take(&mut cycle.s.work.mask);
        let marks = core::mem::take(&mut cycle.s.work.marks);
        let masks = &mask[..nodes];
        let of = |looked_at: u32, own: u32| Rejected::new(masks, looked_at | bit::GONE, own);
        let mut tell = |reason: Reason, nodes: u32| {
            if nodes > 0 {
                emit(reason.as_counted(), nodes);
            }
        };
        tell(Reason::NOT_NAMED, of(bit::NOT_NAMED, bit::NOT_NAMED).nodes());
        for (place, rule) in filters(&cycle.profile) {
            let own = 1 << place;
            let rejected = of((own - 1) | own | bit::NOT_NAMED, own);
            if rejected.nodes() == 0 {
                continue;
            }
            if let Rule::Plugin(plugin) = rule
                && let &Entry { reasons: &[only], explain: Explain::First | Explain::Each, .. } = entry(plugin)
            {
                tell(only, rejected.nodes());
                continue;
            }
            if let Rule::Plugin(plugin) = rule
                && let Some(count) = entry(plugin).count
                && count(&cycle.parts().0, rejected, &mut tell)
            {
                continue;
            }
            let marks = &mut marks[..nodes];
            cycle.mark_reasons(rule, marks);
            match rule {
                Rule::Plugin(plugin) if !matches!(entry(plugin).explain, Explain::With(_)) => {
                    let is_each = matches!(entry(plugin).explain, Explain::Each);
                    let mut before = 0;
                    for reason in entry(plugin).reasons {
                        let bit = 1 << reason.kind();
                        tell(*reason, rejected.marked(marks, before | bit, bit));
                        before |= if is_each { 0 } else { bit };
                    }
                }
                _ => {
                    let rows = masks.iter().zip(&*marks).enumerate();
                    for (node, (_, marks)) in rows.filter(|(_, (mask, _))| rejected.has(**mask)) {
                        let (pod, ..) = cycle.parts();
                        match rule {
                            Rule::Plugin(plugin) => {
                                let id = crate::NodeId(node as u32);
                                entry(plugin).reasons(&pod, id, *marks, &mut |reason| tell(reason, 1));
                            }
                            Rule::External(slot) => tell(Reason::external(slot, *marks), 1),
                        }
                    }
                }
            }
        }
        tell(Reason::CALLER, of(bit::CALLER | bit::FILTERS | bit::NOT_NAMED, bit::CALLER).nodes());
        (cycle.s.work.mask, cycle.s.work.marks) = (mask, marks);
        Ok(())
    }
}
