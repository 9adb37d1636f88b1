//! Where several servers share a database, each learns from it what any of them wrote, itself included, and publishes
//! that: events of issues in the order of their numbers, everything else in the order of commits. What was edited of the
//! organisation is in effect here before.
//!
//! A notification says only that there is something; even without one it looks every second.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::hub::{Frame, Hub};
use super::store::{Shared, Store, StoreError};
use super::writer::Rules;
use crate::governance::wire::StreamEvent;

/// How long it waits for a notification before it looks all the same, and before it tries again what failed.
const EVERY: Duration = Duration::from_secs(1);
/// Time between two times of forgetting.
const FORGET_EVERY: Duration = Duration::from_secs(20);
/// Events that are read at once.
const CHUNK: u32 = 500;

/// How far one server has published.
pub(super) struct Follower {
    last_event: u64,
    last_told: i64,
}

impl Follower {
    /// Begins behind what is there now: to be made before anybody is let in.
    pub(super) async fn new(store: &dyn Shared) -> Result<Self, StoreError> {
        Ok(Self { last_event: store.last_event().await?, last_told: store.last_told().await? })
    }

    /// Publishes until it is told to stop.
    pub(super) async fn run(
        mut self,
        store: Arc<dyn Store>,
        hub: Hub,
        rules: Arc<Rules>,
        stop: CancellationToken,
    ) {
        let Some(shared) = store.shared() else { return };
        let news = Notify::new();
        let listening = async {
            loop {
                if let Err(error) = shared.listen(&news).await {
                    tracing::warn!(%error, "notifications cannot be heard; looking every second");
                }
                tokio::time::sleep(EVERY).await;
            }
        };
        let publishing = async {
            loop {
                // Whether it was notified or has waited long enough: it looks.
                let _either = tokio::time::timeout(EVERY, news.notified()).await;
                if let Err(error) = self.publish(shared, &hub, &rules).await {
                    tracing::error!(%error, "what other servers wrote cannot be read");
                    tokio::time::sleep(EVERY).await;
                }
            }
        };
        let forgetting = async {
            loop {
                tokio::time::sleep(FORGET_EVERY).await;
                if let Err(error) = shared.forget_told().await {
                    tracing::warn!(%error, "what was told cannot be forgotten");
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = listening => {}
            () = publishing => {}
            () = forgetting => {}
        }
    }

    /// Publishes what is new.
    pub(super) async fn publish(
        &mut self,
        store: &dyn Shared,
        hub: &Hub,
        rules: &Rules,
    ) -> Result<(), StoreError> {
        let clock = rules.clock;
        rules.organisation.follow(store).await?;
        loop {
            let events = store.events_after(self.last_event, CHUNK).await?;
            let is_last = events.len() < CHUNK as usize;
            for event in events {
                let told = StreamEvent::Issue(Box::new(event.issue));
                hub.publish(Frame::of(Some(event.number), &told, clock.now())?);
                self.last_event = event.number;
            }
            if is_last {
                break;
            }
        }
        // After a crash of the database the order of what was told begins anew.
        let last_told = store.last_told().await?;
        if (1..self.last_told).contains(&last_told) {
            self.last_told = 0;
        }
        loop {
            let told = store.told_after(self.last_told, CHUNK).await?;
            if told.is_empty() {
                break;
            }
            for told in told {
                match told.event {
                    Some(StreamEvent::Positions(moves)) => hub.moved(moves),
                    Some(event) => {
                        let now = clock.now();
                        hub.publish(Frame::of(None, &event, now)?);
                        if let StreamEvent::Patrol(patrol) = event
                            && patrol.is_after_shift(now)
                        {
                            hub.hide(&[patrol.id]);
                        }
                    }
                    None => {}
                }
                self.last_told = told.seq;
            }
        }
        Ok(())
    }
}
