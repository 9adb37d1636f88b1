//! The sprites of a frame, gathered from whoever draws some and handed to the stage in painting order.

use bevy::prelude::*;

use super::ShowSystems;
use super::stage::{Scene, Sprite};

/// Sprites by painter: labels lie under markers.
#[derive(Resource, Default)]
pub(super) struct SpriteList {
    /// Names of places.
    pub(super) labels: Vec<Sprite>,
    /// Issues and patrols.
    pub(super) markers: Vec<Sprite>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<SpriteList>().add_systems(Update, hand_over.in_set(ShowSystems::HandOver));
}

fn hand_over(sprites: Res<SpriteList>, mut scene: ResMut<Scene>) {
    let scene = scene.bypass_change_detection();
    let count = sprites.labels.len() + sprites.markers.len();
    let same = scene.sprites.len() == count
        && scene.names == sprites.labels.len()
        && scene.sprites.iter().eq(sprites.labels.iter().chain(&sprites.markers));
    if same {
        return;
    }
    scene.sprites.clear();
    scene.sprites.extend_from_slice(&sprites.labels);
    scene.sprites.extend_from_slice(&sprites.markers);
    scene.names = sprites.labels.len();
    scene.sprites_revision += 1;
}
