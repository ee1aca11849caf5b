//! Choices that depend on nothing but what they are made from.
//!
//! A choice is a hash of the seed and of what it is about, not the next number of a stream: whether one choice is made changes
//! no other.

/// Spreads the bits of a number ([SplitMix64](https://prng.di.unimi.it/splitmix64.c)'s finalizer).
pub(crate) const fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A text as a number ([FNV-1a](https://datatracker.ietf.org/doc/draft-eastlake-fnv/)), the same on every machine.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Two numbers as one; their order matters.
pub(crate) const fn join(one: u64, other: u64) -> u64 {
    mix(one.rotate_left(17) ^ mix(other))
}

/// A number from 0 up to 1.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit a float")]
pub(crate) fn unit(number: u64) -> f64 {
    (number >> 11) as f64 / (1_u64 << 53) as f64
}

/// The choices of one simulated workflow: what it is about, when it begins. Two workflows' choices have nothing to do with each
/// other, so leaving one out changes no other.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    pub(crate) const fn new(from: u64) -> Self {
        Self(from)
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mix(self.0)
    }

    /// A number from 0 up to, but not including, `end`; 0 when that is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next_u64().checked_rem(end).unwrap_or_default()
    }

    /// True with this probability, from 0 to 1.
    pub fn chance(&mut self, probability: f64) -> bool {
        unit(self.next_u64()) < probability
    }

    /// One of them; `None` when there are none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let index = self.below(of.len() as u64);
        of.get(usize::try_from(index).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_makes_the_same_choices_on_every_machine() {
        let mut rng = Rng::new(7);
        assert_eq!([rng.below(100), rng.below(100), rng.below(100)], [22, 28, 66]);
        assert_eq!(hash("crash-after"), 0x0ea2_7fdc_0202_b447);
        assert_eq!(Rng::new(1).below(0), 0);
        assert_eq!(Rng::new(1).pick::<u8>(&[]), None);
    }

    #[test]
    fn a_chance_is_taken_about_as_often_as_it_says() {
        let mut rng = Rng::new(3);
        let hits = (0..10_000).filter(|_| rng.chance(0.25)).count();
        assert!((2_300..2_700).contains(&hits), "{hits}");
    }
}
