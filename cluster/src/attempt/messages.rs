//! kube-scheduler's words for why a pod has no node.

use std::collections::BTreeMap;
use std::sync::Arc;

use bayplan_core::{NodeId, Plugin, Reason, RejectedBy, Rule};

use crate::error::Error;
use crate::plugins;
use crate::state::Cluster;
use crate::state::prepared::Prepared;

/// Reasons as failures count them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted {
    /// The reasons that come first on their nodes. Filters tell their reasons one after the other, so what came last mostly comes
    /// again.
    firsts: Vec<(Reason, usize)>,
    /// What extenders say of the nodes that they reject.
    by_extenders: BTreeMap<Arc<str>, usize>,
    /// All reasons of the nominated node.
    of_nominated: Vec<Reason>,
}

impl Counted {
    /// Counts what comes first on so many nodes.
    pub(crate) fn add_first(&mut self, reason: Reason, nodes: u32) {
        self.firsts.push((reason, nodes as usize));
    }

    /// Counts a reason of a node.
    pub(crate) fn add(&mut self, prepared: &Prepared, node: NodeId, reason: Reason, is_first: bool) {
        let reason = reason.as_counted();
        if let Some((words, _)) = prepared.extended.rejected.get(&node) {
            if let (true, Some(words)) = (reason.by() == RejectedBy::Caller, words) {
                *self.by_extenders.entry(words.clone()).or_default() += 1;
            }
            return;
        }
        if is_first {
            match self.firsts.last_mut() {
                Some((last, count)) if *last == reason => *count += 1,
                _ => self.firsts.push((reason, 1)),
            }
        }
        if node == prepared.nominated {
            self.of_nominated.push(reason);
        }
    }

    fn sums(&self) -> BTreeMap<Reason, usize> {
        let mut sums = BTreeMap::new();
        self.firsts.iter().for_each(|(reason, count)| *sums.entry(*reason).or_default() += count);
        sums
    }
}

/// The reason of nodes that PreFilter leaves out, as failures count it.
const NOT_NAMED: Reason = Reason::NOT_NAMED.as_counted();

impl Cluster {
    /// The failure as kube-scheduler words it: each reason with the number of nodes that it holds for.
    pub(crate) fn failure(&self, reasons: &Counted) -> String {
        let (mut counts, of_nominated) = (reasons.sums(), &reasons.of_nominated);
        // The nominated node has been looked at first, even where the affinity names others: its own reason counts, and the
        // plugin that gave it is named with the affinity.
        let mut also = None;
        if counts.contains_key(&NOT_NAMED)
            && let Some(first) = of_nominated.iter().find_map(|reason| reason.plugin())
        {
            also = Some(first);
            if of_nominated.contains(&Reason::NOT_NAMED.as_counted()) {
                let own = of_nominated.iter().filter(|reason| reason.plugin() == Some(first));
                own.for_each(|reason| *counts.entry(*reason).or_default() += 1);
                counts.entry(NOT_NAMED).and_modify(|count| *count -= 1);
            }
        }
        let text = |reason| match also {
            Some(plugin) if reason == NOT_NAMED && plugin != Plugin::NodeAffinity => {
                let mut plugins = [Plugin::NodeAffinity.name(), plugin.name()];
                plugins.sort_unstable();
                format!("node(s) didn't satisfy plugin(s) [{}]", plugins.join(" "))
            }
            _ => self.text(reason),
        };
        // Equal words are counted as one reason, whoever says them.
        let mut by_words: BTreeMap<String, usize> = BTreeMap::new();
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        counts.for_each(|(reason, count)| *by_words.entry(text(reason)).or_default() += count);
        let extenders = reasons.by_extenders.iter();
        extenders.for_each(|(words, count)| *by_words.entry(words.to_string()).or_default() += count);
        let mut texts: Vec<String> = by_words.into_iter().map(|(words, count)| format!("{count} {words}")).collect();
        texts.sort_unstable();
        let all = self.compiler().nodes.len();
        if texts.is_empty() {
            return format!("0/{all} nodes are available:");
        }
        format!("0/{all} nodes are available: {}.", texts.join(", "))
    }

    /// kube-scheduler's words for a reason.
    pub(crate) fn text(&self, reason: Reason) -> String {
        match reason.by() {
            RejectedBy::PreFilterResult => "node(s) didn't satisfy plugin(s) [NodeAffinity]".to_owned(),
            RejectedBy::Plugin(plugin) => {
                let resource = || self.compiler().resources.name(reason.resource()).to_owned();
                let driver = || {
                    self.compiler().driver_names.get(reason.driver().at()).map_or_else(String::new, ToString::to_string)
                };
                plugins::entry(plugin.into()).text(reason, resource, driver)
            }
            RejectedBy::External(slot) => {
                let plugin = self.compiler().plugins.get(slot.at());
                plugin.map_or_else(String::new, |plugin| plugin.reason(reason.external_code()))
            }
            _ => "node(s) were left out by the caller".to_owned(),
        }
    }

    /// With which words scoring fails, if it does.
    pub(crate) fn score_error(&mut self, prepared: &Prepared) -> Result<Option<String>, Error> {
        if prepared.score_error.is_some() || !self.compiler().has_huge {
            return Ok(prepared.score_error.as_deref().map(str::to_owned));
        }
        let weights = self.compiler().config.profiles[prepared.profile].scores.clone();
        let mut wrong: Option<(NodeId, usize, i64)> = None;
        self.ask(prepared, |cycle| {
            wrong = None;
            cycle.filter()?.scores(&mut |rule, node, weighted| {
                let Rule::Plugin(plugin) = rule else { return };
                let Some(at) = weights.iter().position(|(rule, _)| rule.name() == plugin.name()) else { return };
                let score = weighted / weights[at].1.max(1);
                if !(0..=100).contains(&score) {
                    let this = (node, at, score);
                    wrong = Some(wrong.map_or(this, |other| other.min(this)));
                }
            });
            Ok(())
        })?;
        Ok(wrong.map(|(_, at, score)| {
            let rule = weights[at].0.name();
            format!(
                "applying score defaultWeights on Score plugins: plugin {rule:?} returns an invalid score {score}, \
                 it should in the range of [0, 100] after normalizing"
            )
        }))
    }
}
