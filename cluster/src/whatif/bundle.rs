//! How many more replicas of several workloads fit: of each alone, of one after the other, or of all of them together in a proportion.

use std::collections::{BTreeMap, HashSet};

use super::parallel;
use crate::admit;
use crate::attempt::{Decision, NotApplied, Outcome};
use crate::error::Error;
use crate::objects::Object;
use crate::plan::{Copies, FitOptions, Quotas};
use crate::simulate::Utilisation;
use crate::state::Cluster;

/// How several workloads share a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// Each is asked about alone: none of the others comes.
    Apart,
    /// The first takes what it can, then the second, and so on.
    InTurn,
    /// So many of each at a time, again and again, until one of a bundle fits no more.
    Bundle,
}

/// A workload of several.
#[derive(Clone, Debug)]
pub struct BundleItem {
    /// A Pod, or what makes equal pods.
    pub template: Object,
    /// How many of it a bundle has.
    pub count: usize,
}

/// How they are counted.
#[derive(Clone, Copy, Debug)]
pub struct BundleOptions {
    /// See [`Together`].
    pub together: Together,
    /// No more replicas of each are placed; no more bundles.
    pub limit: usize,
    /// Whether replicas may preempt pods of lower priority.
    pub preemption: bool,
}

/// How many of one workload fit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fitted {
    /// As messages name it: `Deployment shop/web`.
    pub workload: String,
    /// How many of it a bundle has.
    pub count: usize,
    /// How many were placed.
    pub replicas: usize,
    /// Whether the limit ended it.
    pub limit_reached: bool,
    /// The decision for the first one that did not fit.
    pub stopped_by: Option<Decision>,
    /// Why it did not fit: each reason, and on how many nodes.
    pub reasons: Vec<(String, usize)>,
    /// What a server says that refuses the next one.
    pub refused: Option<String>,
    /// Rules that concern the pods and were not applied.
    pub not_applied: Vec<NotApplied>,
}

/// How many more of several workloads fit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Bundle {
    /// How they share the cluster.
    pub together: Together,
    /// How many whole bundles fit, where bundles were asked for.
    pub bundles: Option<usize>,
    /// Each workload, in order.
    pub items: Vec<Fitted>,
    /// What is requested before.
    pub before: Utilisation,
    /// What is requested when no more fits; of workloads apart there is no such state.
    pub after: Option<Utilisation>,
    /// What is free on nodes then, and that no further replica can use: the sums by resource.
    pub stranded: BTreeMap<String, i64>,
    /// What a user should know of the input.
    pub warnings: Vec<String>,
    /// What plays no part: whose it is, and why.
    pub left_out: Vec<String>,
}

impl Cluster {
    /// How many more replicas of several workloads fit.
    ///
    /// Costs a decision for each replica, and a fork; of workloads apart a fork each.
    ///
    /// # Errors
    /// As [`Cluster::fit`].
    pub fn fit_bundle(
        &self,
        items: &[BundleItem],
        options: &BundleOptions,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Bundle, Error> {
        let mut fork = self.clone();
        fork.set_preemption(options.preemption);
        let before = Utilisation::of(&mut fork)?;
        let mut bundle = Bundle {
            together: options.together,
            bundles: None,
            items: Vec::new(),
            before,
            after: None,
            stranded: BTreeMap::new(),
            warnings: fork.warnings(),
            left_out: Vec::new(),
        };
        if options.together == Together::Apart {
            let fit = FitOptions { limit: options.limit, preemption: options.preemption };
            let fits = parallel::each(items.len(), 0, progress, |nth| {
                self.fit_with(&items[nth].template, &fit, &mut |_, _| true)
            })?;
            for (item, fit) in items.iter().zip(fits) {
                extend(&mut bundle.warnings, fit.warnings);
                extend(&mut bundle.left_out, fit.left_out);
                bundle.items.push(Fitted {
                    workload: item.template.to_string(),
                    count: item.count,
                    replicas: fit.replicas,
                    limit_reached: fit.limit_reached,
                    stopped_by: fit.stopped_by,
                    reasons: fit.reasons,
                    refused: fit.refused,
                    not_applied: fit.not_applied,
                });
            }
            return Ok(bundle);
        }
        fork.place_daemons(&[], &mut bundle.warnings, &mut bundle.left_out, progress)?;
        let mut filling = Filling {
            start: fork.last_start(),
            quotas: Quotas::default(),
            cluster: fork,
            placed: HashSet::new(),
            evicted: 0,
        };
        let mut copies = Vec::new();
        for item in items {
            if let Some(error) = filling.cluster.lacks_namespace(&item.template) {
                bundle.left_out.push(format!("{} is refused: {}", item.template, error.problem()));
            }
            bundle.items.push(Fitted {
                workload: item.template.to_string(),
                count: item.count,
                replicas: 0,
                limit_reached: false,
                stopped_by: None,
                reasons: Vec::new(),
                refused: None,
                not_applied: Vec::new(),
            });
            copies.push(Copies::of(&mut filling.cluster, &item.template)?);
        }
        match options.together {
            Together::Bundle => {
                let mut whole = 0;
                'bundles: while whole < options.limit {
                    if !progress(whole, options.limit) {
                        return Err(Error::stopped());
                    }
                    let before = (filling.cluster.clone(), filling.evicted);
                    for (item, copies) in bundle.items.iter_mut().zip(&mut copies) {
                        for _ in 0..item.count {
                            if !filling.add(copies, item)? {
                                // A part of a bundle is no use: its pods go, and those come back that it evicted.
                                (filling.cluster, filling.evicted) = before;
                                break 'bundles;
                            }
                        }
                    }
                    whole += 1;
                    // A bundle of nothing fits for ever.
                    if bundle.items.iter().all(|item| item.count == 0) {
                        break;
                    }
                }
                bundle.bundles = Some(whole);
                for item in &mut bundle.items {
                    item.limit_reached = whole == options.limit;
                    item.replicas = whole * item.count;
                }
            }
            _ => {
                let many = bundle.items.len();
                for (nth, (item, copies)) in bundle.items.iter_mut().zip(&mut copies).enumerate() {
                    if !progress(nth, many) {
                        return Err(Error::stopped());
                    }
                    while item.replicas < options.limit && filling.add(copies, item)? {
                        item.replicas += 1;
                    }
                    item.limit_reached = item.stopped_by.is_none() && item.refused.is_none();
                }
            }
        }
        if filling.evicted > 0 {
            let pods =
                if filling.evicted == 1 { "1 pod is".to_owned() } else { format!("{} pods are", filling.evicted) };
            bundle.warnings.push(format!("{pods} evicted to make room"));
        }
        let after = Utilisation::of(&mut filling.cluster)?;
        bundle.stranded = after
            .resources
            .iter()
            .map(|(name, amount)| (name.clone(), amount.allocatable.saturating_sub(amount.requested).max(0)))
            .collect();
        bundle.after = Some(after);
        Ok(bundle)
    }
}

/// A cluster that is filled.
struct Filling {
    cluster: Cluster,
    quotas: Quotas,
    start: i64,
    /// The replicas that were placed.
    placed: HashSet<String>,
    evicted: usize,
}

impl Filling {
    /// Places one more replica; whether it fits. What stops it is noted.
    fn add(&mut self, copies: &mut Copies, item: &mut Fitted) -> Result<bool, Error> {
        let key = match copies.add(&mut self.cluster, &mut self.quotas) {
            Err(error) if admit::is_refusal(&error) => {
                item.refused = Some(error.problem().to_owned());
                return Ok(false);
            }
            key => key?,
        };
        self.cluster.bind_claims_of(&key)?;
        self.start = self.start.saturating_add(1);
        let mut evictions = Vec::new();
        let decision = self.cluster.place_replica(&key, self.start, &mut evictions)?;
        if let Some(own) = evictions.iter().find(|eviction| self.placed.contains(&eviction.pod)) {
            // What takes another replica's place is no more of both.
            item.refused = Some(format!("the next would evict {}, which was just placed", own.pod));
            return Ok(false);
        }
        self.evicted += evictions.len();
        for rule in &decision.not_applied {
            if !item.not_applied.contains(rule) {
                item.not_applied.push(rule.clone());
            }
        }
        if decision.outcome == Outcome::Scheduled {
            self.placed.insert(key);
            return Ok(true);
        }
        item.reasons = self.cluster.reasons(&decision)?;
        item.stopped_by = Some(decision);
        // It holds no quota, and nobody waits for it.
        let (namespace, name) = key.split_once('/').unwrap_or_default();
        self.quotas.forget(namespace);
        self.cluster.delete(crate::objects::Kind::Pod, namespace, name)?;
        Ok(false)
    }
}

fn extend(to: &mut Vec<String>, more: Vec<String>) {
    for text in more {
        if !to.contains(&text) {
            to.push(text);
        }
    }
}
