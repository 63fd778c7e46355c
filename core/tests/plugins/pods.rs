//! Plugins that look at other pods: PodTopologySpread and InterPodAffinity.

use bayplan_core::plugins::{inter_pod_affinity, pod_topology_spread};
use bayplan_core::{
    Error, KeyId, NodeDef, NodeId, Plugin, PodDef, ProfileDef, Reason, Request, Scheduler, SpecDef, SpreadDef, TermId,
    TermKind,
};
use bayplan_worlds::parts::{App, add_app, spread};

use crate::{World, alone, alone_with, node, reasons, scores, spec, zoned};

fn app(s: &mut Scheduler<'_>, w: &World) -> Result<App, Error> {
    let (key, value) = (s.add_string(None)?, s.add_string(None)?);
    add_app(s, w.namespace, key, value)
}

/// Binds so many plain pods of the app to each node.
fn place<const N: usize>(
    s: &mut Scheduler<'_>,
    w: &World,
    app: App,
    nodes: [NodeId; N],
    counts: [usize; N],
) -> Result<(), Error> {
    let plain = spec(s, w, SpecDef::default())?;
    for (on, count) in nodes.into_iter().zip(counts) {
        for _ in 0..count {
            s.bind(&PodDef::new(plain, app.labels), on)?;
        }
    }
    Ok(())
}

/// A pod may go where its domain then has at most `maxSkew` more than the least.
#[test]
fn a_skew_that_is_too_large_rejects() {
    alone(Plugin::PodTopologySpread, |s, w| {
        let (nodes, _) = zoned(s, w, [0, 0, 1, 2])?;
        let bare = node(s, NodeDef::default())?.1;
        let app = app(s, w)?;
        place(s, w, app, nodes, [1, 1, 2, 1])?;
        place(s, w, app, [bare], [3])?;
        let (ok, skewed) = (None, Some(pod_topology_spread::SKEW));
        let missing = Some(pod_topology_spread::MISSING_LABEL);
        let constraint = spread(Some(app.selector), w.zone, 1);
        // Two, two and one in the zones: one more is allowed where there is one.
        let cases = [
            (constraint, [skewed, skewed, skewed, ok]),
            (SpreadDef { max_skew: 2, ..constraint }, [ok, ok, ok, ok]),
            // With fewer domains than wanted the least counts as nought.
            (SpreadDef { max_skew: 2, min_domains: 4, ..constraint }, [skewed, skewed, skewed, ok]),
            (SpreadDef { max_skew: 2, min_domains: 3, ..constraint }, [ok, ok, ok, ok]),
        ];
        for (constraint, expected) in cases {
            let hard = spec(s, w, SpecDef { spread_hard: &[constraint], own_spread: true, ..SpecDef::default() })?;
            let found = reasons(s, &Request::new(hard, app.labels))?;
            assert_eq!(found[..4], expected, "{constraint:?}");
            assert_eq!(found[4], missing);
            // A pod that does not match its own constraint adds nothing where it goes.
            let other = reasons(s, &Request::new(hard, w.labels))?;
            let skews = |reason: &Option<Reason>| *reason == skewed;
            let looser = SpreadDef { max_skew: constraint.max_skew + 1, ..constraint };
            let looser = spec(s, w, SpecDef { spread_hard: &[looser], own_spread: true, ..SpecDef::default() })?;
            assert_eq!(other, reasons(s, &Request::new(looser, app.labels))?);
            assert!(
                other.iter().filter(|reason| skews(reason)).count()
                    <= found.iter().filter(|reason| skews(reason)).count()
            );
        }
        Ok(())
    });
}

/// What is said of a constraint: the least of all domains, which is nought where there are fewer domains than wanted, not where there are as
/// many.
#[test]
fn the_numbers_behind_a_skew() {
    alone(Plugin::PodTopologySpread, |s, w| {
        let (nodes, names) = zoned(s, w, [0, 1, 2])?;
        let app = app(s, w)?;
        place(s, w, app, nodes, [3, 2, 4])?;
        for (min_domains, least) in [(1, 2), (3, 2), (4, 0)] {
            let constraint = SpreadDef { min_domains, ..spread(Some(app.selector), w.zone, 1) };
            let hard = spec(s, w, SpecDef { spread_hard: &[constraint], own_spread: true, ..SpecDef::default() })?;
            let mut found = Vec::new();
            let request = Request::new(hard, app.labels);
            s.cycle(&request)?.filter()?.spread_numbers(&mut |node, numbers| found.push((node, numbers)));
            for (at, here) in [3, 2, 4].into_iter().enumerate() {
                let (node, numbers) = found[at];
                assert_eq!((node, numbers.domain, numbers.here), (nodes[at], names[at], here));
                assert_eq!((numbers.least, numbers.domains, numbers.min_domains), (least, 3, min_domains));
                assert!(numbers.counts_itself && numbers.max_skew == 1 && numbers.key == w.zone);
            }
        }
        Ok(())
    });
}

/// Pods that are being deleted, and those of other namespaces, do not count.
#[test]
fn what_does_not_count_does_not_skew() {
    alone(Plugin::PodTopologySpread, |s, w| {
        let (nodes, _) = zoned(s, w, [0, 1])?;
        let (key, value) = (s.add_string(None)?, s.add_string(None)?);
        let app = add_app(s, w.namespace, key, value)?;
        let elsewhere = s.add_namespace(&[], true)?;
        let abroad = s.add_label_class(elsewhere, &[(key, value)])?;
        let constraint = spread(Some(app.selector), w.zone, 1);
        let hard = spec(s, w, SpecDef { spread_hard: &[constraint], own_spread: true, ..SpecDef::default() })?;
        let request = Request::new(hard, app.labels);
        s.bind(&PodDef::new(hard, abroad), nodes[0])?;
        s.bind(&PodDef { terminating: true, ..PodDef::new(hard, app.labels) }, nodes[0])?;
        assert_eq!(reasons(s, &request)?, [None, None]);
        let pod = s.bind(&PodDef::new(hard, app.labels), nodes[0])?;
        assert_eq!(reasons(s, &request)?, [Some(pod_topology_spread::SKEW), None]);
        s.update_pod(pod, &PodDef { terminating: true, ..PodDef::new(hard, app.labels) })?;
        assert_eq!(reasons(s, &request)?, [None, None]);
        Ok(())
    });
}

/// A constraint's raw score is the pods of the domain times ln(domains + 2), plus maxSkew - 1, rounded; turned round, so that the fewest get
/// 100: 100 * (most + least - score) / most.
#[test]
fn fewer_pods_score_more() {
    alone(Plugin::PodTopologySpread, |s, w| {
        let (nodes, _) = zoned(s, w, [0, 1, 2])?;
        let app = app(s, w)?;
        place(s, w, app, nodes, [4, 1, 0])?;
        let soft = |s: &mut Scheduler<'_>, constraint| {
            spec(s, w, SpecDef { spread_soft: &[constraint], own_spread: true, ..SpecDef::default() })
        };
        // ln 5 = 1.609: 6.44 → 6, 1.61 → 2, 0. Turned round of 6 + 0: 0, 66.7, 100.
        let one = soft(s, spread(Some(app.selector), w.zone, 1))?;
        assert_eq!(scores(s, &Request::new(one, app.labels))?, [0, 66, 100]);
        // With a skew of 3 each has 2 more: 8.44 → 8, 3.61 → 4, 2. Of 8 + 2: 2/8, 6/8, 8/8.
        let three = soft(s, spread(Some(app.selector), w.zone, 3))?;
        assert_eq!(scores(s, &Request::new(three, app.labels))?, [25, 75, 100]);
        // Hosts are counted one by one; ln(3 + 2) again, as all three are feasible.
        let hosts = soft(s, SpreadDef { hostname: true, ..spread(Some(app.selector), KeyId(0), 1) })?;
        assert_eq!(scores(s, &Request::new(hosts, app.labels))?, [0, 66, 100]);
        Ok(())
    });
}

/// Without constraints of its own a pod is spread by the profile's defaults, over its default selector; without one, not at all.
#[test]
fn default_constraints_need_a_selector() {
    alone(Plugin::PodTopologySpread, |s, w| {
        let (nodes, _) = zoned(s, w, [0, 1])?;
        let app = app(s, w)?;
        place(s, w, app, nodes, [2, 0])?;
        let default = spec(s, w, SpecDef { spread_soft: &[spread(None, w.zone, 1)], ..SpecDef::default() })?;
        let request = Request::new(default, app.labels);
        assert_eq!(scores(s, &request)?, [0, 0]);
        // 2 * ln 4 = 2.77 → 3 and 0.
        assert_eq!(scores(s, &Request { default_selector: app.selector, ..request })?, [0, 100]);
        Ok(())
    });
}

fn with_term(
    s: &mut Scheduler<'_>,
    w: &World,
    app: App,
    kind: TermKind,
    weight: i32,
) -> Result<SpecDef<'static>, Error> {
    let term = s.add_term(app.selector, app.selector, w.zone, kind, weight)?;
    let terms: &'static [TermId] = Box::leak(Box::new([term]));
    Ok(SpecDef { terms, ..SpecDef::default() })
}

#[test]
fn required_terms_ask_for_pods_and_shun_them() {
    alone(Plugin::InterPodAffinity, |s, w| {
        let (nodes, _) = zoned(s, w, [0, 0, 1])?;
        let bare = node(s, NodeDef::default())?.1;
        let app = app(s, w)?;
        let near = with_term(s, w, app, TermKind::Affinity, 0)?;
        let near = spec(s, w, near)?;
        let far = with_term(s, w, app, TermKind::AntiAffinity, 0)?;
        let far = spec(s, w, far)?;
        let (none, affinity) = (None, Some(inter_pod_affinity::AFFINITY));
        // While there is none, the first of a group that matches its own term may go wherever the key is there.
        assert_eq!(reasons(s, &Request::new(near, app.labels))?, [none, none, none, affinity]);
        assert_eq!(reasons(s, &Request::new(near, w.labels))?, [affinity; 4]);
        assert_eq!(reasons(s, &Request::new(far, app.labels))?, [none; 4]);
        place(s, w, app, nodes, [1, 0, 0])?;
        assert_eq!(reasons(s, &Request::new(near, w.labels))?, [none, none, affinity, affinity]);
        let anti = Some(inter_pod_affinity::ANTI_AFFINITY);
        assert_eq!(reasons(s, &Request::new(far, w.labels))?, [anti, anti, none, none]);
        // A pod on a node without the key is in no domain.
        place(s, w, app, [bare], [1])?;
        assert_eq!(reasons(s, &Request::new(near, w.labels))?, [none, none, affinity, affinity]);
        Ok(())
    });
}

/// A bound pod that shuns the pods of an app keeps them out of its domain.
#[test]
fn bound_pods_shun_too() {
    alone(Plugin::InterPodAffinity, |s, w| {
        let (nodes, _) = zoned(s, w, [0, 0, 1])?;
        let app = app(s, w)?;
        let far = with_term(s, w, app, TermKind::AntiAffinity, 0)?;
        let far = spec(s, w, far)?;
        let pod = s.bind(&PodDef::new(far, w.labels), nodes[0])?;
        let plain = spec(s, w, SpecDef::default())?;
        let existing = Some(inter_pod_affinity::EXISTING_ANTI_AFFINITY);
        assert_eq!(reasons(s, &Request::new(plain, app.labels))?, [existing, existing, None]);
        assert_eq!(reasons(s, &Request::new(plain, w.labels))?, [None; 3]);
        s.unbind(pod)?;
        assert_eq!(reasons(s, &Request::new(plain, app.labels))?, [None; 3]);
        Ok(())
    });
}

/// Each pod in the domain that a preferred term matches adds its weight, or takes it; so do the terms of bound pods that match this one, and
/// with `hardPodAffinityWeight` their required ones. The lowest sum is 0, the highest 100.
#[test]
fn preferences_are_summed_and_stretched() {
    let weight = ProfileDef { hard_pod_affinity_weight: 7, ..ProfileDef::default() };
    alone_with(Plugin::InterPodAffinity, weight, |s, w| {
        let (nodes, _) = zoned(s, w, [0, 1, 2])?;
        let app = app(s, w)?;
        place(s, w, app, nodes, [3, 1, 0])?;
        let like = with_term(s, w, app, TermKind::PreferredAffinity, 10)?;
        let like = spec(s, w, like)?;
        let dislike = with_term(s, w, app, TermKind::PreferredAntiAffinity, 10)?;
        let dislike = spec(s, w, dislike)?;
        // 30, 10, 0 and their opposites.
        assert_eq!(scores(s, &Request::new(like, w.labels))?, [100, 33, 0]);
        assert_eq!(scores(s, &Request::new(dislike, w.labels))?, [0, 66, 100]);
        // A bound pod in zone 1 likes the app (10), and in zone 2 one requires it (7).
        let near = with_term(s, w, app, TermKind::Affinity, 0)?;
        let near = spec(s, w, near)?;
        s.bind(&PodDef::new(like, w.labels), nodes[1])?;
        s.bind(&PodDef::new(near, w.labels), nodes[2])?;
        let plain = spec(s, w, SpecDef::default())?;
        assert_eq!(scores(s, &Request::new(plain, app.labels))?, [0, 100, 70]);
        // To a pod without preferences and labels nobody has anything to say.
        assert_eq!(scores(s, &Request::new(plain, w.labels))?, [0, 0, 0]);
        Ok(())
    });
}

#[test]
fn preferences_of_bound_pods_can_be_left_out() {
    let ignoring = ProfileDef { ignore_preferred_terms_of_existing_pods: true, ..ProfileDef::default() };
    alone_with(Plugin::InterPodAffinity, ignoring, |s, w| {
        let (nodes, _) = zoned(s, w, [0, 1])?;
        let app = app(s, w)?;
        let like = with_term(s, w, app, TermKind::PreferredAffinity, 10)?;
        let like = spec(s, w, like)?;
        s.bind(&PodDef::new(like, w.labels), nodes[1])?;
        let plain = spec(s, w, SpecDef::default())?;
        assert_eq!(scores(s, &Request::new(plain, app.labels))?, [0, 0]);
        // A pod with preferences of its own hears those of others.
        assert_eq!(scores(s, &Request::new(like, app.labels))?, [0, 100]);
        Ok(())
    });
}

#[test]
fn a_node_that_is_relabelled_is_in_another_domain() {
    alone(Plugin::InterPodAffinity, |s, w| {
        let (nodes, names) = zoned(s, w, [0, 1])?;
        let app = app(s, w)?;
        place(s, w, app, nodes, [1, 0])?;
        let near = with_term(s, w, app, TermKind::Affinity, 0)?;
        let near = spec(s, w, near)?;
        let request = Request::new(near, w.labels);
        let affinity = Some(inter_pod_affinity::AFFINITY);
        assert_eq!(reasons(s, &request)?, [None, affinity]);
        s.relabel_node(nodes[1], w.zone, names[0])?;
        assert_eq!(reasons(s, &request)?, [None, None]);
        let name = s.add_string(None)?;
        s.update_node(nodes[0], &NodeDef { name, allocatable: &[0; 4], ..NodeDef::default() })?;
        assert_eq!(reasons(s, &request)?, [affinity, affinity]);
        Ok(())
    });
}
