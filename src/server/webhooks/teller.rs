//! Finds out what is to be told, and writes it down.
//!
//! Three things are looked at: the log of events (who has the lead, supervision), the deadlines that came near or passed
//! since the last look, and the roster. Where the last look ended is written with what it found.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::subscription::{Held, Kind, Subscription, every};
use crate::clock::Clock;
use crate::governance::indicators::{
    Course, DUE_SOON, Facts, Moment, Presence, Standing, Transition, presence,
};
use crate::governance::{AreaCodes, Event, Step};
use crate::server::App;
use crate::server::indicators::{Courses, LIMITS, every_patrol};
use crate::server::store::StoreError;
use crate::server::store::deliveries::NewDelivery;
use crate::server::store::log::Logged;

/// Time between looks.
const LOOK: Duration = Duration::from_secs(3);
/// Time between looks at the roster.
const LOOK_AT_ROSTER: Duration = Duration::from_secs(30);
/// How often the place is written down though nothing was found.
const KEEP_PLACE: Duration = Duration::from_secs(60);
/// Events of one look; more are taken at once by the next.
const PAGE: u32 = 1_000;
/// The setting that holds the place.
const SETTING: &str = "webhooks";

/// Up to where it has looked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Place {
    event: u64,
    /// By the server's clock.
    looked_at: Timestamp,
}

/// Who or what it is about, for filters.
enum About {
    Issue(Arc<Facts>),
    Patrol(AreaCodes),
}

/// Something to be told to whoever wants it.
struct Notice {
    kind: Kind,
    subject: String,
    /// Since when it is so, by the server's clock.
    since: Timestamp,
    about: About,
    data: Value,
}

/// Keeps the place.
#[derive(Default)]
pub(in crate::server) struct Teller {
    place: Option<Place>,
    looked_at_roster: Option<Instant>,
    kept_place: Option<Instant>,
}

/// Looks until the server stops.
pub(super) async fn run(app: &App, news: &Notify) {
    let mut teller = Teller::default();
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match teller.look(app).await {
            Ok(0) => {}
            Ok(_found) => news.notify_one(),
            Err(error) => tracing::error!(%error, "what webhooks are to be told could not be looked for"),
        }
    }
}

impl Teller {
    /// Looks once at everything that is new; returns how many deliveries came of it.
    pub(in crate::server) async fn look(&mut self, app: &App) -> Result<usize, StoreError> {
        let held = every(&*app.store).await?;
        let Some(earliest) = held.iter().map(|held| held.subscription.created_at).min() else { return Ok(0) };
        let mut found = 0;
        loop {
            let place = match self.place {
                Some(place) => place,
                None => stored_place(app).await?.unwrap_or(Place { event: 0, looked_at: earliest }),
            };
            let page = app.store.log_after(place.event, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            let now = app.now();
            let next = Place { event: page.last().map_or(place.event, |last| last.number), looked_at: now };
            let look = move |courses: &Courses| notices(courses, page, place.looked_at.min(now), now);
            let mut notices = app.ledger.look(&*app.store, look).await??;
            if is_last {
                notices.extend(self.roster(app, &held, now).await?);
            }
            found += self.write(app, &held, notices, next).await?;
            self.place = Some(next);
            if is_last {
                return Ok(found);
            }
        }
    }

    async fn roster(&mut self, app: &App, held: &[Held], now: Timestamp) -> Result<Vec<Notice>, StoreError> {
        let is_wanted = held.iter().any(|held| held.subscription.wants(Kind::SilentPatrol, now));
        let is_time = self.looked_at_roster.is_none_or(|looked| looked.elapsed() >= LOOK_AT_ROSTER);
        if !is_wanted || !is_time {
            return Ok(Vec::new());
        }
        self.looked_at_roster = Some(Instant::now());
        let patrols = every_patrol(&*app.store).await?;
        let silent = patrols.into_iter().filter_map(|patrol| {
            let presence = presence(&patrol, now, LIMITS)
                .filter(|presence| !matches!(presence, Presence::Present | Presence::Expected))?;
            let duty = patrol.duty?;
            let data = json!({
                "patrol": patrol.id,
                "presence": presence,
                "kind": patrol.kind,
                "areas": patrol.areas,
                "duty": duty,
                "last_at": patrol.fix.map(|fix| fix.at),
                "battery_percent": patrol.fix.and_then(|fix| fix.battery_percent),
                "href": format!("/api/v1/patrols/{}", patrol.id),
            });
            Some(Notice {
                kind: Kind::SilentPatrol,
                subject: format!("silent:{}:{}", patrol.id, duty.from.as_millisecond()),
                since: now,
                about: About::Patrol(patrol.areas),
                data,
            })
        });
        Ok(silent.collect())
    }

    /// Writes deliveries and the place in one transaction.
    async fn write(
        &mut self,
        app: &App,
        held: &[Held],
        notices: Vec<Notice>,
        place: Place,
    ) -> Result<usize, StoreError> {
        let deliveries: Vec<NewDelivery> =
            notices.iter().flat_map(|notice| held.iter().filter_map(|held| delivery(held, notice))).collect();
        if deliveries.is_empty() && self.kept_place.is_some_and(|kept| kept.elapsed() < KEEP_PLACE) {
            return Ok(0);
        }
        let mut transaction = app.store.begin().await?;
        let mut added = 0;
        for delivery in &deliveries {
            added += usize::from(transaction.add_delivery(delivery).await?);
        }
        transaction.set_setting(SETTING, &serde_json::to_string(&place)?).await?;
        transaction.commit().await?;
        self.kept_place = Some(Instant::now());
        Ok(added)
    }
}

async fn stored_place(app: &App) -> Result<Option<Place>, StoreError> {
    let text = app.store.begin().await?.setting(SETTING).await?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

fn delivery(held: &Held, notice: &Notice) -> Option<NewDelivery> {
    let Held { id, subscription, .. } = held;
    let takes = |subscription: &Subscription| match &notice.about {
        About::Issue(facts) => subscription.takes_issue(facts),
        About::Patrol(areas) => subscription.takes_patrol(areas),
    };
    if !subscription.wants(notice.kind, notice.since) || !takes(subscription) {
        return None;
    }
    let kind = notice.kind.name();
    let body = json!({ "type": kind, "timestamp": notice.since, "data": notice.data });
    Some(NewDelivery {
        id: format!("msg_{}", uuid::Uuid::now_v7().simple()),
        webhook: id.clone(),
        subject: notice.subject.clone(),
        kind,
        body: body.to_string(),
        made_at: Clock::real_now(),
    })
}

/// What a page of events and the time since the last look have brought.
fn notices(
    courses: &Courses,
    page: Vec<Logged>,
    looked_at: Timestamp,
    now: Timestamp,
) -> Result<Vec<Notice>, StoreError> {
    let mut notices = Vec::new();
    for Logged { number, seq, event, .. } in page {
        let event: Event = serde_json::from_str(&event)?;
        let Some(course) = courses.get(seq) else { continue };
        let kind = match event.step {
            Step::Dispatch | Step::Reassign => Some(Kind::Dispatched),
            Step::Supervise => Some(Kind::Supervised),
            _ => None,
        };
        let after = usize::try_from(event.version).ok().and_then(|version| version.checked_sub(1));
        let transition = after.and_then(|index| course.transitions().get(index));
        if let Some((kind, transition)) = kind.zip(transition) {
            let subject = format!("event:{number}");
            notices.push(of_issue(kind, subject, event.recorded_at, course, transition));
        }
        // An event may set a deadline that lies before the place up to which deadlines were looked at.
        if event.due_at.is_some() {
            notices.extend(deadline(course, now, event.recorded_at));
        }
    }
    for course in courses.all() {
        notices.extend(deadline(course, now, Timestamp::MIN).filter(|notice| notice.since >= looked_at));
    }
    Ok(notices)
}

/// That a deadline is near or has passed, since `earliest` at the earliest. It is told once for each deadline.
fn deadline(course: &Course, now: Timestamp, earliest: Timestamp) -> Option<Notice> {
    let standing = course.at(Moment::of(now)).filter(Standing::is_running)?;
    let due_at = standing.last.due_at?;
    let near_at = due_at.checked_sub(DUE_SOON).ok()?.max(standing.first.happened_at);
    let (kind, word, came_at) = match due_at < now {
        true => (Kind::Overdue, "overdue", due_at),
        false if near_at <= now => (Kind::DueSoon, "due_soon", near_at),
        false => return None,
    };
    let subject = format!("{word}:{}:{}", course.id, due_at.as_millisecond());
    Some(of_issue(kind, subject, came_at.max(earliest), course, standing.last))
}

fn of_issue(kind: Kind, subject: String, since: Timestamp, course: &Course, at: &Transition) -> Notice {
    let data = json!({
        "issue": course.id,
        "title": course.title,
        "state": at.state,
        "class": at.facts.class,
        "community": at.facts.community,
        "grid": at.facts.grid,
        "compound": at.facts.compound,
        "department": at.facts.department,
        "officer": at.facts.officer,
        "due_at": at.due_at,
        "href": format!("/api/v1/issues/{}", course.id),
    });
    Notice { kind, subject, since, about: About::Issue(Arc::clone(&at.facts)), data }
}
