//! Sorting that costs each visitor little: std writes its whole sort anew for every element type (4 kB of wasm each), here
//! one sort of positions serves all types. Stable, as `sort_by` is. Knows nothing but order.

use std::cmp::Ordering;

/// What slices of any type can do.
pub trait Arrange<T> {
    /// As `sort_by`: stable, O(n log n).
    fn arrange_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// As `sort_by_key`: stable, the key made anew for each comparison.
    fn arrange_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.arrange_by(|a, b| key(a).cmp(&key(b)));
    }

    /// As `sort`.
    fn arrange(&mut self)
    where
        T: Ord,
    {
        self.arrange_by(T::cmp);
    }
}

impl<T> Arrange<T> for [T] {
    fn arrange_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let mut goes_to = places(self.len(), &mut |a, b| compare(&self[a], &self[b]));
        for at in 0..goes_to.len() {
            while goes_to[at] != at {
                let to = goes_to[at];
                self.swap(at, to);
                goes_to.swap(at, to);
            }
        }
    }
}

/// For each element, where it belongs.
fn places(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by(|a, b| compare(*a, *b));
    let mut goes_to = vec![0; len];
    for (to, from) in order.into_iter().enumerate() {
        goes_to[from] = to;
    }
    goes_to
}

#[cfg(test)]
mod tests {
    use super::Arrange;

    #[test]
    fn arranges_as_std_sorts_and_keeps_equals_in_their_order() {
        let mut number = 7u32;
        for len in 0..200 {
            let drawn: Vec<(u32, usize)> = (0..len)
                .map(|at| {
                    number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (number >> 28, at)
                })
                .collect();
            let (mut ours, mut theirs) = (drawn.clone(), drawn);
            ours.arrange_by_key(|pair| pair.0);
            theirs.sort_by_key(|pair| pair.0);
            assert_eq!(ours, theirs);
        }
    }
}
