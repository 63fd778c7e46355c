//! Blocks: errors, growth, forks, seals, and state from elsewhere.

use core::fmt::{self, Write};

use bayplan_core::{
    Error, Limits, NodeId, Pick, PodDef, Scheduler, SpecId, block_words, limits_of, seal, state_words, verify,
};

use bayplan_worlds::small::{World, larger, limits};

use crate::{Failed, ensure};

/// A text in a fixed place.
struct Line {
    bytes: [u8; 160],
    length: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let to = self.bytes.get_mut(self.length..self.length + text.len()).ok_or(fmt::Error)?;
        to.copy_from_slice(text.as_bytes());
        self.length += text.len();
        Ok(())
    }
}

/// What an error says contains a word.
fn says(error: Error, word: &str) -> bool {
    let mut line = Line { bytes: [0; 160], length: 0 };
    if write!(line, "{error}").is_err() {
        return false;
    }
    line.bytes[..line.length].windows(word.len()).any(|part| part == word.as_bytes())
}

pub(crate) fn check(first: &mut [u64], second: &mut [u64]) -> Result<(), Failed> {
    errors(first)?;
    let small = limits();
    let mut s = Scheduler::init(first, &small)?;
    let w = World::build(&mut s)?;
    let spec = s.add_spec(&w.spec())?;
    let request = w.request(spec);
    let def = PodDef { start: 1_700_000_000, ..w.pod(spec, w.app) };
    s.bind(&def, w.nodes[1])?;
    ensure(s.used("nodes") == Some(4) && s.used("pods") == Some(1) && s.used("nothing").is_none())?;
    let before = s.decide(&request, Pick::First)?;

    // Growth keeps ids and decisions, and the copy is independent.
    ensure(says(
        s.copy_into(second, &Limits { nodes: 1, ..small }).err().unwrap_or(Error::State { what: "" }),
        "nodes",
    ))?;
    let mut grown = s.copy_into(second, &larger())?;
    ensure(*grown.limits() == larger())?;
    ensure(grown.decide(&request, Pick::First)? == before)?;
    for _ in 0..7 {
        grown.bind(&def, w.nodes[1])?;
    }
    ensure(grown.decide(&request, Pick::First)?.feasible == 1)?;
    ensure(s.decide(&request, Pick::First)? == before)?;

    // A sealed state opens elsewhere; a changed one does not pass.
    ensure(limits_of(second)? == larger())?;
    let words = seal(second)?.len();
    ensure(words == state_words(&larger()) && words < block_words(&larger()))?;
    verify(second)?;
    second[words - 1] ^= 1;
    ensure(verify(second).is_err())?;
    second[words - 1] ^= 1;
    verify(second)?;
    first[..words].copy_from_slice(&second[..words]);
    let mut s = Scheduler::attach(first)?;
    ensure(s.decide(&request, Pick::First)?.feasible == 1)?;
    let mut s = Scheduler::open(first)?;
    ensure(s.decide(&request, Pick::First)?.feasible == 1)
}

fn errors(block: &mut [u64]) -> Result<(), Failed> {
    let small = limits();
    let short = block_words(&small) - 1;
    ensure(says(Scheduler::init(&mut block[..short], &small).err().unwrap_or(Error::State { what: "" }), "words"))?;
    block[0] = 0;
    ensure(limits_of(block).is_err() && Scheduler::open(block).is_err() && seal(block).is_err())?;
    // Without these nothing works; odd numbers of rows do.
    for (table, least) in
        [("journal", 1), ("cached_specs", 1), ("cached_counters", 1), ("resources", 4), ("strings", 2)]
    {
        let mut limits = small;
        *limits.named(table).ok_or(Error::State { what: "" })? = least - 1;
        ensure(says(Scheduler::init(block, &limits).err().unwrap_or(Error::State { what: "" }), table))?;
    }
    Scheduler::init(block, &Limits { terms: 3, specs: 1, volumes: 5, profiles: 1, taint_sets: 1, ..small })?;
    let few = Limits { nodes: 2, ..small };
    let mut s = Scheduler::init(block, &few)?;
    ensure(World::build(&mut s).is_err())?;
    ensure(s.tables().alive_nodes() == 2)?;
    let none = PodDef::new(SpecId(9), bayplan_core::LabelClassId(0));
    ensure(says(s.bind(&none, NodeId(0)).err().unwrap_or(Error::State { what: "" }), "specs"))?;
    ensure(says(s.remove_node(NodeId(7)).err().unwrap_or(Error::State { what: "" }), "nodes"))?;
    let mut limits = small;
    if let Some(pods) = limits.named("pods") {
        *pods = 1;
    }
    ensure(limits.pods == 1 && Limits::from_words(limits.to_words()) == limits)
}
