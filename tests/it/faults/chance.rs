//! Pseudorandom numbers that can be reproduced from their seed.

/// Marsaglia's xorshift.
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A different seed for each run; it is printed with the result.
    pub fn seed() -> u64 {
        getrandom::u64().unwrap() >> 32
    }

    /// A separate generator for the `n`th user of this one.
    pub fn branch(&self, n: usize) -> Self {
        let mut branch = Self::new(self.0.wrapping_add((n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        for _ in 0..8 {
            branch.below(2);
        }
        branch
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
