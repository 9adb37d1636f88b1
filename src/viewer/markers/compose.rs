//! Markers in view to sprites, each frame: trails and rings first, then stems and pins, then patrols.

use bevy::prelude::*;
use jiff::Timestamp;

use super::group::{Candidate, Group, group};
use super::{IssueMarker, Markers, PatrolMarker};
use crate::governance::{IssueId, PatrolId};
use crate::viewer::filter::Filter;
use crate::viewer::labels::{Glyphs, LabelFont};
use crate::viewer::layers::{Layer, Layers};
use crate::viewer::palette::{self, Rgba, faded};
use crate::viewer::selection::{Chosen, Selection};
use crate::viewer::situation::Live;
use crate::viewer::sky::SceneTime;
use crate::viewer::sprites::SpriteList;
use crate::viewer::stage::{Sprite, SpriteKind};
use crate::viewer::view::View;
use crate::viewer::wall::WallMode;

/// Half the height of a pin in points.
const PIN_PT: f32 = 11.0;
/// Markers nearer than this on screen are one group.
const GROUP_PT: f32 = 26.0;
/// From this many pixels a metre on, classes and names are written.
const TEXT_PIXELS_A_METRE: f32 = 1.1;
/// A patrol that has not been heard of for so long is grey, minutes.
const SILENT_MIN: i64 = 10;
/// Seconds that a ring around an urgent issue takes.
const PULSE_SECS: f32 = 1.8;

/// A marker as it is on screen, for the pointer.
#[derive(Clone, Debug, PartialEq)]
pub struct OnScreen {
    /// Its middle in pixels from the top left.
    pub pixel: Vec2,
    /// How far from there it can be hit, pixels.
    pub radius_px: f32,
    /// What it is; a group has more than one.
    pub selections: Vec<Selection>,
    /// Where it stands.
    pub place: Vec3,
}

/// The markers of the last frame, the topmost last.
#[derive(Resource, Default)]
pub struct MarkersOnScreen(pub Vec<OnScreen>);

impl MarkersOnScreen {
    /// The topmost marker at a pixel.
    pub fn at(&self, pixel: Vec2) -> Option<&OnScreen> {
        self.0.iter().rev().find(|marker| marker.pixel.distance(pixel) <= marker.radius_px)
    }
}

/// Everything that composing reads.
#[derive(bevy::ecs::system::SystemParam)]
pub(super) struct Reads<'w> {
    markers: Res<'w, Markers>,
    live: Res<'w, Live>,
    view: Res<'w, View>,
    layers: Res<'w, Layers>,
    filter: Res<'w, Filter>,
    chosen: Res<'w, Chosen>,
    time: Res<'w, Time>,
    scene_time: Res<'w, SceneTime>,
    wall: Res<'w, WallMode>,
}

pub(super) fn compose(
    reads: Reads,
    mut font: ResMut<LabelFont>,
    mut sprites: ResMut<SpriteList>,
    mut on_screen: ResMut<MarkersOnScreen>,
) {
    let now = reads.scene_time.now;
    let scale = reads.view.pixels_per_point * reads.wall.marker_scale;
    on_screen.0.clear();
    let list = &mut sprites.markers;
    list.clear();
    if reads.layers.shows(Layer::Trails) {
        for patrol in reads.markers.patrols.values().filter(|patrol| patrol.is_shown(now)) {
            trail(patrol, now, scale, &reads.view, list);
        }
    }
    if reads.layers.shows(Layer::Issues) {
        issues(&reads, now, scale, &mut font.0, list, &mut on_screen.0);
    }
    if reads.layers.shows(Layer::Patrols) {
        patrols(&reads, now, scale, &mut font.0, list, &mut on_screen.0);
    }
}

fn trail(patrol: &PatrolMarker, now: Timestamp, scale: f32, view: &View, list: &mut Vec<Sprite>) {
    if view.visible_pixel(patrol.shown, 600.0).is_none() || minutes(now, patrol.seen_at) > SILENT_MIN * 3 {
        return;
    }
    let alpha_at = |at: Timestamp| {
        let age_min = now.duration_since(at).as_secs_f32() / 60.0;
        (1.0 - age_min / 30.0).clamp(0.0, 1.0).powf(1.5) * 0.85
    };
    let last = patrol.trail.last().map(|(_, at)| (patrol.shown - Vec3::Y * 1.4, *at));
    let points = patrol.trail.iter().rev().skip(1).rev().copied().chain(last);
    let mut before: Option<(Vec3, Timestamp)> = None;
    for (place, at) in points {
        if let Some((from, from_at)) = before {
            let (start, end) = (alpha_at(from_at), alpha_at(at));
            if end > 0.02 {
                list.push(
                    Sprite::new(
                        SpriteKind::Trail,
                        from,
                        Vec2::splat(1.7 * scale),
                        faded(palette::PATROL, start),
                    )
                    .back(faded(palette::PATROL, end))
                    .to(place),
                );
            }
        }
        before = Some((place, at));
    }
}

fn issues(
    reads: &Reads,
    now: Timestamp,
    scale: f32,
    glyphs: &mut Glyphs,
    list: &mut Vec<Sprite>,
    on_screen: &mut Vec<OnScreen>,
) {
    let view = &reads.view;
    let has_no_filter = *reads.filter == Filter::default();
    let shown: Vec<&IssueMarker> = reads
        .markers
        .issues
        .values()
        .filter(|marker| {
            has_no_filter
                || reads
                    .live
                    .situation
                    .issue(&marker.id)
                    .is_some_and(|issue| reads.filter.matches(issue, now))
        })
        .collect();
    // The pin stands above the roof by a share of the distance, so that it clears it from every side.
    let lift = |marker: &IssueMarker| (marker.foot.distance(view.camera) * 0.018).clamp(5.0, 60.0);
    let candidates = shown
        .iter()
        .enumerate()
        .filter_map(|(index, marker)| {
            let pixel = view.visible_pixel(marker.foot + Vec3::Y * lift(marker), 40.0)?;
            let is_chosen = reads.chosen.is_issue(&marker.id);
            let weight = marker.weight(now) + u32::from(is_chosen) * 1_000_000;
            Some(Candidate { index: index as u32, pixel, weight })
        })
        .collect();
    let mut groups = group(candidates, GROUP_PT * scale);
    // Far ones first: near ones stand before them.
    let depth = |group: &Group| {
        group
            .members
            .first()
            .and_then(|index| shown.get(*index as usize))
            .map_or(0.0, |marker| marker.foot.distance(view.camera))
    };
    groups.sort_by(|a, b| depth(b).total_cmp(&depth(a)));
    for group in &groups {
        let members: Vec<&IssueMarker> =
            group.members.iter().filter_map(|index| shown.get(*index as usize).copied()).collect();
        let Some(leader) = members.first() else { continue };
        let lifted = leader.foot + Vec3::Y * lift(leader);
        let is_chosen = reads.chosen.is_issue(&leader.id);
        let size = PIN_PT * scale * if is_chosen { 1.35 } else { 1.0 };
        if leader.is_urgent {
            pulse(leader, &reads.time, list);
        }
        pin(leader, &members, lifted, now, size, is_chosen, glyphs, list);
        let pixels_a_metre = view.pixels_at_one_m / leader.foot.distance(view.camera).max(1.0);
        let text_size = 12.5 * scale;
        if members.len() == 1 && (pixels_a_metre > TEXT_PIXELS_A_METRE || is_chosen || leader.is_urgent) {
            let offset = Vec2::new(0.0, size + text_size * 0.72);
            let color = if leader.is_urgent { palette::URGENT } else { palette::LABEL };
            glyphs.write(&leader.label, lifted, offset, text_size, bright(color), palette::HALO, list);
        }
        on_screen.push(OnScreen {
            pixel: group.pixel,
            radius_px: size * 1.1,
            selections: members.iter().map(|marker| Selection::Issue(marker.id.clone())).collect(),
            place: leader.foot,
        });
    }
}

/// A ring that spreads on the ground.
fn pulse(leader: &IssueMarker, time: &Time, list: &mut Vec<Sprite>) {
    let phase = (time.elapsed_secs_wrapped() / PULSE_SECS).fract();
    let ground = leader.foot.with_y(leader.foot.y + 0.4);
    list.push(
        Sprite::new(SpriteKind::Ring, ground, Vec2::splat(46.0), faded(palette::URGENT, 0.9)).look(0, phase),
    );
}

fn pin(
    leader: &IssueMarker,
    members: &[&IssueMarker],
    lifted: Vec3,
    now: Timestamp,
    size: f32,
    is_chosen: bool,
    glyphs: &mut Glyphs,
    list: &mut Vec<Sprite>,
) {
    let color = palette::state_color(leader.state);
    let is_overdue = members.iter().any(|marker| marker.is_overdue(now));
    let rim = if is_chosen {
        palette::ACCENT
    } else if is_overdue {
        palette::OVERDUE
    } else {
        faded(palette::RIM, 0.9)
    };
    list.push(
        Sprite::new(SpriteKind::Stem, leader.foot, Vec2::splat(size * 0.13), faded(color, 0.25))
            .back(faded(color, 0.95))
            .to(lifted),
    );
    let ringed = if is_overdue || is_chosen { 0x10 } else { 0 };
    let shape = if members.len() > 1 { 0 } else { palette::state_shape(leader.state) };
    let body = if leader.is_urgent { palette::URGENT } else { color };
    let grown = if members.len() > 1 { size * 1.18 } else { size };
    list.push(
        Sprite::new(SpriteKind::Pin, lifted, Vec2::splat(grown), body).back(rim).look(shape | ringed, 0.0),
    );
    let (text, text_size) = if members.len() > 1 {
        (members.len().to_string(), size * 1.05)
    } else {
        (leader.label.chars().next().map(String::from).unwrap_or_default(), size * 0.98)
    };
    let lower = if shape == 3 { -0.16 } else { 0.0 };
    glyphs.write(&text, lifted, Vec2::new(0.0, size * lower), text_size, [12, 16, 22, 255], [0; 4], list);
}

fn patrols(
    reads: &Reads,
    now: Timestamp,
    scale: f32,
    glyphs: &mut Glyphs,
    list: &mut Vec<Sprite>,
    on_screen: &mut Vec<OnScreen>,
) {
    let view = &reads.view;
    let mut shown: Vec<(&PatrolMarker, Vec2, f32)> = reads
        .markers
        .patrols
        .values()
        .filter(|marker| marker.is_shown(now))
        .filter_map(|marker| {
            let pixel = view.visible_pixel(marker.shown, 30.0)?;
            Some((marker, pixel, marker.shown.distance(view.camera)))
        })
        .collect();
    shown.sort_by(|a, b| b.2.total_cmp(&a.2));
    for (marker, pixel, distance) in shown {
        let is_chosen = reads.chosen.is_patrol(&marker.id);
        let is_silent = minutes(now, marker.seen_at) > SILENT_MIN;
        let color = if is_silent { palette::PATROL_SILENT } else { palette::PATROL };
        let size = 10.0 * scale * if is_chosen { 1.35 } else { 1.0 };
        let rim = if is_chosen { palette::ACCENT } else { [9, 20, 18, 255] };
        let mut arrow = Sprite::new(SpriteKind::Arrow, marker.shown, Vec2::splat(size), color).back(rim);
        if let (Some(heading_deg), false) = (marker.heading_deg, is_silent) {
            arrow = arrow.look(1, screen_turn(view, marker.shown, heading_deg));
        }
        list.push(arrow);
        let pixels_a_metre = view.pixels_at_one_m / distance.max(1.0);
        if pixels_a_metre > TEXT_PIXELS_A_METRE * 1.3 || is_chosen {
            let name = if reads.wall.masks_names { masked(&marker.name) } else { marker.name.clone() };
            let text_size = 11.5 * scale;
            let offset = Vec2::new(0.0, -(size * 0.7 + text_size * 0.75));
            let ink = if is_silent { palette::PATROL_SILENT } else { [190, 244, 220, 255] };
            glyphs.write(&name, marker.shown, offset, text_size, ink, palette::HALO, list);
        }
        on_screen.push(OnScreen {
            pixel,
            radius_px: size,
            selections: vec![Selection::Patrol(marker.id.clone())],
            place: marker.shown,
        });
    }
}

/// A heading on the ground as a part of a full turn on screen, counter-clockwise from up.
fn screen_turn(view: &View, place: Vec3, heading_deg: f32) -> f32 {
    let (sin, cos) = heading_deg.to_radians().sin_cos();
    let ahead = place + Vec3::new(sin, 0.0, -cos) * 5.0;
    let (Some(from), Some(to)) = (view.pixel(place), view.pixel(ahead)) else { return 0.0 };
    let along = to - from;
    // Pixels run down; up on screen is −y. Counter-clockwise from up is atan2(−x, −y).
    ((-along.x).atan2(-along.y) / std::f32::consts::TAU).rem_euclid(1.0)
}

/// A name of which only the first character is kept (王**).
pub(crate) fn masked(name: &str) -> String {
    name.chars().enumerate().map(|(index, character)| if index == 0 { character } else { '*' }).collect()
}

fn bright(color: Rgba) -> Rgba {
    let lighter = |byte: u8| byte.saturating_add((255 - byte) / 3);
    [lighter(color[0]), lighter(color[1]), lighter(color[2]), color[3]]
}

fn minutes(now: Timestamp, then: Timestamp) -> i64 {
    now.duration_since(then).as_mins()
}

/// Ids that the pointer may ask for.
impl Chosen {
    fn is_issue(&self, id: &IssueId) -> bool {
        matches!(&self.0, Some(Selection::Issue(chosen)) if chosen == id)
    }

    fn is_patrol(&self, id: &PatrolId) -> bool {
        matches!(&self.0, Some(Selection::Patrol(chosen)) if chosen == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_masked() {
        assert_eq!(masked("王小明"), "王**");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn a_heading_north_points_up_when_looking_north() {
        let orbit = crate::viewer::camera::Orbit {
            target: Vec2::ZERO,
            distance_m: 500.0,
            bearing_deg: 0.0,
            pitch_deg: 30.0,
        };
        let view = View {
            clip_from_world: orbit.clip_from_world(16.0 / 9.0, 1.0),
            camera: orbit.position(),
            ..View::default()
        };
        let north = screen_turn(&view, Vec3::ZERO, 0.0);
        assert!(!(0.001..=0.999).contains(&north), "{north}");
        let east = screen_turn(&view, Vec3::ZERO, 90.0);
        assert!(
            (east - 0.75).abs() < 0.01,
            "a quarter clockwise is three quarters counter-clockwise: {east}"
        );
    }
}
