//! The block: a header, the tables, and a region that can be computed again.

use crate::cache::{Cache, Scratch};
use crate::check;
use crate::cycle::Scheduler;
use crate::tables::{Count, Tables};
use crate::{Error, Limits};

/// What the first word of a block holds.
const MAGIC: u64 = u64::from_le_bytes(*b"bayplan1");
/// The format: magic, checksum, then the limits.
const HEADER: usize = 2 + Limits::COUNT;

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
        for (word, limit) in mem[2..HEADER].iter_mut().zip(limits.to_words()) {
            *word = u64::from(limit);
        }
        let mut new = Self::carve(mem, *limits);
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
        let limits = limits_of(mem)?;
        check::limits(&limits).map_err(|_| Error::Corrupt { table: "header" })?;
        check_size(mem, &limits)?;
        Ok(Self::carve(mem, limits))
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
        // Caches that follow the journal start anew, so what it holds does not matter.
        Ok(copy)
    }

    fn carve(mem: &'m mut [u64], limits: Limits) -> Self {
        let (_, rest) = mem.split_at_mut(HEADER);
        let (state, rest) = rest.split_at_mut(Tables::words(&limits));
        let (cache, rest) = rest.split_at_mut(Cache::words(&limits));
        let (work, _) = rest.split_at_mut(Scratch::words(&limits));
        Self::new(Tables::carve(&limits, state), Cache::carve(&limits, cache), Scratch::carve(&limits, work))
    }

    /// How many rows of a table are in use, by the name that [`Limits`] gives it.
    #[must_use]
    pub fn used(&self, table: &str) -> Option<u32> {
        let which = match table {
            "nodes" => Count::Nodes,
            "resources" => Count::Resources,
            "keys" => Count::Keys,
            "strings" => Count::Strings,
            "taint_sets" => Count::TaintSets,
            "image_sets" => Count::ImageSets,
            "images" => Count::Images,
            "profiles" => Count::Profiles,
            "specs" => Count::Specs,
            "label_classes" => Count::LabelClasses,
            "namespaces" => Count::Namespaces,
            "selectors" => Count::Selectors,
            "terms" => Count::Terms,
            "pods" => Count::BoundPods,
            "use_keys" => Count::UseKeys,
            "uses" => Count::Uses,
            "drivers" => Count::Drivers,
            "node_sets" => Count::NodeSets,
            "use_lists" => Count::UseLists,
            "nominations" => Count::Nominations,
            "budgets" => Count::Budgets,
            "overlays" => Count::Overlays,
            "volumes" => Count::Volumes,
            "arena" => Count::Arena,
            _ => return None,
        };
        Some(self.tables.count(which))
    }
}

/// The limits that a block's header names.
///
/// # Errors
/// [`Error::Corrupt`] where there is no header.
pub fn limits_of(mem: &[u64]) -> Result<Limits, Error> {
    if mem.len() < HEADER || mem[0] != MAGIC {
        return Err(Error::Corrupt { table: "header" });
    }
    let mut words = [0u32; Limits::COUNT];
    for (to, from) in words.iter_mut().zip(&mem[2..HEADER]) {
        *to = u32::try_from(*from).map_err(|_| Error::Corrupt { table: "header" })?;
    }
    Ok(Limits::from_words(words))
}

fn check_size(mem: &[u64], limits: &Limits) -> Result<(), Error> {
    let needed = block_words(limits);
    if mem.len() < needed {
        return Err(Error::TooSmall { words: mem.len(), needed });
    }
    Ok(())
}

/// Seals the state of a block for storage: the words to write, the checksum among them.
///
/// # Errors
/// [`Error::Corrupt`] where `mem` is no block.
pub fn seal(mem: &mut [u64]) -> Result<&[u64], Error> {
    let words = state_words(&limits_of(mem)?);
    mem[1] = 0;
    let sum = checksum(mem.get(..words).ok_or(Error::Corrupt { table: "header" })?);
    mem[1] = sum;
    Ok(&mem[..words])
}

/// Whether sealed state is as it was sealed.
///
/// # Errors
/// [`Error::Corrupt`] where it is not.
pub fn verify(mem: &mut [u64]) -> Result<(), Error> {
    let words = state_words(&limits_of(mem)?);
    let sum = core::mem::replace(&mut mem[1], 0);
    let found = checksum(mem.get(..words).ok_or(Error::Corrupt { table: "header" })?);
    mem[1] = sum;
    if sum == found { Ok(()) } else { Err(Error::Corrupt { table: "checksum" }) }
}

/// FNV-1a over words.
fn checksum(words: &[u64]) -> u64 {
    words.iter().fold(0xcbf2_9ce4_8422_2325, |sum, word| (sum ^ word).wrapping_mul(0x100_0000_01b3).rotate_left(23))
}
