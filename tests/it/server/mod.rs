//! The server from outside: a real port, the real binary, and `kill -9`.

pub(crate) mod client;
#[path = "../../../src/server/tests/cluster.rs"]
mod cluster;
mod durable;
mod port;
mod shared;
mod speed;
mod stream;
mod trouble;
