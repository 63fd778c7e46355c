//! Plugins that count what a node holds: NodePorts, NodeResourcesFit, NodeResourcesBalancedAllocation.

use bayplan_core::plugins::{node_ports, node_resources_fit};
use bayplan_core::{
    Code, Error, FitStrategy, NodeDef, NodeId, Plugin, PodDef, Port, PreemptOptions, Preemption, ProfileDef, Request,
    ResourceId, Scheduler, ShapePoint, SpecDef, Weighed,
};
use bayplan_worlds::parts::asking;

use crate::{World, alone, alone_with, node, pending, reasons, scores, spec};

/// Binds a pod that asks for so much.
fn hold(s: &mut Scheduler<'_>, w: &World, node: NodeId, asked: [i64; 2]) -> Result<(), Error> {
    let spec = spec(s, w, asking(&asked))?;
    s.bind(&PodDef::new(spec, w.labels), node)?;
    Ok(())
}

/// Ports conflict by protocol and number, where the addresses are equal or one of them is 0.0.0.0.
#[test]
fn host_ports_are_taken_once() {
    alone(Plugin::NodePorts, |s, w| {
        let (group, other) = (s.add_use_key()?, s.add_use_key()?);
        let ports = [Port { group, address: Port::ALL }, Port { group, address: 1 }];
        for port in ports {
            let (_, on) = node(s, NodeDef::default())?;
            let holder = spec(s, w, SpecDef { ports: &[port], ..SpecDef::default() })?;
            s.bind(&PodDef::new(holder, w.labels), on)?;
        }
        let free = node(s, NodeDef::default())?.1;
        let cases = [
            (Port { group, address: Port::ALL }, [false, false]),
            (Port { group, address: 1 }, [false, false]),
            (Port { group, address: 2 }, [false, true]),
            (Port { group: other, address: Port::ALL }, [true, true]),
        ];
        for (port, passes) in cases {
            let request = pending(s, w, SpecDef { ports: &[port], ..SpecDef::default() })?;
            let taken = |passes: bool| if passes { None } else { Some(node_ports::TAKEN) };
            assert_eq!(reasons(s, &request)?, [taken(passes[0]), taken(passes[1]), None], "{port:?}");
        }
        // A second holder of a port, and one of the two goes: it is still taken.
        let holder = spec(s, w, SpecDef { ports: &ports[..1], ..SpecDef::default() })?;
        let pods = [s.bind(&PodDef::new(holder, w.labels), free)?, s.bind(&PodDef::new(holder, w.labels), free)?];
        let request = pending(s, w, SpecDef { ports: &ports[..1], ..SpecDef::default() })?;
        s.unbind(pods[0])?;
        assert_eq!(reasons(s, &request)?[2], Some(node_ports::TAKEN));
        s.unbind(pods[1])?;
        assert_eq!(reasons(s, &request)?[2], None);
        Ok(())
    });
}

/// Preemption frees a port, too, where the pod would fit beside all pods: who holds the port goes, the other pod stays.
#[test]
fn the_holder_of_a_port_is_preempted() {
    alone(Plugin::NodePorts, |s, w| {
        let filters = [Plugin::NodePorts.into(), Plugin::NodeResourcesFit.into()];
        let profile = s.add_profile(&ProfileDef { filters: &filters, ..ProfileDef::default() })?;
        let ports = [Port { group: s.add_use_key()?, address: Port::ALL }];
        let on = node(s, NodeDef::default())?.1;
        let holder = spec(s, w, SpecDef { ports: &ports, ..SpecDef::default() })?;
        let holder = s.bind(&PodDef::new(holder, w.labels), on)?;
        hold(s, w, on, [100, 100])?;
        let wants = s.add_spec(&SpecDef { profile, ports: &ports, priority: 1, ..SpecDef::default() })?;
        let request = Request::new(wants, w.labels);
        let mut filtered = s.cycle(&request)?.filter()?;
        let options = PreemptOptions::default();
        let Preemption::Best(best, 1) = filtered.preempt(&options)? else { panic!("there is a candidate") };
        assert_eq!((best.node, best.victims), (on, 1));
        let mut victims = Vec::new();
        filtered.preempt_on(on, &options, &mut |_, found| {
            if let Weighed::Candidate(_, of_node) = found {
                victims.extend(of_node.iter());
            }
        })?;
        assert_eq!(victims, [(holder, false)]);
        Ok(())
    });
}

#[test]
fn requests_must_fit_into_what_is_left() {
    alone(Plugin::NodeResourcesFit, |s, w| {
        let gpu = s.add_resource()?;
        node(s, NodeDef { allocatable: &[1000, 2000, 500, 2, 4], ..NodeDef::default() })?;
        hold(s, w, NodeId(0), [400, 500])?;
        let cases: [(&[i64], Option<ResourceId>); 7] = [
            (&[600, 1500, 500, 0, 4], None),
            (&[601, 1500], Some(ResourceId::CPU)),
            (&[600, 1501], Some(ResourceId::MEMORY)),
            (&[0, 0, 501], Some(ResourceId::EPHEMERAL_STORAGE)),
            (&[0, 0, 0, 0, 5], Some(gpu)),
            // What asks for nothing of a resource does not mind that it is used up.
            (&[0, 0, 0, 0, 0], None),
            (&[], None),
        ];
        for (fit, lacking) in cases {
            let request = pending(s, w, SpecDef { fit, ..SpecDef::default() })?;
            let found = reasons(s, &request)?[0];
            assert_eq!(found.map(|reason| reason.resource()), lacking, "{fit:?}");
            assert!(found.is_none_or(|reason| reason.is(node_resources_fit::INSUFFICIENT)));
            // More than the whole node has: no eviction would help.
            let beyond = [1000, 2000, 500, 0, 4].iter().zip(fit).any(|(has, asks)| asks > has);
            let code = if beyond { Code::UnschedulableAndUnresolvable } else { Code::Unschedulable };
            assert!(found.is_none_or(|reason| reason.code() == code), "{fit:?}");
        }
        hold(s, w, NodeId(0), [0, 0])?;
        let request = pending(s, w, SpecDef::default())?;
        assert_eq!(reasons(s, &request)?, [Some(node_resources_fit::TOO_MANY_PODS)]);
        Ok(())
    });
}

/// Three nodes: empty, 30 % of the CPU and 50 % of the memory taken, and full.
fn three(s: &mut Scheduler<'_>, w: &World) -> Result<(), Error> {
    for held in [[0, 0], [3000, 5_000_000_000], [10_000, 10_000_000_000]] {
        let (_, on) = node(s, NodeDef::default())?;
        hold(s, w, on, held)?;
    }
    Ok(())
}

const TENTH: [i64; 2] = [1000, 1_000_000_000];

/// A pod whose requests only score, so that the full node stays in.
fn scored(s: &mut Scheduler<'_>, w: &World, asked: &[i64; 2]) -> Result<Vec<i64>, Error> {
    let request = pending(s, w, SpecDef { score: asked, balanced: asked, ..SpecDef::default() })?;
    scores(s, &request)
}

/// The mean over resources of the percentage that is left; nothing where more is asked than there is.
#[test]
fn least_allocated_likes_empty_nodes() {
    alone(Plugin::NodeResourcesFit, |s, w| {
        three(s, w)?;
        // (90 + 90) / 2; (60 + 40) / 2; both over.
        assert_eq!(scored(s, w, &TENTH)?, [90, 50, 0]);
        // Each is truncated before the mean: (99.99 → 99, 100) → 99.
        assert_eq!(scored(s, w, &[1, 0])?, [99, 59, 0]);
        Ok(())
    });
}

#[test]
fn most_allocated_likes_full_nodes() {
    alone_with(
        Plugin::NodeResourcesFit,
        ProfileDef { strategy: FitStrategy::MostAllocated, ..ProfileDef::default() },
        |s, w| {
            three(s, w)?;
            // Above its capacity a resource counts as full.
            assert_eq!(scored(s, w, &TENTH)?, [10, 50, 100]);
            Ok(())
        },
    );
}

/// A function of the utilization in percent, linear between its points; weights are weights; the mean is rounded.
#[test]
fn a_shape_says_what_utilization_is_worth() {
    let shape = [
        ShapePoint { utilization: 0, score: 0 },
        ShapePoint { utilization: 40, score: 100 },
        ShapePoint { utilization: 100, score: 40 },
    ];
    let resources = [(ResourceId::CPU, 3), (ResourceId::MEMORY, 1)];
    let change = ProfileDef {
        strategy: FitStrategy::RequestedToCapacityRatio,
        shape: &shape,
        fit_resources: &resources,
        ..ProfileDef::default()
    };
    alone_with(Plugin::NodeResourcesFit, change, |s, w| {
        three(s, w)?;
        // 10 %: 25 of both. 40 %: 100, 60 %: 100 - 60 * 20 / 60 = 80; (3 * 100 + 80) / 4 = 95. Full: 40.
        assert_eq!(scored(s, w, &TENTH)?, [25, 95, 40]);
        // 21 %: 52 (52.5 truncated), 10 %: 25; (156 + 25) / 4 = 45.25, rounded 45.
        assert_eq!(scored(s, w, &[2100, 1_000_000_000])?[0], 45);
        // 22 %: 55; (165 + 25) / 4 = 47.5, rounded 48.
        assert_eq!(scored(s, w, &[2200, 1_000_000_000])?[0], 48);
        Ok(())
    });
}

/// 100 less the standard deviation of the fractions in percent, which for two is half their distance.
#[test]
fn balance_is_the_distance_of_the_fractions() {
    let plain = ProfileDef { balanced_by_difference: false, ..ProfileDef::default() };
    alone_with(Plugin::NodeResourcesBalancedAllocation, plain, |s, w| {
        three(s, w)?;
        // 10 and 10; 40 and 60; both count as full.
        assert_eq!(scored(s, w, &TENTH)?, [100, 90, 100]);
        // 45 and 10; 75 and 60; full: 17.5 and 7.5 are truncated away.
        assert_eq!(scored(s, w, &[4500, 1_000_000_000])?, [82, 92, 100]);
        Ok(())
    });
}

/// From 1.36 on: 50, and half of 50 and what the pod betters the balance by.
#[test]
fn balance_by_what_the_pod_betters() {
    alone(Plugin::NodeResourcesBalancedAllocation, |s, w| {
        three(s, w)?;
        // Node 1 is at 90 (30 and 50) before. A tenth of both changes nothing: 50 + 50 / 2 = 75.
        assert_eq!(scored(s, w, &TENTH)?, [75, 75, 75]);
        // Node 0: from 100 to 90 (20 and 0): 50 + 40 / 2 = 70. Node 1: from 90 to 100: 50 + 60 / 2 = 80.
        assert_eq!(scored(s, w, &[2000, 0])?, [70, 80, 75]);
        Ok(())
    });
}
