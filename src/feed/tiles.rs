//! Raster tiles over HTTP: asked for by what is in view, kept on the disk, decoded beside the picture.
//!
//! One named thread with a runtime of its own. Who looks says again and again which tiles it lacks ([`Tiles::want`]);
//! the newest list replaces the one before, so that nothing queues up behind a camera that has long moved on.
//! What fails is tried again later and later; without a network nothing comes, and nothing waits.

mod cache;

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use reqwest::{StatusCode, header};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use self::cache::{Cache, Held};
use crate::picture::{self, Picture};
use crate::config::BaseMap;
use crate::geo::MapTile;

/// The name of the thread.
const THREAD_NAME: &str = "yunfushan-tiles";
/// So many requests at once, as browsers do.
const PARALLEL: usize = 6;
/// The most tiles that are wanted at once.
const MOST_WANTED: usize = 256;
/// The most decoded tiles that wait to be taken.
const MOST_WAITING: usize = 64;
/// The most failures that are remembered.
const MOST_FAILURES: usize = 4_096;
/// The largest tile, in bytes.
const MOST_BYTES: usize = 4 << 20;
/// The largest tile, in pixels a side.
const MOST_SIDE: u32 = 1_024;
/// How long one tile may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The first wait after a failure; it doubles up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// What a server does not have is asked for again after so long.
const ABSENT_WAIT: Duration = Duration::from_secs(600);
/// After a key was refused nothing is asked for so long.
const REFUSED_WAIT: Duration = Duration::from_secs(120);

/// Tiles that come over HTTP.
#[derive(Debug)]
pub struct Tiles {
    shared: Arc<Shared>,
    cancel: CancellationToken,
}

struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    wanted: VecDeque<MapTile>,
    busy: HashSet<MapTile>,
    arrived: Vec<(MapTile, Arc<Picture>)>,
    failures: HashMap<MapTile, (u32, Instant)>,
    /// Nothing is asked for before then.
    rest_until: Option<Instant>,
    problem: Option<String>,
    notify: Option<Box<dyn Fn() + Send>>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The next tile to ask for, and otherwise when there may be one.
    fn next(&mut self, now: Instant) -> Result<MapTile, Option<Instant>> {
        if self.arrived.len() >= MOST_WAITING {
            return Err(None);
        }
        let rest = self.rest_until.filter(|until| *until > now);
        let mut soonest = rest;
        if rest.is_none() {
            for at in 0..self.wanted.len() {
                let Some(tile) = self.wanted.get(at).copied() else { break };
                let waits = self.failures.get(&tile).map(|(_, until)| *until).filter(|until| *until > now);
                match waits {
                    Some(until) => soonest = Some(soonest.map_or(until, |held: Instant| held.min(until))),
                    None if self.busy.contains(&tile) => {}
                    None => {
                        self.wanted.remove(at);
                        self.busy.insert(tile);
                        return Ok(tile);
                    }
                }
            }
        }
        Err(soonest)
    }

    fn finish(&mut self, tile: MapTile, outcome: Outcome, now: Instant) {
        self.busy.remove(&tile);
        let problem = match &outcome {
            Outcome::Old(_, problem) => Some(problem.clone()),
            _ => None,
        };
        let wait = match outcome {
            Outcome::Here(picture) | Outcome::Old(picture, _) => {
                self.failures.remove(&tile);
                self.problem = problem;
                self.arrived.push((tile, Arc::new(picture)));
                if let Some(notify) = &self.notify {
                    notify();
                }
                return;
            }
            Outcome::Absent => ABSENT_WAIT,
            Outcome::Refused(status) => {
                self.problem = Some(format!("the map's server refuses (status {status}); see its key"));
                self.rest_until = Some(now + REFUSED_WAIT);
                REFUSED_WAIT
            }
            Outcome::Failed(problem) => {
                let times = self.failures.get(&tile).map_or(0, |(times, _)| *times);
                self.problem = Some(problem);
                FIRST_WAIT.saturating_mul(1 << times.min(8)).min(LONGEST_WAIT)
            }
        };
        if self.failures.len() >= MOST_FAILURES {
            self.failures.clear();
        }
        let times = self.failures.get(&tile).map_or(0, |(times, _)| *times);
        self.failures.insert(tile, (times.saturating_add(1), now + wait));
    }
}

/// What became of a tile.
#[derive(Debug)]
enum Outcome {
    Here(Picture),
    /// An old one, since a newer cannot be had.
    Old(Picture, String),
    /// The server has none there.
    Absent,
    /// The server wants another key.
    Refused(u16),
    /// It may come later.
    Failed(String),
}

impl Tiles {
    /// Starts fetching, with a folder for what is kept; without one nothing is kept.
    ///
    /// # Errors
    /// Where the machine gives no thread, or no HTTP client can be made.
    pub fn start(map: BaseMap, folder: Option<PathBuf>) -> std::io::Result<Self> {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("yunfushan/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(5))
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::limited(3))
            .build()
            .map_err(std::io::Error::other)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Notify::new() });
        let cancel = CancellationToken::new();
        let (theirs, cancelled) = (Arc::clone(&shared), cancel.clone());
        std::thread::Builder::new().name(THREAD_NAME.into()).spawn(move || {
            let cache = folder
                .filter(|_| map.cache_mb > 0)
                .map(|folder| Cache::open(folder, u64::from(map.cache_mb) << 20));
            runtime.block_on(async {
                tokio::select! {
                    () = cancelled.cancelled() => {}
                    () = run(&theirs, &map, &client, cache.as_ref()) => {}
                }
            });
        })?;
        Ok(Self { shared, cancel })
    }

    /// Calls whenever a tile has arrived, on the thread of the tiles.
    pub fn on_arrival(&self, notify: impl Fn() + Send + 'static) {
        self.shared.state().notify = Some(Box::new(notify));
    }

    /// Says which tiles are lacking, the most wanted first; earlier lists are forgotten.
    pub fn want(&self, tiles: impl IntoIterator<Item = MapTile>) {
        let mut state = self.shared.state();
        state.wanted = tiles.into_iter().take(MOST_WANTED).collect();
        drop(state);
        self.shared.changed.notify_one();
    }

    /// Takes what has arrived.
    pub fn take(&self) -> Vec<(MapTile, Arc<Picture>)> {
        let arrived = std::mem::take(&mut self.shared.state().arrived);
        if !arrived.is_empty() {
            self.shared.changed.notify_one();
        }
        arrived
    }

    /// What is wrong, in words, until something comes again.
    pub fn problem(&self) -> Option<String> {
        self.shared.state().problem.clone()
    }
}

impl Drop for Tiles {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

async fn run(shared: &Shared, map: &BaseMap, client: &reqwest::Client, cache: Option<&Cache>) {
    let mut running = FuturesUnordered::new();
    loop {
        let mut soonest = None;
        while running.len() < PARALLEL {
            match shared.state().next(Instant::now()) {
                Ok(tile) => running.push(async move { (tile, fetch(tile, map, client, cache).await) }),
                Err(when) => {
                    soonest = when;
                    break;
                }
            }
        }
        let wait =
            soonest.map_or(Duration::from_secs(3600), |when| when.saturating_duration_since(Instant::now()));
        tokio::select! {
            Some((tile, outcome)) = running.next(), if !running.is_empty() => {
                shared.state().finish(tile, outcome, Instant::now());
            }
            () = shared.changed.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn fetch(tile: MapTile, map: &BaseMap, client: &reqwest::Client, cache: Option<&Cache>) -> Outcome {
    let name = map.name(tile);
    let held = cache.and_then(|cache| cache.read(&name));
    if let Some(held) = held.as_ref().filter(|held| held.is_fresh)
        && let Ok(picture) = picture::decode(&held.bytes, MOST_SIDE)
    {
        return Outcome::Here(picture);
    }
    let outcome = ask(&map.address(tile), &name, client, cache, held.as_ref()).await;
    match (outcome, held) {
        // An old tile is better than none.
        (Outcome::Failed(problem), Some(held)) => match picture::decode(&held.bytes, MOST_SIDE) {
            Ok(picture) => Outcome::Old(picture, problem),
            Err(error) => Outcome::Failed(format!("{problem}; what is held is broken: {error}")),
        },
        (outcome, _) => outcome,
    }
}

async fn ask(
    address: &str,
    name: &str,
    client: &reqwest::Client,
    cache: Option<&Cache>,
    held: Option<&Held>,
) -> Outcome {
    let mut request = client.get(address).header(header::ACCEPT, "image/png,image/jpeg");
    if let Some(tag) = held.map(|held| held.tag.as_str()).filter(|tag| !tag.is_empty()) {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    let mut response = match request.send().await {
        Ok(response) => response,
        // Addresses hold keys, and errors addresses.
        Err(error) => {
            return Outcome::Failed(format!("the map's server does not answer: {}", error.without_url()));
        }
    };
    let text = |name: header::HeaderName| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let (control, tag) = (text(header::CACHE_CONTROL), text(header::ETAG));
    let status = response.status();
    if status == StatusCode::NOT_MODIFIED
        && let Some(held) = held
    {
        let decoded = picture::decode(&held.bytes, MOST_SIDE);
        if let Some(cache) = cache {
            cache.write(name, &held.bytes, &control, &held.tag);
        }
        return decoded.map_or_else(|error| Outcome::Failed(error.to_string()), Outcome::Here);
    }
    match status.as_u16() {
        200 => {}
        204 | 404 | 410 => return Outcome::Absent,
        401 | 403 => return Outcome::Refused(status.as_u16()),
        other => return Outcome::Failed(format!("the map's server answers with status {other}")),
    }
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > MOST_BYTES => {
                return Outcome::Failed("a tile larger than 4 MB".to_owned());
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return Outcome::Failed(format!("a tile broke off: {}", error.without_url())),
        }
    }
    match picture::decode(&bytes, MOST_SIDE) {
        Ok(picture) => {
            if let Some(cache) = cache {
                cache.write(name, &bytes, &control, &tag);
            }
            Outcome::Here(picture)
        }
        Err(error) => Outcome::Failed(format!("a tile that is no picture: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TILE: MapTile = MapTile { z: 1, x: 0, y: 0 };
    const OTHER: MapTile = MapTile { z: 1, x: 1, y: 0 };

    #[test]
    fn what_failed_waits_longer_each_time_and_holds_nothing_up() {
        let mut state = State::default();
        let start = Instant::now();
        for wait_secs in [1, 2, 4, 8] {
            state.wanted = VecDeque::from([TILE]);
            let now = state.failures.get(&TILE).map_or(start, |(_, until)| *until);
            assert_eq!(state.next(now), Ok(TILE));
            state.finish(TILE, Outcome::Failed("no".to_owned()), now);
            state.wanted = VecDeque::from([TILE, OTHER]);
            assert_eq!(state.next(now), Ok(OTHER));
            state.finish(OTHER, Outcome::Absent, now);
            state.failures.remove(&OTHER);
            state.wanted = VecDeque::from([TILE]);
            assert_eq!(state.next(now), Err(Some(now + Duration::from_secs(wait_secs))));
        }
        assert!(state.problem.is_some());
    }

    #[test]
    fn a_refused_key_lets_the_server_rest_and_a_full_shelf_waits() {
        let mut state = State::default();
        let now = Instant::now();
        state.finish(TILE, Outcome::Refused(403), now);
        state.wanted = VecDeque::from([OTHER]);
        assert_eq!(state.next(now), Err(Some(now + REFUSED_WAIT)));
        assert_eq!(state.next(now + REFUSED_WAIT), Ok(OTHER));
        let picture = Arc::new(Picture { width: 1, height: 1, rgba: vec![0; 4] });
        state.arrived = vec![(TILE, picture); MOST_WAITING];
        state.wanted = VecDeque::from([TILE]);
        assert_eq!(state.next(now + REFUSED_WAIT * 9), Err(None));
    }
}
