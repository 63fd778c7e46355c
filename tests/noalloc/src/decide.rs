//! Every rule decides once. The expected numbers are worked out by hand from kube-scheduler's documented formulas.

use bayplan_core::plugins::{
    node_affinity, node_ports, node_resources_fit, node_unschedulable, node_volume_limits, pod_topology_spread,
    taint_toleration, volume_binding, volume_restrictions, volume_zone,
};
use bayplan_core::{
    Code, NodeId, NodeTerms, Op, Pick, Plugin, PodDef, Port, Reason, Request, Requirement, Room, Rule, Scheduler,
    SelectorId, SpecDef, SpreadDef, StrId, TaintEffect, Toleration, TolerationOp, UseTag, Volumes, Waiting,
};

use bayplan_worlds::parts::requirement;
use bayplan_worlds::small::{World, limits};

use crate::{Failed, ensure};

pub(crate) fn check(block: &mut [u64]) -> Result<(), Failed> {
    let mut s = Scheduler::init(block, &limits())?;
    let w = World::build(&mut s)?;
    scores(&mut s, &w)?;
    nodes(&mut s, &w)?;
    affinity(&mut s, &w)?;
    things(&mut s, &w)?;
    volumes(&mut s, &w)?;
    spread(&mut s, &w)?;
    pods(&mut s, &w)?;
    changes(&mut s, &w)
}

/// The node that a spec goes to, and how many nodes will do.
fn decide(s: &mut Scheduler<'_>, w: &World, spec: &SpecDef<'_>) -> Result<(Option<usize>, u32), Failed> {
    let spec = s.add_spec(spec)?;
    go(s, w, &w.request(spec))
}

pub(crate) fn go(s: &mut Scheduler<'_>, w: &World, request: &Request<'_>) -> Result<(Option<usize>, u32), Failed> {
    let found = s.decide(request, Pick::First)?;
    Ok((found.node.and_then(|node| w.nodes.iter().position(|n| *n == node)), found.feasible))
}

/// Why a node is rejected; the last reason where there are several.
pub(crate) fn reason(s: &mut Scheduler<'_>, request: &Request<'_>, node: NodeId) -> Result<Option<Reason>, Failed> {
    let mut found = None;
    s.cycle(request)?.filter()?.explain_node(node, &mut |reason, _| found = Some(reason))?;
    Ok(found)
}

fn scores(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let spec = s.add_spec(&w.spec())?;
    let request = w.request(spec);
    let found = s.decide(&request, Pick::First)?;
    // Least allocated: (4000-1000)/4000 is 75 % on node 0, (8000-1000)/8000 is 87 % on node 1; both are balanced.
    ensure(found.node == Some(w.nodes[1]))?;
    ensure((found.score, found.ties, found.feasible) == (87 + 100 + 3 * 100, 1, 2))?;
    let mut fit = [0; 4];
    let mut rows = 0;
    s.cycle(&request)?.filter()?.scores(&mut |rule, node, score| {
        rows += 1;
        if rule == Rule::Plugin(Plugin::NodeResourcesFit) {
            fit[node.at()] = score;
        }
    });
    ensure(fit == [75, 87, 0, 0])?;
    ensure(rows >= 6)?;
    ensure(reason(s, &request, w.nodes[2])? == Some(taint_toleration::UNTOLERATED))?;
    ensure(reason(s, &request, w.nodes[3])? == Some(node_unschedulable::CORDONED))?;
    let mut all = 0;
    s.cycle(&request)?.filter()?.explain_node(w.nodes[3], &mut |_, _| all += 1)?;
    ensure(all == 1)?;
    // Packing prefers the node that is fuller afterwards.
    ensure(decide(s, w, &SpecDef { profile: w.packing, ..w.spec() })? == (Some(0), 2))?;
    // By chance, but the same for the same number.
    let seeded = s.decide(&request, Pick::Seeded(7))?;
    ensure(seeded == s.decide(&request, Pick::Seeded(7))?)?;
    // The image is on node 0 alone; it is large, so that node 0 wins with it where both have the same room.
    let images = [bayplan_core::ImageId(0)];
    let none: &[i64] = &[];
    let image = SpecDef { images: &images, fit: none, bound: none, score: none, balanced: none, ..w.spec() };
    ensure(decide(s, w, &image)? == (Some(0), 2))?;
    // Two GPUs are on node 1 alone; three are nowhere, and no eviction would help.
    let mut gpus = [0i64; 6];
    gpus[w.gpu.at()] = 2;
    ensure(decide(s, w, &SpecDef { fit: &gpus, ..w.spec() })? == (Some(1), 1))?;
    gpus[w.gpu.at()] = 3;
    let spec = s.add_spec(&SpecDef { fit: &gpus, ..w.spec() })?;
    let short = reason(s, &w.request(spec), w.nodes[1])?.ok_or(bayplan_core::Error::State { what: "" })?;
    ensure(short.is(node_resources_fit::INSUFFICIENT) && short.resource() == w.gpu)?;
    ensure(short.code() == Code::UnschedulableAndUnresolvable)
}

/// Names, features and taints.
fn nodes(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let spec = s.add_spec(&w.spec())?;
    let request = w.request(spec);
    ensure(go(s, w, &Request { node_name: w.names[0], ..request })? == (Some(0), 1))?;
    ensure(go(s, w, &Request { pin: w.names[0], ..request })? == (Some(0), 1))?;
    ensure(go(s, w, &Request { pin: w.names[3], ..request })? == (None, 0))?;
    ensure(decide(s, w, &SpecDef { names: Some(&[w.names[0], w.names[2]]), ..w.spec() })? == (Some(0), 1))?;
    ensure(decide(s, w, &SpecDef { features: 1, ..w.spec() })? == (Some(0), 1))?;
    let mut toleration = Toleration {
        key: w.dedicated,
        op: TolerationOp::Exists,
        value: StrId::NONE,
        effect: Some(TaintEffect::NoSchedule),
    };
    ensure(decide(s, w, &SpecDef { tolerations: &[toleration], ..w.spec() })?.1 == 3)?;
    (toleration.op, toleration.value) = (TolerationOp::Equal, bayplan_core::EMPTY);
    ensure(decide(s, w, &SpecDef { tolerations: &[toleration], ..w.spec() })?.1 == 2)?;
    let cordon = Toleration { key: bayplan_core::UNSCHEDULABLE_TAINT, op: TolerationOp::Exists, ..toleration };
    ensure(decide(s, w, &SpecDef { tolerations: &[cordon], ..w.spec() })?.1 == 3)
}

/// Each operator on labels of nodes; nodes 0 and 1 have the ranks 0 and 10.
fn affinity(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let (zone, rank) = (w.zone.0, w.rank.0);
    let cases: [(Requirement, Option<usize>); 7] = [
        (requirement(zone, Op::In, 0, 1, 0), Some(0)),
        (requirement(zone, Op::NotIn, 1, 1, 0), Some(0)),
        (requirement(rank, Op::Lt, 0, 0, 10), Some(0)),
        (requirement(rank, Op::Gt, 0, 0, 5), Some(1)),
        (requirement(zone, Op::Exists, 0, 0, 0), Some(1)),
        (requirement(zone, Op::DoesNotExist, 0, 0, 0), None),
        (requirement(zone, Op::Never, 0, 0, 0), None),
    ];
    for (requirement, expected) in cases {
        let terms = NodeTerms { terms: 1, weights: &[], requirements: &[requirement], values: &w.zones };
        let required = s.add_spec(&SpecDef { required: Some(terms), ..w.spec() })?;
        let selected = s.add_spec(&SpecDef { node_selector: Some(terms), ..w.spec() })?;
        for spec in [required, selected] {
            ensure(go(s, w, &w.request(spec))?.0 == expected)?;
        }
        if expected.is_none() {
            ensure(reason(s, &w.request(required), w.nodes[0])? == Some(node_affinity::NO_MATCH))?;
        }
    }
    // A preference outweighs node 1's room.
    let values = [w.zones[0]];
    let zone_0 = [requirement(zone, Op::In, 0, 1, 0)];
    let preferred = NodeTerms { terms: 1, weights: &[50], requirements: &zone_0, values: &values };
    ensure(decide(s, w, &SpecDef { preferred: Some(preferred), ..w.spec() })? == (Some(0), 2))
}

/// Host ports and disks.
fn things(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let (group, disk) = (s.add_use_key()?, s.add_use_key()?);
    let all = [Port { group, address: Port::ALL }];
    let one = [Port { group, address: 1 }];
    let holder = s.add_spec(&SpecDef { ports: &all, disks: &[(disk, false)], ..w.spec() })?;
    let asker = s.add_spec(&SpecDef { ports: &one, ..w.spec() })?;
    let def = w.pod(holder, w.other);
    ensure(go(s, w, &w.request(asker))? == (Some(1), 2))?;
    let pod = s.bind(&def, w.nodes[1])?;
    ensure(go(s, w, &w.request(asker))? == (Some(0), 1))?;
    ensure(reason(s, &w.request(asker), w.nodes[1])? == Some(node_ports::TAKEN))?;
    s.unbind(pod)?;
    ensure(go(s, w, &w.request(asker))? == (Some(1), 2))
}

/// Disks, drivers, claims and volumes.
fn volumes(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let (disk, claim) = (s.add_use_key()?, s.add_use_key()?);
    let (one, two) = (s.add_use_key()?, s.add_use_key()?);
    let writes = s.add_spec(&SpecDef { disks: &[(disk, false)], ..w.spec() })?;
    let reads = s.add_spec(&SpecDef { disks: &[(disk, true)], ..w.spec() })?;
    let pod = s.bind(&w.pod(reads, w.other), w.nodes[1])?;
    ensure(go(s, w, &w.request(reads))?.1 == 2)?;
    ensure(go(s, w, &w.request(writes))? == (Some(0), 1))?;
    ensure(reason(s, &w.request(writes), w.nodes[1])? == Some(volume_restrictions::DISK_IN_USE))?;
    s.unbind(pod)?;

    // A claim that one pod has to itself, and a driver that takes one volume on node 1 and is missing on node 0.
    let plain = s.add_spec(&w.spec())?;
    let alone = s.add_use_list(&[(claim, UseTag::Exclusive)])?;
    let pod = s.bind(&PodDef { uses: alone, ..w.pod(plain, w.other) }, w.nodes[1])?;
    let request = Request { uses: alone, ..w.request(plain) };
    ensure(go(s, w, &request)? == (None, 0))?;
    ensure(reason(s, &request, w.nodes[0])? == Some(volume_restrictions::CLAIM_IN_USE))?;
    s.unbind(pod)?;
    ensure(go(s, w, &request)?.1 == 2)?;
    let driver = s.add_driver()?;
    s.set_key_driver(one, driver)?;
    s.set_key_driver(two, driver)?;
    s.set_driver(driver, w.nodes[1], Some(1), false)?;
    let mounts = s.add_use_list(&[(one, UseTag::Mounted)])?;
    let request = Request { uses: mounts, ..w.request(plain) };
    ensure(go(s, w, &request)?.1 == 2)?;
    s.set_attached(two, w.nodes[1], true)?;
    ensure(reason(s, &request, w.nodes[1])? == Some(node_volume_limits::TOO_MANY))?;
    s.set_driver(driver, w.nodes[0], None, true)?;
    ensure(
        reason(s, &request, w.nodes[0])?
            .is_some_and(|r| r.is(node_volume_limits::DRIVER_MISSING) && r.driver() == driver),
    )?;
    s.set_attached(two, w.nodes[1], false)?;
    ensure(go(s, w, &request)? == (Some(1), 1))?;

    // A volume of zone 0.
    let zone_0 = [requirement(w.zone.0, Op::In, 0, 1, 0)];
    let terms = NodeTerms { terms: 1, weights: &[], requirements: &zone_0, values: &w.zones[..1] };
    let (here, all) = (s.add_node_set(Some(&terms))?, s.add_node_set(None)?);
    let volume = [s.add_volume(here, all, 0, 1000)?];
    let zoned = [s.add_volume(all, here, 0, 1000)?];
    let none = Volumes::default();
    let ask = |volumes: Volumes<'static>| Request { volumes, ..w.request(plain) };
    ensure(reason(s, &ask(Volumes { lost: true, ..none }), w.nodes[1])? == Some(volume_binding::NO_SUCH_VOLUME))?;
    let request = Request { volumes: Volumes { bound: &volume, ..none }, ..w.request(plain) };
    ensure(go(s, w, &request)? == (Some(0), 1))?;
    ensure(reason(s, &request, w.nodes[1])? == Some(volume_binding::NOT_REACHABLE))?;
    let request = Request { volumes: Volumes { zoned: &zoned, ..none }, ..w.request(plain) };
    ensure(go(s, w, &request)? == (Some(0), 1))?;
    ensure(reason(s, &request, w.nodes[1])? == Some(volume_zone::OTHER_ZONE))?;

    // A claim that waits takes the volume on node 0, and on node 1 a new one, where that can be made and has room.
    let claim = Waiting {
        selected: StrId::NONE,
        candidates: &volume,
        reserved: &[],
        makes: Some(all),
        rooms: None,
        size: 500,
        class: 0,
    };
    for (claim, expected, why) in [
        (claim, 2, None),
        (Waiting { makes: None, ..claim }, 1, Some(volume_binding::NONE_TO_BIND)),
        (Waiting { rooms: Some(&[]), ..claim }, 1, Some(volume_binding::NO_SPACE)),
        (Waiting { rooms: Some(&[Room { nodes: all, bytes: 1000 }]), ..claim }, 2, None),
        (Waiting { reserved: &volume[..1], makes: None, ..claim }, 1, Some(volume_binding::NONE_TO_BIND)),
        (Waiting { selected: w.names[0], ..claim }, 1, Some(volume_binding::NONE_TO_BIND)),
    ] {
        let waiting = [claim];
        let request = Request { volumes: Volumes { waiting: &waiting, ..none }, ..w.request(plain) };
        ensure(go(s, w, &request)?.1 == expected)?;
        ensure(reason(s, &request, w.nodes[1])? == why)?;
        let mut found = None;
        s.cycle(&request)?.volumes_on(w.nodes[0], &mut |_, volume| found = volume)?;
        ensure(found == (claim.selected == StrId::NONE).then_some(volume[0]))?;
    }
    let many = [claim; 33];
    let request = Request { volumes: Volumes { waiting: &many, ..none }, ..w.request(plain) };
    ensure(s.decide(&request, Pick::First).is_err())
}

/// Hard and soft constraints, and the default ones.
fn spread(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let constraint = w.constraint();
    for bad in [
        SpreadDef { key: bayplan_core::KeyId(99), ..constraint },
        SpreadDef { selector: Some(SelectorId(99)), ..constraint },
    ] {
        ensure(s.add_spec(&SpecDef { spread_hard: &[bad], own_spread: true, ..w.spec() }).is_err())?;
    }
    let hard = SpecDef { spread_hard: &[constraint], own_spread: true, ..w.spec() };
    let hard = s.add_spec(&hard)?;
    let soft = s.add_spec(&SpecDef { spread_soft: &[constraint], own_spread: true, ..w.spec() })?;
    let default = SpreadDef { selector: None, ..constraint };
    let default = s.add_spec(&SpecDef { spread_soft: &[default], ..w.spec() })?;
    let plain = s.add_spec(&w.spec())?;
    ensure(go(s, w, &w.request(hard))? == (Some(1), 2))?;
    let pod = s.bind(&w.pod(plain, w.app), w.nodes[1])?;
    // A second one in node 1's zone would make the skew 2, as the other zones have none.
    ensure(go(s, w, &w.request(hard))? == (Some(0), 1))?;
    ensure(reason(s, &w.request(hard), w.nodes[1])? == Some(pod_topology_spread::SKEW))?;
    ensure(go(s, w, &w.request(soft))? == (Some(0), 2))?;
    ensure(go(s, w, &Request { default_selector: w.selector, ..w.request(default) })? == (Some(0), 2))?;
    ensure(go(s, w, &Request { default_selector: SelectorId::NONE, ..w.request(default) })?.1 == 2)?;
    // A pod that is being deleted does not count, nor does one with other labels.
    let gone = PodDef { terminating: true, ..w.pod(plain, w.app) };
    let pod = s.update_pod(pod, &gone)?;
    ensure(go(s, w, &w.request(hard))?.1 == 2)?;
    let pod = s.update_pod(pod, &PodDef { terminating: false, labels: w.other, ..gone })?;
    ensure(go(s, w, &w.request(hard))?.1 == 2)?;
    ensure(s.tables().matches(w.selector, w.app) && !s.tables().matches(w.selector, w.other))?;
    Ok(s.unbind(pod)?)
}

/// Pods near to and far from others.
fn pods(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let [near, far, like, dislike] = w.terms;
    let mut specs = [bayplan_core::SpecId::NONE; 4];
    for (spec, term) in specs.iter_mut().zip([near, far, like, dislike]) {
        *spec = s.add_spec(&SpecDef { terms: &[term], ..w.spec() })?;
    }
    let plain = s.add_spec(&w.spec())?;
    let app = w.pod(plain, w.app);
    let pod = s.bind(&app, w.nodes[0])?;
    let expected = [(Some(0), 1), (Some(1), 1), (Some(0), 2), (Some(1), 2)];
    for (spec, expected) in specs.into_iter().zip(expected) {
        ensure(go(s, w, &w.request(spec))? == expected)?;
    }
    s.unbind(pod)?;
    // A bound pod that keeps away from the application keeps the application away.
    let hermit = w.pod(specs[1], w.other);
    let pod = s.bind(&hermit, w.nodes[1])?;
    ensure(go(s, w, &w.request(plain))? == (Some(0), 1))?;
    ensure(go(s, w, &Request { labels: w.other, ..w.request(plain) })?.1 == 2)?;
    Ok(s.unbind(pod)?)
}

/// Nodes come, change and go under columns that are cached.
fn changes(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let spec = s.add_spec(&w.spec())?;
    let request = w.request(spec);
    ensure(go(s, w, &request)? == (Some(1), 2))?;
    // Node 1 is filled: seven more fit into 8000 milli-CPU beside the first.
    let def = w.pod(spec, w.other);
    let mut last = bayplan_core::PodId::NONE;
    for _ in 0..8 {
        last = s.bind(&def, w.nodes[1])?;
    }
    ensure(s.tables().pods_on(w.nodes[1]).count() == 8)?;
    ensure(s.tables().node_of(last)? == w.nodes[1])?;
    ensure(go(s, w, &request)? == (Some(0), 1))?;
    ensure(
        reason(s, &request, w.nodes[1])?
            .is_some_and(|r| r.is(node_resources_fit::INSUFFICIENT) && r.code() == Code::Unschedulable),
    )?;
    ensure(s.remove_node(w.nodes[1]).is_err())?;
    s.unbind(last)?;
    ensure(s.unbind(last).is_err())?;
    ensure(go(s, w, &request)?.1 == 2)?;
    while let Some(pod) = {
        let mut on = s.tables().pods_on(w.nodes[1]);
        on.next()
    } {
        s.unbind(pod)?;
    }
    s.relabel_node(w.nodes[1], w.zone, w.zones[0])?;
    s.relabel_node(w.nodes[1], w.zone, w.zones[1])?;
    s.relabel_namespace(w.space, &[(w.team, w.dedicated)], true)?;
    let name = s.add_string(None)?;
    let fresh = bayplan_core::NodeDef {
        name,
        unschedulable: false,
        allocatable: &[16_000, 32_000, 0, 10],
        labels: &[],
        taints: w.taints[0],
        images: bayplan_core::ImageSetId(0),
        features: 0,
    };
    let node = s.add_node(&fresh)?;
    ensure(s.decide(&request, Pick::First)?.node == Some(node))?;
    s.update_node(node, &bayplan_core::NodeDef { unschedulable: true, ..fresh })?;
    ensure(go(s, w, &request)? == (Some(1), 2))?;
    s.remove_node(node)?;
    ensure((s.tables().alive_nodes(), s.tables().node_rows()) == (4, 5))?;
    ensure(go(s, w, &request)? == (Some(1), 2))
}
