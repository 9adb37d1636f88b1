//! The real feed against a server that does everything a server can do wrong, and against ours going down and coming back.

mod clerk;
mod fake;
mod faults;
mod login;
mod restart;
mod stream;
mod tiles;
mod watch;
