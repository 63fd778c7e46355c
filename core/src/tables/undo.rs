//! The record of what a trial changes, so that it can be put back word by word. Each change is some words and, last, what it is: the
//! record is read from its end.

use super::PodRow;
use crate::{Error, Limits};

/// A row of uses that came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) row: u32,
    pub(crate) key: u32,
    pub(crate) node: u32,
    /// It was the first or last use of a volume on the node, so that the driver's volumes there changed.
    pub(crate) counts: bool,
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A pod was bound to a node, in a row that held this before.
    PodOn { pod: u32, node: u32, was_free: bool, row: PodRow },
    /// A pod was taken off; its row held this, and this was the last pod that had come to its node.
    PodOff { pod: u32, last: u32, row: PodRow },
    /// A row of uses came, where this tag stood before.
    UseOn { use_: Use, was_free: bool, tag: u32 },
    /// A row of uses went, which stood behind this one.
    UseOff { use_: Use, before: u32 },
    /// One more pod uses a row.
    UseMore { row: u32 },
    /// One pod less uses a row.
    UseLess { row: u32 },
}

const POD_ON: u32 = 0;
const POD_OFF: u32 = 1;
const USE_ON: u32 = 2;
const USE_OFF: u32 = 3;
const USE_MORE: u32 = 4;
const USE_LESS: u32 = 5;
/// A flag beside these: the row was a freed one.
const WAS_FREE: u32 = 8;
/// And one more: the driver's volumes changed.
const COUNTS: u32 = 16;

/// The words of a pod's change, and the most of a use's.
const POD_WORDS: u32 = 17;
const USE_WORDS: u32 = 5;

/// The places in `trial_state`.
pub(crate) const DEPTH: usize = 0;
pub(crate) const WORDS: usize = 1;
pub(crate) const NODES: usize = 2;
/// How many victims preemption weighs on the node that it is at.
pub(crate) const VICTIMS: usize = 3;
/// How many of the preemptor's `ReadWriteOncePod` claims were in use before any pod was taken off.
pub(crate) const CLAIMS: usize = 4;

/// Where changes are written; nowhere outside of a trial.
pub(crate) struct Record<'r>(Option<(&'r mut [u32], &'r mut u32)>);

impl<'r> Record<'r> {
    /// Writes nothing.
    pub(crate) const fn none() -> Self {
        Record(None)
    }

    /// Appends to the words in use.
    pub(crate) fn new(words: &'r mut [u32], used: &'r mut u32) -> Self {
        Record(Some((words, used)))
    }

    /// Whether a pod with so many uses can be recorded.
    pub(crate) fn room(&self, uses: u32) -> Result<(), Error> {
        let Some((words, used)) = &self.0 else { return Ok(()) };
        let (holds, needed) = (words.len() as u32, (**used).saturating_add(POD_WORDS + uses.saturating_mul(USE_WORDS)));
        if needed > holds { Err(Error::Full { table: "trial", holds, needed }) } else { Ok(()) }
    }

    /// Writes a change. There must be room.
    pub(crate) fn push(&mut self, change: Change) {
        let Some((words, used)) = &mut self.0 else { return };
        let mut push = |more: &[u32]| {
            let at = **used as usize;
            words[at..at + more.len()].copy_from_slice(more);
            **used += more.len() as u32;
        };
        let flag = |on: bool, flag: u32| if on { flag } else { 0 };
        match change {
            Change::PodOn { pod, node, was_free, row } => {
                push(&row);
                push(&[node, pod, POD_ON | flag(was_free, WAS_FREE)]);
            }
            Change::PodOff { pod, last, row } => {
                push(&row);
                push(&[last, pod, POD_OFF]);
            }
            Change::UseOn { use_: Use { row, key, node, counts }, was_free, tag } => {
                push(&[row, key, node, tag, USE_ON | flag(was_free, WAS_FREE) | flag(counts, COUNTS)]);
            }
            Change::UseOff { use_: Use { row, key, node, counts }, before } => {
                push(&[row, key, node, before, USE_OFF | flag(counts, COUNTS)]);
            }
            Change::UseMore { row } => push(&[row, USE_MORE]),
            Change::UseLess { row } => push(&[row, USE_LESS]),
        }
    }
}

/// The last change of the first `end` words and where it begins; none at the beginning.
pub(crate) fn last(words: &[u32], end: usize) -> Option<(Change, usize)> {
    let (what, words) = words.get(..end)?.split_last()?;
    let (was_free, counts) = (what & WAS_FREE != 0, what & COUNTS != 0);
    Some(match (what & 7, words) {
        (POD_ON, [.., node, pod]) => {
            let begin = words.len().checked_sub(POD_WORDS as usize - 1)?;
            (Change::PodOn { pod: *pod, node: *node, was_free, row: *words[begin..].first_chunk()? }, begin)
        }
        (POD_OFF, [.., last, pod]) => {
            let begin = words.len().checked_sub(POD_WORDS as usize - 1)?;
            (Change::PodOff { pod: *pod, last: *last, row: *words[begin..].first_chunk()? }, begin)
        }
        (USE_ON, [rest @ .., row, key, node, tag]) => {
            let use_ = Use { row: *row, key: *key, node: *node, counts };
            (Change::UseOn { use_, was_free, tag: *tag }, rest.len())
        }
        (USE_OFF, [rest @ .., row, key, node, before]) => {
            let use_ = Use { row: *row, key: *key, node: *node, counts };
            (Change::UseOff { use_, before: *before }, rest.len())
        }
        (USE_MORE, [rest @ .., row]) => (Change::UseMore { row: *row }, rest.len()),
        (USE_LESS, [rest @ .., row]) => (Change::UseLess { row: *row }, rest.len()),
        _ => return None,
    })
}

impl Limits {
    /// How many words a [`crate::Trial`] needs for so many pods taken off or put on, with `uses` ports, disks, volumes and claims each.
    #[must_use]
    pub const fn trial_words(pods: u32, uses: u32) -> u32 {
        pods.saturating_mul(POD_WORDS.saturating_add(uses.saturating_mul(USE_WORDS)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read_back_from_the_end() {
        let use_ = Use { row: 3, key: 4, node: 5, counts: true };
        let row = core::array::from_fn(|at| at as u32 * 7);
        let changes = [
            Change::PodOn { pod: 9, node: 7, was_free: true, row },
            Change::UseOn { use_, was_free: true, tag: 2 },
            Change::UseMore { row: 8 },
            Change::PodOff { pod: 1, last: 2, row },
            Change::UseOff { use_: Use { counts: false, ..use_ }, before: crate::NONE },
            Change::UseLess { row: 6 },
        ];
        let (mut words, mut used) = ([0; 64], 0);
        let mut record = Record::new(&mut words, &mut used);
        changes.iter().for_each(|change| record.push(*change));
        let mut end = used as usize;
        for expected in changes.iter().rev() {
            let (change, begin) = last(&words, end).expect("a change");
            assert_eq!(change, *expected);
            end = begin;
        }
        assert_eq!((end, last(&words, 0)), (0, None));
    }

    #[test]
    fn a_full_record_says_so() {
        let (mut words, mut used) = ([0; 21], 0);
        let record = Record::new(&mut words, &mut used);
        assert_eq!(record.room(1), Err(Error::Full { table: "trial", holds: 21, needed: 22 }));
        assert_eq!(record.room(0), Ok(()));
    }
}
