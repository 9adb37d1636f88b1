//! The one binary of integration tests: the built program and whole parts of it, from outside.

#[cfg(feature = "viewer")]
mod pictures;
#[cfg(feature = "server")]
mod feed;
mod house;
mod reading;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "viewer")]
mod viewer;
