//! `GET /api/v1/events`: Server-Sent Events.
//!
//! A reader names the last event it has (`Last-Event-ID`, or `after` in the query where a header cannot be set); it gets
//! every later one from the store, then what comes. Without one it gets what comes from now on.
//! Positions come at the rate and within the bounds that it asks for (`positions`, `bbox`, `areas`); events of issues always come.
//! A reader that stalls is cut off, having lost nothing: it resumes from the store.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use tokio::sync::broadcast;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::App;
use super::access::{Caller, Level, revoked};
use super::hub::{Listener, Rate, Wish, encode};
use super::problem::{ApiError, ApiResult};
use super::query::bbox;
use super::store::StoreError;
use crate::governance::wire::StreamEvent;

/// Time between heartbeats; the contract says ten seconds at most.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long a reader may let what it was sent lie before it is cut off.
const STALL: Duration = Duration::from_secs(15);
/// Frames between the hub and one reader's socket.
const BUFFER: usize = 64;
/// Areas that one reader may ask for.
const MAX_AREAS: usize = 100;
/// Events that are read from the store at once.
const CHUNK: u32 = 500;

/// The event stream.
pub(super) async fn events(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let wish = wish(query.as_deref())?;
    let standing = app.rules.organisation.standing();
    for code in wish.iter().flat_map(|wish| &wish.areas) {
        if !standing.units.keys().any(|(kind, held)| kind.is_area() && held == code) {
            return Err(ApiError::unprocessable(format!("there is no area {code:?} here")));
        }
    }
    // Listening begins before the store is asked, so nothing falls between.
    let listener = app.hub.subscribe(wish);
    let last_event = app.store.last_event().await?;
    let after = match last_event_id(&headers, query.as_deref())? {
        Some(after) if after > last_event => {
            let title = "This server has not had that event";
            return Err(ApiError::new(StatusCode::GONE, "unknown-event", title)
                .with_detail(format!("Its last one is {last_event}; read a new snapshot.")));
        }
        after => after.unwrap_or(last_event),
    };
    let (sender, frames) = mpsc::channel(BUFFER);
    tokio::spawn(async move {
        let _open = app.metrics.stream();
        let stop = app.stop.clone();
        tokio::select! {
            () = stop.cancelled() => {}
            () = sender.closed() => {}
            () = revoked(app.clone(), caller.clone()) => tracing::debug!("a reader may come in no more"),
            end = follow(&app, after, caller.level(), listener, &sender) => tracing::debug!(?end, "an event stream ended"),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(ReceiverStream::new(frames).map(Ok::<_, Infallible>))).into_response())
}

/// Why a stream ended.
#[derive(Debug)]
enum End {
    /// The reader has gone.
    Gone,
    /// The reader took nothing for too long, or fell too far behind.
    Slow,
    /// The server is going.
    Stopped,
    /// The store failed.
    #[allow(dead_code, reason = "read by its Debug form in the log")]
    Store(StoreError),
}

type Sender = mpsc::Sender<Bytes>;

async fn follow(app: &App, mut after: u64, level: Level, mut listener: Listener, sender: &Sender) -> End {
    match follow_inner(app, &mut after, level, &mut listener, sender).await {
        Ok(()) => End::Stopped,
        Err(end) => end,
    }
}

async fn follow_inner(
    app: &App,
    after: &mut u64,
    level: Level,
    listener: &mut Listener,
    sender: &Sender,
) -> Result<(), End> {
    // The clock first, so that whatever follows can be dated.
    send(sender, app.heartbeat().map_err(End::Store)?.text(level)).await?;
    loop {
        let missed = app.store.events_after(*after, CHUNK).await.map_err(End::Store)?;
        let is_last = missed.len() < CHUNK as usize;
        for numbered in missed {
            let event = StreamEvent::Issue(Box::new(numbered.issue));
            let text = encode(Some(numbered.number), &event, level, app.now());
            send(sender, text.map_err(|error| End::Store(error.into()))?).await?;
            *after = numbered.number;
        }
        if is_last {
            break;
        }
    }
    loop {
        match listener.recv().await {
            // A link that is a little slower than the stream would show an old clock as the present one, and keep
            // everything in memory meanwhile: the reader comes back and takes the rest from the store.
            Ok(frame) if frame.made.elapsed() > STALL => return Err(End::Slow),
            Ok(frame) if frame.number.is_some_and(|number| number <= *after) => {}
            Ok(frame) => {
                send(sender, frame.text(level)).await?;
                *after = frame.number.unwrap_or(*after);
            }
            Err(broadcast::error::RecvError::Lagged(_)) => return Err(End::Slow),
            Err(broadcast::error::RecvError::Closed) => return Ok(()),
        }
    }
}

async fn send(sender: &Sender, text: Bytes) -> Result<(), End> {
    match tokio::time::timeout(STALL, sender.send(text)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_closed)) => Err(End::Gone),
        Err(_elapsed) => Err(End::Slow),
    }
}

/// The last event that the reader has, if it says so.
fn last_event_id(headers: &HeaderMap, query: Option<&str>) -> ApiResult<Option<u64>> {
    let number = |text: &str| {
        text.trim().parse().map(Some).map_err(|_not_a_number| {
            ApiError::bad_request(format!("the last event is {text:?}, expected a number such as 42"))
        })
    };
    if let Some(value) = headers.get("last-event-id") {
        return match value.to_str().unwrap_or("?") {
            "" => Ok(None),
            text => number(text),
        };
    }
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    match pairs.into_iter().find(|(name, _)| name == "after") {
        Some((_, value)) => number(&value),
        None => Ok(None),
    }
}

/// Which positions the reader wants: `positions` is `live` (each commit), `1s`, `5s` or `off`; bounds without a rate mean `1s`.
fn wish(query: Option<&str>) -> ApiResult<Option<Wish>> {
    let (mut rate, mut wish) = (None, Wish::default());
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "positions" => {
                rate = match &*value {
                    "live" => Some(Rate::EachCommit),
                    "1s" => Some(Rate::EverySecond),
                    "5s" => Some(Rate::EveryFiveSeconds),
                    "off" => return Ok(None),
                    _ => {
                        return Err(ApiError::bad_request(format!(
                            "positions is {value:?}, expected live, 1s, 5s or off"
                        )));
                    }
                }
            }
            "bbox" => wish.bbox = Some(bbox(&value)?),
            "areas" => {
                wish.areas = value
                    .split(',')
                    .map(str::trim)
                    .filter(|code| !code.is_empty())
                    .map(str::to_owned)
                    .collect();
                if wish.areas.is_empty() || wish.areas.len() > MAX_AREAS {
                    return Err(ApiError::bad_request(format!(
                        "areas are 1 to {MAX_AREAS} codes, separated by commas"
                    )));
                }
                wish.areas.sort_unstable();
                wish.areas.dedup();
            }
            _ => {}
        }
    }
    let has_bounds = wish.bbox.is_some() || !wish.areas.is_empty();
    let usual = if has_bounds { Rate::EverySecond } else { Rate::EachCommit };
    Ok(Some(Wish { rate: rate.unwrap_or(usual), ..wish }))
}

/// Sends heartbeats, and each second the positions, to everyone until the server stops.
pub(super) async fn beat(app: App) {
    let every = |period| {
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        ticks
    };
    let (mut beats, mut seconds) = (every(HEARTBEAT), every(Duration::from_secs(1)));
    let mut second = 0;
    loop {
        tokio::select! {
            () = app.stop.cancelled() => return,
            _ = beats.tick() => match app.heartbeat() {
                Ok(frame) => app.hub.publish(frame),
                Err(error) => tracing::error!(%error, "no heartbeat"),
            },
            _ = seconds.tick() => {
                second += 1;
                app.hub.tick(second);
            }
        }
    }
}
