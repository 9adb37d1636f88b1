//! The one binary of integration tests: the built program and whole parts of it, from outside.

#[cfg(feature = "server")]
mod feed;
mod house;
mod http;
#[cfg(feature = "viewer")]
mod pictures;
mod reading;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "server")]
mod simulation;
#[cfg(feature = "viewer")]
mod viewer;
