//! The drawing board: points and polygons in metres, east and north of the place's origin.
//!
//! Everything here keeps to the four operations and square roots, which IEEE 754 fixes to the last bit, so that the same seed
//! gives the same bytes on every machine; sines, cosines and `hypot` differ between C libraries.

use geo::{
    Area, BooleanOps, BoundingRect, Contains, Coord, CoordsIter, Intersects, LineString, MultiPolygon,
    Polygon,
};

/// A point or a vector, in metres.
pub(super) type Point = Coord<f64>;

/// How far a half-plane reaches, in metres: further than any block is wide.
const FAR_M: f64 = 5000.0;

/// A point from its coordinates.
pub(super) const fn at(x: f64, y: f64) -> Point {
    Coord { x, y }
}

/// Rounds to whole centimetres, so that shared corners are shared exactly.
pub(super) fn snap(point: Point) -> Point {
    at((point.x * 100.0).round() / 100.0, (point.y * 100.0).round() / 100.0)
}

/// The scalar product.
pub(super) fn dot(a: Point, b: Point) -> f64 {
    a.x * b.x + a.y * b.y
}

/// Twice the signed area of the triangle 0, `a`, `b`; positive if `b` lies left of `a`.
pub(super) fn cross(a: Point, b: Point) -> f64 {
    a.x * b.y - a.y * b.x
}

/// The length of a vector.
pub(super) fn length(v: Point) -> f64 {
    dot(v, v).sqrt()
}

/// The distance of two points.
pub(super) fn distance(a: Point, b: Point) -> f64 {
    length(b - a)
}

/// The unit vector of a direction; east for a vector without length.
pub(super) fn unit(v: Point) -> Point {
    let size = length(v);
    if size < 1e-9 { at(1.0, 0.0) } else { v / size }
}

/// A quarter turn to the left.
pub(super) fn left(v: Point) -> Point {
    at(-v.y, v.x)
}

/// The point at a fraction of the way from `a` to `b`.
pub(super) fn between(a: Point, b: Point, fraction: f64) -> Point {
    a + (b - a) * fraction
}

/// A direction slightly turned: `slope` is the tangent of the angle, positive to the left.
pub(super) fn turned(direction: Point, slope: f64) -> Point {
    unit(direction + left(direction) * slope)
}

/// A polygon without holes, anticlockwise: a union of shapes that run both ways would lose some of them.
pub(super) fn polygon(mut corners: Vec<Point>) -> Polygon {
    let origin = corners.first().copied().unwrap_or_default();
    if pairs(&corners).map(|(a, b)| cross(a - origin, b - origin)).sum::<f64>() < 0.0 {
        corners.reverse();
    }
    Polygon::new(LineString(corners), Vec::new())
}

/// The corners of a ring, the closing one left out.
pub(super) fn corners(ring: &LineString) -> &[Point] {
    ring.0.split_last().map_or(&[], |(_, rest)| rest)
}

/// The edges of a ring.
pub(super) fn edges(ring: &LineString) -> impl Iterator<Item = (Point, Point)> + '_ {
    ring.0.windows(2).filter_map(|pair| pair.first().copied().zip(pair.last().copied()))
}

/// Consecutive pairs of a path.
pub(super) fn pairs(path: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    path.windows(2).filter_map(|pair| pair.first().copied().zip(pair.last().copied()))
}

/// The length of a path.
pub(super) fn path_length(path: &[Point]) -> f64 {
    pairs(path).map(|(a, b)| distance(a, b)).sum()
}

/// Where on a path one is after `travelled` metres, and the direction there.
pub(super) fn along(path: &[Point], travelled: f64) -> (Point, Point) {
    let mut rest = travelled;
    let mut last = (path.first().copied().unwrap_or_default(), at(1.0, 0.0));
    for (a, b) in pairs(path) {
        let size = distance(a, b);
        let direction = unit(b - a);
        if rest <= size {
            return (a + direction * rest.max(0.0), direction);
        }
        rest -= size;
        last = (b, direction);
    }
    last
}

/// The nearest point of a segment.
pub(super) fn nearest_on(a: Point, b: Point, point: Point) -> Point {
    let span = b - a;
    let size = dot(span, span);
    if size < 1e-12 { a } else { a + span * (dot(point - a, span) / size).clamp(0.0, 1.0) }
}

/// The nearest point of a path: how far along it, the point, its distance, and the segment's direction.
pub(super) fn nearest_on_path(path: &[Point], point: Point) -> (f64, Point, f64, Point) {
    let mut best = (0.0, path.first().copied().unwrap_or_default(), f64::INFINITY, at(1.0, 0.0));
    let mut travelled = 0.0;
    for (a, b) in pairs(path) {
        let foot = nearest_on(a, b, point);
        let gap = distance(foot, point);
        if gap < best.2 {
            best = (travelled + distance(a, foot), foot, gap, unit(b - a));
        }
        travelled += distance(a, b);
    }
    best
}

/// Where two segments meet, ends included; parallel ones never do.
pub(super) fn meeting(a: Point, b: Point, c: Point, d: Point) -> Option<Point> {
    let (r, s) = (b - a, d - c);
    let turn = cross(r, s);
    if turn.abs() < 1e-9 {
        return None;
    }
    let t = cross(c - a, s) / turn;
    let u = cross(c - a, r) / turn;
    let slack = 1e-9;
    ((-slack..=1.0 + slack).contains(&t) && (-slack..=1.0 + slack).contains(&u)).then(|| a + r * t)
}

/// A rectangle around the segment from `a` to `b`, `half` metres to each side and `extend` beyond each end.
pub(super) fn strip(a: Point, b: Point, half: f64, extend: f64) -> Polygon {
    let forward = unit(b - a);
    let side = left(forward) * half;
    let (a, b) = (a - forward * extend, b + forward * extend);
    polygon(vec![a - side, b - side, b + side, a + side])
}

/// A path moved to its left by `shift` metres; corners are mitred, and no corner reaches further than twice that.
pub(super) fn beside(path: &[Point], shift: f64) -> Vec<Point> {
    let directions: Vec<Point> = pairs(path).map(|(a, b)| unit(b - a)).collect();
    path.iter()
        .enumerate()
        .map(|(index, &point)| {
            let after = directions.get(index).or(directions.last()).copied().unwrap_or(at(1.0, 0.0));
            let before = index.checked_sub(1).and_then(|i| directions.get(i)).copied().unwrap_or(after);
            let normal = unit(left(before) + left(after));
            let stretch = (1.0 / dot(normal, left(after)).max(0.5)).min(2.0);
            point + normal * (shift * stretch)
        })
        .collect()
}

/// The band between a path moved by `from` and by `to` metres to its left.
pub(super) fn band(path: &[Point], from: f64, to: f64) -> Polygon {
    let mut ring = beside(path, from);
    let mut other = beside(path, to);
    other.reverse();
    ring.append(&mut other);
    polygon(ring)
}

/// A smooth curve through all points (Catmull–Rom), a point about every `step` metres.
pub(super) fn smooth(points: &[Point], step: f64, closed: bool) -> Vec<Point> {
    let count = points.len();
    let get = |index: isize| {
        let wrapped = if closed {
            index.rem_euclid(count.cast_signed()) as usize
        } else {
            index.clamp(0, count.cast_signed() - 1) as usize
        };
        points.get(wrapped).copied().unwrap_or_default()
    };
    let mut curve = Vec::new();
    for index in 0..(if closed { count } else { count.saturating_sub(1) }).cast_signed() {
        let (before, a, b, after) = (get(index - 1), get(index), get(index + 1), get(index + 2));
        let parts = (distance(a, b) / step).ceil().max(1.0);
        for part in 0..parts as u32 {
            let t = f64::from(part) / parts;
            let (t2, t3) = (t * t, t * t * t);
            curve.push(
                (a * 2.0
                    + (b - before) * t
                    + (before * 2.0 - a * 5.0 + b * 4.0 - after) * t2
                    + (a * 3.0 - before - b * 3.0 + after) * t3)
                    * 0.5,
            );
        }
    }
    if !closed {
        curve.push(get(count.cast_signed() - 1));
    }
    curve
}

/// An octagon-like closed curve with the half axes `rx` and `ry` along `u` and its left.
pub(super) fn oval(centre: Point, u: Point, rx: f64, ry: f64, count: u32) -> Polygon {
    // A circle without sines: the rational parametrisation, mirrored over four quadrants.
    let quarter = count.div_ceil(4);
    let mut ring = Vec::new();
    for quadrant in 0..4 {
        for part in 0..quarter {
            let t = f64::from(part) / f64::from(quarter);
            let (c, s) = ((1.0 - t * t) / (1.0 + t * t), 2.0 * t / (1.0 + t * t));
            let (x, y) = match quadrant {
                0 => (c, s),
                1 => (-s, c),
                2 => (-c, -s),
                _ => (s, -c),
            };
            ring.push(centre + u * (x * rx) + left(u) * (y * ry));
        }
    }
    polygon(ring)
}

/// A frame of its own for drawing a shape: `u` to the right, its left upward.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Where 0, 0 lies.
    pub origin: Point,
    /// The unit vector of the first axis.
    pub u: Point,
}

impl Frame {
    /// A frame at a point, with a first axis.
    pub(super) fn new(origin: Point, u: Point) -> Self {
        Self { origin, u: unit(u) }
    }

    /// From the frame to the board.
    pub(super) fn out(&self, x: f64, y: f64) -> Point {
        self.origin + self.u * x + left(self.u) * y
    }

    /// From the board into the frame.
    pub(super) fn inside(&self, point: Point) -> Point {
        let offset = point - self.origin;
        at(dot(offset, self.u), dot(offset, left(self.u)))
    }

    /// The rectangle between two corners.
    pub(super) fn rect(&self, x0: f64, y0: f64, x1: f64, y1: f64) -> Polygon {
        polygon(vec![self.out(x0, y0), self.out(x1, y0), self.out(x1, y1), self.out(x0, y1)])
    }

    /// A polygon drawn in the frame.
    pub(super) fn draw(&self, points: &[(f64, f64)]) -> Polygon {
        polygon(points.iter().map(|&(x, y)| self.out(x, y)).collect())
    }

    /// The extent of a shape in the frame: least and greatest corner.
    pub(super) fn extent(&self, shape: &Polygon) -> (Point, Point) {
        let mut low = at(f64::INFINITY, f64::INFINITY);
        let mut high = at(f64::NEG_INFINITY, f64::NEG_INFINITY);
        for &corner in corners(shape.exterior()) {
            let p = self.inside(corner);
            low = at(low.x.min(p.x), low.y.min(p.y));
            high = at(high.x.max(p.x), high.y.max(p.y));
        }
        (low, high)
    }
}

/// The smallest rectangle along one of the shape's own edges: a frame at its least corner, first axis the longer
/// side, and the two sides.
pub(super) fn snug_box(shape: &Polygon) -> (Frame, f64, f64) {
    let mut best: Option<(f64, Frame, f64, f64)> = None;
    for (a, b) in edges(shape.exterior()) {
        if distance(a, b) < 2.0 {
            continue;
        }
        let frame = Frame::new(a, b - a);
        let (low, high) = frame.extent(shape);
        let (w, h) = (high.x - low.x, high.y - low.y);
        if best.as_ref().is_none_or(|(area, ..)| w * h < *area - 1e-6) {
            let origin = frame.out(low.x, low.y);
            let found = if w >= h {
                (Frame::new(origin, frame.u), w, h)
            } else {
                // Turned left once, the least corner becomes the one at the right.
                (Frame::new(frame.out(high.x, low.y), left(frame.u)), h, w)
            };
            best = Some((w * h, found.0, found.1, found.2));
        }
    }
    best.map_or_else(
        || {
            (
                Frame::new(corners(shape.exterior()).first().copied().unwrap_or_default(), at(1.0, 0.0)),
                0.0,
                0.0,
            )
        },
        |(_, frame, w, h)| (frame, w, h),
    )
}

/// Everything left of the line through `point` along `direction`.
fn half_plane(point: Point, direction: Point) -> Polygon {
    let forward = unit(direction) * FAR_M;
    let side = left(unit(direction)) * FAR_M;
    polygon(vec![point - forward, point + forward, point + forward + side, point - forward + side])
}

/// Cuts a shape by the line through `point` along `direction`, taking away a lane of width `gap`:
/// the pieces on the left, and those on the right.
pub(super) fn cut(shape: &Polygon, point: Point, direction: Point, gap: f64) -> (Vec<Polygon>, Vec<Polygon>) {
    let side = left(unit(direction)) * (gap / 2.0);
    let on_left = shape.intersection(&half_plane(point + side, direction)).0;
    let on_right = shape.intersection(&half_plane(point - side, direction * -1.0)).0;
    (on_left, on_right)
}

/// Whether `inner` lies within `outer`: `outer.contains(inner)`, which is slow, only where a look does not tell.
pub(super) fn holds(outer: &Polygon, inner: &Polygon) -> bool {
    let Some(rect) = inner.bounding_rect() else { return false };
    let is_near = |(a, b): (Point, Point)| {
        a.x.min(b.x) <= rect.max().x
            && a.x.max(b.x) >= rect.min().x
            && a.y.min(b.y) <= rect.max().y
            && a.y.max(b.y) >= rect.min().y
    };
    let is_clear = !std::iter::once(outer.exterior()).chain(outer.interiors()).flat_map(edges).any(is_near);
    let mut ring = corners(inner.exterior()).iter().map(|&corner| geo::Point(corner));
    if is_clear {
        return ring.next().is_some_and(|corner| outer.contains(&corner));
    }
    ring.all(|corner| outer.intersects(&corner)) && outer.contains(inner)
}

/// A shape with a margin taken off along each of its edges; possibly in several pieces, or none.
pub(super) fn shrunk(shape: &Polygon, margin: f64) -> Vec<Polygon> {
    if margin <= 0.0 {
        return vec![shape.clone()];
    }
    let strips: Vec<Polygon> = std::iter::once(shape.exterior())
        .chain(shape.interiors())
        .flat_map(edges)
        .map(|(a, b)| strip(a, b, margin, margin))
        .collect();
    shape.difference(&geo::unary_union(&strips)).0
}

/// The parts of `shape` that no other shape covers.
pub(super) fn without(shape: &MultiPolygon, others: &[Polygon]) -> MultiPolygon {
    if others.is_empty() { shape.clone() } else { shape.difference(&geo::unary_union(others)) }
}

/// A shape with corners in whole centimetres, no repeated or needless corners, and the outer ring anticlockwise.
pub(super) fn tidy(shape: &Polygon) -> Option<Polygon> {
    let exterior = tidy_ring(shape.exterior(), true)?;
    let interiors = shape.interiors().iter().filter_map(|ring| tidy_ring(ring, false)).collect();
    Some(Polygon::new(exterior, interiors))
}

fn tidy_ring(ring: &LineString, anticlockwise: bool) -> Option<LineString> {
    let mut points: Vec<Point> = Vec::new();
    for corner in corners(ring).iter().map(|&corner| snap(corner)) {
        if points.last().is_none_or(|&last| distance(last, corner) > 0.05) {
            points.push(corner);
        }
    }
    while points.len() > 1
        && points.first().zip(points.last()).is_some_and(|(&first, &last)| distance(first, last) <= 0.05)
    {
        points.pop();
    }
    // A corner that lies within 3 cm of the line between its neighbours says nothing.
    let mut index = 0;
    while points.len() > 3 && index < points.len() {
        let count = points.len();
        let pick = |i: usize| points.get(i % count).copied().unwrap_or_default();
        let (before, here, after) = (pick(index + count - 1), pick(index), pick(index + 1));
        if distance(nearest_on(before, after, here), here) < 0.03 {
            points.remove(index);
        } else {
            index += 1;
        }
    }
    if points.len() < 3 {
        return None;
    }
    let mut closed = points;
    let first = *closed.first()?;
    closed.push(first);
    let mut ring = LineString(closed);
    let area = Polygon::new(ring.clone(), Vec::new()).signed_area();
    if area.abs() < 0.5 {
        return None;
    }
    if (area > 0.0) != anticlockwise {
        ring.0.reverse();
    }
    Some(ring)
}

/// The middle of a shape's corners' extent.
pub(super) fn middle(shape: &Polygon) -> Point {
    let mut low = at(f64::INFINITY, f64::INFINITY);
    let mut high = at(f64::NEG_INFINITY, f64::NEG_INFINITY);
    for corner in shape.exterior().coords_iter() {
        low = at(low.x.min(corner.x), low.y.min(corner.y));
        high = at(high.x.max(corner.x), high.y.max(corner.y));
    }
    between(low, high, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_is_cut_into_two_halves_beside_a_lane() {
        let square = Frame::new(at(0.0, 0.0), at(1.0, 0.0)).rect(0.0, 0.0, 10.0, 10.0);
        let (l, r) = cut(&square, at(5.0, 5.0), at(0.0, 1.0), 2.0);
        let area = |parts: &[Polygon]| parts.iter().map(Area::unsigned_area).sum::<f64>();
        assert!((area(&l) - 40.0).abs() < 1e-3 && (area(&r) - 40.0).abs() < 1e-3);
    }

    #[test]
    fn the_snug_box_of_a_turned_rectangle_is_itself() {
        let frame = Frame::new(at(100.0, 50.0), at(3.0, 4.0));
        let (found, w, h) = snug_box(&frame.rect(0.0, 0.0, 7.0, 20.0));
        assert!((w - 20.0).abs() < 1e-9 && (h - 7.0).abs() < 1e-9);
        let (low, high) = found.extent(&frame.rect(0.0, 0.0, 7.0, 20.0));
        assert!(length(low) < 1e-6 && distance(high, at(20.0, 7.0)) < 1e-6);
    }

    #[test]
    fn shrinking_takes_the_margin_off_every_side() {
        let square = Frame::new(at(0.0, 0.0), at(1.0, 0.0)).rect(0.0, 0.0, 10.0, 20.0);
        let inner: f64 = shrunk(&square, 1.0).iter().map(Area::unsigned_area).sum();
        assert!((inner - 8.0 * 18.0).abs() < 1e-2, "{inner}");
    }

    #[test]
    fn tidying_drops_what_says_nothing_and_turns_the_ring() {
        let ring = polygon(vec![at(0.0, 0.0), at(0.0, 10.0), at(10.0, 10.0), at(10.0, 0.001), at(5.0, 0.0)]);
        let tidy = tidy(&ring).expect("a square");
        assert_eq!(corners(tidy.exterior()).len(), 4);
        assert!(tidy.signed_area() > 99.0);
    }
}
