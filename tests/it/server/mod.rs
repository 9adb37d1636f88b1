//! The server from outside: a real port, the real binary, and `kill -9`.

mod access;
pub(crate) mod client;
#[path = "../../../src/server/tests/cluster.rs"]
mod cluster;
mod commands;
mod durable;
mod hooks;
mod port;
mod shared;
mod speed;
mod stopping;
mod stream;
mod trouble;
