//! The one list of what can be done: mouse, keys, panels, tour, tests and remote control all write [`Action`]s.
//!
//! Of these only [`Action::TakeStep`] and [`Action::SendReport`] change data outside the viewer. They cannot be undone: an
//! issue's history is never edited, and another step leads back where its life cycle has one.

use std::path::PathBuf;

use bevy::prelude::*;

use super::camera::CameraMove;
use super::colouring::{Class, ColouringKey};
use super::layers::Layer;
use super::preset::Preset;
use super::selection::Selection;
use crate::feed::Entry;
use crate::governance::{Actor, IssueId, NewIssue, NewStep, State};
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
    /// Colours buildings by something, or by the look of their uses again.
    SetColouring(Option<ColouringKey>),
    /// Brings a class of the colouring forward by dimming the others, or shows all alike again.
    Highlight(Option<Class>),
    /// Changes the quality.
    SetPreset(Preset),
    /// Lets the machine choose the quality, by its adapter and by how smoothly it draws.
    AutomaticPreset,
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
    /// Takes a step of an issue, as it was seen at a version. Cannot be undone.
    TakeStep {
        /// Of which.
        issue: IssueId,
        /// The version that whoever decided saw.
        seen: u64,
        /// Which step, by whom.
        step: Box<NewStep>,
    },
    /// Begins to log a new issue.
    BeginReport {
        /// Where, `[east, south]` in world metres.
        at: Vec2,
        /// At which building.
        building: Option<u32>,
    },
    /// Puts away the new issue that was begun.
    PutReportAway,
    /// Logs a new issue. Cannot be undone.
    SendReport {
        /// What was found.
        new: Box<NewIssue>,
        /// The issue that it goes into, where it is the same, and who says so.
        merge: Option<(IssueId, Actor)>,
    },
    /// Hands in a photo for the next step of an issue.
    AttachPhoto {
        /// Of which.
        issue: IssueId,
        /// The file.
        path: PathBuf,
    },
    /// Fetches a photo as large as a screen shows.
    FetchPhoto(String),
    /// Asks for the place of an issue to be pointed out on the map: by a click, or by letting go of what is dragged.
    BeginPlacing {
        /// Of which.
        issue: IssueId,
        /// Its row is being dragged.
        by_drag: bool,
    },
    /// Leaves the issue where it is.
    PutPlacingAway,
    /// Logs in.
    LogIn(Entry),
    /// Logs out.
    LogOut,
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
