//! What happens to a screen that stays on: windows without a size, other monitors, a machine that slept for hours.

use std::time::Duration;

use bevy::asset::Assets;
use bevy::camera::Camera;
use bevy::image::Image;
use bevy::math::Vec2;
use bevy::time::TimeUpdateStrategy;
use bevy::window::{Window, WindowOccluded, WindowScaleFactorChanged};
use yunfushan::viewer::Options;
use yunfushan::viewer::actions::Action;
use yunfushan::viewer::app::OffScreenScale;
use yunfushan::viewer::camera::{CameraMove, Rig};
use yunfushan::viewer::offscreen::OffScreen;
use yunfushan::viewer::sky::SceneTime;
use yunfushan::viewer::stage::{Capture, Scene, StageCamera};
use yunfushan::viewer::tour::Tour;
use yunfushan::viewer::view::View;

use super::scenes::COURTYARD;
use super::{SIZE, alone, buildings, morning, viewer};

/// How long the machine slept.
const ASLEEP: Duration = Duration::from_secs(7 * 3600);

fn small() -> OffScreen {
    viewer(buildings(COURTYARD), Options { bare: true, ..morning() })
}

fn next_frame_after(viewer: &mut OffScreen, time: Duration) {
    viewer.world_mut().insert_resource(TimeUpdateStrategy::ManualDuration(time));
    viewer.frame();
    viewer.world_mut().insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(16)));
}

#[test]
fn a_window_without_a_size_comes_back_as_it_was() {
    let _alone = alone();
    let mut viewer = small();
    let before = viewer.picture().expect("a picture");
    for (width, height) in [(1, 1), (64, 1), (1, 64), SIZE] {
        let target = viewer.world().resource::<Capture>().target.clone();
        let size = wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
        let mut images = viewer.world_mut().resource_mut::<Assets<Image>>();
        images.get_mut(&target).expect("the target").resize(size);
        for _ in 0..3 {
            viewer.frame();
        }
    }
    assert!(viewer.picture().expect("a picture") == before);
}

#[test]
fn another_monitor_scales_what_is_measured_in_points() {
    let _alone = alone();
    let mut viewer = small();
    viewer.world_mut().remove_resource::<OffScreenScale>();
    let mut window = Window::default();
    window.resolution.set_scale_factor(1.0);
    let window = viewer.world_mut().spawn(window).id();
    for scale in [1.0_f32, 2.0, 1.25, 1.0] {
        let world = viewer.world_mut();
        world.get_mut::<Window>(window).expect("a window").resolution.set_scale_factor(scale);
        world.write_message(WindowScaleFactorChanged { window, scale_factor: f64::from(scale) });
        viewer.frame();
        assert_eq!(viewer.world().resource::<View>().pixels_per_point, scale);
        assert_eq!(viewer.world().resource::<Scene>().pixels_per_point, scale);
    }
}

#[test]
fn a_covered_window_is_not_drawn_and_comes_back() {
    let _alone = alone();
    let mut viewer = small();
    let before = viewer.picture().expect("a picture");
    let window = viewer.world_mut().spawn(Window::default()).id();
    let is_drawn = |viewer: &mut OffScreen, occluded: bool| {
        viewer.world_mut().write_message(WindowOccluded { window, occluded });
        viewer.step();
        let world = viewer.world_mut();
        let mut cameras = world.query_filtered::<&Camera, bevy::ecs::query::With<StageCamera>>();
        cameras.iter(world).all(|camera| camera.is_active)
    };
    assert!(!is_drawn(&mut viewer, true));
    assert!(is_drawn(&mut viewer, false));
    assert!(viewer.picture().expect("a picture") == before);
}

#[test]
fn after_a_long_sleep_nothing_leaps() {
    let _alone = alone();
    let mut viewer = small();
    let world = viewer.world_mut();
    world.write_message(Action::Camera(CameraMove::FlyToPlace {
        place: Vec2::new(900.0, -400.0),
        distance_m: 300.0,
    }));
    next_frame_after(&mut viewer, ASLEEP);
    assert!(viewer.world().resource::<Rig>().is_flying(), "a flight is not over in one frame");
    viewer.settle();
    for _ in 0..200 {
        viewer.step();
    }
    let before = viewer.world().resource::<Rig>().goal.bearing_deg;
    viewer.world_mut().resource_mut::<Tour>().set_on(true);
    next_frame_after(&mut viewer, ASLEEP);
    next_frame_after(&mut viewer, ASLEEP);
    let rig = viewer.world().resource::<Rig>();
    assert!((rig.goal.bearing_deg - before).abs() < 2.0, "{before} to {}", rig.goal.bearing_deg);
    assert!(rig.orbit.position().is_finite());
}

#[test]
fn a_clock_that_jumps_by_hours_changes_the_light_and_nothing_else() {
    let _alone = alone();
    let mut viewer = small();
    let before = viewer.picture().expect("a picture");
    let start = viewer.world().resource::<SceneTime>().now;
    for hours in [9, -30, 24 * 400] {
        let jumped = start.saturating_add(jiff::SignedDuration::from_hours(hours)).expect("a time");
        viewer.world_mut().resource_mut::<SceneTime>().now = jumped;
        viewer.frame();
        let light = viewer.world().resource::<Scene>().light;
        assert!(light.toward_sun.is_finite() && light.sky.is_finite(), "{hours} h: {light:?}");
    }
    viewer.world_mut().resource_mut::<SceneTime>().now = start;
    viewer.frame();
    assert!(viewer.picture().expect("a picture") == before);
}
