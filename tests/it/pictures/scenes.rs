//! Scenes that each show one thing.

use std::time::Duration;

use bevy::time::TimeUpdateStrategy;
use yunfushan::city::{AreaKind, View};
use yunfushan::viewer::Options;
use yunfushan::viewer::actions::Action;
use yunfushan::viewer::layers::Layer;
use yunfushan::viewer::offscreen::OffScreen;
use yunfushan::viewer::place::Stand;
use yunfushan::viewer::preset::Preset;
use yunfushan::viewer::selection::Selection;

use super::compare::assert_looks_like;
use super::{alone, buildings, demo, morning, viewer};

/// Two neighbours, the left one with a courtyard of 16 × 16 m, and a tower.
pub(super) const COURTYARD: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","id":"court","properties":{"height":9,"levels":3},"geometry":{"type":"Polygon","coordinates":[
  [[118.8700,28.9700],[118.8704,28.9700],[118.8704,28.97036],[118.8700,28.97036],[118.8700,28.9700]],
  [[118.87012,28.97011],[118.87012,28.97025],[118.87028,28.97025],[118.87028,28.97011],[118.87012,28.97011]]]}},
{"type":"Feature","id":"neighbour","properties":{"height":9,"levels":3},"geometry":{"type":"Polygon","coordinates":[
  [[118.8704,28.9700],[118.8708,28.9700],[118.8708,28.97036],[118.8704,28.97036],[118.8704,28.9700]]]}},
{"type":"Feature","id":"tower","properties":{"height":48,"levels":16,"use":"office"},"geometry":{"type":"Polygon","coordinates":[
  [[118.8710,28.9700],[118.8712,28.9700],[118.8712,28.9702],[118.8710,28.9702],[118.8710,28.9700]]]}}
]}"#;

#[test]
fn a_courtyard_is_open_and_neighbours_are_told_apart() {
    let _alone = alone();
    let near = View { lon: 118.8706, lat: 28.97018, distance_m: 200.0, bearing_deg: 20.0, pitch_deg: 50.0 };
    let options = Options { bare: true, view: Some(near), ..morning() };
    assert_looks_like(&viewer(buildings(COURTYARD), options).picture().expect("a picture"), "courtyard");
}

#[test]
fn the_demo_place_in_the_morning() {
    let _alone = alone();
    let options = Options { bare: true, ..morning() };
    assert_looks_like(&viewer(demo(), options).picture().expect("a picture"), "morning");
}

#[test]
fn the_demo_place_at_night() {
    let _alone = alone();
    let options = Options { bare: true, hour: Some(20.5), ..morning() };
    assert_looks_like(&viewer(demo(), options).picture().expect("a picture"), "night");
}

/// Does something, and lets a second pass in steps that animations take.
fn act(viewer: &mut OffScreen, action: Action) {
    viewer.world_mut().write_message(action);
    let step = TimeUpdateStrategy::ManualDuration(Duration::from_millis(200));
    viewer.world_mut().insert_resource(step);
    for _ in 0..5 {
        viewer.step();
    }
    viewer.hold_time();
}

#[test]
fn the_outline_of_what_is_chosen_shows_through_what_stands_before_it() {
    let _alone = alone();
    // From the west: the building with the courtyard stands before its neighbour, which is chosen.
    let low = View { lon: 118.8705, lat: 28.97018, distance_m: 90.0, bearing_deg: 75.0, pitch_deg: 74.0 };
    let mut viewer = viewer(buildings(COURTYARD), Options { bare: true, view: Some(low), ..morning() });
    act(&mut viewer, Action::Select(Some(Selection::Building(1))));
    assert_looks_like(&viewer.picture().expect("a picture"), "chosen");
}

#[test]
fn the_storeys_of_a_tower_come_apart_and_close_again() {
    let _alone = alone();
    let near = View { lon: 118.8711, lat: 28.9703, distance_m: 300.0, bearing_deg: 20.0, pitch_deg: 55.0 };
    let mut viewer = viewer(buildings(COURTYARD), Options { bare: true, view: Some(near), ..morning() });
    act(&mut viewer, Action::Select(Some(Selection::Building(2))));
    let closed = viewer.picture().expect("a picture");
    act(&mut viewer, Action::ChooseFloor(Some(7)));
    assert_looks_like(&viewer.picture().expect("a picture"), "storeys");
    act(&mut viewer, Action::FanFloors(false));
    assert_eq!(viewer.picture().expect("a picture"), closed, "closed, nothing of it is left");
}

#[test]
fn trees_and_the_hill_throw_shadows() {
    let _alone = alone();
    let park = View { lon: 118.8764, lat: 28.9625, distance_m: 420.0, bearing_deg: 60.0, pitch_deg: 62.0 };
    let options =
        Options { bare: true, view: Some(park), preset: Some(Preset::Medium), hour: Some(8.5), ..morning() };
    assert_looks_like(&viewer(demo(), options).picture().expect("a picture"), "park");
}

#[test]
fn a_chosen_community_has_walls_of_light_and_all_else_steps_back() {
    let _alone = alone();
    let options = Options { bare: true, ..morning() };
    let mut viewer = viewer(demo(), options);
    let community = viewer
        .world()
        .resource::<Stand>()
        .place
        .areas
        .position(AreaKind::Community, "330802006008")
        .expect("the demo place has it");
    act(&mut viewer, Action::SetLayer(Layer::Areas, true));
    act(&mut viewer, Action::Select(Some(Selection::Area(community as u32))));
    assert_looks_like(&viewer.picture().expect("a picture"), "walls");
}
