//! A believable day in the neighbourhood, from a seed, over HTTP like any client.
//!
//! ```text
//! place + tables → Setting (roads, sites, cast, rules) → Planner → Day (lives, tracks), history
//!                                                                   ↓ what is due by the server's clock
//!                                                        Driver → POST issues, steps, positions, history
//! ```
//!
//! Planning is pure: [`Planner`] gives the same days for the same seed, start and place, and every life that it writes is
//! one that the rules of [`crate::governance`] allow, for it is written by them.
//!
//! - `network`, `sites`: where one can go, and where things happen. `cast`: who is there. `catalogue`: what is known of
//!   each class, as data.
//! - `author`, `life`: one issue from its report to its end. `track`: one patrol through its shift, by way of the issues
//!   that it finds, handles and checks. `planner`: day after day.
//! - `client`, `driver`, `simulator`: the requests, when to make them, and the thread on which that happens.
//!
//! The server decides: its clock, its deadlines, its refusals. The simulation knows nobody but the API.

mod author;
mod cast;
mod catalogue;
mod client;
mod diary;
mod driver;
mod life;
mod network;
mod planner;
mod setting;
mod simulator;
mod sites;
#[cfg(test)]
mod tests;
mod track;

use std::time::Duration;

use url::Url;

pub use cast::{Cast, Member};
pub use life::{Entry, Life};
pub use planner::{Day, HISTORY_DAYS, Planner};
pub use setting::Setting;
pub use simulator::{SimulationConfig, Simulator};
pub use track::Track;

/// Why a simulation cannot start, or has ended.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The manifest of the place lacks a table.
    #[error("place.toml names no {0} under [files]; a simulation needs classes, people and roster")]
    NoTable(&'static str),
    /// A table cannot be used.
    #[error("the {which} cannot be used: {reason}")]
    Table {
        /// Which.
        which: &'static str,
        /// Why.
        reason: String,
    },
    /// The zone is not known.
    #[error("time_zone in place.toml is {0:?}, expected a name such as Asia/Shanghai")]
    Zone(String),
    /// Nobody is on the roster.
    #[error("the roster names no patrol whose post is among the people")]
    NoPatrols,
    /// There is nothing to walk on.
    #[error("the place has no roads; name a file with them as ways under [files] in place.toml")]
    NoRoads,
    /// The address is not one of HTTP.
    #[error("an API is reached by http or https: {0}")]
    Scheme(Url),
    /// The HTTP client could not be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
    /// The thread or its runtime could not be made.
    #[error("the thread of the simulation cannot be started: {0}")]
    Thread(std::io::Error),
    /// The server refuses for good.
    #[error("the simulation has ended: {0}")]
    Ended(String),
    /// It took too long.
    #[error("the simulation was not ready within {0:?}; is the server there?")]
    NotReady(Duration),
}
