//! What the operating system knows of this process: its age, its memory, and when it is to end.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

static STARTED: OnceLock<(Instant, Duration)> = OnceLock::new();

/// Remembers when the process began, as early as possible.
pub(super) fn note_start() {
    STARTED.get_or_init(|| (Instant::now(), age_from_system().unwrap_or_default()));
}

/// How long the process has been running, from its very start where the system tells that.
#[cfg_attr(not(feature = "viewer"), allow(dead_code, reason = "only measuring asks"))]
pub(super) fn age() -> Duration {
    STARTED.get().map(|(noted, before)| noted.elapsed() + *before).unwrap_or_default()
}

/// From `/proc`: the system's uptime less the start time of this process, in steps of 10 ms.
fn age_from_system() -> Option<Duration> {
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let uptime_secs: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The 22nd field, counted after the name in brackets, in ticks of 1/100 s.
    let after_name = stat.rsplit_once(')')?.1;
    let start_ticks: f64 = after_name.split_whitespace().nth(19)?.parse().ok()?;
    let age_secs = (uptime_secs - start_ticks / 100.0).clamp(0.0, 10.0);
    Some(Duration::from_secs_f64(age_secs))
}

/// Resident memory now and at its peak, in MiB; zero where the system does not tell.
#[cfg_attr(not(feature = "viewer"), allow(dead_code, reason = "only measuring asks"))]
pub(super) fn memory_mb() -> (f64, f64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|kib| kib.parse::<f64>().ok())
            .map_or(0.0, |kib| kib / 1024.0)
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// What all processors together have spent on this process so far, in steps of 10 ms; zero where the system does not tell.
#[cfg_attr(not(feature = "viewer"), allow(dead_code, reason = "only measuring asks"))]
pub(super) fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The 14th and 15th field, counted after the name in brackets: user and system, in ticks of 1/100 s.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Waits until somebody wants the program to end: Ctrl-C, or on Unix `SIGTERM` and `SIGHUP`
/// (a closed ssh session).
///
/// # Errors
/// Where signals cannot be heard.
#[cfg_attr(not(feature = "server"), allow(dead_code, reason = "only programs without a window wait"))]
pub(super) async fn interrupted() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
            _ = hang_up.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_an_age_and_memory() {
        note_start();
        let first = age();
        assert!(age() >= first);
        if cfg!(target_os = "linux") {
            let (now, peak) = memory_mb();
            assert!(now > 1.0 && peak >= now, "{now} {peak}");
            while cpu_time() < Duration::from_millis(20) {
                std::hint::black_box(std::fs::read_to_string("/proc/self/stat").is_ok());
            }
        }
    }
}
