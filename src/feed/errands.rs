//! Errands without a feed, one after another: for the command line and whoever else waits for each answer.

use url::Url;

use super::clerk::Messenger;
use super::thread::{FeedConfig, FeedError};
use super::{Errand, ErrandError, Outcome};

/// Somebody who runs errands and waits for what comes of each.
#[derive(Debug)]
pub struct Errands {
    runtime: tokio::runtime::Runtime,
    messenger: Messenger,
}

impl Errands {
    /// Of a server, known by a token if there is one.
    ///
    /// # Errors
    /// [`FeedError`] if the address is none of HTTP or the client cannot be made; a server that is not there is no error.
    pub fn new(base: Url, token: Option<String>) -> Result<Self, FeedError> {
        let config = FeedConfig::new(base, token);
        let http = config.http()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, messenger: Messenger::new(config.base_url, http) })
    }

    /// Runs one errand.
    ///
    /// # Errors
    /// [`ErrandError`] with why it came to nothing.
    pub fn run(&self, errand: &Errand) -> Result<Outcome, ErrandError> {
        self.runtime.block_on(self.messenger.run(errand))
    }

    /// Reads what is at an address of the server, such as `["collections", "issues", "items"]`, as JSON text.
    ///
    /// # Errors
    /// [`ErrandError`] with why there is nothing.
    pub fn read(&self, path: &[&str], query: &[(&str, String)]) -> Result<Vec<u8>, ErrandError> {
        self.runtime.block_on(self.messenger.read(path, query))
    }
}
