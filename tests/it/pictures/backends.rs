//! The same scenes through OpenGL and within the limits of WebGL 2: what many office PCs and the browser have.
//!
//! Each picture is one run of `yunfushan snapshot`, since a process has one graphics back end.
//! `scripts/compare_backends` does the same at 1920x1080 and keeps the pictures.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::alone;
use super::compare::difference_above;

/// The largest mean difference of a channel, of 255.
const MEAN: f64 = 2.0;
/// A pixel is off where a channel differs by more than this.
const OFF: u8 = 16;
/// The largest share of pixels that are off.
const SHARE: f64 = 0.005;

/// Where the camera stands and at which hour, by name.
const SCENES: [(&str, &str, &str); 3] = [
    ("overview", "118.8735,28.9655,1500,20,50", "10:00"),
    ("street", "118.8735,28.9655,140,70,80", "15:00"),
    ("night", "118.8735,28.9655,500,200,62", "20:30"),
];

/// What is set for a run, and what its adapter must then say of itself.
struct Way {
    name: &'static str,
    variables: &'static [(&'static str, &'static str)],
    adapter: &'static str,
}

const VULKAN: Way = Way { name: "vulkan", variables: &[("WGPU_BACKEND", "vulkan")], adapter: "Vulkan)" };
const OPENGL: Way = Way { name: "opengl", variables: &[("WGPU_BACKEND", "gl")], adapter: "Gl)" };
const WEBGL2: Way = Way {
    name: "webgl2",
    variables: &[("WGPU_BACKEND", "vulkan"), ("WGPU_SETTINGS_PRIO", "webgl2")],
    adapter: "Vulkan)",
};

#[test]
fn opengl_and_the_limits_of_webgl_2_give_the_same_picture() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    println!("{}", compare(folder.path(), SCENES[0], "640x360"));
}

#[test]
#[ignore = "takes minutes: scripts/compare_backends runs it"]
fn at_full_size_they_do_too() {
    let _alone = alone();
    let folder = std::env::var_os("YUNFUSHAN_COMPARED").map_or_else(std::env::temp_dir, PathBuf::from);
    for scene in SCENES {
        println!("{}", compare(&folder, scene, "1920x1080"));
    }
}

#[test]
fn high_is_drawn_through_opengl_too() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let [vulkan, opengl] =
        [VULKAN, OPENGL].map(|way| draw(folder.path(), &way, "high", SCENES[0], "320x180"));
    let (mean, _) = difference_above(vulkan.as_raw(), opengl.as_raw(), OFF);
    // OpenGL has no occlusion, which darkens corners.
    assert!(mean <= 4.0, "mean {mean:.2} of 255");
}

/// One picture of one back end.
fn draw(
    folder: &Path,
    way: &Way,
    preset: &str,
    (scene, camera, time): (&str, &str, &str),
    size: &str,
) -> image::RgbaImage {
    let path = folder.join(format!("{scene}-{}.png", way.name));
    let mut command = Command::new(env!("CARGO_BIN_EXE_yunfushan"));
    command.args(["snapshot", "--preset", preset, "--bare", "--size", size, "--camera", camera]);
    command.args(["--time", time, "--out"]).arg(&path).envs(way.variables.iter().copied());
    let output = command.env("YUNFUSHAN_LOG", "warn,yunfushan=info").output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{} draws nothing: {said}", way.name);
    assert!(said.contains(way.adapter), "{} was drawn by something else: {said}", way.name);
    image::open(&path).expect("a picture").to_rgba8()
}

/// Gives what came of it in words.
fn compare(folder: &Path, scene: (&str, &str, &str), size: &str) -> String {
    let draw = |way: &Way| draw(folder, way, "low", scene, size);
    let (scene, ..) = scene;
    let reference = draw(&VULKAN);
    let mut told = format!("{scene} {size}");
    for way in [OPENGL, WEBGL2] {
        let picture = draw(&way);
        let (mean, share) = difference_above(reference.as_raw(), picture.as_raw(), OFF);
        let _never_fails = write!(told, "; {}: mean {mean:.3} of 255, {:.3} % off", way.name, share * 100.0);
        assert!(
            mean <= MEAN && share <= SHARE,
            "{scene} by {} differs from Vulkan: mean {mean:.2} of 255, {:.2} % of pixels by more than {OFF}; \
             scripts/compare_backends keeps the pictures",
            way.name,
            share * 100.0
        );
    }
    told
}
