//! The block: a header, the tables, and a region that can be computed again. It is opened, copied, sealed and checked here.

mod check;
mod default_profile;
mod write;

pub use default_profile::DefaultProfile;

use crate::derived::{Cache, Scratch};
use crate::plugin::Plugin;
use crate::region;
use crate::tables::{Count, Tables};
use crate::{Error, Limits};

/// What the first word of a block holds.
const MAGIC: u64 = u64::from_le_bytes(*b"bayplan1");
/// The format: magic, checksum, layout, then the limits.
const HEADER: usize = 3 + Limits::COUNT;
/// What the third word holds: a number that changes with the tables, the rows in them, the limits and the plugins. State that was saved by a
/// program of another layout would be read as something else, so it is refused.
const LAYOUT: u64 = {
    let mut sum = Tables::LAYOUT;
    let mut at = 0;
    while at < Limits::COUNT {
        sum = region::hash(sum, Limits::NAMES[at]);
        at += 1;
    }
    at = 0;
    while at < Plugin::ALL.len() {
        sum = region::hash(sum, Plugin::ALL[at].name());
        at += 1;
    }
    sum
};

/// An opened block: the tables, and the caches that follow them.
///
/// ```
/// use bayplan_core::{Limits, NodeDef, Pick, PodDef, ProfileDef, Plugin, Request, Scheduler, SpecDef, block_words};
///
/// let limits = Limits::default();
/// let mut memory = vec![0u64; block_words(&limits)];
/// let mut scheduler = Scheduler::init(&mut memory, &limits)?;
///
/// // Strings, taint lists and the like are rows too; the first of each is what most nodes have.
/// let name = scheduler.add_string(None)?;
/// let taints = scheduler.add_taint_set(&[])?;
/// let images = scheduler.add_image_set(&[])?;
/// let node = NodeDef { name, taints, images, allocatable: &[4_000, 16 << 30, 0, 110], ..NodeDef::default() };
/// let node = scheduler.add_node(&node)?;
///
/// let fit = Plugin::NodeResourcesFit;
/// scheduler.add_profile(&ProfileDef { filters: &[fit.into()], scores: &[(fit.into(), 1)], ..ProfileDef::default() })?;
/// let asks = [500, 1 << 30];
/// let spec = scheduler.add_spec(&SpecDef { fit: &asks, bound: &asks, score: &asks, ..SpecDef::default() })?;
/// let namespace = scheduler.add_namespace(&[], true)?;
/// let labels = scheduler.add_label_class(namespace, &[])?;
///
/// let decision = scheduler.decide(&Request::new(spec, labels), Pick::First)?;
/// assert_eq!(decision.node, Some(node));
/// scheduler.bind(&PodDef::new(spec, labels), node)?;
/// # Ok::<(), bayplan_core::Error>(())
/// ```
pub struct Scheduler<'m> {
    pub(crate) tables: Tables<'m>,
    pub(crate) cache: Cache<'m>,
    pub(crate) work: Scratch<'m>,
}

/// How many words of eight bytes a block of these limits takes, caches included.
#[must_use]
pub fn block_words(limits: &Limits) -> usize {
    let caches = Cache::words(limits).saturating_add(Scratch::words(limits));
    state_words(limits).saturating_add(caches)
}

/// How many words of a block are state: what a fork copies and a snapshot saves.
#[must_use]
pub fn state_words(limits: &Limits) -> usize {
    Tables::words(limits).saturating_add(HEADER)
}

impl<'m> Scheduler<'m> {
    /// Makes an empty cluster in the caller's memory.
    ///
    /// # Errors
    /// [`Error::TooSmall`]; [`Error::Full`] for limits too small for what every block begins with.
    pub fn init(mem: &'m mut [u64], limits: &Limits) -> Result<Self, Error> {
        check::limits(limits)?;
        check_size(mem, limits)?;
        mem[0] = MAGIC;
        mem[1] = 0;
        mem[2] = LAYOUT;
        for (word, limit) in mem[3..HEADER].iter_mut().zip(limits.to_words()) {
            *word = u64::from(limit);
        }
        let words = mem.len();
        let mut new = Self::carve(mem, limits).ok_or_else(|| too_small(words, limits))?;
        new.reset();
        let t = &mut new.tables;
        t.add_string(None)?; // EMPTY
        t.add_string(None)?; // the key of the taint that stands for a cordon
        for _ in 0..4 {
            t.add_resource()?;
        }
        t.add_key()?; // the node's name
        Ok(new)
    }

    /// Opens a block that was made before; its caches must be as they were left.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::TooSmall`].
    pub fn open(mem: &'m mut [u64]) -> Result<Self, Error> {
        let (words, limits) = (mem.len(), checked_limits(mem)?);
        Self::carve(mem, &limits).ok_or_else(|| too_small(words, &limits))
    }

    /// As [`Self::open`], but the scheduler is made in `place` and not moved: for callers who open a block for each question. It takes 0.1
    /// to 0.2 µs. After [`Error::TooSmall`] `place` is `None`.
    ///
    /// # Errors
    /// As [`Self::open`].
    #[inline(always)]
    pub fn open_in<'s>(place: &'s mut Option<Self>, mem: &'m mut [u64]) -> Result<&'s mut Self, Error> {
        let (words, limits) = (mem.len(), checked_limits(mem)?);
        *place = Self::carve(mem, &limits);
        place.as_mut().ok_or_else(|| too_small(words, &limits))
    }

    /// Opens state that came from elsewhere: a snapshot, another machine. Checks all that is later trusted, and starts with
    /// empty caches.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::TooSmall`].
    pub fn attach(mem: &'m mut [u64]) -> Result<Self, Error> {
        let mut scheduler = Self::open(mem)?;
        check::check(&mut scheduler.tables)?;
        scheduler.forget();
        Ok(scheduler)
    }

    /// Opens a copy of the state of a block that is in order, a fork: as [`Self::attach`], without the checks.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::TooSmall`].
    pub fn fork(mem: &'m mut [u64]) -> Result<Self, Error> {
        let mut scheduler = Self::open(mem)?;
        scheduler.forget();
        Ok(scheduler)
    }

    /// Copies the state into a larger block, or one of the same limits (a fork). Ids stay what they were.
    ///
    /// # Errors
    /// [`Error::TooSmall`]; [`Error::OutOfRange`] where a limit is smaller than here.
    pub fn copy_into<'n>(&self, mem: &'n mut [u64], limits: &Limits) -> Result<Scheduler<'n>, Error> {
        for ((new, old), name) in limits.to_words().iter().zip(self.limits().to_words()).zip(Limits::NAMES) {
            if *new < old && !name.starts_with("cached") {
                return Err(Error::OutOfRange { field: name, most: u64::from(*new) });
            }
        }
        let mut copy = Scheduler::init(mem, limits)?;
        self.tables.copy_into(&mut copy.tables);
        // Caches that follow the journal start empty, so what it holds does not matter.
        Ok(copy)
    }

    /// Cuts a block into its tables, where it is long enough.
    #[inline(never)]
    fn carve(mem: &'m mut [u64], limits: &Limits) -> Option<Self> {
        let mut rest = &mut mem[HEADER..];
        Some(Scheduler {
            tables: Tables::carve(limits, &mut rest)?,
            cache: Cache::carve(limits, &mut rest)?,
            work: Scratch::carve(limits, &mut rest)?,
        })
    }

    /// How many rows of a table are in use, by the name that [`Limits`] gives it; of pods, the bound ones.
    #[must_use]
    pub fn used(&self, table: &str) -> Option<u32> {
        let which = Count::TABLES.iter().find(|which| which.name() == table)?;
        Some(self.tables.count(if *which == Count::Pods { Count::BoundPods } else { *which }))
    }

    /// The limits of the block.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.tables.limits
    }

    /// The tables, to read. What writes to them are methods of the scheduler.
    #[must_use]
    pub fn tables(&self) -> &Tables<'m> {
        &self.tables
    }

    fn reset(&mut self) {
        self.tables.reset();
        self.forget();
    }

    /// Empties the caches.
    fn forget(&mut self) {
        self.cache.reset();
        self.work.reset();
    }
}

/// The limits that a header names, checked to be large enough for any block.
fn checked_limits(mem: &[u64]) -> Result<Limits, Error> {
    let limits = limits_of(mem)?;
    check::limits(&limits).map_err(|_| Error::Corrupt { table: "header" })?;
    Ok(limits)
}

/// The limits that a block's header names.
///
/// # Errors
/// [`Error::Corrupt`] where there is no header.
pub fn limits_of(mem: &[u64]) -> Result<Limits, Error> {
    if mem.len() < HEADER || mem[0] != MAGIC {
        return Err(Error::Corrupt { table: "header" });
    }
    if mem[2] != LAYOUT {
        return Err(Error::OtherLayout { found: mem[2], expected: LAYOUT });
    }
    let mut words = [0u32; Limits::COUNT];
    for (to, from) in words.iter_mut().zip(&mem[3..HEADER]) {
        *to = u32::try_from(*from).map_err(|_| Error::Corrupt { table: "header" })?;
    }
    Ok(Limits::from_words(words))
}

fn check_size(mem: &[u64], limits: &Limits) -> Result<(), Error> {
    if mem.len() < block_words(limits) { Err(too_small(mem.len(), limits)) } else { Ok(()) }
}

#[cold]
fn too_small(words: usize, limits: &Limits) -> Error {
    Error::TooSmall { words, needed: block_words(limits) }
}

/// Seals the state of a block for storage: the words to write, the checksum among them.
///
/// # Errors
/// [`Error::Corrupt`] where `mem` is no block, [`Error::TooSmall`] where it is only a part of one.
pub fn seal(mem: &mut [u64]) -> Result<&[u64], Error> {
    let words = sealed_words(mem)?;
    mem[1] = 0;
    let sum = checksum(&mem[..words]);
    mem[1] = sum;
    Ok(&mem[..words])
}

/// Whether sealed state is as it was sealed.
///
/// # Errors
/// [`Error::Corrupt`] where it is not, [`Error::TooSmall`] where it is only a part.
pub fn verify(mem: &mut [u64]) -> Result<(), Error> {
    let words = sealed_words(mem)?;
    let sum = core::mem::replace(&mut mem[1], 0);
    let found = checksum(&mem[..words]);
    mem[1] = sum;
    if sum == found { Ok(()) } else { Err(Error::Corrupt { table: "checksum" }) }
}

/// How many words of a block are state, where it has so many.
fn sealed_words(mem: &[u64]) -> Result<usize, Error> {
    let needed = state_words(&limits_of(mem)?);
    if mem.len() < needed { Err(Error::TooSmall { words: mem.len(), needed }) } else { Ok(needed) }
}

/// FNV-1a over words.
fn checksum(words: &[u64]) -> u64 {
    words.iter().fold(0xcbf2_9ce4_8422_2325, |sum, word| (sum ^ word).wrapping_mul(0x100_0000_01b3).rotate_left(23))
}
