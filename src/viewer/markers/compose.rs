//! What is in view to instances for the stage, when something changed: the cut of this frame, and what fades from the
//! last one.

use std::collections::HashMap;
use std::time::Duration;

use bevy::prelude::*;

use super::crowd::{Glide, IssueRecord, PatrolRecord};
use super::cut::{Cut, Look, Room, Seen, What};
use super::pick::{Geometry, MarkersOnScreen, Shown};
use super::tree::{Drawn, Square, Tally, Tree};
use super::{Markers, PATROL_HEIGHT_M, TRAIL_HEIGHT_M, milliseconds};
use crate::viewer::layers::{Layer, Layers};
use crate::viewer::pace::{GENTLE, Pace, SMOOTH};
use crate::viewer::palette;
use crate::viewer::selection::{Chosen, Hovered, Selection};
use crate::viewer::sky::SceneTime;
use crate::viewer::stage::{Marker, MarkerLook, MarkerScene, TRAIL_POINTS, Trail};
use crate::viewer::view::View;
use crate::viewer::wall::WallMode;

/// The room that a group has, points.
const ISSUE_ROOM_PT: f32 = 58.0;
const PATROL_ROOM_PT: f32 = 52.0;
/// How long coming, going and regrouping takes, milliseconds.
const FADE_MS: u32 = 260;
/// So many points² of the picture for each that is drawn, at least: else groups have more room.
const ISSUE_SHARE_PT2: f32 = 72.0 * 72.0;
const PATROL_SHARE_PT2: f32 = 84.0 * 84.0;
/// While more patrols than this are drawn one by one, only the chosen one shows how sure its place is.
const MOST_CIRCLES: usize = 60;
/// What only moved by itself is followed so often, milliseconds; what was asked for, at once.
const FOLLOW_MS: u32 = 200;
/// A trail shows so many points less than are kept: those are written over before it is composed anew.
const SPARE_POINTS: u32 = 6;
/// How long a trail lasts, seconds.
const TRAIL_SECS: f32 = 30.0 * 60.0;
/// Below this many pixels a metre at the height of the camera trails are hidden, from the second on shown whole.
const TRAIL_PIXELS_A_METRE: (f32, f32) = (0.55, 0.95);

/// The words of a marker's flags; `marker.wgsl` has the same.
pub(super) mod flag {
    pub(in super::super) const ISSUE: u32 = 0;
    pub(in super::super) const GROUP: u32 = 1;
    pub(in super::super) const PATROL: u32 = 2;
    pub(in super::super) const PATROL_GROUP: u32 = 3;
    pub(in super::super) const URGENT: u32 = 0x20;
    pub(in super::super) const OVERDUE: u32 = 0x40;
    pub(in super::super) const CHOSEN: u32 = 0x80;
    pub(in super::super) const HOVERED: u32 = 0x100;
    pub(in super::super) const LEAVES: u32 = 0x200;
    pub(in super::super) const SILENT: u32 = 0x400;
    pub(in super::super) const HEADED: u32 = 0x800;
    pub(in super::super) const JOINS: u32 = 0x10_0000;
}

/// What a marker on screen stands for: a slot or a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Issue(u32),
    IssueGroup(u32),
    Patrol(u32),
    PatrolGroup(u32),
}

/// What is followed at once.
#[derive(Clone, PartialEq, Default)]
struct Asked {
    size_px: Vec2,
    scale: f32,
    pressing: u64,
    has_trails: bool,
    rooms: [Room; 2],
    chosen: Option<Selection>,
    hovered: Option<Selection>,
    layers: Layers,
}

/// What is kept from one frame to the next.
#[derive(Resource, Default)]
pub(super) struct Composition {
    /// How often it has been composed.
    pub(super) number: u32,
    look: Look,
    asked: Asked,
    /// Of groups of patrols, and of issues.
    rooms: [Room; 2],
    /// Revisions of the trees and of the records.
    told: (u64, u64, u64),
    seen: Vec<Seen>,
    before: Vec<Shown>,
    leaving: Vec<Shown>,
    pub(super) motion: Motion,
}

/// What moves by itself until the next composing.
#[derive(Clone, Copy, Default)]
pub(super) struct Motion {
    composed_ms: u32,
    /// Milliseconds from then on until the last has come or gone, and until the last glide is over.
    fades_ms: u32,
    glides_ms: u32,
    pulses: bool,
}

impl Motion {
    fn of(shown: &[Shown], leaving: &[Shown], now_ms: u32) -> Self {
        let left = |start_ms: u32, for_ms: u32| for_ms.saturating_sub(now_ms.wrapping_sub(start_ms));
        let mut motion = Self { composed_ms: now_ms, ..Self::default() };
        for Shown { marker, .. } in shown.iter().chain(leaving) {
            motion.fades_ms = motion.fades_ms.max(left(marker.since_ms, FADE_MS));
            motion.pulses |= marker.flags & flag::URGENT != 0;
            if marker.flags & 3 == flag::PATROL {
                motion.glides_ms = motion.glides_ms.max(left(marker.more[1], marker.code >> 8 & 0x3FFF));
            }
        }
        motion
    }

    /// Whether what came or went has done so.
    fn has_faded(&self, now_ms: u32) -> bool {
        now_ms.wrapping_sub(self.composed_ms) >= self.fades_ms
    }

    /// Whether something is on its way.
    pub(super) fn glides(&self, now_ms: u32) -> bool {
        now_ms.wrapping_sub(self.composed_ms) < self.glides_ms
    }

    /// Asks for frames while something moves.
    fn ask(&self, pace: &Pace, now_ms: u32) {
        let since = now_ms.wrapping_sub(self.composed_ms);
        if since < self.fades_ms {
            pace.moves(SMOOTH, "markers that come and go");
        } else if self.pulses || self.glides(now_ms) {
            pace.moves(GENTLE, "markers that pulse and glide");
        }
    }
}

/// Everything that composing reads.
#[derive(bevy::ecs::system::SystemParam)]
pub(super) struct Reads<'w> {
    view: Res<'w, View>,
    layers: Res<'w, Layers>,
    chosen: Res<'w, Chosen>,
    hovered: Res<'w, Hovered>,
    time: Res<'w, Time<Real>>,
    scene_time: Res<'w, SceneTime>,
    wall: Res<'w, WallMode>,
    pace: Res<'w, Pace>,
}

pub(super) fn compose(
    reads: Reads,
    mut markers: ResMut<Markers>,
    mut composition: ResMut<Composition>,
    mut on_screen: ResMut<MarkersOnScreen>,
    mut scene: ResMut<MarkerScene>,
) {
    let markers = markers.bypass_change_detection();
    let on_screen = on_screen.bypass_change_detection();
    let scene = scene.bypass_change_detection();
    let now_ms = milliseconds(&reads.time);
    let scale = reads.view.pixels_per_point * reads.wall.marker_scale;
    on_screen.geometry = Geometry { view: *reads.view, scale, now_ms };
    scene.look = MarkerLook {
        pixels_per_point: scale,
        trail_secs: TRAIL_SECS,
        fade_ms: FADE_MS as f32,
        trails: if reads.layers.shows(Layer::Trails) { trails_shown(&reads.view, scale) } else { 0.0 },
        now_ms,
        now_secs: markers.device_secs(reads.scene_time.now),
        reserved: [0; 2],
        colors: palette::marker_colors(),
    };
    let composition = &mut *composition;
    let asked = Asked {
        size_px: reads.view.size_px,
        scale,
        pressing: markers.pressing,
        has_trails: scene.look.trails > 0.0,
        rooms: composition.rooms,
        chosen: reads.chosen.0.clone(),
        hovered: reads.hovered.0.clone(),
        layers: reads.layers.clone(),
    };
    let told = (markers.issues.tree.revision(), markers.patrols.tree.revision(), markers.revision);
    let is_told = composition.told != told;
    let since_ms = now_ms.wrapping_sub(composition.motion.composed_ms);
    let is_due = composition.asked != asked
        || composition.look.has_drifted(&reads.view)
        || (is_told && since_ms >= FOLLOW_MS)
        || (!composition.leaving.is_empty() && composition.motion.has_faded(now_ms));
    if !is_due {
        if is_told {
            reads
                .pace
                .wake_in(Duration::from_millis(u64::from(FOLLOW_MS - since_ms)), "markers to be composed");
        }
        composition.motion.ask(&reads.pace, now_ms);
        return;
    }
    composition.asked = asked;
    composition.told = told;
    composition.look = Look::of(&reads.view);
    composition.number += 1;
    std::mem::swap(&mut composition.before, &mut on_screen.shown);
    on_screen.shown.clear();
    let Composition { number, rooms, seen, before, leaving, motion, .. } = composition;
    let picture_pt2 = reads.view.size_px.element_product() / (scale * scale).max(0.01);
    let [patrol_room, issue_room] = *rooms;
    leaving.retain(|shown| now_ms.wrapping_sub(shown.marker.since_ms) < FADE_MS);
    let returning: HashMap<Key, u32> =
        leaving.iter().map(|shown| (shown.key, shown.marker.since_ms)).collect();
    let mut round = Round {
        number: *number,
        now_ms,
        returning: &returning,
        marked: Marked::new(markers, &reads.chosen, &reads.hovered),
        has_circles: true,
        stands_out: None,
    };
    scene.trails.clear();
    if reads.layers.shows(Layer::Patrols) {
        seen.clear();
        let room_px = patrol_room.of(PATROL_ROOM_PT) * scale;
        Cut::new(&reads.view, room_px, *number).walk(&mut markers.patrols.tree, seen);
        rooms[0] = patrol_room.after(seen.len(), (picture_pt2 / PATROL_SHARE_PT2) as usize);
        round.patrols(markers, seen, &mut on_screen.shown);
        let has_trails = scene.look.trails > 0.0;
        let trails = on_screen.shown.iter().filter(|_| has_trails).filter_map(|shown| match shown.key {
            Key::Patrol(slot) => trail(slot, markers.patrols.at(slot)?, shown.marker.flags),
            _ => None,
        });
        scene.trails.extend(trails);
    }
    if reads.layers.shows(Layer::Issues) {
        seen.clear();
        let room_px = issue_room.of(ISSUE_ROOM_PT) * scale;
        Cut::new(&reads.view, room_px, *number).walk(&mut markers.issues.tree, seen);
        rooms[1] = issue_room.after(seen.len(), (picture_pt2 / ISSUE_SHARE_PT2) as usize);
        round.issues(markers, seen, &mut on_screen.shown);
    }
    round.leave(markers, before, leaving);
    leaving.retain(|shown| !round.is_drawn(markers, shown.key));
    scene.markers.clear();
    scene.markers.extend(leaving.iter().chain(&on_screen.shown).map(|shown| shown.marker));
    scene.revision += 1;
    *motion = Motion::of(&on_screen.shown, leaving, now_ms);
    if *rooms != [patrol_room, issue_room] {
        reads.pace.moves(SMOOTH, "groups that want more room");
    }
    motion.ask(&reads.pace, now_ms);
}

/// How much of trails is shown: from far above they would only be noise.
fn trails_shown(view: &View, scale: f32) -> f32 {
    let pixels_a_metre = view.pixels_at_one_m / view.camera.y.max(1.0) / scale.max(0.01);
    let (from, to) = TRAIL_PIXELS_A_METRE;
    ((pixels_a_metre - from) / (to - from)).clamp(0.0, 1.0)
}

/// What is chosen and hovered, and the groups that hold it.
#[derive(Default)]
struct Marked {
    keys: Vec<(Key, u32)>,
    chosen: Option<Key>,
}

impl Marked {
    fn new(markers: &Markers, chosen: &Chosen, hovered: &Hovered) -> Self {
        let mut marked = Self { keys: Vec::new(), chosen: None };
        for (selection, flag) in [(&hovered.0, flag::HOVERED), (&chosen.0, flag::CHOSEN)] {
            let key = match selection {
                Some(Selection::Issue(id)) => markers.issues.slot(id).map(|slot| {
                    let above = markers.issues.tree.above(slot);
                    marked.keys.extend(above.map(|node| (Key::IssueGroup(node), flag)));
                    Key::Issue(slot)
                }),
                Some(Selection::Patrol(id)) => markers.patrols.slot(id).map(|slot| {
                    let above = markers.patrols.tree.above(slot);
                    marked.keys.extend(above.map(|node| (Key::PatrolGroup(node), flag)));
                    Key::Patrol(slot)
                }),
                _ => None,
            };
            marked.keys.extend(key.map(|key| (key, flag)));
            if flag == flag::CHOSEN {
                marked.chosen = key;
            }
        }
        marked
    }

    fn flags(&self, key: Key) -> u32 {
        self.keys.iter().filter(|(marked, _)| *marked == key).fold(0, |flags, (_, flag)| flags | flag)
    }
}

/// One composing.
struct Round<'a> {
    number: u32,
    now_ms: u32,
    returning: &'a HashMap<Key, u32>,
    marked: Marked,
    /// Whether every patrol shows how sure its place is.
    has_circles: bool,
    /// What is drawn although its cut does not hold it: the chosen issue or patrol.
    stands_out: Option<Key>,
}

impl Round<'_> {
    /// What is drawn in this cut goes on, or comes: back from going where it was about to.
    fn come(&self, key: Key, drawn: &mut Drawn, came_from: Option<Vec3>) {
        if drawn.number + 1 != self.number {
            // Half-way gone is half-way there.
            let ago = self
                .returning
                .get(&key)
                .map_or(0, |since| FADE_MS - self.now_ms.wrapping_sub(*since).min(FADE_MS));
            drawn.since_ms = self.now_ms.wrapping_sub(ago);
            drawn.came_from = came_from.map(|place| Vec2::new(place.x, place.z));
        }
        drawn.number = self.number;
    }

    fn marker(&self, key: Key, place: Vec3, kind: u32, drawn: &Drawn) -> Marker {
        let is_coming = self.now_ms.wrapping_sub(drawn.since_ms) < FADE_MS;
        let other = drawn.came_from.filter(|_| is_coming);
        Marker {
            place: place.to_array(),
            flags: kind | self.marked.flags(key) | if other.is_some() { flag::JOINS } else { 0 },
            code: 0,
            since_ms: drawn.since_ms,
            other: other.unwrap_or_default().to_array(),
            more: [0; 4],
        }
    }

    fn issues(&mut self, markers: &mut Markers, seen: &[Seen], shown: &mut Vec<Shown>) {
        let chosen_from = shown.len();
        let mut last = Vec::new();
        for Seen { what, came_from } in seen {
            let composed = match what {
                What::Item { index, k, n } => {
                    let key = Key::Issue(*index);
                    let crowd = &mut markers.issues;
                    let Some(item) = crowd.tree.item_mut(*index) else { continue };
                    self.come(key, &mut item.drawn, *came_from);
                    let drawn = item.drawn;
                    let Some(record) = crowd.at(*index) else { continue };
                    Shown { key, marker: self.issue(key, record, &drawn, (*k, *n)) }
                }
                What::Group { square } => {
                    let key = Key::IssueGroup(square.node);
                    let marker = self.group(key, flag::GROUP, &mut markers.issues.tree, square, *came_from);
                    Shown { key, marker }
                }
            };
            let is_marked = composed.marker.flags & (flag::CHOSEN | flag::HOVERED) != 0;
            if is_marked { last.push(composed) } else { shown.push(composed) }
        }
        shown.extend(last);
        // What is chosen stands out of its group.
        if let Some(key @ Key::Issue(slot)) = self.marked.chosen
            && !shown.iter().skip(chosen_from).any(|shown| shown.key == key)
            && let Some(record) = markers.issues.at(slot)
        {
            let drawn = Drawn { since_ms: self.now_ms.wrapping_sub(FADE_MS), ..Drawn::default() };
            shown.push(Shown { key, marker: self.issue(key, record, &drawn, (0, 1)) });
            self.stands_out = Some(key);
        }
    }

    fn issue(&self, key: Key, record: &IssueRecord, drawn: &Drawn, (k, n): (u8, u8)) -> Marker {
        let mut marker = self.marker(key, record.foot, flag::ISSUE, drawn);
        let mark = |is: bool, flag: u32| if is { flag } else { 0 };
        marker.flags |= u32::from(super::crowd::state_group(record.state)) << 2
            | mark(record.is_urgent, flag::URGENT)
            | mark(record.is_overdue, flag::OVERDUE)
            | u32::from(k) << 12
            | u32::from(n) << 16
            | u32::from(palette::state_shape(record.state)) << 21;
        marker.code = u32::from(record.icon);
        marker
    }

    fn patrols(&mut self, markers: &mut Markers, seen: &[Seen], shown: &mut Vec<Shown>) {
        let mut last = Vec::new();
        let alone = seen.iter().filter(|seen| matches!(seen.what, What::Item { .. })).count();
        self.has_circles = alone <= MOST_CIRCLES;
        for Seen { what, came_from } in seen {
            let composed = match what {
                What::Item { index, k, n } => {
                    let key = Key::Patrol(*index);
                    let crowd = &mut markers.patrols;
                    let Some(item) = crowd.tree.item_mut(*index) else { continue };
                    self.come(key, &mut item.drawn, *came_from);
                    let drawn = item.drawn;
                    let Some(record) = crowd.at(*index) else { continue };
                    Shown { key, marker: self.patrol(key, record, &drawn, (*k, *n)) }
                }
                What::Group { square } => {
                    let key = Key::PatrolGroup(square.node);
                    let tree = &mut markers.patrols.tree;
                    Shown { key, marker: self.group(key, flag::PATROL_GROUP, tree, square, *came_from) }
                }
            };
            let is_marked = composed.marker.flags & (flag::CHOSEN | flag::HOVERED) != 0;
            if is_marked { last.push(composed) } else { shown.push(composed) }
        }
        shown.extend(last);
        if let Some(key @ Key::Patrol(slot)) = self.marked.chosen
            && markers.patrols.tree.item(slot).is_some()
            && !shown.iter().any(|shown| shown.key == key)
            && let Some(record) = markers.patrols.at(slot)
        {
            let drawn = Drawn { since_ms: self.now_ms.wrapping_sub(FADE_MS), ..Drawn::default() };
            shown.push(Shown { key, marker: self.patrol(key, record, &drawn, (0, 1)) });
            self.stands_out = Some(key);
        }
    }

    fn patrol(&self, key: Key, record: &PatrolRecord, drawn: &Drawn, (k, n): (u8, u8)) -> Marker {
        let mut marker = self.marker(key, record.place(), flag::PATROL, drawn);
        marker.flags |= u32::from(k) << 12 | u32::from(n) << 16;
        if record.is_silent {
            marker.flags |= flag::SILENT;
        }
        let mut heading = 0;
        if let Some(heading_deg) = record.heading_deg {
            marker.flags |= flag::HEADED;
            heading = (heading_deg.rem_euclid(360.0) / 360.0 * 65_536.0) as u32 & 0xFFFF;
        }
        let has_circle = self.has_circles || marker.flags & (flag::CHOSEN | flag::HOVERED) != 0;
        let accuracy_m = record.accuracy_m.filter(|_| has_circle).unwrap_or(0.0);
        let accuracy_dm = (accuracy_m * 10.0).clamp(0.0, 65_535.0) as u32;
        marker.code = u32::from(record.icon) | glide_word(&record.glide);
        let from = record.glide.from;
        marker.more =
            [heading | accuracy_dm << 16, record.glide.start_ms, from.x.to_bits(), from.z.to_bits()];
        marker
    }

    fn group(
        &self,
        key: Key,
        kind: u32,
        tree: &mut Tree,
        square: &Square,
        came_from: Option<Vec3>,
    ) -> Marker {
        let place = tree.middle_of(square);
        let Some(node) = tree.node_mut(square.node) else {
            return self.marker(key, place, kind, &Drawn::default());
        };
        self.come(key, &mut node.drawn, came_from);
        let (drawn, tally) = (node.drawn, node.tally);
        let mut marker = self.marker(key, place, kind, &drawn);
        if tally.urgent > 0 {
            marker.flags |= flag::URGENT;
        }
        marker.code = number(tally.count);
        let (shares, overdue) = shares(&tally);
        marker.more = [shares, overdue, 0, 0];
        marker
    }

    fn is_drawn(&self, markers: &Markers, key: Key) -> bool {
        if self.stands_out == Some(key) {
            return true;
        }
        let drawn = match key {
            Key::Issue(slot) => markers.issues.tree.item(slot).map(|item| item.drawn),
            Key::Patrol(slot) => markers.patrols.tree.item(slot).map(|item| item.drawn),
            Key::IssueGroup(node) => markers.issues.tree.node(node).map(|node| node.drawn),
            Key::PatrolGroup(node) => markers.patrols.tree.node(node).map(|node| node.drawn),
        };
        drawn.is_some_and(|drawn| drawn.number == self.number)
    }

    /// What was drawn in the last cut and is not in this one goes: into the group that it is now part of.
    fn leave(&self, markers: &Markers, before: &[Shown], leaving: &mut Vec<Shown>) {
        for shown in before {
            if self.is_drawn(markers, shown.key) {
                continue;
            }
            let (issues, patrols) = (&markers.issues.tree, &markers.patrols.tree);
            let into = match shown.key {
                Key::Issue(slot) => self.drawn_above(issues, issues.above(slot)),
                Key::Patrol(slot) => self.drawn_above(patrols, patrols.above(slot)),
                Key::IssueGroup(node) => self.drawn_above(issues, parents(issues, node)),
                Key::PatrolGroup(node) => self.drawn_above(patrols, parents(patrols, node)),
            };
            let mut marker = shown.marker;
            let there = self.now_ms.wrapping_sub(marker.since_ms).min(FADE_MS);
            // Half-way there is half-way gone.
            marker.since_ms = self.now_ms.wrapping_sub(FADE_MS - there);
            marker.flags = (marker.flags & !flag::JOINS) | flag::LEAVES;
            if let Some(into) = into {
                marker.flags |= flag::JOINS;
                marker.other = into;
            }
            leaving.push(Shown { key: shown.key, marker });
        }
    }

    fn drawn_above(&self, tree: &Tree, mut above: impl Iterator<Item = u32>) -> Option<[f32; 2]> {
        let node = above.find_map(|node| tree.node(node).filter(|node| node.drawn.number == self.number))?;
        let mean = node.mean();
        Some([mean.x, mean.z])
    }
}

fn parents(tree: &Tree, node: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(tree.parent(node), |node| tree.parent(*node))
}

fn trail(slot: u32, record: &PatrolRecord, flags: u32) -> Option<Trail> {
    let lower = PATROL_HEIGHT_M - TRAIL_HEIGHT_M;
    (record.points >= 2).then(|| Trail {
        slot,
        newest: record.newest,
        count: record.points.min(TRAIL_POINTS - SPARE_POINTS),
        flags,
        glide_ms: record.glide.start_ms,
        glide_for_ms: record.glide.for_ms,
        from: record.glide.from.xz().to_array(),
        to: record.glide.to.xz().to_array(),
        heights: [record.glide.from.y, record.glide.to.y].map(|metres| metres - lower),
    })
}

/// How long a glide takes, 14 bits of milliseconds, and how much higher it began, 10 bits of quarter metres.
fn glide_word(glide: &Glide) -> u32 {
    let higher = ((glide.from.y - glide.to.y) * 4.0).round().clamp(-511.0, 511.0) as i32;
    glide.for_ms.min(0x3FFF) << 8 | (higher as u32) << 22
}

/// A count as the shader writes it: how many digits, and the number.
fn number(count: u32) -> u32 {
    let count = count.min(999_999);
    (count.max(1).ilog10() + 1) << 28 | count
}

/// What each state has of a group in 255ths, four bytes for the first four; and what is overdue.
fn shares(tally: &Tally) -> (u32, u32) {
    let total = f64::from(tally.count.max(1));
    let byte = |count: u32| {
        let share = (f64::from(count) / total * 255.0).round() as u32;
        // A single one among many is still seen.
        if count > 0 { share.clamp(4, 255) } else { 0 }
    };
    let states = tally.groups.iter().take(4).enumerate();
    (states.fold(0, |word, (index, count)| word | byte(*count) << (index * 8)), byte(tally.overdue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_say_how_many_digits_they_have() {
        assert_eq!((number(7) >> 28, number(7) & 0xFFF_FFFF), (1, 7));
        assert_eq!((number(1000) >> 28, number(1000) & 0xFFF_FFFF), (4, 1000));
        assert_eq!(number(5_000_000) & 0xFFF_FFFF, 999_999);
    }

    #[test]
    fn a_quarter_is_64_of_255_and_one_of_many_is_seen() {
        let tally = Tally { count: 1000, groups: [250, 1, 0, 749, 0], urgent: 0, overdue: 500 };
        let (shares, overdue) = shares(&tally);
        assert_eq!(shares.to_le_bytes(), [64, 4, 0, 191]);
        assert_eq!(overdue, 128);
    }
}
