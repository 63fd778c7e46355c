//! The caller's own filters and scores: from columns and asked in the cycle, with a place in the profile's order.

use bayplan_core::{
    Error, External, ExternalId, LabelClassId, Limits, NodeDef, NodeId, Normalize, Pick, Plugin, ProfileDef, Reason,
    RejectedBy, Request, Rule, Scheduler, SpecDef, SpecId, block_words,
};

const NODES: u32 = 70;

struct World {
    spec: SpecId,
    labels: LabelClassId,
    slot: ExternalId,
}

impl World {
    fn request(&self) -> Request<'static> {
        Request::new(self.spec, self.labels)
    }
}

fn limits() -> Limits {
    Limits { nodes: NODES, externals: 2, external_columns: 1, ..Limits::default() }
}

/// 70 nodes, so that a batch ends among them; node 3 is cordoned. The slot filters before NodeUnschedulable and after NodeName, and scores with weight 2.
fn build(s: &mut Scheduler<'_>, normalize: Normalize) -> Result<World, Error> {
    let (taints, images) = (s.add_taint_set(&[])?, s.add_image_set(&[])?);
    for number in 0..NODES {
        let name = s.add_string(None)?;
        let allocatable = [4_000, 8 << 30, 0, 110];
        s.add_node(&NodeDef {
            name,
            taints,
            images,
            unschedulable: number == 3,
            allocatable: &allocatable,
            ..NodeDef::default()
        })?;
    }
    let name = s.add_string(None)?;
    let slot = s.add_external(name, normalize)?;
    assert_eq!(s.tables().external_name(slot)?, name);
    let filters = [Plugin::NodeName.into(), slot.into(), Plugin::NodeUnschedulable.into()];
    s.add_profile(&ProfileDef { filters: &filters, scores: &[(slot.into(), 2)], ..ProfileDef::default() })?;
    let spec = s.add_spec(&SpecDef::default())?;
    let namespace = s.add_namespace(&[], true)?;
    Ok(World { spec, labels: s.add_label_class(namespace, &[])?, slot })
}

#[test]
fn a_slot_without_columns_says_nothing() -> Result<(), Error> {
    let mut memory = vec![0; block_words(&limits())];
    let mut s = Scheduler::init(&mut memory, &limits())?;
    let w = build(&mut s, Normalize::None)?;
    let found = s.decide(&w.request(), Pick::First)?;
    assert_eq!((found.node, found.score, found.ties, found.feasible), (Some(NodeId(0)), 0, NODES - 1, NODES - 1));
    Ok(())
}

#[test]
fn columns_reject_with_their_code_and_in_their_place() -> Result<(), Error> {
    let mut memory = vec![0; block_words(&limits())];
    let mut s = Scheduler::init(&mut memory, &limits())?;
    let w = build(&mut s, Normalize::None)?;
    s.set_external(w.slot, w.spec, &[5, 0, 0, 9], &[100, 7, 11, 100])?;
    let found = s.decide(&w.request(), Pick::First)?;
    assert_eq!((found.node, found.score, found.feasible), (Some(NodeId(2)), 2 * 11, NODES - 2));

    let mut reasons = Vec::new();
    let mut filtered = s.cycle(&w.request())?.filter()?;
    filtered.explain(&mut |node, reason, first| reasons.push((node.0, reason, first)))?;
    reasons.sort();
    let by = |reason: Reason| (reason.by(), reason.external_code());
    assert_eq!(reasons.len(), 3);
    assert_eq!((reasons[0].0, by(reasons[0].1), reasons[0].2), (0, (RejectedBy::External(w.slot), 5), true));
    // The cordon comes after the slot in the profile.
    let of_third: Vec<_> =
        reasons.iter().filter(|(node, ..)| *node == 3).map(|(_, reason, first)| (reason.by(), *first)).collect();
    assert!(of_third.contains(&(RejectedBy::External(w.slot), true)));
    assert!(of_third.contains(&(RejectedBy::Plugin(Plugin::NodeUnschedulable), false)));
    let mut scores = Vec::new();
    filtered.scores(&mut |rule, node, score| scores.push((rule, node.0, score)));
    assert_eq!(scores.iter().find(|(_, node, _)| *node == 2), Some(&(Rule::External(w.slot), 2, 22)));

    // Columns that are given again take the place of the old; there is room for one spec's alone.
    s.set_external(w.slot, w.spec, &[], &[0, 0, 0, 0, 1])?;
    assert_eq!(s.decide(&w.request(), Pick::First)?.node, Some(NodeId(4)));
    let other = s.add_spec(&SpecDef { priority: 1, ..SpecDef::default() })?;
    assert_eq!(
        s.set_external(w.slot, other, &[], &[]),
        Err(Error::Full { table: "external_columns", holds: 1, needed: 2 })
    );
    assert!(matches!(s.set_external(w.slot, w.spec, &[], &[i64::MAX]), Err(Error::OutOfRange { .. })));
    assert!(matches!(
        s.set_external(ExternalId(7), w.spec, &[], &[]),
        Err(Error::NoSuch { table: "externals", id: 7 })
    ));
    Ok(())
}

/// Rejects nodes from 60 on, likes the others the more the later they came, and counts how it is asked.
struct Asked {
    rows: u32,
}

impl External for Asked {
    fn filter(&mut self, _: ExternalId, _: &Request<'_>, first: NodeId, codes: &mut [u32]) {
        assert!(codes.len() <= 64);
        self.rows += codes.len() as u32;
        for (node, code) in (first.0..).zip(codes) {
            *code = if node >= 60 { 42 } else { *code };
        }
    }

    fn score(&mut self, _: ExternalId, _: &Request<'_>, first: NodeId, scores: &mut [i64]) {
        for (node, score) in (first.0..).zip(scores) {
            *score = i64::from(node);
        }
    }
}

#[test]
fn answers_in_the_cycle_are_normalised_and_add_to_columns() -> Result<(), Error> {
    for (normalize, node, score) in [
        (Normalize::None, 59, 2 * 59),
        (Normalize::Highest, 59, 2 * 100),
        (Normalize::Reverse, 1, 2 * (100 - 100 / 59)),
    ] {
        let mut memory = vec![0; block_words(&limits())];
        let mut s = Scheduler::init(&mut memory, &limits())?;
        let w = build(&mut s, normalize)?;
        s.set_external(w.slot, w.spec, &[3], &[])?;
        let mut asked = Asked { rows: 0 };
        let request = w.request();
        let found = s.cycle(&request)?.with(&mut asked).filter()?.decide(Pick::First);
        assert_eq!((found.node, found.score, found.feasible), (Some(NodeId(node)), score, 58), "{normalize:?}");
        assert_eq!(asked.rows, NODES);

        let mut cycle = s.cycle(&request)?.with(&mut asked);
        assert!(cycle.judge(NodeId(5))?.passes());
        let verdict = cycle.judge(NodeId(61))?;
        let mut codes = Vec::new();
        cycle.reasons(NodeId(61), verdict, &mut |reason| codes.push(reason.external_code()))?;
        assert_eq!(codes, [42]);
    }
    Ok(())
}

#[test]
fn a_caller_stands_between_the_steps() -> Result<(), Error> {
    let mut memory = vec![0; block_words(&limits())];
    let mut s = Scheduler::init(&mut memory, &limits())?;
    let w = build(&mut s, Normalize::None)?;
    let request = w.request();
    let mut filtered = s.cycle(&request)?.filter()?;
    filtered.reject(NodeId(0));
    assert!(!filtered.is_feasible(NodeId(0)) && filtered.is_feasible(NodeId(1)));
    assert_eq!(filtered.feasible_nodes().next(), Some(NodeId(1)));
    let mut caller = Vec::new();
    filtered.explain(&mut |node, reason, first| {
        if reason == Reason::CALLER {
            caller.push((node, first));
        }
    })?;
    assert_eq!(caller, [(NodeId(0), true)]);
    let mut scored = filtered.score();
    scored.add(NodeId(9), 50);
    scored.add(NodeId(0), 1_000);
    assert_eq!((scored.total(NodeId(9)), scored.total(NodeId(0))), (Some(50), None));
    let found = scored.pick(Pick::First);
    assert_eq!((found.node, found.score, found.ties), (Some(NodeId(9)), 50, 1));
    Ok(())
}
