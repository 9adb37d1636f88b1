//! The road network: lines that meet share a corner, and the faces between them.

use std::collections::BTreeMap;

use geo::{BoundingRect, Contains, Polygon};

use super::plane::{
    Point, at, cross, distance, dot, length, meeting, nearest_on, pairs, polygon, snap, unit,
};

/// Two corners nearer than this are one, in metres.
const SAME_M: f64 = 0.02;

/// A corner of the network, in whole centimetres; equal if and only if it is the same corner.
pub(super) type Node = (i64, i64);

/// The corner at a point.
pub(super) fn node(point: Point) -> Node {
    ((point.x * 100.0).round() as i64, (point.y * 100.0).round() as i64)
}

/// The point of a corner.
pub(super) fn point(node: Node) -> Point {
    at(node.0 as f64 / 100.0, node.1 as f64 / 100.0)
}

/// Gives lines that meet or cross a common corner there. Corners come out in whole centimetres.
pub(super) fn with_shared_corners(lines: &[Vec<Point>]) -> Vec<Vec<Point>> {
    struct Segment {
        line: usize,
        a: Point,
        b: Point,
        extra: Vec<Point>,
    }
    let mut segments: Vec<Segment> = lines
        .iter()
        .enumerate()
        .flat_map(|(line, path)| {
            let snapped: Vec<Point> = path.iter().map(|&point| snap(point)).collect();
            pairs(&snapped).map(|(a, b)| Segment { line, a, b, extra: Vec::new() }).collect::<Vec<_>>()
        })
        .collect();
    for later in 1..segments.len() {
        let (before, rest) = segments.split_at_mut(later);
        let Some(this) = rest.first_mut() else { continue };
        let (low, high) = extent(this.a, this.b);
        for other in before.iter_mut() {
            let (l, h) = extent(other.a, other.b);
            if l.x > high.x + 1.0 || h.x < low.x - 1.0 || l.y > high.y + 1.0 || h.y < low.y - 1.0 {
                continue;
            }
            // An end that lies on the other segment is the corner; only then is a crossing looked for.
            let mut touches = false;
            for end in [other.a, other.b] {
                if distance(nearest_on(this.a, this.b, end), end) < SAME_M {
                    this.extra.push(end);
                    touches = true;
                }
            }
            for end in [this.a, this.b] {
                if distance(nearest_on(other.a, other.b, end), end) < SAME_M {
                    other.extra.push(end);
                    touches = true;
                }
            }
            if !touches && let Some(crossing) = meeting(this.a, this.b, other.a, other.b) {
                this.extra.push(snap(crossing));
                other.extra.push(snap(crossing));
            }
        }
    }
    let mut paths: Vec<Vec<Point>> = vec![Vec::new(); lines.len()];
    for segment in segments {
        let direction = unit(segment.b - segment.a);
        let mut stops = segment.extra;
        stops.push(segment.a);
        stops.push(segment.b);
        stops.sort_by(|p, q| dot(*p - segment.a, direction).total_cmp(&dot(*q - segment.a, direction)));
        if let Some(path) = paths.get_mut(segment.line) {
            path.extend(stops);
        }
    }
    for path in &mut paths {
        path.dedup_by_key(|point| node(*point));
    }
    paths
}

fn extent(a: Point, b: Point) -> (Point, Point) {
    (at(a.x.min(b.x), a.y.min(b.y)), at(a.x.max(b.x), a.y.max(b.y)))
}

/// A face between the lines.
#[derive(Debug, Clone)]
pub(super) struct Face {
    /// Its corners, anticlockwise.
    pub ring: Vec<Node>,
    /// The same as a shape.
    pub shape: Polygon,
    /// A point well within it.
    pub inside: Point,
}

/// The faces that lines with shared corners enclose; dead ends are left out, and so is the outer face.
/// The lines must hang together.
pub(super) fn faces(lines: &[Vec<Point>]) -> Vec<Face> {
    let mut ways: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
    for (a, b) in lines.iter().flat_map(|line| pairs(line)) {
        let (a, b) = (node(a), node(b));
        if a != b {
            ways.entry(a).or_default().push(b);
            ways.entry(b).or_default().push(a);
        }
    }
    for list in ways.values_mut() {
        list.sort_unstable();
        list.dedup();
    }
    let mut dead_ends: Vec<Node> = ways.iter().filter(|(_, to)| to.len() < 2).map(|(&n, _)| n).collect();
    while let Some(end) = dead_ends.pop() {
        for neighbour in ways.remove(&end).unwrap_or_default() {
            if let Some(list) = ways.get_mut(&neighbour) {
                list.retain(|&to| to != end);
                if list.len() < 2 {
                    dead_ends.push(neighbour);
                }
            }
        }
    }
    for (&from, list) in &mut ways {
        let origin = point(from);
        list.sort_by(|&p, &q| bearing(point(p) - origin).total_cmp(&bearing(point(q) - origin)));
    }
    let mut walked: BTreeMap<(Node, Node), bool> = BTreeMap::new();
    let mut found = Vec::new();
    for (&start, list) in &ways {
        for &second in list {
            let mut ring = Vec::new();
            let (mut from, mut to) = (start, second);
            while walked.insert((from, to), true).is_none() {
                ring.push(from);
                // At the next corner, take the way just clockwise of the one that we came by: the face stays left.
                let Some(next) = ways.get(&to).and_then(|list| {
                    let back = list.iter().position(|&n| n == from)?;
                    list.get((back + list.len() - 1) % list.len()).copied()
                }) else {
                    break;
                };
                (from, to) = (to, next);
            }
            if let Some(face) = face(ring) {
                found.push(face);
            }
        }
    }
    found
}

/// Grows with the angle of a direction, from 0 to 4, without trigonometry.
fn bearing(v: Point) -> f64 {
    let share = v.y / (v.x.abs() + v.y.abs()).max(1e-12);
    if v.x >= 0.0 { if share >= 0.0 { share } else { 4.0 + share } } else { 2.0 - share }
}

fn face(ring: Vec<Node>) -> Option<Face> {
    if ring.len() < 3 {
        return None;
    }
    let points: Vec<Point> = ring.iter().map(|&n| point(n)).collect();
    let twice_area: f64 = points.iter().zip(points.iter().cycle().skip(1)).map(|(&a, &b)| cross(a, b)).sum();
    if twice_area < 1.0 {
        return None;
    }
    let shape = polygon(points);
    let inside = deep_inside(&shape)?;
    Some(Face { ring, shape, inside })
}

/// A point within a shape, far from its edges: the best of a grid.
pub(super) fn deep_inside(shape: &Polygon) -> Option<Point> {
    let rect = shape.bounding_rect()?;
    let mut best: Option<(f64, Point)> = None;
    for row in 0..12 {
        for column in 0..12 {
            let candidate = at(
                rect.min().x + rect.width() * (f64::from(column) + 0.5) / 12.0,
                rect.min().y + rect.height() * (f64::from(row) + 0.5) / 12.0,
            );
            if !shape.contains(&geo::Point(candidate)) {
                continue;
            }
            let depth = super::plane::edges(shape.exterior())
                .map(|(a, b)| length(nearest_on(a, b, candidate) - candidate))
                .fold(f64::INFINITY, f64::min);
            if best.is_none_or(|(most, _)| depth > most) {
                best = Some((depth, candidate));
            }
        }
    }
    best.map(|(_, point)| point)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_cross_share_a_corner_and_enclose_faces() {
        // A square with a cross through it and a dead end inside: four faces.
        let square = vec![at(0.0, 0.0), at(10.0, 0.0), at(10.0, 10.0), at(0.0, 10.0), at(0.0, 0.0)];
        let lines = vec![
            square,
            vec![at(5.0, 0.0), at(5.0, 10.0)],
            vec![at(0.0, 4.0), at(10.0, 4.0)],
            vec![at(5.0, 8.0), at(7.0, 8.0)],
        ];
        let shared = with_shared_corners(&lines);
        assert!(shared[1].contains(&at(5.0, 4.0)) && shared[2].contains(&at(5.0, 4.0)));
        let mut areas: Vec<i64> =
            faces(&shared).iter().map(|face| geo::Area::unsigned_area(&face.shape).round() as i64).collect();
        areas.sort_unstable();
        assert_eq!(areas, [20, 20, 30, 30]);
    }
}
