//! The answers of the caller's own plugins, for the core's external slots.

use std::sync::Arc;

use bayplan_core::{External, ExternalId, NodeId, Normalize, Request};
use imbl::Vector;

use crate::compile::Compiler;
use crate::custom::{CustomPlugin, Question};
use crate::objects::Pod;

/// The plugins' answers in one attempt, each asked for once.
pub(crate) struct Asked<'a> {
    plugins: Arc<[CustomPlugin]>,
    names: Vector<Arc<str>>,
    pod: &'a Pod,
    nodes: Vec<NodeId>,
    /// By plugin: codes and scores by row.
    codes: Vec<Option<Vec<u32>>>,
    scores: Vec<Option<Vec<i64>>>,
    /// What the first plugin that failed said.
    pub(crate) fault: Option<String>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(compiler: &Compiler, pod: &'a Pod) -> Self {
        let (plugins, names) = (compiler.plugins.clone(), compiler.node_names.clone());
        let rows = names.iter().zip(0..).map(|(name, row)| (name, NodeId(row)));
        // A node that came again has a new row.
        let alive = rows.filter(|(name, row)| compiler.nodes.get(&***name) == Some(row));
        let nodes = alive.map(|(_, row)| row).collect();
        let count = plugins.len();
        Asked { plugins, names, pod, nodes, codes: vec![None; count], scores: vec![None; count], fault: None }
    }

    /// The answers by row, from those by node.
    fn ask<T: Copy + Default>(
        &mut self,
        slot: ExternalId,
        ask: impl FnOnce(&CustomPlugin, &Question<'_>, &mut [T]) -> Result<(), String>,
    ) -> Vec<T> {
        let mut by_row = vec![T::default(); self.names.len()];
        let Some(plugin) = self.plugins.get(slot.at()).filter(|_| self.fault.is_none()) else { return by_row };
        let mut answers = vec![T::default(); self.nodes.len()];
        let question = Question { pod: self.pod, nodes: &self.nodes, names: &self.names };
        match ask(plugin, &question, &mut answers) {
            Ok(()) => self.nodes.iter().zip(answers).for_each(|(node, answer)| by_row[node.at()] = answer),
            Err(fault) => self.fault = Some(fault),
        }
        by_row
    }
}

impl External for Asked<'_> {
    fn filter(&mut self, slot: ExternalId, _request: &Request<'_>, first: NodeId, codes: &mut [u32]) {
        if self.codes[slot.at()].is_none() {
            let answers = self.ask(slot, |plugin, question, codes| {
                let answer = plugin.ask().filter(question, codes);
                answer.map_err(|fault| format!("running {:?} filter plugin: {fault}", plugin.name()))
            });
            self.codes[slot.at()] = Some(answers);
        }
        let answers = self.codes[slot.at()].as_deref().unwrap_or_default();
        let answers = answers.get(first.at()..).unwrap_or_default();
        codes.iter_mut().zip(answers).for_each(|(code, answer)| *code = *answer);
    }

    fn score(&mut self, slot: ExternalId, _request: &Request<'_>, first: NodeId, scores: &mut [i64]) {
        if self.scores[slot.at()].is_none() {
            let answers = self.ask(slot, |plugin, question, scores| {
                let answer = plugin.ask().score(question, scores);
                answer.map_err(|fault| format!("running Score plugins: plugin {:?} failed with: {fault}", plugin.name()))?;
                let most = if plugin.normalize() == Normalize::None { 100 } else { i64::MAX };
                match scores.iter().find(|score| !(0..=most).contains(*score)) {
                    None => Ok(()),
                    Some(score) => Err(format!(
                        "applying score defaultWeights on Score plugins: plugin {:?} returns an invalid score {score}, it \
                         should in the range of [0, 100] after normalizing",
                        plugin.name()
                    )),
                }
            });
            self.scores[slot.at()] = Some(answers);
        }
        let answers = self.scores[slot.at()].as_deref().unwrap_or_default();
        let answers = answers.get(first.at()..).unwrap_or_default();
        scores.iter_mut().zip(answers).for_each(|(score, answer)| *score = *answer);
    }
}
