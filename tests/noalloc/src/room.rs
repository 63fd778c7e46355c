//! What others have a say in: nominated pods, disruption budgets, and the caller's own filters and scores; and the numbers behind
//! verdicts.

use bayplan_core::plugins::node_resources_fit;
use bayplan_core::{
    BudgetId, NodeId, NominationId, Normalize, NotEligible, Pick, PodDef, PodId, PreemptOptions, Preemption,
    ProfileDef, Reason, RejectedBy, Request, ResourceId, Rule, Scheduler, SpecDef, Weighed,
};

use crate::decide::{go, reason};
use crate::{Failed, ensure};
use bayplan_worlds::profile::{FILTERS, SCORES, default_profile};
use bayplan_worlds::small::{World, limits};

pub(crate) fn check(block: &mut [u64]) -> Result<(), Failed> {
    let mut s = Scheduler::init(block, &limits())?;
    let w = World::build(&mut s)?;
    nominations(&mut s, &w)?;
    budgets(&mut s, &w)?;
    preemption(&mut s, &w)?;
    external(&mut s, &w)?;
    numbers(&mut s, &w)
}

/// Nodes 0 and 1 will do, with 4000 and 8000 milli-CPU; a pod asks for 1000.
fn nominations(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let low = s.add_spec(&w.spec())?;
    let big = SpecDef { priority: 10, fit: &[7500], bound: &[7500], ..w.spec() };
    let high = s.add_spec(&big)?;
    let waiting = PodDef { spec: high, ..w.pod(high, w.other) };
    ensure(go(s, w, &w.request(low))? == (Some(1), 2))?;
    let room = s.nominate(&waiting, w.nodes[1])?;
    // 500 milli-CPU are left on node 1 for pods of a lower priority, and as much as ever for the pod itself.
    ensure(go(s, w, &w.request(low))? == (Some(0), 1))?;
    ensure(
        reason(s, &w.request(low), w.nodes[1])?
            .is_some_and(|r| r.is(node_resources_fit::INSUFFICIENT) && r.resource() == ResourceId::CPU),
    )?;
    let request = w.request(low);
    let filtered = s.cycle(&request)?.filter()?;
    ensure(filtered.passes_with_nominated(w.nodes[1]) == Some(false))?;
    ensure(filtered.passes_with_nominated(w.nodes[0]).is_none())?;
    let own = Request { nomination: room, ..w.request(high) };
    ensure(go(s, w, &own)? == (Some(1), 1))?;
    ensure(s.cycle(&own)?.filter()?.passes_with_nominated(w.nodes[1]).is_none())?;
    let higher = s.add_spec(&SpecDef { priority: 11, ..w.spec() })?;
    ensure(go(s, w, &w.request(higher))? == (Some(1), 2))?;
    // The nominated node is taken though another has a better score.
    let small = s.nominate(&w.pod(low, w.other), w.nodes[0])?;
    ensure(go(s, w, &Request { nomination: small, ..w.request(low) })? == (Some(0), 1))?;
    ensure(s.used("nominations") == Some(2))?;
    ensure(s.nominate(&waiting, w.nodes[0]).is_err())?;
    s.withdraw(room)?;
    ensure(s.withdraw(room).is_err() && s.withdraw(NominationId(9)).is_err())?;
    ensure(go(s, w, &w.request(low))? == (Some(1), 2))?;
    ensure(s.nominate(&waiting, w.nodes[0])? == room)?;
    ensure(s.nominate(&waiting, NodeId(99)).is_err())?;
    s.withdraw(room)?;
    s.withdraw(small)?;
    Ok(s.recount().map(|_| ())?)
}

fn budgets(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let spec = s.add_spec(&w.spec())?;
    let pods = [s.bind(&w.pod(spec, w.app), w.nodes[0])?, s.bind(&w.pod(spec, w.other), w.nodes[0])?];
    let budget = s.add_budget(w.selector, 2)?;
    ensure(s.add_budget(w.selector, 2).is_err() && s.set_budget(BudgetId(1), 0).is_err())?;
    s.set_budget(budget, 1)?;
    ensure(s.tables().budgets_of(pods[0])?.eq([(budget, 1)]) && s.tables().budgets_of(pods[1])?.next().is_none())?;
    s.remove_budget(budget)?;
    ensure(s.tables().budgets_of(pods[0])?.next().is_none() && s.remove_budget(budget).is_err())?;
    for pod in pods {
        s.unbind(pod)?;
    }
    ensure(s.tables().budgets_of(pods[0]).is_err())
}

/// A pod that wants all of node 1's 8000 milli-CPU takes the place of the one there.
fn preemption(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let low = s.add_spec(&w.spec())?;
    let high = s.add_spec(&SpecDef { priority: 10, fit: &[8000], bound: &[8000], ..w.spec() })?;
    let pods = [s.bind(&w.pod(low, w.app), w.nodes[1])?, s.bind(&w.pod(low, w.other), w.nodes[1])?];
    let budget = s.add_budget(w.selector, 0)?;
    let request = w.request(high);
    let options = PreemptOptions::default();
    let mut filtered = s.cycle(&request)?.filter()?;
    ensure(filtered.feasible() == 0)?;
    let Preemption::Best(best, 1) = filtered.preempt(&options)? else { return ensure(false) };
    ensure((best.node, best.victims, best.violations, best.highest) == (w.nodes[1], 2, 1, 0))?;
    let (mut gone, mut same) = ([PodId::NONE; 2], false);
    filtered.preempt_on(best.node, &options, &mut |_, weighed| {
        if let Weighed::Candidate(candidate, victims) = weighed {
            let pods = victims.iter().map(|(pod, _)| pod);
            gone.iter_mut().zip(pods).for_each(|(gone, pod)| *gone = pod);
            same = candidate == best;
        }
    })?;
    ensure(same && pods.iter().all(|pod| gone.contains(pod)))?;
    let mut weighed = 0;
    let whole = filtered.preempt_dry_run(&options, &mut |_, _| weighed += 1)?;
    ensure(whole == Preemption::Best(best, 1) && weighed > 0)?;
    let mut never = PreemptOptions::default();
    never.never = true;
    ensure(filtered.preempt(&never)? == Preemption::NotEligible(NotEligible::Never))?;
    s.remove_budget(budget)?;
    for pod in pods {
        s.unbind(pod)?;
    }
    Ok(s.recount().map(|_| ())?)
}

/// The caller rejects a node, and adds to the scores of others, in a slot that has the last place in the profile.
fn external(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let slot = s.add_external(w.names[0], Normalize::None)?;
    let (mut filters, mut scores) = ([Rule::External(slot); 15], [(Rule::External(slot), 1); 10]);
    filters[..14].copy_from_slice(&FILTERS);
    scores[..9].copy_from_slice(&SCORES);
    let balanced_by_difference = false;
    let own = ProfileDef { filters: &filters, scores: &scores, balanced_by_difference, ..default_profile() };
    let own = SpecDef { profile: s.add_profile(&own)?, ..w.spec() };
    let spec = s.add_spec(&own)?;
    let before = s.decide(&w.request(spec), Pick::First)?;
    ensure(before.node == Some(w.nodes[1]))?;
    // Twelve points more for node 0 make it as good as node 1: 75 % of it are free, and 87 % of node 1.
    s.set_external(slot, spec, &[], &[12])?;
    let tied = s.decide(&w.request(spec), Pick::First)?;
    ensure((tied.node, tied.score, tied.ties) == (Some(w.nodes[0]), before.score, 2))?;
    // By chance, either of the two.
    let mut seen = [false; 2];
    for seed in 0..32 {
        let node = s.decide(&w.request(spec), Pick::Seeded(seed))?.node.unwrap_or(NodeId::NONE);
        ensure(s.decide(&w.request(spec), Pick::Seeded(seed))?.node == Some(node))?;
        *seen.get_mut(node.at()).ok_or(bayplan_core::Error::State { what: "" })? = true;
    }
    ensure(seen == [true; 2])?;
    s.set_external(slot, spec, &[7], &[1000])?;
    ensure(go(s, w, &w.request(spec))? == (Some(1), 1))?;
    let (mut why, mut count) = (None, 0);
    s.cycle(&w.request(spec))?.filter()?.explain_node(w.nodes[0], &mut |reason, is_first| {
        why = Some((reason.by(), reason.external_code(), is_first));
        count += 1;
    })?;
    ensure(why == Some((RejectedBy::External(slot), 7, true)) && count == 1)?;
    let rejected = Request { rejects: &[w.nodes[1]], ..w.request(spec) };
    ensure(go(s, w, &rejected)? == (None, 0) && reason(s, &rejected, w.nodes[1])? == Some(Reason::CALLER))?;
    ensure(s.set_external(slot, spec, &[], &[i64::MAX]).is_err())?;
    let other = s.add_spec(&own)?;
    ensure(s.set_external(slot, other, &[], &[]).is_err())
}

fn numbers(s: &mut Scheduler<'_>, w: &World) -> Result<(), Failed> {
    let constraint = w.constraint();
    let spec = s.add_spec(&SpecDef { spread_hard: &[constraint], own_spread: true, ..w.spec() })?;
    for _ in 0..2 {
        s.bind(&w.pod(spec, w.app), w.nodes[1])?;
    }
    let mut found = None;
    s.cycle(&w.request(spec))?.filter()?.spread_numbers(&mut |node, numbers| {
        if node == w.nodes[1] {
            found = Some(numbers);
        }
    });
    let n = found.ok_or(bayplan_core::Error::State { what: "" })?;
    ensure((n.constraint, n.key, n.domain, n.here, n.least) == (0, w.zone, w.zones[1], 2, 0))?;
    ensure((n.domains, n.min_domains, n.counts_itself, n.max_skew) == (4, 1, true, 1))?;
    ensure(s.tables().amounts(w.nodes[1], ResourceId::CPU)? == (8000, 2000))?;
    ensure(s.tables().amounts(w.nodes[1], ResourceId(99)).is_err())?;
    let driver = s.add_driver()?;
    let volume = s.add_use_key()?;
    s.set_key_driver(volume, driver)?;
    s.set_driver(driver, w.nodes[1], Some(3), false)?;
    s.set_attached(volume, w.nodes[1], true)?;
    ensure(s.tables().driver_on(w.nodes[1], driver)? == (1, Some(3)))?;
    ensure(s.tables().driver_on(w.nodes[0], driver)? == (0, None))?;
    let all = s.add_node_set(None)?;
    let volume = s.add_volume(all, all, 0, 1)?;
    ensure(s.tables().reaches(volume, w.nodes[0])?)?;
    // A column that is new can be filled without a word to the caches.
    let key = s.add_key()?;
    Ok(s.fill_label(w.nodes[0], key, w.zones[0])?)
}
