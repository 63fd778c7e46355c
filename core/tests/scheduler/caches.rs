//! Cached columns follow what changes, however much it is and however short the journal.

use bayplan_core::{
    Error, KeyId, Limits, NodeDef, NodeId, Pick, PodDef, PodId, Scheduler, SpecDef, SpecId, block_words,
};
use bayplan_worlds::parts::asking;
use bayplan_worlds::profile::default_profile;

/// Nodes of one size. Binding pods changes their fit, their scores and their shares.
struct Fleet {
    spec: SpecId,
    labels: bayplan_core::LabelClassId,
}

const NODES: u32 = 64;

fn limits(journal: u32) -> Limits {
    Limits { nodes: NODES, pods: 512, journal, ..Limits::default() }
}

fn fleet(s: &mut Scheduler<'_>) -> Result<Fleet, Error> {
    s.add_taint_set(&[])?;
    s.add_image_set(&[])?;
    for _ in 0..NODES {
        let name = s.add_string(None)?;
        let labels = [(KeyId(0), name)];
        s.add_node(&NodeDef { name, labels: &labels, allocatable: &[10_000, 20_000, 0, 10], ..NodeDef::default() })?;
    }
    let profile = s.add_profile(&default_profile())?;
    let spec = s.add_spec(&SpecDef { profile, ..asking(&[1000, 1000]) })?;
    let space = s.add_namespace(&[], true)?;
    Ok(Fleet { spec, labels: s.add_label_class(space, &[])? })
}

/// Asks with columns that were cached before some changes, and with none.
fn asked_before_and_after(journal: u32, change: impl Fn(&mut Scheduler<'_>, &Fleet) -> Result<(), Error>) {
    let limits = limits(journal);
    let (mut cached, mut fresh) = (vec![0; block_words(&limits)], vec![0; block_words(&limits)]);
    let mut s = Scheduler::init(&mut cached, &limits).expect("the limits are large enough");
    let mut run = || -> Result<(), Error> {
        let f = fleet(&mut s)?;
        let request = bayplan_core::Request::new(f.spec, f.labels);
        s.decide(&request, Pick::First)?;
        change(&mut s, &f)?;
        let mut copy = s.copy_into(&mut fresh, &limits)?;
        let of_copy: Vec<Option<i64>> = totals(&mut copy, &request)?;
        assert_eq!(totals(&mut s, &request)?, of_copy);
        assert_eq!(s.decide(&request, Pick::First)?, copy.decide(&request, Pick::First)?);
        Ok(())
    };
    run().expect("every id is there");
}

fn totals(s: &mut Scheduler<'_>, request: &bayplan_core::Request<'_>) -> Result<Vec<Option<i64>>, Error> {
    let scored = s.cycle(request)?.filter()?.score();
    Ok((0..NODES).map(|node| scored.total(NodeId(node))).collect())
}

/// More nodes change than the journal remembers, but fewer than would make a cache start over for their number (a quarter).
#[test]
fn a_journal_that_was_overrun_is_noticed() {
    for journal in [1, 4, 9, 10, 11, 64] {
        asked_before_and_after(journal, |s, f| {
            for node in 0..10 {
                for _ in 0..5 {
                    s.bind(&PodDef::new(f.spec, f.labels), NodeId(node))?;
                }
            }
            Ok(())
        });
        asked_before_and_after(journal, |s, f| {
            for node in 0..10 {
                s.bind(&PodDef::new(f.spec, f.labels), NodeId(node * 6))?;
            }
            Ok(())
        });
    }
}

#[test]
fn nodes_that_come_change_and_go_are_followed() {
    asked_before_and_after(1024, |s, f| {
        for at in 0..10 {
            s.update_node(
                NodeId(at),
                &NodeDef { name: bayplan_core::EMPTY, allocatable: &[5000, 500, 0, 10], ..NodeDef::default() },
            )?;
        }
        s.remove_node(NodeId(20))?;
        s.bind(&PodDef::new(f.spec, f.labels), NodeId(21))?;
        s.update_node(
            NodeId(22),
            &NodeDef { unschedulable: true, allocatable: &[5000, 5000, 0, 10], ..NodeDef::default() },
        )
    });
}

/// Binding and unbinding leaves every sum, list and answer as it was, in whatever order pods go.
#[test]
fn what_is_unbound_leaves_nothing_behind() {
    let limits = limits(64);
    let mut block = vec![0; block_words(&limits)];
    let mut s = Scheduler::init(&mut block, &limits).expect("the limits are large enough");
    let mut run = || -> Result<(), Error> {
        let f = fleet(&mut s)?;
        let request = bayplan_core::Request::new(f.spec, f.labels);
        let before = totals(&mut s, &request)?;
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
            let pods: Vec<PodId> =
                (0..5).map(|_| s.bind(&PodDef::new(f.spec, f.labels), NodeId(7))).collect::<Result<_, _>>()?;
            assert_eq!(s.tables().amounts(NodeId(7), bayplan_core::ResourceId::CPU)?, (10_000, 5000));
            assert_eq!(s.tables().pods_on(NodeId(7)).count(), 5);
            assert!(pods.iter().all(|pod| s.tables().node_of(*pod) == Ok(NodeId(7))));
            assert_ne!(totals(&mut s, &request)?, before);
            for at in order {
                s.unbind(pods[at])?;
                assert_eq!(s.unbind(pods[at]), Err(Error::NoSuch { table: "pods", id: pods[at].0 }));
                s.recount()?;
            }
            assert_eq!(s.tables().amounts(NodeId(7), bayplan_core::ResourceId::CPU)?, (10_000, 0));
            assert_eq!((s.tables().pods_on(NodeId(7)).count(), s.used("pods")), (0, Some(0)));
            assert_eq!(totals(&mut s, &request)?, before);
        }
        Ok(())
    };
    run().expect("every id is there");
}
