//! Named slots for filters and scores of the caller's own. A slot stands in a profile's list like a plugin; what it says of the
//! pods of a spec class is a column by node that the caller gives, or a [`crate::External`] that is asked in the cycle.

use super::{Count, ExternalRow, Tables};
use crate::{Error, ExternalId, NONE, SpecId, StrId};

/// What becomes of a slot's scores before its weight multiplies them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u32)]
pub enum Normalize {
    /// Nothing: they count as they are.
    #[default]
    None = 0,
    /// The highest of the feasible nodes becomes 100, 0 stays 0; all 0 where the highest is 0.
    Highest = 1,
    /// The highest becomes 0 and 0 becomes 100; all 100 where the highest is 0.
    Reverse = 2,
}

/// The greatest score, up or down, that a caller can give a node.
pub(crate) const MOST_SCORE: u64 = 1 << 53;

impl Tables<'_> {
    pub(crate) fn add_external(&mut self, name: StrId, normalize: Normalize) -> Result<ExternalId, Error> {
        self.known(Count::Strings, name.0)?;
        let row = self.take(Count::Externals)?;
        self.externals[row as usize] = ExternalRow { name: name.0, normalize: normalize as u32 };
        Ok(ExternalId(row))
    }

    /// The name of a slot.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn external_name(&self, slot: ExternalId) -> Result<StrId, Error> {
        self.known(Count::Externals, slot.0)?;
        Ok(StrId(self.externals[slot.at()].name))
    }

    pub(crate) fn set_external(
        &mut self,
        slot: ExternalId,
        spec: SpecId,
        codes: &[u32],
        scores: &[i64],
    ) -> Result<(), Error> {
        self.known(Count::Externals, slot.0)?;
        self.known(Count::Specs, spec.0)?;
        if scores.iter().any(|score| score.unsigned_abs() > MOST_SCORE) {
            return Err(Error::OutOfRange { field: "external score", most: MOST_SCORE });
        }
        let row = match self.external_column(slot.0, spec.0) {
            Some(row) => row,
            None => self.take(Count::ExternalColumns)? as usize,
        };
        (self.external_slot[row], self.external_spec[row]) = (slot.0, spec.0);
        let rows = row * self.limits.nodes as usize..(row + 1) * self.limits.nodes as usize;
        let (given, rest) = self.external_code[rows.clone()].split_at_mut(codes.len().min(self.limits.nodes as usize));
        given.copy_from_slice(&codes[..given.len()]);
        rest.fill(0);
        let (given, rest) = self.external_score[rows].split_at_mut(scores.len().min(self.limits.nodes as usize));
        given.copy_from_slice(&scores[..given.len()]);
        rest.fill(0);
        Ok(())
    }

    /// The row of a slot's columns for a spec class.
    pub(crate) fn external_column(&self, slot: u32, spec: u32) -> Option<usize> {
        debug_assert!(slot != NONE);
        let rows = self.count(Count::ExternalColumns) as usize;
        (0..rows).find(|row| self.external_slot[*row] == slot && self.external_spec[*row] == spec)
    }

    /// The codes of a slot for a spec class; empty where it has none.
    pub(crate) fn external_codes(&self, slot: u32, spec: u32) -> &[u32] {
        let nodes = self.limits.nodes as usize;
        let row = self.external_column(slot, spec);
        row.map_or(&[], |row| &self.external_code[row * nodes..row * nodes + self.node_rows()])
    }

    /// The scores of a slot for a spec class; empty where it has none.
    pub(crate) fn external_scores(&self, slot: u32, spec: u32) -> &[i64] {
        let nodes = self.limits.nodes as usize;
        let row = self.external_column(slot, spec);
        row.map_or(&[], |row| &self.external_score[row * nodes..row * nodes + self.node_rows()])
    }
}
