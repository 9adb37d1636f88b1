//! How what happens reaches us: a snapshot over HTTP, then the stream of events, for as long as it takes.
//!
//! ```text
//! transport (bytes) → snapshot (pages) ┐
//!                   → events (SSE)     ┴→ live → outlet (bounded) → Feed::drain → Situation::apply_all → Changes
//! ```
//!
//! - [`events`] and [`snapshot`] are pure: bytes in, values out. [`transport`] is the seam to whatever carries the bytes.
//! - `live` connects, reads, follows, and connects again; it runs on one named thread with a runtime of its own ([`Feed`]).
//! - [`Clerk`] runs errands of whoever sits before the picture: to log in, the events of an issue, a step to be taken.
//! - [`Situation`] holds what was delivered, and tells what changed.
//!
//! What a server can do wrong ends a session, with a reason in [`crate::governance::FeedState`], or costs a single feature or event,
//! counted in [`Feed::skipped`]; it never ends the feed, which waits for a log-in where its token is refused.

mod backoff;
#[cfg(not(target_arch = "wasm32"))]
mod clerk;
mod delivery;
#[cfg(not(target_arch = "wasm32"))]
mod errands;
pub mod events;
mod held;
mod situation;
pub mod snapshot;
pub mod transport;

#[cfg(not(target_arch = "wasm32"))]
mod http;
#[cfg(not(target_arch = "wasm32"))]
mod live;
#[cfg(not(target_arch = "wasm32"))]
mod outlet;
#[cfg(not(target_arch = "wasm32"))]
mod post;
#[cfg(not(target_arch = "wasm32"))]
mod thread;
#[cfg(not(target_arch = "wasm32"))]
mod tiles;

#[cfg(not(target_arch = "wasm32"))]
pub use clerk::{ClassOffer, Clerk, Entry, Errand, ErrandError, Me, MeKind, Outcome, Report, Secret};
pub use delivery::Delivery;
#[cfg(not(target_arch = "wasm32"))]
pub use errands::Errands;
pub use held::Gone;
#[cfg(not(target_arch = "wasm32"))]
pub use post::Post;
pub use situation::{Changes, PatrolTrail, Situation, TrailPoint};
#[cfg(not(target_arch = "wasm32"))]
pub use thread::{Feed, FeedConfig, FeedError, Hand};
#[cfg(not(target_arch = "wasm32"))]
pub use tiles::{Levels, Tiles};
