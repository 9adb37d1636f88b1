//! Drawing only when something changes: who moves says so here, and nothing else draws a frame.
//!
//! ```text
//! a hand on the window ───────────────────────────────────────────────→ a frame, at once
//! watch: camera, sprites, fades, ages, loading, pipelines ┐
//! panels: egui's own wishes                               ├→ Pace → the soonest wish → alarm → a frame
//! threads: the feed has delivered                         ┘
//! ```
//!
//! A wish is "a frame at the latest in so long"; wishes live until the next frame begins, so whoever still moves
//! wishes again in each. The engine's loop sleeps until a window has something to say or `alarm` rings.
//! Off screen frames are run by whoever wants them; wishes are gathered and go nowhere.

mod alarm;
mod panels;
mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::window::RequestRedraw;
use bevy::winit::{EventLoopProxyWrapper, UpdateMode, WinitSettings, WinitUserEvent};

use self::alarm::Alarm;

/// Frames a second of what glides under a hand, at most: the camera, names that come and go.
pub const SMOOTH: f32 = 60.0;
/// Frames a second of what moves by itself: pulses, patrols on their way, fading colours.
pub const GENTLE: f32 = 20.0;
/// What a feed delivers is shown at most so many times a second.
const DATA: f32 = 10.0;
/// A wall turns slowly and stays on for years: so many frames a second at most, where nothing else is said.
const WALL: f32 = 30.0;
/// A window that nobody can see keeps up with the feed so many times a second, without drawing.
const HIDDEN: f32 = 1.0;
/// The engine's own timer, which has nothing to do: any rare interval will do.
const ENGINE_WAIT: Duration = Duration::from_secs(3600);
/// The longest step of animations, so that a slow frame does not make them leap.
const LONGEST_STEP: Duration = Duration::from_millis(250);
/// The step of the first frame after a rest: what begins now has not been running while nothing was drawn.
const FIRST_STEP: Duration = Duration::from_millis(17);

/// Who wishes for frames, and how soon. Cheap to clone, and shared with threads and the render world.
#[derive(Resource, Clone)]
pub struct Pace(Arc<Shared>);

struct Shared {
    wishes: Mutex<Wishes>,
    alarm: Alarm,
}

struct Wishes {
    frame_start: Instant,
    is_in_frame: bool,
    /// The soonest wish, and whose it is.
    soonest: Option<(Instant, &'static str)>,
    /// What goes on for a while: until when, at what interval.
    lasting: Vec<(Instant, Duration, &'static str)>,
    least_interval: Duration,
    is_hidden: bool,
    frames: u64,
}

impl Default for Pace {
    fn default() -> Self {
        let wishes = Wishes {
            frame_start: Instant::now(),
            is_in_frame: false,
            soonest: None,
            lasting: Vec::new(),
            least_interval: interval(SMOOTH),
            is_hidden: false,
            frames: 0,
        };
        Self(Arc::new(Shared { wishes: Mutex::new(wishes), alarm: Alarm::default() }))
    }
}

/// The time between frames at so many a second.
fn interval(per_second: f32) -> Duration {
    Duration::from_secs_f32(1.0 / per_second.clamp(0.1, 1_000.0))
}

impl Pace {
    /// Something moves and is to be drawn again, at most so many times a second.
    pub fn moves(&self, per_second: f32, who: &'static str) {
        let mut wishes = self.wishes();
        let at = wishes.frame_start + interval(per_second);
        self.wish(&mut wishes, at, who);
    }

    /// The same, for some time from now on.
    pub fn moves_for(&self, time: Duration, per_second: f32, who: &'static str) {
        let now = Instant::now();
        let mut wishes = self.wishes();
        let interval = interval(per_second);
        match wishes.lasting.iter_mut().find(|(_, _, held)| *held == who) {
            Some(held) => *held = (held.0.max(now + time), interval, who),
            None => wishes.lasting.push((now + time, interval, who)),
        }
        let at = wishes.frame_start + interval;
        self.wish(&mut wishes, at, who);
    }

    /// A frame at the latest in so long.
    pub fn wake_in(&self, time: Duration, who: &'static str) {
        let now = Instant::now();
        // No clock goes that far, so there is nothing to wake for.
        let Some(at) = now.checked_add(time) else { return };
        self.wish(&mut self.wishes(), at, who);
    }

    /// Something has arrived on another thread.
    pub fn arrived(&self) {
        self.moves(DATA, "data");
    }

    /// At most so many frames a second, but for those that a hand asks for.
    pub fn limit(&self, per_second: f32) {
        self.wishes().least_interval = interval(per_second);
    }

    /// The time between frames that [`Self::limit`] allows: frames that come so soon are as fast as they may be.
    pub fn least_interval(&self) -> Duration {
        self.wishes().least_interval
    }

    /// Frames begun so far.
    pub fn frames(&self) -> u64 {
        self.wishes().frames
    }

    fn wishes(&self) -> MutexGuard<'_, Wishes> {
        // Nothing in here panics half-way.
        self.0.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wish(&self, wishes: &mut Wishes, at: Instant, who: &'static str) {
        if wishes.soonest.is_some_and(|(held, _)| held <= at) {
            return;
        }
        wishes.soonest = Some((at, who));
        if !wishes.is_in_frame {
            self.0.alarm.set(wishes.due().map(|(at, _)| at));
        }
    }

    /// A frame begins: every wish so far is met by it.
    fn begin(&self, now: Instant) {
        let mut wishes = self.wishes();
        wishes.frame_start = now;
        wishes.is_in_frame = true;
        wishes.soonest = None;
        wishes.frames += 1;
        self.0.alarm.set(None);
    }

    /// The frame has been made: when the next one is due, and for whom.
    fn end(&self, now: Instant) -> Option<(Instant, &'static str)> {
        let mut wishes = self.wishes();
        wishes.is_in_frame = false;
        wishes.lasting.retain(|(until, _, _)| *until > now);
        let start = wishes.frame_start;
        let lasting = wishes.lasting.iter().map(|(_, interval, who)| (start + *interval, *who));
        wishes.soonest = lasting.chain(wishes.soonest).min_by_key(|(at, _)| *at);
        wishes.due()
    }
}

impl Wishes {
    /// The soonest wish, no sooner than the limit allows.
    fn due(&self) -> Option<(Instant, &'static str)> {
        let hidden = if self.is_hidden { interval(HIDDEN) } else { Duration::ZERO };
        let earliest = self.frame_start + self.least_interval.max(hidden);
        self.soonest.map(|(at, who)| (at.max(earliest), who))
    }
}

/// What the viewer is started with: frames a second at most, where the user says so.
pub(super) fn limit(app: &App, wanted: Option<f32>, is_wall: bool) {
    let usual = if is_wall { WALL } else { SMOOTH };
    app.world().resource::<Pace>().limit(wanted.unwrap_or(usual));
}

/// How the engine's loop is to wait in a window: for the window and for us.
pub(super) fn engine_settings() -> WinitSettings {
    let mode = UpdateMode::reactive_low_power(ENGINE_WAIT);
    WinitSettings { focused_mode: mode, unfocused_mode: mode }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Pace>()
        .add_plugins((panels::plugin, watch::plugin))
        .add_systems(First, begin.before(bevy::time::TimeSystems))
        .add_systems(
            Last,
            end.run_if(resource_exists::<EventLoopProxyWrapper>)
                .run_if(resource_exists::<Messages<RequestRedraw>>)
                .after(watch::Watched),
        )
        .add_systems(Startup, start_alarm.run_if(resource_exists::<EventLoopProxyWrapper>));
}

fn start_alarm(pace: Res<Pace>, proxy: Res<EventLoopProxyWrapper>) {
    let proxy = (**proxy).clone();
    if let Err(error) = pace.0.alarm.start(move || proxy.send_event(WinitUserEvent::WakeUp).is_ok()) {
        // Without the alarm nothing would ever move by itself.
        error!("the clock of the picture cannot be started, so it follows the mouse alone: {error}");
    }
}

fn begin(pace: Res<Pace>) {
    pace.begin(Instant::now());
}

/// When the next frame is, and how far animations may go in it.
fn end(pace: Res<Pace>, mut redraws: ResMut<Messages<RequestRedraw>>, mut time: ResMut<Time<Virtual>>) {
    // Others' requests are answered in `panels`.
    redraws.clear();
    let now = Instant::now();
    let due = pace.end(now);
    let rests = due.is_none_or(|(at, _)| at > now + LONGEST_STEP);
    time.set_max_delta(if rests { FIRST_STEP } else { LONGEST_STEP });
    match due {
        Some((at, who)) if at <= now => {
            trace!("frame {}, the next at once for {who}", pace.frames());
            redraws.write(RequestRedraw);
        }
        Some((at, who)) => {
            trace!("frame {}, the next in {} ms for {who}", pace.frames(), (at - now).as_millis());
            pace.0.alarm.set(Some(at));
        }
        None => trace!("frame {}, and rest", pace.frames()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds from the start of the frame to when the next one is due, after wishes were made in it.
    fn due_ms(pace: &Pace, wishes: impl FnOnce(&Pace)) -> Option<u128> {
        let start = Instant::now();
        pace.begin(start);
        wishes(pace);
        pace.end(start).map(|(at, _)| (at - start).as_millis())
    }

    #[test]
    fn who_wishes_nothing_rests() {
        let pace = Pace::default();
        assert_eq!(due_ms(&pace, |_| {}), None);
        assert_eq!(due_ms(&pace, |pace| pace.moves(GENTLE, "a pulse")), Some(50));
        assert_eq!(due_ms(&pace, |_| {}), None, "a wish is for one frame");
    }

    #[test]
    fn the_soonest_wish_counts_and_the_limit_holds() {
        let pace = Pace::default();
        let both = |pace: &Pace| {
            pace.moves(GENTLE, "a pulse");
            pace.moves(SMOOTH, "the camera");
            pace.moves(1.0, "ages");
        };
        assert_eq!(due_ms(&pace, both), Some(16));
        pace.limit(10.0);
        assert_eq!(due_ms(&pace, both), Some(100), "ten a second at most");
        assert_eq!(due_ms(&pace, |pace| pace.wake_in(Duration::MAX, "never")), None);
    }

    #[test]
    fn what_lasts_needs_no_further_wish() {
        let pace = Pace::default();
        let fade = |pace: &Pace| pace.moves_for(Duration::from_secs(60), GENTLE, "colours");
        assert_eq!(due_ms(&pace, fade), Some(50));
        assert_eq!(due_ms(&pace, |_| {}), Some(50));
        pace.begin(Instant::now());
        let later = Instant::now() + Duration::from_secs(61);
        assert_eq!(pace.end(later), None, "until it is over");
    }

    #[test]
    fn a_hidden_window_keeps_up_once_a_second() {
        let pace = Pace::default();
        pace.wishes().is_hidden = true;
        assert_eq!(due_ms(&pace, |pace| pace.moves(SMOOTH, "the camera")), Some(1000));
    }

    #[test]
    fn what_arrives_during_a_rest_is_due_at_once_and_a_flood_is_not() {
        let pace = Pace::default();
        pace.begin(Instant::now().checked_sub(Duration::from_secs(5)).expect("the machine runs for longer"));
        pace.end(Instant::now());
        pace.arrived();
        let due = pace.wishes().due().map(|(at, _)| at);
        assert!(due.is_some_and(|at| at <= Instant::now()), "rested for five seconds");
        let start = Instant::now();
        pace.begin(start);
        pace.end(start);
        pace.arrived();
        let due = pace.wishes().due().map(|(at, _)| (at - start).as_millis());
        assert_eq!(due, Some(100), "ten times a second");
    }
}
