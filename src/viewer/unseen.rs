//! Letting go of what has not been seen for the longest time, where what is held has become too much.

use std::collections::BTreeMap;

/// Lets what was used before `now` go, the longest unused first, until what is left is little enough.
pub(super) fn forget<K: Ord + Copy, T>(
    held: &mut BTreeMap<K, T>,
    most: usize,
    now: u64,
    size: impl Fn(&T) -> usize,
    used: impl Fn(&T) -> u64,
) {
    let mut sum: usize = held.values().map(&size).sum();
    if sum <= most {
        return;
    }
    let mut unseen: Vec<(u64, K)> =
        held.iter().map(|(key, thing)| (used(thing), *key)).filter(|(used, _)| *used < now).collect();
    unseen.sort_unstable();
    for (_, key) in unseen {
        if sum <= most {
            break;
        }
        sum -= held.remove(&key).map_or(0, |thing| size(&thing));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_longest_unseen_goes_and_what_is_in_view_stays() {
        let mut held: BTreeMap<u32, (usize, u64)> = (0..4).map(|x| (x, (10, u64::from(x)))).collect();
        forget(&mut held, 20, 3, |thing| thing.0, |thing| thing.1);
        assert_eq!(held.keys().copied().collect::<Vec<_>>(), [2, 3]);
        forget(&mut held, 0, 3, |thing| thing.0, |thing| thing.1);
        assert_eq!(held.keys().copied().collect::<Vec<_>>(), [3]);
    }
}
