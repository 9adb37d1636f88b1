//! What was drawn, for the pointer: the geometry of `marker.wgsl` once more, and markers at a pixel.

use bevy::prelude::*;

use super::Markers;
use super::compose::{Key, flag};
use crate::viewer::selection::Selection;
use crate::viewer::stage::Marker;
use crate::viewer::view::View;

/// Half the size of markers at the middle distance, points; `marker.wgsl` has the same.
const PIN_PT: f32 = 11.0;
const PATROL_PT: f32 = 9.5;
const GROUP_PT: f32 = 13.5;
const PATROL_GROUP_PT: f32 = 9.5;
const GROUP_DIGIT_PT: f32 = 2.3;

/// A marker under the pointer.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// What it is; of a group its most pressing member.
    pub selection: Selection,
    /// How many it stands for.
    pub count: u32,
    /// Where it stands.
    pub place: Vec3,
}

/// A marker that was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) key: Key,
    pub(super) marker: Marker,
}

/// The markers of the last frame in painting order.
#[derive(Resource, Default)]
pub struct MarkersOnScreen {
    pub(super) shown: Vec<Shown>,
    pub(super) geometry: Geometry,
}

impl MarkersOnScreen {
    /// The topmost marker at a pixel from the top left.
    pub fn at(&self, pixel: Vec2, markers: &Markers) -> Option<Hit> {
        let (shown, place) = self.shown.iter().rev().find_map(|shown| {
            let head = self.geometry.head(&shown.marker)?;
            (head.pixel.distance(pixel) <= head.radius_px).then_some((shown, head.foot))
        })?;
        let issue = |slot| markers.issues.at(slot).map(|record| Selection::Issue(record.id.clone()));
        let patrol = |slot| markers.patrols.at(slot).map(|record| Selection::Patrol(record.id.clone()));
        let (selection, count) = match shown.key {
            Key::Issue(slot) => (issue(slot)?, 1),
            Key::Patrol(slot) => (patrol(slot)?, 1),
            Key::IssueGroup(node) => {
                let tree = &markers.issues.tree;
                (issue(tree.leader(node)?)?, tree.node(node)?.tally.count)
            }
            Key::PatrolGroup(node) => {
                let tree = &markers.patrols.tree;
                (patrol(tree.any_item(node)?)?, tree.node(node)?.tally.count)
            }
        };
        Some(Hit { selection, count, place })
    }

    /// What the heads of markers cover: a middle in pixels from the top left, and a radius.
    pub fn discs(&self) -> impl Iterator<Item = (Vec2, f32)> {
        self.shown
            .iter()
            .filter_map(|shown| self.geometry.head(&shown.marker))
            .map(|head| (head.pixel, head.radius_px))
    }

    /// How many markers were drawn.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }
}

/// Where a marker's head is on screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Head {
    /// From the top left.
    pub(super) pixel: Vec2,
    pub(super) radius_px: f32,
    /// On the ground or the roof.
    pub(super) foot: Vec3,
    /// In the world, above the foot.
    pub(super) anchor: Vec3,
    /// From the anchor, right and up, pixels.
    pub(super) spread_px: Vec2,
    /// Pixels that a metre covers there, of a marker of usual size.
    pub(super) pixels_a_metre: f32,
}

/// What places markers on screen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Geometry {
    pub(super) view: View,
    /// Pixels a point of a marker.
    pub(super) scale: f32,
    pub(super) now_ms: u32,
}

impl Geometry {
    pub(super) fn head(&self, marker: &Marker) -> Option<Head> {
        let mut foot = Vec3::from_array(marker.place);
        let kind = marker.flags & 3;
        if kind == flag::PATROL {
            let [_, start_ms, from_x, from_z] = marker.more;
            let for_ms = (marker.code >> 8 & 0x3FFF).max(1);
            let share = self.now_ms.wrapping_sub(start_ms) as f32 / for_ms as f32;
            let higher_m = (marker.code as i32 >> 22) as f32 / 4.0;
            let from = Vec3::new(f32::from_bits(from_x), foot.y + higher_m, f32::from_bits(from_z));
            foot = from.lerp(foot, share.clamp(0.0, 1.0));
        }
        let distance = foot.distance(self.view.camera).max(1.0);
        let pixels_a_metre = self.view.pixels_at_one_m / distance / self.scale.max(0.01);
        let scale = self.scale * (pixels_a_metre / 2.2).powf(0.25).clamp(0.8, 1.3);
        let digits = (marker.code >> 28).max(1) as f32 - 1.0;
        let mut size = scale
            * match kind {
                flag::GROUP => GROUP_PT + GROUP_DIGIT_PT * digits,
                flag::PATROL_GROUP => PATROL_GROUP_PT + GROUP_DIGIT_PT * digits,
                flag::PATROL => PATROL_PT,
                _ if marker.flags & flag::URGENT != 0 => PIN_PT * 1.12,
                _ => PIN_PT,
            };
        if marker.flags & (flag::CHOSEN | flag::HOVERED) != 0 {
            size *= 1.22;
        }
        let stands = matches!(kind, flag::ISSUE | flag::GROUP);
        let anchor = if stands { foot + Vec3::Y * (distance * 0.018).clamp(5.0, 60.0) } else { foot };
        let (k, n) = ((marker.flags >> 12 & 15) as f32, (marker.flags >> 16 & 15) as f32);
        let spread_px = if n > 1.5 {
            let turn = k / n * std::f32::consts::TAU + 0.5;
            Vec2::new(turn.sin(), turn.cos() * 0.9) * size * (0.62 + 0.33 * n)
        } else {
            Vec2::ZERO
        };
        let pixel = self.view.pixel(anchor)? + spread_px * Vec2::new(1.0, -1.0);
        Some(Head { pixel, radius_px: size, foot, anchor, spread_px, pixels_a_metre })
    }
}
