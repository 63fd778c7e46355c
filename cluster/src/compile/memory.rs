//! The block of memory behind a cluster, which is laid out again, larger, when a table is full.

use std::sync::{Arc, Mutex, PoisonError};

use bayplan_core::{Limits, Scheduler, block_words};

use crate::error::{Error, ErrorKind};

/// The scheduler that an operation gets; with `record`, one that takes down what is written.
#[cfg(not(feature = "record"))]
pub(crate) type Block<'m> = Scheduler<'m>;
#[cfg(feature = "record")]
pub(crate) type Block<'m> = super::record::Recorder<'m>;

/// How many bytes of cached columns are worth keeping.
const CACHE_BYTES: usize = 64 << 20;
/// Bytes of a cached class for each node.
const CLASS_BYTES: usize = 18;
/// How many blocks of forks that are gone are kept for the next ones.
const SPARES: usize = 4;

/// An owned block.
pub(crate) struct Table {
    mem: Vec<u64>,
    limits: Limits,
    /// Shared with all forks.
    spares: Arc<Spares>,
    /// What was written to it.
    #[cfg(feature = "record")]
    rows: Vec<u32>,
}

/// The blocks of forks that are gone. The next fork writes to memory that the process has already: new memory costs a page fault
/// for every 4 KiB, more than what is copied there.
#[derive(Default)]
struct Spares(Mutex<Vec<Vec<u64>>>);

impl Spares {
    /// A block of at least so many words, whatever they hold.
    fn take(&self, words: usize) -> Vec<u64> {
        let mut spares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |spare: &Vec<u64>| (words..=words.saturating_mul(2)).contains(&spare.len());
        match spares.iter().rposition(fits) {
            Some(at) => spares.remove(at),
            None => vec![0; words],
        }
    }

    /// Keeps a block in the place of the one that was kept first.
    fn keep(&self, mem: Vec<u64>) {
        let mut spares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spares.len() >= SPARES {
            spares.remove(0);
        }
        spares.push(mem);
    }
}

impl Table {
    pub(crate) fn new(mut limits: Limits) -> Self {
        size_caches(&mut limits);
        let mut mem = vec![0; block_words(&limits)];
        Scheduler::init(&mut mem, &limits).expect("the block is as long as its limits say");
        Table {
            mem,
            limits,
            spares: Arc::default(),
            #[cfg(feature = "record")]
            rows: Vec::new(),
        }
    }

    /// Runs an operation of the core; where a table is full, in a larger block again.
    pub(crate) fn run<R>(
        &mut self,
        mut operation: impl FnMut(&mut Block<'_>) -> Result<R, bayplan_core::Error>,
    ) -> Result<R, Error> {
        loop {
            match operation(&mut self.block()) {
                Ok(result) => return Ok(result),
                Err(error) => self.grow(error)?,
            }
        }
    }

    #[cfg(not(feature = "record"))]
    fn block(&mut self) -> Block<'_> {
        self.open()
    }

    #[cfg(feature = "record")]
    fn block(&mut self) -> Block<'_> {
        let scheduler = Scheduler::open(&mut self.mem).expect("the block was made by this table");
        super::record::Recorder { scheduler, rows: &mut self.rows }
    }

    /// What was written to it, see [`super::record`].
    #[cfg(feature = "record")]
    pub(crate) fn rows(&mut self) -> &mut Vec<u32> {
        &mut self.rows
    }

    fn open(&mut self) -> Scheduler<'_> {
        Scheduler::open(&mut self.mem).expect("the block was made by this table")
    }

    /// Makes room for at least so many rows of some tables.
    pub(crate) fn reserve(&mut self, rows: &[(&str, u32)]) -> Result<(), Error> {
        let mut limits = self.limits;
        for (table, needed) in rows {
            if let Some(limit) = limits.named(table) {
                *limit = (*limit).max(*needed);
            }
        }
        if limits == self.limits { Ok(()) } else { self.lay_out(limits) }
    }

    /// Doubles a table, and those that would be full soon: laying out costs the same for one and for several.
    fn grow(&mut self, full: bayplan_core::Error) -> Result<(), Error> {
        let bayplan_core::Error::Full { table, needed, .. } = full else { return Err(internal(full)) };
        let mut limits = self.limits;
        let limit = limits.named(table).filter(|limit| **limit < u32::MAX).ok_or_else(|| internal(full))?;
        *limit = needed.max(limit.saturating_mul(2));
        let scheduler = self.open();
        for name in Limits::NAMES.iter().copied().filter(|name| *name != table) {
            if let (Some(used), Some(limit)) = (scheduler.used(name), limits.named(name))
                && used > *limit / 8 * 7
            {
                *limit = limit.saturating_add(*limit / 2);
            }
        }
        self.lay_out(limits)
    }

    fn lay_out(&mut self, mut limits: Limits) -> Result<(), Error> {
        limits.journal = limits.journal.max(limits.nodes / 2);
        size_caches(&mut limits);
        let words = block_words(&limits);
        // A table of terabytes is refused, instead of ending the process.
        Vec::<u64>::new().try_reserve_exact(words).map_err(|_| {
            let problem = format!("there is no memory for tables of {} MiB", words >> 17);
            Error::new(ErrorKind::NoMemory, problem)
        })?;
        let mut mem = self.spares.take(words);
        self.open().copy_into(&mut mem, &limits).map_err(internal)?;
        (self.mem, self.limits) = (mem, limits);
        Ok(())
    }

    /// The block, state and caches.
    pub(crate) fn words(&self) -> &[u64] {
        &self.mem[..block_words(&self.limits)]
    }

    /// The state, as it may be stored or sent.
    pub(crate) fn state(&mut self) -> &[u64] {
        bayplan_core::seal(&mut self.mem).expect("the block was made by this table")
    }
}

impl Clone for Table {
    /// A fork: the state without the caches.
    fn clone(&self) -> Self {
        let words = bayplan_core::state_words(&self.limits);
        let mut mem = self.spares.take(block_words(&self.limits));
        mem[..words].copy_from_slice(&self.mem[..words]);
        if cfg!(debug_assertions) {
            // What the caches held must not matter.
            mem[words..].fill(0xa5a5_a5a5_a5a5_a5a5);
        }
        Scheduler::fork(&mut mem).expect("a copy of a block is a block");
        Table {
            mem,
            limits: self.limits,
            spares: self.spares.clone(),
            #[cfg(feature = "record")]
            rows: self.rows.clone(),
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        // The last of its kind has nobody to keep it for.
        if Arc::strong_count(&self.spares) > 1 {
            self.spares.keep(std::mem::take(&mut self.mem));
        }
    }
}

fn size_caches(limits: &mut Limits) {
    let nodes = limits.nodes.max(1) as usize;
    limits.cached_specs = (CACHE_BYTES / (nodes * CLASS_BYTES)).clamp(8, 128) as u32;
    limits.cached_counters = (CACHE_BYTES / (nodes * 4)).clamp(32, 512) as u32;
}

/// An error of the core that no other input would have avoided, but for two: a table that cannot be larger, and a number that is
/// larger than the core takes.
fn internal(error: bayplan_core::Error) -> Error {
    let kind = match error {
        bayplan_core::Error::Full { .. } => ErrorKind::Full,
        bayplan_core::Error::OutOfRange { .. } => ErrorKind::Unsupported,
        _ => {
            return Error::new(ErrorKind::Internal, format!("a fault of bayplan, please report it: {error}"))
                .caused_by(error);
        }
    };
    Error::new(kind, format!("the tables cannot hold this: {error}")).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_limit_is_called_full() {
        use bayplan_core::Error;
        let mut table = Table::new(Limits::default());
        let mut fail = |error: Error| table.run(|_| Err::<(), _>(error)).expect_err("an error").kind();
        assert_eq!(fail(Error::NoSuch { table: "pods", id: 7 }), ErrorKind::Internal);
        assert_eq!(fail(Error::Corrupt { table: "pods" }), ErrorKind::Internal);
        assert_eq!(fail(Error::OutOfRange { field: "weight", most: 1 }), ErrorKind::Unsupported);
        assert_eq!(fail(Error::Full { table: "no such table", holds: 1, needed: 2 }), ErrorKind::Full);
    }
}
