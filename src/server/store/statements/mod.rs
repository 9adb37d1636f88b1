//! The statements, written once and compiled for each database (`sqlite/mod.rs`, `postgres/mod.rs` include this file).
//!
//! What really differs comes from the including module: [`Engine`] and its types, how a transaction begins, how a
//! list of ids is asked for. Nobody else writes while a [`Writing`] is open, whatever the database. Everything else is portable: `$1, $2, …`, `i64` for every whole number
//! (through [`integer`] and [`number`]), truth as 0 or 1, `ON CONFLICT`, no functions that one of the two lacks.
//! A new subject is a file here, a trait that [`super::super::Store`] or [`super::super::Transaction`] inherits, and a
//! migration for each database.

mod access;
mod access_write;
mod attachments;
mod deliveries;
mod doctor;
mod doctor_access;
mod filtered;
mod log;
mod read;
mod records;
mod rows;
mod tracks;
mod visits;
mod write;

use super::{
    Engine, EngineConnection, EnginePool, EngineRow, EngineStore, SIZE, before_commit, begin_reading,
    begin_writing, push_ids, push_words, shared, tell, write_words,
};

pub(in crate::server::store) use doctor::examine;
use rows::{PATROL_COLUMNS, integer, last_event, number, patrol_from_row};
use write::Writing;
