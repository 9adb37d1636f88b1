//! Indicators over HTTP: figures with the counts behind them, the cases behind each figure, and who is on duty.
//!
//! ```text
//! GET /api/v1/indicators?period=month&by=department         figures, each with a link to its cases
//! GET /api/v1/indicators/overdue/cases?department=…          those cases, in pages
//! GET /api/v1/duty?silent_after_secs=900                     who is seen of those who ought to be out
//! ```
//!
//! What a figure means is in [`crate::governance::indicators`]. The [`Ledger`] keeps the course of every issue in memory
//! and reads what is new from the store each time somebody asks, so several processes on one database say the same.

mod answer;
mod cases;
mod duty;
mod ledger;
mod question;

use axum::Router;
use axum::routing::get;

pub(super) use duty::{LIMITS, every_patrol};
pub(super) use ledger::{Courses, Ledger};

use super::App;

/// The routes of this module.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/indicators", get(answer::indicators))
        .route("/api/v1/indicators/{figure}/cases", get(cases::cases))
        .route("/api/v1/duty", get(duty::duty))
}
