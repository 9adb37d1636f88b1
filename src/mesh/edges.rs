//! Where a facade ends: marks for the corners of a ring, so that a shader can draw edges and darken inner corners.
//!
//! From one sharp corner to the next a mark runs from 0 to [`MOST`] or back: interpolated along a wall it says how far
//! both ends are, whatever corners that hardly bend lie between.
//! A ring without sharp corners, such as a round tower, has the same mark all round and so no edge.

use super::tile::Vertex;

/// The sine of the turn from which on a corner is sharp: 25°.
const SHARP: f64 = 0.422_6;
/// The greatest mark.
const MOST: f64 = 31.0;

/// Writes the edge bits of [`Vertex::flags`] of each corner into `marks` (cleared first), and once more those of the
/// first corner as the end of the last wall: `ring.len() + 1` in all. The outside lies to the right.
pub(super) fn mark(ring: &[[f64; 2]], marks: &mut Vec<u16>) {
    marks.clear();
    let n = ring.len();
    let Some(last) = n.checked_sub(1) else { return };
    let step = |i: usize| {
        let ([ax, ay], [bx, by]) = (ring[i % n], ring[(i + 1) % n]);
        [bx - ax, by - ay]
    };
    // Where the stretch at hand starts, with its mark, and how far its corners lie from there.
    let (mut from, mut from_mark) = (0, MOST / 2.0);
    let mut next_mark = 0.0;
    let mut along = 0.0;
    let mut stretch: Vec<f64> = Vec::new();
    for i in 0..=n {
        let (before, after) = (step((i + last) % n), step(i % n));
        let cross = before[0] * after[1] - before[1] * after[0];
        let dot = before[0] * after[0] + before[1] * after[1];
        let is_sharp =
            dot < 0.0 || cross.abs() > SHARP * before[0].hypot(before[1]) * after[0].hypot(after[1]);
        let concave = if is_sharp && cross < 0.0 { Vertex::CONCAVE } else { 0 };
        marks.push(concave);
        stretch.push(along);
        if is_sharp || i == n {
            let to_mark = if is_sharp { next_mark } else { MOST / 2.0 };
            // A ring that starts within a facade has half a stretch before its first sharp corner.
            let start_mark = if i == 0 { to_mark } else { from_mark };
            for (mark, at) in marks[from..].iter_mut().zip(&stretch) {
                let share = if along > 0.0 { at / along } else { 1.0 };
                *mark = (*mark & Vertex::CONCAVE) | bits(start_mark + (to_mark - start_mark) * share);
            }
            (from, from_mark) = (i, to_mark);
            next_mark = if to_mark == 0.0 { MOST } else { 0.0 };
            stretch.clear();
            stretch.push(0.0);
            along = 0.0;
        }
        along += after[0].hypot(after[1]);
    }
}

fn bits(mark: f64) -> u16 {
    (mark.round() as u16) << 2 & Vertex::EDGE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(ring: &[[f64; 2]]) -> Vec<(u16, bool)> {
        let mut marks = Vec::new();
        mark(ring, &mut marks);
        marks.iter().map(|mark| (mark >> 2 & 31, mark & Vertex::CONCAVE != 0)).collect()
    }

    #[test]
    fn a_square_alternates() {
        let square = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]];
        assert_eq!(marks(&square), [(0, false), (31, false), (0, false), (31, false), (0, false)]);
    }

    #[test]
    fn a_corner_that_hardly_bends_lies_in_between() {
        let ring = [[0.0, 0.0], [5.0, -0.1], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]];
        let marks: Vec<u16> = marks(&ring).iter().map(|(mark, _)| *mark).collect();
        assert!((15..=16).contains(&marks[1]), "{marks:?}");
        assert_eq!((marks[0], marks[2], marks[3], marks[4], marks[5]), (0, 31, 0, 31, 0));
    }

    #[test]
    fn the_inner_corner_of_an_angle_is_concave_and_all_of_a_courtyard() {
        let angle = [[0.0, 0.0], [30.0, 0.0], [30.0, 5.0], [5.0, 5.0], [5.0, 30.0], [0.0, 30.0]];
        let concave: Vec<bool> = marks(&angle).iter().map(|(_, concave)| *concave).collect();
        assert_eq!(concave, [false, false, false, true, false, false, false]);
        let courtyard = [[0.0, 0.0], [0.0, 10.0], [10.0, 10.0], [10.0, 0.0]];
        assert!(marks(&courtyard).iter().all(|(_, concave)| *concave));
    }

    #[test]
    fn a_round_tower_has_no_edge() {
        let ring: Vec<[f64; 2]> = (0..32)
            .map(|i| f64::from(i) / 32.0 * std::f64::consts::TAU)
            .map(|angle| [10.0 * angle.cos(), 10.0 * angle.sin()])
            .collect();
        let marks = marks(&ring);
        assert_eq!(marks.len(), 33);
        assert!(marks.iter().all(|mark| mark.0 == marks[0].0), "{marks:?}");
    }

    #[test]
    fn a_ring_that_starts_within_a_facade_still_ends_at_its_corners() {
        let ring = [[5.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0], [0.0, 0.0]];
        let marks: Vec<u16> = marks(&ring).iter().map(|(mark, _)| *mark).collect();
        assert_eq!(marks[1..5], [0, 31, 0, 31]);
        assert!((15..=16).contains(&marks[0]) && (15..=16).contains(&marks[5]), "{marks:?}");
    }
}
