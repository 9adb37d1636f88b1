//! Ways and areas as flat triangles on the ground: surfaces, roads widened from their centre lines, outlines as ribbons.
//!
//! Everything lies in one plane and is told apart by its class; what is drawn later lies above.
//! The order is squares, green, water and its banks, roads by rank, bridges and walls: [`Corner::class`] is a [`FlatClass`] as a number.
//! On relief ([`super::drape`]) the same triangles are cut along its cells and lifted.

use earcut::Earcut;

use super::road::Network;
use crate::city::{Area, Ground, RoadClass, SurfaceKind, Ways};

/// What a triangle on the ground belongs to, in the order of drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum FlatClass {
    /// Paved.
    Square,
    /// Parks, woods, lawns.
    Green,
    /// River, moat, lake.
    Water,
    /// Where water meets land.
    Bank,
    /// Footways and paths.
    Footway,
    /// 巷.
    Alley,
    /// Streets where people live.
    Residential,
    /// Streets that connect.
    Secondary,
    /// Main roads.
    Primary,
    /// Bridges.
    Bridge,
    /// The feet of town walls.
    Wall,
}

impl FlatClass {
    /// All, in the order of drawing; the place of each is its number.
    pub const ALL: [Self; 11] = [
        Self::Square,
        Self::Green,
        Self::Water,
        Self::Bank,
        Self::Footway,
        Self::Alley,
        Self::Residential,
        Self::Secondary,
        Self::Primary,
        Self::Bridge,
        Self::Wall,
    ];
}

impl From<RoadClass> for FlatClass {
    fn from(class: RoadClass) -> Self {
        match class {
            RoadClass::Footway => Self::Footway,
            RoadClass::Alley => Self::Alley,
            RoadClass::Residential => Self::Residential,
            RoadClass::Secondary => Self::Secondary,
            RoadClass::Primary => Self::Primary,
        }
    }
}

impl From<SurfaceKind> for FlatClass {
    fn from(kind: SurfaceKind) -> Self {
        match kind {
            SurfaceKind::Square => Self::Square,
            SurfaceKind::Green => Self::Green,
            SurfaceKind::Water => Self::Water,
            SurfaceKind::Bridge => Self::Bridge,
            SurfaceKind::Wall => Self::Wall,
        }
    }
}

/// Where a corner lies on a ribbon, metres.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Lane {
    /// From the edge of the junction that the stretch begins at; below 0 within it.
    pub along_m: f32,
    /// To the edge of the junction that it ends at; below 0 within it.
    pub left_m: f32,
    /// From the centre line, to the left of its direction (of a shore: toward the water).
    pub across_m: f32,
    /// From the centre line to the kerb; 0 where there is none.
    pub half_m: f32,
}

/// A corner of triangles on the ground.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Corner {
    /// `[east, north]` in local metres.
    pub place: [f32; 2],
    /// Above the plain, metres.
    pub up_m: f32,
    /// East and north of the direction straight out of the ground.
    pub lean: [f32; 2],
    /// A [`FlatClass`] as a number, or what the caller of [`FlatMesh::polygon`] gave.
    pub class: u32,
    /// Of roads and shores: where on them.
    pub lane: Lane,
    /// [`FlatMesh::MARKED`] and its neighbours.
    pub flags: u32,
}

/// Triangles on the ground.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlatMesh {
    /// The corners.
    pub corners: Vec<Corner>,
    /// Three a triangle, counter-clockwise seen from above, in the order of drawing.
    pub indices: Vec<u32>,
}

/// A mitre longer than this many half widths is cut off.
const MITRE_LIMIT: f64 = 2.0;

/// All ways as one mesh, in the order of drawing.
pub fn ways(ways: &Ways) -> FlatMesh {
    let mut mesh = FlatMesh::default();
    let network = Network::new(&ways.roads);
    for class in FlatClass::ALL {
        if class == FlatClass::Bank {
            super::shore::banks(&mut mesh, ways);
        }
        for surface in ways.surfaces.iter().filter(|surface| FlatClass::from(surface.kind) == class) {
            for polygon in &surface.polygons {
                mesh.polygon(polygon, class as u32);
            }
        }
        network.draw(&mut mesh, class);
    }
    mesh
}

/// The outlines of areas as ribbons of a width, each with its place in the slice as its class.
pub fn outlines<'a>(areas: impl IntoIterator<Item = &'a Area>, width_m: f32) -> FlatMesh {
    let mut mesh = FlatMesh::default();
    for (class, area) in (0_u32..).zip(areas) {
        for ring in area.polygons.iter().flat_map(Ground::rings) {
            mesh.ribbon(ring, width_m, true, class);
        }
        for line in &area.lines {
            mesh.ribbon(line, width_m, false, class);
        }
    }
    mesh
}

/// A line ready to be widened: its points, how far along each lies, and the way to its left edge at a half width of 1.
#[derive(Debug, Clone, Default)]
pub(super) struct Spine {
    pub(super) points: Vec<[f64; 2]>,
    pub(super) along_m: Vec<f64>,
    sides: Vec<[f64; 2]>,
}

impl Spine {
    /// A line without repeated points; `None` if nothing is left of it. A closed one ends in its first point again.
    pub(super) fn new(line: &[[f32; 2]], is_closed: bool) -> Option<Self> {
        let mut points: Vec<[f64; 2]> = line.iter().map(|p| p.map(f64::from)).collect();
        let gap = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        points.dedup_by(|next, kept| gap(*next, *kept) < 1e-3);
        let is_closed = is_closed && points.len() > 2;
        if is_closed && let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) {
            if gap(first, last) < 1e-3 {
                points.pop();
            }
            points.push(first);
        }
        let count = points.len();
        if count < 2 {
            return None;
        }
        let sides = (0..count)
            .map(|i| {
                let before = if i > 0 { Some(i - 1) } else { is_closed.then(|| count - 2) };
                let after = if i + 1 < count { Some(i + 1) } else { is_closed.then_some(1) };
                side(before.map(|i| points[i]), points[i], after.map(|i| points[i]), 1.0)
            })
            .collect();
        let mut travelled = 0.0;
        let along_m = (0..count)
            .map(|i| {
                travelled += if i > 0 { gap(points[i - 1], points[i]) } else { 0.0 };
                travelled
            })
            .collect();
        Some(Self { points, along_m, sides })
    }
}

impl FlatMesh {
    /// A corner of a road that has a pavement and, by its class, lines.
    pub const MARKED: u32 = 1;
    /// A zebra crossing lies where the stretch begins.
    pub const ZEBRA_FIRST: u32 = 2;
    /// A zebra crossing lies where the stretch ends.
    pub const ZEBRA_LAST: u32 = 4;

    /// How many triangles.
    pub fn triangles(&self) -> usize {
        self.indices.len() / 3
    }

    /// Appends a polygon with its holes open.
    pub fn polygon(&mut self, polygon: &Ground, class: u32) {
        let first = self.corners.len() as u32;
        let mut hole_starts: Vec<u32> = Vec::with_capacity(polygon.holes.len());
        for (i, ring) in polygon.rings().enumerate() {
            if i > 0 {
                hole_starts.push(self.corners.len() as u32 - first);
            }
            self.corners.extend(ring.iter().map(|place| Corner {
                place: *place,
                class,
                ..Corner::default()
            }));
        }
        let corners = self.corners.get(first as usize..).unwrap_or_default();
        let mut triangles: Vec<u32> = Vec::new();
        Earcut::new().earcut(corners.iter().map(|p| p.place.map(f64::from)), &hole_starts, &mut triangles);
        for triangle in triangles.chunks_exact(3) {
            if let &[a, b, c] = triangle {
                self.triangle(first + a, first + b, first + c);
            }
        }
    }

    /// Appends a line of a width with mitred joints; a closed one runs round without a seam.
    pub fn ribbon(&mut self, line: &[[f32; 2]], width_m: f32, is_closed: bool, class: u32) {
        let half = f64::from(width_m) / 2.0;
        if let Some(spine) = Spine::new(line, is_closed)
            && half > 0.0
        {
            let lane = |_: f64, _: f64| Lane::default();
            self.stretch(
                &spine,
                0..spine.points.len(),
                [half, half],
                &lane,
                Corner { class, ..Corner::default() },
            );
        }
    }

    /// Appends a part of a line, so many metres wide to its left and to its right: `lane` is given how far along the
    /// line and how far to its left a corner lies, `like` says the rest of it.
    pub(super) fn stretch(
        &mut self,
        spine: &Spine,
        part: std::ops::Range<usize>,
        [left_m, right_m]: [f64; 2],
        lane: &dyn Fn(f64, f64) -> Lane,
        like: Corner,
    ) {
        let first = self.corners.len() as u32;
        let parts = spine.points.iter().zip(&spine.sides).zip(&spine.along_m);
        let count = part.len() as u32;
        for (([x, y], [east, north]), along) in parts.skip(part.start).take(part.len()) {
            for across in [left_m, -right_m] {
                let place = [(x + east * across) as f32, (y + north * across) as f32];
                self.corners.push(Corner { place, lane: lane(*along, across), ..like });
            }
        }
        // The last corners of a ring are its first, once more: its lane ends there.
        for i in 1..count {
            let (a, b) = (first + 2 * (i - 1), first + 2 * i);
            self.triangle(a, a + 1, b + 1);
            self.triangle(a, b + 1, b);
        }
    }

    /// A half octagon at the end of a line that comes from `inner`.
    pub(super) fn cap(&mut self, end: [f64; 2], inner: [f64; 2], half: f64, like: Corner) {
        let out = [end[0] - inner[0], end[1] - inner[1]];
        let length = out[0].hypot(out[1]);
        if length < 1e-3 {
            return;
        }
        let out = [out[0] / length * half, out[1] / length * half];
        let first = self.corners.len() as u32;
        let mut put = |place: [f64; 2]| {
            self.corners.push(Corner { place: place.map(|metres| metres as f32), ..like });
        };
        put(end);
        for step in -2..=2 {
            let (sin, cos) = (f64::from(step) * std::f64::consts::FRAC_PI_4).sin_cos();
            put([end[0] + out[0] * cos - out[1] * sin, end[1] + out[0] * sin + out[1] * cos]);
        }
        for i in 1..5 {
            self.triangle(first, first + i, first + i + 1);
        }
    }

    /// Appends a triangle, turned so that it is seen from above.
    pub(super) fn triangle(&mut self, a: u32, b: u32, c: u32) {
        let at = |i: u32| self.corners.get(i as usize).map_or([0.0; 2], |corner| corner.place.map(f64::from));
        let (p, q, r) = (at(a), at(b), at(c));
        let turn = (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
        self.indices.extend_from_slice(&if turn < 0.0 { [a, c, b] } else { [a, b, c] });
    }
}

/// From a point of a line to its left edge: across the line at an end, along the mitre at a joint.
fn side(before: Option<[f64; 2]>, at: [f64; 2], after: Option<[f64; 2]>, half: f64) -> [f64; 2] {
    let left = |from: [f64; 2], to: [f64; 2]| {
        let (x, y) = (to[0] - from[0], to[1] - from[1]);
        let length = x.hypot(y).max(1e-9);
        [-y / length, x / length]
    };
    match (before.map(|before| left(before, at)), after.map(|after| left(at, after))) {
        (Some(a), Some(b)) => {
            let sum = [a[0] + b[0], a[1] + b[1]];
            let length = sum[0].hypot(sum[1]);
            if length < 1e-6 {
                // Straight back: no mitre exists.
                return [a[0] * half, a[1] * half];
            }
            // |sum| = 2 cos(half the turn); the mitre is half / cos(half the turn) long.
            let reach = (half * 2.0 / length).min(half * MITRE_LIMIT);
            [sum[0] / length * reach, sum[1] / length * reach]
        }
        (Some(a), None) | (None, Some(a)) => [a[0] * half, a[1] * half],
        (None, None) => [0.0; 2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{Label, LabelKind, Road, Surface};

    fn area_m2(mesh: &FlatMesh) -> f64 {
        mesh.indices
            .chunks_exact(3)
            .map(|t| {
                let [p, q, r] = [t[0], t[1], t[2]].map(|i| mesh.corners[i as usize].place.map(f64::from));
                let twice = (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
                assert!(twice >= 0.0, "seen from above");
                twice / 2.0
            })
            .sum()
    }

    fn square(size: f32) -> Vec<[f32; 2]> {
        vec![[0.0, 0.0], [size, 0.0], [size, size], [0.0, size]]
    }

    #[test]
    fn a_lake_with_an_island() {
        let island: Vec<[f32; 2]> = square(10.0).iter().rev().map(|p| [p[0] + 20.0, p[1] + 20.0]).collect();
        let mut mesh = FlatMesh::default();
        mesh.polygon(&Ground { exterior: square(100.0), holes: vec![island] }, 2);
        assert!((area_m2(&mesh) - 9_900.0).abs() < 1e-6);
        assert_eq!(mesh.corners.iter().map(|corner| corner.class).collect::<Vec<_>>(), [2; 8]);
    }

    #[test]
    fn a_right_angle_is_mitred() {
        let mut mesh = FlatMesh::default();
        mesh.ribbon(&[[0.0, 0.0], [100.0, 0.0], [100.0, 100.0]], 10.0, false, 0);
        // Two strips of 100 × 10 that share their corner: what the inside loses the outside gains.
        assert!((area_m2(&mesh) - 2_000.0).abs() < 1e-3, "{}", area_m2(&mesh));
        let outer = mesh.corners.iter().fold(f32::MIN, |most, p| most.max(p.place[0]));
        assert!((outer - 105.0).abs() < 1e-4);
    }

    #[test]
    fn an_outline_closes_without_a_seam() {
        let mut mesh = FlatMesh::default();
        mesh.ribbon(&square(100.0), 2.0, true, 7);
        assert_eq!((mesh.corners.len(), mesh.triangles()), (10, 8), "the first corners come twice");
        // 102² − 98²
        assert!((area_m2(&mesh) - 800.0).abs() < 1e-2);
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let mut mesh = FlatMesh::default();
        mesh.ribbon(&[[1.0, 1.0], [1.0, 1.0]], 2.0, true, 0);
        mesh.ribbon(&[], 2.0, false, 0);
        mesh.polygon(&Ground::default(), 0);
        assert_eq!(mesh.triangles(), 0);
    }

    #[test]
    fn water_lies_below_roads_and_over_green() {
        let surface = |kind| Surface {
            kind,
            name: None,
            name_en: None,
            polygons: vec![Ground { exterior: square(9.0), holes: vec![] }],
        };
        let all = Ways {
            roads: vec![Road {
                class: RoadClass::Alley,
                width_m: 3.0,
                name: None,
                name_en: None,
                line: vec![[0.0, 0.0], [9.0, 9.0]],
            }],
            surfaces: vec![surface(SurfaceKind::Water), surface(SurfaceKind::Green)],
            labels: vec![Label {
                kind: LabelKind::Gate,
                name: "水亭门".into(),
                name_en: None,
                point: [0.0, 0.0],
            }],
        };
        let mesh = ways(&all);
        let mut order: Vec<u32> = mesh.indices.iter().map(|i| mesh.corners[*i as usize].class).collect();
        order.dedup();
        assert_eq!(
            order,
            [FlatClass::Green, FlatClass::Water, FlatClass::Bank, FlatClass::Alley].map(|class| class as u32)
        );
    }
}
