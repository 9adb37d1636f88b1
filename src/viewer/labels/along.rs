//! Characters along a line on screen: never upside down, around gentle bends, not at all at sharp ones.
//!
//! Text stays upright to the screen instead of lying in the ground plane: at the pitch that a desk looks from, a
//! character of twelve points that lies flat keeps half its height, and its strokes run together.
//! A line that runs up the screen is written as Chinese maps do it: characters stand, one below the other.

use bevy::math::Vec2;

/// Between neighbouring characters the line may turn by so much, radians.
const MOST_TURN: f32 = 0.40;
/// A character is never turned by more than this, radians.
const MOST_TILT: f32 = 1.25;
/// Nearer to its chord than this a stretch is taken for straight, ems.
const STRAIGHT_EM: f32 = 0.28;
/// Where a bend is too sharp, a straight text may leave the line by so much, ems.
const STRAY_EM: f32 = 0.8;
/// Steeper than this (height by width) characters stand below each other.
const STEEP: f32 = 1.2;
/// So much of a text may stick out over the ends of its line.
const OVERHANG: f32 = 0.08;

/// Where a character goes: its middle in pixels from the top left, and by how much it is turned clockwise, radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spot {
    pub(super) at: Vec2,
    pub(super) turn: f32,
}

/// A line on screen with the way to each of its points.
struct Line<'a> {
    points: &'a [Vec2],
    ways: Vec<f32>,
}

impl<'a> Line<'a> {
    fn new(points: &'a [Vec2]) -> Self {
        let mut way = 0.0;
        let ways = std::iter::once(0.0)
            .chain(points.windows(2).map(|pair| {
                way += pair.first().zip(pair.last()).map_or(0.0, |(a, b)| a.distance(*b));
                way
            }))
            .collect();
        Self { points, ways }
    }

    fn length(&self) -> f32 {
        self.ways.last().copied().unwrap_or(0.0)
    }

    /// The point at a way; beyond its ends the line goes straight on.
    fn at(&self, way: f32) -> Vec2 {
        let last = self.points.len().saturating_sub(2);
        let piece = self.ways.partition_point(|held| *held <= way).saturating_sub(1).min(last);
        let (Some(a), Some(b)) = (self.points.get(piece), self.points.get(piece + 1)) else {
            return self.points.first().copied().unwrap_or_default();
        };
        let from = self.ways.get(piece).copied().unwrap_or(0.0);
        *a + (*b - *a).normalize_or_zero() * (way - from)
    }
}

/// Lays characters of these widths around `middle`, a way along the line in pixels; `em` is the size of type.
///
/// `stands` says that the characters may stand below each other. `None` where the line is too short or too bent.
pub(super) fn lay(points: &[Vec2], middle: f32, widths: &[f32], em: f32, stands: bool) -> Option<Vec<Spot>> {
    let line = Line::new(points);
    let total: f32 = widths.iter().sum();
    let (from, to) = (middle - total * 0.5, middle + total * 0.5);
    if points.len() < 2 || from < -total * OVERHANG || to > line.length() + total * OVERHANG {
        return None;
    }
    let (start, end) = (line.at(from), line.at(to));
    let chord = end - start;
    if chord.length() < total * 0.7 {
        return None;
    }
    let upright = stands && chord.y.abs() > chord.x.abs() * STEEP;
    let backward = if upright { chord.y < 0.0 } else { chord.x < 0.0 };
    // Where the middle of each character lies, in the order of reading.
    let mut at = 0.0;
    let ways: Vec<f32> = widths
        .iter()
        .map(|width| {
            let way = at + width * 0.5;
            at += width;
            if backward { to - way } else { from + way }
        })
        .collect();
    let sign = if backward { -1.0 } else { 1.0 };
    let quarter = if upright { std::f32::consts::FRAC_PI_2 } else { 0.0 };
    let turn_of = |direction: Vec2| {
        let angle = (direction * sign).to_angle() - quarter;
        (angle + std::f32::consts::PI).rem_euclid(std::f32::consts::TAU) - std::f32::consts::PI
    };
    let along = chord.normalize_or_zero();
    let stray = ways.iter().map(|way| (line.at(*way) - start).perp_dot(along).abs()).fold(0.0, f32::max);
    let straight = || {
        let turn = turn_of(chord);
        let middle = (start + end) * 0.5;
        let half = (from + to) * 0.5;
        ways.iter().map(|way| Spot { at: middle + along * (*way - half), turn }).collect::<Vec<_>>()
    };
    if stray <= em * STRAIGHT_EM {
        return Some(straight()).filter(|spots| spots.iter().all(|spot| spot.turn.abs() <= MOST_TILT));
    }
    let spots: Vec<Spot> = ways
        .iter()
        .map(|way| {
            let reach = em * 0.7;
            Spot { at: line.at(*way), turn: turn_of(line.at(way + reach) - line.at(way - reach)) }
        })
        .collect();
    let is_gentle = spots
        .windows(2)
        .all(|pair| pair.first().zip(pair.last()).is_none_or(|(a, b)| (a.turn - b.turn).abs() <= MOST_TURN));
    let is_legible = |spots: &[Spot]| spots.iter().all(|spot| spot.turn.abs() <= MOST_TILT);
    if is_gentle && is_legible(&spots) {
        return Some(spots);
    }
    Some(straight()).filter(|spots| stray <= em * STRAY_EM && is_legible(spots))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EM: f32 = 10.0;

    fn turns(points: &[[f32; 2]], characters: usize, stands: bool) -> Option<Vec<Spot>> {
        let points: Vec<Vec2> = points.iter().copied().map(Vec2::from).collect();
        let middle = Line::new(&points).length() * 0.5;
        lay(&points, middle, &vec![EM; characters], EM, stands)
    }

    #[test]
    fn a_text_reads_from_left_to_right_whichever_way_its_line_runs() {
        let east = turns(&[[0.0, 50.0], [100.0, 50.0]], 4, true).expect("room");
        let west = turns(&[[100.0, 50.0], [0.0, 50.0]], 4, true).expect("room");
        let places: Vec<f32> = east.iter().map(|spot| spot.at.x).collect();
        assert_eq!(places, [35.0, 45.0, 55.0, 65.0]);
        for (a, b) in east.iter().zip(&west) {
            assert!(a.at.distance(b.at) < 1e-3 && (a.turn - b.turn).abs() < 1e-3, "{a:?} {b:?}");
        }
    }

    #[test]
    fn on_a_steep_line_characters_stand_and_latin_ones_lie() {
        let up = [[50.0, 100.0], [50.0, 0.0]];
        let chinese = turns(&up, 3, true).expect("room");
        assert!(chinese.iter().all(|spot| spot.turn.abs() < 1e-3), "{chinese:?}");
        assert!(chinese[0].at.y < chinese[2].at.y, "the first is the highest");
        assert_eq!(turns(&up, 3, false), None, "lying on its side, a name is not legible");
        let slope = turns(&[[0.0, 100.0], [100.0, 0.0]], 4, false).expect("room");
        assert!((slope[0].turn + std::f32::consts::FRAC_PI_4).abs() < 1e-3, "uphill: {slope:?}");
    }

    #[test]
    fn a_text_follows_a_gentle_curve() {
        // An arc of 100 pixels' radius: a character of 10 pixels turns by a tenth of a radian.
        let arc: Vec<[f32; 2]> = (0..=20)
            .map(|i| {
                let angle = std::f32::consts::PI * (0.25 + 0.5 * i as f32 / 20.0);
                [200.0 - 100.0 * angle.cos(), 200.0 - 100.0 * angle.sin()]
            })
            .collect();
        let spots = turns(&arc, 8, true).expect("gentle");
        let steps: Vec<f32> = spots.windows(2).map(|pair| pair[1].turn - pair[0].turn).collect();
        assert!(steps.iter().all(|step| (step - 0.1).abs() < 0.04), "{steps:?}");
        assert!(spots.iter().all(|spot| (spot.at.distance(Vec2::splat(200.0)) - 100.0).abs() < 1.0));
    }

    #[test]
    fn at_a_sharp_corner_nothing_is_written_and_a_kink_is_cut_straight() {
        assert_eq!(turns(&[[0.0, 0.0], [50.0, 0.0], [50.0, 50.0]], 6, true), None);
        let kink = turns(&[[0.0, 0.0], [50.0, 5.0], [100.0, 0.0]], 8, true).expect("near straight");
        assert!(kink.iter().all(|spot| spot.turn.abs() < 0.15), "{kink:?}");
        assert_eq!(turns(&[[0.0, 0.0], [30.0, 0.0]], 6, true), None, "no room");
    }
}
