//! Delta debugging.

/// The smallest part of `items` that still fails, as far as leaving out parts of them finds it
/// ([Zeller and Hildebrandt, Simplifying and isolating failure-inducing input](https://doi.org/10.1109/32.988498)). `items`
/// themselves fail.
pub(super) fn minimize<T: Clone>(items: Vec<T>, mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    if items.is_empty() || fails(&[]) {
        return Vec::new();
    }
    let mut smallest = items;
    let mut parts = 2;
    while smallest.len() >= 2 {
        let size = smallest.len().div_ceil(parts);
        let chunks = smallest.chunks(size).count();
        let without = |left_out: usize| -> Vec<T> {
            let kept = smallest.chunks(size).enumerate().filter(|(index, _)| *index != left_out);
            kept.flat_map(|(_, chunk)| chunk.to_vec()).collect()
        };
        let alone = smallest.chunks(size).map(<[T]>::to_vec).find(|chunk| chunks > 1 && fails(chunk));
        if let Some(chunk) = alone {
            (smallest, parts) = (chunk, 2);
            continue;
        }
        // With two parts, leaving one out is taking the other alone.
        let rest = (0..chunks).filter(|_| chunks > 2).map(without).find(|rest| fails(rest));
        match rest {
            Some(rest) => (smallest, parts) = (rest, (parts - 1).max(2)),
            None if size == 1 => break,
            None => parts = (parts * 2).min(smallest.len()),
        }
    }
    smallest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_takes_to_fail_is_found() {
        let mut runs = 0;
        let needs = |wanted: &'static [u32]| move |items: &[u32]| wanted.iter().all(|one| items.contains(one));
        let fails = needs(&[3, 57, 90]);
        let smallest = minimize((0..100).collect(), |items| {
            runs += 1;
            fails(items)
        });
        assert_eq!(smallest, [3, 57, 90]);
        assert!(runs < 150, "{runs}");
        assert_eq!(minimize(vec![1, 2, 3], needs(&[2])), [2]);
        assert_eq!(minimize(vec![1], needs(&[1])), [1]);
    }

    #[test]
    fn what_fails_without_anything_needs_nothing() {
        assert_eq!(minimize(vec![1, 2], |_: &[u32]| true), Vec::<u32>::new());
        assert_eq!(minimize(Vec::<u32>::new(), |_| false), Vec::<u32>::new());
    }
}
