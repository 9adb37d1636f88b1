//! A footprint simplified for far away: four corners mostly, six at most, the same area; a large one that a few corners
//! would change visibly keeps more of them.

/// A rectangle stands for a footprint that fills at least this much of it.
const FILLS: f64 = 0.7;
/// The most corners of a simplified footprint.
const CORNERS: usize = 6;
/// And leaves no more of it empty than this, m²: a court of eight by fifteen metres is four pixels by seven where
/// facades become blocks (`viewer::stage`), and would be seen to close.
const EMPTY_M2: f64 = 120.0;
/// The most corners of a simplified footprint that a rectangle would change by more than that.
const MORE_CORNERS: usize = 12;
/// Beyond this difference of area the shape is scaled to it.
const AREA_OFF: f64 = 0.1;
/// Of long rings, no more edges than this are tried as the side of the rectangle.
const TRIED_EDGES: usize = 64;

type Point = [f64; 2];

/// Writes the simplified outer ring, counter-clockwise, into `out` (cleared first). Courtyards are closed.
pub(super) fn simplify(ring: &[[f32; 2]], scratch: &mut Vec<Point>, out: &mut Vec<Point>) {
    out.clear();
    scratch.clear();
    scratch.extend(ring.iter().map(|p| p.map(f64::from)));
    let area = area(scratch);
    if scratch.len() <= 4 || area <= 0.0 {
        out.append(scratch);
        return;
    }
    let (rectangle, rectangle_area) = smallest_rectangle(scratch);
    let is_large = rectangle_area - area > EMPTY_M2;
    if area >= FILLS * rectangle_area && !is_large {
        out.extend(rectangle);
    } else {
        visvalingam(scratch, if is_large { MORE_CORNERS } else { CORNERS });
        let simple = self::area(scratch);
        if simple >= area * 0.5 && simple <= area * 1.6 && !crosses_itself(scratch) {
            out.append(scratch);
        } else {
            out.extend(rectangle);
        }
    }
    scale_to(out, area);
}

/// Twice the area of what lies left of the ring, halved.
fn area(ring: &[Point]) -> f64 {
    let Some(&[x0, y0]) = ring.first() else { return 0.0 };
    ring.windows(2)
        .map(|pair| (pair[0][0] - x0) * (pair[1][1] - y0) - (pair[1][0] - x0) * (pair[0][1] - y0))
        .sum::<f64>()
        / 2.0
}

/// The smallest rectangle with a side along one of the edges, counter-clockwise, and its area.
fn smallest_rectangle(ring: &[Point]) -> ([Point; 4], f64) {
    let mut best = ([[0.0; 2]; 4], f64::INFINITY);
    for i in (0..ring.len()).step_by(ring.len() / TRIED_EDGES + 1) {
        let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        if length < 1e-9 {
            continue;
        }
        let along = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for p in ring {
            let (x, y) = (p[0] - a[0], p[1] - a[1]);
            let (u, v) = (x * along[0] + y * along[1], y * along[0] - x * along[1]);
            low = [low[0].min(u), low[1].min(v)];
            high = [high[0].max(u), high[1].max(v)];
        }
        let size = (high[0] - low[0]) * (high[1] - low[1]);
        if size < best.1 {
            let corner =
                |u: f64, v: f64| [a[0] + u * along[0] - v * along[1], a[1] + u * along[1] + v * along[0]];
            let corners = [
                corner(low[0], low[1]),
                corner(high[0], low[1]),
                corner(high[0], high[1]),
                corner(low[0], high[1]),
            ];
            best = (corners, size);
        }
    }
    best
}

/// Takes out the corner whose triangle with its neighbours is smallest until few enough are left.
fn visvalingam(ring: &mut Vec<Point>, corners: usize) {
    // A long ring is thinned first: picking the smallest of thousands again and again is quadratic.
    if ring.len() > 256 {
        let every = ring.len().div_ceil(256);
        let mut i = 0;
        ring.retain(|_| {
            i += 1;
            i % every == 0
        });
    }
    while ring.len() > corners {
        let n = ring.len();
        let triangle = |i: usize| {
            let ([ax, ay], [bx, by], [cx, cy]) = (ring[(i + n - 1) % n], ring[i], ring[(i + 1) % n]);
            ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)).abs()
        };
        let smallest = (0..n).map(|i| (i, triangle(i))).min_by(|a, b| a.1.total_cmp(&b.1));
        let Some((i, _)) = smallest else { break };
        ring.remove(i);
    }
}

fn crosses_itself(ring: &[Point]) -> bool {
    let n = ring.len();
    let turn = |a: Point, b: Point, c: Point| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    (0..n).any(|i| {
        (i + 2..n).filter(|j| (j + 1) % n != i).any(|j| {
            let (a, b, c, d) = (ring[i], ring[(i + 1) % n], ring[j], ring[(j + 1) % n]);
            (turn(a, b, c) > 0.0) != (turn(a, b, d) > 0.0) && (turn(c, d, a) > 0.0) != (turn(c, d, b) > 0.0)
        })
    })
}

/// Scales a ring about the middle of its corners to an area, where it is too far off.
fn scale_to(ring: &mut [Point], wanted: f64) {
    let now = area(ring);
    if now <= 0.0 || (now / wanted - 1.0).abs() <= AREA_OFF {
        return;
    }
    let factor = (wanted / now).sqrt();
    let count = ring.len() as f64;
    let sum = ring.iter().fold([0.0; 2], |sum, p| [sum[0] + p[0], sum[1] + p[1]]);
    let centre = [sum[0] / count, sum[1] / count];
    for p in ring {
        *p = [centre[0] + (p[0] - centre[0]) * factor, centre[1] + (p[1] - centre[1]) * factor];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(ring: &[[f32; 2]]) -> Vec<Point> {
        let mut out = Vec::new();
        simplify(ring, &mut Vec::new(), &mut out);
        out
    }

    #[test]
    fn a_notched_slab_becomes_a_rectangle_of_its_area() {
        // 20 × 10 with a notch of 2 × 2: 196 m².
        let slab = [
            [0.0, 0.0],
            [20.0, 0.0],
            [20.0, 10.0],
            [12.0, 10.0],
            [12.0, 8.0],
            [10.0, 8.0],
            [10.0, 10.0],
            [0.0, 10.0],
        ];
        let simple = block(&slab);
        assert_eq!(simple.len(), 4);
        assert!((area(&simple) - 196.0).abs() < 10.0);
    }

    #[test]
    fn a_thin_angle_keeps_its_six_corners() {
        let angle = [[0.0, 0.0], [30.0, 0.0], [30.0, 5.0], [5.0, 5.0], [5.0, 30.0], [0.0, 30.0]];
        assert_eq!(block(&angle).len(), 6);
        assert!((area(&block(&angle)) - 275.0).abs() < 1e-6);
    }

    #[test]
    fn a_large_court_stays_open_and_a_small_one_closes() {
        // Three wings around a court that is open to the south: 40 × 30 m around 20 × 16 m, and a fifth of that.
        let court = |scale: f32| {
            [[0., 0.], [10., 0.], [10., 16.], [30., 16.], [30., 0.], [40., 0.], [40., 30.], [0., 30.]]
                .map(|corner: [f32; 2]| corner.map(|metres| metres * scale))
        };
        assert_eq!(block(&court(1.0)).len(), 8);
        assert_eq!(block(&court(0.2)).len(), 4);
    }

    proptest! {
        #[test]
        fn never_more_than_a_few_corners_and_nearly_the_same_area(
            radii in prop::collection::vec(3.0_f32..30.0, 5..40),
        ) {
            let n = radii.len() as f32;
            let ring: Vec<[f32; 2]> = radii.iter().enumerate()
                .map(|(i, r)| (i as f32 / n * std::f32::consts::TAU, r))
                .map(|(angle, r)| [500.0 + r * angle.cos(), r * angle.sin() - 300.0])
                .collect();
            let points: Vec<Point> = ring.iter().map(|p| p.map(f64::from)).collect();
            let simple = block(&ring);
            prop_assert!(simple.len() <= MORE_CORNERS && simple.len() >= 3);
            let ratio = area(&simple) / area(&points);
            prop_assert!((0.85..1.15).contains(&ratio), "{ratio}");
        }
    }
}
