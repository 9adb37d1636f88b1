//! A simulation on its own named thread.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::SimulationError;
use super::cast::Cast;
use super::client::Client;
use super::driver::Driver;
use super::setting::Setting;
use crate::city::Place;

/// The name of the thread.
const THREAD_NAME: &str = "yunfushan-simulation";

/// What a simulation needs to know.
#[derive(Clone)]
pub struct SimulationConfig {
    /// The server's address; it must have been started for simulated data.
    pub base_url: Url,
    /// The bearer token.
    pub token: String,
    /// The same seed gives the same days.
    pub seed: u64,
    /// When the first day begins; what the server's clock shows at the first contact where absent.
    pub start: Option<Timestamp>,
    /// Where.
    pub place: Arc<Place>,
    /// Who, from the tables of the place ([`Cast::read`]).
    pub cast: Cast,
}

impl std::fmt::Debug for SimulationConfig {
    /// Without the token: it must not get into a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimulationConfig")
            .field("base_url", &self.base_url.as_str())
            .field("seed", &self.seed)
            .field("start", &self.start)
            .field("place", &self.place.manifest.name)
            .finish_non_exhaustive()
    }
}

/// How far a simulation has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// It waits for the server, or sends history.
    Preparing,
    /// History and the first positions are in.
    Ready,
    /// It has ended, and why.
    Failed(String),
}

/// A phase that can be waited for.
#[derive(Debug)]
pub(super) struct PhaseCell {
    phase: Mutex<Phase>,
    changed: Condvar,
}

impl PhaseCell {
    fn lock(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, phase: Phase) {
        let mut held = self.lock();
        if *held != phase {
            match &phase {
                Phase::Failed(reason) => tracing::error!(reason, "the simulation has ended"),
                Phase::Ready => tracing::info!("the simulation runs"),
                Phase::Preparing => {}
            }
            *held = phase;
            self.changed.notify_all();
        }
    }
}

/// A simulation at work; stops when dropped.
#[derive(Debug)]
pub struct Simulator {
    phase: Arc<PhaseCell>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts a simulation on a thread of its own. It waits for the server, and after a loss goes on by itself.
    ///
    /// # Errors
    /// [`SimulationError`] if the address is none of HTTP, the place has no roads, or the machine gives no thread.
    pub fn start(config: SimulationConfig) -> Result<Self, SimulationError> {
        let client = Client::new(config.base_url, config.token)?;
        let setting = Arc::new(Setting::new(config.place, config.cast)?);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(SimulationError::Thread)?;
        let phase = Arc::new(PhaseCell { phase: Mutex::new(Phase::Preparing), changed: Condvar::new() });
        let driver =
            Driver { client, setting, seed: config.seed, start: config.start, phase: Arc::clone(&phase) };
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let thread = std::thread::Builder::new()
            .name(THREAD_NAME.to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = stopped.cancelled() => {}
                        () = driver.run() => {}
                    }
                });
                // A name that is being looked up must not hold up the end.
                runtime.shutdown_background();
            })
            .map_err(SimulationError::Thread)?;
        Ok(Self { phase, stop, thread: Some(thread) })
    }

    /// Waits until history and the first positions are in the store.
    ///
    /// # Errors
    /// [`SimulationError::Ended`] if the server refuses for good, [`SimulationError::NotReady`] if it takes longer.
    pub fn wait_until_ready(&self, timeout: Duration) -> Result<(), SimulationError> {
        let until = Instant::now() + timeout;
        let mut phase = self.phase.lock();
        loop {
            match &*phase {
                Phase::Ready => return Ok(()),
                Phase::Failed(reason) => return Err(SimulationError::Ended(reason.clone())),
                Phase::Preparing => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(SimulationError::NotReady(timeout));
            }
            let waited = self.phase.changed.wait_timeout(phase, left);
            phase = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Why it has ended, if the server has refused it for good.
    pub fn failure(&self) -> Option<String> {
        match &*self.phase.lock() {
            Phase::Failed(reason) => Some(reason.clone()),
            Phase::Preparing | Phase::Ready => None,
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // It ends at the next pause; a panic in it was reported by its own hook.
            let _ended = thread.join();
        }
    }
}
