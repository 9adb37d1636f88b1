//! Levels of detail: where a tile changes from facades to blocks, nobody sees it.

use bevy::math::{Vec2, Vec3};
use yunfushan::city::View;
use yunfushan::viewer::Options;
use yunfushan::viewer::stage::{Picture, Scene};
use yunfushan::viewer::view::View as ViewOf;

use super::{alone, demo, morning, viewer};

/// The largest mean difference of a channel between both sides of the change, of 255.
const MEAN: f64 = 3.0;
/// A pixel is off where a channel differs by more than this.
const OFF: u8 = 24;
/// The largest share of pixels that are off.
const SHARE: f64 = 0.04;
/// In a picture 360 pixels high a storey is a pixel and a half 1,080 m away: there tiles change. A tile is a few hundred
/// metres wide, and changes when its nearest point is that near.
const CHANGES_M: std::ops::Range<f32> = 1080.0..1400.0;

/// From here the nearest tiles of that band still have facades.
fn at_the_change() -> View {
    View { lon: 118.8735, lat: 28.9655, distance_m: 1300.0, bearing_deg: 20.0, pitch_deg: 55.0 }
}

#[test]
fn the_change_from_facades_to_blocks_is_hardly_seen() {
    hardly_seen(10.0);
}

#[test]
fn nor_is_it_at_night_when_windows_are_lit() {
    hardly_seen(20.5);
}

fn hardly_seen(hour: f32) {
    let _alone = alone();
    let options = Options { bare: true, view: Some(at_the_change()), hour: Some(hour), ..morning() };
    let mut viewer = viewer(demo(), options);
    let near = viewer.picture().expect("a picture");
    let triangles = viewer.stats().triangles();
    viewer.world_mut().resource_mut::<Scene>().switches.facades = false;
    let far = viewer.picture().expect("a picture");
    let fewer = viewer.stats().triangles();
    assert!(fewer * 10 < triangles * 9, "some tiles had facades: {triangles}, then {fewer} triangles");
    let (mean, share) = changed(&near, &far, viewer.world().resource::<ViewOf>());
    if let Some(folder) = std::env::var_os("YUNFUSHAN_COMPARED") {
        for (name, picture) in [("near", &near), ("far", &far)] {
            let path = std::path::Path::new(&folder).join(format!("level-{name}.png"));
            yunfushan::viewer::offscreen::write_png(picture, &path).expect("it can be written");
        }
    }
    assert!(mean <= MEAN && share <= SHARE, "mean {mean:.3} of 255, {:.3} % off", share * 100.0);
}

/// The mean difference of a channel and the share of pixels that are off, over every pixel whose ground lies in the band,
/// whether it changed or not.
fn changed(near: &Picture, far: &Picture, view: &ViewOf) -> (f64, f64) {
    let world_from_clip = view.clip_from_world.inverse();
    let (mut total, mut off, mut count) = (0_u64, 0_u64, 0_u64);
    for (i, (a, b)) in near.rgba.chunks_exact(4).zip(far.rgba.chunks_exact(4)).enumerate() {
        let (x, y) = (i as u32 % near.size.x, i as u32 / near.size.x);
        let ndc = Vec2::new(x as f32 + 0.5, y as f32 + 0.5) / near.size.as_vec2() * 2.0 - 1.0;
        let ray = world_from_clip.project_point3(Vec3::new(ndc.x, -ndc.y, 0.5)) - view.camera;
        let ground = view.camera + ray * (-view.camera.y / ray.y);
        if ray.y < 0.0 && CHANGES_M.contains(&ground.distance(view.camera)) {
            let differs = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
            total += differs.clone().map(u64::from).sum::<u64>();
            off += u64::from(differs.max() > Some(OFF));
            count += 1;
        }
    }
    assert!(count > 10_000, "the band is in the picture: {count} pixels");
    (total as f64 / (count * 4) as f64, off as f64 / count as f64)
}
