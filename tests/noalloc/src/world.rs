//! A small cluster: four nodes, each in its own zone; an application's pods, spread and kept apart.

use bayplan_core::{
    FitStrategy, KeyId, LabelClassId, Limits, NamespaceId, NodeDef, NodeId, NodeTerms, Op, Plugin, PodDef, ProfileDef,
    ProfileId, Request, Requirement, ResourceId, Scheduler, SelectorDef, SelectorId, ShapePoint, SpecDef, SpecId,
    SpreadDef, StrId, Taint, TaintEffect, TaintSetId, TermId, UseListId,
};

use crate::Failed;

/// The limits of the first block.
pub(crate) fn limits() -> Limits {
    Limits { nodes: 8, pods: 32, profiles: 2, arena: 4096, journal: 16, ..LARGER }
}

/// The limits of the second.
pub(crate) const LARGER: Limits = Limits {
    nodes: 16,
    resources: 6,
    keys: 4,
    strings: 64,
    taint_sets: 4,
    image_sets: 4,
    images: 4,
    profiles: 3,
    specs: 64,
    label_classes: 8,
    namespaces: 4,
    selectors: 8,
    terms: 8,
    pods: 64,
    use_keys: 8,
    uses: 16,
    drivers: 2,
    node_sets: 8,
    use_lists: 8,
    volumes: 4,
    nominations: 2,
    budgets: 1,
    overlays: 1,
    arena: 8192,
    cached_specs: 4,
    cached_counters: 8,
    journal: 32,
};

/// Rules that filter, in the order of the default profile.
const FILTERS: [Plugin; 13] = [
    Plugin::NodeUnschedulable,
    Plugin::NodeName,
    Plugin::TaintToleration,
    Plugin::NodeAffinity,
    Plugin::NodePorts,
    Plugin::NodeResourcesFit,
    Plugin::VolumeRestrictions,
    Plugin::NodeVolumeLimits,
    Plugin::VolumeBinding,
    Plugin::VolumeZone,
    Plugin::PodTopologySpread,
    Plugin::InterPodAffinity,
    Plugin::NodeDeclaredFeatures,
];

/// Rules that score, with kube-scheduler's default weights.
const SCORES: [(Plugin, i64); 8] = [
    (Plugin::TaintToleration, 3),
    (Plugin::NodeAffinity, 2),
    (Plugin::NodeResourcesFit, 1),
    (Plugin::VolumeBinding, 1),
    (Plugin::PodTopologySpread, 2),
    (Plugin::InterPodAffinity, 2),
    (Plugin::NodeResourcesBalancedAllocation, 1),
    (Plugin::ImageLocality, 1),
];

/// What the checks name.
pub(crate) struct World {
    pub(crate) zone: KeyId,
    pub(crate) rank: KeyId,
    /// Names of the nodes, and their zones.
    pub(crate) names: [StrId; 4],
    pub(crate) zones: [StrId; 4],
    pub(crate) nodes: [NodeId; 4],
    pub(crate) dedicated: StrId,
    pub(crate) gpu: ResourceId,
    pub(crate) taints: [TaintSetId; 2],
    pub(crate) profile: ProfileId,
    pub(crate) packing: ProfileId,
    pub(crate) space: NamespaceId,
    pub(crate) team: StrId,
    pub(crate) app: LabelClassId,
    pub(crate) other: LabelClassId,
    /// The application's pods.
    pub(crate) selector: SelectorId,
    /// Required for and against, preferred for and against, all by zone.
    pub(crate) terms: [TermId; 4],
}

/// A requirement on the first `count` values from `first` on.
pub(crate) fn requirement(key: u32, op: Op, first: u32, count: u32, bound: i64) -> Requirement {
    Requirement { term: 0, key, op, first, count, bound }
}

impl World {
    pub(crate) fn build(s: &mut Scheduler<'_>) -> Result<World, Failed> {
        let t = &mut s.tables;
        let (zone, rank) = (t.add_key()?, t.add_key()?);
        let gpu = t.add_resource()?;
        let mut names = [StrId::NONE; 4];
        let mut zones = names;
        let mut ranks = names;
        for at in 0..4 {
            names[at] = t.add_string(None)?;
            zones[at] = t.add_string(None)?;
            ranks[at] = t.add_string(Some(at as i64 * 10))?;
        }
        let (app_key, web, team, red) =
            (t.add_string(None)?, t.add_string(None)?, t.add_string(None)?, t.add_string(None)?);
        let dedicated = t.add_string(None)?;
        let taint = Taint { key: dedicated, value: red, effect: TaintEffect::NoSchedule };
        let taints = [t.add_taint_set(&[])?, t.add_taint_set(&[taint])?];
        let image = t.add_image()?;
        let images = [t.add_image_set(&[])?, t.add_image_set(&[(image, 1_000_000_000)])?];
        // Node 0 is half of node 1; 2 is tainted; 3 is cordoned.
        let mut nodes = [NodeId::NONE; 4];
        for at in 0..4 {
            let size = if at == 0 { 1 } else { 2 };
            nodes[at] = t.add_node(&NodeDef {
                name: names[at],
                unschedulable: at == 3,
                allocatable: &[4000 * size, 8000 * size, 1000, 10, if at == 1 { 2 } else { 0 }],
                labels: &[(KeyId(0), names[at]), (zone, zones[at]), (rank, ranks[at])],
                taints: taints[usize::from(at == 2)],
                images: images[usize::from(at == 0)],
                features: u64::from(at == 0),
            })?;
        }
        let space = t.add_namespace(&[(team, red)], true)?;
        let app = t.add_label_class(space, &[(app_key, web)])?;
        let other = t.add_label_class(space, &[])?;
        let selector = t.add_selector(&SelectorDef {
            namespaces: &[space],
            requirements: Some(&[requirement(app_key.0, Op::In, 0, 1, 0)]),
            values: &[web],
            ..SelectorDef::default()
        })?;
        let mut terms = [TermId::NONE; 4];
        for (kind, term) in (0..).zip(&mut terms) {
            *term = t.add_term(selector, selector, zone, kind, if kind > 1 { 100 } else { 0 })?;
        }
        let resources = [(ResourceId::CPU, 1), (ResourceId::MEMORY, 1)];
        let balanced = [ResourceId::CPU, ResourceId::MEMORY];
        let mut def = ProfileDef {
            filters: &FILTERS,
            scores: &SCORES,
            strategy: FitStrategy::LeastAllocated,
            fit_resources: &resources,
            shape: &[],
            volume_shape: &[],
            balanced: &balanced,
            balanced_by_difference: false,
            enforced: None,
            added_preferred: NodeTerms::default(),
            prefers_nodes: false,
            hard_pod_affinity_weight: 1,
            ignore_preferred_terms_of_existing_pods: false,
            system_spread: false,
        };
        let profile = t.add_profile(&def)?;
        let shape = [ShapePoint { utilization: 0, score: 0 }, ShapePoint { utilization: 100, score: 100 }];
        (def.strategy, def.shape, def.balanced_by_difference) = (FitStrategy::RequestedToCapacityRatio, &shape, true);
        let packing = t.add_profile(&def)?;
        Ok(World {
            zone,
            rank,
            names,
            zones,
            nodes,
            dedicated,
            gpu,
            taints,
            profile,
            packing,
            space,
            team,
            app,
            other,
            selector,
            terms,
        })
    }

    /// One more pod of the app at most in a zone than in any other.
    pub(crate) fn constraint(&self) -> SpreadDef {
        SpreadDef {
            selector: Some(self.selector),
            key: self.zone,
            hostname: false,
            max_skew: 1,
            min_domains: 1,
            honor_affinity: true,
            honor_taints: false,
            counts_nothing: false,
        }
    }

    /// A spec that asks for a quarter of node 0 and an eighth of the others; checks change what they are about.
    pub(crate) fn spec(&self) -> SpecDef<'static> {
        const REQUESTS: &[i64] = &[1000, 2000];
        SpecDef {
            profile: self.profile,
            priority: 0,
            fit: REQUESTS,
            bound: REQUESTS,
            bound_non_zero: [1000, 2000],
            score: REQUESTS,
            balanced: REQUESTS,
            tolerations: &[],
            node_selector: None,
            required: None,
            preferred: None,
            names: None,
            ports: &[],
            images: &[],
            image_count: 1,
            features: 0,
            spread_hard: &[],
            spread_soft: &[],
            own_spread: false,
            terms: &[],
            disks: &[],
        }
    }

    pub(crate) fn request(&self, spec: SpecId) -> Request<'static> {
        Request::new(spec, self.app)
    }

    /// A bound pod of the application (`app`), or another.
    pub(crate) fn pod(&self, spec: SpecId, labels: LabelClassId) -> PodDef {
        PodDef { spec, labels, uses: UseListId::NONE, start: 0, flags: 0 }
    }
}
