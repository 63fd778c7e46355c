//! Interned strings: the core sees ids, and of a value the integer that it spells.

use super::{Count, Tables};
use crate::{Error, StrId};

impl Tables<'_> {
    pub(crate) fn add_string(&mut self, int: Option<i64>) -> Result<StrId, Error> {
        let row = self.take(Count::Strings)?;
        self.string_int[row as usize] = int.unwrap_or(0);
        self.string_is_int[row as usize] = u8::from(int.is_some());
        Ok(StrId(row))
    }

    pub(crate) fn int_of(&self, string: u32) -> Option<i64> {
        let at = string as usize;
        (self.string_is_int.get(at) == Some(&1)).then(|| self.string_int[at])
    }

    /// Writes all of something that has several lists, or nothing: words of a list are given back where what follows fails.
    pub(crate) fn all_or_nothing<R>(&mut self, write: impl FnOnce(&mut Self) -> Result<R, Error>) -> Result<R, Error> {
        let arena = self.count(Count::Arena);
        let result = write(self);
        if result.is_err() {
            self.counts[Count::Arena as usize] = arena;
        }
        result
    }

    /// Appends a list made word by word; on an error the arena is as before.
    pub(crate) fn push_words(&mut self, words: impl Iterator<Item = u32>) -> Result<super::Range, Error> {
        let start = self.count(Count::Arena);
        let mut len = 0;
        for word in words {
            if start + len >= self.limits.arena {
                return Err(Error::Full {
                    table: Count::Arena.name(),
                    holds: self.limits.arena,
                    needed: start + len + 1,
                });
            }
            self.arena[(start + len) as usize] = word;
            len += 1;
        }
        if len == 0 {
            return Ok(super::Range::default());
        }
        self.counts[Count::Arena as usize] = start + len;
        Ok(super::Range { start, len })
    }
}
