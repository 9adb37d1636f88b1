//! What light must hold: shadows where the sun puts them and nowhere else, and data in its own colours.

use bevy::math::UVec2;
use yunfushan::city::View;
use yunfushan::viewer::Options;
use yunfushan::viewer::layers::{Layer, Layers};
use yunfushan::viewer::palette;
use yunfushan::viewer::preset::Preset;
use yunfushan::viewer::stage::Picture;

use super::scenes::COURTYARD;
use super::{alone, buildings, demo, morning, viewer};

/// A tower of 48 m in the morning, from straight above.
fn from_above(preset: Preset) -> Picture {
    let above = View { lon: 118.8708, lat: 28.9702, distance_m: 260.0, bearing_deg: 0.0, pitch_deg: 0.0 };
    let options = Options { bare: true, view: Some(above), preset: Some(preset), ..morning() };
    viewer(buildings(COURTYARD), options).picture().expect("a picture")
}

fn lightness(picture: &Picture) -> Vec<i32> {
    picture.rgba.chunks_exact(4).map(|p| (i32::from(p[0]) + i32::from(p[1]) + i32::from(p[2])) / 3).collect()
}

#[test]
fn shadows_darken_the_ground_and_leave_sunny_roofs_alone() {
    let _alone = alone();
    let (plain, shaded) = (from_above(Preset::Low), from_above(Preset::Medium));
    assert_eq!(plain.size, UVec2::new(640, 360));
    let pairs: Vec<(i32, i32)> = lightness(&plain).into_iter().zip(lightness(&shaded)).collect();
    let all = pairs.len() as f64;
    let share = |holds: fn(&(i32, i32)) -> bool| pairs.iter().filter(|pair| holds(pair)).count() as f64 / all;
    // Three buildings cast shadows over a few hundredths of the picture; edges are smooth in `medium`.
    let darker = share(|(plain, shaded)| *shaded < plain - 8);
    assert!((0.01..0.20).contains(&darker), "{darker} of the picture lies in shadow");
    assert!(share(|(plain, shaded)| *shaded > plain + 8) < 0.01, "nothing becomes brighter");
    // Roofs are the only bright things from above, and nothing here stands above the roofs but one tower.
    let roofs: Vec<_> = pairs.iter().filter(|(plain, _)| *plain > 90).collect();
    let speckled = roofs.iter().filter(|(plain, shaded)| (plain - shaded).abs() > 8).count();
    assert!(roofs.len() > 2000, "{} pixels of roof", roofs.len());
    assert!(speckled * 8 < roofs.len(), "{speckled} of {} pixels of roof shade themselves", roofs.len());
}

#[test]
fn names_keep_their_colour_through_tone_mapping() {
    let _alone = alone();
    let names = |preset| {
        let options = Options { bare: true, preset: Some(preset), ..morning() };
        let mut viewer = viewer(demo(), options);
        viewer.world_mut().resource_mut::<Layers>().set(Layer::Labels, true);
        viewer.world_mut().insert_resource(bevy::time::TimeUpdateStrategy::ManualDuration(
            std::time::Duration::from_millis(16),
        ));
        viewer.settle();
        let picture = viewer.picture().expect("a picture");
        let near = |pixel: &[u8]| {
            pixel.iter().zip(palette::LABEL).take(3).all(|(a, b)| (i32::from(*a) - i32::from(b)).abs() <= 6)
        };
        picture.rgba.chunks_exact(4).filter(|pixel| near(pixel)).count()
    };
    let (low, high) = (names(Preset::Low), names(Preset::High));
    assert!(low > 100, "{low} pixels of names");
    assert!(high * 10 > low * 7 && high * 7 < low * 10, "{high} pixels in high, {low} in low");
}
