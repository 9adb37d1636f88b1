//! Where patrols went: fresh positions lie as they came, many patrols to a row; older ones lie by patrol and hour.
//!
//! A position may lie in both for a moment, and is one all the same: of each moment a patrol has one position.

use jiff::Timestamp;

use super::Answer;
use super::packed::Kept;
use crate::governance::{Fix, PatrolId};

/// Positions as they came with one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct FreshBatch {
    pub(in crate::server) seq: i64,
    pub(in crate::server) recorded_at: i64,
    pub(in crate::server) positions: u64,
    /// See [`super::packed`].
    pub(in crate::server) packed: Vec<u8>,
}

/// Tracks, read.
pub(in crate::server) trait Tracks {
    /// The positions of a patrol from one moment to another, both included, in the order of time; `None` if there is
    /// no such patrol.
    fn track<'a>(&'a self, id: &'a PatrolId, from: Timestamp, to: Timestamp) -> Answer<'a, Option<Vec<Fix>>>;
    /// How many positions lie as they came, and when the oldest of them came.
    fn fresh(&self) -> Answer<'_, (u64, Option<i64>)>;
    /// Fresh batches after a place, at most `limit` of them.
    fn fresh_after(&self, seq: i64, limit: u32) -> Answer<'_, Vec<FreshBatch>>;
}

/// Tracks, written.
pub(in crate::server) trait WriteTracks {
    /// Adds positions of one patrol (its place in the order of arrival) and hour to those that are there.
    fn merge_track(&mut self, patrol: u32, hour: i64, kept: Vec<Kept>) -> Answer<'_, ()>;
    /// Removes the fresh batches up to this place; what was in them lies in tracks now.
    fn drop_fresh(&mut self, through: i64) -> Answer<'_, ()>;
    /// Thins out hours before this one that have not been, at most `limit` of them; says how many.
    fn thin_tracks(&mut self, before_hour: i64, every_ms: i64, limit: u32) -> Answer<'_, u64>;
    /// Removes hours before this one, at most `limit` of them; says how many.
    fn drop_tracks(&mut self, before_hour: i64, limit: u32) -> Answer<'_, u64>;
}
