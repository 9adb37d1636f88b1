//! Raster tiles over HTTP: asked for by what is in view, kept on the disk, decoded beside the picture.
//!
//! One named thread with a runtime of its own. Who looks says which tiles it lacks ([`Tiles::want`]); the newest list
//! replaces the one before, so that nothing queues up behind a camera that has long moved on, and holds until its tiles
//! are there: `queue` says what is next and what waits. What is on the disk is shown at once and asked about afterwards;
//! without a network nothing else comes, and nothing waits for it.

mod ask;
mod cache;
mod queue;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use self::ask::{MOST_SIDE, ask};
use self::cache::Cache;
use self::queue::{Job, Outcome, Queue};
use crate::config::BaseMap;
use crate::geo::MapTile;
use crate::picture::{self, Picture};

/// The name of the thread.
const THREAD_NAME: &str = "yunfushan-tiles";

/// A tile's picture, then the same in halves down to one texel; all square.
pub type Levels = Arc<[Picture]>;

/// Tiles that come over HTTP.
#[derive(Debug)]
pub struct Tiles {
    shared: Arc<Shared>,
    cancel: CancellationToken,
}

type Notifier = Box<dyn Fn() + Send>;

struct Shared {
    queue: Mutex<Queue>,
    changed: Notify,
    notify: Mutex<Option<Notifier>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, tile: MapTile, outcome: Outcome) {
        let has_arrived = self.queue().finish(tile, outcome, Instant::now());
        let notify = self.notify.lock().unwrap_or_else(PoisonError::into_inner);
        if let (true, Some(notify)) = (has_arrived, notify.as_ref()) {
            notify();
        }
    }
}

impl Tiles {
    /// Starts fetching, with a folder for what is kept; without one nothing is kept.
    ///
    /// # Errors
    /// Where the machine gives no thread, or no HTTP client can be made.
    pub fn start(map: BaseMap, folder: Option<PathBuf>) -> std::io::Result<Self> {
        let client = ask::client().map_err(std::io::Error::other)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let shared =
            Arc::new(Shared { queue: Mutex::default(), changed: Notify::new(), notify: Mutex::default() });
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
        *self.shared.notify.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(notify));
    }

    /// Says which tiles are lacking, the most wanted first; earlier lists are forgotten.
    pub fn want(&self, tiles: impl IntoIterator<Item = MapTile>) {
        self.shared.queue().want(tiles);
        self.shared.changed.notify_one();
    }

    /// Takes what has arrived; nothing of a tile that the server does not have. A tile from the disk may come again, newer.
    pub fn take(&self) -> Vec<(MapTile, Option<Levels>)> {
        let arrived = self.shared.queue().take();
        if !arrived.is_empty() {
            self.shared.changed.notify_one();
        }
        arrived
    }

    /// What is wrong, in words without the address, until something comes again.
    pub fn problem(&self) -> Option<String> {
        self.shared.queue().problem()
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
        let wait = match shared.queue().next(Instant::now()) {
            Ok(Job::Look(tile)) => Ok(tile),
            Ok(Job::Ask(tile)) => {
                running.push(async move { (tile, ask(tile, map, client, cache).await) });
                continue;
            }
            Err(when) => Err(when),
        };
        let wait = match wait {
            Ok(tile) => {
                shared.finish(tile, look(tile, map, cache));
                Duration::ZERO
            }
            Err(Some(when)) => when.saturating_duration_since(Instant::now()),
            Err(None) => Duration::from_secs(3600),
        };
        tokio::select! {
            Some((tile, outcome)) = running.next(), if !running.is_empty() => shared.finish(tile, outcome),
            () = shared.changed.notified(), if !wait.is_zero() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// What the disk has of a tile. What is broken there goes, so that the server is asked for all of it.
fn look(tile: MapTile, map: &BaseMap, cache: Option<&Cache>) -> Outcome {
    let Some((cache, name)) = cache.map(|cache| (cache, map.name(tile))) else { return Outcome::NotHeld };
    let Some(held) = cache.read(&name) else { return Outcome::NotHeld };
    match picture::decode(&held.bytes, MOST_SIDE) {
        Ok(picture) => Outcome::Held { levels: levels(&picture, map.tile_px), is_fresh: held.is_fresh },
        Err(error) => {
            tracing::debug!("a tile on the disk is broken, and goes: {error}");
            cache.remove(&name);
            Outcome::NotHeld
        }
    }
}

/// A square picture no larger than wanted, and its halves.
fn levels(picture: &Picture, most_px: u32) -> Levels {
    let mut side = picture.width.min(picture.height).clamp(1, most_px.max(1));
    let mut levels = vec![picture.shrunk(side)];
    while side > 1 {
        side /= 2;
        levels.extend(levels.last().map(|above| above.shrunk(side)));
    }
    levels.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_comes_in_halves_down_to_its_mean() {
        let picture = Picture { width: 4, height: 4, rgba: [0, 0, 0, 255, 100, 50, 20, 255].repeat(8) };
        let sides = |most| levels(&picture, most).iter().map(|level| level.width).collect::<Vec<_>>();
        assert_eq!((sides(256), sides(2)), (vec![4, 2, 1], vec![2, 1]));
        assert_eq!(levels(&picture, 256)[2].rgba, [50, 25, 10, 255]);
        let wide = Picture { width: 3, height: 1, rgba: vec![9; 12] };
        assert_eq!(levels(&wide, 256).iter().map(|l| (l.width, l.height)).collect::<Vec<_>>(), [(1, 1)]);
    }
}
