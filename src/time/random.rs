//! Named random streams from one seed: what one part of the model draws never shifts what another draws.

use super::Nanos;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;

/// The letters of generated names (no vowels, no digits that look like letters), as Kubernetes has them.
const NAME_LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// A stream of random numbers. The same seed and name give the same numbers, natively and in wasm.
#[derive(Clone, Debug)]
pub struct Stream {
    generator: Pcg32,
}

impl Stream {
    /// The stream of that name in a run with that seed.
    pub fn new(seed: u64, name: &str) -> Stream {
        // FNV-1a mixes the name into the seed.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        Stream { generator: Pcg32::seed_from_u64(seed ^ hash) }
    }

    /// The `number`-th of many streams of that name: for things that come one after another, each with chances of its own.
    pub fn numbered(seed: u64, name: &str, number: u64) -> Stream {
        Stream::new(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15), name)
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// A number below `n`, all equally likely (0 when `n` is 0).
    pub fn below(&mut self, n: u64) -> u64 {
        let bits = self.bits();
        if n > u64::from(u32::MAX) {
            return ((u128::from(bits) * u128::from(n)) >> 64) as u64;
        }
        // The same in two halves: wasm has no product of 128 bits.
        let (high, low) = (bits >> 32, bits & u64::from(u32::MAX));
        (high * n + ((low * n) >> 32)) >> 32
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// Whether something with a chance of `numerator` in `denominator` happens.
    pub fn chance(&mut self, numerator: u64, denominator: u64) -> bool {
        self.below(denominator) < numerator
    }

    /// A span around `median`: most draws lie within half and twice of it, the tail reaches four times.
    /// The sum of four uniform draws gives the bell; no floats, so every machine draws the same.
    pub fn around(&mut self, median: Nanos) -> Nanos {
        const UNIT: u64 = 1 << 20;
        let bell: u64 = (0..4).map(|_| self.below(UNIT)).sum::<u64>() / 2; // 0..2 UNIT, mean UNIT
        if bell < UNIT {
            // 0.5 .. 1 of the median
            median / 2 + mul_div(median / 2, bell, UNIT)
        } else {
            let up = bell - UNIT; // 0..UNIT
            median + mul_div(median, up, UNIT) + mul_div(mul_div(median, up, UNIT), 2 * up, UNIT)
        }
    }

    /// A span between arrivals of a Poisson process with that mean (exponential, by libm-free integer method).
    pub fn exponential(&mut self, mean: Nanos) -> Nanos {
        // -ln(u) = k*ln2 - ln(m), u = m * 2^-k with m in [0.5, 1): a geometric k and a table-free series for ln(m).
        let bits = self.bits() | 1;
        let k = u64::from(bits.leading_zeros());
        let mantissa = (bits << k) >> 32; // [2^31, 2^32)
        let minus_ln_m = minus_ln(mantissa); // in 2^-32
        const LN2: u64 = 2_977_044_472; // ln 2 in 2^-32
        let total = u128::from(k) * u128::from(LN2) + u128::from(minus_ln_m);
        ((u128::from(mean) * total) >> 32) as u64
    }

    /// Five letters as the API server appends them to `generateName`.
    pub fn name_suffix(&mut self) -> String {
        (0..5).map(|_| NAME_LETTERS[self.below(27) as usize] as char).collect()
    }

    /// A random uid (version 4).
    pub fn uid(&mut self) -> String {
        let (a, b) = (self.bits(), self.bits());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            0x8000 | ((b >> 48) & 0x3fff),
            b & 0xffff_ffff_ffff
        )
    }

    /// Lower-case hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[self.below(16) as usize])).collect()
    }
}

fn mul_div(a: u64, b: u64, c: u64) -> u64 {
    (u128::from(a) * u128::from(b) / u128::from(c)) as u64
}

/// -ln(m) for m = `mantissa` / 2^32 in [0.5, 1), in units of 2^-32, by the series of -ln(1 - y), y = 1 - m ≤ 0.5.
fn minus_ln(mantissa: u64) -> u64 {
    let y = (1u64 << 32) - mantissa;
    let (mut power, mut sum) = (y, 0u64);
    for n in 1..=32 {
        sum += power / n;
        power = ((u128::from(power) * u128::from(y)) >> 32) as u64;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_name_and_repeat_by_seed() {
        let draw = |seed, name| Stream::new(seed, name).bits();
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
    }

    #[test]
    fn numbers_below_a_small_bound_are_those_of_the_long_product() {
        let (mut short, mut long) = (Stream::new(3, "below"), Stream::new(3, "below"));
        for n in (0..2000).chain([1 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + 1, u64::MAX]) {
            assert_eq!(short.below(n), ((u128::from(long.bits()) * u128::from(n)) >> 64) as u64, "below {n}");
        }
    }

    #[test]
    fn spans_have_their_mean_and_bounds() {
        let mut s = Stream::new(7, "spans");
        let n = 100_000u64;
        let mean = (0..n).map(|_| s.exponential(1_000_000)).sum::<u64>() / n;
        assert!((980_000..1_020_000).contains(&mean), "mean of exponential: {mean}");
        let mut draws: Vec<u64> = (0..n).map(|_| s.around(1_000_000)).collect();
        draws.sort_unstable();
        let median = draws[draws.len() / 2];
        assert!((980_000..1_020_000).contains(&median), "median: {median}");
        assert!(draws[0] >= 500_000 && draws[draws.len() - 1] <= 4_000_000);
    }
}
