//! A feed on its own named thread.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Delivery;
use super::clerk::{self, Clerk};
use super::http::Http;
use super::live::Live;
use super::outlet::Outlet;
use super::transport::TransportError;

/// The name of the thread.
const THREAD_NAME: &str = "yunfushan-feed";

/// What a feed needs to know. [`FeedConfig::new`] has values for everything but the address.
#[derive(Clone)]
pub struct FeedConfig {
    /// The server's address, such as `http://127.0.0.1:8080/`.
    pub base_url: Url,
    /// The bearer token, if the server wants one.
    pub token: Option<String>,
    /// How many deliveries may wait before the feed does; positions are not counted.
    pub capacity: usize,
    /// How many features are asked for in one page.
    pub page_limit: u32,
    /// After how long a silence the connection is taken for dead: three heartbeats.
    pub silence: Duration,
    /// How long one request may take, to the end of its body.
    pub request_timeout: Duration,
    /// The largest page that is read, in bytes.
    pub max_page_bytes: usize,
    /// The largest event that is read, in bytes.
    pub max_event_bytes: usize,
}

impl FeedConfig {
    /// The usual values for a server. The address may lack the slash at its end.
    pub fn new(mut base_url: Url, token: Option<String>) -> Self {
        if !base_url.path().ends_with('/') {
            let path = format!("{}/", base_url.path());
            base_url.set_path(&path);
        }
        base_url.set_query(None);
        base_url.set_fragment(None);
        Self {
            base_url,
            token,
            capacity: 8_192,
            page_limit: 1_000,
            silence: Duration::from_secs(30),
            request_timeout: Duration::from_secs(60),
            max_page_bytes: 32 << 20,
            max_event_bytes: 8 << 20,
        }
    }

    /// A client for the server.
    pub(super) fn http(&self) -> Result<Http, FeedError> {
        if !matches!(self.base_url.scheme(), "http" | "https") {
            return Err(FeedError::Scheme(self.base_url.clone()));
        }
        Ok(Http::new(&self.base_url, self.token.clone())?)
    }
}

impl std::fmt::Debug for FeedConfig {
    /// Without the token: it must not get into a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FeedConfig")
            .field("base_url", &self.base_url.as_str())
            .field("has_token", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

/// Why a feed could not be started. Everything later is told in [`crate::governance::FeedState`].
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The address is not one of HTTP.
    #[error("an API is reached by http or https: {0}")]
    Scheme(Url),
    /// The HTTP client could not be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[from] TransportError),
    /// The thread or its runtime could not be made.
    #[error("the thread of the feed cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// A feed at work; stops when dropped.
#[derive(Debug)]
pub struct Feed {
    outlet: Outlet,
    clerk: Clerk,
    skipped: Arc<AtomicU64>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Feed {
    /// Starts a feed on a thread of its own. It connects, and connects again, by itself.
    ///
    /// # Errors
    /// [`FeedError`] if the address is none of HTTP or the machine gives no thread; a server that is not there is no error.
    pub fn start(config: FeedConfig) -> Result<Self, FeedError> {
        let http = config.http()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let outlet = Outlet::new(config.capacity);
        let skipped = Arc::new(AtomicU64::new(0));
        let stop = CancellationToken::new();
        let (clerk, runner) = clerk::clerk(config.base_url.clone(), http.clone());
        let live = Live::new(http, config, outlet.clone(), Arc::clone(&skipped));
        let told = outlet.clone();
        let stopped = stop.clone();
        // Hashers are seeded differently in every process; that is all that jitter needs.
        let mut chances = SmallRng::seed_from_u64(RandomState::new().build_hasher().finish());
        let thread = std::thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(move || {
            runtime.block_on(async {
                let feed = async {
                    // Whoever is at the desk may still ask when nothing more is delivered.
                    tokio::join!(live.run(move || chances.random()), runner.run(|| told.tell()))
                };
                tokio::select! {
                    () = stopped.cancelled() => {}
                    _ended = feed => {}
                }
            });
            // A name that is being looked up must not hold up the end.
            runtime.shutdown_background();
        })?;
        Ok(Self { outlet, clerk, skipped, stop, thread: Some(thread) })
    }

    /// Takes what has arrived, at most about `most` updates and `most_moves` positions. Never waits.
    ///
    /// Give all of it to [`super::Situation::apply_all`], in this order.
    pub fn drain(&self, most: usize, most_moves: usize) -> Vec<Delivery> {
        self.outlet.drain(most, most_moves)
    }

    /// Whether more has arrived than was taken.
    pub fn has_more(&self) -> bool {
        self.outlet.has_more()
    }

    /// Calls this whenever something has arrived, on the thread of the feed: it must not wait. Only the first call counts.
    pub fn on_delivery(&self, call: impl Fn() + Send + Sync + 'static) {
        self.outlet.on_delivery(Box::new(call));
    }

    /// Everything that has arrived. Never waits.
    pub fn try_iter(&self) -> impl Iterator<Item = Delivery> {
        self.outlet.drain(usize::MAX, usize::MAX).into_iter()
    }

    /// Whom to ask for what happened to an issue, and to have steps taken.
    pub fn clerk(&self) -> &Clerk {
        &self.clerk
    }

    /// How many features and events could not be read and were skipped.
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }
}

/// The other end of a feed that no server fills: for measuring and trying.
#[derive(Debug)]
pub struct Hand(Outlet);

impl Hand {
    /// Hands something over; it waits, in the order of a server's deliveries, until the feed is drained.
    pub fn put(&self, delivery: Delivery) {
        self.0.put_now(delivery);
    }
}

impl Feed {
    /// A feed without a server, and the hand that fills it.
    pub fn by_hand() -> (Hand, Self) {
        let outlet = Outlet::new(usize::MAX);
        let feed = Self {
            outlet: outlet.clone(),
            clerk: clerk::idle(),
            skipped: Arc::new(AtomicU64::new(0)),
            stop: CancellationToken::new(),
            thread: None,
        };
        (Hand(outlet), feed)
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // It ends within a poll; a panic in it was reported by its own hook.
            let _ended = thread.join();
        }
    }
}
