//! Sending a text once to somebody who wants to be told: no redirection, no patience, no interest in the answer.

use std::time::Duration;

use reqwest::redirect::Policy;
use url::Url;

use super::http::{explain, is_loopback};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the whole may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read so that the connection can serve again; a longer one is cut off with it.
const READ: usize = 16 * 1024;

/// Sends what it is given.
#[derive(Debug, Clone)]
pub struct Post {
    client: reqwest::Client,
    /// Past any proxy, for this machine.
    direct: reqwest::Client,
}

impl Post {
    /// Makes the connections' keepers.
    ///
    /// # Errors
    /// Why there can be none, such as a proxy in the environment that is no address.
    pub fn new() -> Result<Self, String> {
        // The second call and later ones find one installed, which is what is wanted.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            reqwest::Client::builder()
                .user_agent(concat!("yunfushan/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TIMEOUT)
                .redirect(Policy::none())
        };
        let told = |error: reqwest::Error| explain(&error).0;
        Ok(Self {
            client: builder().build().map_err(told)?,
            direct: builder().no_proxy().build().map_err(told)?,
        })
    }

    /// Sends once; the status of the answer.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn send(
        &self,
        url: Url,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<u16, String> {
        let client = if is_loopback(&url) { &self.direct } else { &self.client };
        let mut request = client.post(url).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut response = request.send().await.map_err(|error| explain(&error).0)?;
        let status = response.status().as_u16();
        let mut read = 0;
        // What the answer says, and whether it ends well, is nothing to us.
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            if read > READ {
                break;
            }
        }
        Ok(status)
    }
}
