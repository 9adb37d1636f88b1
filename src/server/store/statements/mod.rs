//! The statements, written once and compiled for each database (`sqlite/mod.rs`, `postgres/mod.rs` include this file).
//!
//! What really differs comes from the including module: [`Engine`] and its types, how a transaction begins, how rows
//! are locked, how a list of ids is asked for. Everything else is portable: `$1, $2, …`, `i64` for every whole number
//! (through [`integer`] and [`number`]), truth as 0 or 1, `ON CONFLICT`, no functions that one of the two lacks.
//! A new subject is a file here, a trait that [`super::super::Store`] or [`super::super::Transaction`] inherits, and a
//! migration for each database.

mod read;
#[allow(dead_code, reason = "accounts and rosters, which keep records, come next")]
mod records;
mod rows;
mod write;

use super::{
    Engine, EngineConnection, EnginePool, EngineRow, EngineStore, LOCKED, begin_reading, begin_writing,
    lock_patrols, push_ids,
};

use rows::{PATROL_COLUMNS, integer, patrol_from_row};
pub(super) use rows::{last_event, number};
use write::Writing;
