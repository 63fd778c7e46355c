//! Nominated pods: they wait for preemption's victims to leave their node, and hold what they ask for against pods of lower or equal priority.

use bayplan_core::plugins::node_resources_fit;
use bayplan_core::{Error, NodeId, NominationId, Pick, PodDef, Request, ResourceId, SpecDef};

use crate::{go, parts, small};

#[test]
fn they_hold_their_requests_against_lower_priorities() {
    small(|s, w| {
        let low = s.add_spec(&w.spec())?;
        let equal = s.add_spec(&SpecDef { priority: 10, ..w.spec() })?;
        let higher = s.add_spec(&SpecDef { priority: 11, ..w.spec() })?;
        let big = s.add_spec(&SpecDef { priority: 10, fit: &[7500], bound: &[7500], ..w.spec() })?;
        let nomination = s.nominate(&PodDef::new(big, w.other), w.nodes[1])?;
        // 500 of its 8000 milli-CPU are left on node 1 for those who must respect it.
        for (spec, respects) in [(low, true), (equal, true), (higher, false)] {
            let request = w.request(spec);
            assert_eq!(go(s, &request)?, if respects { (Some(w.nodes[0]), 1) } else { (Some(w.nodes[1]), 2) });
            let mut filtered = s.cycle(&request)?.filter()?;
            assert_eq!(filtered.passes_with_nominated(w.nodes[1]), respects.then_some(false));
            assert_eq!(filtered.passes_with_nominated(w.nodes[0]), None);
            let mut why = Vec::new();
            filtered.explain_node(w.nodes[1], &mut |reason, _| {
                why.push((reason.is(node_resources_fit::INSUFFICIENT), reason.resource()))
            })?;
            assert_eq!(why, if respects { vec![(true, ResourceId::CPU)] } else { vec![] });
        }
        // Not against itself: it has the node that it waits for.
        assert_eq!(go(s, &Request { nomination, ..w.request(big) })?, (Some(w.nodes[1]), 1));
        s.withdraw(nomination)?;
        assert_eq!(go(s, &w.request(low))?, (Some(w.nodes[1]), 2));
        assert_eq!(s.tables().pods_on(w.nodes[1]).count(), 0, "nobody was left on the node");
        s.recount()?;
        Ok(())
    });
}

/// The nominated node is looked at first, and taken without a score where it will do.
#[test]
fn the_nominated_node_is_taken_though_another_is_better() {
    small(|s, w| {
        let spec = s.add_spec(&w.spec())?;
        let nomination = s.nominate(&PodDef::new(spec, w.app), w.nodes[0])?;
        let own = Request { nomination, ..w.request(spec) };
        let taken = (Some(w.nodes[0]), 0, 1, 2);
        assert_eq!(parts(s.decide(&own, Pick::First)?), taken);
        s.withdraw(nomination)?;
        let nomination = s.nominate(&PodDef::new(spec, w.app), w.nodes[2])?;
        let own = Request { nomination, ..w.request(spec) };
        assert_eq!(go(s, &own)?, (Some(w.nodes[1]), 2), "node 2 is tainted");
        Ok(())
    });
}

/// A nominated pod can only keep others out: one whose affinity it would satisfy must find its pod bound.
#[test]
fn they_help_nobody() {
    small(|s, w| {
        let [near, far, ..] = w.terms;
        let plain = s.add_spec(&w.spec())?;
        let near = s.add_spec(&SpecDef { terms: &[near], ..w.spec() })?;
        let far = s.add_spec(&SpecDef { terms: &[far], ..w.spec() })?;
        s.nominate(&PodDef::new(plain, w.app), w.nodes[1])?;
        assert_eq!(go(s, &Request::new(near, w.other))?, (None, 0));
        assert_eq!(go(s, &Request::new(far, w.other))?, (Some(w.nodes[0]), 1));
        Ok(())
    });
}

#[test]
fn rows_are_used_again() {
    small(|s, w| {
        let spec = s.add_spec(&w.spec())?;
        let pod = PodDef::new(spec, w.app);
        let rows = [s.nominate(&pod, w.nodes[0])?, s.nominate(&pod, w.nodes[1])?];
        assert_eq!(s.used("nominations"), Some(2));
        let full = Error::Full { table: "nominations", holds: 2, needed: 3 };
        assert_eq!(s.nominate(&pod, w.nodes[0]), Err(full));
        s.withdraw(rows[0])?;
        assert_eq!(s.withdraw(rows[0]), Err(Error::NoSuch { table: "nominations", id: rows[0].0 }));
        assert_eq!(s.withdraw(NominationId(9)), Err(Error::NoSuch { table: "nominations", id: 9 }));
        assert_eq!(s.nominate(&pod, NodeId(9)), Err(Error::NoSuch { table: "nodes", id: 9 }));
        assert_eq!(s.nominate(&pod, w.nodes[0])?, rows[0]);
        Ok(())
    });
}
