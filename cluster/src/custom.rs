//! Plugins of the caller's own: a filter and a score that kube-scheduler would run as an out-of-tree plugin, in the core's named slots.
//!
//! A plugin is asked once in an attempt, for all nodes at once, of the cluster as it is: where preemption takes pods off a node, it is not asked
//! again, and its answer for the node stands.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bayplan_core::{External, ExternalId, NodeId, Request};
use imbl::Vector;

pub use bayplan_core::Normalize;

use crate::compile::Compiler;
use crate::config::wrong;
use crate::error::Error;
use crate::objects::Pod;

/// A code with this bit says that evicting pods from the node cannot help (`UnschedulableAndUnresolvable`).
pub const UNRESOLVABLE: u32 = 1 << 31;

/// What a plugin is asked.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Question<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// The rows of all nodes, in node order; [`crate::Cluster::node_of_row`] has their names.
    pub nodes: &'a [NodeId],
    names: &'a Vector<Arc<str>>,
}

impl Question<'_> {
    /// The name of a node.
    #[must_use]
    pub fn node_name(&self, node: NodeId) -> &str {
        self.names.get(node.at()).map_or("", |name| &**name)
    }
}

/// The rule itself. It may be asked from several threads at once, by forks of the cluster.
pub trait Ask: Send + Sync {
    /// A code for each of the question's nodes: 0, which is what they come with, lets it pass; another rejects it, see [`UNRESOLVABLE`].
    ///
    /// # Errors
    /// Where it cannot tell: the attempt then ends as an error, in kube-scheduler's words.
    fn filter(&self, question: &Question<'_>, codes: &mut [u32]) -> Result<(), String> {
        _ = (question, codes);
        Ok(())
    }

    /// A score for each of the question's nodes, 0 where nothing is said; never below 0. The plugin's [`Normalize`] brings those of the feasible nodes to
    /// 0 to 100; without one all must be in that range, as kube-scheduler demands.
    ///
    /// # Errors
    /// As for [`Self::filter`].
    fn score(&self, question: &Question<'_>, scores: &mut [i64]) -> Result<(), String> {
        _ = (question, scores);
        Ok(())
    }

    /// The words for a code, as messages have them behind the number of nodes.
    fn reason(&self, code: u32) -> String;
}

/// A plugin of the caller's own.
#[derive(Clone)]
pub struct CustomPlugin {
    /// Its name in the configuration and in answers.
    name: &'static str,
    filters: bool,
    weight: Option<i64>,
    normalize: Normalize,
    ask: Arc<dyn Ask>,
}

impl fmt::Debug for CustomPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomPlugin").field("name", &self.name).finish_non_exhaustive()
    }
}

impl CustomPlugin {
    /// A plugin that neither filters nor scores, until [`Self::filters`] or [`Self::scores`] say so. The names of plugins are kept for the life of the
    /// process.
    #[must_use]
    pub fn new(name: &str, ask: Arc<dyn Ask>) -> Self {
        CustomPlugin { name: lasting(name), filters: false, weight: None, normalize: Normalize::None, ask }
    }

    /// It rejects nodes.
    #[must_use]
    pub fn filters(mut self) -> Self {
        self.filters = true;
        self
    }

    /// It scores nodes, with a weight.
    #[must_use]
    pub fn scores(mut self, weight: i64, normalize: Normalize) -> Self {
        (self.weight, self.normalize) = (Some(weight), normalize);
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn is_filter(&self) -> bool {
        self.filters
    }

    pub(crate) fn weight(&self) -> Option<i64> {
        self.weight
    }

    pub(crate) fn normalize(&self) -> Normalize {
        self.normalize
    }

    /// The words for a code.
    pub(crate) fn reason(&self, code: u32) -> String {
        self.ask.reason(code)
    }
}

/// A name that lives as long as the process, each once.
pub(crate) fn lasting(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    names.get(name).copied().unwrap_or_else(|| {
        let name: &'static str = String::leak(name.to_owned());
        names.insert(name);
        name
    })
}

/// Plugins that a cluster cannot have.
pub(crate) fn check(plugins: &[CustomPlugin]) -> Result<(), Error> {
    for (at, plugin) in plugins.iter().enumerate() {
        let field = |field: &str| format!("plugins[{at}].{field}");
        if plugin.name.is_empty() {
            return Err(wrong(field("name"), "is required"));
        }
        if plugin.name.parse::<crate::config::Plugin>().is_ok() {
            return Err(wrong(field("name"), format!("`{}` is a plugin of kube-scheduler's", plugin.name)));
        }
        if plugins[..at].iter().any(|other| other.name == plugin.name) {
            return Err(wrong(field("name"), format!("`{}` is there twice", plugin.name)));
        }
        if plugin.weight.is_some_and(|weight| !(1..=i64::from(i32::MAX)).contains(&weight)) {
            return Err(wrong(field("weight"), "is not in 1 to 2147483647"));
        }
    }
    Ok(())
}

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
                let answer = plugin.ask.filter(question, codes);
                answer.map_err(|fault| format!("running {:?} filter plugin: {fault}", plugin.name))
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
                let answer = plugin.ask.score(question, scores);
                answer.map_err(|fault| format!("running Score plugins: plugin {:?} failed with: {fault}", plugin.name))?;
                let most = if plugin.normalize == Normalize::None { 100 } else { i64::MAX };
                match scores.iter().find(|score| !(0..=most).contains(*score)) {
                    None => Ok(()),
                    Some(score) => Err(format!(
                        "applying score defaultWeights on Score plugins: plugin {:?} returns an invalid score {score}, it \
                         should in the range of [0, 100] after normalizing",
                        plugin.name
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
