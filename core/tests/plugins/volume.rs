//! Plugins about volumes: VolumeRestrictions, NodeVolumeLimits, VolumeBinding, VolumeZone.

use bayplan_core::plugins::{node_volume_limits, volume_binding, volume_restrictions, volume_zone};
use bayplan_core::{
    Error, NodeDef, NodeSetId, NodeTerms, Op, Plugin, PodDef, ProfileDef, Request, Room, Scheduler, ShapePoint,
    SpecDef, StrId, UseTag, Volumes, Waiting,
};
use bayplan_worlds::parts::requirement;

use crate::{World, alone, alone_with, node, pending, reasons, scores, spec, zoned};

/// The nodes of the first zone, and all nodes.
fn sets(s: &mut Scheduler<'_>, w: &World, names: &[StrId]) -> Result<(NodeSetId, NodeSetId), Error> {
    let requirements = [requirement(w.zone.0, Op::In, 0, 1, 0)];
    let terms = NodeTerms { terms: 1, weights: &[], requirements: &requirements, values: &names[..1] };
    Ok((s.add_node_set(Some(&terms))?, s.add_node_set(None)?))
}

/// Two pods may read the same disk on a node; one that writes has it alone.
#[test]
fn a_disk_is_written_by_one() {
    alone(Plugin::VolumeRestrictions, |s, w| {
        let disk = s.add_use_key()?;
        let (reads, writes) = ([(disk, true)], [(disk, false)]);
        for holder in [&reads, &writes] {
            let (_, on) = node(s, NodeDef::default())?;
            let holder = spec(s, w, SpecDef { disks: holder, ..SpecDef::default() })?;
            s.bind(&PodDef::new(holder, w.labels), on)?;
        }
        node(s, NodeDef::default())?;
        let in_use = Some(volume_restrictions::DISK_IN_USE);
        let request = pending(s, w, SpecDef { disks: &reads, ..SpecDef::default() })?;
        assert_eq!(reasons(s, &request)?, [None, in_use, None]);
        let request = pending(s, w, SpecDef { disks: &writes, ..SpecDef::default() })?;
        assert_eq!(reasons(s, &request)?, [in_use, in_use, None]);
        Ok(())
    });
}

/// A `ReadWriteOncePod` claim that a pod uses on any node keeps all others from every node.
#[test]
fn a_claim_of_one_pod_is_taken_everywhere() {
    alone(Plugin::VolumeRestrictions, |s, w| {
        let claim = s.add_use_key()?;
        let (_, on) = node(s, NodeDef::default())?;
        node(s, NodeDef::default())?;
        let uses = s.add_use_list(&[(claim, UseTag::Exclusive)])?;
        let plain = pending(s, w, SpecDef::default())?;
        let request = Request { uses, ..plain };
        assert_eq!(reasons(s, &request)?, [None, None]);
        let pod = s.bind(&PodDef { uses, ..PodDef::new(plain.spec, w.labels) }, on)?;
        assert_eq!(reasons(s, &request)?, [Some(volume_restrictions::CLAIM_IN_USE); 2]);
        assert_eq!(reasons(s, &plain)?, [None, None]);
        s.unbind(pod)?;
        assert_eq!(reasons(s, &request)?, [None, None]);
        Ok(())
    });
}

/// A node takes so many volumes of a driver; one that is there already is not counted twice.
#[test]
fn a_driver_takes_so_many_volumes() {
    alone(Plugin::NodeVolumeLimits, |s, w| {
        let driver = s.add_driver()?;
        let mut lists = Vec::new();
        for _ in 0..3 {
            let volume = s.add_use_key()?;
            s.set_key_driver(volume, driver)?;
            lists.push((volume, s.add_use_list(&[(volume, UseTag::Mounted)])?));
        }
        let (limited, free, lacking) =
            (node(s, NodeDef::default())?.1, node(s, NodeDef::default())?.1, node(s, NodeDef::default())?.1);
        s.set_driver(driver, limited, Some(2), false)?;
        s.set_driver(driver, lacking, None, true)?;
        let plain = pending(s, w, SpecDef::default())?;
        let ask = |at: usize| Request { uses: lists[at].1, ..plain };
        let missing = node_volume_limits::DRIVER_MISSING;
        let found = reasons(s, &ask(2))?;
        assert_eq!(found[..2], [None, None]);
        assert!(found[2].is_some_and(|reason| reason.is(missing) && reason.driver() == driver), "{found:?}");
        for (_, uses) in &lists[..2] {
            s.bind(&PodDef { uses: *uses, ..PodDef::new(plain.spec, w.labels) }, limited)?;
            s.bind(&PodDef { uses: *uses, ..PodDef::new(plain.spec, w.labels) }, free)?;
        }
        assert_eq!(s.tables().driver_on(limited, driver)?, (2, Some(2)));
        let too_many = Some(node_volume_limits::TOO_MANY);
        assert_eq!(reasons(s, &ask(2))?[..2], [too_many, None]);
        assert_eq!(reasons(s, &ask(0))?[..2], [None, None]);
        // A volume that is attached counts as well, though no pod mounts it.
        let pod = s.tables().pods_on(limited).next().expect("two are bound");
        s.unbind(pod)?;
        assert_eq!(reasons(s, &ask(2))?[..2], [None, None]);
        s.set_attached(lists[1].0, limited, true)?;
        assert_eq!(reasons(s, &ask(2))?[..2], [too_many, None]);
        s.set_attached(lists[1].0, limited, false)?;
        assert_eq!(reasons(s, &ask(2))?[..2], [None, None]);
        Ok(())
    });
}

#[test]
fn a_volume_of_another_zone_rejects() {
    alone(Plugin::VolumeZone, |s, w| {
        let (_, names) = zoned(s, w, [0, 1])?;
        let (here, all) = sets(s, w, &names)?;
        let zoned = [s.add_volume(all, here, 0, 1)?];
        let plain = pending(s, w, SpecDef::default())?;
        let request = Request { volumes: Volumes { zoned: &zoned, ..Volumes::default() }, ..plain };
        assert_eq!(reasons(s, &request)?, [None, Some(volume_zone::OTHER_ZONE)]);
        Ok(())
    });
}

#[test]
fn claims_need_a_volume_that_is_reached_or_made() {
    alone(Plugin::VolumeBinding, |s, w| {
        let (_, names) = zoned(s, w, [0, 1])?;
        let (here, all) = sets(s, w, &names)?;
        let volume = [s.add_volume(here, all, 0, 1000)?];
        let plain = pending(s, w, SpecDef::default())?;
        let none = Volumes::default();
        let bound = Request { volumes: Volumes { bound: &volume, ..none }, ..plain };
        assert_eq!(reasons(s, &bound)?, [None, Some(volume_binding::NOT_REACHABLE)]);
        let lost = Request { volumes: Volumes { lost: true, ..none }, ..plain };
        assert_eq!(reasons(s, &lost)?, [Some(volume_binding::NO_SUCH_VOLUME); 2]);
        let claim = Waiting {
            selected: StrId::NONE,
            candidates: &volume,
            reserved: &[],
            makes: None,
            rooms: None,
            size: 500,
            class: 0,
        };
        let (nothing, space) = (Some(volume_binding::NONE_TO_BIND), Some(volume_binding::NO_SPACE));
        for (claim, expected) in [
            (claim, [None, nothing]),
            (Waiting { candidates: &[], ..claim }, [nothing, nothing]),
            (Waiting { makes: Some(here), candidates: &[], ..claim }, [None, nothing]),
            (Waiting { makes: Some(all), ..claim }, [None, None]),
            (Waiting { makes: Some(all), rooms: Some(&[]), ..claim }, [None, space]),
            (Waiting { makes: Some(all), rooms: Some(&[Room { nodes: all, bytes: 1 }]), ..claim }, [None, None]),
            (Waiting { reserved: &volume, candidates: &[], ..claim }, [None, nothing]),
        ] {
            let waiting = [claim];
            let request = Request { volumes: Volumes { waiting: &waiting, ..none }, ..plain };
            assert_eq!(reasons(s, &request)?, expected, "{claim:?}");
        }
        // Two claims do not get the same volume.
        let waiting = [claim; 2];
        let request = Request { volumes: Volumes { waiting: &waiting, ..none }, ..plain };
        assert_eq!(reasons(s, &request)?, [nothing, nothing]);
        Ok(())
    });
}

/// The value of the shape at the utilization of the volume or of the room, rounded mean over storage classes.
#[test]
fn volumes_that_are_used_up_score_by_the_shape() {
    let shape = [ShapePoint { utilization: 0, score: 0 }, ShapePoint { utilization: 100, score: 100 }];
    alone_with(Plugin::VolumeBinding, ProfileDef { volume_shape: &shape, ..ProfileDef::default() }, |s, w| {
        let (_, names) = zoned(s, w, [0, 1, 2])?;
        let (here, all) = sets(s, w, &names)?;
        let volume = [s.add_volume(here, all, 0, 1000)?];
        let rooms = [Room { nodes: all, bytes: 2000 }];
        let claim = Waiting {
            selected: StrId::NONE,
            candidates: &volume,
            reserved: &[],
            makes: Some(all),
            rooms: Some(&rooms),
            size: 500,
            class: 0,
        };
        let waiting = [claim];
        let plain = pending(s, w, SpecDef::default())?;
        let request = Request { volumes: Volumes { waiting: &waiting, ..Volumes::default() }, ..plain };
        // 500 of 1000 on node 0; 500 of 2000 of room elsewhere.
        assert_eq!(scores(s, &request)?, [50, 25, 25]);
        Ok(())
    });
}
