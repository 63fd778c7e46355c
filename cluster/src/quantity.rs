//! Resource quantities (`500m`, `1.5Gi`, `2e3`), exact.

use serde::{Deserialize, Serialize};

/// A resource quantity, exact to the nano unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Quantity {
    nano: i128,
}

impl Quantity {
    /// The value in whole units, rounded up (away from zero), as a capacity in bytes or a count.
    pub fn value(self) -> i64 {
        todo!()
    }
    /// The value in thousandths, rounded up, as CPU is counted.
    pub fn milli_value(self) -> i64 {
        todo!()
    }
}
