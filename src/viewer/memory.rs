//! Memory that was needed for loading alone goes back to the system.
//!
//! A city is read and cut up on several threads, and each has its own heap; what they freed stays in those heaps for
//! ever unless it is asked for. Only glibc has to be asked.

use std::time::Duration;

/// So long after the city is there, memory is given back: the first frames are over.
pub(super) const AFTER_LOADING: Duration = Duration::from_secs(2);

/// Gives back what no heap of this process needs.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "a call into the C library that takes a number and touches nothing of ours")]
pub(super) fn give_back() {
    unsafe extern "C" {
        /// Gives free pages of all heaps back to the system but for so many bytes; 1 if there were any.
        safe fn malloc_trim(keep: usize) -> std::ffi::c_int;
    }
    malloc_trim(0);
}

/// Other systems' heaps do so by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back() {}
