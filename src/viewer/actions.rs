//! The one list of what can be done: mouse, keys, panels, tour, tests and remote control all write [`Action`]s.
//!
//! None of these changes data outside the viewer, so none needs an inverse; those that will (steps of issues) carry it.

use bevy::prelude::*;

use super::camera::CameraMove;
use super::layers::Layer;
use super::preset::Preset;
use super::selection::Selection;
use crate::governance::{IssueId, State};
use crate::language::Language;

/// Something to be done.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum Action {
    /// Moves the camera.
    Camera(CameraMove),
    /// Chooses something, or nothing.
    Select(Option<Selection>),
    /// Chooses something and flies to it.
    Show(Selection),
    /// Shows or hides a layer.
    SetLayer(Layer, bool),
    /// Changes the quality.
    SetPreset(Preset),
    /// Changes the language.
    SetLanguage(Language),
    /// Changes what list and map show.
    Filter(FilterChange),
    /// Shows the light of another hour of the day, or of the clock again.
    SetHour(Option<f32>),
    /// Starts or stops the tour.
    SetTour(bool),
    /// Draws the storeys of the chosen building apart, or together again.
    FanFloors(bool),
    /// Chooses a storey of it, 1 for the lowest, or none.
    ChooseFloor(Option<u16>),
    /// Somebody has taken notice of an urgent issue (接警): the wall lets go of it.
    Take(IssueId),
}

/// A change of the filter that map and list share.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterChange {
    /// Only one state, or all.
    State(Option<State>),
    /// Only one class by its code, or all.
    Class(Option<String>),
    /// Only one community by its code, or all.
    Community(Option<String>),
    /// Only what is overdue.
    Overdue(bool),
    /// Everything again.
    Clear,
}

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Action>();
}
