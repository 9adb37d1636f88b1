//! A cut through a tree: which squares are drawn as one group, which points stand by themselves.
//!
//! A square is opened while it covers more than a group's room on screen, so that groups keep apart, near ones hold
//! less than far ones, and nothing is left out. What is drawn is bounded by the picture's size.

use bevy::math::{Vec2, Vec3, Vec4};

use super::tree::{Square, Tree};
use crate::viewer::view::View;

/// An open square closes only below this share of a group's room: so that nothing flickers at the border.
const CLOSES_AT: f32 = 0.82;
/// So many points in one square of the last level stand around their spot; more stay a group.
const MOST_AROUND_A_SPOT: u32 = 9;
/// The view may drift by this share of half the picture until a cut is made anew.
pub(super) const DRIFT: f32 = 0.10;
/// What is beside the picture by this share of half of it is in the cut: heads stand above their feet, and a turn must
/// not pop.
const BESIDE: f32 = DRIFT + 0.06;
/// Where the ground is farther than so many heights of the camera it is as good as infinitely far.
const FAR_HEIGHTS: f32 = 30.0;
/// Higher than most roofs: what is in view may stand so much above the mean of its square, metres.
const HEIGHT_M: f32 = 60.0;

/// Groups have at most so many steps more than their usual room, each of √2.
const MOST_STEPS: u8 = 3;

/// How much room groups have: more where there would be so many that nobody could read them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Room {
    steps: u8,
}

impl Room {
    /// From what is usual.
    pub(super) fn of(self, usual: f32) -> f32 {
        usual * std::f32::consts::SQRT_2.powi(i32::from(self.steps))
    }

    /// For the next cut, where the last one drew so many and at most so many can be read. A step halves or doubles them,
    /// so that none is taken back at once.
    pub(super) fn after(self, drawn: usize, most: usize) -> Self {
        let steps = if drawn > most {
            (self.steps + 1).min(MOST_STEPS)
        } else if drawn * 3 < most {
            self.steps.saturating_sub(1)
        } else {
            self.steps
        };
        Self { steps }
    }
}

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    /// A point by itself, the k-th of n around one spot.
    Item { index: u32, k: u8, n: u8 },
    /// A square's points as one.
    Group { square: Square },
}

/// Something in view, and the group that it was part of in the last cut, where it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) what: What,
    pub(super) came_from: Option<Vec3>,
}

/// How a cut is made.
pub(super) struct Cut<'a> {
    pub(super) view: &'a View,
    /// The room of a group, pixels.
    pub(super) room_px: f32,
    /// The number of this cut; that before it is one less.
    pub(super) number: u32,
    planes: [Vec4; 5],
}

impl<'a> Cut<'a> {
    pub(super) fn new(view: &'a View, room_px: f32, number: u32) -> Self {
        let rows = view.clip_from_world;
        let (x, y, w) = (rows.row(0), rows.row(1), rows.row(3));
        let margin = 1.0 + BESIDE;
        let planes = [w * margin + x, w * margin - x, w * margin + y, w * margin - y, w];
        Self {
            view,
            room_px,
            number,
            planes: planes.map(|plane| plane / plane.truncate().length().max(1e-9)),
        }
    }

    fn sees(&self, middle: Vec3, radius: f32) -> bool {
        self.planes.iter().all(|plane| plane.dot(middle.extend(1.0)) >= -radius)
    }

    /// How large a square is on screen: its side, foreshortened as the ground is there.
    fn size_px(&self, square: &Square) -> f32 {
        let eye = self.view.camera;
        let half = Vec2::splat(square.side_m * 0.5);
        let nearest = Vec2::new(eye.x, eye.z).clamp(square.middle - half, square.middle + half);
        let distance = Vec3::new(nearest.x, 0.0, nearest.y).distance(eye).max(1.0);
        let slant = (eye.y / distance).clamp(0.3, 1.0).sqrt();
        square.side_m * self.view.pixels_at_one_m / distance * slant
    }

    /// Walks down a tree; `drawn` is told of everything that is in view, the farthest first.
    pub(super) fn walk(&self, tree: &mut Tree, drawn: &mut Vec<Seen>) {
        if tree.len() > 0 {
            self.visit(tree, Tree::root(), None, drawn);
        }
    }

    fn visit(&self, tree: &mut Tree, square: Square, came_from: Option<Vec3>, drawn: &mut Vec<Seen>) {
        let Some(node) = tree.node(square.node) else { return };
        if node.tally.count == 1 {
            if let Some(index) = tree.any_item(square.node)
                && tree.item(index).is_some_and(|item| self.sees(item.place, HEIGHT_M))
            {
                drawn.push(Seen { what: What::Item { index, k: 0, n: 1 }, came_from });
            }
            return;
        }
        let (is_open, count) = (node.is_open, node.tally.count);
        let was_drawn = node.drawn.number + 1 == self.number;
        let middle = tree.middle_of(&square);
        // Points beyond the whole lie in its outermost squares: those must not be culled by their squares.
        let is_bounded = square.level > 1;
        let around = Vec3::new(square.middle.x, middle.y, square.middle.y);
        if is_bounded && !self.sees(around, square.side_m * 0.71 + HEIGHT_M) {
            return;
        }
        let room = if is_open { self.room_px * CLOSES_AT } else { self.room_px };
        let opens = self.size_px(&square) > room && !(square.is_last() && count > MOST_AROUND_A_SPOT);
        if let Some(node) = tree.node_mut(square.node) {
            node.is_open = opens;
        }
        if !opens {
            drawn.push(Seen { what: What::Group { square }, came_from });
            return;
        }
        let came_from = if was_drawn { Some(middle) } else { came_from };
        if square.is_last() {
            let n = count.min(255) as u8;
            let items: Vec<u32> = tree.items_of(square.node).collect();
            drawn.extend(
                (0..n).zip(items).map(|(k, index)| Seen { what: What::Item { index, k, n }, came_from }),
            );
            return;
        }
        let eye = Vec2::new(self.view.camera.x, self.view.camera.z);
        for child in tree.within(square, eye) {
            self.visit(tree, child, came_from, drawn);
        }
    }
}

/// How a view was: what its corners, edges and middle showed of the ground. By default nothing has been looked at yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look(Option<[(Vec2, Vec3); 9]>);

impl Look {
    pub(super) fn of(view: &View) -> Self {
        let world_from_clip = view.clip_from_world.inverse();
        let sides = [-1.0, 0.0, 1.0];
        Self(Some(std::array::from_fn(|index| {
            let at = Vec2::new(sides[index % 3], sides[index / 3]);
            let ray = world_from_clip.project_point3(at.extend(0.5)) - view.camera;
            let far = FAR_HEIGHTS * view.camera.y.abs().max(1.0);
            let direction = ray.normalize_or(Vec3::NEG_Y);
            let to_ground = if direction.y < 0.0 { view.camera.y / -direction.y } else { far };
            (at, view.camera + direction * to_ground.clamp(1.0, far))
        })))
    }

    /// Whether another view shows it elsewhere by more than [`DRIFT`].
    pub(super) fn has_drifted(&self, view: &View) -> bool {
        let is_near = |(at, point): &(Vec2, Vec3)| {
            let clip = view.clip_from_world * point.extend(1.0);
            clip.w > 0.0 && (clip.truncate().truncate() / clip.w - at).abs().max_element() <= DRIFT
        };
        !self.0.is_some_and(|points| points.iter().all(is_near))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Traits;
    use super::*;
    use crate::viewer::camera::Orbit;

    fn view(distance_m: f32) -> View {
        let orbit = Orbit { target: Vec2::ZERO, distance_m, bearing_deg: 0.0, pitch_deg: 40.0 };
        View {
            clip_from_world: orbit.clip_from_world(16.0 / 9.0, 1.0),
            camera: orbit.position(),
            ..View::default()
        }
    }

    fn cut(tree: &mut Tree, distance_m: f32, number: u32) -> Vec<Seen> {
        let view = view(distance_m);
        let mut drawn = Vec::new();
        Cut::new(&view, 50.0, number).walk(tree, &mut drawn);
        drawn
    }

    /// 40 by 40 points, 10 m apart, around the origin.
    fn field() -> Tree {
        let mut tree = Tree::default();
        for index in 0..1600 {
            let (column, row) = (index % 40, index / 40);
            let place = Vec3::new(column as f32 * 10.0 - 200.0, 0.0, row as f32 * 10.0 - 200.0);
            tree.set(index, place, Traits::default());
        }
        tree
    }

    fn points(tree: &Tree, drawn: &[Seen]) -> u32 {
        let of = |seen: &Seen| match seen.what {
            What::Item { .. } => 1,
            What::Group { square } => tree.node(square.node).map_or(0, |node| node.tally.count),
        };
        drawn.iter().map(of).sum()
    }

    #[test]
    fn nobody_in_view_is_lost_at_any_distance() {
        let mut tree = field();
        for (number, distance_m) in [1000.0, 3000.0, 9000.0, 30_000.0].into_iter().enumerate() {
            let drawn = cut(&mut tree, distance_m, number as u32 + 1);
            assert_eq!(points(&tree, &drawn), 1600, "{distance_m} m");
            assert!(drawn.len() < 700, "{distance_m} m: {}", drawn.len());
        }
        assert!(cut(&mut tree, 9000.0, 9).len() < 30);
    }

    #[test]
    fn near_enough_each_stands_by_itself() {
        // Squares of 8 m, seen from at most 400 m, cover 8 · 1620 / 400 pixels: more than the 20 of a group's room.
        let mut tree = field();
        let (view, mut drawn) = (view(120.0), Vec::new());
        Cut::new(&view, 20.0, 1).walk(&mut tree, &mut drawn);
        assert!(drawn.len() > 20);
        assert!(drawn.iter().all(|seen| matches!(seen.what, What::Item { n: 1, .. })));
    }

    #[test]
    fn a_crowd_has_more_room_until_it_can_be_read() {
        let mut room = Room::default();
        let mut rooms = Vec::new();
        for _ in 0..4 {
            room = room.after((3_000.0 / room.of(1.0).powi(2)) as usize, 800);
            rooms.push(room.of(10.0).round());
        }
        assert_eq!(rooms, [14.0, 20.0, 20.0, 20.0], "3,000, 1,500, then 750, which stay");
        assert_eq!(room.after(266, 800).of(10.0).round(), 14.0);
        assert_eq!(Room::default().after(0, 800), Room::default());
        assert_eq!((0..9).fold(room, |room, _| room.after(9_999, 800)).of(10.0).round(), 28.0);
    }

    #[test]
    fn a_look_holds_until_the_view_has_drifted_by_a_tenth() {
        let orbit = Orbit { target: Vec2::ZERO, distance_m: 800.0, bearing_deg: 20.0, pitch_deg: 50.0 };
        let look_from = |orbit: Orbit| View {
            clip_from_world: orbit.clip_from_world(16.0 / 9.0, 1.0),
            camera: orbit.position(),
            ..View::default()
        };
        let look = Look::of(&look_from(orbit));
        assert!(!look.has_drifted(&look_from(orbit)));
        assert!(!look.has_drifted(&look_from(Orbit { bearing_deg: 21.0, ..orbit })));
        for other in [
            Orbit { bearing_deg: 26.0, ..orbit },
            Orbit { distance_m: 650.0, ..orbit },
            Orbit { target: Vec2::new(90.0, 0.0), ..orbit },
            Orbit { pitch_deg: 57.0, ..orbit },
        ] {
            assert!(look.has_drifted(&look_from(other)), "{other:?}");
        }
        assert!(Look::default().has_drifted(&look_from(orbit)), "nothing has been looked at yet");
    }

    #[test]
    fn points_at_one_spot_stand_around_it_unless_they_are_many() {
        let mut tree = Tree::default();
        for index in 0..4 {
            tree.set(index, Vec3::new(1.0, 0.0, 1.0), Traits::default());
        }
        let drawn = cut(&mut tree, 100.0, 1);
        assert_eq!(drawn.len(), 4);
        assert!(drawn.iter().all(|seen| matches!(seen.what, What::Item { n: 4, .. })));
        for index in 4..30 {
            tree.set(index, Vec3::new(1.0, 0.0, 1.0), Traits::default());
        }
        assert!(matches!(cut(&mut tree, 100.0, 2).as_slice(), [Seen { what: What::Group { .. }, .. }]));
    }
}
