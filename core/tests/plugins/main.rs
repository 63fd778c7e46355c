//! Each plugin alone: a profile with that plugin, a few nodes, and verdicts and scores worked out by hand from kube-scheduler's
//! documented rule.

mod counted;
mod node;
mod pods;
mod volume;

use std::collections::BTreeMap;

use bayplan_core::{
    Error, Filtered, KeyId, LabelClassId, Limits, NamespaceId, NodeDef, NodeId, Plugin, ProfileDef, ProfileId, Reason,
    Request, Scheduler, SpecDef, SpecId, StrId, block_words,
};

/// What every world here has.
struct World {
    profile: ProfileId,
    namespace: NamespaceId,
    labels: LabelClassId,
    zone: KeyId,
}

/// Calls `check` with a block whose profile filters and scores by one plugin, with weight 1.
fn alone(plugin: Plugin, check: impl FnOnce(&mut Scheduler<'_>, &World) -> Result<(), Error>) {
    alone_with(plugin, ProfileDef::default(), check);
}

/// The same with other arguments in the profile.
fn alone_with(
    plugin: Plugin,
    arguments: ProfileDef<'_>,
    check: impl FnOnce(&mut Scheduler<'_>, &World) -> Result<(), Error>,
) {
    let limits = Limits { arena: 1 << 16, images: 128, profiles: 2, ..Limits::default() };
    let mut block = vec![0; block_words(&limits)];
    let mut s = Scheduler::init(&mut block, &limits).expect("the limits are large enough");
    let run = || -> Result<(), Error> {
        s.add_taint_set(&[])?;
        s.add_image_set(&[])?;
        let (filters, scores) = ([plugin.into()], [(plugin.into(), 1)]);
        let profile = s.add_profile(&ProfileDef { filters: &filters, scores: &scores, ..arguments })?;
        let namespace = s.add_namespace(&[], true)?;
        let labels = s.add_label_class(namespace, &[])?;
        let zone = s.add_key()?;
        check(&mut s, &World { profile, namespace, labels, zone })
    };
    run().expect("every id is there, and there is room");
}

/// Adds a node with a name of its own, and ten CPUs and ten gigabytes for ten pods where it names no amounts; its name, and itself.
fn node(s: &mut Scheduler<'_>, def: NodeDef<'_>) -> Result<(StrId, NodeId), Error> {
    let name = s.add_string(None)?;
    let allocatable = if def.allocatable.is_empty() { &[10_000, 10_000_000_000, 0, 10] } else { def.allocatable };
    Ok((name, s.add_node(&NodeDef { name, allocatable, ..def })?))
}

/// Adds nodes in the zones of these numbers, and gives each its own zone's name.
fn zoned<const N: usize>(
    s: &mut Scheduler<'_>,
    w: &World,
    zones: [usize; N],
) -> Result<([NodeId; N], Vec<StrId>), Error> {
    let mut names = Vec::new();
    for _ in 0..=zones.into_iter().max().unwrap_or(0) {
        names.push(s.add_string(None)?);
    }
    let mut nodes = [NodeId::NONE; N];
    for (to, zone) in nodes.iter_mut().zip(zones) {
        *to = node(s, NodeDef { labels: &[(w.zone, names[zone])], ..NodeDef::default() })?.1;
    }
    Ok((nodes, names))
}

fn spec(s: &mut Scheduler<'_>, w: &World, def: SpecDef<'_>) -> Result<SpecId, Error> {
    s.add_spec(&SpecDef { profile: w.profile, ..def })
}

/// A pending pod of this spec without labels.
fn pending(s: &mut Scheduler<'_>, w: &World, def: SpecDef<'_>) -> Result<Request<'static>, Error> {
    Ok(Request::new(spec(s, w, def)?, w.labels))
}

/// By node, the reason for which it is rejected. What the filter, the judge of one node and the explanation say is one answer.
fn reasons(s: &mut Scheduler<'_>, request: &Request<'_>) -> Result<Vec<Option<Reason>>, Error> {
    let mut out = vec![None; s.tables().node_rows()];
    let mut filtered = s.cycle(request)?.filter()?;
    let feasible: Vec<NodeId> = filtered.feasible_nodes().collect();
    filtered.explain(&mut |node, reason, _| out[node.at()] = out[node.at()].or(Some(reason)))?;
    counts_agree(&mut filtered)?;
    for (at, reason) in out.iter().enumerate() {
        let node = NodeId(at as u32);
        assert_eq!(reason.is_none(), feasible.contains(&node), "node {at}: {reason:?}");
        assert_eq!(reason.is_none(), s.cycle(request)?.judge(node)?.passes(), "node {at} judged alone: {reason:?}");
    }
    Ok(out)
}

/// What is counted is what is explained node by node.
fn counts_agree(filtered: &mut Filtered<'_, '_, '_>) -> Result<(), Error> {
    let (mut one_by_one, mut counted) = (BTreeMap::new(), BTreeMap::new());
    filtered.explain(&mut |_, reason, is_first| {
        if is_first {
            *one_by_one.entry(reason.as_counted()).or_insert(0) += 1;
        }
    })?;
    filtered.count_reasons(&mut |reason, nodes| *counted.entry(reason).or_insert(0) += nodes)?;
    assert_eq!(one_by_one, counted);
    Ok(())
}

/// By node, the total, which with one plugin of weight 1 is its score; -1 where the node is not feasible.
fn scores(s: &mut Scheduler<'_>, request: &Request<'_>) -> Result<Vec<i64>, Error> {
    let rows = s.tables().node_rows();
    let mut emitted = vec![-1; rows];
    let mut filtered = s.cycle(request)?.filter()?;
    filtered.scores(&mut |_, node, score| emitted[node.at()] = score);
    let scored = filtered.score();
    let totals: Vec<i64> = (0..rows).map(|at| scored.total(NodeId(at as u32)).unwrap_or(-1)).collect();
    if emitted.iter().any(|score| *score != -1) {
        assert_eq!(emitted, totals, "what is explained and what is summed up");
    }
    Ok(totals)
}
