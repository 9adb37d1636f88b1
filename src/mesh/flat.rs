//! Ways and areas as flat triangles on the ground: surfaces, roads widened from their centre lines, outlines as ribbons.
//!
//! Everything lies in one plane and is told apart by its class; what is drawn later lies above.
//! The order is squares, green, water, roads by rank, bridges and walls: [`FlatMesh::class`] is a [`FlatClass`] as a number.

use earcut::Earcut;

use crate::city::{Area, Ground, Road, RoadClass, SurfaceKind, Ways};

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
    pub const ALL: [Self; 10] = [
        Self::Square,
        Self::Green,
        Self::Water,
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

/// Triangles on the ground, each vertex with a class.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlatMesh {
    /// `[east, north]` in local metres.
    pub positions: Vec<[f32; 2]>,
    /// One a vertex: a [`FlatClass`] as a number, or what the caller of [`FlatMesh::polygon`] gave.
    pub class: Vec<u32>,
    /// Three a triangle, counter-clockwise seen from above, in the order of drawing.
    pub indices: Vec<u32>,
}

/// A mitre longer than this many half widths is cut off.
const MITRE_LIMIT: f64 = 2.0;

/// All ways as one mesh, in the order of drawing.
pub fn ways(ways: &Ways) -> FlatMesh {
    let mut mesh = FlatMesh::default();
    for class in FlatClass::ALL {
        for surface in ways.surfaces.iter().filter(|surface| FlatClass::from(surface.kind) == class) {
            for polygon in &surface.polygons {
                mesh.polygon(polygon, class as u32);
            }
        }
        for road in ways.roads.iter().filter(|road| FlatClass::from(road.class) == class) {
            mesh.road(road);
        }
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

impl FlatMesh {
    /// How many triangles.
    pub fn triangles(&self) -> usize {
        self.indices.len() / 3
    }

    /// Appends a polygon with its holes open.
    pub fn polygon(&mut self, polygon: &Ground, class: u32) {
        let first = self.positions.len() as u32;
        let mut hole_starts: Vec<u32> = Vec::with_capacity(polygon.holes.len());
        for (i, ring) in polygon.rings().enumerate() {
            if i > 0 {
                hole_starts.push(self.positions.len() as u32 - first);
            }
            self.positions.extend_from_slice(ring);
        }
        self.class.resize(self.positions.len(), class);
        let corners = self.positions.get(first as usize..).unwrap_or_default();
        let mut triangles: Vec<u32> = Vec::new();
        Earcut::new().earcut(corners.iter().map(|p| p.map(f64::from)), &hole_starts, &mut triangles);
        for triangle in triangles.chunks_exact(3) {
            if let &[a, b, c] = triangle {
                self.triangle(first + a, first + b, first + c);
            }
        }
    }

    /// Appends a road: its centre line widened, joints mitred, ends rounded.
    pub fn road(&mut self, road: &Road) {
        let class = FlatClass::from(road.class) as u32;
        self.ribbon(&road.line, road.width_m, false, class);
        let half = f64::from(road.width_m) / 2.0;
        let points: Vec<[f64; 2]> = road.line.iter().map(|p| p.map(f64::from)).collect();
        if let [first, second, ..] = points.as_slice() {
            self.cap(*first, *second, half, class);
        }
        if let [.., second, last] = points.as_slice() {
            self.cap(*last, *second, half, class);
        }
    }

    /// Appends a line of a width with mitred joints; a closed one runs round without a seam.
    pub fn ribbon(&mut self, line: &[[f32; 2]], width_m: f32, is_closed: bool, class: u32) {
        let half = f64::from(width_m) / 2.0;
        let mut points: Vec<[f64; 2]> = line.iter().map(|p| p.map(f64::from)).collect();
        points.dedup_by(|next, kept| (next[0] - kept[0]).hypot(next[1] - kept[1]) < 1e-3);
        let is_closed = is_closed && points.len() > 2;
        let count = points.len();
        if count < 2 || half <= 0.0 {
            return;
        }
        let first = self.positions.len() as u32;
        for i in 0..count {
            let before = if i > 0 { Some(points[i - 1]) } else { is_closed.then(|| points[count - 1]) };
            let after = if i + 1 < count { Some(points[i + 1]) } else { is_closed.then(|| points[0]) };
            let [east, north] = side(before, points[i], after, half);
            let [x, y] = points[i];
            self.positions.push([(x + east) as f32, (y + north) as f32]);
            self.positions.push([(x - east) as f32, (y - north) as f32]);
        }
        self.class.resize(self.positions.len(), class);
        let segments = if is_closed { count } else { count - 1 };
        for i in 0..segments {
            let (a, b) = (first + 2 * i as u32, first + 2 * ((i + 1) % count) as u32);
            self.triangle(a, a + 1, b + 1);
            self.triangle(a, b + 1, b);
        }
    }

    /// A half octagon at the end of a line that comes from `inner`.
    fn cap(&mut self, end: [f64; 2], inner: [f64; 2], half: f64, class: u32) {
        let out = [end[0] - inner[0], end[1] - inner[1]];
        let length = out[0].hypot(out[1]);
        if length < 1e-3 {
            return;
        }
        let out = [out[0] / length * half, out[1] / length * half];
        let first = self.positions.len() as u32;
        self.positions.push([end[0] as f32, end[1] as f32]);
        for step in -2..=2 {
            let (sin, cos) = (f64::from(step) * std::f64::consts::FRAC_PI_4).sin_cos();
            let point = [end[0] + out[0] * cos - out[1] * sin, end[1] + out[0] * sin + out[1] * cos];
            self.positions.push(point.map(|metres| metres as f32));
        }
        self.class.resize(self.positions.len(), class);
        for i in 1..5 {
            self.triangle(first, first + i, first + i + 1);
        }
    }

    /// Appends a triangle, turned so that it is seen from above.
    fn triangle(&mut self, a: u32, b: u32, c: u32) {
        let at = |i: u32| self.positions.get(i as usize).copied().unwrap_or_default().map(f64::from);
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
    use crate::city::{Label, LabelKind, Surface};

    fn area_m2(mesh: &FlatMesh) -> f64 {
        mesh.indices
            .chunks_exact(3)
            .map(|t| {
                let [p, q, r] = [t[0], t[1], t[2]].map(|i| mesh.positions[i as usize].map(f64::from));
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
        assert_eq!(mesh.class, vec![2; 8]);
    }

    #[test]
    fn a_straight_road_is_its_length_times_its_width_and_two_caps() {
        let road = Road {
            class: RoadClass::Primary,
            width_m: 10.0,
            name: None,
            name_en: None,
            line: vec![[0.0, 0.0], [100.0, 0.0]],
        };
        let mut mesh = FlatMesh::default();
        mesh.road(&road);
        // A half octagon of radius 5: 4 triangles of 5 × 5 × sin 45° ÷ 2.
        let cap = 4.0 * 12.5 * std::f64::consts::FRAC_1_SQRT_2;
        assert!((area_m2(&mesh) - 1_000.0 - 2.0 * cap).abs() < 1e-3, "{}", area_m2(&mesh));
    }

    #[test]
    fn a_right_angle_is_mitred() {
        let mut mesh = FlatMesh::default();
        mesh.ribbon(&[[0.0, 0.0], [100.0, 0.0], [100.0, 100.0]], 10.0, false, 0);
        // Two strips of 100 × 10 that share their corner: what the inside loses the outside gains.
        assert!((area_m2(&mesh) - 2_000.0).abs() < 1e-3, "{}", area_m2(&mesh));
        let outer = mesh.positions.iter().fold(f32::MIN, |most, p| most.max(p[0]));
        assert!((outer - 105.0).abs() < 1e-4);
    }

    #[test]
    fn an_outline_closes_without_a_seam() {
        let mut mesh = FlatMesh::default();
        mesh.ribbon(&square(100.0), 2.0, true, 7);
        assert_eq!((mesh.positions.len(), mesh.triangles()), (8, 8));
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
        let mut order: Vec<u32> = mesh.indices.iter().map(|i| mesh.class[*i as usize]).collect();
        order.dedup();
        assert_eq!(order, [FlatClass::Green as u32, FlatClass::Water as u32, FlatClass::Alley as u32]);
    }
}
