//! Spec classes: the compiled spec that sibling pods share.

use super::{Count, NodeTerms, ProfileRow, Range, SpecRow, SpreadRow, Tables, Toleration};
use crate::{Error, ImageId, KeyId, NONE, ProfileId, SelectorId, SpecId, StrId, TermId, UseKeyId};

/// Bits of a spec class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpecFlags;

impl SpecFlags {
    /// There is a required node affinity, even if it has no terms.
    pub(crate) const REQUIRED_AFFINITY: u32 = 1;
    /// The affinity names the only nodes that can do.
    pub(crate) const NAMED_NODES: u32 = 2;
    /// A preferred node affinity is there, even if it has no terms.
    pub(crate) const PREFERRED_AFFINITY: u32 = 4;
    /// The pods have spread constraints of their own, so the defaults do not apply.
    pub(crate) const OWN_SPREAD: u32 = 8;
    /// There is a `nodeSelector`.
    pub(crate) const NODE_SELECTOR: u32 = 16;
}

/// A host port: pods conflict where the group (protocol and number) is the same and the addresses are equal or one
/// of them is all addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Port {
    /// Protocol and number.
    pub group: UseKeyId,
    /// The address; [`Port::ALL`] for all.
    pub address: u32,
}

/// The most containers and image volumes that a spec can have.
pub(crate) const MOST_IMAGES: u32 = 1 << 20;

impl Port {
    /// All addresses.
    pub const ALL: u32 = 0;
}

/// A spread constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpreadDef {
    /// The pods that are counted; `None` for those of the pod's own default selector.
    pub selector: Option<SelectorId>,
    /// The topology.
    pub key: KeyId,
    /// It is `kubernetes.io/hostname`.
    pub hostname: bool,
    /// The greatest difference.
    pub max_skew: i32,
    /// The least number of domains.
    pub min_domains: i32,
    /// Node affinity is honoured.
    pub honor_affinity: bool,
    /// Taints are honoured.
    pub honor_taints: bool,
    /// The selector is empty: no pod counts, though it matches the pod itself.
    pub counts_nothing: bool,
}

/// A spec class as it is added: `SpecDef { fit: &[500, 1 << 30], ..SpecDef::default() }`.
///
/// Amounts are by [`crate::ResourceId`]: milli-CPU, bytes of memory, bytes of ephemeral storage, nothing under
/// [`crate::ResourceId::PODS`], then the scalar resources; missing ones are 0.
#[derive(Clone, Copy, Debug)]
pub struct SpecDef<'a> {
    /// The profile.
    pub profile: ProfileId,
    /// The priority.
    pub priority: i32,
    /// What the filter of NodeResourcesFit asks for; ignored resources are 0.
    pub fit: &'a [i64],
    /// What a bound pod holds.
    pub bound: &'a [i64],
    /// What a bound pod holds of milli-CPU and bytes of memory as scores count it: with the least that is assumed of a container
    /// without requests.
    pub bound_non_zero: [i64; 2],
    /// What the score of NodeResourcesFit counts of the pod.
    pub score: &'a [i64],
    /// What the score of NodeResourcesBalancedAllocation counts of the pod.
    pub balanced: &'a [i64],
    /// Tolerations.
    pub tolerations: &'a [Toleration],
    /// `nodeSelector`, one term, where there is one.
    pub node_selector: Option<NodeTerms<'a>>,
    /// Required node affinity.
    pub required: Option<NodeTerms<'a>>,
    /// Preferred node affinity.
    pub preferred: Option<NodeTerms<'a>>,
    /// The names of the only nodes that can do, where the affinity names them.
    pub names: Option<&'a [StrId]>,
    /// Host ports.
    pub ports: &'a [Port],
    /// Images: one entry a container, from Kubernetes 1.36 on also one an image volume.
    pub images: &'a [ImageId],
    /// How many containers there are; from Kubernetes 1.37 on, containers and image volumes. An image that no node holds counts too.
    pub image_count: u32,
    /// Features that the node must declare.
    pub features: u64,
    /// Spread constraints that must hold.
    pub spread_hard: &'a [SpreadDef],
    /// Spread constraints that score.
    pub spread_soft: &'a [SpreadDef],
    /// The constraints are the pod's own, not the profile's defaults.
    pub own_spread: bool,
    /// Pod affinity terms of all kinds.
    pub terms: &'a [TermId],
    /// Disks in the spec itself, and whether they are only read.
    pub disks: &'a [(UseKeyId, bool)],
}

impl Default for SpecDef<'_> {
    /// A pod of priority 0 that asks for nothing, under the first profile.
    fn default() -> Self {
        SpecDef {
            profile: ProfileId(0),
            priority: 0,
            fit: &[],
            bound: &[],
            bound_non_zero: [0; 2],
            score: &[],
            balanced: &[],
            tolerations: &[],
            node_selector: None,
            required: None,
            preferred: None,
            names: None,
            ports: &[],
            images: &[],
            image_count: 0,
            features: 0,
            spread_hard: &[],
            spread_soft: &[],
            own_spread: false,
            terms: &[],
            disks: &[],
        }
    }
}

impl Tables<'_> {
    pub(crate) fn add_spec(&mut self, def: &SpecDef<'_>) -> Result<SpecId, Error> {
        self.room(Count::Specs, 1)?;
        self.known(Count::Profiles, def.profile.0)?;
        if def.image_count > MOST_IMAGES {
            return Err(Error::OutOfRange { field: "image_count", most: u64::from(MOST_IMAGES) });
        }
        for port in def.ports {
            self.known(Count::UseKeys, port.group.0)?;
        }
        for (disk, _) in def.disks {
            self.known(Count::UseKeys, disk.0)?;
        }
        for term in def.terms {
            self.known(Count::Terms, term.0)?;
        }
        for image in def.images {
            self.known(Count::Images, image.0)?;
        }
        for constraint in def.spread_hard.iter().chain(def.spread_soft) {
            self.known(Count::Keys, constraint.key.0)?;
            if let Some(selector) = constraint.selector {
                self.known(Count::Selectors, selector.0)?;
            }
        }
        let tolerations = self.push_tolerations(def.tolerations)?;
        let selector = self.push_terms(&def.node_selector.unwrap_or_default())?;
        let required = self.push_terms(&def.required.unwrap_or_default())?;
        let preferred = self.push_terms(&def.preferred.unwrap_or_default())?;
        let names = self.push_words(def.names.unwrap_or(&[]).iter().map(|n| n.0))?;
        let ports = self.push_words(def.ports.iter().flat_map(|p| [p.group.0, p.address]))?;
        let images = self.push_words(def.images.iter().map(|i| i.0))?;
        let spread_hard = self.push_spread(def.spread_hard)?;
        let spread_soft = self.push_spread(def.spread_soft)?;
        let terms = self.push_words(def.terms.iter().map(|t| t.0))?;
        let disks = self.push_words(def.disks.iter().flat_map(|(k, ro)| [k.0, u32::from(*ro)]))?;
        let row = self.take(Count::Specs)? as usize;
        let flag = |on: bool, bit: u32| if on { bit } else { 0 };
        self.specs[row] = SpecRow {
            features: def.features,
            profile: def.profile.0,
            flags: flag(def.required.is_some(), SpecFlags::REQUIRED_AFFINITY)
                | flag(def.names.is_some(), SpecFlags::NAMED_NODES)
                | flag(def.preferred.is_some(), SpecFlags::PREFERRED_AFFINITY)
                | flag(def.own_spread, SpecFlags::OWN_SPREAD)
                | flag(def.node_selector.is_some(), SpecFlags::NODE_SELECTOR),
            priority: def.priority,
            image_count: def.image_count,
            tolerations,
            selector,
            required,
            preferred,
            names,
            ports,
            images,
            spread_hard,
            spread_soft,
            terms,
            disks,
        };
        let stride = self.limits.resources as usize;
        let copy = |to: &mut [i64], from: &[i64]| {
            for (slot, value) in to.iter_mut().zip(from.iter().chain(core::iter::repeat(&0))) {
                *slot = *value;
            }
        };
        copy(&mut self.spec_fit[row * stride..(row + 1) * stride], def.fit);
        copy(&mut self.spec_bound[row * stride..(row + 1) * stride], def.bound);
        copy(&mut self.spec_score[row * stride..(row + 1) * stride], def.score);
        copy(&mut self.spec_balanced[row * stride..(row + 1) * stride], def.balanced);
        copy(&mut self.spec_non_zero[row * 2..row * 2 + 2], &def.bound_non_zero);
        Ok(SpecId(row as u32))
    }

    fn push_spread(&mut self, constraints: &[SpreadDef]) -> Result<Range, Error> {
        let flag = |on: bool, bit: u32| if on { bit } else { 0 };
        self.push_words(constraints.iter().flat_map(|c| {
            let flags = flag(c.hostname, SpreadRow::HOSTNAME)
                | flag(c.honor_affinity, SpreadRow::HONOR_AFFINITY)
                | flag(c.honor_taints, SpreadRow::HONOR_TAINTS)
                | flag(c.counts_nothing, SpreadRow::COUNTS_NOTHING);
            [c.selector.map_or(NONE, |s| s.0), c.key.0, c.max_skew as u32, c.min_domains as u32, flags]
        }))
    }

    /// The `at`th constraint of a list.
    pub(crate) fn spread(&self, list: Range, at: u32) -> Option<SpreadRow> {
        let first = (at * SpreadRow::WORDS) as usize;
        match self.list(list).get(first..first + SpreadRow::WORDS as usize)? {
            &[selector, key, max_skew, min_domains, flags] => {
                Some(SpreadRow { selector, key, max_skew: max_skew as i32, min_domains: min_domains as i32, flags })
            }
            _ => None,
        }
    }

    pub(crate) fn spec_row(&self, spec: SpecId) -> Result<(SpecRow, ProfileRow), Error> {
        self.known(Count::Specs, spec.0)?;
        let row = self.specs[spec.at()];
        let profile = self
            .profiles
            .get(row.profile as usize)
            .ok_or(Error::NoSuch { table: Count::Profiles.name(), id: row.profile })?;
        Ok((row, *profile))
    }
}
