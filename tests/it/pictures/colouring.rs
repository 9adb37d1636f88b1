//! Colours that say something: by use, the heat of the day, and what a change of them costs.

use std::time::Duration;

use yunfushan::clock::Clock;
use yunfushan::geo::LonLat;
use yunfushan::governance::{ClassCode, Issue, IssueId, Source, Update};
use yunfushan::viewer::Options;
use yunfushan::viewer::actions::Action;
use yunfushan::viewer::colouring::{ColouringKey, Colourings};
use yunfushan::viewer::offscreen::OffScreen;
use yunfushan::viewer::place::Stand;
use yunfushan::viewer::situation::{Live, SituationChanged};

use super::compare::{assert_looks_like, difference};
use super::{alone, demo, morning, viewer};

/// How far time goes in a frame, where it does.
const FRAME: Duration = Duration::from_millis(16);

fn key(word: &str) -> ColouringKey {
    word.parse().expect("a colouring")
}

fn bare(word: &str) -> Options {
    Options { bare: true, colouring: Some(key(word)), ..morning() }
}

#[test]
fn the_demo_place_by_use() {
    let _alone = alone();
    assert_looks_like(&viewer(demo(), bare("use")).picture().expect("a picture"), "by-use");
}

/// An open issue of this minute.
fn issue(number: usize, place: LonLat) -> Issue {
    let class = ClassCode { scheme: "local".into(), kind: "event".into(), code: "1".into() };
    let id = IssueId(format!("{number}"));
    Issue { place: Some(place), ..Issue::reported(id, class, Source::Patrol, Clock::real_now()) }
}

/// Issues come in, as if from a feed.
fn report(viewer: &mut OffScreen, places: impl Iterator<Item = LonLat>) {
    let updates = places.enumerate().map(|(number, place)| Update::Issue(Box::new(issue(number, place))));
    let changes = viewer.world_mut().resource_mut::<Live>().situation.apply_all(updates);
    viewer.world_mut().write_message(SituationChanged(changes));
    viewer.settle();
}

#[test]
fn the_heat_of_the_day_lies_where_the_issues_are() {
    let _alone = alone();
    let mut viewer = viewer(demo(), bare("heat"));
    let cold = viewer.picture().expect("a picture");
    // Thirty around one crossing, three at another, whatever the hour of the test: the light is that of ten o'clock.
    let around = |lon: f64, lat: f64, count: u32| {
        (0..count).map(move |i| {
            let (ring, turn) = (f64::from(i % 5) * 0.000_15, f64::from(i) * 2.4);
            LonLat::new(lon + ring * turn.cos(), lat + ring * turn.sin())
        })
    };
    viewer.step_time(FRAME);
    report(&mut viewer, around(118.8735, 28.9655, 30).chain(around(118.8700, 28.9685, 3)));
    viewer.hold_time();
    let hot = viewer.picture().expect("a picture");
    let (mean, _) = difference(&cold.rgba, &hot.rgba);
    assert!(mean > 1.0, "the heat is seen: {mean}");
    assert_looks_like(&hot, "heat");
}

#[test]
fn another_colouring_is_one_upload_of_16_bytes_a_building_and_no_new_geometry() {
    let _alone = alone();
    let mut viewer = viewer(demo(), bare("use"));
    let buildings = viewer.world().resource::<Stand>().city().len() as u64;
    let before = (viewer.stats().state_uploads(), viewer.stats().gpu_bytes(), viewer.stats().triangles());
    let first = viewer.picture().expect("a picture");
    viewer.world_mut().write_message(Action::SetColouring(Some(key("height"))));
    viewer.settle();
    assert_eq!(viewer.world().resource::<Colourings>().shown(), Some(key("height")));
    let held = viewer.picture().expect("a picture");
    assert_eq!(
        difference(&first.rgba, &held.rgba),
        (0.0, 0.0),
        "time stands: the fade is at its beginning, without a jump"
    );
    let ((uploads, bytes), gpu_bytes, triangles) = before;
    assert_eq!(viewer.stats().state_uploads(), (uploads + 1, bytes + 16 * buildings));
    assert_eq!((viewer.stats().gpu_bytes(), viewer.stats().triangles()), (gpu_bytes, triangles));
    viewer.step_time(FRAME);
    viewer.settle();
    viewer.hold_time();
    let (mean, _) = difference(&first.rgba, &viewer.picture().expect("a picture").rgba);
    assert!(mean > 3.0, "other colours are seen: {mean}");
    assert_eq!(
        viewer.stats().state_uploads(),
        (uploads + 1, bytes + 16 * buildings),
        "and no fade costs another"
    );
}
