//! Who is in a cluster: many that look, or one that changes it. What the header forbids is told apart from a fault, instead of tearing the cluster.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::Failure;
use crate::status::BAYPLAN_MISUSE;

/// One is in it that changes it.
const CHANGING: u32 = u32::MAX;

/// How many look, or that one changes.
#[derive(Default)]
pub(crate) struct InUse(AtomicU32);

/// Somebody is in the cluster until this is dropped.
pub(crate) struct Inside<'c> {
    place: &'c AtomicU32,
    changes: bool,
}

impl InUse {
    /// Comes in to look.
    pub(crate) fn look(&self) -> Result<Inside<'_>, Failure> {
        let more = |now: u32| (now < CHANGING - 1).then(|| now + 1);
        let come = self.0.fetch_update(Ordering::Acquire, Ordering::Relaxed, more);
        come.map(|_| Inside { place: &self.0, changes: false }).map_err(|_| misuse())
    }

    /// Comes in to change it.
    pub(crate) fn change(&self) -> Result<Inside<'_>, Failure> {
        let come = self.0.compare_exchange(0, CHANGING, Ordering::Acquire, Ordering::Relaxed);
        come.map(|_| Inside { place: &self.0, changes: true }).map_err(|_| misuse())
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if self.changes {
            self.place.store(0, Ordering::Release);
        } else {
            self.place.fetch_sub(1, Ordering::Release);
        }
    }
}

fn misuse() -> Failure {
    let message =
        "another thread is in a function with this cluster: one at a time, but for functions that take it const";
    Failure::new(BAYPLAN_MISUSE, message.to_owned())
}
