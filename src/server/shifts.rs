//! Telling that shifts have ended: where somebody is may be shown within their shift alone, and whoever has the event
//! stream open shows what came last until something else comes.
//!
//! Each second by the real clock it looks whose shift has ended by the server's; each is told once, as a `patrol` with a
//! version of its own, so that a reader who has the position lets go of it, and one who resumes does not go back to it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::App;
use super::access::Caller;
use super::writer::{Write, WriteError, Written};

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(1);
/// Patrols of one write; more are taken at once by the next.
pub(super) const AT_ONCE: u32 = 500;
/// How far the clocks of servers that share a database may be apart: each masks what it sends by its own.
const APART: Duration = Duration::from_secs(1);

/// Looks until the server stops.
pub(super) async fn watch(app: App) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let work = async {
        loop {
            ticks.tick().await;
            if let Err(error) = end(&app).await {
                tracing::warn!(%error, "the end of shifts could not be told; trying again");
            }
        }
    };
    tokio::select! {
        () = app.stop.cancelled() => {}
        () = work => {}
    }
}

/// Tells of all shifts that have ended; how many.
pub(super) async fn end(app: &App) -> Result<u64, WriteError> {
    let before = settled(app);
    let mut told = 0;
    while app.store.has_ended_shift(before).await? {
        match app.writer.write(&Caller::server(), Write::EndShifts { before }).await? {
            Written::ShiftsEnded(some) if some > 0 => told += some,
            // Another server was faster.
            _ => break,
        }
    }
    Ok(told)
}

/// What every server's clock has passed.
fn settled(app: &App) -> Timestamp {
    let clock = app.rules.clock;
    if app.store.shared().is_none() {
        return clock.now();
    }
    let apart = SignedDuration::try_from_secs_f64(APART.as_secs_f64() * clock.rate()).unwrap_or_default();
    clock.now().saturating_sub(apart).unwrap_or(Timestamp::MIN)
}
