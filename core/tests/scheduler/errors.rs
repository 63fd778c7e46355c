//! Full tables and ids that are not there: an error that names the table, and nothing changes.

use bayplan_core::{
    BudgetId, Error, ImageId, KeyId, LabelClassId, Limits, NamespaceId, NodeDef, NodeId, NodeSetId, Pick, PodDef,
    PodId, Port, ProfileId, Request, ResourceId, Scheduler, SelectorDef, SelectorId, SpecDef, SpecId, StrId, TermId,
    TermKind, UseKeyId, UseListId, VolumeId, Volumes, Waiting, block_words,
};
use bayplan_worlds::small::World;

use crate::{small, with};

/// Every table by a call that adds one row to it.
#[test]
fn full_tables_name_themselves() {
    type Add = fn(&mut Scheduler<'_>, &World) -> Result<(), Error>;
    let adds: [(&str, Add); 20] = [
        ("nodes", |s, w| s.add_node(&NodeDef { name: w.names[0], ..NodeDef::default() }).map(drop)),
        ("resources", |s, _| s.add_resource().map(drop)),
        ("keys", |s, _| s.add_key().map(drop)),
        ("strings", |s, _| s.add_string(None).map(drop)),
        ("taint_sets", |s, _| s.add_taint_set(&[]).map(drop)),
        ("image_sets", |s, _| s.add_image_set(&[]).map(drop)),
        ("images", |s, _| s.add_image().map(drop)),
        ("specs", |s, w| s.add_spec(&w.spec()).map(drop)),
        ("label_classes", |s, w| s.add_label_class(w.space, &[]).map(drop)),
        ("namespaces", |s, _| s.add_namespace(&[], true).map(drop)),
        ("selectors", |s, _| s.add_selector(&SelectorDef::default()).map(drop)),
        ("terms", |s, w| s.add_term(w.selector, w.selector, w.zone, TermKind::Affinity, 0).map(drop)),
        ("pods", |s, w| s.bind(&PodDef::new(SpecId(0), w.app), w.nodes[2]).map(drop)),
        ("use_keys", |s, _| s.add_use_key().map(drop)),
        ("drivers", |s, _| s.add_driver().map(drop)),
        ("node_sets", |s, _| s.add_node_set(None).map(drop)),
        ("use_lists", |s, _| s.add_use_list(&[]).map(drop)),
        ("volumes", |s, _| s.add_volume(NodeSetId(0), NodeSetId(0), 0, 0).map(drop)),
        ("nominations", |s, w| s.nominate(&PodDef::new(SpecId(0), w.app), w.nodes[2]).map(drop)),
        ("budgets", |s, w| s.add_budget(w.selector, 1).map(drop)),
    ];
    small(|s, w| {
        s.add_spec(&w.spec())?;
        s.add_node_set(None)?;
        let request = w.request(SpecId(0));
        for (table, add) in adds {
            let holds = *s.limits().clone().named(table).expect("the table's limit");
            let before = s.used(table).expect("the table");
            for row in before..holds {
                add(s, w)?;
                assert_eq!(s.used(table), Some(row + 1), "{table}");
            }
            let found = s.decide(&request, Pick::First)?;
            assert_eq!(add(s, w), Err(Error::Full { table, holds, needed: holds + 1 }), "{table}");
            assert_eq!(s.used(table), Some(holds), "{table}");
            assert_eq!(s.decide(&request, Pick::First)?, found, "{table}");
            // Nominated pods need a row each while somebody is asked about.
            let pods: Vec<PodId> = s.tables().pods_on(w.nodes[2]).collect();
            for pod in pods {
                s.unbind(pod)?;
            }
        }
        s.recount()?;
        Ok(())
    });
}

#[test]
fn a_full_arena_adds_nothing() {
    let limits = Limits { arena: 400, ..bayplan_worlds::small::limits() };
    with(&limits, |s, w| {
        let many = [(w.team, w.dedicated); 500];
        let (specs, spaces) = (s.used("specs"), s.used("namespaces"));
        let found = s.add_namespace(&many, true);
        assert!(matches!(found, Err(Error::Full { table: "arena", holds: 400, .. })), "{found:?}");
        let images = [ImageId(0); 500];
        let found = s.add_spec(&SpecDef { images: &images, ..w.spec() });
        assert!(matches!(found, Err(Error::Full { table: "arena", .. })), "{found:?}");
        assert_eq!((s.used("specs"), s.used("namespaces")), (specs, spaces));
        Ok(())
    });
}

#[test]
fn ids_that_are_not_there_are_named() {
    small(|s, w| {
        let spec = s.add_spec(&w.spec())?;
        let no = |table, id| Error::NoSuch { table, id };
        let plain = w.request(spec);
        let pod = PodDef::new(spec, w.app);
        let requests = [
            (Request { spec: SpecId(77), ..plain }, no("specs", 77)),
            (Request { labels: LabelClassId(77), ..plain }, no("label_classes", 77)),
            (Request { uses: UseListId(77), ..plain }, no("use_lists", 77)),
            (Request { default_selector: SelectorId(77), ..plain }, no("selectors", 77)),
            (Request { volumes: Volumes { bound: &[VolumeId(77)], ..Volumes::default() }, ..plain }, no("volumes", 77)),
            (Request { volumes: Volumes { zoned: &[VolumeId(77)], ..Volumes::default() }, ..plain }, no("volumes", 77)),
        ];
        for (request, error) in requests {
            assert_eq!(s.decide(&request, Pick::First), Err(error));
            assert_eq!(s.cycle(&request).err(), Some(error));
        }
        for (def, error) in [
            (SpecDef { profile: ProfileId(77), ..w.spec() }, no("profiles", 77)),
            (SpecDef { ports: &[Port { group: UseKeyId(77), address: 0 }], ..w.spec() }, no("use_keys", 77)),
            (SpecDef { disks: &[(UseKeyId(77), true)], ..w.spec() }, no("use_keys", 77)),
            (SpecDef { terms: &[TermId(77)], ..w.spec() }, no("terms", 77)),
            (SpecDef { images: &[ImageId(77)], ..w.spec() }, no("images", 77)),
        ] {
            assert_eq!(s.add_spec(&def), Err(error));
        }
        let mut constraint = w.constraint();
        constraint.key = KeyId(77);
        assert_eq!(s.add_spec(&SpecDef { spread_soft: &[constraint], ..w.spec() }), Err(no("keys", 77)));
        assert_eq!(s.bind(&PodDef::new(SpecId(77), w.app), w.nodes[0]), Err(no("specs", 77)));
        assert_eq!(s.bind(&PodDef::new(spec, LabelClassId(77)), w.nodes[0]), Err(no("label_classes", 77)));
        assert_eq!(s.bind(&PodDef { uses: UseListId(77), ..pod }, w.nodes[0]), Err(no("use_lists", 77)));
        assert_eq!(s.bind(&pod, NodeId(77)), Err(no("nodes", 77)));
        assert_eq!(s.unbind(PodId(77)), Err(no("pods", 77)));
        assert_eq!(s.unbind(PodId(0)), Err(no("pods", 0)), "nobody is bound");
        assert_eq!(s.remove_node(NodeId(77)), Err(no("nodes", 77)));
        assert_eq!(s.relabel_node(w.nodes[0], KeyId(77), w.zones[0]), Err(no("keys", 77)));
        assert_eq!(s.relabel_node(w.nodes[0], w.zone, StrId(77)), Err(no("strings", 77)));
        assert_eq!(s.add_label_class(NamespaceId(77), &[]), Err(no("namespaces", 77)));
        assert_eq!(s.set_budget(BudgetId(77), 0), Err(no("budgets", 77)));
        assert_eq!(s.tables().amounts(w.nodes[0], ResourceId(77)), Err(no("resources", 77)));
        assert_eq!(s.used("pods"), Some(0));
        s.recount()?;
        Ok(())
    });
}

#[test]
fn more_claims_than_fit_on_the_stack_are_refused() {
    small(|s, w| {
        let spec = s.add_spec(&w.spec())?;
        let claim = Waiting {
            selected: StrId::NONE,
            candidates: &[],
            reserved: &[],
            makes: None,
            rooms: None,
            size: 0,
            class: 0,
        };
        let waiting = [claim; bayplan_core::MAX_WAITING + 1];
        let request = Request { volumes: Volumes { waiting: &waiting, ..Volumes::default() }, ..w.request(spec) };
        let most = bayplan_core::MAX_WAITING as u64;
        assert_eq!(s.decide(&request, Pick::First), Err(Error::OutOfRange { field: "waiting claims", most }));
        Ok(())
    });
}

#[test]
fn a_node_with_pods_stays() {
    small(|s, w| {
        let spec = s.add_spec(&w.spec())?;
        let pod = s.bind(&PodDef::new(spec, w.app), w.nodes[1])?;
        assert!(matches!(s.remove_node(w.nodes[1]), Err(Error::State { .. })));
        s.unbind(pod)?;
        s.remove_node(w.nodes[1])?;
        assert_eq!((s.tables().alive_nodes(), s.tables().node_rows()), (3, 4));
        assert_eq!(s.remove_node(w.nodes[1]), Err(Error::NoSuch { table: "nodes", id: w.nodes[1].0 }));
        assert_eq!(s.decide(&w.request(spec), Pick::First)?.node, Some(w.nodes[0]));
        Ok(())
    });
}

#[test]
fn limits_too_small_are_named() {
    let limits = bayplan_worlds::small::limits();
    let mut block = vec![0; block_words(&limits)];
    for (table, least) in
        [("journal", 1), ("cached_specs", 1), ("cached_counters", 1), ("resources", 4), ("strings", 2)]
    {
        let mut few = limits;
        *few.named(table).expect("a limit of that name") = least - 1;
        let found = Scheduler::init(&mut block, &few).err();
        assert_eq!(found, Some(Error::Full { table, holds: least - 1, needed: least }));
    }
    let short = block.len() - 1;
    let found = Scheduler::init(&mut block[..short], &limits).err();
    assert_eq!(found, Some(Error::TooSmall { words: short, needed: short + 1 }));
}
