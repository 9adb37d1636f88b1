//! The server from outside: a real port, the real binary, and `kill -9`.

pub(crate) mod client;
mod durable;
mod port;
mod speed;
