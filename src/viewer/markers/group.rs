//! Grouping of markers that overlap on screen.

use std::collections::HashMap;

use bevy::math::{IVec2, Vec2};

/// A marker to be grouped: where it is on screen and how much it matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    /// Its index in the caller's list.
    pub(super) index: u32,
    /// Pixels from the top left.
    pub(super) pixel: Vec2,
    /// More matters more; the first of a group leads it.
    pub(super) weight: u32,
}

/// Markers that stand together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    /// Where the leader stands.
    pub(super) pixel: Vec2,
    /// Indices, the leader first.
    pub(super) members: Vec<u32>,
}

/// Joins candidates nearer than `radius_px` to a leader, the weightiest leading. Linear in their number.
pub(super) fn group(mut candidates: Vec<Candidate>, radius_px: f32) -> Vec<Group> {
    candidates.sort_unstable_by(|a, b| b.weight.cmp(&a.weight).then(a.index.cmp(&b.index)));
    let cell = |pixel: Vec2| (pixel / radius_px.max(1.0)).floor().as_ivec2();
    let mut by_cell: HashMap<IVec2, Vec<usize>> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for candidate in candidates {
        let home = cell(candidate.pixel);
        let near = (-1..=1)
            .flat_map(|x| (-1..=1).map(move |y| home + IVec2::new(x, y)))
            .filter_map(|cell| by_cell.get(&cell))
            .flatten()
            .copied()
            .filter_map(|index| {
                let distance = groups.get(index)?.pixel.distance(candidate.pixel);
                (distance < radius_px).then_some((index, distance))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some(joined) = near.and_then(|(index, _)| groups.get_mut(index)) {
            joined.members.push(candidate.index);
        } else {
            by_cell.entry(home).or_default().push(groups.len());
            groups.push(Group { pixel: candidate.pixel, members: vec![candidate.index] });
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(index: u32, x: f32, y: f32, weight: u32) -> Candidate {
        Candidate { index, pixel: Vec2::new(x, y), weight }
    }

    #[test]
    fn the_weightiest_leads() {
        let groups = group(vec![at(0, 10.0, 10.0, 1), at(1, 20.0, 10.0, 9), at(2, 400.0, 10.0, 1)], 30.0);
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0], Group { pixel: Vec2::new(20.0, 10.0), members: vec![1, 0] });
        assert_eq!(groups[1].members, [2]);
    }

    proptest! {
        #[test]
        fn nobody_is_lost_and_leaders_stand_apart(points in proptest::collection::vec((0f32..800.0, 0f32..600.0), 0..200)) {
            let candidates = points.iter().enumerate().map(|(i, (x, y))| at(i as u32, *x, *y, i as u32 % 5)).collect();
            let groups = group(candidates, 40.0);
            let mut members: Vec<u32> = groups.iter().flat_map(|group| group.members.clone()).collect();
            members.sort_unstable();
            prop_assert_eq!(members, (0..points.len() as u32).collect::<Vec<_>>());
            for (i, a) in groups.iter().enumerate() {
                for b in &groups[i + 1..] {
                    prop_assert!(a.pixel.distance(b.pixel) >= 40.0);
                }
            }
        }
    }
}
