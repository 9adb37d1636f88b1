//! Sends what waits, and writes down what came of it.
//!
//! Whoever sends first claims what it sends, so that two servers on one database never send the same at once; a claim that
//! ends with its server is over after a minute.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::subscription::{Held, Subscription, every};
use super::{Courier, Parcel, sign};
use crate::clock::Clock;
use crate::server::App;
use crate::server::store::StoreError;
use crate::server::store::deliveries::{Attempt, Standing, Waiting};

/// Time between looks, where nobody says that there is something.
const LOOK: Duration = Duration::from_secs(5);
/// Deliveries that are looked at, sent at once, and of them to one webhook: a slow one must not hold up the others.
const LOOKED_AT: u32 = 200;
const AT_ONCE: usize = 8;
const AT_ONCE_TO_ONE: usize = 2;
/// How long a claim holds: longer than a courier takes.
const CLAIM: SignedDuration = SignedDuration::from_secs(60);
/// The waits after the first attempt, the second, …; the last one again and again.
const WAITS_SECS: [i64; 8] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400];
/// How long it is tried.
const TRIED: SignedDuration = SignedDuration::from_hours(24);
/// How long a paused webhook is left alone before it is looked at again.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// How long the log is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Sends until the server stops.
pub(super) async fn run(app: &App, courier: &Courier, news: &Notify) {
    let work = async {
        forget(app).await;
        loop {
            match send_waiting(app, courier, Clock::real_now()).await {
                Ok(0) => {
                    // Whether by news or by time does not matter.
                    let _either = tokio::time::timeout(LOOK, news.notified()).await;
                }
                Ok(_sent) => {}
                Err(error) => {
                    tracing::error!(%error, "webhooks cannot be sent now");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    };
    tokio::select! {
        () = app.stop.cancelled() => {}
        () = work => {}
    }
}

async fn forget(app: &App) {
    let forgotten = async {
        let now = Clock::real_now();
        let mut transaction = app.store.begin().await?;
        transaction.forget_deliveries(now.saturating_sub(KEPT).unwrap_or(now)).await?;
        transaction.commit().await
    };
    if let Err(error) = forgotten.await {
        tracing::warn!(%error, "old deliveries are not forgotten yet");
    }
}

/// Sends a few of those that wait at `now`; returns how many it dealt with.
pub(in crate::server) async fn send_waiting(
    app: &App,
    courier: &Courier,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let waiting = app.store.waiting(now, LOOKED_AT).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let held: HashMap<String, Subscription> = every(&*app.store)
        .await?
        .into_iter()
        .map(|Held { id, subscription, .. }| (id, subscription))
        .collect();
    let mut transaction = app.store.begin().await?;
    let mut claimed: Vec<(Waiting, &Subscription)> = Vec::new();
    let mut dealt_with = 0;
    for waiting in waiting {
        let later = |by| Standing::Waiting(now.saturating_add(by).unwrap_or(now));
        match held.get(&waiting.webhook) {
            None => transaction.note_delivery(waiting.seq, None, Standing::GivenUp).await?,
            Some(_) if is_over(&waiting, now) => {
                transaction.note_delivery(waiting.seq, None, Standing::GivenUp).await?;
            }
            Some(subscription) if subscription.paused => {
                transaction.note_delivery(waiting.seq, None, later(PAUSE)).await?;
            }
            Some(subscription) => {
                let to_one = claimed.iter().filter(|(other, _)| other.webhook == waiting.webhook).count();
                if claimed.len() == AT_ONCE || to_one == AT_ONCE_TO_ONE {
                    continue;
                }
                if transaction.claim_delivery(&waiting, now.saturating_add(CLAIM).unwrap_or(now)).await? {
                    claimed.push((waiting, subscription));
                }
            }
        }
        dealt_with += 1;
    }
    transaction.commit().await?;

    let attempts = join_all(claimed.iter().map(|(waiting, to)| send(courier, waiting, to, now))).await;
    let mut transaction = app.store.begin().await?;
    for ((waiting, to), attempt) in claimed.iter().zip(attempts) {
        let is_taken = attempt.status.is_some_and(|status| (200..300).contains(&status));
        let next_at = next_at(waiting, now);
        let standing = match (is_taken, next_at) {
            (true, _) => Standing::Done,
            (false, Some(next_at)) => Standing::Waiting(next_at),
            (false, None) => Standing::GivenUp,
        };
        if !is_taken {
            let (status, error) = (attempt.status, attempt.error.as_deref());
            tracing::warn!(
                webhook = waiting.webhook,
                host = to.url.host_str(),
                status,
                error,
                "a webhook was not taken"
            );
        }
        transaction.note_delivery(waiting.seq, Some((waiting.attempts + 1, &attempt)), standing).await?;
    }
    transaction.commit().await?;
    Ok(dealt_with)
}

fn is_over(waiting: &Waiting, now: Timestamp) -> bool {
    now.duration_since(waiting.made_at) > TRIED
}

/// When it is sent again after this attempt in vain; `None` if that would be after more than a day.
fn next_at(waiting: &Waiting, now: Timestamp) -> Option<Timestamp> {
    let attempt = usize::try_from(waiting.attempts).unwrap_or_default().min(WAITS_SECS.len() - 1);
    let next = now.checked_add(SignedDuration::from_secs(*WAITS_SECS.get(attempt)?)).ok()?;
    (next.duration_since(waiting.made_at) <= TRIED).then_some(next)
}

async fn send(courier: &Courier, waiting: &Waiting, to: &Subscription, now: Timestamp) -> Attempt {
    let timestamp = now.as_second();
    let Some(signature) = sign::signature(&to.secret, &waiting.id, timestamp, &waiting.body) else {
        return Attempt { at: now, status: None, error: Some("the secret cannot be used".to_owned()) };
    };
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", waiting.id.clone()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ];
    let parcel = Parcel { url: to.url.clone(), headers, body: waiting.body.clone() };
    match courier(parcel).await {
        Ok(status) => Attempt { at: now, status: Some(i64::from(status)), error: None },
        Err(error) => Attempt { at: now, status: None, error: Some(error) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_grow_and_end_after_a_day() {
        let begin: Timestamp = "2026-09-15T02:00:00Z".parse().expect("a time");
        let mut waiting = Waiting {
            seq: 1,
            id: String::new(),
            webhook: String::new(),
            body: String::new(),
            made_at: begin,
            attempts: 0,
        };
        let mut times = vec![begin];
        while let Some(next) = times.last().and_then(|now| next_at(&waiting, *now)) {
            times.push(next);
            waiting.attempts += 1;
        }
        let waits: Vec<i64> =
            times.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs()).collect();
        assert_eq!(waits, [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 14_400, 14_400, 14_400, 14_400]);
    }
}
