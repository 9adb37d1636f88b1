//! What goes out to everyone who listens: each event is encoded once and shared.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use tokio::sync::broadcast;

use crate::governance::wire::{StreamEvent, WireError};

/// Frames held for a reader that is a little behind. One that is further behind is cut off and resumes from the store.
const CAPACITY: usize = 4_096;

/// One Server-Sent Event, encoded.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// The event's number, if it has one.
    pub(super) number: Option<u64>,
    /// Its lines, the empty one at the end included.
    pub(super) text: Bytes,
    /// When it was encoded.
    pub(super) made: Instant,
}

impl Frame {
    /// Encodes an event.
    pub(super) fn of(number: Option<u64>, event: &StreamEvent) -> Result<Self, WireError> {
        let (name, data) = (event.name(), event.data()?);
        let text = match number {
            Some(number) => format!("event: {name}\nid: {number}\ndata: {data}\n\n"),
            None => format!("event: {name}\ndata: {data}\n\n"),
        };
        Ok(Self { number, text: Bytes::from(text), made: Instant::now() })
    }
}

/// Where frames are published.
#[derive(Debug, Clone)]
pub(super) struct Hub(broadcast::Sender<Arc<Frame>>);

impl Hub {
    pub(super) fn new() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }

    /// Sends to everyone who listens.
    pub(super) fn publish(&self, frame: Frame) {
        // An error says only that nobody listens.
        let _nobody = self.0.send(Arc::new(frame));
    }

    /// Listens from now on.
    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<Frame>> {
        self.0.subscribe()
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
        let frame = Frame::of(Some(7), &event).expect("encoded");
        assert_eq!(frame.text, "event: issue_removed\nid: 7\ndata: {\"id\":\"A-1\",\"version\":4}\n\n");
        let frame = Frame::of(None, &event).expect("encoded");
        assert!(!frame.text.starts_with(b"id:") && !frame.text.windows(4).any(|window| window == b"\nid:"));
    }
}
