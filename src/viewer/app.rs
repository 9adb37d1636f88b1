//! The engine's app, for a window and off screen: the same plugins, the same picture.

use std::time::Duration;

use bevy::anti_alias::AntiAliasPlugin;
use bevy::app::{PluginGroupBuilder, TerminalCtrlCHandlerPlugin};
use bevy::asset::AssetEventSystems;
use bevy::core_pipeline::CorePipelinePlugin;
use bevy::ecs::error::Severity;
use bevy::ecs::schedule::SingleThreadedExecutor;
use bevy::log::LogPlugin;
use bevy::post_process::PostProcessPlugin;
use bevy::post_process::bloom::BloomPlugin;
use bevy::prelude::*;
use bevy::render::error_handler::{RenderErrorHandler, RenderErrorPolicy};
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::SpecializedRenderPipelines;
use bevy::render::render_resource::WgpuFeatures;
use bevy::render::settings::{RenderCreation, WgpuSettings};
use bevy::render::{GpuResourceAppExt, RenderApp, RenderPlugin};
use bevy::time::TimeUpdateStrategy;
use bevy::window::{ExitCondition, PresentMode, WindowMode, WindowResolution};
use bevy::winit::WinitPlugin;
use bevy_egui::render::EguiPipeline;
use bevy_egui::render::systems::{EguiRenderData, EguiTransforms};
use bevy_egui::{EguiGlobalSettings, EguiPlugin, EguiPostUpdateSet, PrimaryEguiContext};

use super::camera;
use super::stage::{Capture, StageCamera, capture};

/// How far time goes in a frame, off screen.
const FRAME: Duration = Duration::from_millis(16);

/// Where the picture goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// A window on the desktop.
    Window {
        /// Its title.
        title: String,
        /// Width and height in physical pixels.
        size: UVec2,
        /// The whole screen, without borders.
        fullscreen: bool,
    },
    /// An image that is read back.
    OffScreen {
        /// Width and height in pixels.
        size: UVec2,
        /// Pixels a point of type.
        pixels_per_point: f32,
    },
}

impl Screen {
    /// An image of so many pixels.
    pub const fn off_screen(width: u32, height: u32, pixels_per_point: f32) -> Self {
        Self::OffScreen { size: UVec2::new(width, height), pixels_per_point }
    }

    /// A window of so many pixels.
    pub fn window(title: impl Into<String>, width: u32, height: u32, fullscreen: bool) -> Self {
        Self::Window { title: title.into(), size: UVec2::new(width, height), fullscreen }
    }
}

/// Builds the app: engine, stage and every feature of the viewer.
pub fn build(screen: &Screen) -> App {
    let mut app = App::new();
    // A failing system must not darken a wall: errors are logged, whatever their severity.
    app.set_error_handler(|error, context| {
        let severity = error.severity();
        if severity >= Severity::Error {
            error!("{context}: {error}");
        } else {
            warn!("{context}: {error}");
        }
    });
    app.add_plugins(engine(screen));
    app.insert_resource(EguiGlobalSettings {
        auto_create_primary_context: false,
        ..EguiGlobalSettings::default()
    });
    // Bindless textures are an optional feature that old GPUs lack; panels have two textures.
    app.add_plugins(EguiPlugin { bindless_mode_array_size: None });
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        // The panels' plugin keeps buffers and pipelines of the device that it began with: each new device needs new
        // ones (seen in bevy_egui 0.42.0).
        render_app
            .init_gpu_resource::<EguiTransforms>()
            .init_gpu_resource::<EguiRenderData>()
            .init_gpu_resource::<SpecializedRenderPipelines<EguiPipeline>>();
    }
    // Else the glyphs of a new text would come to the device a frame after the text.
    app.configure_sets(PostUpdate, EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems));
    app.insert_resource(ClearColor(Color::srgb(0.06, 0.08, 0.10)));
    app.insert_resource(RenderErrorHandler(recover));
    app.add_plugins(super::plugin);
    match screen {
        Screen::Window { .. } => {
            app.insert_resource(super::pace::engine_settings());
            app.add_systems(Startup, spawn_window_camera);
        }
        Screen::OffScreen { size, pixels_per_point } => {
            app.insert_resource(TimeUpdateStrategy::ManualDuration(FRAME));
            let image = app.world_mut().resource_mut::<Assets<Image>>().add(capture::target_image(*size));
            app.insert_resource(Capture::new(image.clone()));
            app.init_schedule(bevy_egui::EguiPrimaryContextPass);
            app.insert_resource(OffScreenScale(*pixels_per_point));
            app.world_mut().spawn((
                stage_camera(),
                capture::render_target(image),
                bevy_egui::EguiContextSettings::default(),
            ));
        }
    }
    run_systems_in_a_row(&mut app);
    app
}

/// Has the systems of a frame run one after another. Nearly all of ours have nothing to do in nearly every frame, so handing
/// each to a pool of threads and waiting for it costs more than what it does: on two cores, with a hundred thousand issues,
/// 8.5 ms of processor time a frame with pools, 7.1 with the main world in a row, 5.9 with the render world too.
/// On Apple's systems windows are touched on the main thread alone, which the render world's pool sees to.
fn run_systems_in_a_row(app: &mut App) {
    let in_a_row = |world: &mut World| {
        for (_, schedule) in world.resource_mut::<Schedules>().iter_mut() {
            schedule.set_executor(SingleThreadedExecutor::new());
        }
    };
    in_a_row(app.world_mut());
    if cfg!(not(any(target_os = "macos", target_os = "ios")))
        && let Some(render) = app.get_sub_app_mut(RenderApp)
    {
        in_a_row(render.world_mut());
    }
}

/// Pixels a point of type, off screen.
#[derive(Resource, Clone, Copy, Debug)]
pub struct OffScreenScale(pub f32);

/// How a device is asked for, at the start and after a loss.
fn device_wanted() -> RenderCreation {
    RenderCreation::Automatic(Box::new(WgpuSettings {
        // The device is asked for nothing that WebGL 2 lacks, so that every adapter will do.
        features: WgpuFeatures::empty(),
        ..WgpuSettings::default()
    }))
}

fn engine(screen: &Screen) -> PluginGroupBuilder {
    let render = RenderPlugin {
        render_creation: device_wanted(),
        synchronous_pipeline_compilation: matches!(screen, Screen::OffScreen { .. }),
        ..default()
    };
    // Ctrl-C ends the process, as it does every other command's. Of what is done after the picture only bloom is used:
    // the rest would prepare itself in each frame for nothing.
    let plugins = DefaultPlugins
        .build()
        .disable::<LogPlugin>()
        .disable::<TerminalCtrlCHandlerPlugin>()
        .disable::<AntiAliasPlugin>()
        .disable::<PostProcessPlugin>()
        .add_after::<CorePipelinePlugin>(BloomPlugin)
        .set(render);
    match screen {
        Screen::Window { title, size, fullscreen } => plugins.set(WindowPlugin {
            primary_window: Some(Window {
                title: title.clone(),
                name: Some("yunfushan".into()),
                resolution: WindowResolution::new(size.x, size.y),
                mode: if *fullscreen {
                    WindowMode::BorderlessFullscreen(MonitorSelection::Primary)
                } else {
                    WindowMode::Windowed
                },
                present_mode: PresentMode::AutoVsync,
                ..default()
            }),
            ..default()
        }),
        Screen::OffScreen { .. } => plugins
            .set(WindowPlugin { primary_window: None, exit_condition: ExitCondition::DontExit, ..default() })
            .disable::<WinitPlugin>()
            .disable::<PipelinedRenderingPlugin>(),
    }
}

/// A lost device is made again; the stage then uploads everything from its own bytes. Anything else is a bug of
/// ours in one frame: it has been logged, and the next frame is drawn.
fn recover(
    error: &bevy::render::error_handler::RenderError,
    _main: &mut World,
    _render: &mut World,
) -> RenderErrorPolicy {
    match error.ty {
        bevy::render::error_handler::ErrorType::DeviceLost => RenderErrorPolicy::Recover(device_wanted()),
        _ => RenderErrorPolicy::Ignore,
    }
}

fn stage_camera() -> impl Bundle {
    (StageCamera, Camera3d::default(), camera::projection(), PrimaryEguiContext, Transform::default())
}

fn spawn_window_camera(mut commands: Commands) {
    commands.spawn(stage_camera());
}

/// Runs frames off screen until a condition holds or so many have been run; true if it held.
pub fn run_until(app: &mut App, most_frames: usize, mut done: impl FnMut(&World) -> bool) -> bool {
    for _ in 0..most_frames {
        if done(app.world()) {
            return true;
        }
        app.update();
    }
    done(app.world())
}

/// Makes an app ready to be stepped by [`App::update`]: waits for the device.
pub fn ready(app: &mut App) {
    while app.plugins_state() == bevy::app::PluginsState::Adding {
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();
}
