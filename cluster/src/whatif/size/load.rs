//! The load: the pods that are to be carried, off their nodes; and what each node that can be bought has beside its daemon pods.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::models::{Model, arch_of, models, put_in, zone_of, zones_of};
use super::problem::{Class, Problem, Type};
use super::quick::Quick;
use super::replay::{follows, forget_nodes, is_of_node, taken_off};
use super::{SizeOptions, rules};
use crate::attempt::{Outcome, RejectedBy};
use crate::config::Plugin;
use crate::error::Error;
use crate::objects::{Kind, Object, Pod};
use crate::requests::{self, Amounts};
use crate::state::storage::claim_names;
use crate::state::{Cluster, key_of};

/// What is to be carried, and by what.
pub(super) struct Load {
    /// Without the nodes that are replaced; the pods wait.
    pub(super) cluster: Cluster,
    /// The pods, in the order of the scheduler's queue.
    pub(super) pods: Vec<Arc<str>>,
    /// The place of each in it.
    pub(super) places: HashMap<Arc<str>, usize>,
    /// The class of each pod in [`Load::problem`].
    pub(super) class_of: Vec<usize>,
    /// Has each pod to be beside others?
    pub(super) follows: Vec<bool>,
    /// The pods by number.
    pub(super) quick: Quick,
    /// The zones by name; one without a name where there are none.
    pub(super) zones: Vec<Option<String>>,
    /// What can be bought, in the order of the types of [`Load::problem`]; nodes that are there already come behind them.
    pub(super) models: Vec<Model>,
    pub(super) problem: Problem,
    /// Pods that no node that can be bought carries, and why.
    pub(super) impossible: Vec<(String, String)>,
    /// What plays no part: whose it is, and why.
    pub(super) left_out: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// Pods of one template: what is true of one is true of all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Group {
    namespace: String,
    /// Kind and name of the controller, or the pod's own name where siblings may differ.
    of: (String, String),
    priority: i32,
    amounts: Amounts,
    /// The hash of what else may keep it off nodes: pods of one controller need not be of one template.
    rules: u64,
}

impl Group {
    fn of(cluster: &Cluster, pod: &Pod) -> Self {
        let meta = &pod.metadata;
        // Claims of siblings may be in different zones.
        let has_claims = claim_names(pod).next().is_some();
        let owner = meta.controller().filter(|_| !has_claims && pod.spec.resource_claims.is_empty());
        Group {
            namespace: meta.namespace.clone(),
            of: owner.map_or_else(
                || ("Pod".to_owned(), meta.name.clone()),
                |owner| (owner.kind.clone(), format!("{}/{}", owner.name, owner.uid)),
            ),
            priority: cluster.priority_of(pod),
            amounts: requests::bound(pod, cluster.version()).requested,
            rules: {
                let spec = &pod.spec;
                let ports: Vec<_> = spec.containers.iter().map(|container| &container.ports).collect();
                let rules = (&spec.node_selector, &spec.affinity, &spec.tolerations, &spec.topology_spread_constraints);
                let text = format!("{rules:?} {ports:?} {} {:?}", spec.scheduler_name, spec.scheduling_gates);
                let mut hasher = DefaultHasher::new();
                text.hash(&mut hasher);
                hasher.finish()
            },
        }
    }
}

/// A group, its pods, and the nodes of the probe that may carry one.
struct Judged {
    group: Group,
    pods: Vec<Arc<str>>,
    on: Vec<bool>,
}

impl Load {
    /// Takes the pods off their nodes, and judges each kind of pod on one node of each shape and zone.
    pub(super) fn of(
        mut cluster: Cluster,
        options: &SizeOptions,
        progress: &mut dyn FnMut() -> bool,
    ) -> Result<Self, Error> {
        cluster.set_preemption(false);
        let zones = zones_of(&cluster, options);
        let (mut left_out, mut warnings) = (Vec::new(), Vec::new());
        let arch = arch_of(&cluster, options);
        take_off(&mut cluster, options.keep_nodes, &mut warnings)?;
        let mut models = models(&cluster, options, &zones, &arch, &mut warnings)?;
        let mut probe = cluster.clone();
        let kept: Vec<String> = probe.nodes().into_iter().map(str::to_owned).collect();
        let mut names = put_in(&mut probe, &mut models, &mut warnings, progress)?;
        names.extend(kept);
        let mut load = Load {
            cluster,
            pods: Vec::new(),
            places: HashMap::new(),
            class_of: Vec::new(),
            follows: Vec::new(),
            quick: Quick::default(),
            zones,
            models,
            problem: Problem::default(),
            impossible: Vec::new(),
            left_out: Vec::new(),
            warnings,
        };
        let judged = load.judge(&mut probe, &names, &mut left_out, progress)?;
        load.left_out = left_out;
        load.warnings.extend(load.uncounted_volumes());
        let resources = resources(&judged);
        load.problem.types = load.types(&mut probe, &names, &resources)?;
        load.problem.zones = load.zones.len();
        load.problem.each_zone = load.zones.len() > 1 && !options.keep_nodes;
        if load.problem.each_zone {
            load.check_zones()?;
        }
        load.classify(judged, &resources, !options.keep_nodes)?;
        Ok(load)
    }

    /// A node that is bought has no CSINode yet, which would say how many volumes it can attach.
    fn uncounted_volumes(&self) -> Option<String> {
        let waiting = self.cluster.store().pods.waiting().filter_map(|key| self.cluster.pod(key));
        let mut with_claims = waiting.filter(|pod| claim_names(pod).next().is_some());
        let first = with_claims.next()?;
        let more = match with_claims.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let pod = key_of(&first.metadata.namespace, &first.metadata.name);
        Some(format!("{pod}{more} use volumes: how many a bought node can attach is not known, and not counted"))
    }

    /// Says which pods can be in one zone alone, and are lost with it.
    pub(super) fn bound_to_a_zone(&self, survive: Option<super::Survive>) -> Option<String> {
        if survive != Some(super::Survive::Zone) {
            return None;
        }
        let is_bound = |at: &usize| (0..self.zones.len()).any(|zone| !self.has_other(self.class_of[*at], Some(zone)));
        let mut bound = (0..self.pods.len()).filter(is_bound);
        let first = bound.next()?;
        let more = match bound.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!(
            "{}{more} can be in one zone alone, and would be lost with it: that is not survived",
            self.pods[first]
        ))
    }

    /// Takes pods out that are carried by nothing, whatever is bought.
    pub(super) fn give_up(&mut self, pods: &[(usize, String)]) -> Result<(), Error> {
        let out: HashMap<usize, &String> = pods.iter().map(|(at, why)| (*at, why)).collect();
        let mut class_of = HashMap::new();
        for (at, key) in self.pods.iter().enumerate() {
            match out.get(&at) {
                Some(why) => {
                    self.impossible.push((key.to_string(), format!("no mix that was tried has room: {why}")));
                    self.problem.classes[self.class_of[at]].count -= 1;
                }
                None => _ = class_of.insert(key.clone(), self.class_of[at]),
            }
        }
        self.line_up(&class_of)
    }

    /// Brings the pods that have a class into the order of the queue.
    fn line_up(&mut self, class_of: &HashMap<Arc<str>, usize>) -> Result<(), Error> {
        let waiting = self.cluster.store().pods.waiting();
        self.pods = waiting.filter(|key| class_of.contains_key(*key)).cloned().collect();
        self.places = self.pods.iter().cloned().zip(0..).collect();
        self.class_of = self.pods.iter().map(|key| class_of[key]).collect();
        self.follows = self.pods.iter().map(|key| self.cluster.pod(key).is_some_and(follows)).collect();
        if let Some(model) = self.models.first() {
            // Rows must stay what they are while mixes are tried.
            self.cluster.compact()?;
            self.quick = Quick::of(&mut self.cluster, &self.pods, &Object::from(model.node.clone()))?;
        }
        Ok(())
    }

    /// What one pod of each group hears from each node of the probe.
    fn judge(
        &mut self,
        probe: &mut Cluster,
        names: &[String],
        left_out: &mut Vec<String>,
        progress: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<Judged>, Error> {
        let places: HashMap<&str, usize> = names.iter().zip(0..).map(|(name, at)| (name.as_str(), at)).collect();
        let mut place: HashMap<Group, usize> = HashMap::new();
        let mut groups: Vec<(Group, Vec<Arc<str>>)> = Vec::new();
        for key in self.cluster.store().pods.waiting() {
            let Some(pod) = self.cluster.pod(key) else { continue };
            let group = Group::of(&self.cluster, pod);
            let at = *place.entry(group.clone()).or_insert(groups.len());
            if at == groups.len() {
                groups.push((group, Vec::new()));
            }
            groups[at].1.push(key.clone());
        }
        let mut judged = Vec::new();
        for (group, pods) in groups {
            if !progress() {
                return Err(Error::stopped());
            }
            let verdicts = probe.verdicts(&pods[0])?;
            let many = if pods.len() == 1 { String::new() } else { format!(" and {} more", pods.len() - 1) };
            match verdicts.decision.outcome {
                Outcome::Gated | Outcome::Ignored => {
                    left_out.push(format!("{}{many}: {}", pods[0], verdicts.decision.message));
                    continue;
                }
                Outcome::Scheduled | Outcome::Unschedulable | Outcome::Error => {}
            }
            // Each kind of pod speaks for its own.
            for rule in &verdicts.decision.not_applied {
                let text = format!("rule not applied: {}: {}", rule.rule, rule.why);
                if !left_out.contains(&text) {
                    left_out.push(text);
                }
            }
            // The CSINodes went with the nodes: what that means is said of the volumes.
            for missing in verdicts.decision.missing.iter().filter(|it| !it.contains("CSINode")) {
                let text = format!("not in the input: {missing}; add it, or the real scheduler may decide otherwise");
                if !self.warnings.contains(&text) {
                    self.warnings.push(text);
                }
            }
            let is_judged = verdicts.pre_filter.is_none() && verdicts.decision.outcome != Outcome::Error;
            let mut on: Vec<bool> = names.iter().zip(0..).map(|(_, at)| is_judged && !self.is_too_small(at)).collect();
            for (node, reasons) in &verdicts.all_reasons {
                // What other pods forbid there is no matter of the node.
                let is_of_node = |by: RejectedBy| {
                    !matches!(by, RejectedBy::Plugin(Plugin::InterPodAffinity | Plugin::PodTopologySpread))
                };
                if let Some(at) = places.get(&**node)
                    && reasons.iter().any(|(by, _)| is_of_node(*by))
                {
                    on[*at] = false;
                }
            }
            if on.contains(&true) {
                judged.push(Judged { group, pods, on });
            } else {
                let why = format!("of one node of each shape in each zone: {}", verdicts.decision.event());
                self.impossible.extend(pods.iter().map(|key| (key.to_string(), why.clone())));
            }
        }
        Ok(judged)
    }

    /// Is something sold in each zone that all daemon pods fit on?
    fn check_zones(&self) -> Result<(), Error> {
        for (at, zone) in self.zones.iter().enumerate() {
            if !self.models.iter().any(|model| model.zone == at && !model.is_too_small) {
                let zone = zone.as_deref().unwrap_or_default();
                let hint = "name the zones to buy in with --zones a,b,c (in Python zones=)";
                return Err(Error::input(format!("the catalogue has no shape for zone {zone}")).hint(hint));
            }
        }
        Ok(())
    }

    fn is_too_small(&self, at: usize) -> bool {
        self.models.get(at).is_some_and(|model| model.is_too_small)
    }

    /// The nodes of the probe in numbers.
    fn types(&self, probe: &mut Cluster, names: &[String], resources: &[String]) -> Result<Vec<Type>, Error> {
        let rows = probe.node_rows()?;
        let rows: HashMap<&str, _> = rows.iter().map(|row| (row.name.as_str(), row)).collect();
        let mut types = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let Some(row) = rows.get(name.as_str()) else { continue };
            let free = |resource: &String| {
                let amount = row.resources.get(resource).copied().unwrap_or_default();
                // The pods are counted by themselves.
                let taken = if resource == requests::PODS { row.pods as i64 } else { amount.requested };
                (amount.allocatable - taken).max(0)
            };
            let room = resources.iter().map(free).collect();
            types.push(match self.models.get(at) {
                Some(model) => Type { price: model.price, room, zone: model.zone, limit: None },
                None => Type { price: 0.0, room, zone: zone_of(row.zone.as_deref(), &self.zones), limit: Some(1) },
            });
        }
        Ok(types)
    }

    /// Sorts pods into classes: those that ask for the same and may be on the same nodes, where no rule between pods concerns them.
    fn classify(&mut self, judged: Vec<Judged>, resources: &[String], with_rules: bool) -> Result<(), Error> {
        let rules = rules::Rules::of(&self.cluster, judged.iter().map(|one| &one.pods[..]));
        let of_group = |(nth, one): (usize, &Judged)| match with_rules {
            true => rules.of_group(nth, &one.on, self.problem.zones),
            false => rules::Own::default(),
        };
        let owns: Vec<rules::Own> = judged.iter().enumerate().map(of_group).collect();
        let (mut place, mut class_of) = (HashMap::<(Class, Option<usize>), usize>::new(), HashMap::new());
        for ((nth, Judged { group, pods, on }), own) in judged.into_iter().enumerate().zip(owns) {
            let request = resources.iter().map(|name| match name.as_str() {
                requests::PODS => 1,
                name => group.amounts.get(name),
            });
            let class = Class {
                request: request.collect(),
                count: 0,
                per_node: own.per_node.unwrap_or(u32::MAX),
                skew: own.skew,
                per_zone: own.per_zone.unwrap_or(u32::MAX),
                on,
            };
            let is_own = own != rules::Own::default();
            let classes = &mut self.problem.classes;
            let at = *place.entry((class.clone(), is_own.then_some(nth))).or_insert(classes.len());
            if at == classes.len() {
                classes.push(class);
            }
            classes[at].count += pods.len() as u32;
            class_of.extend(pods.into_iter().map(|pod| (pod, at)));
        }
        self.line_up(&class_of)
    }
}

/// The resources that some pod asks for; pods themselves are the last.
fn resources(judged: &[Judged]) -> Vec<String> {
    let mut names: BTreeSet<&str> = [requests::CPU, requests::MEMORY].into();
    for one in judged {
        let scalar = one.group.amounts.scalar.iter().filter(|(_, amount)| **amount > 0);
        names.extend(scalar.map(|(name, _)| name.as_str()));
        if one.group.amounts.ephemeral_storage > 0 {
            names.insert(requests::EPHEMERAL_STORAGE);
        }
    }
    names.into_iter().chain([requests::PODS]).map(str::to_owned).collect()
}

/// Takes pods off their nodes, and the nodes away with what is theirs, where they are not kept.
fn take_off(cluster: &mut Cluster, keep_nodes: bool, warnings: &mut Vec<String>) -> Result<(), Error> {
    if keep_nodes {
        return Ok(());
    }
    let nodes: Vec<String> = cluster.nodes().into_iter().map(str::to_owned).collect();
    let (mut free, mut with_nodes, mut fixed) = (Vec::new(), Vec::new(), BTreeSet::new());
    for entry in cluster.store().pods.iter() {
        let meta = &entry.pod.metadata;
        let is_daemon = meta.controller().is_some_and(|owner| owner.kind == "DaemonSet");
        if entry.finished() || meta.deletion_timestamp.is_some() || is_daemon {
            with_nodes.push(key_of(&meta.namespace, &meta.name));
        } else if entry.pod.spec.node_name.is_empty() {
            // It waits already.
        } else if is_of_node(&entry.pod) {
            fixed.insert(
                meta.name.strip_suffix(&format!("-{}", entry.pod.spec.node_name)).unwrap_or(&meta.name).to_owned(),
            );
            with_nodes.push(key_of(&meta.namespace, &meta.name));
        } else {
            free.push((entry.sequence, taken_off(&entry.pod)));
        }
    }
    if !fixed.is_empty() {
        let names = fixed.into_iter().collect::<Vec<_>>().join(", ");
        warnings.push(format!(
            "static pods go with their nodes ({names}): give what they need as `reserved` of the shapes"
        ));
    }
    free.sort_by_key(|(sequence, _)| *sequence);
    with_nodes.iter().try_for_each(|key| cluster.evict(key))?;
    for node in nodes {
        cluster.delete(Kind::Node, "", &node)?;
        cluster.delete(Kind::CSINode, "", &node)?;
    }
    cluster.load(free.into_iter().map(|(_, pod)| Object::from(pod)))?;
    let waiting: Vec<Arc<str>> = cluster.store().pods.waiting().cloned().collect();
    forget_nodes(cluster, &waiting)
}
