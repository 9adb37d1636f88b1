//! The pointer over the picture: what it hovers, what a click chooses.
//!
//! Markers first, in pixels, and names; then buildings, exactly, by a ray through the city's index.

use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::input::EguiWantsInput;
use bevy_egui::{EguiContext, EguiPreUpdateSet};

use super::HandSystems;
use super::actions::Action;
use super::camera::{CameraMove, Rig, ndc};
use super::floors::Fan;
use super::labels::LabelsOnScreen;
use super::layers::{Layer, Layers};
use super::markers::{Hit, Markers, MarkersOnScreen};
use super::panels::Panels;
use super::place::Stand;
use super::selection::{Hovered, Selection};

/// A press that moves less than so many pixels is a click.
const CLICK_PX: f32 = 5.0;
/// A click on a group goes no nearer than this, metres.
const CLOSE_M: f32 = 140.0;

/// A press of one button over the map.
#[derive(Default)]
pub(super) struct Press {
    at: Option<Vec2>,
    moved: bool,
}

impl Press {
    /// Whether its button has just been clicked: pressed over the map, and released without having moved.
    pub(super) fn is_click(
        &mut self,
        buttons: &ButtonInput<MouseButton>,
        button: MouseButton,
        cursor: Option<Vec2>,
        is_map: bool,
    ) -> bool {
        let Some(cursor) = cursor else { return false };
        if buttons.just_pressed(button) {
            *self = Self { at: is_map.then_some(cursor), moved: false };
        }
        let Some(at) = self.at else { return false };
        self.moved |= at.distance(cursor) > CLICK_PX;
        buttons.just_released(button) && self.at.take().is_some() && !self.moved
    }
}

/// Whether the pointer lies over a panel where it is now.
///
/// The panels' own answer is that of the frame before: at five frames a second a hand is elsewhere by then.
#[derive(Resource, Default)]
struct OverPanels(bool);

/// Whose the pointer is: the map's, or the panels'.
#[derive(bevy::ecs::system::SystemParam)]
pub(super) struct PointerOwner<'w> {
    over: Res<'w, OverPanels>,
    panels: Res<'w, EguiWantsInput>,
}

impl PointerOwner<'_> {
    /// Whether what the pointer does is meant for the map.
    pub(super) fn is_map(&self) -> bool {
        !(self.over.0 || self.panels.is_using_pointer() || self.panels.is_popup_open())
    }

    /// Whether it lies over a panel, whatever is being dragged.
    pub(super) fn is_over_panels(&self) -> bool {
        self.over.0
    }
}

fn look_where_the_pointer_is(mut contexts: Query<&mut EguiContext>, mut over: ResMut<OverPanels>) {
    over.0 = contexts.iter_mut().any(|mut context| context.get_mut().is_pointer_over_egui());
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<OverPanels>()
        .add_systems(PreUpdate, look_where_the_pointer_is.after(EguiPreUpdateSet::BeginPass));
    app.add_systems(
        Update,
        (hover, click.run_if(super::placing::nothing_is_placed))
            .chain()
            .in_set(HandSystems::Pointer)
            .run_if(any_with_component::<PrimaryWindow>),
    );
}

/// Everything that picking reads.
#[derive(bevy::ecs::system::SystemParam)]
pub(crate) struct Picking<'w> {
    on_screen: Res<'w, MarkersOnScreen>,
    markers: Res<'w, Markers>,
    labels: Res<'w, LabelsOnScreen>,
    stand: Option<Res<'w, Stand>>,
    layers: Res<'w, Layers>,
    rig: Res<'w, Rig>,
}

impl Picking<'_> {
    /// The marker at a pixel.
    fn marker_at(&self, pixel: Vec2) -> Option<Hit> {
        self.on_screen.at(pixel, &self.markers)
    }

    /// The storey at a pixel, where the chosen building is fanned out and no marker stands before it.
    fn storey_at(&self, fan: &Fan, pixel: Vec2, size: Vec2) -> Option<u16> {
        if !fan.is_open() || self.marker_at(pixel).is_some() {
            return None;
        }
        let (origin, direction) = self.rig.ray(ndc(pixel, size), size.x / size.y.max(1.0));
        fan.pick(origin, direction)
    }

    /// What is at a pixel of a picture of a size, both physical.
    pub(crate) fn at(&self, pixel: Vec2, size: Vec2) -> Vec<Selection> {
        if let Some(hit) = self.marker_at(pixel) {
            return vec![hit.selection];
        }
        if let Some(named) = self.labels.at(pixel) {
            return vec![named.clone()];
        }
        if !self.layers.shows(Layer::Buildings) {
            return Vec::new();
        }
        let (origin, direction) = self.rig.ray(ndc(pixel, size), size.x / size.y.max(1.0));
        let hit = self.stand.as_ref().and_then(|stand| stand.pick(origin, direction));
        hit.map(|building| vec![Selection::Building(building)]).unwrap_or_default()
    }
}

impl Picking<'_> {
    /// Where the ground is at a pixel, and which building stands there: what somebody points at who means a place.
    pub(super) fn place_at(&self, pixel: Vec2, size: Vec2) -> Option<(Vec2, Option<u32>)> {
        let ground = self.rig.ground_at(ndc(pixel, size), size.x / size.y.max(1.0))?;
        Some((ground, self.building_at(pixel, size)))
    }

    /// The building at a pixel.
    pub(super) fn building_at(&self, pixel: Vec2, size: Vec2) -> Option<u32> {
        self.at(pixel, size).into_iter().find_map(|found| match found {
            Selection::Building(building) => Some(building),
            _ => None,
        })
    }
}

fn hover(
    window: Single<&Window, With<PrimaryWindow>>,
    owner: PointerOwner,
    buttons: Res<ButtonInput<MouseButton>>,
    picking: Picking,
    mut fan: ResMut<Fan>,
    mut hovered: ResMut<Hovered>,
) {
    let is_dragging = buttons.any_pressed([MouseButton::Left, MouseButton::Right, MouseButton::Middle]);
    if is_dragging {
        return;
    }
    let cursor = window.physical_cursor_position().filter(|_| owner.is_map());
    let size = window.physical_size().as_vec2();
    let storey = cursor.and_then(|cursor| picking.storey_at(&fan, cursor, size));
    if fan.hovered() != storey {
        fan.hover(storey);
    }
    let found =
        cursor.and_then(|cursor| picking.at(cursor, window.physical_size().as_vec2()).into_iter().next());
    hovered.set_if_neq(Hovered(found));
}

pub(super) fn click(
    window: Single<&Window, With<PrimaryWindow>>,
    egui: Res<EguiWantsInput>,
    owner: PointerOwner,
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
    picking: Picking,
    fan: Res<Fan>,
    panels: Res<Panels>,
    mut press: Local<Press>,
    mut actions: MessageWriter<Action>,
) {
    let escapes = keys.just_pressed(KeyCode::Escape) && !panels.take_escape();
    if escapes && !egui.wants_any_keyboard_input() {
        // One thing after another: the storey, the fan, what is chosen.
        actions.write(match (fan.chosen(), fan.is_open()) {
            (Some(_), _) => Action::ChooseFloor(None),
            (None, true) => Action::FanFloors(false),
            (None, false) => Action::Select(None),
        });
    }
    if keys.just_pressed(KeyCode::KeyL) && !egui.wants_any_keyboard_input() && fan.can_open() {
        actions.write(Action::FanFloors(!fan.is_open()));
    }
    let Some(cursor) = window.physical_cursor_position() else { return };
    let is_click = press.is_click(&buttons, MouseButton::Left, Some(cursor), owner.is_map());
    if !is_click || keys.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight]) {
        return;
    }
    let size = window.physical_size().as_vec2();
    if let Some(storey) = picking.storey_at(&fan, cursor, size) {
        actions.write(Action::ChooseFloor(Some(storey).filter(|_| fan.chosen() != Some(storey))));
        return;
    }
    let found = picking.at(cursor, size);
    if let Some(hit) = picking.marker_at(cursor).filter(|hit| hit.count > 1)
        && picking.rig.orbit.distance_m > CLOSE_M
    {
        // A group: closer, until it falls apart.
        let around = Some(Vec2::new(hit.place.x, hit.place.z));
        actions.write(Action::Camera(CameraMove::Zoom { factor: 0.45, around }));
    }
    actions.write(Action::Select(found.into_iter().next()));
}
