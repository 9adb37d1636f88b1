//! A lost device: everything is uploaded again from our own bytes.

use bevy::render::renderer::RenderDevice;

use super::compare::difference;
use super::{alone, demo, morning, viewer};

/// Frames that the engine may take to make a device again.
const FRAMES: usize = 60;

#[test]
fn after_a_lost_device_the_next_picture_equals_the_one_before() {
    let _alone = alone();
    let mut viewer = viewer(demo(), morning());
    let before = viewer.picture().expect("a picture");
    let colours = before.rgba.chunks_exact(4).collect::<std::collections::HashSet<_>>().len();
    assert!(colours > 500, "there is a city to lose: {colours} colours");

    let lost = viewer.world().resource::<RenderDevice>().clone();
    lost.wgpu_device().destroy();
    let mut after = None;
    for _ in 0..FRAMES {
        viewer.step();
        let is_new = viewer.world().resource::<RenderDevice>().wgpu_device() != lost.wgpu_device();
        if is_new && viewer.stats().tiles() > 0 {
            after = viewer.picture().ok();
            if after.as_ref() == Some(&before) {
                break;
            }
        }
    }
    let after = after.expect("the device is made again within a second");
    let (mean, share) = difference(&before.rgba, &after.rgba);
    assert!(before == after, "mean difference {mean:.3}, {:.3} % of pixels are off", share * 100.0);
}
