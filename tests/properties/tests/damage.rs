//! State from elsewhere may be damaged: `attach` refuses it, or what it lets through can be worked with. Nothing panics,
//! and nothing runs for ever.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use bayplan_conformance::library::Library;
use bayplan_core::{
    Error, LabelClassId, NamespaceId, NodeDef, NodeId, NominationId, Pick, PodDef, PodId, Request, Scheduler, SpecId,
    UseListId, block_words, limits_of,
};
use bayplan_properties::operation::Change;
use bayplan_properties::random::Random;
use bayplan_properties::world::World;
use bayplan_reference::vector::Engine;

/// Blocks that are damaged.
const BLOCKS: usize = 4000;

/// A cluster's state, with every table in use.
fn state(seed: u64) -> Vec<u64> {
    let mut world = World::new(seed);
    let mut library = Library::load("1.37", None, &[]).unwrap();
    let mut operations = world.first();
    operations.extend((0..150).map(|_| world.next(None)));
    for operation in operations {
        if let Change::Put(object) = operation.change {
            library.0.upsert(bayplan::read::from_value(&object).unwrap()).unwrap();
        }
    }
    library.0.state().to_vec()
}

/// Does everything that reads or writes tables; whether the state was let in.
fn work(mem: &mut [u64]) -> bool {
    let Ok(mut s) = Scheduler::attach(mem) else { return false };
    let labels = s.used("label_classes").unwrap_or(0).max(1);
    for at in 0..s.used("specs").unwrap_or(0) {
        let (spec, labels, node) = (SpecId(at), LabelClassId(at % labels), NodeId(at % 9));
        let (nomination, uses) = (NominationId(at % 3), UseListId(at % 7));
        let request = Request { nomination, uses, ..Request::new(spec, labels) };
        // Errors are as good as answers here.
        let _ = s.decide(&request, Pick::First);
        let _ = s.explain(&request, &mut |_, _, _| {});
        let _ = s.explain_all(&request, node, &mut |_, _| {});
        let _ = s.scores(&request, &mut |_, _, _| {});
        let _ = s.spread_numbers(&request, node, &mut |_| {});
        let _ = s.bind(&PodDef { spec, labels, uses, start: 0, flags: 0 }, node).and_then(|pod| s.unbind(pod));
    }
    s.recount().expect("what can be counted again is");
    _ = add_rows(&mut s);
    s.recount().expect("and after rows were added");
    (0..40).for_each(|pod| _ = s.unbind(PodId(pod)));
    (0..9).for_each(|node| _ = s.remove_node(NodeId(node)));
    true
}

/// Rows that are added rely on those not in use being empty.
fn add_rows(s: &mut Scheduler<'_>) -> Result<(), Error> {
    let t = &mut s.tables;
    let (key, name, used) = (t.add_key()?, t.add_string(None)?, t.add_use_key()?);
    _ = t.add_resource();
    let (taints, images) = (t.add_taint_set(&[])?, t.add_image_set(&[])?);
    let labels = &[(key, name)];
    let node = NodeDef {
        name,
        unschedulable: false,
        allocatable: &[1000, 1 << 30, 0, 5],
        labels,
        taints,
        images,
        features: 0,
    };
    let node = t.add_node(&node)?;
    let driver = t.add_driver()?;
    t.set_driver(driver, node, Some(2), false)?;
    t.set_key_driver(used, driver)?;
    let uses = t.add_use_list(&[(used, 0)])?;
    let namespace = t.add_namespace(&[(name, name)], true)?;
    t.relabel_namespace(NamespaceId(0), &[(name, name)], true)?;
    let labels = t.add_label_class(namespace, &[(name, name)])?;
    let request = Request { uses, ..Request::new(SpecId(0), labels) };
    _ = s.decide(&request, Pick::First);
    let pod = s.bind(&PodDef { spec: SpecId(0), labels, uses, start: 0, flags: 0 }, node)?;
    _ = s.decide(&request, Pick::First);
    assert_eq!(s.tables().driver_on(node, driver)?, (1, Some(2)), "the driver's column began empty");
    s.unbind(pod)
}

#[test]
fn damaged_state_is_refused_or_harmless() {
    static PLACE: Mutex<String> = Mutex::new(String::new());
    std::panic::set_hook(Box::new(|panic| {
        *PLACE.lock().unwrap() = format!("{panic}");
    }));
    let mut random = Random::new(1);
    let (mut refused, mut taken, mut panics) = (0, 0, BTreeMap::<String, u32>::new());
    for seed in 0..4 {
        let whole = state(seed);
        let mut mem = vec![0u64; block_words(&limits_of(&whole).unwrap())];
        mem[..whole.len()].copy_from_slice(&whole);
        assert!(work(&mut mem), "state that is whole is taken");
        mem[..whole.len()].copy_from_slice(&whole);
        Scheduler::attach(&mut mem).and_then(|mut s| add_rows(&mut s)).expect("there is room for more rows");
        for _ in 0..BLOCKS / 4 {
            mem[..whole.len()].copy_from_slice(&whole);
            for _ in 0..1 + random.below(3) {
                // The header now and then, else anywhere.
                let at = if random.percent(5) { random.below(40) } else { random.below(whole.len()) };
                let old = mem[at];
                mem[at] = match random.below(6) {
                    0 => u64::MAX,
                    1 => random.below(8) as u64,
                    2 => old ^ 1 << random.below(64),
                    3 => (random.below(100) as u64) << 32 | random.below(100) as u64,
                    4 => old.wrapping_add(1),
                    _ => 0,
                };
            }
            match catch_unwind(AssertUnwindSafe(|| work(&mut mem))) {
                Ok(true) => taken += 1,
                Ok(false) => refused += 1,
                Err(_) => *panics.entry(PLACE.lock().unwrap().clone()).or_default() += 1,
            }
        }
    }
    drop(std::panic::take_hook());
    assert!(panics.is_empty(), "of {BLOCKS} blocks some panicked: {panics:#?}");
    // Most words are numbers or text that may be anything.
    assert!(refused > BLOCKS / 8 && taken > BLOCKS / 8, "{refused} refused, {taken} taken");
}
