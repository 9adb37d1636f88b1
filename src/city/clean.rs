//! From rings as written to polygons that can be drawn: closing, thinning, winding, crossings.
//!
//! A ring that crosses itself or another ring is taken apart by the even-odd rule (a bow-tie becomes two triangles):
//! the outer ring by itself, then every hole is cut out of what it left.
//! A ring that only touches itself is kept: it encloses what it says.

use geo::{Area, BooleanOps, LineString, MultiPolygon, Polygon};

use super::report::{Reason, Repair};

/// Points nearer than this are one point.
const SAME_POINT_M: f64 = 0.001;
/// Rings that enclose less are nothing.
const LEAST_AREA_M2: f64 = 0.01;
/// Up to this many edges, all pairs are compared; beyond, they are sorted first.
const ALL_PAIRS: usize = 40;
/// Of a long hole, no more edges than this are looked at to see on which side of the outer ring it lies.
const MOST_TRIED: usize = 32;
/// Of long rings, no more pairs of edges than this are compared (a second, about), …
const MOST_PAIRS: usize = 100_000_000;
/// … and no more crossings than this are taken apart: each makes two polygons of a scribble.
const MOST_CROSSINGS: usize = 10_000;

type Ring = Vec<[f64; 2]>;

/// The buffers of cleaning, used again for each polygon.
#[derive(Debug, Default)]
pub(crate) struct Cleaner {
    /// Rings of the polygon at hand; the first `used` are filled, outer ring first.
    rings: Vec<Ring>,
    used: usize,
    order: Vec<u32>,
}

/// What came of one polygon.
pub(crate) enum Cleaned<'a> {
    /// One polygon: its rings.
    Same(&'a [Ring]),
    /// It had to be taken apart: polygons of rings.
    Apart(Vec<Vec<Ring>>),
}

impl Cleaner {
    /// Starts a new polygon.
    pub(crate) fn start(&mut self) {
        self.used = 0;
    }

    /// An empty buffer for the next ring, outer ring first, in local metres as written.
    pub(crate) fn next_ring(&mut self) -> &mut Ring {
        if self.rings.len() <= self.used {
            self.rings.push(Vec::new());
        }
        self.used += 1;
        let ring = &mut self.rings[self.used - 1];
        ring.clear();
        ring
    }

    /// Cleans the polygon whose rings were filled in.
    pub(crate) fn finish(&mut self, mut repair: impl FnMut(Repair)) -> Result<Cleaned<'_>, Reason> {
        let mut kept = 0;
        for i in 0..self.used {
            let is_outer = i == 0;
            let ring = &mut self.rings[i];
            close(ring, &mut repair);
            thin(ring, &mut repair);
            if ring.len() < 3 {
                if is_outer {
                    return Err(Reason::TooFewPoints);
                }
                repair(Repair::HoleDropped);
                continue;
            }
            self.rings.swap(kept, i);
            kept += 1;
        }
        self.used = kept;
        if kept == 0 {
            return Err(Reason::TooFewPoints);
        }
        let crossings = self.crossings().ok_or(Reason::TooIntricate)?;
        if crossings > 0 {
            let apart = take_apart(&self.rings[..self.used]);
            if apart.is_empty() {
                return Err(Reason::CrossesItself);
            }
            repair(Repair::SelfCrossing);
            return Ok(Cleaned::Apart(apart));
        }
        self.orient(&mut repair)?;
        Ok(Cleaned::Same(&self.rings[..self.used]))
    }

    /// Outer ring counter-clockwise, holes clockwise and inside; drops what encloses nothing.
    fn orient(&mut self, repair: &mut impl FnMut(Repair)) -> Result<(), Reason> {
        let mut kept = 0;
        for i in 0..self.used {
            let is_outer = i == 0;
            let area = signed_area(&self.rings[i]);
            if area.abs() < LEAST_AREA_M2 {
                if is_outer {
                    return Err(Reason::NoArea);
                }
                repair(Repair::HoleDropped);
                continue;
            }
            if !is_outer && !is_inside(&self.rings[i], &self.rings[0]) {
                repair(Repair::HoleOutside);
                continue;
            }
            if (area > 0.0) != is_outer {
                self.rings[i].reverse();
                repair(Repair::Winding);
            }
            self.rings.swap(kept, i);
            kept += 1;
        }
        self.used = kept;
        Ok(())
    }

    /// How often edges of any rings cross properly, of short rings only whether; `None` if that is too much to tell.
    fn crossings(&mut self) -> Option<usize> {
        let rings = &self.rings[..self.used];
        let edges: usize = rings.iter().map(Vec::len).sum();
        if edges <= ALL_PAIRS {
            for (r, ring) in rings.iter().enumerate() {
                for i in 0..ring.len() {
                    let edge = edge(ring, i);
                    // Neighbours share a point and cannot cross properly; they are cheap enough to try.
                    let later = (i + 1..ring.len()).any(|j| cross(edge, self::edge(ring, j)));
                    let others = rings[r + 1..]
                        .iter()
                        .any(|other| (0..other.len()).any(|j| cross(edge, self::edge(other, j))));
                    if later || others {
                        return Some(1);
                    }
                }
            }
            return Some(0);
        }
        let all: Vec<[[f64; 2]; 2]> =
            rings.iter().flat_map(|ring| (0..ring.len()).map(move |i| edge(ring, i))).collect();
        // Along the axis on which edges are shorter, so that fewer lie beside each other.
        let extent = |axis: usize| all.iter().map(|[a, b]| (a[axis] - b[axis]).abs()).sum::<f64>();
        let axis = usize::from(extent(1) < extent(0));
        let low = |i: u32| all[i as usize][0][axis].min(all[i as usize][1][axis]);
        self.order.clear();
        self.order.extend(0..all.len() as u32);
        self.order.sort_unstable_by(|a, b| low(*a).total_cmp(&low(*b)));
        let (mut crossings, mut pairs) = (0, 0);
        for (i, &a) in self.order.iter().enumerate() {
            let edge = all[a as usize];
            let high = edge[0][axis].max(edge[1][axis]);
            for &b in self.order[i + 1..].iter().take_while(|b| low(**b) <= high) {
                crossings += usize::from(cross(edge, all[b as usize]));
                pairs += 1;
                if crossings > MOST_CROSSINGS || pairs > MOST_PAIRS {
                    return None;
                }
            }
        }
        Some(crossings)
    }
}

/// Drops the last point where it repeats the first.
fn close(ring: &mut Ring, repair: &mut impl FnMut(Repair)) {
    match ring.as_slice() {
        [first, .., last] if is_same(*first, *last) => {
            ring.pop();
        }
        [_, _, _, ..] => repair(Repair::RingClosed),
        _ => {}
    }
}

/// Drops points that repeat the one before, and spikes that come straight back. Goes over the ring once, however long.
fn thin(ring: &mut Ring, repair: &mut impl FnMut(Repair)) {
    let before = ring.len();
    let mut kept: usize = 0;
    for i in 0..before {
        let point = ring[i];
        if kept > 0 && is_same(ring[kept - 1], point) {
            continue;
        }
        if kept > 1 && is_same(ring[kept - 2], point) {
            // The last one was a spike; its foot is there already.
            kept -= 1;
            continue;
        }
        ring[kept] = point;
        kept += 1;
    }
    // The same across the seam.
    let (mut start, mut end) = (0, kept);
    while end - start > 1 {
        if is_same(ring[start], ring[end - 1]) || (end - start > 2 && is_same(ring[start], ring[end - 2])) {
            end -= 1;
        } else if end - start > 2 && is_same(ring[start + 1], ring[end - 1]) {
            start += 1;
        } else {
            break;
        }
    }
    ring.truncate(end);
    ring.drain(..start);
    if ring.len() < before {
        repair(Repair::DuplicatePoints);
    }
}

fn is_same(a: [f64; 2], b: [f64; 2]) -> bool {
    (a[0] - b[0]).abs() < SAME_POINT_M && (a[1] - b[1]).abs() < SAME_POINT_M
}

fn edge(ring: &[[f64; 2]], i: usize) -> [[f64; 2]; 2] {
    [ring[i], ring[if i + 1 == ring.len() { 0 } else { i + 1 }]]
}

/// Twice the signed area of a triangle.
fn turn(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// Whether two edges cross in a point that is inside both.
fn cross([a, b]: [[f64; 2]; 2], [c, d]: [[f64; 2]; 2]) -> bool {
    if a[0].max(b[0]) < c[0].min(d[0])
        || c[0].max(d[0]) < a[0].min(b[0])
        || a[1].max(b[1]) < c[1].min(d[1])
        || c[1].max(d[1]) < a[1].min(b[1])
    {
        return false;
    }
    let (abc, abd) = (turn(a, b, c), turn(a, b, d));
    let (cda, cdb) = (turn(c, d, a), turn(c, d, b));
    // A point within a tenth of a millimetre of the other edge only touches it.
    let touch = |turn: f64, p: [f64; 2], q: [f64; 2]| turn.abs() < 1e-4 * (q[0] - p[0]).hypot(q[1] - p[1]);
    if touch(abc, a, b) || touch(abd, a, b) || touch(cda, c, d) || touch(cdb, c, d) {
        return false;
    }
    (abc > 0.0) != (abd > 0.0) && (cda > 0.0) != (cdb > 0.0)
}

fn signed_area(ring: &[[f64; 2]]) -> f64 {
    let Some(&[x0, y0]) = ring.first() else { return 0.0 };
    ring.windows(2)
        .map(|pair| (pair[0][0] - x0) * (pair[1][1] - y0) - (pair[1][0] - x0) * (pair[0][1] - y0))
        .sum::<f64>()
        / 2.0
}

/// Whether a hole that does not cross the outer ring lies inside it: most of its corners and middles do.
fn is_inside(hole: &[[f64; 2]], outer: &[[f64; 2]]) -> bool {
    let tried = (0..hole.len()).step_by(hole.len() / MOST_TRIED + 1);
    let count = tried.len();
    let inside = tried
        .filter(|i| {
            let [a, b] = edge(hole, *i);
            contains(outer, [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])]) || contains(outer, a)
        })
        .count();
    inside * 2 > count
}

fn contains(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    (0..ring.len())
        .filter(|i| {
            let [[ax, ay], [bx, by]] = edge(ring, *i);
            (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
        })
        .count()
        % 2
        == 1
}

/// The even-odd area of the outer ring without that of the holes.
fn take_apart(rings: &[Ring]) -> Vec<Vec<Ring>> {
    let nothing = MultiPolygon::<f64>::new(vec![]);
    let even_odd = |ring: &Ring| {
        let polygon = Polygon::new(ring.iter().map(|p| (p[0], p[1])).collect::<LineString<f64>>(), vec![]);
        polygon.union(&nothing)
    };
    let Some((outer, holes)) = rings.split_first() else { return Vec::new() };
    let mut whole = even_odd(outer);
    for hole in holes {
        whole = whole.difference(&even_odd(hole));
    }
    let ring = |line: &LineString<f64>| -> Ring {
        let mut ring: Ring = line.0.iter().map(|c| [c.x, c.y]).collect();
        thin(&mut ring, &mut |_| {});
        ring
    };
    let mut apart = Vec::new();
    for polygon in &whole {
        let mut outer = ring(polygon.exterior());
        if polygon.unsigned_area() < LEAST_AREA_M2 * 10.0 || outer.len() < 3 {
            continue;
        }
        if signed_area(&outer) < 0.0 {
            outer.reverse();
        }
        let mut rings = vec![outer];
        for interior in polygon.interiors() {
            let mut hole = ring(interior);
            let area = signed_area(&hole);
            if hole.len() >= 3 && area.abs() >= LEAST_AREA_M2 {
                if area > 0.0 {
                    hole.reverse();
                }
                rings.push(hole);
            }
        }
        apart.push(rings);
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Areas of the polygons that come out (holes taken off), and the repairs.
    fn clean(rings: &[&[[f64; 2]]]) -> Result<(Vec<f64>, Vec<Repair>), Reason> {
        let mut cleaner = Cleaner::default();
        cleaner.start();
        for ring in rings {
            cleaner.next_ring().extend_from_slice(ring);
        }
        let mut repairs = Vec::new();
        let cleaned = cleaner.finish(|repair| repairs.push(repair))?;
        let area = |rings: &[Ring]| rings.iter().map(|ring| signed_area(ring)).sum::<f64>();
        let areas = match cleaned {
            Cleaned::Same(rings) => vec![area(rings)],
            Cleaned::Apart(polygons) => polygons.iter().map(|rings| area(rings)).collect(),
        };
        Ok((areas, repairs))
    }

    const SQUARE: [[f64; 2]; 5] = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0], [0.0, 0.0]];

    #[test]
    fn a_good_square_stays_as_it_is() {
        assert_eq!(clean(&[&SQUARE]), Ok((vec![100.0], vec![])));
    }

    #[test]
    fn unclosed_repeated_and_clockwise() {
        assert_eq!(clean(&[&SQUARE[..4]]), Ok((vec![100.0], vec![Repair::RingClosed])));
        let mut twice = SQUARE.to_vec();
        twice.insert(2, SQUARE[1]);
        assert_eq!(clean(&[&twice]), Ok((vec![100.0], vec![Repair::DuplicatePoints])));
        let mut clockwise = SQUARE;
        clockwise.reverse();
        assert_eq!(clean(&[&clockwise]), Ok((vec![100.0], vec![Repair::Winding])));
    }

    #[test]
    fn a_spike_is_cut_off() {
        let spike =
            [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [20.0, 20.0], [10.0, 10.0], [0.0, 10.0], [0.0, 0.0]];
        assert_eq!(clean(&[&spike]), Ok((vec![100.0], vec![Repair::DuplicatePoints])));
    }

    #[test]
    fn a_bow_tie_becomes_two_triangles() {
        // Crossing in (5, 5): two triangles of 10 × 5 ÷ 2.
        let bow_tie = [[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0], [0.0, 0.0]];
        let (areas, repairs) = clean(&[&bow_tie]).expect("repairable");
        assert_eq!(repairs, [Repair::SelfCrossing]);
        assert_eq!(areas.len(), 2);
        assert!(areas.iter().all(|area| (area - 25.0).abs() < 1e-3), "{areas:?}");
    }

    #[test]
    fn holes_inside_outside_and_across() {
        let hole = |x: f64, y: f64| [[x, y], [x, y + 2.0], [x + 2.0, y + 2.0], [x + 2.0, y], [x, y]];
        assert_eq!(clean(&[&SQUARE, &hole(4.0, 4.0)]), Ok((vec![96.0], vec![])));
        assert_eq!(clean(&[&SQUARE, &hole(14.0, 4.0)]), Ok((vec![100.0], vec![Repair::HoleOutside])));
        let (areas, repairs) = clean(&[&SQUARE, &hole(9.0, 4.0)]).expect("repairable");
        assert_eq!(repairs, [Repair::SelfCrossing]);
        assert!((areas.iter().sum::<f64>() - 98.0).abs() < 1e-3, "{areas:?}");
        let flat = [[1.0, 1.0], [2.0, 2.0], [1.0, 1.0]];
        assert_eq!(clean(&[&SQUARE, &flat]).map(|c| c.0), Ok(vec![100.0]));
    }

    #[test]
    fn what_encloses_nothing_is_refused() {
        assert_eq!(clean(&[&[[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]), Err(Reason::TooFewPoints));
        assert_eq!(clean(&[&[[0.0, 0.0], [1.0, 1.0]]]), Err(Reason::TooFewPoints));
        assert_eq!(clean(&[&[]]), Err(Reason::TooFewPoints));
        assert_eq!(clean(&[]), Err(Reason::TooFewPoints));
        assert_eq!(clean(&[&[[0.0, 0.0], [5.0, 0.0], [9.0, 0.0], [0.0, 0.0]]]), Err(Reason::NoArea));
    }

    #[test]
    fn spikes_on_spikes_and_across_the_seam_are_cut_off() {
        // From (10, 10) out to (20, 20), a side twig, and all the way back; the ring starts at the tip of another spike.
        let twig = [
            [-5.0, -5.0],
            [0.0, 0.0],
            [10.0, 0.0],
            [10.0, 10.0],
            [20.0, 20.0],
            [30.0, 20.0],
            [20.0, 20.0],
            [10.0, 10.0],
            [0.0, 10.0],
            [0.0, 0.0],
            [-5.0, -5.0],
        ];
        assert_eq!(clean(&[&twig]), Ok((vec![100.0], vec![Repair::DuplicatePoints])));
        let there_and_back =
            [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [2.0, 0.0], [1.0, 0.0], [0.0, 0.0]];
        assert_eq!(clean(&[&there_and_back]), Err(Reason::TooFewPoints));
    }

    #[test]
    fn a_scribble_is_refused_before_it_is_taken_apart() {
        // A star of 301 corners, each joined to the one nearly opposite: about 301 × 149 crossings.
        let star: Vec<[f64; 2]> = (0..301)
            .map(|i| f64::from(i * 150 % 301) / 301.0 * std::f64::consts::TAU)
            .map(|a| [100.0 * a.cos(), 100.0 * a.sin()])
            .collect();
        assert_eq!(clean(&[&star]).map(|_| ()), Err(Reason::TooIntricate));
    }

    #[test]
    fn long_rings_are_searched_too() {
        // A circle of 200 corners, then the same with two neighbouring corners exchanged.
        let mut circle: Vec<[f64; 2]> = (0..200)
            .map(|i| f64::from(i) / 200.0 * std::f64::consts::TAU)
            .map(|a| [100.0 * a.cos(), 100.0 * a.sin()])
            .collect();
        circle.push(circle[0]);
        assert_eq!(clean(&[&circle]).map(|c| c.1), Ok(vec![]));
        circle.swap(50, 51);
        assert_eq!(clean(&[&circle]).map(|c| c.1), Ok(vec![Repair::SelfCrossing]));
    }
}
