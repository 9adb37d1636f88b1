//! Errands without a feed, one after another: for the command line and whoever else waits for each answer.

use url::Url;

use super::clerk::{Clerk, Runner, clerk};
use super::http::Http;
use super::thread::{FeedConfig, FeedError};
use super::{Errand, ErrandError, Outcome};

/// Somebody who runs errands and waits for what comes of each.
#[derive(Debug)]
pub struct Errands {
    runtime: tokio::runtime::Runtime,
    runner: Runner,
    /// Held so that the runner does not take its other end for gone.
    _near: Clerk,
}

impl Errands {
    /// Of a server, known by a token if there is one.
    ///
    /// # Errors
    /// [`FeedError`] if the address is none of HTTP or the client cannot be made; a server that is not there is no error.
    pub fn new(base: Url, token: Option<String>) -> Result<Self, FeedError> {
        let config = FeedConfig::new(base, token);
        if !matches!(config.base_url.scheme(), "http" | "https") {
            return Err(FeedError::Scheme(config.base_url));
        }
        let http = Http::new(&config.base_url, config.token)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (near, runner) = clerk(config.base_url, http);
        Ok(Self { runtime, runner, _near: near })
    }

    /// Runs one errand.
    ///
    /// # Errors
    /// [`ErrandError`] with why it came to nothing.
    pub fn run(&self, errand: &Errand) -> Result<Outcome, ErrandError> {
        self.runtime.block_on(self.runner.in_time(errand))
    }

    /// Reads what is at an address of the server, such as `["collections", "issues", "items"]`, as JSON text.
    ///
    /// # Errors
    /// [`ErrandError`] with why there is nothing.
    pub fn read(&self, path: &[&str], query: &[(&str, String)]) -> Result<Vec<u8>, ErrandError> {
        self.runtime.block_on(self.runner.read(path, query))
    }
}
