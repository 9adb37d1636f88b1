//! Removing the photos that nobody named: uploads that were given up, files that a crash left behind.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::files::{self, Found};
use crate::clock::Clock;
use crate::server::App;
use crate::server::access::Caller;
use crate::server::problem::ApiResult;
use crate::server::writer::Write;

/// Time between two rounds.
const ROUND: Duration = Duration::from_secs(60 * 60);
/// How long a photo waits for an event that names it, by the server's clock.
const WAIT: SignedDuration = SignedDuration::from_hours(24);
/// A file without a row is left alone this long after it was written, in real time: its row may be on its way.
pub(super) const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// Tidies up now and then until the server stops.
pub(in crate::server) async fn keep_house(app: App) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        if tidy(&app, Clock::real_now()).await.is_err() {
            tracing::warn!("photos that nobody named could not be removed; tried again in an hour");
        }
    }
}

/// One round: forgets photos that no event named in time, then removes files without a row. Says how many files.
pub(in crate::server) async fn tidy(app: &App, real_now: Timestamp) -> ApiResult<usize> {
    let now = app.now();
    let before = now.saturating_sub(WAIT).unwrap_or(now);
    app.writer.write(&Caller::server(), Write::ForgetAttachments { before }).await?;
    let mut removed = 0;
    for first in 0..=u8::MAX {
        let first = format!("{first:02x}");
        let shelf = app.files.shelf(&first);
        let _nobody_writes = app.files.tidying.write().await;
        let old = off_thread(move || files::older_than(&shelf, FRESH, real_now)).await?;
        if old.is_empty() {
            continue;
        }
        // No digit comes after f.
        let kept: HashSet<String> =
            app.store.attachments_between(&first, &format!("{first}g")).await?.into_iter().collect();
        let useless = move |found: &Found| found.hash.as_ref().is_none_or(|hash| !kept.contains(hash));
        removed += off_thread(move || {
            let mut removed = 0;
            for Found { path, .. } in old.into_iter().filter(useless) {
                std::fs::remove_file(path)?;
                removed += 1;
            }
            Ok(removed)
        })
        .await?;
    }
    Ok(removed)
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> ApiResult<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(super::unkept(&error)),
        Err(_panicked) => Err(crate::server::problem::ApiError::internal()),
    }
}
