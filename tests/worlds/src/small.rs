//! A small cluster: four nodes, each in its own zone; an application's pods, spread and kept apart.

use bayplan_core::{
    Error, FitStrategy, KeyId, LabelClassId, Limits, NamespaceId, NodeDef, NodeId, PodDef, ProfileDef, ProfileId,
    Request, ResourceId, Scheduler, SelectorId, ShapePoint, SpecDef, SpecId, SpreadDef, StrId, Taint, TaintEffect,
    TaintSetId, TermId, TermKind,
};

use crate::parts::{App, add_app, asking, spread};
use crate::profile::default_profile;

/// Limits that hold the cluster and a few pods.
#[must_use]
pub fn limits() -> Limits {
    Limits { nodes: 8, pods: 32, arena: 4096, journal: 16, ..larger() }
}

/// Limits that hold more of it.
#[must_use]
pub fn larger() -> Limits {
    Limits {
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
        externals: 1,
        external_columns: 1,
        arena: 8192,
        cached_specs: 4,
        cached_counters: 8,
        journal: 32,
        ..Limits::default()
    }
}

/// The cluster, by what tests name of it.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// The key of the nodes' zones.
    pub zone: KeyId,
    /// A key with a number: 0, 10, 20, 30.
    pub rank: KeyId,
    /// The names of the nodes.
    pub names: [StrId; 4],
    /// Their zones.
    pub zones: [StrId; 4],
    /// The nodes: 0 is half of the others and holds an image of 1 GB, 1 has two GPUs, 2 is tainted, 3 is cordoned.
    pub nodes: [NodeId; 4],
    /// The key of the taint.
    pub dedicated: StrId,
    /// A scalar resource.
    pub gpu: ResourceId,
    /// No taints, and the taint `dedicated`.
    pub taints: [TaintSetId; 2],
    /// The default profile, with the balance of kube-scheduler 1.35.
    pub profile: ProfileId,
    /// The same, but the fuller node is the better.
    pub packing: ProfileId,
    /// The namespace of all pods.
    pub space: NamespaceId,
    /// The key of the namespace's label.
    pub team: StrId,
    /// The label class of the application's pods.
    pub app: LabelClassId,
    /// The label class of pods without labels.
    pub other: LabelClassId,
    /// The application's pods.
    pub selector: SelectorId,
    /// Required for and against, preferred for and against them, all by zone.
    pub terms: [TermId; 4],
}

impl World {
    /// Adds the cluster to an empty block.
    ///
    /// # Errors
    /// [`Error::Full`] where the limits are too small.
    pub fn build(s: &mut Scheduler<'_>) -> Result<World, Error> {
        let (zone, rank) = (s.add_key()?, s.add_key()?);
        let gpu = s.add_resource()?;
        let mut names = [StrId::NONE; 4];
        let mut zones = names;
        let mut ranks = names;
        for at in 0..4 {
            names[at] = s.add_string(None)?;
            zones[at] = s.add_string(None)?;
            ranks[at] = s.add_string(Some(at as i64 * 10))?;
        }
        let (app_key, web, team, red) =
            (s.add_string(None)?, s.add_string(None)?, s.add_string(None)?, s.add_string(None)?);
        let dedicated = s.add_string(None)?;
        let taint = Taint { key: dedicated, value: red, effect: TaintEffect::NoSchedule };
        let taints = [s.add_taint_set(&[])?, s.add_taint_set(&[taint])?];
        let image = s.add_image()?;
        let images = [s.add_image_set(&[])?, s.add_image_set(&[(image, 1_000_000_000)])?];
        let mut nodes = [NodeId::NONE; 4];
        for at in 0..4 {
            let size = if at == 0 { 1 } else { 2 };
            nodes[at] = s.add_node(&NodeDef {
                name: names[at],
                unschedulable: at == 3,
                allocatable: &[4000 * size, 8000 * size, 1000, 10, if at == 1 { 2 } else { 0 }],
                labels: &[(KeyId(0), names[at]), (zone, zones[at]), (rank, ranks[at])],
                taints: taints[usize::from(at == 2)],
                images: images[usize::from(at == 0)],
                features: u64::from(at == 0),
            })?;
        }
        let space = s.add_namespace(&[(team, red)], true)?;
        let App { labels: app, selector } = add_app(s, space, app_key, web)?;
        let other = s.add_label_class(space, &[])?;
        let terms = [
            s.add_term(selector, selector, zone, TermKind::Affinity, 0)?,
            s.add_term(selector, selector, zone, TermKind::AntiAffinity, 0)?,
            s.add_term(selector, selector, zone, TermKind::PreferredAffinity, 100)?,
            s.add_term(selector, selector, zone, TermKind::PreferredAntiAffinity, 100)?,
        ];
        let def = ProfileDef { balanced_by_difference: false, system_spread: false, ..default_profile() };
        let profile = s.add_profile(&def)?;
        let shape = [ShapePoint { utilization: 0, score: 0 }, ShapePoint { utilization: 100, score: 100 }];
        let strategy = FitStrategy::RequestedToCapacityRatio;
        let packing = s.add_profile(&ProfileDef { strategy, shape: &shape, balanced_by_difference: true, ..def })?;
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
    #[must_use]
    pub fn constraint(&self) -> SpreadDef {
        spread(Some(self.selector), self.zone, 1)
    }

    /// A spec that asks for a quarter of node 0 and an eighth of the others.
    #[must_use]
    pub fn spec(&self) -> SpecDef<'static> {
        SpecDef { profile: self.profile, ..asking(&[1000, 2000]) }
    }

    /// A pending pod of the application.
    #[must_use]
    pub fn request(&self, spec: SpecId) -> Request<'static> {
        Request::new(spec, self.app)
    }

    /// A bound pod of the application (`app`), or another.
    #[must_use]
    pub fn pod(&self, spec: SpecId, labels: LabelClassId) -> PodDef {
        PodDef::new(spec, labels)
    }
}
