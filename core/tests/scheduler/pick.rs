//! Which of the best nodes is taken.

use bayplan_core::{NodeDef, NodeId, Pick, SpecDef};

use crate::{go, parts, small};

#[test]
fn the_highest_total_wins() {
    small(|s, w| {
        let spec = s.add_spec(&w.spec())?;
        // Least allocated: 75 % of node 0 are left, 87 % of node 1. Both are balanced (100), and no taint advises against either (3 * 100).
        let expected = (Some(w.nodes[1]), 87 + 100 + 300, 1, 2);
        assert_eq!(parts(s.decide(&w.request(spec), Pick::First)?), expected);
        let packing = s.add_spec(&SpecDef { profile: w.packing, ..w.spec() })?;
        assert_eq!(go(s, &w.request(packing))?, (Some(w.nodes[0]), 2));
        Ok(())
    });
}

/// The only feasible node is taken without a score; where there is none, none is.
#[test]
fn one_node_needs_no_score() {
    small(|s, w| {
        let mut gpus = [0; 5];
        gpus[w.gpu.at()] = 2;
        let spec = s.add_spec(&SpecDef { fit: &gpus, ..w.spec() })?;
        let found = s.decide(&w.request(spec), Pick::First)?;
        assert_eq!(parts(found), (Some(w.nodes[1]), 0, 1, 1));
        gpus[w.gpu.at()] = 3;
        let spec = s.add_spec(&SpecDef { fit: &gpus, ..w.spec() })?;
        let found = s.decide(&w.request(spec), Pick::Seeded(1))?;
        assert_eq!(parts(found), (None, 0, 0, 0));
        Ok(())
    });
}

/// Three nodes tie: the first by order, or one by a draw, in which each comes about as often.
#[test]
fn ties_are_broken_by_order_or_by_draw() {
    small(|s, w| {
        let mut nodes = vec![w.nodes[1]];
        for _ in 0..2 {
            let name = s.add_string(None)?;
            nodes.push(s.add_node(&NodeDef { name, allocatable: &[8000, 16_000, 1000, 10], ..NodeDef::default() })?);
        }
        let spec = s.add_spec(&w.spec())?;
        let request = w.request(spec);
        let first = s.decide(&request, Pick::First)?;
        assert_eq!((first.node, first.ties), (Some(nodes[0]), 3));
        let mut times = [0; 3];
        for seed in 0..3000 {
            let drawn = s.decide(&request, Pick::Seeded(seed))?;
            assert_eq!(drawn, s.decide(&request, Pick::Seeded(seed))?, "the same seed draws the same");
            assert_eq!((drawn.score, drawn.ties), (first.score, 3));
            let at = nodes.iter().position(|node| drawn.node == Some(*node)).expect("one of the best");
            times[at] += 1;
        }
        // 1000 each, give or take six standard deviations (sqrt(3000 * 1/3 * 2/3) is 26).
        assert!(times.iter().all(|times| (845..=1155).contains(times)), "{times:?}");
        Ok(())
    });
}

#[test]
fn the_caller_leaves_nodes_out() {
    small(|s, w| {
        let spec = s.add_spec(&w.spec())?;
        let rejects = [w.nodes[1], NodeId(99)];
        let request = bayplan_core::Request { rejects: &rejects, ..w.request(spec) };
        assert_eq!(go(s, &request)?, (Some(w.nodes[0]), 1));
        Ok(())
    });
}

/// A pin is a daemon set's pod's node; `names` are those that an affinity names.
#[test]
fn named_nodes_are_the_only_ones() {
    small(|s, w| {
        let spec = s.add_spec(&w.spec())?;
        for (at, expected) in [(0, Some(w.nodes[0])), (1, Some(w.nodes[1])), (3, None)] {
            let request = bayplan_core::Request { pin: w.names[at], ..w.request(spec) };
            assert_eq!(go(s, &request)?.0, expected);
        }
        let named = s.add_spec(&SpecDef { names: Some(&[w.names[0], w.names[2]]), ..w.spec() })?;
        assert_eq!(go(s, &w.request(named))?, (Some(w.nodes[0]), 1));
        Ok(())
    });
}
