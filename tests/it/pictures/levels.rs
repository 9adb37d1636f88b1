//! Levels of detail: where a tile changes from facades to blocks, nobody sees it.

use yunfushan::city::View;
use yunfushan::viewer::Options;
use yunfushan::viewer::stage::Scene;

use super::compare::difference;
use super::{alone, demo, morning, viewer};

/// The largest mean difference of a channel between both sides of the change, of 255.
const MEAN: f64 = 0.6;
/// The largest share of pixels that differ by more than a tenth of the range.
const SHARE: f64 = 0.004;

/// In a picture 360 pixels high a storey is a pixel and a half 1,080 m away: the nearest tiles are just nearer.
fn at_the_change() -> View {
    View { lon: 118.8735, lat: 28.9655, distance_m: 1300.0, bearing_deg: 20.0, pitch_deg: 55.0 }
}

#[test]
fn the_change_from_facades_to_blocks_is_not_seen() {
    let _alone = alone();
    for hour in [10.0, 20.5] {
        let options = Options { bare: true, hour: Some(hour), view: Some(at_the_change()), ..morning() };
        let mut viewer = viewer(demo(), options);
        let near = viewer.picture().expect("a picture");
        let triangles = viewer.stats().triangles();
        viewer.world_mut().resource_mut::<Scene>().switches.facades = false;
        let far = viewer.picture().expect("a picture");
        let fewer = viewer.stats().triangles();
        assert!(fewer * 10 < triangles * 9, "some tiles had facades: {triangles}, then {fewer} triangles");
        let (mean, share) = difference(&near.rgba, &far.rgba);
        println!(
            "{hour} h: mean {mean:.3} of 255, {:.3} % of pixels off, {triangles} to {fewer} triangles",
            share * 100.0
        );
        if let Some(folder) = std::env::var_os("YUNFUSHAN_COMPARED") {
            for (name, picture) in [("near", &near), ("far", &far)] {
                let path = std::path::Path::new(&folder).join(format!("level-{name}-{hour}.png"));
                yunfushan::viewer::offscreen::write_png(picture, &path).expect("it can be written");
            }
        }
        assert!(
            mean <= MEAN && share <= SHARE,
            "at {hour}: mean {mean:.3} of 255, {:.3} % off",
            share * 100.0
        );
    }
}
