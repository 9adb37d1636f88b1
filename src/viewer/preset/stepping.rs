//! From measured frames to a lower preset: pure, so that it can be read and tested without a clock.
//!
//! Frames are judged in windows of two seconds by their median, so that one hitch is no stutter; two slow windows
//! running are one. After a step nothing is judged until the new pipelines have been made.
//! A preset that was left is tried again once in a session, after a quarter of an hour of movement without a single
//! window that was not smooth: whatever slowed the machine down then is over. If it stutters again that is final.

use super::Preset;

/// Seconds of a window.
const WINDOW_SECS: f32 = 2.0;
/// A window needs so many frames to be judged, however slow they are.
const LEAST_FRAMES: usize = 4;
/// A window whose median is above this stutters: fewer than 22 frames a second.
const SLOW_SECS: f32 = 0.045;
/// A window whose median is below this is smooth, on a screen of 60 Hz.
pub(super) const SMOOTH_SECS: f32 = 0.020;
/// So many slow windows running are a stutter.
const SLOW_WINDOWS: u32 = 2;
/// After a step nothing is judged for so many seconds of frames.
const GRACE_SECS: f32 = 3.0;
/// So many seconds of smooth movement earn a second try.
const CALM_SECS: f32 = 900.0;
/// Longer than this nothing was drawn: the machine slept, or the window was away.
const PAUSE_SECS: f32 = 5.0;

/// What has been seen of the frames so far.
#[derive(Debug, Default)]
pub(super) struct Stepping {
    window: Vec<f32>,
    seconds: f32,
    slow_windows: u32,
    calm_seconds: f32,
    grace_seconds: f32,
    has_stepped_down: bool,
    has_tried_again: bool,
}

impl Stepping {
    /// One that judges nothing for a while: at the start, and after the user let it decide again.
    pub(super) fn with_grace() -> Self {
        Self { grace_seconds: GRACE_SECS, ..Self::default() }
    }

    /// A frame that took so long with a preset, in which the picture moved; the preset to be used instead, if any.
    pub(super) fn frame(&mut self, seconds: f32, preset: Preset) -> Option<Preset> {
        if !(0.0..PAUSE_SECS).contains(&seconds) {
            self.forget_window();
            return None;
        }
        if self.grace_seconds > 0.0 {
            self.grace_seconds -= seconds;
            return None;
        }
        self.window.push(seconds);
        self.seconds += seconds;
        if self.seconds < WINDOW_SECS || self.window.len() < LEAST_FRAMES {
            return None;
        }
        let (median, length) = (median(&mut self.window), self.seconds);
        self.forget_window();
        self.slow_windows = if median > SLOW_SECS { self.slow_windows + 1 } else { 0 };
        self.calm_seconds = if median < SMOOTH_SECS { self.calm_seconds + length } else { 0.0 };
        if self.slow_windows >= SLOW_WINDOWS {
            let lower = preset.lower();
            self.has_stepped_down |= lower.is_some();
            return self.step(lower);
        }
        if self.calm_seconds > CALM_SECS && self.has_stepped_down && !self.has_tried_again {
            self.has_tried_again = true;
            return self.step(preset.higher());
        }
        None
    }

    /// The picture stood still, or nobody saw it: what was seen of this window says nothing.
    pub(super) fn forget_window(&mut self) {
        self.window.clear();
        self.seconds = 0.0;
    }

    fn step(&mut self, to: Option<Preset>) -> Option<Preset> {
        self.slow_windows = 0;
        self.calm_seconds = 0.0;
        self.grace_seconds = GRACE_SECS;
        to
    }
}

fn median(values: &mut [f32]) -> f32 {
    let middle = values.len() / 2;
    if values.is_empty() {
        return 0.0;
    }
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs so many seconds of equal frames; the presets stepped to.
    fn run(stepping: &mut Stepping, preset: &mut Preset, frame_secs: f32, seconds: f32) -> Vec<Preset> {
        let mut steps = Vec::new();
        for _ in 0..(seconds / frame_secs).round() as usize {
            if let Some(to) = stepping.frame(frame_secs, *preset) {
                *preset = to;
                steps.push(to);
            }
        }
        steps
    }

    #[test]
    fn stutter_steps_down_one_preset_at_a_time_and_stops_at_low() {
        let (mut stepping, mut preset) = (Stepping::default(), Preset::High);
        assert_eq!(run(&mut stepping, &mut preset, 0.06, 3.9), [], "one slow window is no stutter");
        assert_eq!(run(&mut stepping, &mut preset, 0.06, 0.5), [Preset::Medium], "two are");
        assert_eq!(run(&mut stepping, &mut preset, 0.06, 6.5), [], "three seconds of grace, two windows");
        assert_eq!(run(&mut stepping, &mut preset, 0.06, 1.0), [Preset::Low]);
        assert_eq!(run(&mut stepping, &mut preset, 0.06, 60.0), [], "there is nothing below");
    }

    #[test]
    fn a_hitch_is_no_stutter_and_a_pause_is_none_either() {
        let (mut stepping, mut preset) = (Stepping::default(), Preset::High);
        for _ in 0..50 {
            assert_eq!(run(&mut stepping, &mut preset, 0.017, 1.0), []);
            assert_eq!(stepping.frame(0.9, preset), None, "a hitch");
            assert_eq!(stepping.frame(40.0, preset), None, "a pause");
        }
    }

    #[test]
    fn frames_of_a_second_are_seen_for_what_they_are() {
        let (mut stepping, mut preset) = (Stepping::default(), Preset::Medium);
        assert_eq!(run(&mut stepping, &mut preset, 1.2, 12.0), [Preset::Low], "four of them make a window");
    }

    #[test]
    fn a_left_preset_is_tried_again_once() {
        let (mut stepping, mut preset) = (Stepping::default(), Preset::High);
        assert_eq!(run(&mut stepping, &mut preset, 0.06, 5.0), [Preset::Medium]);
        assert_eq!(run(&mut stepping, &mut preset, 0.016, 890.0), []);
        assert_eq!(
            run(&mut stepping, &mut preset, 0.030, 3.0),
            [],
            "one window that is not smooth: from the start"
        );
        assert_eq!(run(&mut stepping, &mut preset, 0.016, 895.0), []);
        assert_eq!(run(&mut stepping, &mut preset, 0.016, 10.0), [Preset::High]);
        assert_eq!(run(&mut stepping, &mut preset, 0.06, 10.0), [Preset::Medium]);
        assert_eq!(run(&mut stepping, &mut preset, 0.016, 4000.0), [], "never a second time");
    }

    #[test]
    fn who_never_stuttered_is_never_stepped_up() {
        let (mut stepping, mut preset) = (Stepping::with_grace(), Preset::Low);
        assert_eq!(run(&mut stepping, &mut preset, 0.016, 4000.0), []);
    }
}
