//! Plugins that look at the node alone: NodeUnschedulable, NodeName, TaintToleration, NodeAffinity, NodeDeclaredFeatures, ImageLocality.

use bayplan_core::plugins::{node_affinity, node_declared_features, node_name, node_unschedulable, taint_toleration};
use bayplan_core::{
    EMPTY, Error, Limits, NodeDef, NodeTerms, Op, Plugin, PodDef, ProfileDef, Request, Requirement, Scheduler, SpecDef,
    StrId, Taint, TaintEffect, Toleration, TolerationOp, UNSCHEDULABLE_TAINT, block_words,
};
use bayplan_worlds::parts::requirement;

use crate::{alone, alone_with, node, pending, reasons, scores, spec, zoned};

fn exists(key: StrId) -> Toleration {
    Toleration { key, op: TolerationOp::Exists, value: StrId::NONE, effect: None }
}

#[test]
fn a_cordon_is_a_taint_that_can_be_tolerated() {
    alone(Plugin::NodeUnschedulable, |s, w| {
        node(s, NodeDef { unschedulable: true, ..NodeDef::default() })?;
        node(s, NodeDef::default())?;
        let plain = pending(s, w, SpecDef::default())?;
        assert_eq!(reasons(s, &plain)?, [Some(node_unschedulable::CORDONED), None]);
        for (toleration, passes) in [
            (exists(UNSCHEDULABLE_TAINT), true),
            (exists(StrId::NONE), true),
            (Toleration { effect: Some(TaintEffect::NoSchedule), ..exists(UNSCHEDULABLE_TAINT) }, true),
            (Toleration { effect: Some(TaintEffect::NoExecute), ..exists(UNSCHEDULABLE_TAINT) }, false),
            (Toleration { op: TolerationOp::Equal, value: EMPTY, ..exists(UNSCHEDULABLE_TAINT) }, true),
            (exists(EMPTY), false),
        ] {
            let tolerating = pending(s, w, SpecDef { tolerations: &[toleration], ..SpecDef::default() })?;
            assert_eq!(reasons(s, &tolerating)?[0].is_none(), passes, "{toleration:?}");
        }
        Ok(())
    });
}

#[test]
fn a_named_node_is_the_only_one() {
    alone(Plugin::NodeName, |s, w| {
        node(s, NodeDef::default())?;
        let (name, _) = node(s, NodeDef::default())?;
        let mut request = pending(s, w, SpecDef::default())?;
        assert_eq!(reasons(s, &request)?, [None, None]);
        request.node_name = name;
        assert_eq!(reasons(s, &request)?, [Some(node_name::OTHER_NODE), None]);
        Ok(())
    });
}

/// A toleration matches by key, operator and value, and effect; only NoSchedule and NoExecute keep pods away.
#[test]
fn taints_keep_pods_away_that_do_not_tolerate_them() {
    alone(Plugin::TaintToleration, |s, w| {
        let (key, other) = (s.add_string(None)?, s.add_string(None)?);
        let [five, six, word] = [s.add_string(Some(5))?, s.add_string(Some(6))?, s.add_string(None)?];
        for (value, effect) in [
            (five, TaintEffect::NoSchedule),
            (six, TaintEffect::NoExecute),
            (word, TaintEffect::NoSchedule),
            (five, TaintEffect::PreferNoSchedule),
        ] {
            let taints = s.add_taint_set(&[Taint { key, value, effect }])?;
            node(s, NodeDef { taints, ..NodeDef::default() })?;
        }
        let toleration = |op, value| Toleration { op, value, ..exists(key) };
        let integer = |s: &mut bayplan_core::Scheduler<'_>, value| s.add_string(Some(value));
        let (bound_5, bound_6) = (integer(s, 5)?, integer(s, 6)?);
        let cases = [
            (None, [false, false, false]),
            (Some(exists(key)), [true, true, true]),
            (Some(exists(StrId::NONE)), [true, true, true]),
            (Some(exists(other)), [false, false, false]),
            (Some(toleration(TolerationOp::Equal, five)), [true, false, false]),
            (Some(Toleration { effect: Some(TaintEffect::NoExecute), ..exists(key) }), [false, true, false]),
            // The taint's number must lie above or below the toleration's, not at it; a word is no number.
            (Some(toleration(TolerationOp::Gt, bound_5)), [false, true, false]),
            (Some(toleration(TolerationOp::Gt, bound_6)), [false, false, false]),
            (Some(toleration(TolerationOp::Lt, bound_6)), [true, false, false]),
            (Some(toleration(TolerationOp::Lt, bound_5)), [false, false, false]),
            (Some(toleration(TolerationOp::Gt, word)), [false, false, false]),
        ];
        for (toleration, passes) in cases {
            let list: Vec<Toleration> = toleration.into_iter().collect();
            let request = pending(s, w, SpecDef { tolerations: &list, ..SpecDef::default() })?;
            let found = reasons(s, &request)?;
            let found_passes: Vec<bool> = found.iter().map(Option::is_none).collect();
            assert_eq!(found_passes, [passes[0], passes[1], passes[2], true], "{toleration:?}");
            assert!(found.iter().flatten().all(|reason| *reason == taint_toleration::UNTOLERATED));
        }
        Ok(())
    });
}

/// The more PreferNoSchedule taints a pod does not tolerate, the worse: 100 less the share of the node with most.
#[test]
fn advice_against_a_node_lowers_its_score() {
    alone(Plugin::TaintToleration, |s, w| {
        let keys = [s.add_string(None)?, s.add_string(None)?, s.add_string(None)?];
        let advises = |key: &StrId| Taint { key: *key, value: EMPTY, effect: TaintEffect::PreferNoSchedule };
        for count in [0, 1, 3] {
            let list: Vec<Taint> = keys[..count].iter().map(advises).collect();
            let taints = s.add_taint_set(&list)?;
            node(s, NodeDef { taints, ..NodeDef::default() })?;
        }
        let plain = pending(s, w, SpecDef::default())?;
        // 100 * 1 / 3 is 33.
        assert_eq!(scores(s, &plain)?, [100, 67, 0]);
        let tolerations = [exists(keys[0]), exists(keys[1])];
        let tolerating = pending(s, w, SpecDef { tolerations: &tolerations, ..SpecDef::default() })?;
        assert_eq!(scores(s, &tolerating)?, [100, 100, 0]);
        // NoExecute alone does not tolerate advice.
        let wrong = [Toleration { effect: Some(TaintEffect::NoExecute), ..exists(StrId::NONE) }];
        let wrong = pending(s, w, SpecDef { tolerations: &wrong, ..SpecDef::default() })?;
        assert_eq!(scores(s, &wrong)?, [100, 67, 0]);
        Ok(())
    });
}

/// Two sets of taints that advise as much are advice twice, not none.
#[test]
fn different_taints_may_advise_as_much() {
    alone(Plugin::TaintToleration, |s, w| {
        for _ in 0..2 {
            let taint = Taint { key: s.add_string(None)?, value: EMPTY, effect: TaintEffect::PreferNoSchedule };
            let taints = s.add_taint_set(&[taint])?;
            node(s, NodeDef { taints, ..NodeDef::default() })?;
        }
        node(s, NodeDef::default())?;
        let request = pending(s, w, SpecDef::default())?;
        assert_eq!(scores(s, &request)?, [0, 0, 100]);
        Ok(())
    });
}

/// The class is asked, one node changes, and it is asked again: what was kept of the other nodes and what is found of this one make one answer.
/// Advice of a node that is not feasible does not count.
#[test]
fn a_node_whose_taints_change_is_looked_at_again() {
    alone(Plugin::TaintToleration, |s, w| {
        let keys = [s.add_string(None)?, s.add_string(None)?, s.add_string(None)?];
        let taint = |key: StrId, effect| Taint { key, value: EMPTY, effect };
        let advises = keys.map(|key| taint(key, TaintEffect::PreferNoSchedule));
        let one = s.add_taint_set(&advises[..1])?;
        let three = s.add_taint_set(&advises)?;
        let forbids = s.add_taint_set(&[advises[0], advises[1], taint(keys[2], TaintEffect::NoSchedule)])?;
        let none = bayplan_core::TaintSetId(0);
        let mut nodes = Vec::new();
        for _ in 0..8 {
            nodes.push(node(s, NodeDef::default())?);
        }
        let request = pending(s, w, SpecDef::default())?;
        assert_eq!(scores(s, &request)?, [100; 8]);
        let steps: [(usize, _, [i64; 8]); 8] = [
            (3, one, [100, 100, 100, 0, 100, 100, 100, 100]),
            (5, three, [100, 100, 100, 67, 100, 0, 100, 100]),
            (5, forbids, [100, 100, 100, 0, 100, -1, 100, 100]),
            (3, none, [100, 100, 100, 100, 100, -1, 100, 100]),
            (5, none, [100; 8]),
            // A node that nothing is advised against changes, while another has advice.
            (2, three, [100, 100, 0, 100, 100, 100, 100, 100]),
            (6, one, [100, 100, 0, 100, 100, 100, 67, 100]),
            (2, none, [100, 100, 100, 100, 100, 100, 0, 100]),
        ];
        for (at, taints, expected) in steps {
            let (name, id) = nodes[at];
            s.update_node(
                id,
                &NodeDef { name, taints, allocatable: &[10_000, 10_000_000_000, 0, 10], ..NodeDef::default() },
            )?;
            assert_eq!(scores(s, &request)?, expected, "node {at}");
        }
        Ok(())
    });
}

/// The class was asked before there were such taints: one, or as many as are counted.
#[test]
fn advice_that_is_new_counts() {
    for count in [1, 16_383] {
        alone(Plugin::TaintToleration, |s, w| {
            let mut nodes = Vec::new();
            for _ in 0..8 {
                nodes.push(node(s, NodeDef::default())?);
            }
            let request = pending(s, w, SpecDef::default())?;
            assert_eq!(scores(s, &request)?, [100; 8]);
            let key = s.add_string(None)?;
            let taints =
                s.add_taint_set(&vec![Taint { key, value: EMPTY, effect: TaintEffect::PreferNoSchedule }; count])?;
            let (name, id) = nodes[3];
            s.update_node(id, &NodeDef { name, taints, allocatable: &[0, 0, 0, 10], ..NodeDef::default() })?;
            let expected = [100, 100, 100, 0, 100, 100, 100, 100];
            assert_eq!(scores(s, &request)?, expected, "{count} taints, this node alone looked at again");
            let other = pending(s, w, SpecDef { priority: 1, ..SpecDef::default() })?;
            assert_eq!(scores(s, &other)?, expected, "{count} taints, all nodes looked at");
            Ok(())
        });
    }
}

#[test]
fn node_affinity_knows_every_operator() {
    alone(Plugin::NodeAffinity, |s, w| {
        let (key, zone) = (s.add_key()?, w.zone.0);
        let values = [s.add_string(Some(3))?, s.add_string(Some(4))?, s.add_string(None)?];
        for value in values {
            node(s, NodeDef { labels: &[(key, value)], ..NodeDef::default() })?;
        }
        let key = key.0;
        let cases: [(Requirement, [bool; 3]); 9] = [
            (requirement(key, Op::In, 0, 2, 0), [true, true, false]),
            (requirement(key, Op::NotIn, 1, 2, 0), [true, false, false]),
            (requirement(zone, Op::NotIn, 0, 3, 0), [true, true, true]),
            (requirement(key, Op::Exists, 0, 0, 0), [true, true, true]),
            (requirement(zone, Op::DoesNotExist, 0, 0, 0), [true, true, true]),
            (requirement(zone, Op::Exists, 0, 0, 0), [false, false, false]),
            (requirement(key, Op::Gt, 0, 0, 3), [false, true, false]),
            (requirement(key, Op::Lt, 0, 0, 4), [true, false, false]),
            (requirement(key, Op::Never, 0, 0, 0), [false, false, false]),
        ];
        for (requirement, passes) in cases {
            let list = [requirement];
            let terms = Some(NodeTerms { terms: 1, weights: &[], requirements: &list, values: &values });
            for def in [
                SpecDef { required: terms, ..SpecDef::default() },
                SpecDef { node_selector: terms, ..SpecDef::default() },
            ] {
                let request = pending(s, w, def)?;
                let found = reasons(s, &request)?;
                assert_eq!(found.iter().map(Option::is_none).collect::<Vec<_>>(), passes, "{requirement:?}");
                assert!(found.iter().flatten().all(|reason| *reason == node_affinity::NO_MATCH));
            }
        }
        // Of several terms one must match, of a term's requirements all; a term without any matches nothing.
        let both = [requirement(key, Op::Gt, 0, 0, 3), requirement(key, Op::In, 0, 1, 0)];
        let either = [both[0], Requirement { term: 1, ..both[1] }];
        for (terms, requirements, passes) in
            [(1, &both[..], [false, false, false]), (2, &either[..], [true, true, false]), (1, &[], [false; 3])]
        {
            let terms = NodeTerms { terms, weights: &[], requirements, values: &values };
            let request = pending(s, w, SpecDef { required: Some(terms), ..SpecDef::default() })?;
            assert_eq!(reasons(s, &request)?.iter().map(Option::is_none).collect::<Vec<_>>(), passes);
        }
        Ok(())
    });
}

/// The weights of the matching preferences, relative to the node with most.
#[test]
fn preferred_terms_add_their_weights() {
    alone(Plugin::NodeAffinity, |s, w| {
        let (_, names) = zoned(s, w, [0, 1, 2])?;
        let zone = |term, at| Requirement { term, ..requirement(w.zone.0, Op::In, at, 1, 0) };
        let terms = NodeTerms {
            terms: 3,
            weights: &[40, 10, 20],
            requirements: &[zone(0, 0), zone(1, 1), zone(2, 0)],
            values: &names,
        };
        let request = pending(s, w, SpecDef { preferred: Some(terms), ..SpecDef::default() })?;
        // 60, 10 and 0 of 60.
        assert_eq!(scores(s, &request)?, [100, 16, 0]);
        Ok(())
    });
}

/// `addedAffinity` of the scheduler's configuration holds for every pod.
#[test]
fn the_profile_adds_affinity_of_its_own() {
    // The key of zones is the second, after the node's name; the strings of the two zones come after the block's own two.
    let requirements = [requirement(1, Op::In, 0, 1, 0)];
    let values = [StrId(2)];
    let added = NodeTerms { terms: 1, weights: &[], requirements: &requirements, values: &values };
    alone_with(Plugin::NodeAffinity, ProfileDef { enforced: Some(added), ..ProfileDef::default() }, |s, w| {
        let (_, names) = zoned(s, w, [0, 1])?;
        assert_eq!((w.zone.0, names[0]), (1, values[0]));
        let request = pending(s, w, SpecDef::default())?;
        assert_eq!(reasons(s, &request)?, [None, Some(node_affinity::ENFORCED)]);
        Ok(())
    });
}

#[test]
fn features_must_all_be_declared() {
    alone(Plugin::NodeDeclaredFeatures, |s, w| {
        for features in [0b01, 0b11, 0b110] {
            node(s, NodeDef { features, ..NodeDef::default() })?;
        }
        let request = pending(s, w, SpecDef { features: 0b11, ..SpecDef::default() })?;
        let missing = Some(node_declared_features::MISSING);
        assert_eq!(reasons(s, &request)?, [missing, None, missing]);
        Ok(())
    });
}

const MIB: i64 = 1 << 20;

/// Sizes of the pod's images on the node, each times the share of nodes that hold it; 23 MiB count for nothing, 1000 MiB a container for
/// 100.
#[test]
fn images_that_are_there_score() {
    alone(Plugin::ImageLocality, |s, w| {
        let (large, small) = (s.add_image()?, s.add_image()?);
        let both = s.add_image_set(&[(large, 800 * MIB), (small, 30 * MIB)])?;
        let one = s.add_image_set(&[(large, 800 * MIB)])?;
        for images in [both, one, bayplan_core::ImageSetId(0), bayplan_core::ImageSetId(0)] {
            node(s, NodeDef { images, ..NodeDef::default() })?;
        }
        let request = pending(s, w, SpecDef { images: &[large], image_count: 1, ..SpecDef::default() })?;
        // Half of the nodes hold it: (400 - 23) / (1000 - 23) is 38.6 %.
        assert_eq!(scores(s, &request)?, [38, 38, 0, 0]);
        let request = pending(s, w, SpecDef { images: &[large, small], image_count: 2, ..SpecDef::default() })?;
        // Node 0: 400 + 30/4 = 407.5 MiB of (23, 2000): 19.4 %; node 1: 400: 19.1 %.
        assert_eq!(scores(s, &request)?, [19, 19, 0, 0]);
        let request = pending(s, w, SpecDef { images: &[small], image_count: 1, ..SpecDef::default() })?;
        assert_eq!(scores(s, &request)?, [0, 0, 0, 0], "7.5 MiB are below the least");
        Ok(())
    });
}

/// No node is without images, and no list of images is empty.
#[test]
fn images_that_every_node_holds_score() {
    let limits = Limits::default();
    let mut block = vec![0; block_words(&limits)];
    let mut s = Scheduler::init(&mut block, &limits).expect("the limits are large enough");
    let mut run = || -> Result<(), Error> {
        s.add_taint_set(&[])?;
        let image = s.add_image()?;
        s.add_image_set(&[(image, 1000 * MIB)])?;
        node(&mut s, NodeDef::default())?;
        node(&mut s, NodeDef::default())?;
        let scores_by = [(Plugin::ImageLocality.into(), 1)];
        let profile = s.add_profile(&ProfileDef { scores: &scores_by, ..ProfileDef::default() })?;
        let namespace = s.add_namespace(&[], true)?;
        let labels = s.add_label_class(namespace, &[])?;
        let spec = s.add_spec(&SpecDef { profile, images: &[image], image_count: 1, ..SpecDef::default() })?;
        // All of the 1000 MiB count: the most for one container.
        assert_eq!(scores(&mut s, &Request::new(spec, labels))?, [100, 100]);
        Ok(())
    };
    run().expect("every id is there, and there is room");
}

/// A pod comes to a node: of that node alone the score is added up again.
#[test]
fn images_of_a_node_with_a_new_pod_score_as_before() {
    alone(Plugin::ImageLocality, |s, w| {
        let image = s.add_image()?;
        let images = s.add_image_set(&[(image, 1000 * MIB)])?;
        let mut nodes = Vec::new();
        for at in 0..8 {
            let images = if at < 4 { images } else { bayplan_core::ImageSetId(0) };
            nodes.push(node(s, NodeDef { images, ..NodeDef::default() })?.1);
        }
        let request = pending(s, w, SpecDef { images: &[image], image_count: 1, ..SpecDef::default() })?;
        // (500 - 23) / (1000 - 23) is 48.8 %.
        let expected = [48, 48, 48, 48, 0, 0, 0, 0];
        assert_eq!(scores(s, &request)?, expected);
        let other = spec(s, w, SpecDef::default())?;
        for at in [1, 6] {
            s.bind(&PodDef::new(other, w.labels), nodes[at])?;
            assert_eq!(scores(s, &request)?, expected, "after a pod came to node {at}");
        }
        Ok(())
    });
}

/// A node may hold any number of images: the last of 70 counts as the first does.
#[test]
fn every_image_of_a_node_counts() {
    alone(Plugin::ImageLocality, |s, w| {
        let mut images = Vec::new();
        for _ in 0..70 {
            images.push((s.add_image()?, 1000 * MIB));
        }
        let set = s.add_image_set(&images)?;
        node(s, NodeDef { images: set, ..NodeDef::default() })?;
        node(s, NodeDef::default())?;
        for (image, _) in [images[0], images[48], images[49], images[69]] {
            let request = pending(s, w, SpecDef { images: &[image], image_count: 1, ..SpecDef::default() })?;
            // (500 - 23) / (1000 - 23) is 48.8 %.
            assert_eq!(scores(s, &request)?, [48, 0], "{image:?}");
        }
        Ok(())
    });
}
