//! What a feed hands over: one change to the situation at a time.

use jiff::Timestamp;

use super::{Issue, IssueId, Patrol, PatrolId};
use crate::clock::Clock;

/// One change to the situation. Applying the same one twice, or an older one later, changes nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// An issue as it stands; applied only if its version is higher than the one held.
    Issue(Box<Issue>),
    /// An issue is gone, as of this version.
    IssueRemoved {
        /// Which.
        id: IssueId,
        /// The tombstone's version.
        version: u64,
    },
    /// A patrol as it stands; applied only if its version is higher than the one held.
    Patrol(Box<Patrol>),
    /// A patrol is gone, as of this version.
    PatrolRemoved {
        /// Which.
        id: PatrolId,
        /// The tombstone's version.
        version: u64,
    },
    /// A whole snapshot has been read: whatever was held and is not in these lists is gone.
    SnapshotComplete {
        /// Every issue of the snapshot.
        issues: Vec<IssueId>,
        /// Every patrol of the snapshot.
        patrols: Vec<PatrolId>,
    },
    /// The server's clock.
    Clock(ServerClock),
    /// How the feed itself is doing.
    Feed(FeedState),
}

/// The server's clock, from `/health` and from each heartbeat; it travels as [`super::wire::Heartbeat`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServerClock {
    /// The clock to take the scenario time from.
    pub clock: Clock,
    /// Whether what the server holds is simulated: pictures of it carry 演示数据.
    pub simulated: bool,
}

/// How a feed is doing. Times are real time: the age of a connection is real.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedState {
    /// Trying for the first time.
    Connecting,
    /// Snapshot read, stream open.
    Live {
        /// When something, a heartbeat at least, last arrived.
        last_heard_at: Timestamp,
    },
    /// Lost; trying again.
    Lost {
        /// Since when.
        since: Timestamp,
        /// What went wrong, for people.
        reason: String,
        /// When it will be tried again.
        retry_at: Timestamp,
    },
    /// Refused for good, such as a wrong token: nothing is tried until settings change.
    Refused {
        /// What to do, for people.
        reason: String,
    },
}
