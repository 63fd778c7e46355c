//! Plugins of the caller's own: a filter and a score that kube-scheduler would run as an out-of-tree plugin, in the core's named slots.
//!
//! A plugin is asked for all nodes at once, of the cluster as it is, once in an attempt unless the pod has claims or extenders look at it: where preemption takes pods off a node, it is not asked
//! again, and its answer for the node stands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bayplan_core::NodeId;
use imbl::Vector;

pub use bayplan_core::Normalize;

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
    pub(crate) names: &'a Vector<Arc<str>>,
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

    pub(crate) fn ask(&self) -> &dyn Ask {
        &*self.ask
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

/// Carries an extender's requests, as kube-scheduler sends them by HTTP; pods and nodes have the fields that decisions look at, and no others. The configuration's
/// `httpTimeout` and `tlsConfig` are for it to honour.
pub trait CallExtender: Send + Sync {
    /// Posts a body, JSON, to a URL: the answer's body, where the answer's status is 200.
    ///
    /// # Errors
    /// Why there is no answer, in the words that an event will have.
    fn call(&self, url: &str, body: &[u8]) -> Result<Vec<u8>, String>;
}

/// What extenders say of a pod.
#[derive(Clone, Default)]
pub(crate) struct Extended {
    /// Nodes that they reject: with which words, if any, and whether eviction cannot help.
    pub(crate) rejected: BTreeMap<NodeId, (Option<Arc<str>>, bool)>,
    /// Weighted scores: the extender, the node, the score.
    pub(crate) scores: Vec<(&'static str, NodeId, i64)>,
}
