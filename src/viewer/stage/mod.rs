//! The stage: our own renderer on the engine's render world.
//!
//! The engine gives windows, cameras, view targets, post-processing and panels; what fills the screen is drawn here,
//! with a few small shaders (`assets/shaders`) and buffers that we own.
//! Nothing of the city is an engine mesh or an entity: a tile is a range of a vertex page, drawn by facing sector and
//! level of detail, so that walls that face away are not even submitted.
//! That is a step away from DESIGN.md section 7, which thought of `Mesh`, `Material` and `MeshTag`: an engine mesh is
//! always drawn whole, and its slabs cannot be counted to the byte.
//!
//! The main world keeps a [`Scene`]; the render world copies what changed (`upload`) and draws (`draw`):
//!
//! ```text
//! city and landmarks (opaque, write depth) → storeys drawn apart → sky above the horizon
//!   → ground, squares, green, water, roads (painted in order) → tinted areas
//!   → in `high`: occlusion, bloom, tone mapping → alleys, walls of light → the outline of what is chosen
//!   → sprites hidden by buildings, faint → sprites
//! ```
//!
//! After a lost device the engine runs `RenderStartup` again: `gpu::Gpu` and `upload::Uploaded` are made anew, and
//! everything is uploaded again from the bytes that the scene still holds.

mod buffers;
pub(crate) mod capture;
mod cascades;
mod cull;
mod draw;
pub mod fade;
mod finish;
mod frame;
mod gpu;
mod land;
mod models;
mod openness;
mod pipelines;
mod plates;
mod scene;
mod shadows;
mod strokes;
mod tiles;
mod trees;
mod upload;
mod within;

mod marks;

pub use capture::{Capture, Picture};
pub(crate) use frame::projection;
pub use frame::{Light, Palette};
pub use land::{GroundVertex, GroundVertices};
pub(crate) use marks::TRAIL_POINTS;
pub use marks::{Marker, MarkerLook, MarkerScene, Trail, TrailPoints};
pub use models::{ModelSet, PlacedModel, StageModels};
pub use plates::{FanShape, PlateScene, PlateVertex, Prism};
pub use scene::{
    BuildingTexels, FlatVertex, FlatVertices, GlyphPixels, Marks, Scene, SceneRevisions, Shadows, Sprite,
    StageCamera, StageStats, Switches,
};
pub use strokes::{Stroke, StrokeLayer, StrokeScene};
pub use tiles::{StageTiles, TileDraw, TileVertex};

use bevy::core_pipeline::core_3d::main_opaque_pass_3d;
use bevy::core_pipeline::schedule::{Core3d, Core3dSystems};
use bevy::core_pipeline::tonemapping::tonemapping;
use bevy::post_process::bloom::bloom;
use bevy::prelude::*;
use bevy::render::extract_component::ExtractComponentPlugin;
use bevy::render::{ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};

pub(super) fn plugin(app: &mut App) {
    let stats = StageStats::default();
    app.init_resource::<Scene>()
        .init_resource::<MarkerScene>()
        .init_resource::<StrokeScene>()
        .init_resource::<PlateScene>()
        .insert_resource(stats.clone())
        .add_plugins((
            ExtractComponentPlugin::<StageCamera>::default(),
            capture::plugin,
            models::plugin,
            tiles::plugin,
        ));
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
        return;
    };
    render_app
        .insert_resource(stats)
        .init_resource::<upload::Pending>()
        .init_resource::<finish::Finish>()
        .init_resource::<marks::Marks>()
        .init_resource::<strokes::Strokes>()
        .init_resource::<plates::Plates>()
        .add_systems(RenderStartup, (strokes::forget, plates::forget))
        .add_systems(ExtractSchedule, (strokes::extract, plates::extract, marks::extract))
        .add_systems(
            Render,
            (strokes::upload, plates::upload, marks::upload).in_set(RenderSystems::PrepareResources),
        )
        .add_systems(RenderStartup, (gpu::create, upload::forget, finish::forget, marks::create).chain())
        .add_systems(ExtractSchedule, upload::extract)
        .add_systems(Render, (upload::upload, frame::write).chain().in_set(RenderSystems::PrepareResources))
        .add_systems(
            Core3d,
            (shadows::draw, draw::draw_stage)
                .chain()
                .in_set(Core3dSystems::MainPass)
                .before(main_opaque_pass_3d),
        )
        .add_systems(
            Core3d,
            finish::finish.in_set(Core3dSystems::PostProcess).after(bloom).before(tonemapping),
        );
}
