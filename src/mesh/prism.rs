//! Prisms: the walls and roof of each building of a tile, packed.

use std::collections::BTreeSet;
use std::sync::Arc;

use earcut::Earcut;

use super::block;
use super::cut::{Cut, MOST_VERTICES};
use super::edges;
use super::tile::{Level, SECTORS, Tile, Vertex};
use crate::city::{BuildingIndex, BuildingRef, City};

/// Parts smaller than this share of a building's largest have no block.
const SMALL_PART: f64 = 0.1;

/// Builds tiles; its buffers are used again from tile to tile.
#[derive(Default)]
pub(super) struct Builder {
    earcut: Earcut<f64>,
    /// Indices of one range each: eight sectors of walls, then roofs.
    ranges: [Vec<u16>; SECTORS + 1],
    vertices: Vec<u8>,
    corners: Vec<[f64; 2]>,
    hole_starts: Vec<u32>,
    triangles: Vec<u32>,
    /// Of the polygon at hand: where each ring starts in the tile's vertices.
    ring_starts: Vec<(u32, u32)>,
    simple: Vec<[f64; 2]>,
    scratch: Vec<[f64; 2]>,
    /// Of the ring at hand: the edge bits of each corner.
    edges: Vec<u16>,
    /// Blocks of the tile at hand.
    blocks: Vec<Block>,
    block_corners: Vec<[f64; 2]>,
    /// Buildings that something else is drawn instead of: they keep their rows and have no triangles.
    hidden: Arc<BTreeSet<u32>>,
}

struct Block {
    row: u16,
    /// Above the plain.
    bottom_m: f64,
    /// Above the plain.
    top_m: f64,
    has_underside: bool,
    corners: std::ops::Range<usize>,
}

/// The box of a tile and the steps of its packed positions.
#[derive(Clone, Copy)]
struct Packing {
    min: [f64; 3],
    steps_per_m: [f64; 3],
}

impl Packing {
    fn pack(&self, [east, north]: [f64; 2], up: f64) -> [u16; 3] {
        let metres = [east, up, -north];
        // The cast saturates, so that rounding at the edge of the box does no harm.
        std::array::from_fn(|axis| ((metres[axis] - self.min[axis]) * self.steps_per_m[axis] + 0.5) as u16)
    }
}

impl Builder {
    /// A builder that leaves buildings out.
    pub(super) fn without(hidden: Arc<BTreeSet<u32>>) -> Self {
        Self { hidden, ..Self::default() }
    }

    /// Builds one tile.
    pub(super) fn tile(&mut self, city: &City, cut: Cut, first_row: u32) -> Tile {
        self.simplify_all(city, &cut.buildings);
        let (min, max, step) = self.bounds(city, &cut.buildings);
        let packing = Packing {
            min: min.map(f64::from),
            steps_per_m: step.map(|step| if step > 0.0 { 1.0 / f64::from(step) } else { 0.0 }),
        };
        for (row, building) in references(city, &cut.buildings) {
            if self.hidden.contains(&building.index().0) {
                continue;
            }
            let rings: usize = building.polygons().map(|polygon| polygon.rings().len()).sum();
            // A building that alone is more than a tile can hold loses corners evenly.
            let every = (2 * (building.points().len() + rings)).div_ceil(MOST_VERTICES);
            for polygon in building.polygons() {
                self.polygon(building, polygon, every, row, &packing);
            }
        }
        let full = self.take_level(cut.vertices * Vertex::BYTES);
        let blocks = std::mem::take(&mut self.blocks);
        let corners = std::mem::take(&mut self.block_corners);
        for block in &blocks {
            let ring = corners.get(block.corners.clone()).unwrap_or_default();
            self.block(block, ring, &packing);
        }
        (self.blocks, self.block_corners) = (blocks, corners);
        let block = self.take_level(0);
        Tile { key: cut.key, min, max, step, first_row, buildings: cut.buildings, full, block }
    }

    fn simplify_all(&mut self, city: &City, buildings: &[u32]) {
        self.blocks.clear();
        self.block_corners.clear();
        for (row, building) in references(city, buildings) {
            if self.hidden.contains(&building.index().0) {
                continue;
            }
            let size = |ring: &[[f32; 2]]| crate::city::signed_area_m2(ring);
            let largest = building.polygons().map(|polygon| size(polygon.exterior())).fold(0.0, f64::max);
            for polygon in building.polygons() {
                let ring = polygon.exterior();
                if building.polygons().len() > 1 && size(ring) < largest * SMALL_PART {
                    continue;
                }
                block::simplify(ring, &mut self.scratch, &mut self.simple);
                if self.simple.len() < 3 {
                    continue;
                }
                let start = self.block_corners.len();
                self.block_corners.append(&mut self.simple);
                self.blocks.push(Block {
                    row,
                    bottom_m: f64::from(building.bottom_m()),
                    top_m: f64::from(building.top_m()),
                    has_underside: building.is_floating(),
                    corners: start..self.block_corners.len(),
                });
            }
        }
    }

    /// Real bounds of everything in the tile, and metres a step.
    fn bounds(&self, city: &City, buildings: &[u32]) -> ([f32; 3], [f32; 3], [f32; 3]) {
        let (mut min, mut max) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
        let mut take = |x: f32, y: f32, z: f32| {
            for (axis, value) in [x, y, z].into_iter().enumerate() {
                min[axis] = min[axis].min(value);
                max[axis] = max[axis].max(value);
            }
        };
        for (_, building) in references(city, buildings) {
            for [east, north] in building.points() {
                take(*east, building.bottom_m(), -north);
            }
            if let Some([east, north]) = building.points().first() {
                take(*east, building.top_m(), -north);
            }
        }
        for [east, north] in &self.block_corners {
            let (x, z) = (*east as f32, -*north as f32);
            let y = min[1];
            for (axis, value) in [x, y, z].into_iter().enumerate() {
                min[axis] = min[axis].min(value);
                max[axis] = max[axis].max(value);
            }
        }
        if min[0] > max[0] {
            return ([0.0; 3], [0.0; 3], [0.0; 3]);
        }
        let step = std::array::from_fn(|axis| (max[axis] - min[axis]) / 65_535.0);
        (min, max, step)
    }

    fn take_level(&mut self, expected: usize) -> Level {
        let mut level = Level {
            vertices: std::mem::replace(
                &mut self.vertices,
                Vec::with_capacity(expected.min(MOST_VERTICES * 12)),
            ),
            indices: Vec::with_capacity(self.ranges.iter().map(Vec::len).sum()),
            sector_ends: [0; SECTORS + 1],
        };
        level.vertices.shrink_to_fit();
        for (range, end) in self.ranges.iter_mut().zip(&mut level.sector_ends) {
            level.indices.append(range);
            *end = level.indices.len() as u32;
        }
        level
    }

    /// Walls of all rings, and the roof between them; of long rings only every so many corners.
    fn polygon(
        &mut self,
        building: BuildingRef<'_>,
        polygon: crate::city::PolygonRef<'_>,
        every: usize,
        row: u16,
        packing: &Packing,
    ) {
        let (bottom_m, top_m) = (f64::from(building.bottom_m()), f64::from(building.top_m()));
        self.corners.clear();
        self.hole_starts.clear();
        self.ring_starts.clear();
        for (i, ring) in polygon.rings().enumerate() {
            let every = every.min(ring.len() / 3).max(1);
            let needed = 2 * (ring.len().div_ceil(every) + 1);
            if self.vertices.len() / Vertex::BYTES + needed > MOST_VERTICES {
                // A polygon without room for its outer ring is left out, one without room for a hole goes without it.
                if i == 0 {
                    return;
                }
                continue;
            }
            let start = self.corners.len();
            if i > 0 {
                self.hole_starts.push(start as u32);
            }
            self.corners.extend(ring.iter().step_by(every).map(|p| p.map(f64::from)));
            let first =
                self.walls(start, if i > 0 { Vertex::HOLE } else { 0 }, [bottom_m, top_m], row, packing);
            self.ring_starts.push((start as u32, first));
        }
        self.roof(building.is_floating());
    }

    /// The walls of the ring that starts at a corner; gives the number of its first vertex.
    ///
    /// Corner i has the vertices `first + 2 i` at its foot and `first + 2 i + 1` at its top; the first corner has two more at the end.
    fn walls(
        &mut self,
        start: usize,
        flags: u16,
        [bottom_m, top_m]: [f64; 2],
        row: u16,
        packing: &Packing,
    ) -> u32 {
        let first = (self.vertices.len() / Vertex::BYTES) as u32;
        let ring = self.corners.get(start..).unwrap_or_default();
        edges::mark(ring, &mut self.edges);
        let mut along_m = 0.0;
        let n = ring.len();
        for i in 0..=n {
            let (a, b) = (ring[i % n], ring[(i + 1) % n]);
            let flags = flags | self.edges.get(i).copied().unwrap_or_default();
            // The outside lies to the right: of an outer ring that runs counter-clockwise, of a courtyard that runs clockwise.
            let normal = [b[1] - a[1], a[0] - b[0]];
            let facing = facing(normal);
            let (foot, top) = (packing.pack(a, bottom_m), packing.pack(a, top_m));
            let along_dm = (along_m * 10.0) as u16;
            let vertex = |position, flags| Vertex { position, row, along_dm, flags };
            self.vertices.extend_from_slice(&vertex(foot, flags | facing << 8).to_bytes());
            self.vertices.extend_from_slice(&vertex(top, flags | Vertex::TOP | Vertex::UP << 8).to_bytes());
            if i < n {
                let foot = (first + 2 * i as u32) as u16;
                if let Some(range) = self.ranges.get_mut(usize::from(facing & 7)) {
                    range.extend_from_slice(&[foot, foot + 2, foot + 3, foot, foot + 3, foot + 1]);
                }
                along_m += normal[0].hypot(normal[1]);
            }
        }
        first
    }

    fn roof(&mut self, has_underside: bool) {
        let corners = &self.corners;
        let is_quad = self.hole_starts.is_empty() && corners.len() == 4 && is_convex(corners);
        if corners.len() == 3 && self.hole_starts.is_empty() {
            self.triangles.clear();
            self.triangles.extend_from_slice(&[0, 1, 2]);
        } else if is_quad {
            self.triangles.clear();
            self.triangles.extend_from_slice(&[0, 1, 2, 0, 2, 3]);
        } else {
            self.earcut.earcut(corners.iter().copied(), &self.hole_starts, &mut self.triangles);
        }
        let ring_starts = &self.ring_starts;
        let foot = |corner: u32| -> u16 {
            let ring =
                ring_starts.iter().rev().find(|(start, _)| *start <= corner).copied().unwrap_or_default();
            (ring.1 + 2 * (corner - ring.0)) as u16
        };
        let Some(range) = self.ranges.get_mut(SECTORS) else { return };
        for triangle in self.triangles.chunks_exact(3) {
            let &[a, b, c] = triangle else { continue };
            let (Some(p), Some(q), Some(r)) =
                (corners.get(a as usize), corners.get(b as usize), corners.get(c as usize))
            else {
                continue;
            };
            let turn = (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
            let (b, c) = if turn < 0.0 { (c, b) } else { (b, c) };
            let [a, b, c] = [a, b, c].map(foot);
            range.extend_from_slice(&[a + 1, b + 1, c + 1]);
            if has_underside {
                range.extend_from_slice(&[a, c, b]);
            }
        }
    }

    /// The prism of a simplified ring: shared corners, no seam, since nobody counts windows from afar.
    fn block(&mut self, block: &Block, ring: &[[f64; 2]], packing: &Packing) {
        let first = self.vertices.len() / Vertex::BYTES;
        let n = ring.len();
        if first + 2 * n > MOST_VERTICES {
            return;
        }
        self.corners.clear();
        self.hole_starts.clear();
        self.ring_starts.clear();
        self.corners.extend_from_slice(ring);
        self.ring_starts.push((0, first as u32));
        let mut along_m = 0.0;
        for i in 0..n {
            let (a, b) = (ring[i], ring[(i + 1) % n]);
            let normal = [b[1] - a[1], a[0] - b[0]];
            let facing = facing(normal);
            let along_dm = (along_m * 10.0) as u16;
            along_m += normal[0].hypot(normal[1]);
            let vertex =
                |up, flags| Vertex { position: packing.pack(a, up), row: block.row, along_dm, flags };
            self.vertices.extend_from_slice(&vertex(block.bottom_m, facing << 8).to_bytes());
            self.vertices.extend_from_slice(&vertex(block.top_m, Vertex::TOP | Vertex::UP << 8).to_bytes());
            let (foot, next) = ((first + 2 * i) as u16, (first + 2 * ((i + 1) % n)) as u16);
            if let Some(range) = self.ranges.get_mut(usize::from(facing & 7)) {
                range.extend_from_slice(&[foot, next, next + 1, foot, next + 1, foot + 1]);
            }
        }
        self.roof(block.has_underside);
    }
}

fn references<'a>(city: &'a City, buildings: &'a [u32]) -> impl Iterator<Item = (u16, BuildingRef<'a>)> {
    (0..=u16::MAX)
        .zip(buildings)
        .filter_map(|(row, building)| Some((row, city.building(BuildingIndex(*building))?)))
}

/// The sector that a wall with an outward normal `[east, north]` faces, and in bits 4–7 the sixteenth within it.
fn facing([east, north]: [f64; 2]) -> u16 {
    // Turned by half a sector, so that sector 0 is centred on east; in sixteenths of a sector.
    let turned = (north.atan2(east) / std::f64::consts::TAU * 128.0 + 8.0).rem_euclid(128.0) as u16 & 127;
    turned >> 4 | (turned & 15) << 4
}

fn is_convex(corners: &[[f64; 2]]) -> bool {
    let n = corners.len();
    (0..n).all(|i| {
        let (a, b, c) = (corners[i], corners[(i + 1) % n], corners[(i + 2) % n]);
        (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]) > 0.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sectors_start_at_east_and_turn_north() {
        for (i, normal) in [
            [1.0, 0.0],
            [1.0, 1.0],
            [0.0, 1.0],
            [-1.0, 1.0],
            [-1.0, 0.0],
            [-1.0, -1.0],
            [0.0, -1.0],
            [1.0, -1.0],
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(facing(normal) & 15, i as u16, "{normal:?}");
            assert_eq!(facing(normal) >> 4, 8, "the middle of its sector");
        }
        assert_eq!(facing([1.0, 0.41]) & 15, 0);
        assert_eq!(facing([1.0, 0.42]) & 15, 1);
        assert_eq!(facing([1.0, -0.41]) & 15, 0);
    }
}
