//! What a store has that several servers share: how each of them learns what any of them wrote.

use tokio::sync::Notify;

use super::{Answer, Store};
use crate::governance::wire::StreamEvent;

/// Something without a number that a server told.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::server) struct Told {
    /// Its place in the order of commits.
    pub(in crate::server) seq: i64,
    /// What; `None` if a newer server says what this one does not know.
    pub(in crate::server) event: Option<StreamEvent>,
}

/// A store that several servers share.
pub(in crate::server) trait Shared: Store {
    /// Notes every commit of any server, until the connection fails.
    fn listen<'a>(&'a self, news: &'a Notify) -> Answer<'a, ()>;
    /// The place of what was told last.
    fn last_told(&self) -> Answer<'_, i64>;
    /// What was told after this place, at most `limit` of it.
    fn told_after(&self, seq: i64, limit: u32) -> Answer<'_, Vec<Told>>;
    /// Forgets what everybody has had time to read.
    fn forget_told(&self) -> Answer<'_, ()>;
}
