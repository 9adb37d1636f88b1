//! Keeping positions: what came a while ago is moved to tracks by patrol and hour, what is old is thinned out, what is
//! older goes.
//!
//! Everything is done in small transactions between those of the writer, and may be broken off anywhere: what is moved
//! twice is one, and nothing is removed before its copy is durable.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::App;
use super::store::packed::{Kept, unpack};
use super::store::track::{HOUR_MS, hour_of};
use super::store::{Store, StoreError};

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(30);
/// Positions that may lie as they came; whoever asks for a track reads through them.
const MOST_FRESH: u64 = 500_000;
/// How long they may lie so, by the server's clock.
const FRESH: SignedDuration = SignedDuration::from_mins(15);
/// Positions that are held in memory to be moved.
const PASS: u64 = 300_000;
/// Batches that are read at once.
const BATCHES: u32 = 200;
/// Tracks of one transaction; the writer waits for it.
const TRACKS: usize = 16;
/// Milliseconds of a day.
const DAY_MS: i64 = 24 * HOUR_MS;

/// How long positions are kept, and how many of the older ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// Older ones are deleted.
    pub days: u32,
    /// Older ones are thinned out.
    pub thin_after_days: u32,
    /// Seconds between two positions of a patrol that remain then; 0 leaves all.
    pub thin_seconds: u32,
}

impl Default for Keeping {
    /// A year, after a month one every half minute.
    fn default() -> Self {
        Self { days: 365, thin_after_days: 30, thin_seconds: 30 }
    }
}

/// Keeps until the server stops.
pub(super) async fn keep(app: App, keeping: Keeping) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let work = async {
        loop {
            ticks.tick().await;
            if let Err(error) = keep_once(&*app.store, keeping, app.now()).await {
                tracing::warn!(%error, "positions could not be put in order; trying again");
            }
        }
    };
    tokio::select! {
        () = app.stop.cancelled() => {}
        () = work => {}
    }
}

/// Does what there is to do now.
pub(super) async fn keep_once(store: &dyn Store, keeping: Keeping, now: Timestamp) -> Result<(), StoreError> {
    let (positions, oldest) = store.fresh().await?;
    let is_old = oldest.is_some_and(|oldest| now.as_millisecond() - oldest > FRESH.as_millis() as i64);
    if positions > MOST_FRESH || is_old {
        move_fresh(store).await?;
    }
    let hour = |days: u32| hour_of(now.as_millisecond() - i64::from(days) * DAY_MS);
    let every_ms = i64::from(keeping.thin_seconds) * 1_000;
    let thin_before = hour(keeping.thin_after_days);
    let mut is_done = every_ms == 0;
    while !is_done {
        let mut transaction = store.begin().await?;
        is_done = transaction.thin_tracks(thin_before, every_ms, TRACKS as u32).await? < TRACKS as u64;
        transaction.commit().await?;
    }
    is_done = false;
    while !is_done {
        let mut transaction = store.begin().await?;
        is_done = transaction.drop_tracks(hour(keeping.days), TRACKS as u32).await? < TRACKS as u64;
        transaction.commit().await?;
    }
    Ok(())
}

/// Moves what lies as it came to the tracks of its patrols.
pub(super) async fn move_fresh(store: &dyn Store) -> Result<(), StoreError> {
    loop {
        let (mut through, mut positions) = (0, 0);
        let mut tracks: BTreeMap<(i64, u32), Vec<Kept>> = BTreeMap::new();
        while positions < PASS {
            let batches = store.fresh_after(through, BATCHES).await?;
            if batches.is_empty() {
                break;
            }
            for batch in batches {
                for (patrol, kept) in unpack(&batch.packed) {
                    tracks.entry((hour_of(kept.at), patrol)).or_default().push(kept);
                }
                (through, positions) = (batch.seq, positions + batch.positions);
            }
        }
        let is_last = positions < PASS;
        let mut tracks = tracks.into_iter().peekable();
        while tracks.peek().is_some() {
            let mut transaction = store.begin().await?;
            for ((hour, patrol), kept) in tracks.by_ref().take(TRACKS) {
                transaction.merge_track(patrol, hour, kept).await?;
            }
            transaction.commit().await?;
        }
        let mut transaction = store.begin().await?;
        transaction.drop_fresh(through).await?;
        transaction.commit().await?;
        if is_last {
            return Ok(());
        }
    }
}
