//! Clusters as rows of the core's tables.

use bayplan_core::{
    EMPTY, Error, ImageSetId, KeyId, Limits, NodeDef, NodeId, PodDef, Request, Scheduler, SpecDef, SpreadDef, StrId,
    Taint, TaintEffect, TaintSetId, block_words,
};
use bayplan_worlds::parts::{add_app, asking, spread};
use bayplan_worlds::profile::default_profile;

use crate::{bound, machine, requests};

/// The memory of a cluster, and the requests of its apps.
pub struct Rows {
    /// The block.
    pub block: Vec<u64>,
    /// What to ask for a pod of each app.
    pub apps: Vec<Request<'static>>,
}

/// How many classes and counters stay cached: fewer than there are apps, so that asking them in turn is asking each
/// for the first time.
pub const CACHED: u32 = 8;

/// Builds a cluster with the default profile of Kubernetes 1.37.
///
/// # Errors
/// Where the limits here are too small.
pub fn cluster(nodes: usize, apps: usize, waves: usize) -> Result<Rows, Error> {
    let pods = (0..nodes).map(|n| bound(n, apps).count()).sum::<usize>() + waves;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let limits = Limits {
        nodes: count(nodes),
        pods: count(pods),
        strings: count(nodes + apps * 2 + 64),
        specs: count(apps),
        label_classes: count(apps),
        selectors: count(apps),
        arena: count(apps * 64 + 4096),
        cached_specs: CACHED,
        cached_counters: CACHED,
        ..Limits::default()
    };
    let mut block = vec![0; block_words(&limits)];
    let mut s = Scheduler::init(&mut block, &limits)?;
    let t = &mut s;
    let hostname = t.add_key()?;
    let zone = t.add_key()?;
    let zones = [t.add_string(None)?, t.add_string(None)?, t.add_string(None)?];
    let profile = t.add_profile(&default_profile())?;
    let taint_sets = taint_sets(t)?;
    let mut images = Vec::new();
    for _ in 0..16 {
        images.push(t.add_image()?);
    }
    let mut image_sets = Vec::new();
    for list in images.chunks(4) {
        let sized: Vec<_> = list.iter().zip(1..).map(|(image, i)| (*image, 90_000_000 * i)).collect();
        image_sets.push(t.add_image_set(&sized)?);
    }
    for number in 0..nodes {
        add_node(t, number, [hostname, zone], &zones, &taint_sets, &image_sets)?;
    }
    let namespace = t.add_namespace(&[], true)?;
    let key = t.add_string(None)?;
    let mut requests_of = Vec::new();
    for app in 0..apps {
        let value = t.add_string(None)?;
        let app_pods = add_app(t, namespace, key, value)?;
        let (milli_cpu, memory) = requests(app);
        let spec = t.add_spec(&SpecDef {
            profile,
            images: &[images[app % 4 * 4 + 2]],
            spread_soft: &[SpreadDef { hostname: true, ..spread(None, hostname, 3) }, spread(None, zone, 5)],
            ..asking(&[milli_cpu, memory])
        })?;
        let request = Request::new(spec, app_pods.labels);
        requests_of.push(Request { default_selector: app_pods.selector, ..request });
    }
    for number in 0..nodes {
        for app in bound(number, apps) {
            s.bind(&pod(&requests_of[app]), NodeId(number as u32))?;
        }
    }
    Ok(Rows { block, apps: requests_of })
}

/// A pod as it is bound.
#[must_use]
pub fn pod(request: &Request<'_>) -> PodDef {
    PodDef::new(request.spec, request.labels)
}

/// Without taints, tainted, advised against, both.
fn taint_sets(t: &mut Scheduler<'_>) -> Result<[TaintSetId; 4], Error> {
    let key = t.add_string(None)?;
    let forbids = Taint { key, value: EMPTY, effect: TaintEffect::NoSchedule };
    let advises = Taint { key, value: EMPTY, effect: TaintEffect::PreferNoSchedule };
    Ok([
        t.add_taint_set(&[])?,
        t.add_taint_set(&[forbids])?,
        t.add_taint_set(&[advises])?,
        t.add_taint_set(&[forbids, advises])?,
    ])
}

fn add_node(
    t: &mut Scheduler<'_>,
    number: usize,
    [hostname, zone]: [KeyId; 2],
    zones: &[StrId; 3],
    taint_sets: &[TaintSetId; 4],
    image_sets: &[ImageSetId],
) -> Result<(), Error> {
    let m = machine(number);
    let name = t.add_string(None)?;
    t.add_node(&NodeDef {
        name,
        allocatable: &[m.milli_cpu, m.memory, 0, 110],
        labels: &[(hostname, name), (zone, zones[m.zone])],
        taints: taint_sets[usize::from(m.tainted) + 2 * usize::from(m.advised_against)],
        images: image_sets[m.images],
        ..NodeDef::default()
    })?;
    Ok(())
}
