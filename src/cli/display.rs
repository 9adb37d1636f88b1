//! Whether there is a screen to open a window on.

use std::time::Duration;

/// How long a display on another machine may take to answer.
const ANSWER: Duration = Duration::from_secs(2);

/// Whether a window can be opened: on Linux an X server must answer where `DISPLAY` points.
///
/// A `DISPLAY` that is left over from a closed session counts as none, so that a command over ssh does not fail on it.
pub(super) fn is_present() -> bool {
    if !cfg!(all(unix, not(target_os = "macos"))) {
        return true;
    }
    std::env::var("DISPLAY").is_ok_and(|display| answers(&display))
}

/// Where an X display listens.
#[derive(Debug, PartialEq, Eq)]
enum Address {
    /// A number on this machine.
    Local(u16),
    /// A host and a port.
    Remote(String, u16),
}

/// `:0`, `:0.0`, `unix:0` or `host:10.0`.
fn parse(display: &str) -> Option<Address> {
    let (host, rest) = display.rsplit_once(':')?;
    let number: u16 = rest.split('.').next()?.parse().ok()?;
    match host {
        "" | "unix" => Some(Address::Local(number)),
        host => Some(Address::Remote(host.to_owned(), number.checked_add(6000)?)),
    }
}

#[cfg(unix)]
fn answers(display: &str) -> bool {
    use std::net::{TcpStream, ToSocketAddrs};
    use std::os::unix::net::UnixStream;

    match parse(display) {
        Some(Address::Local(number)) => UnixStream::connect(format!("/tmp/.X11-unix/X{number}")).is_ok(),
        Some(Address::Remote(host, port)) => (host.as_str(), port)
            .to_socket_addrs()
            .is_ok_and(|mut places| places.any(|place| TcpStream::connect_timeout(&place, ANSWER).is_ok())),
        None => false,
    }
}

#[cfg(not(unix))]
fn answers(_display: &str) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_are_local_or_remote() {
        assert_eq!(parse(":0"), Some(Address::Local(0)));
        assert_eq!(parse("unix:7.1"), Some(Address::Local(7)));
        assert_eq!(parse("localhost:10.0"), Some(Address::Remote("localhost".to_owned(), 6010)));
        for nonsense in ["", "0", ":x", ":99999", "host:60000"] {
            assert_eq!(parse(nonsense), None, "{nonsense}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_display_that_nobody_serves_is_none() {
        assert!(!answers(":64321"));
        assert!(!answers("nonsense"));
    }
}
