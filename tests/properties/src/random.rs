//! Chance that is the same for the same seed.

/// SplitMix64, or bytes while there are some.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
    bytes: std::vec::IntoIter<u8>,
}

impl Random {
    /// Chance by a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Random { state: seed, bytes: Vec::new().into_iter() }
    }

    /// Chance that a fuzzer chooses: two of its bytes for each number, and after the last a seed of all of them.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let state = bytes.iter().fold(0, |hash: u64, byte| hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(*byte));
        Random { state, bytes: Vec::from(bytes).into_iter() }
    }

    fn next(&mut self) -> u64 {
        if let (Some(low), high) = (self.bytes.next(), self.bytes.next()) {
            return u64::from(high.unwrap_or(0)) << 8 | u64::from(low);
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of several.
    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Some of several, at least one.
    pub fn some<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        let some: Vec<T> = of.iter().filter(|_| self.percent(50)).cloned().collect();
        if some.is_empty() { vec![self.one(of)] } else { some }
    }
}
