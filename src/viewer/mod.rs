//! The only place that knows the engine: one folder a feature, each with a `plugin(app)`.

pub mod actions;
pub mod camera;
pub mod layers;
pub mod preset;
pub mod sky;
pub mod stage;
pub mod labels;
pub mod selection;

use bevy::prelude::*;

/// The order of a frame; every system of the viewer is in one of these.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ViewerSystems {
    /// What comes from outside: feeds, loaded files.
    Receive,
    /// Hands on mouse and keys write actions.
    Input,
    /// Actions change resources.
    Apply,
    /// The camera moves.
    Camera,
    /// What is seen follows.
    Show,
}
