//! Wakes the engine's loop at a moment, or at once from another thread.
//!
//! A thread of our own, since the loop's own timer draws a frame more whenever its interval is changed (seen in
//! bevy_winit 0.19.1), and since threads must be able to ring too.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Rings once at the moment that it is set to.
#[derive(Clone, Default)]
pub(super) struct Alarm(Arc<(Mutex<Option<Instant>>, Condvar)>);

impl Alarm {
    /// Rings at a moment instead of any other; `None`: not at all.
    pub(super) fn set(&self, at: Option<Instant>) {
        let mut held = self.lock();
        if *held != at {
            *held = at;
            self.0.1.notify_one();
        }
    }

    /// Starts the thread that rings; it ends when `ring` says that nobody hears it any more.
    ///
    /// # Errors
    /// Where the machine gives no thread.
    pub(super) fn start(&self, ring: impl Fn() -> bool + Send + 'static) -> std::io::Result<()> {
        let alarm = self.clone();
        std::thread::Builder::new()
            .name("yunfushan-pace".into())
            .spawn(move || alarm.run(ring))
            .map(|_runs_until_the_loop_ends| ())
    }

    /// Waits and rings until nobody hears it any more.
    fn run(&self, ring: impl Fn() -> bool) {
        let mut held = self.lock();
        loop {
            let now = Instant::now();
            held = match *held {
                None => self.0.1.wait(held).unwrap_or_else(PoisonError::into_inner),
                Some(at) if at > now => {
                    self.0.1.wait_timeout(held, at - now).unwrap_or_else(PoisonError::into_inner).0
                }
                Some(_) => {
                    *held = None;
                    if !ring() {
                        return;
                    }
                    held
                }
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn rings_once_at_its_time_and_can_be_set_sooner() {
        let alarm = Alarm::default();
        let (rung, heard) = mpsc::sync_channel(4);
        let runs = alarm.clone();
        let thread = std::thread::Builder::new()
            .name("alarm".into())
            .spawn(move || runs.run(|| rung.send(Instant::now()).is_ok()))
            .expect("a thread");
        let start = Instant::now();
        alarm.set(Some(start + Duration::from_secs(60)));
        alarm.set(Some(start + Duration::from_millis(30)));
        let at = heard.recv_timeout(Duration::from_secs(10)).expect("it rings");
        assert!(at >= start + Duration::from_millis(30), "not before its time");
        assert!(heard.recv_timeout(Duration::from_millis(60)).is_err(), "once alone");
        drop(heard);
        alarm.set(Some(Instant::now()));
        thread.join().expect("it ends when nobody hears it");
    }
}
