//! What pods use on nodes: host ports, disks, volumes. For each key a list of (node, tag, how many pods), since few
//! pods use such things and a decision must find their nodes without walking pods.

use super::undo::{Change, Record, Use};
use super::{Count, Tables};
use crate::{Error, NONE, UseKeyId};

impl Tables<'_> {
    pub(crate) fn add_use_key(&mut self) -> Result<UseKeyId, Error> {
        self.take(Count::UseKeys).map(UseKeyId)
    }

    /// How many more rows of uses there is room for.
    pub(crate) fn free_uses(&self) -> u32 {
        self.limits.uses - self.count(Count::Uses) + self.count(Count::FreeUses)
    }

    /// One more pod uses `key` on the node in the way that the tag says. There must be room.
    pub(crate) fn use_on(&mut self, key: u32, node: usize, tag: u32, record: &mut Record<'_>) {
        let found = self.uses_of(key).find(|row| self.use_node[*row] == node as u32 && self.use_tag[*row] == tag);
        if let Some(row) = found {
            self.use_count[row] += 1;
            record.push(Change::UseMore { row: row as u32 });
            return;
        }
        let driver = self.use_driver[key as usize];
        let counts = driver != NONE && !self.uses_of(key).any(|row| self.use_node[row] == node as u32);
        if counts {
            self.driver_used[driver as usize * self.limits.nodes as usize + node] += 1;
        }
        let was_free = self.counts[Count::FirstFreeUse as usize] != 0;
        let row = self.fresh_use();
        let use_ = Use { row: row as u32, key, node: node as u32, counts };
        record.push(Change::UseOn { use_, was_free, tag: self.use_tag[row] });
        self.use_node[row] = node as u32;
        self.use_tag[row] = tag;
        self.use_count[row] = 1;
        self.use_next[row] = self.use_first[key as usize];
        self.use_first[key as usize] = row as u32;
    }

    pub(crate) fn undo_use_on(&mut self, use_: Use, was_free: bool, tag: u32) {
        let row = use_.row as usize;
        self.use_first[use_.key as usize] = self.use_next[row];
        (self.use_node[row], self.use_tag[row], self.use_count[row]) = (NONE, tag, 0);
        if was_free {
            self.push_free_use(use_.row);
        } else {
            self.use_next[row] = NONE;
            self.counts[Count::Uses as usize] -= 1;
        }
        if use_.counts {
            self.driver_used[self.driver_cell(use_)] -= 1;
        }
    }

    pub(crate) fn undo_use_off(&mut self, use_: Use, before: u32) {
        let row = self.fresh_use();
        let next = match before {
            NONE => core::mem::replace(&mut self.use_first[use_.key as usize], row as u32),
            before => core::mem::replace(&mut self.use_next[before as usize], row as u32),
        };
        (self.use_next[row], self.use_node[row], self.use_count[row]) = (next, use_.node, 1);
        if use_.counts {
            self.driver_used[self.driver_cell(use_)] += 1;
        }
    }

    fn driver_cell(&self, use_: Use) -> usize {
        self.use_driver[use_.key as usize] as usize * self.limits.nodes as usize + use_.node as usize
    }

    fn push_free_use(&mut self, row: u32) {
        let free = self.counts[Count::FirstFreeUse as usize];
        self.use_next[row as usize] = if free == 0 { NONE } else { free - 1 };
        self.counts[Count::FirstFreeUse as usize] = row + 1;
        self.counts[Count::FreeUses as usize] += 1;
    }

    /// A freed row, or the next one.
    fn fresh_use(&mut self) -> usize {
        let free = self.counts[Count::FirstFreeUse as usize];
        if free != 0 {
            let row = free as usize - 1;
            self.counts[Count::FirstFreeUse as usize] =
                if self.use_next[row] == NONE { 0 } else { self.use_next[row] + 1 };
            self.counts[Count::FreeUses as usize] -= 1;
            return row;
        }
        let row = self.counts[Count::Uses as usize];
        self.counts[Count::Uses as usize] = row + 1;
        row as usize
    }

    /// One pod less uses it.
    pub(crate) fn unuse_on(&mut self, key: u32, node: usize, tag: u32, record: &mut Record<'_>) {
        let mut before = NONE;
        let mut at = self.use_first[key as usize];
        while at != NONE {
            let row = at as usize;
            if self.use_node[row] == node as u32 && self.use_tag[row] == tag {
                if self.use_count[row] > 1 {
                    self.use_count[row] -= 1;
                    record.push(Change::UseLess { row: at });
                    return;
                }
                self.use_count[row] = 0;
                let next = self.use_next[row];
                if before == NONE {
                    self.use_first[key as usize] = next;
                } else {
                    self.use_next[before as usize] = next;
                }
                self.use_node[row] = NONE;
                self.push_free_use(at);
                let driver = self.use_driver[key as usize];
                let counts = driver != NONE && !self.uses_of(key).any(|row| self.use_node[row] == node as u32);
                if counts {
                    self.driver_used[driver as usize * self.limits.nodes as usize + node] -= 1;
                }
                record.push(Change::UseOff { use_: Use { row: at, key, node: node as u32, counts }, before });
                return;
            }
            before = at;
            at = self.use_next[row];
        }
    }

    /// The rows of the uses of a key.
    pub(crate) fn uses_of(&self, key: u32) -> impl Iterator<Item = usize> + '_ {
        let mut at = self.use_first.get(key as usize).copied().unwrap_or(NONE);
        core::iter::from_fn(move || {
            if at == NONE {
                return None;
            }
            let row = at as usize;
            at = self.use_next[row];
            Some(row)
        })
    }
}
