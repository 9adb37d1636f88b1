//! What goes out to everyone who listens: each event is encoded once for each level of access, and shared.
//!
//! Positions have ways of their own (`views`): whoever asks for the same rate and bounds hears the same batches.

mod views;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::body::Bytes;
use jiff::Timestamp;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use self::views::Views;
use super::access::{Level, Thing, mask_feature};
use crate::governance::PatrolId;
use crate::governance::wire::{PositionUpdate, StreamEvent, WireError};

pub(super) use views::{AreasAt, Rate, Wish};

/// Frames held for a reader that is a little behind. One that is further behind is cut off and resumes from the store.
const CAPACITY: usize = 4_096;

/// One Server-Sent Event, encoded.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// The event's number, if it has one.
    pub(super) number: Option<u64>,
    /// Its lines, the empty one at the end included, for each of [`Level::ALL`].
    texts: [Bytes; Level::ALL.len()],
    /// When it was encoded.
    pub(super) made: Instant,
}

/// What of an event is masked at a level. Each kind is named, so that nobody adds one without saying what screens see.
fn masked(event: &StreamEvent, level: Level) -> Option<Thing> {
    match event {
        StreamEvent::Issue(_) => (level == Level::Screen).then_some(Thing::Issue),
        StreamEvent::Patrol(_) => (level != Level::Whole).then_some(Thing::Patrol),
        StreamEvent::IssueRemoved(_)
        | StreamEvent::PatrolRemoved(_)
        | StreamEvent::Positions(_)
        | StreamEvent::Heartbeat(_) => None,
    }
}

/// An event as a reader of one level gets it, at this time of the server's clock.
pub(super) fn encode(
    number: Option<u64>,
    event: &StreamEvent,
    level: Level,
    now: Timestamp,
) -> Result<Bytes, WireError> {
    let mut data = event.data()?;
    if let Some(thing) = masked(event, level) {
        data = mask_feature(thing, data, level, now)?;
    }
    let name = event.name();
    Ok(Bytes::from(match number {
        Some(number) => format!("event: {name}\nid: {number}\ndata: {data}\n\n"),
        None => format!("event: {name}\ndata: {data}\n\n"),
    }))
}

impl Frame {
    /// Encodes an event that goes out at this time of the server's clock.
    pub(super) fn of(number: Option<u64>, event: &StreamEvent, now: Timestamp) -> Result<Self, WireError> {
        let whole = encode(number, event, Level::Whole, now)?;
        let mut texts = [const { Bytes::new() }; Level::ALL.len()];
        for (text, level) in texts.iter_mut().zip(Level::ALL) {
            *text = match masked(event, level) {
                Some(_) => encode(number, event, level, now)?,
                None => whole.clone(),
            };
        }
        Ok(Self { number, texts, made: Instant::now() })
    }

    /// What is sent to a reader of this level.
    pub(super) fn text(&self, level: Level) -> Bytes {
        self.texts.get(level as usize).cloned().unwrap_or_default()
    }
}

/// Where frames are published.
#[derive(Clone)]
pub(super) struct Hub(Arc<Inner>);

struct Inner {
    frames: broadcast::Sender<Arc<Frame>>,
    views: Mutex<Views>,
    areas: AreasAt,
}

impl Hub {
    /// A hub that nobody listens to yet; `areas` tells where a position lies.
    pub(super) fn new(areas: AreasAt) -> Self {
        let (frames, views) = (broadcast::Sender::new(CAPACITY), Mutex::default());
        Self(Arc::new(Inner { frames, views, areas }))
    }

    /// Sends to everyone who listens.
    pub(super) fn publish(&self, frame: Frame) {
        // An error says only that nobody listens.
        let _nobody = self.0.frames.send(Arc::new(frame));
    }

    /// Patrols have moved: told at once to whoever wants each commit, else with the next batch.
    pub(super) fn moved(&self, moves: Vec<PositionUpdate>) {
        // Encoded and sent when the views are free again.
        let due = self.views().take(moves, &self.0.areas);
        due.into_iter().for_each(views::Due::send);
    }

    /// The positions of these patrols are not to be shown any more: what waits of them is told to nobody.
    pub(super) fn hide(&self, patrols: &[PatrolId]) {
        if !patrols.is_empty() {
            self.views().hide(patrols);
        }
    }

    /// A second has passed, the `second`th: sends the batches whose time has come. Views without a reader end.
    pub(super) fn tick(&self, second: u64) {
        let due = self.views().tick(second);
        due.into_iter().for_each(views::Due::send);
    }

    /// Listens from now on; without a wish no positions come.
    pub(super) fn subscribe(&self, wish: Option<Wish>) -> Listener {
        let positions = wish.map(|wish| self.views().subscribe(wish));
        Listener { frames: self.0.frames.subscribe(), positions }
    }

    fn views(&self) -> MutexGuard<'_, Views> {
        // Nothing in there can be half done.
        self.0.views.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one reader hears.
pub(super) struct Listener {
    frames: broadcast::Receiver<Arc<Frame>>,
    positions: Option<broadcast::Receiver<Arc<Frame>>>,
}

impl Listener {
    /// The next frame. A patrol comes before its positions.
    pub(super) async fn recv(&mut self) -> Result<Arc<Frame>, RecvError> {
        let Some(positions) = &mut self.positions else { return self.frames.recv().await };
        tokio::select! {
            biased;
            frame = self.frames.recv() => frame,
            frame = positions.recv() => frame,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::IssueId;
    use crate::governance::wire::Removal;

    #[test]
    fn a_frame_is_what_the_standard_says() {
        let event = StreamEvent::IssueRemoved(Removal { id: IssueId("A-1".into()), version: 4 });
        let text = |number| {
            let frame = Frame::of(number, &event, Timestamp::UNIX_EPOCH).expect("encoded");
            frame.text(Level::Screen)
        };
        assert_eq!(text(Some(7)), "event: issue_removed\nid: 7\ndata: {\"id\":\"A-1\",\"version\":4}\n\n");
        let unnumbered = text(None);
        assert!(!unnumbered.starts_with(b"id:") && !unnumbered.windows(4).any(|window| window == b"\nid:"));
    }
}
