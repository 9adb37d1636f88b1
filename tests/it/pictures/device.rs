//! A lost device: everything is uploaded again from our own bytes.

use std::time::{Duration, Instant};

use bevy::render::renderer::RenderDevice;

use super::compare::difference;
use super::{alone, demo, morning, viewer};

/// How long the engine may take to make a device again, and we to upload everything.
const AGAIN: Duration = Duration::from_secs(20);

#[test]
fn after_a_lost_device_the_next_picture_equals_the_one_before() {
    let _alone = alone();
    let mut viewer = viewer(demo(), morning());
    let before = viewer.picture().expect("a picture");
    let colours = before.rgba.chunks_exact(4).collect::<std::collections::HashSet<_>>().len();
    assert!(colours > 500, "there is a city to lose: {colours} colours");

    let lost = viewer.world().resource::<RenderDevice>().clone();
    lost.wgpu_device().destroy();
    // A device that the driver loses says so by itself; one that is destroyed says it when it is next polled.
    lost.poll(wgpu::PollType::Poll).expect("the device can be polled");
    let mut after = None;
    let start = Instant::now();
    while start.elapsed() < AGAIN && after.as_ref() != Some(&before) {
        // The old device gives no picture any more, and while there is none a frame takes no time at all.
        after = viewer.picture().ok().or(after);
        std::thread::sleep(Duration::from_millis(5));
    }
    let after = after.expect("the device is made again in time");
    let (mean, share) = difference(&before.rgba, &after.rgba);
    assert!(before == after, "mean difference {mean:.3}, {:.3} % of pixels are off", share * 100.0);
}
