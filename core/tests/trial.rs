//! Random trials, nested, put back and kept: what is put back leaves the state as it was, word by word, and what is kept is as if pods had been
//! bound and unbound.

use bayplan_core::{
    Candidate, KeyId, LabelClassId, Limits, NodeDef, NodeId, Op, Pick, Plugin, PodDef, PodId, Port, PreemptOptions,
    Preemption, ProfileDef, Request, Requirement, Rule, Scheduler, SelectorDef, SpecDef, SpecId, SpreadDef, StrId,
    TermKind, Trial, UseListId, UseTag, Weighed, block_words, seal, state_words,
};

const NODES: usize = 8;

/// A small generator of numbers (SplitMix64), so that the tests need no crate for it.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

fn limits() -> Limits {
    Limits { pods: 96, uses: 512, trial: 4096, journal: 16, cached_specs: 3, cached_counters: 6, ..Limits::default() }
}

struct World {
    nodes: Vec<NodeId>,
    specs: Vec<SpecId>,
    labels: Vec<LabelClassId>,
    uses: Vec<UseListId>,
}

impl World {
    /// Nodes in three zones; specs with requests, ports, spread constraints, terms of all kinds and volumes.
    fn build(s: &mut Scheduler<'_>) -> Result<World, bayplan_core::Error> {
        let zone = s.add_key()?;
        let zones = [s.add_string(None)?, s.add_string(None)?, s.add_string(None)?];
        let (taints, images) = (s.add_taint_set(&[])?, s.add_image_set(&[])?);
        let mut nodes = Vec::new();
        for number in 0..NODES {
            let name = s.add_string(None)?;
            let labels: &[(KeyId, StrId)] = &[(zone, zones[number % 3])];
            let node =
                NodeDef { name, taints, images, labels, allocatable: &[8_000, 32 << 30, 0, 12], ..NodeDef::default() };
            nodes.push(s.add_node(&node)?);
        }
        let filters: Vec<Rule> = Plugin::ALL.iter().map(|plugin| (*plugin).into()).collect();
        let scores: Vec<(Rule, i64)> = filters.iter().map(|rule| (*rule, 1)).collect();
        s.add_profile(&ProfileDef { filters: &filters, scores: &scores, ..ProfileDef::default() })?;
        let (app, web) = (s.add_string(None)?, s.add_string(None)?);
        let namespace = s.add_namespace(&[], true)?;
        let labels = vec![s.add_label_class(namespace, &[(app, web)])?, s.add_label_class(namespace, &[])?];
        let is_web = Requirement { term: 0, key: app.0, op: Op::In, first: 0, count: 1, bound: 0 };
        let selector = s.add_selector(&SelectorDef {
            namespaces: &[namespace],
            requirements: Some(&[is_web]),
            values: &[web],
            ..SelectorDef::default()
        })?;
        let hostname = KeyId(0);
        let mut terms = Vec::new();
        for (kind, key) in [
            (TermKind::Affinity, zone),
            (TermKind::AntiAffinity, hostname),
            (TermKind::PreferredAffinity, zone),
            (TermKind::PreferredAntiAffinity, hostname),
        ] {
            terms.push(s.add_term(selector, selector, key, kind, 3)?);
        }
        let port = Port { group: s.add_use_key()?, address: Port::ALL };
        let spread = SpreadDef {
            selector: Some(selector),
            key: zone,
            hostname: false,
            max_skew: 1,
            min_domains: 1,
            honor_affinity: true,
            honor_taints: false,
            counts_nothing: false,
        };
        let asks = [900, 1 << 30];
        let plain = SpecDef {
            fit: &asks,
            bound: &asks,
            score: &asks,
            balanced: &asks,
            bound_non_zero: asks,
            ..SpecDef::default()
        };
        let asks = [6_500, 12 << 30];
        let large = SpecDef { fit: &asks, bound: &asks, bound_non_zero: asks, ..plain };
        let specs = [
            plain,
            SpecDef { ports: &[port], ..plain },
            SpecDef { spread_hard: &[spread], own_spread: true, ..plain },
            SpecDef { spread_soft: &[spread], own_spread: true, ..plain },
            SpecDef { terms: &terms[..1], ..plain },
            SpecDef { terms: &terms[1..2], ..plain },
            SpecDef { terms: &terms[2..], priority: 5, ..plain },
            SpecDef { priority: -3, ..plain },
            SpecDef { priority: 2, spread_hard: &[spread], own_spread: true, ..large },
            SpecDef { priority: 9, ..large },
            SpecDef { priority: 9, ports: &[port], terms: &terms[1..2], ..large },
        ];
        let specs = specs.iter().map(|spec| s.add_spec(spec)).collect::<Result<_, _>>()?;
        s.add_budget(selector, 1)?;
        s.add_budget(selector, 3)?;
        let driver = s.add_driver()?;
        let mut uses = vec![UseListId::NONE];
        for _ in 0..3 {
            let volume = s.add_use_key()?;
            s.set_key_driver(volume, driver)?;
            uses.push(s.add_use_list(&[(volume, UseTag::Mounted)])?);
        }
        for node in &nodes {
            s.set_driver(driver, *node, Some(2), false)?;
        }
        Ok(World { nodes, specs, labels, uses })
    }

    fn pod(&self, random: &mut Random) -> PodDef {
        PodDef {
            uses: random.one(&self.uses),
            start: random.below(1 << 40) as i64 - (1 << 39),
            terminating: random.below(5) == 0,
            ..PodDef::new(random.one(&self.specs), random.one(&self.labels))
        }
    }

    fn request(&self, random: &mut Random) -> Request<'static> {
        Request { uses: random.one(&self.uses), ..Request::new(random.one(&self.specs), random.one(&self.labels)) }
    }
}

/// All bound pods.
fn pods(s: &bayplan_core::Tables<'_>, world: &World) -> Vec<PodId> {
    world.nodes.iter().flat_map(|node| s.pods_on(*node)).collect()
}

/// One step inside a trial, and the same step on a block that never tries, if there is one.
fn step(trial: &mut Trial<'_, '_>, other: Option<&mut Scheduler<'_>>, world: &World, random: &mut Random) {
    if random.below(2) == 0 {
        let (pod, node) = (world.pod(random), random.one(&world.nodes));
        let added = trial.add(&pod, node);
        if let Some(other) = other {
            assert_eq!(added, other.bind(&pod, node));
        }
    } else if let Some(pod) = {
        let all = pods(trial.tables(), world);
        (!all.is_empty()).then(|| random.one(&all))
    } {
        trial.remove(pod).expect("it is bound");
        if let Some(other) = other {
            other.unbind(pod).expect("it is bound there too");
        }
    }
}

/// What a block answers to some questions, one after the other.
fn answers(s: &mut Scheduler<'_>, world: &World) -> Vec<(Option<NodeId>, i64, u32, u32)> {
    let mut out = Vec::new();
    for spec in &world.specs {
        for labels in &world.labels {
            let found = s.decide(&Request::new(*spec, *labels), Pick::First).expect("known ids");
            out.push((found.node, found.score, found.ties, found.feasible));
        }
    }
    out
}

/// Judging a node says what filtering all nodes says of it, and both give the same reasons.
fn judges_as_it_filters(trial: &mut Trial<'_, '_>, world: &World, random: &mut Random) {
    let request = world.request(random);
    let node = random.one(&world.nodes);
    let mut cycle = trial.cycle(&request).expect("known ids");
    let verdict = cycle.judge(node).expect("the node");
    let mut judged = Vec::new();
    cycle.reasons(node, verdict, &mut |reason| judged.push(reason)).expect("the node");
    let mut filtered = cycle.filter().expect("no nominated pods");
    assert_eq!(filtered.is_feasible(node), verdict.passes());
    let (mut of_node, mut of_all) = (Vec::new(), Vec::new());
    let (mut one_by_one, mut counted) = (std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
    filtered.explain_node(node, &mut |reason, _| of_node.push(reason)).expect("the node");
    filtered
        .explain(&mut |on, reason, is_first| {
            if is_first {
                *one_by_one.entry(reason.as_counted()).or_insert(0) += 1;
            }
            if on == node {
                of_all.push(reason);
            }
        })
        .expect("no nominated pods");
    assert_eq!(judged, of_node);
    assert_eq!(judged, of_all);
    filtered
        .count_reasons(&mut |reason, nodes| *counted.entry(reason).or_insert(0) += nodes)
        .expect("no nominated pods");
    assert_eq!(one_by_one, counted, "what is counted is what is explained node by node");
}

/// Preemption weighs nodes in two ways, which come to the same, and leaves the pods as they are.
fn preempts_as_it_weighs(s: &mut Scheduler<'_>, world: &World, random: &mut Random) -> bool {
    let request = world.request(random);
    let options = PreemptOptions::default();
    let mut filtered = s.cycle(&request).expect("known ids").filter().expect("no nominated pods");
    let chosen = filtered.preempt(&options).expect("room for the record");
    let mut candidates: Vec<(Candidate, Vec<PodId>)> = Vec::new();
    let weighed = filtered.preempt_dry_run(&options, &mut |_, weighed| {
        if let Weighed::Candidate(candidate, victims) = weighed {
            candidates.push((candidate, victims.iter().map(|(pod, _)| pod).collect()));
        }
    });
    assert_eq!(Ok(chosen), weighed);
    let Preemption::Best(best, ties) = chosen else {
        assert_eq!((chosen, candidates.len()), (Preemption::NoCandidate, 0));
        return false;
    };
    let key = |c: &Candidate| (c.violations, c.highest, c.sum, c.victims, std::cmp::Reverse(c.start));
    let least = candidates.iter().map(|(candidate, _)| key(candidate)).min();
    assert_eq!(least, Some(key(&best)));
    let as_good: Vec<_> = candidates.iter().filter(|(candidate, _)| candidate.is_as_good_as(&best)).collect();
    assert_eq!((as_good.len() as u32, as_good[0].0), (ties, best));
    // Without the victims the pod fits.
    let victims = &as_good[0].1;
    let mut trial = s.trial();
    victims.iter().for_each(|pod| trial.remove(*pod).expect("it is bound"));
    let judge = |trial: &mut Trial<'_, '_>| {
        let mut cycle = trial.cycle(&request).expect("known ids");
        cycle.judge(best.node).expect("the node").passes()
    };
    // Preemption subtracts pods that are being deleted from spread counts that leave them out, as kube-scheduler does.
    let spreads = [world.specs[2], world.specs[8]].contains(&request.spec);
    assert!(spreads || judge(&mut trial), "the victims make room");
    true
}

#[test]
fn what_is_put_back_is_as_before_word_by_word() {
    let limits = limits();
    let (mut memory, mut never) = (vec![0; block_words(&limits)], vec![0; block_words(&limits)]);
    let mut s = Scheduler::init(&mut memory, &limits).expect("room");
    let world = World::build(&mut s).expect("room");
    let mut n = Scheduler::init(&mut never, &limits).expect("room");
    World::build(&mut n).expect("room");
    let random = &mut Random(9);
    let rounds = std::env::var("BAYPLAN_TRIALS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let mut preempted = 0;
    for round in 0..rounds {
        // Both change in the same way now and then, and are asked the same.
        if round % 7 == 0 {
            let (pod, node) = (world.pod(random), random.one(&world.nodes));
            assert_eq!(s.bind(&pod, node), n.bind(&pod, node));
            let all = pods(s.tables(), &world);
            if all.len() > 40 {
                let pod = random.one(&all);
                assert_eq!(s.unbind(pod), n.unbind(pod));
            }
        }
        let kept = round % 5 == 0;
        let asks = random.below(3) == 0;
        let mut trial = s.trial();
        for _ in 0..random.below(5) {
            step(&mut trial, kept.then_some(&mut n), &world, random);
        }
        if asks {
            judges_as_it_filters(&mut trial, &world, random);
        }
        {
            let mut nested = trial.nested();
            let keeps_nested = random.below(2) == 0;
            for _ in 0..random.below(4) {
                step(&mut nested, (kept && keeps_nested).then_some(&mut n), &world, random);
            }
            if asks {
                let request = world.request(random);
                nested.decide(&request, Pick::First).expect("known ids");
            }
            if keeps_nested {
                nested.keep();
            }
        }
        if kept {
            trial.keep()
        } else {
            drop(trial)
        }
        if round % 3 == 0 {
            preempted += usize::from(preempts_as_it_weighs(&mut s, &world, random));
        }
        if round % 50 == 0 {
            s.recount().expect("counters follow the pods");
            assert_eq!(answers(&mut s, &world), answers(&mut n, &world), "round {round}");
        }
        if round % 10 == 0 {
            assert_state(&mut s, &mut n, &limits, round);
        }
    }
    assert!(preempted > rounds / 300, "preemption helped {preempted} times only");
    let words = state_words(&limits);
    seal(&mut memory).expect("a block");
    seal(&mut never).expect("a block");
    assert!(memory[..words] == never[..words], "the states are equal word by word");
}

/// The states of two blocks are equal, seen through copies, since the blocks are in use.
fn assert_state(s: &mut Scheduler<'_>, n: &mut Scheduler<'_>, limits: &Limits, round: usize) {
    let state = |s: &Scheduler<'_>| {
        let mut copy = vec![0; block_words(limits)];
        s.copy_into(&mut copy, limits).expect("the same limits");
        copy.truncate(state_words(limits));
        copy
    };
    assert!(state(s) == state(n), "round {round}: the states differ");
}

#[test]
fn a_full_record_changes_nothing() {
    let limits = Limits { trial: 20, ..limits() };
    let mut memory = vec![0; block_words(&limits)];
    let mut s = Scheduler::init(&mut memory, &limits).expect("room");
    let world = World::build(&mut s).expect("room");
    let pod = PodDef::new(world.specs[0], world.labels[0]);
    let mut trial = s.trial();
    trial.add(&pod, world.nodes[0]).expect("the first fits");
    let full = trial.add(&pod, world.nodes[0]);
    assert!(matches!(full, Err(bayplan_core::Error::Full { table: "trial", holds: 20, .. })), "{full:?}");
    assert_eq!(trial.tables().pods_on(world.nodes[0]).count(), 1);
    drop(trial);
    assert_eq!(s.tables().pods_on(world.nodes[0]).count(), 0);
}
