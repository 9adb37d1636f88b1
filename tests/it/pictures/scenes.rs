//! Scenes that each show one thing.

use yunfushan::city::View;
use yunfushan::viewer::Options;

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
