//! Which names are written where, for a view: what may be, in order of importance, where there is room and sight.

use std::cmp::Reverse;
use std::collections::HashMap;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::along::{Spot, lay};
use super::kinds::LabelStyle;
use super::sight::{Rays, Sight};
use super::taken::Taken;
use super::{Glyphs, Label, LabelFont, LabelKind, LabelLanguage, Labels, Stretch};
use crate::city::AreaKind;
use crate::viewer::areas::ChosenArea;
use crate::viewer::camera::Rig;
use crate::viewer::layers::{Layer, Layers};
use crate::viewer::markers::MarkersOnScreen;
use crate::viewer::pace::{Pace, SMOOTH};
use crate::viewer::palette::{self, Rgba, faded};
use crate::viewer::place::Stand;
use crate::viewer::selection::{Hovered, Selection};
use crate::viewer::sprites::SpriteList;
use crate::viewer::stage::Sprite;
use crate::viewer::view::{PanelsOnScreen, View};
use crate::viewer::wall::WallMode;

/// How quickly labels come and go.
const FADE_PER_SEC: f32 = 5.0;
/// What moves over the map (patrols) is looked at so often, seconds.
const FOLLOW_SECS: f32 = 0.25;
/// What moves over the map is told apart to so many pixels.
const FOLLOW_PX: f32 = 12.0;
/// Two names of one street are at least so far apart on screen, points.
const STREET_APART_PT: f32 = 380.0;
/// A name is written only while the view as a whole is nearly near enough for it, not in the foreground alone.
const VIEW_SHARE: f32 = 0.66;
/// Farther away than this nothing is hidden behind buildings: names are then about the area, not the spot, metres.
const SIGHT_M: f32 = 1_300.0;
/// What was seen from a place holds until the camera has moved by this share of its height.
const SAME_PLACE: f32 = 0.03;
/// The height of a glyph that carries ink, of its sprite's.
const INK: f32 = 0.62;

/// How much of a label is to be seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown {
    alpha: f32,
    sight: Sight,
    /// From which standpoint it was looked at.
    seen_from: u32,
}

/// A label as it is on screen, for the pointer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LabelOnScreen {
    /// What it covers, physical pixels from the top left.
    pub rect: Rect,
    /// What a click chooses.
    pub selection: Selection,
}

/// The labels that lead somewhere.
#[derive(Resource, Default)]
pub struct LabelsOnScreen(Vec<LabelOnScreen>);

impl LabelsOnScreen {
    /// What the label at a pixel leads to.
    pub fn at(&self, pixel: Vec2) -> Option<&Selection> {
        self.0.iter().find(|label| label.rect.contains(pixel)).map(|label| &label.selection)
    }
}

/// Everything that composing reads.
#[derive(SystemParam)]
pub(super) struct Reads<'w> {
    view: Res<'w, View>,
    rig: Res<'w, Rig>,
    layers: Res<'w, Layers>,
    wall: Res<'w, WallMode>,
    time: Res<'w, Time>,
    language: Res<'w, LabelLanguage>,
    stand: Option<Res<'w, Stand>>,
    markers: Res<'w, MarkersOnScreen>,
    panels: Res<'w, PanelsOnScreen>,
    hovered: Res<'w, Hovered>,
    area: Res<'w, ChosenArea>,
    pace: Res<'w, Pace>,
}

/// What the names on screen were composed for.
#[derive(Default)]
pub(super) struct Last {
    view: Option<View>,
    scale: f32,
    obstacles: Vec<IVec4>,
    followed_secs: f32,
    names: u64,
    restarts: u32,
    standpoint: Vec3,
    standpoints: u32,
    is_settled: bool,
    taken: Taken,
}

pub(super) fn compose_labels(
    reads: Reads,
    mut labels: ResMut<Labels>,
    mut font: ResMut<LabelFont>,
    mut sprites: ResMut<SpriteList>,
    mut on_screen: ResMut<LabelsOnScreen>,
    mut last: Local<Last>,
) {
    let scale = reads.view.pixels_per_point * reads.wall.marker_scale;
    let is_moving = last.view.as_ref() != Some(&*reads.view) || last.scale != scale;
    let is_told = reads.layers.is_changed()
        || reads.language.is_changed()
        || reads.hovered.is_changed()
        || reads.area.is_changed()
        || last.names != labels.revision
        || last.restarts != font.0.restarts();
    last.followed_secs += reads.time.delta_secs();
    let mut obstacles = None;
    if is_moving || is_told || !last.is_settled || last.followed_secs >= FOLLOW_SECS {
        last.followed_secs = 0.0;
        let rects = obstacles_on_screen(&reads, &sprites);
        let coarse: Vec<IVec4> = rects.iter().map(coarse).collect();
        let is_other = coarse != last.obstacles;
        last.obstacles = coarse;
        if is_moving || is_told || !last.is_settled || is_other {
            obstacles = Some(rects);
        }
    }
    // Nothing that matters has changed: what is on screen stays.
    let Some(obstacles) = obstacles else { return };
    let height_m = reads.view.camera.y.max(10.0);
    if reads.view.camera.distance(last.standpoint) > height_m * SAME_PLACE || last.names != labels.revision {
        last.standpoint = reads.view.camera;
        last.standpoints += 1;
    }
    last.view = Some(*reads.view);
    last.scale = scale;
    last.names = labels.revision;
    last.restarts = font.0.restarts();
    let mut taken = std::mem::take(&mut last.taken);
    taken.clear(reads.view.size_px);
    let mut composer = Composer {
        reads: &reads,
        scale,
        standpoint: last.standpoints,
        fade: (reads.time.delta_secs() * FADE_PER_SEC).min(1.0),
        rays: Rays::new(reads.stand.as_deref(), reads.view.camera, is_moving),
        taken,
        streets: HashMap::new(),
        glyphs: &mut font.0,
        sprites: &mut sprites.labels,
        on_screen: &mut on_screen.0,
        is_settled: true,
    };
    for rect in obstacles {
        composer.taken.take(rect);
    }
    composer.sprites.clear();
    composer.on_screen.clear();
    let Labels { all, shown, .. } = &mut *labels;
    composer.compose(all, shown);
    last.is_settled = composer.is_settled;
    last.taken = composer.taken;
    if !last.is_settled {
        reads.pace.moves(SMOOTH, "names");
    }
}

/// What names must not cover: panels, pins and what is written beside pins.
fn obstacles_on_screen(reads: &Reads<'_>, sprites: &SpriteList) -> Vec<Rect> {
    let view = &reads.view;
    let mut rects = reads.panels.0.clone();
    rects.extend(
        reads
            .markers
            .discs()
            .map(|(pixel, radius_px)| Rect::from_center_half_size(pixel, Vec2::splat(radius_px * 0.85))),
    );
    // Neighbouring characters of one marker are one rectangle.
    let mut row: Option<([f32; 3], Rect)> = None;
    for sprite in sprites.markers.iter().chain(&sprites.floors) {
        let (offset, half) = sprite.on_screen();
        let Some(pixel) = view.pixel(Vec3::from_array(sprite.anchor)) else { continue };
        let middle = pixel + Vec2::new(offset.x, -offset.y);
        let rect = Rect::from_center_half_size(middle, half * INK);
        row = match row {
            Some((anchor, held)) if anchor == sprite.anchor && (held.center().y - middle.y).abs() < 2.0 => {
                Some((anchor, held.union(rect)))
            }
            done => {
                rects.extend(done.map(|(_, rect)| rect));
                Some((sprite.anchor, rect))
            }
        };
    }
    rects.extend(row.map(|(_, rect)| rect));
    rects.retain(|rect| rect.max.cmpgt(Vec2::ZERO).all() && rect.min.cmplt(view.size_px).all());
    rects
}

fn coarse(rect: &Rect) -> IVec4 {
    let (min, max) = ((rect.min / FOLLOW_PX).round().as_ivec2(), (rect.max / FOLLOW_PX).round().as_ivec2());
    IVec4::new(min.x, min.y, max.x, max.y)
}

/// A label with its place on screen.
struct Laid {
    pixel: Vec2,
    spots: Option<Vec<Spot>>,
    rects: Vec<Rect>,
    size_px: f32,
}

struct Composer<'a, 'w> {
    reads: &'a Reads<'w>,
    scale: f32,
    standpoint: u32,
    fade: f32,
    rays: Rays<'a>,
    taken: Taken,
    streets: HashMap<u32, Vec<Vec2>>,
    glyphs: &'a mut Glyphs,
    sprites: &'a mut Vec<Sprite>,
    on_screen: &'a mut Vec<LabelOnScreen>,
    is_settled: bool,
}

impl Composer<'_, '_> {
    fn compose(&mut self, labels: &[Label], shown: &mut [Shown]) {
        let view = &self.reads.view;
        let points_at_one_m = view.pixels_at_one_m / self.scale;
        let of_view = points_at_one_m / self.reads.rig.orbit.distance_m.max(1.0);
        let is_on = self.reads.layers.shows(Layer::Labels);
        let mut wanted = Vec::new();
        let mut leaving = Vec::new();
        for (index, (label, shown)) in labels.iter().zip(shown.iter()).enumerate() {
            let style = label.kind.style();
            let distance_m = label.place.distance(view.camera).max(1.0);
            let points_a_metre = points_at_one_m / distance_m;
            let is_wanted = is_on
                && points_a_metre >= style.from_points_a_metre
                && points_a_metre <= style.to_points_a_metre
                && of_view >= style.from_points_a_metre * VIEW_SHARE
                && label.extent_m * points_a_metre >= style.least_extent_pt
                && self.is_open(label)
                && view.visible_pixel(label.place, 0.0).is_some();
            if is_wanted {
                let rank = label.stretch.as_ref().map_or(0, |stretch| stretch.rank);
                // Of equals the one that is written already, so that they do not take turns.
                let is_new = shown.alpha < 0.5;
                wanted.push((Reverse(label.kind), is_new, rank, distance_m, index));
            } else if shown.alpha > 0.0 {
                leaving.push(index);
            }
        }
        wanted.sort_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)).then(a.3.total_cmp(&b.3)));
        let wanted = wanted.into_iter().map(|(.., distance_m, index)| (index, Some(distance_m)));
        for (index, distance_m) in wanted.chain(leaving.into_iter().map(|index| (index, None))) {
            if let (Some(label), Some(shown)) = (labels.get(index), shown.get_mut(index)) {
                self.label(label, shown, distance_m);
            }
        }
    }

    /// Grids are named while their community or one of them is chosen.
    fn is_open(&self, label: &Label) -> bool {
        if label.kind != LabelKind::Grid {
            return true;
        }
        let (Some(stand), Some(chosen)) = (&self.reads.stand, self.reads.area.0) else { return false };
        let areas = &stand.place.areas;
        let Some(Selection::Area(own)) = &label.leads_to else { return false };
        let (Some(own), Some(chosen)) = (areas.get(*own as usize), areas.get(chosen as usize)) else {
            return false;
        };
        match chosen.kind {
            AreaKind::Community => own.parent.as_ref() == Some(&chosen.code),
            AreaKind::Grid => own.parent == chosen.parent,
            _ => false,
        }
    }

    /// Brings one label a step nearer to being there or being gone. `distance_m` where it may be there.
    fn label(&mut self, label: &Label, shown: &mut Shown, distance_m: Option<f32>) {
        let style = label.kind.style();
        let laid = self.lay_out(label, &style);
        let is_free = distance_m.is_some()
            && laid
                .as_ref()
                .is_some_and(|laid| self.taken.is_free(&laid.rects) && self.is_apart(label, laid));
        let is_seen = match (is_free, distance_m) {
            (true, Some(distance_m)) if style.can_be_hidden && distance_m < SIGHT_M => {
                self.is_seen(label, shown)
            }
            (is_free, _) => is_free,
        };
        let goal = if is_seen { 1.0 } else { 0.0 };
        shown.alpha += (goal - shown.alpha).clamp(-self.fade, self.fade);
        self.is_settled &= shown.alpha == goal;
        let Some(laid) = laid else {
            shown.alpha = 0.0;
            return;
        };
        if is_seen {
            for rect in &laid.rects {
                self.taken.take(*rect);
            }
            if let Some(stretch) = &label.stretch {
                self.streets.entry(stretch.street).or_default().push(laid.pixel);
            }
        }
        if shown.alpha > 0.03 {
            self.write(label, &style, &laid, shown.alpha);
        }
    }

    fn is_apart(&self, label: &Label, laid: &Laid) -> bool {
        let Some(stretch) = &label.stretch else { return true };
        let apart = STREET_APART_PT * self.scale;
        self.streets
            .get(&stretch.street)
            .is_none_or(|written| written.iter().all(|other| other.distance(laid.pixel) > apart))
    }

    fn is_seen(&mut self, label: &Label, shown: &mut Shown) -> bool {
        if shown.sight == Sight::Unknown || shown.seen_from != self.standpoint {
            let points = points_to_see(label);
            match self.rays.look(&points) {
                Some(sight) => {
                    shown.sight = sight;
                    shown.seen_from = self.standpoint;
                }
                // Next frame, then.
                None => self.is_settled = false,
            }
        }
        shown.sight == Sight::Clear
    }

    fn lay_out(&mut self, label: &Label, style: &LabelStyle) -> Option<Laid> {
        let pixel = self.reads.view.pixel(label.place)?;
        let size_px = style.size_pt * self.scale;
        let text = label.text_in(self.reads.language.0);
        let room = Vec2::new(style.room_em.0, style.room_em.1) * size_px;
        let Some(stretch) = label.stretch.as_ref().filter(|_| label.kind.is_road()) else {
            let width = self.glyphs.width_em(text) * size_px;
            let rect = Rect::from_center_size(pixel, Vec2::new(width, size_px * 1.1) + room);
            return Some(Laid { pixel, spots: None, rects: vec![rect], size_px });
        };
        // Air between characters makes a road's name read as one along its road: short names bear more of it.
        let characters = text.chars().count().max(2) as f32;
        let air = if text.chars().all(is_full_width) { 1.04 + 0.9 / characters } else { 1.04 };
        let widths: Vec<f32> =
            self.glyphs.widths_em(text).into_iter().map(|width| width * size_px * air).collect();
        let half = widths.iter().sum::<f32>() * 0.5 + size_px;
        let (line, middle) = project(&self.reads.view, stretch, label.place, pixel, half)?;
        let spots = lay(&line, middle, &widths, size_px, text.chars().all(is_full_width))?;
        let spot_room = Vec2::splat(size_px * 1.1) + Vec2::splat(room.y);
        let rects = spots.iter().map(|spot| Rect::from_center_size(spot.at, spot_room)).collect();
        Some(Laid { pixel, spots: Some(spots), rects, size_px })
    }

    fn write(&mut self, label: &Label, style: &LabelStyle, laid: &Laid, alpha: f32) {
        let is_lit = label.leads_to.is_some()
            && (self.reads.hovered.0 == label.leads_to
                || matches!(label.leads_to, Some(Selection::Area(index)) if self.reads.area.0 == Some(index)));
        let color: Rgba = if is_lit { palette::ACCENT } else { style.color };
        let inks = [faded(color, alpha), faded(palette::HALO, alpha)];
        let text = label.text_in(self.reads.language.0);
        match &laid.spots {
            Some(spots) => {
                let (anchor, pixel) = (label.place, laid.pixel);
                self.glyphs.write_at(text, anchor, pixel, spots, laid.size_px, inks, self.sprites);
            }
            None => {
                let [ink, halo] = inks;
                self.glyphs.write(text, label.place, Vec2::ZERO, laid.size_px, ink, halo, self.sprites);
            }
        }
        if let (Some(selection), Some(rect), true) = (&label.leads_to, laid.rects.first(), alpha > 0.5) {
            self.on_screen.push(LabelOnScreen { rect: *rect, selection: selection.clone() });
        }
    }
}

/// The points of a label that have to be seen: its place, and its neighbours on its line.
fn points_to_see(label: &Label) -> Vec<Vec3> {
    let Some(stretch) = &label.stretch else { return vec![label.place] };
    let aside = |end: Option<&Vec3>| {
        end.map_or(label.place, |end| label.place + (*end - label.place).clamp_length_max(14.0))
    };
    let (before, after) = (stretch.points.get(stretch.piece), stretch.points.get(stretch.piece + 1));
    vec![aside(before), label.place + Vec3::Y, aside(after)]
}

/// The part of a line around a place of it that is `half` pixels long to either side, on screen; and how far along
/// that part the place lies.
fn project(view: &View, stretch: &Stretch, place: Vec3, pixel: Vec2, half: f32) -> Option<(Vec<Vec2>, f32)> {
    let walk = |points: &mut dyn Iterator<Item = &Vec3>| {
        let (mut line, mut way, mut at) = (Vec::new(), 0.0, pixel);
        let mut from = place;
        for point in points {
            let Some(next) = view.pixel(*point) else { break };
            if *point == from {
                continue;
            }
            from = *point;
            way += next.distance(at);
            at = next;
            line.push(next);
            if way >= half {
                break;
            }
        }
        (line, way)
    };
    let (before, after) = stretch.points.split_at_checked(stretch.piece + 1)?;
    let (mut line, middle) = walk(&mut before.iter().rev());
    let (after, _) = walk(&mut after.iter());
    line.reverse();
    line.push(pixel);
    line.extend(after);
    Some((line, middle))
}

/// Whether a character stands as well as it lies, as those of Chinese do.
fn is_full_width(character: char) -> bool {
    matches!(u32::from(character), 0x2E80..=0x9FFF | 0xF900..=0xFAFF)
}
