//! `yunfushan bench`: load, frames and memory on a file, as one JSON object.
//!
//! The orbit is the one that the peers of DESIGN.md section 9 were measured with: the whole city in view from every
//! bearing, 50° from the vertical, vertical field of view 36.87°, 360° in equal steps.
//! A frame counts as finished when a pixel of it has been read back.
//! The processor's time of a frame says the same on a machine that has other things to do.

mod crowd;
mod soak;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde::Serialize;

use self::crowd::Crowd;
use super::options::Size;
use super::process;
use super::source::SourceArgs;
use crate::feed::Feed;
use crate::viewer::Options;
use crate::viewer::app::Screen;
use crate::viewer::basemap::WantedBaseMap;
use crate::viewer::camera::Orbit;
use crate::viewer::offscreen::{OffScreen, write_png};
use crate::viewer::panels::Panels;
use crate::viewer::place::{Loading, Stand};
use crate::viewer::preset::Preset;

/// How long loading may take.
const LIMIT: Duration = Duration::from_secs(600);
/// Memory is read so long after the first full frame.
const MEMORY_AFTER: Duration = Duration::from_secs(10);

/// What is measured without a size.
const USUAL: Size = Size { width: 1920, height: 1080 };
/// What is soaked without a size.
const SOAKED: Size = Size { width: 160, height: 90 };

/// What to measure.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    source: SourceArgs,
    /// Width and height in pixels; without it 1920x1080.
    #[arg(long)]
    size: Option<Size>,
    /// The quality.
    #[arg(long, value_enum, default_value = "low")]
    preset: Preset,
    /// Frames of the orbit.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    frames: u32,
    /// Do not wait for the figure of memory, ten seconds after the first full frame.
    #[arg(long)]
    no_memory: bool,
    /// Also writes the last frame as a PNG file.
    #[arg(long)]
    picture: Option<std::path::PathBuf>,
    /// Instead of all that: turn, colour and light the place for so many frames, and fail where memory grows by more
    /// than 8 MiB after the first tenth, which must hold a day of 480 frames. 160x90 unless a size is given.
    #[arg(long, value_name = "FRAMES", value_parser = clap::value_parser!(u32).range(4_800..=10_000_000))]
    soak: Option<u32>,
    /// Instead of all that: what so many issues, and patrols that all move every second, cost a frame.
    #[arg(long, value_name = "COUNT", default_value_t = 0, conflicts_with = "soak")]
    issues: u32,
    /// So many patrols.
    #[arg(long, value_name = "COUNT", default_value_t = 0, conflicts_with = "soak")]
    patrols: u32,
    /// With the panels of a desk, which follow every issue and patrol too.
    #[arg(long)]
    panels: bool,
}

#[derive(Serialize)]
struct Figures {
    buildings: usize,
    adapter: String,
    preset: String,
    width: u32,
    height: u32,
    /// From process start to the first frame with every building drawn and read back.
    first_frame_ms: f64,
    read_ms: f64,
    tessellate_ms: f64,
    /// Handing over to the stage, copying to the device and the first frame.
    upload_ms: f64,
    frame_ms_median: f64,
    frame_ms_p95: f64,
    /// Of all processors together, in the mean.
    frame_cpu_ms: f64,
    frames: u32,
    triangles_submitted: u32,
    /// What all buildings have with every corner.
    triangles_full: usize,
    draws: u32,
    tiles: u32,
    rss_mb: f64,
    peak_rss_mb: f64,
    gpu_bytes_per_building: f64,
}

pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let loading = Loading::start(args.source.open()?)?;
    let is_crowd = args.issues + args.patrols > 0;
    let bare = args.soak.is_none() && !is_crowd;
    let (hand, feed) = is_crowd.then(Feed::by_hand).unzip();
    let options = Options {
        feed,
        preset: Some(args.preset),
        hour: Some(10.0),
        bare,
        // Nothing of what is measured may hang on somebody's server.
        basemap: WantedBaseMap::None,
        ..Options::default()
    };
    let usual = if args.soak.is_none() { USUAL } else { SOAKED };
    let size = args.size.unwrap_or(usual);
    let screen = Screen::off_screen(size.width, size.height, 1.0);
    let mut viewer = OffScreen::start(&screen, loading, options)?;
    viewer.whole_city_in_view();
    viewer.wait_for_city(LIMIT)?;
    let first_frame = process::age();
    let after_first_frame = Instant::now();
    if let Some(frames) = args.soak {
        let figures = soak::run(&mut viewer, frames);
        super::print_line(&serde_json::to_string_pretty(&figures)?);
        return Ok(if figures.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    if let Some(hand) = hand {
        if !args.panels {
            viewer.world_mut().resource_mut::<Panels>().hide();
        }
        let crowd = Crowd {
            issues: args.issues as usize,
            patrols: args.patrols as usize,
            frames: args.frames,
            panels: args.panels,
        };
        let figures = crowd::run(&mut viewer, &hand, crowd);
        if let Some(path) = &args.picture {
            write_png(&viewer.picture()?, path)?;
        }
        super::print_line(&serde_json::to_string_pretty(&figures)?);
        return Ok(ExitCode::SUCCESS);
    }

    let stand = viewer.world().get_resource::<Stand>();
    let (buildings, triangles_full) =
        stand.map_or((0, 0), |stand| (stand.city().len(), stand.full_triangles()));
    let cpu_before = process::cpu_time();
    let (mut frames_ms, mut triangles) = orbit(&mut viewer, args.frames);
    let frame_cpu = process::cpu_time().saturating_sub(cpu_before) / args.frames;
    triangles.sort_unstable();
    let (mut rss_mb, mut peak_rss_mb) = (0.0, 0.0);
    if !args.no_memory {
        while after_first_frame.elapsed() < MEMORY_AFTER {
            std::thread::sleep(Duration::from_millis(100));
            viewer.frame();
        }
        (rss_mb, peak_rss_mb) = process::memory_mb();
    }
    if let Some(path) = &args.picture {
        write_png(&viewer.picture()?, path)?;
    }
    let report = viewer.load_report();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let figures = Figures {
        buildings,
        adapter: viewer.adapter(),
        preset: format!("{:?}", args.preset).to_lowercase(),
        width: size.width,
        height: size.height,
        first_frame_ms: milliseconds(first_frame),
        read_ms: milliseconds(report.read_time),
        tessellate_ms: milliseconds(report.mesh_time),
        upload_ms: milliseconds(report.stage_time) + viewer.stats().upload_ms(),
        frame_ms_median: quantile(&mut frames_ms, 0.5),
        frame_ms_p95: quantile(&mut frames_ms, 0.95),
        frame_cpu_ms: milliseconds(frame_cpu),
        frames: args.frames,
        triangles_submitted: triangles.get(triangles.len() / 2).copied().unwrap_or(0),
        triangles_full,
        draws: viewer.stats().draws(),
        tiles: viewer.stats().tiles(),
        rss_mb,
        peak_rss_mb,
        gpu_bytes_per_building: viewer.stats().gpu_bytes() as f64 / buildings.max(1) as f64,
    };
    super::print_line(&serde_json::to_string_pretty(&figures)?);
    Ok(ExitCode::SUCCESS)
}

/// Once around in equal steps, each frame finished before its time is taken: milliseconds and triangles of each.
pub(in crate::cli) fn orbit(viewer: &mut OffScreen, frames: u32) -> (Vec<f64>, Vec<u32>) {
    let start = viewer.rig().orbit;
    (0..frames)
        .map(|step| {
            let bearing_deg = start.bearing_deg + 360.0 * step as f32 / frames as f32;
            viewer.rig().jump(Orbit { bearing_deg, ..start });
            let begin = Instant::now();
            viewer.frame();
            (begin.elapsed().as_secs_f64() * 1e3, viewer.stats().triangles())
        })
        .unzip()
}

/// The value at a share of the sorted values, the nearest rank.
pub(in crate::cli) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (share * values.len() as f64).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_by_nearest_rank() {
        let mut values = vec![5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(quantile(&mut values, 0.5), 3.0);
        assert_eq!(quantile(&mut values, 0.95), 5.0);
        assert_eq!(quantile(&mut [], 0.5), 0.0);
    }
}
