//! The storeys of the chosen building, fanned out: plates apart, numbered, each to be clicked.
//!
//! Reads [`Action::FanFloors`] and [`Action::ChooseFloor`]; owns [`Fan`]; closes when something else is chosen.
//! Only where the number of storeys is known: a guess from the height would number floors that do not exist.

mod shape;

use bevy::prelude::*;

use self::shape::{Storeys, prism};
use super::actions::Action;
use super::camera::{CameraMove, Rig};
use super::labels::{LabelFont, LabelLanguage};
use super::pace::{Pace, SMOOTH};
use super::palette::{self, Rgba, faded};
use super::place::Stand;
use super::selection::{Chosen, Selected, Selection};
use super::sprites::SpriteList;
use super::stage::{FanShape, PlateScene, Prism, Scene, Stroke, StrokeLayer, StrokeScene};
use super::view::View;
use super::wall::WallMode;
use super::{ShowSystems, ViewerSystems};
use crate::city::BuildingIndex;
use crate::language::{Language, Messages};

/// How long opening takes, seconds.
const OPENING_SECS: f32 = 0.45;
/// From how far all storeys are in the picture, of their height and besides, metres.
const ROOM: f32 = 2.7;
const ROOM_M: f32 = 40.0;
/// Size of a number, points.
const NUMBER_PT: f32 = 13.0;
/// Numbers are at least so far apart on screen, of their size.
const NUMBER_APART: f32 = 1.35;

/// Which building is fanned out, how far, and which of its storeys is chosen.
#[derive(Resource, Default, Clone, Debug, PartialEq)]
pub struct Fan {
    building: Option<u32>,
    storeys: Storeys,
    wants_open: bool,
    /// 0 closed, 1 open, in time.
    progress: f32,
    chosen: Option<u16>,
    hovered: Option<u16>,
}

impl Fan {
    /// Whether it is open or opening.
    pub fn is_open(&self) -> bool {
        self.wants_open
    }

    /// Whether anything of it is to be seen.
    pub fn is_shown(&self) -> bool {
        self.progress > 0.0
    }

    /// Whether it opens or closes just now.
    pub fn is_moving(&self) -> bool {
        self.progress != self.goal()
    }

    /// Whether the chosen building can be fanned out.
    pub fn can_open(&self) -> bool {
        self.building.is_some()
    }

    /// The chosen storey, 1 for the lowest.
    pub fn chosen(&self) -> Option<u16> {
        self.chosen
    }

    /// The storey that a ray meets, where the fan is open; the direction is of length 1.
    pub fn pick(&self, origin: Vec3, direction: Vec3) -> Option<u16> {
        if !self.wants_open {
            return None;
        }
        self.storeys.pick(origin, direction, self.openness())
    }

    /// The storey under the pointer.
    pub fn hovered(&self) -> Option<u16> {
        self.hovered
    }

    /// Marks the storey under the pointer.
    pub fn hover(&mut self, storey: Option<u16>) {
        self.hovered = storey;
    }

    fn goal(&self) -> f32 {
        if self.wants_open { 1.0 } else { 0.0 }
    }

    /// How far it is open, eased.
    fn openness(&self) -> f32 {
        self.progress * self.progress * (3.0 - 2.0 * self.progress)
    }

    fn close(&mut self) {
        self.wants_open = false;
        self.chosen = None;
        self.hovered = None;
    }
}

/// The systems that draw storeys apart.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct StoreysDrawn;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Fan>().add_systems(
        Update,
        (
            act.in_set(ViewerSystems::Apply).after(Selected),
            (open_and_close, draw_storeys)
                .chain()
                .in_set(StoreysDrawn)
                .in_set(ShowSystems::Mark)
                .after(super::selection::Marked),
            number_storeys
                .in_set(ShowSystems::Labels)
                .before(super::labels::LabelsComposed)
                .run_if(resource_exists::<LabelFont>),
        )
            .run_if(resource_exists::<Stand>),
    );
}

fn act(
    mut actions: MessageReader<Action>,
    chosen: Res<Chosen>,
    stand: Res<Stand>,
    mut fan: ResMut<Fan>,
    mut plates: ResMut<PlateScene>,
    mut rig: ResMut<Rig>,
) {
    if chosen.is_changed() {
        let building = match &chosen.0 {
            Some(Selection::Building(index)) => stand.city().building(BuildingIndex(*index)),
            _ => None,
        };
        let storeys = building.and_then(|building| Some((building, Storeys::of(building)?)));
        let index = storeys.as_ref().map(|(building, _)| building.index().0);
        if index != fan.building {
            // What was open is gone at once: the next building is not the place to watch it close.
            *fan = Fan::default();
            fan.building = index;
            if let Some((building, storeys)) = storeys {
                let uses = palette::stage_palette().uses;
                let usage = building.usage() as usize;
                let color = uses.get(usage).copied().unwrap_or(Vec4::splat(0.3));
                plates.replace(prism(building));
                plates.shape = FanShape {
                    foot_m: storeys.foot_m,
                    storey_m: storeys.storey_m,
                    gap_m: storeys.gap_m(),
                    storeys: f32::from(storeys.count),
                    color: color.with_w(1.0).to_array(),
                    ..FanShape::default()
                };
                fan.storeys = storeys;
            } else {
                plates.replace(Prism::default());
            }
        }
    }
    for action in actions.read() {
        match action {
            Action::FanFloors(true) if fan.can_open() => {
                fan.wants_open = true;
                step_back(&fan, &mut rig);
            }
            Action::FanFloors(false) => fan.close(),
            Action::ChooseFloor(storey) => {
                let exists = storey.is_none_or(|storey| (1..=fan.storeys.count).contains(&storey));
                if fan.can_open() && exists {
                    if storey.is_some() && !fan.wants_open {
                        fan.wants_open = true;
                        step_back(&fan, &mut rig);
                    }
                    fan.chosen = *storey;
                }
            }
            _ => {}
        }
    }
}

/// The camera steps back until all storeys are in the picture.
fn step_back(fan: &Fan, rig: &mut Rig) {
    let needed_m = fan.storeys.open_height_m() * ROOM + ROOM_M;
    if rig.goal.distance_m < needed_m {
        let place = fan.storeys.middle();
        rig.take(CameraMove::FlyToPlace { place, distance_m: needed_m });
    }
}

fn open_and_close(
    time: Res<Time>,
    pace: Res<Pace>,
    mut fan: ResMut<Fan>,
    mut plates: ResMut<PlateScene>,
    mut scene: ResMut<Scene>,
) {
    let step = time.delta_secs() / OPENING_SECS;
    if fan.is_moving() {
        pace.moves(SMOOTH, "storeys");
    }
    let goal = fan.goal();
    if fan.progress != goal {
        fan.progress += (goal - fan.progress).clamp(-step, step);
    }
    let number = |storey: Option<u16>| storey.map_or(0.0, f32::from);
    let shape = FanShape {
        openness: fan.openness(),
        hovered: number(fan.hovered),
        chosen: number(fan.chosen),
        ..plates.shape
    };
    if plates.shape != shape {
        plates.shape = shape;
    }
    if scene.marks.is_apart != fan.is_shown() {
        scene.marks.is_apart = fan.is_shown();
    }
}

/// The edges of each storey's plate.
fn draw_storeys(fan: Res<Fan>, mut scene: ResMut<StrokeScene>, mut was_shown: Local<bool>) {
    if !fan.is_shown() {
        if std::mem::take(&mut *was_shown) {
            scene.replace(StrokeLayer::Storeys, Vec::new());
        }
        return;
    }
    if *was_shown && !fan.is_changed() {
        return;
    }
    *was_shown = true;
    let mut strokes = Vec::new();
    for storey in 1..=fan.storeys.count {
        let is_chosen = fan.chosen == Some(storey);
        let is_hovered = fan.hovered == Some(storey);
        let (width, color): (f32, Rgba) = match (is_chosen, is_hovered) {
            (true, _) => (2.2, palette::ACCENT),
            (_, true) => (1.6, faded(palette::ACCENT, 0.9)),
            _ => (1.0, faded(palette::ACCENT, 0.35)),
        };
        let (foot, top) = fan.storeys.extent_m(storey, fan.openness());
        for ring in &fan.storeys.rings {
            for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                let at = |point: &Vec2, up: f32| Vec3::new(point.x, up, point.y);
                strokes.push(Stroke::line(at(a, top), at(b, top), width, color));
                if is_chosen {
                    strokes.push(Stroke::line(at(a, foot), at(b, foot), width, color));
                }
            }
        }
    }
    scene.replace(StrokeLayer::Storeys, strokes);
}

/// The numbers of the storeys, beside the corner that stands farthest right.
fn number_storeys(
    fan: Res<Fan>,
    view: Res<View>,
    wall: Res<WallMode>,
    language: Res<LabelLanguage>,
    mut font: ResMut<LabelFont>,
    mut sprites: ResMut<SpriteList>,
    mut names: Local<(Option<Language>, Vec<String>)>,
) {
    let list = &mut sprites.floors;
    list.clear();
    if !fan.is_shown() {
        return;
    }
    if names.0 != Some(language.0) || names.1.len() < usize::from(fan.storeys.count) {
        let messages = Messages::new(language.0);
        let name =
            |storey: u16| messages.text_with("floor-number", &[("n", i64::from(storey).into())]).into_owned();
        *names = (Some(language.0), (1..=fan.storeys.count).map(name).collect());
    }
    let size_px = NUMBER_PT * view.pixels_per_point * wall.marker_scale;
    let corner = fan
        .storeys
        .rings
        .iter()
        .flatten()
        .filter_map(|at| Some((view.pixel(Vec3::new(at.x, fan.storeys.foot_m, at.y))?.x, *at)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((_, corner)) = corner else { return };
    let alpha = fan.openness();
    let mut last_px: Option<f32> = None;
    let apart = size_px * NUMBER_APART;
    let chosen_px = fan.chosen.and_then(|storey| Some(view.pixel(middle(&fan, storey, corner))?.y));
    for storey in 1..=fan.storeys.count {
        let at = middle(&fan, storey, corner);
        let Some(pixel) = view.pixel(at) else { continue };
        let is_chosen = fan.chosen == Some(storey);
        let is_crowded = last_px.is_some_and(|last| (last - pixel.y).abs() < apart)
            || chosen_px.is_some_and(|chosen| (chosen - pixel.y).abs() < apart);
        if is_crowded && !is_chosen {
            continue;
        }
        last_px = Some(pixel.y);
        let Some(name) = names.1.get(usize::from(storey) - 1) else { continue };
        let half = font.0.width_em(name) * size_px * 0.5;
        let is_marked = is_chosen || fan.hovered == Some(storey);
        let color = if is_marked { palette::ACCENT } else { palette::LABEL };
        let (ink, halo) = (faded(color, alpha), faded(palette::HALO, alpha));
        font.0.write(name, at, Vec2::new(half + size_px * 0.7, 0.0), size_px, ink, halo, list);
    }
}

fn middle(fan: &Fan, storey: u16, corner: Vec2) -> Vec3 {
    let (foot, top) = fan.storeys.extent_m(storey, fan.openness());
    Vec3::new(corner.x, (foot + top) * 0.5, corner.y)
}
