//! What lies flat laid over the relief: triangles cut along its cells, so that each piece lies in one of its triangles.
//!
//! The pieces lie exactly on [`surface`], and two triangles that share an edge are cut at the same points of it.

use std::collections::HashMap;

use super::flat::{Corner, FlatMesh, Lane};
use crate::city::Relief;
use crate::geo::Bounds;

/// Of triangles beyond this number the rest stays on the plain: a bound on what a file can ask for.
const MOST_TRIANGLES: usize = 2_000_000;
/// What is smaller on the ground is dropped, twice square metres.
const LEAST_M2: f64 = 1e-6;

/// The ground itself where it stands above the plain, two triangles a cell.
pub fn surface(relief: &Relief, class: u32) -> FlatMesh {
    let mut mesh = FlatMesh::default();
    let mut known: HashMap<(usize, usize), u32> = HashMap::new();
    let [columns, rows] = relief.cells();
    for row in 0..rows {
        for column in 0..columns {
            if relief.corners_m(column, row).iter().all(|height| *height <= 0.0) {
                continue;
            }
            let mut corner = |x: usize, y: usize| {
                *known.entry((column + x, row + y)).or_insert_with(|| {
                    let [east, north] = relief.node(column + x, row + y);
                    mesh.corners.push(lifted(relief, [east, north], Corner { class, ..Corner::default() }));
                    mesh.corners.len() as u32 - 1
                })
            };
            let (a, b, c, d) = (corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1));
            mesh.indices.extend_from_slice(&[a, b, d, a, d, c]);
        }
    }
    mesh
}

/// The same triangles in the same order, those over the relief cut and lifted.
pub fn drape(mesh: &FlatMesh, relief: &Relief) -> FlatMesh {
    let reach = relief.bounds();
    let mut draped =
        Draped { relief, mesh: FlatMesh::default(), kept: HashMap::new(), known: HashMap::new() };
    for triangle in mesh.indices.chunks_exact(3) {
        let &[a, b, c] = triangle else { continue };
        let at = |i: u32| mesh.corners.get(i as usize).copied().unwrap_or_default();
        let corners = [at(a), at(b), at(c)];
        let bounds = Bounds::of(corners.iter().map(|corner| corner.place.map(f64::from)));
        if !bounds.intersects(&reach) || draped.mesh.triangles() > MOST_TRIANGLES {
            let [a, b, c] =
                [(a, corners[0]), (b, corners[1]), (c, corners[2])].map(|(i, corner)| draped.keep(i, corner));
            draped.mesh.indices.extend_from_slice(&[a, b, c]);
        } else {
            draped.cut(corners, bounds);
        }
    }
    draped.mesh
}

/// A corner while it is cut: east, north, then its lane.
type Point = [f64; 6];

struct Draped<'a> {
    relief: &'a Relief,
    mesh: FlatMesh,
    /// Corners that were taken over as they are, by their number.
    kept: HashMap<u32, u32>,
    /// Corners made by cutting.
    known: HashMap<[u32; 8], u32>,
}

impl Draped<'_> {
    fn keep(&mut self, number: u32, corner: Corner) -> u32 {
        *self.kept.entry(number).or_insert_with(|| {
            self.mesh.corners.push(corner);
            self.mesh.corners.len() as u32 - 1
        })
    }

    /// Cuts a triangle by rows, by columns and by the slant of each cell.
    fn cut(&mut self, corners: [Corner; 3], bounds: Bounds) {
        let like = corners[0];
        let whole: Vec<Point> = corners
            .iter()
            .map(|corner| {
                let Lane { along_m, left_m, across_m, half_m } = corner.lane;
                [corner.place[0], corner.place[1], along_m, left_m, across_m, half_m].map(f64::from)
            })
            .collect();
        let [columns, rows] = self.relief.cells();
        let (first, last) = self.span(bounds, 1, rows);
        let mut rest = whole;
        for row in first..=last {
            let strip = self.below(&mut rest, 1, row, rows);
            if strip.is_empty() {
                continue;
            }
            let (first, last) = self.span(Bounds::of(strip.iter().map(|p| [p[0], p[1]])), 0, columns);
            let mut rest = strip;
            for column in first..=last {
                let cell = self.below(&mut rest, 0, column, columns);
                if cell.is_empty() {
                    continue;
                }
                let is_inside = (1..=rows).contains(&row) && (1..=columns).contains(&column);
                let is_flat = !is_inside
                    || self.relief.corners_m(column - 1, row - 1).iter().all(|height| *height <= 0.0);
                if is_flat {
                    self.fan(&cell, like);
                    continue;
                }
                let ([west, south], [east, north]) =
                    (self.relief.node(column - 1, row - 1), self.relief.node(column, row));
                let (wide, deep) = (east - west, north - south);
                let beside = |p: &Point| (p[0] - west) / wide - (p[1] - south) / deep;
                let (upper, lower) = split(&cell, &beside);
                self.fan(&upper, like);
                self.fan(&lower, like);
            }
        }
    }

    /// The strips that a box touches: strip 0 lies before the grid, strip i is cell i − 1, the last lies beyond it.
    fn span(&self, bounds: Bounds, axis: usize, cells: usize) -> (usize, usize) {
        let (low, high) = (self.relief.node(0, 0), self.relief.node(1, 1));
        let strip = |at: f64| {
            ((at - low[axis]) / (high[axis] - low[axis])).floor().clamp(-1.0, cells as f64) as i64 + 1
        };
        let (first, last) = (strip(bounds.min[axis]), strip(bounds.max[axis]));
        (first.max(0) as usize, last.max(0) as usize)
    }

    /// Takes what lies in a strip off a polygon of which all that lies before it is gone.
    fn below(&self, rest: &mut Vec<Point>, axis: usize, strip: usize, cells: usize) -> Vec<Point> {
        if strip > cells {
            return std::mem::take(rest);
        }
        let line = if axis == 0 { self.relief.node(strip, 0)[0] } else { self.relief.node(0, strip)[1] };
        let (below, above) = split(rest, &|p: &Point| p[axis] - line);
        *rest = above;
        below
    }

    fn fan(&mut self, polygon: &[Point], like: Corner) {
        let Some(first) = polygon.first() else { return };
        for pair in polygon.windows(2).skip(1) {
            let &[b, c] = pair else { continue };
            let twice = (b[0] - first[0]) * (c[1] - first[1]) - (b[1] - first[1]) * (c[0] - first[0]);
            if twice.abs() > LEAST_M2 {
                let indices = [*first, b, c].map(|point| self.corner(point, like));
                self.mesh.indices.extend_from_slice(&indices);
            }
        }
    }

    fn corner(&mut self, point: Point, like: Corner) -> u32 {
        let [east, north, along, left, across, half] = point.map(|number| number as f32);
        let lane = Lane { along_m: along, left_m: left, across_m: across, half_m: half };
        let key = [east, north, along, left, across, half].map(f32::to_bits);
        let key = [key[0], key[1], key[2], key[3], key[4], key[5], like.class, like.flags];
        *self.known.entry(key).or_insert_with(|| {
            self.mesh.corners.push(lifted(self.relief, [point[0], point[1]], Corner { lane, ..like }));
            self.mesh.corners.len() as u32 - 1
        })
    }
}

fn lifted(relief: &Relief, [east, north]: [f64; 2], like: Corner) -> Corner {
    let [x, y, _] = relief.normal(east, north);
    Corner { place: [east as f32, north as f32], up_m: relief.ground_m(east, north), lean: [x, y], ..like }
}

/// A convex polygon in two: where a linear function is at most 0, and where it is at least 0.
fn split(polygon: &[Point], beside: &dyn Fn(&Point) -> f64) -> (Vec<Point>, Vec<Point>) {
    let (mut below, mut above) =
        (Vec::with_capacity(polygon.len() + 1), Vec::with_capacity(polygon.len() + 1));
    for (i, from) in polygon.iter().enumerate() {
        let to = polygon.get(i + 1).or(polygon.first()).unwrap_or(from);
        let (a, b) = (beside(from), beside(to));
        if a <= 0.0 {
            below.push(*from);
        }
        if a >= 0.0 {
            above.push(*from);
        }
        if a * b < 0.0 {
            // From the same end whichever triangle asks, so that neighbours get the same point.
            let (from, to, share) = if (from[0], from[1]) <= (to[0], to[1]) {
                (from, to, a / (a - b))
            } else {
                (to, from, b / (b - a))
            };
            let point: Point = std::array::from_fn(|k| from[k] + (to[k] - from[k]) * share);
            below.push(point);
            above.push(point);
        }
    }
    // What only touches the line is nothing.
    let whole = |mut part: Vec<Point>| {
        if part.len() < 3 {
            part.clear();
        }
        part
    };
    (whole(below), whole(above))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hill() -> Relief {
        let heights = vec![0.0, 0.0, 0.0, 0.0, 0.0, 8.0, 3.0, 0.0, 0.0, 4.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        Relief::from_nodes([0.0, 0.0], [10.0, 12.0], 4, heights).expect("a grid")
    }

    fn measure(mesh: &FlatMesh) -> (f64, f64) {
        let mut sums = (0.0, 0.0);
        for t in mesh.indices.chunks_exact(3) {
            let [p, q, r] = [t[0], t[1], t[2]].map(|i| mesh.corners[i as usize]);
            let at = |corner: Corner| corner.place.map(f64::from);
            let (a, b, c) = (at(p), at(q), at(r));
            let area = ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) / 2.0;
            sums.0 += area;
            sums.1 += area * f64::from(p.up_m + q.up_m + r.up_m) / 3.0;
        }
        sums
    }

    #[test]
    fn the_surface_is_what_ground_m_says() {
        let relief = hill();
        let mesh = surface(&relief, 0);
        assert_eq!(mesh.triangles(), 18, "nine cells, none of them flat");
        for triangle in mesh.indices.chunks_exact(3) {
            let [p, q, r] = [triangle[0], triangle[1], triangle[2]].map(|i| mesh.corners[i as usize]);
            let middle: [f64; 2] =
                std::array::from_fn(|axis| f64::from(p.place[axis] + q.place[axis] + r.place[axis]) / 3.0);
            let up = (p.up_m + q.up_m + r.up_m) / 3.0;
            assert!((relief.ground_m(middle[0], middle[1]) - up).abs() < 1e-4);
        }
    }

    #[test]
    fn what_lies_beside_the_relief_stays_as_it_is() {
        let mut flat = FlatMesh::default();
        flat.ribbon(&[[100.0, 0.0], [200.0, 0.0]], 4.0, false, 5);
        let draped = drape(&flat, &hill());
        let corners =
            |mesh: &FlatMesh| mesh.indices.iter().map(|i| mesh.corners[*i as usize]).collect::<Vec<_>>();
        assert_eq!(corners(&draped), corners(&flat));
        assert_eq!(draped.corners.len(), flat.corners.len(), "no corner twice");
    }

    proptest! {
        #[test]
        fn pieces_cover_the_same_ground_and_lie_on_it(
            a in prop::array::uniform2(-15f32..45.0), b in prop::array::uniform2(-15f32..45.0), c in prop::array::uniform2(-15f32..45.0),
        ) {
            let relief = hill();
            let mut flat = FlatMesh { corners: [a, b, c].map(|place| Corner { place, ..Corner::default() }).to_vec(), indices: vec![] };
            flat.triangle(0, 1, 2);
            let (before, _) = measure(&flat);
            let draped = drape(&flat, &relief);
            let (after, volume) = measure(&draped);
            prop_assert!((before - after).abs() < 0.01, "{before} {after}");
            for corner in &draped.corners {
                let ground = relief.ground_m(f64::from(corner.place[0]), f64::from(corner.place[1]));
                prop_assert!((corner.up_m - ground).abs() < 1e-3);
            }
            // Every piece lies in one triangle of the ground: what is below it is the sum over a fine raster, too.
            let mut sum = 0.0;
            let fine = 0.25;
            for x in 0..240 {
                for y in 0..240 {
                    let at = [-15.0 + (f64::from(x) + 0.5) * fine, -15.0 + (f64::from(y) + 0.5) * fine];
                    let side = |p: [f32; 2], q: [f32; 2]| {
                        (f64::from(q[0]) - f64::from(p[0])) * (at[1] - f64::from(p[1]))
                            - (f64::from(q[1]) - f64::from(p[1])) * (at[0] - f64::from(p[0]))
                    };
                    let [s, t, u] = [side(a, b), side(b, c), side(c, a)];
                    if (s >= 0.0 && t >= 0.0 && u >= 0.0) || (s <= 0.0 && t <= 0.0 && u <= 0.0) {
                        sum += f64::from(relief.ground_m(at[0], at[1])) * fine * fine;
                    }
                }
            }
            prop_assert!((sum - volume).abs() < 30.0 + volume * 0.03, "{sum} {volume}");
        }
    }
}
