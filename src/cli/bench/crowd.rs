//! `bench --issues N --patrols M`: what a crowd of issues and patrols costs a frame, rasterising aside.
//!
//! A situation made from a seed comes through the same feed as a server's deliveries, without a server.
//! The camera goes round at ten frames a second of the viewer's time; every second each patrol has moved, and a few
//! issues are new or in another state.
//! What is counted is the processor's time of all of our threads in a frame, by `/proc/self/task`: main thread, task
//! pools, feed; panels too unless the picture is bare. Threads of the software rasteriser are left out: `llvmpipe-*`,
//! and those that the driver starts, which bear the name of the program without being its main thread.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::quantile;
use crate::clock::{Clock, Reading};
use crate::feed::{Delivery, Hand};
use crate::geo::LonLat;
use crate::governance::wire::PositionUpdate;
use crate::governance::{
    AreaCodes, ClassCode, FeedState, Fix, Issue, IssueId, Patrol, PatrolId, PatrolKind, ServerClock, Source,
    State, Update, Urgency,
};
use crate::viewer::camera::Orbit;
use crate::viewer::markers::MarkersOnScreen;
use crate::viewer::offscreen::OffScreen;
use crate::viewer::place::Stand;
use crate::viewer::situation::Live;

/// Frames between two updates, at ten frames a second.
const FRAMES_A_SECOND: u32 = 10;
/// Issues that change with each update.
const CHANGES: usize = 20;
/// Frames after loading that are not counted: signs are made, buffers grow.
const WARM_UP: u32 = 20;
/// Classes of the demo's table, and one that no table has.
const CLASSES: [(&str, &str); 12] = [
    ("GBT47678.5-2026", "06010"),
    ("GBT47678.5-2026", "06036"),
    ("GBT47678.5-2026", "06999"),
    ("GBT47678.5-2026", "07003"),
    ("GBT47678.5-2026", "08999"),
    ("GBT47678.5-2026", "09005"),
    ("GBT47678.5-2026", "09999"),
    ("GBT47678.5-2026", "10998"),
    ("local", "L001"),
    ("local", "L004"),
    ("local", "L008"),
    ("other", "X"),
];

/// What came of it.
#[derive(Serialize)]
pub(super) struct Figures {
    issues: usize,
    patrols: usize,
    buildings: usize,
    adapter: String,
    panels: bool,
    frames: u32,
    updates: u32,
    /// Processor time of our threads, the rasteriser's left out: milliseconds a frame.
    cpu_ms_median: f64,
    cpu_ms_p95: f64,
    /// The same of the main thread alone: what a frame cannot be shorter than.
    main_ms_median: f64,
    /// Of frames that applied an update.
    update_cpu_ms_median: f64,
    update_cpu_ms_worst: f64,
    update_main_ms_worst: f64,
    /// From begin to end, rasterising and whatever else the machine does included.
    wall_ms_median: f64,
    /// Drawn in the last frame.
    markers_drawn: usize,
    /// Applying everything at the start, all frames together, milliseconds of our threads.
    load_cpu_ms: f64,
}

/// How many there are, and for how many frames they are watched.
#[derive(Clone, Copy)]
pub(super) struct Crowd {
    pub(super) issues: usize,
    pub(super) patrols: usize,
    pub(super) frames: u32,
    pub(super) panels: bool,
}

/// Runs the measurement in a viewer whose city is there.
pub(super) fn run(viewer: &mut OffScreen, hand: &Hand, crowd: Crowd) -> Figures {
    let mut made = Made::new(viewer, crowd);
    let step = Duration::from_millis(1000 / u64::from(FRAMES_A_SECOND));
    viewer.step_time(step);
    let before = Spent::before();
    for delivery in made.beginning() {
        hand.put(delivery);
    }
    while viewer.world().resource::<Live>().complete_since.is_none() {
        viewer.frame();
    }
    let load_cpu_ms = Spent::after().since(&before).ours_ms;

    let home = viewer.rig().orbit;
    let (mut cpu_ms, mut main_ms, mut wall_ms) = (Vec::new(), Vec::new(), Vec::new());
    let (mut update_ms, mut update_main_ms) = (Vec::new(), Vec::new());
    for frame in 0..crowd.frames + WARM_UP {
        // Near and far by turns, so that groups come and go.
        let turn = frame as f32 / FRAMES_A_SECOND as f32;
        let nearness = 0.62 + 0.38 * (turn * 0.35).cos();
        let orbit = Orbit {
            bearing_deg: home.bearing_deg + turn * 12.0,
            distance_m: home.distance_m * nearness,
            ..home
        };
        viewer.rig().jump(orbit);
        let updates = frame % FRAMES_A_SECOND == 0;
        if updates {
            for delivery in made.second() {
                hand.put(delivery);
            }
        }
        let (before, start) = (Spent::before(), Instant::now());
        viewer.frame();
        let (spent, wall) = (Spent::after().since(&before), start.elapsed());
        if frame < WARM_UP {
            continue;
        }
        cpu_ms.push(spent.ours_ms);
        main_ms.push(spent.main_ms);
        wall_ms.push(wall.as_secs_f64() * 1e3);
        if updates {
            update_ms.push(spent.ours_ms);
            update_main_ms.push(spent.main_ms);
        }
    }
    let world = viewer.world();
    let situation = &world.resource::<Live>().situation;
    Figures {
        issues: situation.issue_count(),
        patrols: situation.patrol_count(),
        buildings: world.get_resource::<Stand>().map_or(0, |stand| stand.city().len()),
        adapter: viewer.adapter(),
        panels: crowd.panels,
        frames: crowd.frames,
        updates: update_ms.len() as u32,
        cpu_ms_median: quantile(&mut cpu_ms, 0.5),
        cpu_ms_p95: quantile(&mut cpu_ms, 0.95),
        main_ms_median: quantile(&mut main_ms, 0.5),
        update_cpu_ms_median: quantile(&mut update_ms, 0.5),
        update_cpu_ms_worst: quantile(&mut update_ms, 1.0),
        update_main_ms_worst: quantile(&mut update_main_ms, 1.0),
        wall_ms_median: quantile(&mut wall_ms, 0.5),
        markers_drawn: world.resource::<MarkersOnScreen>().len(),
        load_cpu_ms,
    }
}

/// Processor time so far, milliseconds.
#[derive(Clone, Copy)]
struct Spent {
    ours_ms: f64,
    main_ms: f64,
}

impl Spent {
    /// Before what is measured: this thread last, so that reading the others is not counted as its own work.
    fn before() -> Self {
        let ours_ms = others_ms();
        let main_ms = main_ms();
        Self { ours_ms: ours_ms + main_ms, main_ms }
    }

    /// After it: this thread first.
    fn after() -> Self {
        let main_ms = main_ms();
        Self { ours_ms: others_ms() + main_ms, main_ms }
    }

    fn since(self, before: &Self) -> Self {
        Self { ours_ms: self.ours_ms - before.ours_ms, main_ms: self.main_ms - before.main_ms }
    }
}

/// Of this thread, milliseconds.
fn main_ms() -> f64 {
    // What a running thread has spent is written down when it is put aside.
    std::thread::sleep(Duration::from_micros(100));
    spent_ms(&Path::new("/proc/self/task").join(std::process::id().to_string()))
}

/// Of our other threads: not of those of the driver, which go by its name or by that of the program.
fn others_ms() -> f64 {
    let main = std::process::id().to_string();
    let name_of = |task: &Path| std::fs::read_to_string(task.join("comm")).unwrap_or_default();
    let own_name = name_of(Path::new("/proc/self"));
    let is_ours = |task: &Path| {
        let name = name_of(task);
        let is_driver = name.starts_with("llvmpipe") || name.contains(":disk$") || name == own_name;
        !(is_driver || task.ends_with(&main))
    };
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks.map(|task| task.path()).filter(|task| is_ours(task)).map(|task| spent_ms(&task)).sum()
}

fn spent_ms(task: &Path) -> f64 {
    let line = std::fs::read_to_string(task.join("schedstat")).unwrap_or_default();
    let nanoseconds: f64 = line.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(0.0);
    nanoseconds / 1e6
}

/// A situation from a seed.
struct Made {
    rng: ChaCha8Rng,
    /// Places at buildings.
    places: Vec<LonLat>,
    issues: Vec<Issue>,
    patrols: Vec<Patrol>,
    /// Degrees of longitude and latitude a second, of each patrol.
    speeds: Vec<(f64, f64)>,
    now: Timestamp,
}

impl Made {
    fn new(viewer: &OffScreen, crowd: Crowd) -> Self {
        let stand = viewer.world().get_resource::<Stand>();
        let places = stand.map_or_else(Vec::new, |stand| {
            stand.city().iter().map(crate::city::BuildingRef::lon_lat).collect()
        });
        let mut made = Self {
            rng: ChaCha8Rng::seed_from_u64(3),
            places,
            issues: Vec::new(),
            patrols: Vec::new(),
            speeds: Vec::new(),
            now: Clock::real_now(),
        };
        made.issues = (0..crowd.issues).map(|index| made.issue(index)).collect();
        for index in 0..crowd.patrols {
            let patrol = made.patrol(index);
            made.patrols.push(patrol);
            let (sin, cos) = made.rng.random_range(0.0..std::f64::consts::TAU).sin_cos();
            // 1.3 m a second; a degree of latitude has 111 km, one of longitude less.
            made.speeds.push((1.3 * sin / 97_000.0, 1.3 * cos / 111_000.0));
        }
        made
    }

    fn place(&mut self, stray_m: f64) -> LonLat {
        let at = self.rng.random_range(0..self.places.len().max(1));
        let place = self.places.get(at).copied().unwrap_or(LonLat::new(118.87, 28.97));
        let mut stray = || self.rng.random_range(-1.0..1.0) * stray_m / 100_000.0;
        LonLat::new(place.lon + stray(), place.lat + stray())
    }

    fn state(&mut self) -> State {
        match self.rng.random_range(0..100) {
            0..12 => State::Reported,
            12..34 => State::Dispatched,
            34..78 => State::Handling,
            78..94 => State::Checking,
            _ => State::Suspended,
        }
    }

    fn issue(&mut self, index: usize) -> Issue {
        let (scheme, code) =
            CLASSES.get(self.rng.random_range(0..CLASSES.len())).copied().unwrap_or(("", ""));
        let reported_at = self.now - SignedDuration::from_mins(self.rng.random_range(1..6_000));
        // Most have days left; a few become overdue while they are watched.
        let due_at = self.now + SignedDuration::from_secs(self.rng.random_range(-4_000..400_000));
        let class = ClassCode { scheme: scheme.to_owned(), kind: "event".to_owned(), code: code.to_owned() };
        Issue {
            title: format!("{scheme} {code} {index}"),
            class_name: format!("{code} {}", index % 7),
            urgency: if self.rng.random_bool(0.004) { Urgency::High } else { Urgency::General },
            state: self.state(),
            place: Some(self.place(9.0)),
            due_at: Some(due_at),
            ..Issue::reported(IssueId(format!("B{index:06}")), class, Source::Patrol, reported_at)
        }
    }

    fn patrol(&mut self, index: usize) -> Patrol {
        let kinds = [
            PatrolKind::GridOfficer,
            PatrolKind::UrbanManagement,
            PatrolKind::Police,
            PatrolKind::Sanitation,
        ];
        // One in twelve has not been heard of for a quarter of an hour.
        let silence = SignedDuration::from_mins(if index.is_multiple_of(12) { 15 } else { 0 });
        Patrol {
            id: PatrolId(format!("P{index:05}")),
            version: 1,
            name: format!("P{index:05}"),
            kind: kinds.get(index % kinds.len()).copied().unwrap_or(PatrolKind::Vehicle),
            areas: AreaCodes::default(),
            fix: Some(Fix {
                at: self.now - silence,
                place: self.place(30.0),
                heading_deg: None,
                speed_mps: None,
                accuracy_m: Some(self.rng.random_range(4.0..40.0)),
                mock: false,
                battery_percent: None,
            }),
            duty: None,
        }
    }

    fn clock(&self) -> Delivery {
        let clock = Clock::anchored(Reading { now: self.now, rate: 1.0 });
        Update::Clock(ServerClock { clock, simulated: true }).into()
    }

    /// Everything, as a first snapshot brings it.
    fn beginning(&mut self) -> Vec<Delivery> {
        let mut all = vec![self.clock()];
        all.extend(self.issues.iter().map(|issue| Update::Issue(Box::new(issue.clone())).into()));
        all.extend(self.patrols.iter().map(|patrol| Update::Patrol(Box::new(patrol.clone())).into()));
        let complete = Update::SnapshotComplete {
            issues: self.issues.iter().map(|issue| issue.id.clone()).collect(),
            patrols: self.patrols.iter().map(|patrol| patrol.id.clone()).collect(),
        };
        all.push(complete.into());
        all.push(Update::Feed(FeedState::Live { last_heard_at: self.now }).into());
        all
    }

    /// A second later: every patrol has moved, and a few issues have changed.
    fn second(&mut self) -> Vec<Delivery> {
        self.now += SignedDuration::from_secs(1);
        let mut moves = Vec::with_capacity(self.patrols.len());
        for (patrol, (east, north)) in self.patrols.iter_mut().zip(&self.speeds) {
            let Some(fix) = &mut patrol.fix else { continue };
            fix.at += SignedDuration::from_secs(1);
            fix.place = LonLat::new(fix.place.lon + east, fix.place.lat + north);
            patrol.version += 1;
            moves.push(PositionUpdate { id: patrol.id.clone(), version: patrol.version, fix: *fix });
        }
        let mut all = vec![self.clock()];
        for _ in 0..CHANGES.min(self.issues.len()) {
            let (at, state) = (self.rng.random_range(0..self.issues.len()), self.state());
            if let Some(issue) = self.issues.get_mut(at) {
                issue.version += 1;
                issue.state = state;
                issue.updated_at = self.now;
                all.push(Update::Issue(Box::new(issue.clone())).into());
            }
        }
        all.push(Delivery::Moves(moves));
        all
    }
}
