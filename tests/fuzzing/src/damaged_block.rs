//! A block from elsewhere may be damaged: `attach` refuses it, or what it lets through can be worked with. Nothing panics, and
//! nothing runs for ever.

use std::sync::OnceLock;

use bayplan_conformance::library::Library;
use bayplan_core::{
    Error, LabelClassId, NamespaceId, NodeDef, NodeId, NominationId, Pick, PodDef, PodId, Request, Scheduler, SpecId,
    UseListId, UseTag, block_words, limits_of, seal, verify,
};
use bayplan_properties::operation::Change;
use bayplan_properties::world::World;
use bayplan_reference::vector::Engine;

/// How many blocks there are to damage.
pub const BLOCKS: usize = 8;

/// The words at the front that hold the header.
const HEADER: usize = 64;

/// What became of a damaged block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// `attach` refused it.
    Refused,
    /// It was taken, and everything was asked of it.
    Taken,
}

/// Damages a block and works with it. The first byte chooses the block; every 14 bytes after it change a word: 4 for where, 2
/// for how, 8 for a number. The checksum is then that of the damaged state, so that it is not what refuses it.
///
/// # Panics
/// Where `attach` takes a block that can't be worked with.
pub fn play(data: &[u8]) -> Option<Fate> {
    let (which, changes) = data.split_first()?;
    let (whole, used) = &blocks()[usize::from(*which) % BLOCKS];
    let mut mem = roomy(whole);
    for change in changes.chunks_exact(14) {
        let at = u32::from_le_bytes(change[..4].try_into().ok()?) as usize;
        let value = u64::from_le_bytes(change[6..].try_into().ok()?);
        // The header now and then, at times anywhere, most often what holds something.
        let at = match change[4] {
            0..13 => at % HEADER,
            13..64 => at % whole.len(),
            _ => used[at % used.len()],
        };
        let other = whole[used[value as usize % used.len()]];
        mem[at] = damaged(mem[at], change[5], value, other);
    }
    if seal(&mut mem).is_ok() {
        verify(&mut mem).expect("sealed");
    }
    Some(if work(&mut mem) { Fate::Taken } else { Fate::Refused })
}

/// A word that is changed in one of the ways that do harm: no row, a small number, a bit, two ids, one more, nought, anything,
/// what stands elsewhere. Most numbers are halves of words, so a half is changed as well.
fn damaged(old: u64, how: u8, value: u64, other: u64) -> u64 {
    let half = |new: u64| match value >> 63 {
        0 => old & !0xffff_ffff | new & 0xffff_ffff,
        _ => old & 0xffff_ffff | new << 32,
    };
    match how % 11 {
        0 => u64::MAX,
        1 => value % 8,
        2 => old ^ 1 << (value % 64),
        3 => (((value >> 32) % 100) << 32) | (value % 100),
        4 => old.wrapping_add(1),
        5 => 0,
        6 => other,
        7 => half(other),
        8 => half(value % 40),
        9 => half([u64::MAX, 0x7fff_ffff, 0x8000_0000][value as usize % 3]),
        _ => value,
    }
}

/// Whole blocks, with every table in use, and where their words are that hold something.
pub fn blocks() -> &'static [(Vec<u64>, Vec<usize>); BLOCKS] {
    static ALL: OnceLock<[(Vec<u64>, Vec<usize>); BLOCKS]> = OnceLock::new();
    ALL.get_or_init(|| {
        std::array::from_fn(|seed| {
            let state = state(seed as u64).expect("a random cluster is loaded");
            let used = (0..state.len()).filter(|at| !matches!(state[*at], 0 | u64::MAX)).collect();
            (state, used)
        })
    })
}

fn state(seed: u64) -> Result<Vec<u64>, String> {
    let mut world = World::new(seed);
    let mut library = Library::load("1.37", None, &[])?;
    let mut operations = world.first();
    operations.extend((0..150).map(|_| world.next(None)));
    for operation in operations {
        if let Change::Put(object) = operation.change {
            let object = bayplan::read::Reading::live().value(&object).map_err(|error| error.to_string())?;
            library.0.upsert(object).map_err(|error| error.to_string())?;
        }
    }
    Ok(library.0.state().to_vec())
}

/// The block's memory, with its state in front.
///
/// # Panics
/// Where the state is none.
#[must_use]
pub fn roomy(state: &[u64]) -> Vec<u64> {
    let mut mem = vec![0; block_words(&limits_of(state).expect("the state of a cluster"))];
    mem[..state.len()].copy_from_slice(state);
    mem
}

/// Does everything that reads or writes tables; whether the block was let in.
fn work(mem: &mut [u64]) -> bool {
    let Ok(mut s) = Scheduler::attach(mem) else { return false };
    let labels = s.used("label_classes").unwrap_or(0).max(1);
    for at in 0..s.used("specs").unwrap_or(0) {
        let (spec, labels, node) = (SpecId(at), LabelClassId(at % labels), NodeId(at % 9));
        let (nomination, uses) = (NominationId(at % 3), UseListId(at % 7));
        let request = Request { nomination, uses, ..Request::new(spec, labels) };
        // Errors are as good as answers here.
        _ = s.decide(&request, Pick::First);
        _ = explain(&mut s, &request, node);
        let pod = PodDef { uses, ..PodDef::new(spec, labels) };
        let mut trial = s.trial();
        (0..3).for_each(|pod| _ = trial.remove(PodId(at + pod)));
        _ = trial.add(&pod, node);
        _ = trial.decide(&request, Pick::First);
        drop(trial);
        _ = s.bind(&pod, node).and_then(|pod| s.unbind(pod));
    }
    s.recount().expect("what can be counted again is");
    let limits = *s.limits();
    let mut copy = vec![0; block_words(&limits)];
    s.copy_into(&mut copy, &limits).expect("a copy of the same size");
    _ = add_rows(&mut s);
    s.recount().expect("and after rows were added");
    empty(&mut s);
    // What was let in is let in again, and so is what came of it.
    Scheduler::attach(&mut copy).map(drop).expect("a copy of what was let in");
    Scheduler::attach(mem).map(drop).expect("what came of it");
    true
}

/// Takes all pods off and all nodes away.
fn empty(s: &mut Scheduler<'_>) {
    (0..s.limits().pods).for_each(|pod| _ = s.unbind(PodId(pod)));
    assert_eq!(s.used("pods"), Some(0), "every pod can be taken off");
    s.recount().expect("and after pods were taken off");
    (0..s.limits().nodes).for_each(|node| _ = s.remove_node(NodeId(node)));
}

/// All that a cycle says, of all nodes and of one.
fn explain(s: &mut Scheduler<'_>, request: &Request<'_>, node: NodeId) -> Result<(), Error> {
    let mut filtered = s.cycle(request)?.filter()?;
    filtered.explain(&mut |_, _, _| {})?;
    filtered.scores(&mut |_, _, _| {});
    filtered.spread_numbers(&mut |_, _| {});
    filtered.explain_node(node, &mut |_, _| {})?;
    let mut cycle = s.cycle(request)?;
    let verdict = cycle.judge(node)?;
    cycle.reasons(node, verdict, &mut |_| {})
}

/// Adds rows of many kinds, which rely on those not in use being empty.
///
/// # Errors
/// Where a table is full.
///
/// # Panics
/// Where a new row is not empty.
pub fn add_rows(s: &mut Scheduler<'_>) -> Result<(), Error> {
    let (key, name, used) = (s.add_key()?, s.add_string(None)?, s.add_use_key()?);
    _ = s.add_resource();
    let (taints, images) = (s.add_taint_set(&[])?, s.add_image_set(&[])?);
    let (allocatable, labels) = (&[1000, 1 << 30, 0, 5], &[(key, name)]);
    let node = s.add_node(&NodeDef { name, allocatable, labels, taints, images, ..NodeDef::default() })?;
    let driver = s.add_driver()?;
    s.set_driver(driver, node, Some(2), false)?;
    s.set_key_driver(used, driver)?;
    let uses = s.add_use_list(&[(used, UseTag::Mounted)])?;
    let namespace = s.add_namespace(&[(name, name)], true)?;
    s.relabel_namespace(NamespaceId(0), &[(name, name)], true)?;
    let labels = s.add_label_class(namespace, &[(name, name)])?;
    let request = Request { uses, ..Request::new(SpecId(0), labels) };
    _ = s.decide(&request, Pick::First);
    let pod = s.bind(&PodDef { uses, ..PodDef::new(SpecId(0), labels) }, node)?;
    _ = s.decide(&request, Pick::First);
    assert_eq!(s.tables().driver_on(node, driver)?, (1, Some(2)), "the driver's column began empty");
    s.unbind(pod)
}
