//! The sprites of a frame, gathered from whoever draws some and handed to the stage in painting order.

use bevy::prelude::*;

use super::ShowSystems;
use super::stage::{Scene, Sprite};

/// Sprites by painter: labels lie under markers.
#[derive(Resource, Default)]
pub(super) struct SpriteList {
    /// Names of places.
    pub(super) labels: Vec<Sprite>,
    /// Numbers of storeys.
    pub(super) floors: Vec<Sprite>,
    /// Issues and patrols.
    pub(super) markers: Vec<Sprite>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<SpriteList>().add_systems(Update, hand_over.in_set(ShowSystems::HandOver));
}

fn hand_over(sprites: Res<SpriteList>, mut scene: ResMut<Scene>) {
    let scene = scene.bypass_change_detection();
    let names = sprites.labels.len() + sprites.floors.len();
    let all = || sprites.labels.iter().chain(&sprites.floors).chain(&sprites.markers);
    let same = scene.sprites.len() == names + sprites.markers.len()
        && scene.names == names
        && scene.sprites.iter().eq(all());
    if same {
        return;
    }
    scene.sprites.clear();
    scene.sprites.extend(all());
    scene.names = names;
    scene.sprites_revision += 1;
}
