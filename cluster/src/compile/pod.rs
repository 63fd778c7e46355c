//! Pods to spec classes, and to what differs between siblings.

use std::sync::Arc;

use bayplan_core::{
    ImageId, KeyId, Port, ProfileId, SpecDef, SpecId, SpreadDef, StrId, TermId, TermKind, Toleration, TolerationOp,
    UseKeyId,
};

use super::Compiler;
use super::node::{effect, feature_bit};
use super::ports_and_disks::{HostPort, disk_names, host_ports};
use super::spread::spread_selector;
use super::terms::Terms;
use crate::config::Profile;
use crate::error::Error;
use crate::labels::{NodeTerm, RequiredNodes, Selector};
use crate::objects::{Pod, PodAffinityTerm};
use crate::requests::{self, Amounts, ScoreRequests};
use crate::version::Version;

/// A spec, compiled; pods with equal ones share a class.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SpecParts {
    profile: ProfileId,
    priority: i32,
    fit: Vec<i64>,
    bound: Vec<i64>,
    bound_non_zero: [i64; 2],
    score: Vec<i64>,
    balanced: Vec<i64>,
    tolerations: Vec<Toleration>,
    node_selector: Option<Terms>,
    required: Option<Terms>,
    preferred: Option<Terms>,
    names: Option<Vec<StrId>>,
    ports: Vec<Port>,
    images: Vec<ImageId>,
    image_count: u32,
    features: u64,
    spread_hard: Vec<SpreadDef>,
    spread_soft: Vec<SpreadDef>,
    own_spread: bool,
    terms: Vec<TermId>,
    disks: Vec<(UseKeyId, bool)>,
}

/// What differs between the pods of a class, and what decides before any node is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Own {
    /// The only node that the affinity admits by name, where that is all it says.
    pub(crate) pin: StrId,
    /// The affinity names nodes, but no node can match all of it.
    pub(crate) conflict: bool,
    /// Scoring fails on the pod, with these words: a preferred term is not legal.
    pub(crate) fault: Option<Arc<str>>,
}

impl Compiler {
    /// Finds what [`Self::spec`] would refuse, before anything of the pod is interned.
    pub(crate) fn check(&self, pod: &Pod) -> Result<(), Error> {
        for action in ["DoNotSchedule", "ScheduleAnyway"] {
            let constraints = &pod.spec.topology_spread_constraints;
            for constraint in constraints.iter().filter(|constraint| constraint.when_unsatisfiable == action) {
                spread_selector(constraint)?;
            }
        }
        let Some(affinity) = &pod.spec.affinity else { return Ok(()) };
        for terms in [&affinity.pod_affinity, &affinity.pod_anti_affinity].into_iter().flatten() {
            let preferred = terms.preferred.iter().map(|weighted| &weighted.pod_affinity_term);
            for term in terms.required.iter().chain(preferred) {
                term_selectors(term)?;
            }
        }
        Ok(())
    }

    /// The spec class of a pod of a profile (an index into the configuration's).
    pub(crate) fn spec(&mut self, pod: &Pod, profile: usize, priority: i32) -> Result<(SpecId, Own), Error> {
        let (parts, own) = self.spec_parts(pod, profile, priority)?;
        let table = &mut self.table;
        let id = self.specs.id(parts, |parts| table.run(|s| s.add_spec(&parts.def())))?;
        Ok((id, own))
    }

    fn spec_parts(&mut self, pod: &Pod, profile: usize, priority: i32) -> Result<(SpecParts, Own), Error> {
        let config = self.config.clone();
        let settings = &config.profiles[profile];
        let mut fit = self.amounts(&requests::pending(pod))?;
        for (name, id) in requests::pending(pod).scalar.keys().map(|n| (n, self.resources.id(&mut self.table, n))) {
            if settings.args.fit.ignores(name) {
                fit[id?.at()] = 0;
            }
        }
        let bound = requests::bound(pod, self.version);
        let (non_zero, requested) = (ScoreRequests::non_zero(pod), ScoreRequests::requested(pod, self.version));
        let score = self.scored(&non_zero, settings.args.fit.resources.iter().map(|(name, _)| name.as_str()))?;
        let balanced = self.scored(&requested, settings.args.balanced.resources.iter().map(String::as_str))?;
        let (images, image_count) = self.images_of(pod)?;
        let own_spread = !pod.spec.topology_spread_constraints.is_empty();
        let constraints =
            if own_spread { &pod.spec.topology_spread_constraints } else { &settings.args.spread.constraints };
        let spread_hard = self.spread(pod, constraints, !own_spread, "DoNotSchedule")?;
        let spread_soft = self.spread(pod, constraints, !own_spread, "ScheduleAnyway")?;
        let (nodes, names, mut own) = self.affinity(pod, settings, spread_hard.is_empty() && !own_spread)?;
        let preferred = match pod.spec.affinity.as_ref().and_then(|a| a.node_affinity.as_ref()) {
            Some(affinity) if !affinity.preferred.is_empty() => {
                let path = "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution";
                match crate::labels::preferred_terms(&affinity.preferred, path) {
                    Ok(terms) => Some(self.node_terms(terms.iter().map(|(weight, term)| (Some(*weight), term)))?),
                    Err(error) => {
                        let words = preferred_fault(&affinity.preferred).unwrap_or_else(|| error.to_string());
                        own.fault = Some(Arc::from(words));
                        None
                    }
                }
            }
            _ => None,
        };
        let node_selector = if pod.spec.node_selector.is_empty() {
            None
        } else {
            let term = NodeTerm { labels: nodes.labels, fields: Vec::new() };
            Some(self.node_terms(std::iter::once((None, &term)))?)
        };
        let required = match &nodes.affinity {
            Some(selector) => Some(self.node_terms(selector.terms.iter().map(|t| (None, t)))?),
            None => None,
        };
        let parts = SpecParts {
            profile: self.profiles[profile],
            priority,
            fit,
            bound: self.amounts(&bound.requested)?,
            bound_non_zero: [bound.non_zero_milli_cpu, bound.non_zero_memory],
            score,
            balanced,
            tolerations: self.tolerations(pod)?,
            node_selector,
            required,
            preferred,
            names,
            ports: self.ports(pod)?,
            images,
            image_count,
            features: crate::features::required(pod, self.version).into_iter().map(feature_bit).sum(),
            spread_hard,
            spread_soft,
            own_spread,
            terms: self.affinity_terms(pod)?,
            disks: self.disks(pod)?,
        };
        Ok((parts, own))
    }

    /// Amounts by resource.
    fn amounts(&mut self, amounts: &Amounts) -> Result<Vec<i64>, Error> {
        let mut row = vec![amounts.milli_cpu, amounts.memory, amounts.ephemeral_storage, 0];
        for (name, amount) in &amounts.scalar {
            let id = self.resources.id(&mut self.table, name)?;
            if row.len() <= id.at() {
                row.resize(id.at() + 1, 0);
            }
            row[id.at()] = *amount;
        }
        self.note_huge(&row);
        Ok(row)
    }

    /// Sets `has_huge` for quantities of 2^48 or more: 100 times a sum may then overflow an i64, as it does in kube-scheduler.
    pub(crate) fn note_huge(&mut self, amounts: &[i64]) {
        self.has_huge |= amounts.iter().any(|amount| amount.unsigned_abs() >> 48 != 0);
    }

    fn scored<'n>(
        &mut self,
        requests: &ScoreRequests<'_>,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Vec<i64>, Error> {
        let mut row = Vec::new();
        for name in names {
            let id = self.resources.id(&mut self.table, name)?;
            if row.len() <= id.at() {
                row.resize(id.at() + 1, 0);
            }
            row[id.at()] = requests.get(name);
        }
        Ok(row)
    }

    fn tolerations(&mut self, pod: &Pod) -> Result<Vec<Toleration>, Error> {
        let mut out = Vec::with_capacity(pod.spec.tolerations.len());
        for t in &pod.spec.tolerations {
            let op = match t.operator.as_str() {
                "" | "Equal" => TolerationOp::Equal,
                "Exists" => TolerationOp::Exists,
                _ => continue, // Lt and Gt tolerate nothing while their feature gate is off
            };
            out.push(Toleration {
                key: if t.key.is_empty() { StrId::NONE } else { self.string(&t.key)? },
                op,
                value: self.string(&t.value)?,
                effect: (!t.effect.is_empty()).then(|| effect(&t.effect)),
            });
        }
        Ok(out)
    }

    /// What the affinity requires of nodes; the nodes that it names, where each of its terms does; and what is the
    /// pod's own of it: a daemon set's pod differs from its siblings in the name alone, so that goes to its own part.
    #[allow(clippy::type_complexity)]
    fn affinity(
        &mut self,
        pod: &Pod,
        profile: &Profile,
        may_pin: bool,
    ) -> Result<(RequiredNodes, Option<Vec<StrId>>, Own), Error> {
        let mut nodes = RequiredNodes::of(pod);
        let mut own = Own { pin: StrId::NONE, conflict: false, fault: None };
        let asks = profile.pre_filters.contains(&crate::config::Plugin::NodeAffinity);
        let Some(named) = nodes.names.take().filter(|_| asks) else { return Ok((nodes, None, own)) };
        let named: Vec<String> = named.into_iter().collect();
        if named.is_empty() {
            own.conflict = true;
            return Ok((nodes, None, own));
        }
        if let (true, [only], Some(affinity)) = (may_pin, &named[..], &mut nodes.affinity) {
            let all_name_it = affinity
                .terms
                .iter()
                .all(|term| term.fields.iter().all(|f| f.field == "metadata.name" && f.is_equal && f.value == *only));
            if all_name_it && !affinity.terms.is_empty() {
                own.pin = self.string(only)?;
                affinity.terms.iter_mut().for_each(|term| term.fields.clear());
                if affinity.terms.iter().any(|term| term.labels.is_empty()) {
                    nodes.affinity = None;
                }
                return Ok((nodes, None, own));
            }
        }
        let names = named.iter().map(|name| self.string(name)).collect::<Result<Vec<_>, _>>()?;
        Ok((nodes, Some(names), own))
    }

    fn ports(&mut self, pod: &Pod) -> Result<Vec<Port>, Error> {
        let mut ports = Vec::new();
        for HostPort { protocol, number, address } in host_ports(pod) {
            let table = &mut self.table;
            let group = self.port_groups.id((protocol.to_owned(), number), |_| table.run(|s| s.add_use_key()))?;
            let address = match address {
                None => Port::ALL,
                Some(ip) => {
                    let next = self.addresses.len() as u32 + 1;
                    self.addresses.id(ip.to_owned(), |_| Ok(next))?
                }
            };
            ports.push(Port { group, address });
        }
        ports.sort_unstable_by_key(|p| (p.group, p.address));
        ports.dedup();
        Ok(ports)
    }

    /// The pod's affinity terms, required and preferred, for and against.
    fn affinity_terms(&mut self, pod: &Pod) -> Result<Vec<TermId>, Error> {
        let mut out = Vec::new();
        let Some(affinity) = &pod.spec.affinity else { return Ok(out) };
        let near = [TermKind::Affinity, TermKind::PreferredAffinity];
        let far = [TermKind::AntiAffinity, TermKind::PreferredAntiAffinity];
        for (kinds, terms) in [(near, &affinity.pod_affinity), (far, &affinity.pod_anti_affinity)] {
            let Some(terms) = terms else { continue };
            for term in &terms.required {
                out.push(self.affinity_term(pod, term, kinds[0], 0)?);
            }
            for weighted in &terms.preferred {
                out.push(self.affinity_term(pod, &weighted.pod_affinity_term, kinds[1], weighted.weight)?);
            }
        }
        Ok(out)
    }

    fn affinity_term(
        &mut self,
        pod: &Pod,
        term: &PodAffinityTerm,
        kind: TermKind,
        weight: i32,
    ) -> Result<TermId, Error> {
        let [of_pods, of_namespaces] = term_selectors(term)?;
        let listed: Vec<&str> = if term.namespaces.is_empty() && term.namespace_selector.is_none() {
            vec![pod.metadata.namespace.as_str()]
        } else {
            term.namespaces.iter().map(String::as_str).collect()
        };
        let requirements = |selector| match selector {
            Selector::Nothing => None,
            Selector::All(requirements) => Some(requirements),
        };
        let (of_pods, of_namespaces) = (requirements(of_pods), requirements(of_namespaces));
        let carried = self.selector(&listed, of_namespaces.as_deref(), of_pods.as_deref(), false)?;
        // Up to 1.36 a pod's own requirements are also held against no labels at all, whatever the namespace.
        let of_namespaces = of_namespaces.map(|requirements| {
            let lax = self.version < Version::V1_37 && requirements.iter().all(|r| r.matches(None));
            if lax { Vec::new() } else { requirements }
        });
        let among_existing = of_namespaces.as_ref().is_some_and(|r| !r.is_empty());
        let own = self.selector(&listed, of_namespaces.as_deref(), of_pods.as_deref(), among_existing)?;
        let key: KeyId = self.key(&term.topology_key)?;
        let table = &mut self.table;
        self.terms.id((carried, own, key, kind, weight), |(carried, own, key, kind, weight)| {
            table.run(|s| s.add_term(*carried, *own, *key, *kind, *weight))
        })
    }

    /// Disks named in the pod itself that not every pod may share: the disk, and whether it is only read.
    fn disks(&mut self, pod: &Pod) -> Result<Vec<(UseKeyId, bool)>, Error> {
        let table = &mut self.table;
        let disks = &mut self.disks;
        disk_names(pod)
            .into_iter()
            .map(|(name, read_only)| Ok((disks.id(name, |_| table.run(|s| s.add_use_key()))?, read_only)))
            .collect()
    }
}

/// The selectors of a term: of pods, and of namespaces.
fn term_selectors(term: &PodAffinityTerm) -> Result<[Selector; 2], Error> {
    let path = "spec.affinity.podAffinityTerm";
    Ok([
        Selector::new(term.label_selector.as_ref(), &format!("{path}.labelSelector"))?,
        Selector::new(term.namespace_selector.as_ref(), &format!("{path}.namespaceSelector"))?,
    ])
}

/// kube-scheduler's words for the first number of a preferred term that is none.
fn preferred_fault(terms: &[crate::objects::PreferredSchedulingTerm]) -> Option<String> {
    for (at, term) in terms.iter().enumerate().filter(|(_, term)| term.weight != 0) {
        for (nth, requirement) in term.preference.match_expressions.iter().enumerate() {
            let numeric = matches!(requirement.operator.as_str(), "Gt" | "Lt");
            if let ([value], true) = (&requirement.values[..], numeric)
                && value.parse::<i64>().is_err()
            {
                return Some(format!(
                    "running PreScore plugin \"NodeAffinity\": [{at}].matchExpressions[{nth}].values[0]: Invalid value: \
                     {value:?}: for 'Gt', 'Lt' operators, the value must be an integer"
                ));
            }
        }
    }
    None
}

impl SpecParts {
    fn def(&self) -> SpecDef<'_> {
        SpecDef {
            profile: self.profile,
            priority: self.priority,
            fit: &self.fit,
            bound: &self.bound,
            bound_non_zero: self.bound_non_zero,
            score: &self.score,
            balanced: &self.balanced,
            tolerations: &self.tolerations,
            node_selector: self.node_selector.as_ref().map(Terms::def),
            required: self.required.as_ref().map(Terms::def),
            preferred: self.preferred.as_ref().map(Terms::def),
            names: self.names.as_deref(),
            ports: &self.ports,
            images: &self.images,
            image_count: self.image_count,
            features: self.features,
            spread_hard: &self.spread_hard,
            spread_soft: &self.spread_soft,
            own_spread: self.own_spread,
            terms: &self.terms,
            disks: &self.disks,
        }
    }
}
