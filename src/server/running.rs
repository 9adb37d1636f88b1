//! Starting and stopping a server: its settings, its threads, its end.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::access::{Access, TokenHash, housekeep};
use super::follower::Follower;
use super::hub::Hub;
use super::indicators::Ledger;
use super::keeping::{self, Keeping};
use super::metrics::Metrics;
use super::organisation::{Organisation, Whereabouts};
use super::store::{Database, OpenError, Store, StoreError};
use super::tls::{self, Peer, TlsError, TlsListener};
use super::webhooks::Courier;
use super::writer::Rules;
use super::{App, Shared, attachments, events, router, shifts, webhooks, writer};
use crate::city::Place;
use crate::clock::{Clock, Reading};
use crate::governance::organisation::PlacedUnit;
use crate::governance::rulebook::Rulebook;

/// How long open requests may take to end once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// Threads that serve; the machine of the target has two cores, and SQLite has threads of its own.
const WORKERS: usize = 2;
/// How long an Idempotency-Key is remembered.
const KEYS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Requests a second of one caller or address, unless it is said.
const REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(50).expect("not zero");

/// How a server is to run.
#[derive(Clone)]
pub struct Config {
    /// Where everything is kept.
    pub database: Database,
    /// Where photos are kept; where absent beside the file of the database (`FILE.files`), else in `yunfushan.files`.
    /// Several servers on one database share one folder.
    pub files: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one. Only loopback, until somebody has an account.
    pub listen: SocketAddr,
    /// The token that may do everything and speak for others; made at the start where it is absent.
    pub token: Option<String>,
    /// Where the scenario clock starts and how fast it runs. Absent: as the file has it from before, else the real clock.
    pub clock: Option<Reading>,
    /// How fast the clock runs from now on, where only that changes: it goes on from where the file has it.
    pub clock_rate: Option<f64>,
    /// Whether the data is simulated; must fit the file.
    pub simulated: bool,
    /// How long positions are kept.
    pub keeping: Keeping,
    /// Classes and calendar.
    pub rulebook: Rulebook,
    /// The place whose buildings and areas are served, and whose addresses are known.
    pub place: Option<Arc<Place>>,
    /// The organisation as the place's files have it; what was edited since stands before it.
    pub units: Vec<PlacedUnit>,
    /// Sends webhooks; without one there are none.
    pub courier: Option<Courier>,
    /// Certificate and key, both PEM files: with them it speaks TLS alone.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Origins whose pages may ask, such as `https://map.example`; none unless said.
    pub allow_origins: Vec<String>,
    /// Requests a second of each caller, four times as many in a burst; without one there is no limit.
    pub requests_per_second: Option<NonZeroU32>,
}

impl Config {
    /// A server on a free loopback port, with a token of its own, the real clock, real data and no classes.
    pub fn new(database: impl Into<Database>) -> Self {
        Self {
            database: database.into(),
            files: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            token: None,
            clock: None,
            clock_rate: None,
            simulated: false,
            keeping: Keeping::default(),
            rulebook: Rulebook::default(),
            place: None,
            units: Vec::new(),
            courier: None,
            tls: None,
            allow_origins: Vec::new(),
            requests_per_second: Some(REQUESTS_PER_SECOND),
        }
    }

    fn files_folder(&self) -> PathBuf {
        self.files.clone().unwrap_or_else(|| self.database.files_folder())
    }
}

/// Why a server did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Beyond loopback everybody would come in with one token.
    #[error(
        "refusing to listen on {0}: nobody has an account yet; make some with \
         `yunfushan people import people.csv --database FILE`, or listen on 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// An origin is none.
    #[error("{0} is no origin such as https://map.example")]
    Origin(String),
    /// The token is too easy to guess.
    #[error("the token has fewer than 16 characters; leave it out and one is made")]
    WeakToken,
    /// A scenario clock and real data do not go together.
    #[error("a scenario clock is for simulated data only; add --simulated, or leave the clock out")]
    ScenarioClock,
    /// Simulated and real data in one file.
    #[error(
        "the database holds {held} data and the server was started for {asked} data; use another one: {database}"
    )]
    Mixed {
        /// What it holds.
        held: &'static str,
        /// What was asked for.
        asked: &'static str,
        /// Which.
        database: Database,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The port cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// No threads.
    #[error("cannot start the server's threads: {0}")]
    Threads(std::io::Error),
    /// The connections' end of it failed.
    #[error("the server ended: {0}")]
    Serve(std::io::Error),
    /// A mistake of ours.
    #[error("the server's thread panicked")]
    Panicked,
}

/// A server that runs. Dropping it stops it and waits for its end.
pub struct Running {
    /// Where it listens, with the port that it got.
    pub addr: SocketAddr,
    /// The token that lets in.
    pub token: String,
    /// The scenario clock that it runs by.
    pub clock: Clock,
    is_tls: bool,
    stop: CancellationToken,
    thread: Option<JoinHandle<Result<(), ServerError>>>,
}

impl Running {
    /// The address as a URL without a slash at the end.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.is_tls { "https" } else { "http" }, self.addr)
    }

    /// What stops it: may be given away and called from anywhere, also before [`Running::join`].
    pub fn stopper(&self) -> impl Fn() + Send + Sync + Clone + use<> {
        let stop = self.stop.clone();
        move || stop.cancel()
    }

    /// Waits until it ends by itself or is stopped.
    ///
    /// # Errors
    /// Why it ended, if nobody stopped it.
    pub fn join(mut self) -> Result<(), ServerError> {
        self.wait()
    }

    /// Stops it: no new requests, open ones end, the file is closed.
    ///
    /// # Errors
    /// What went wrong at the end.
    pub fn stop(mut self) -> Result<(), ServerError> {
        self.stop.cancel();
        self.wait()
    }

    fn wait(&mut self) -> Result<(), ServerError> {
        match self.thread.take() {
            Some(thread) => thread.join().unwrap_or(Err(ServerError::Panicked)),
            None => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Err(error) = self.wait() {
            tracing::error!(%error, "the server did not end well");
        }
    }
}

/// Starts a server on threads of its own; returns once it listens.
///
/// # Errors
/// [`ServerError`] says what to change.
pub fn start(config: Config) -> Result<Running, ServerError> {
    if (config.clock.is_some() || config.clock_rate.is_some()) && !config.simulated {
        return Err(ServerError::ScenarioClock);
    }
    let token = match &config.token {
        Some(token) if token.len() < 16 => return Err(ServerError::WeakToken),
        Some(token) => token.clone(),
        None => format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple()),
    };
    let is_tls = config.tls.is_some();
    let stop = CancellationToken::new();
    let (ready, started) = sync_channel(1);
    let thread = {
        let (stop, hash) = (stop.clone(), TokenHash::of(&token));
        let run = move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(WORKERS)
                .thread_name("yunfushan-server-worker")
                .enable_all()
                .build()
                .map_err(ServerError::Threads)?;
            let result = runtime.block_on(async {
                let server = Box::pin(Server::open(config, hash, stop)).await?;
                // Whoever started it may have given up waiting; then it is dropped and stopped.
                let _nobody_waits = ready.send((server.addr, server.app.rules.clock));
                server.run().await
            });
            runtime.shutdown_timeout(Duration::from_secs(1));
            result
        };
        std::thread::Builder::new()
            .name("yunfushan-server".to_owned())
            .spawn(run)
            .map_err(ServerError::Threads)?
    };
    match started.recv() {
        Ok((addr, clock)) => Ok(Running { addr, token, clock, is_tls, stop, thread: Some(thread) }),
        Err(_never_ready) => match thread.join() {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) | Err(_) => Err(ServerError::Panicked),
        },
    }
}

/// Everything that one server is made of.
struct Server {
    app: App,
    addr: SocketAddr,
    listener: TcpListener,
    tls: Option<rustls::ServerConfig>,
    writer: tokio::task::JoinHandle<()>,
    follower: Option<Follower>,
    keeping: Keeping,
    courier: Option<Courier>,
}

impl Server {
    async fn open(config: Config, token: TokenHash, stop: CancellationToken) -> Result<Self, ServerError> {
        let listen = async || {
            let bound = TcpListener::bind(config.listen).await;
            bound.map_err(|source| ServerError::Listen { address: config.listen, source })
        };
        let tls = config.tls.as_ref().map(|(chain, key)| tls::settings(chain, key)).transpose()?;
        let is_loopback = config.listen.ip().is_loopback();
        let listener = if is_loopback { Some(listen().await?) } else { None };
        let (app, writer) = app(&config, token, stop).await?;
        if !is_loopback && !app.store.has_accounts().await? {
            return Err(ServerError::NotLoopback(config.listen));
        }
        if !is_loopback && tls.is_none() {
            tracing::warn!("passwords travel in clear text: give a certificate, or put a proxy before it");
        }
        let listener = match listener {
            Some(listener) => listener,
            None => listen().await?,
        };
        let addr =
            listener.local_addr().map_err(|source| ServerError::Listen { address: config.listen, source })?;
        let follower = match app.store.shared() {
            Some(shared) => Some(Follower::new(shared).await?),
            None => None,
        };
        Ok(Self {
            app,
            addr,
            listener,
            tls,
            writer,
            follower,
            keeping: config.keeping,
            courier: config.courier,
        })
    }

    async fn run(self) -> Result<(), ServerError> {
        let Self { app, listener, tls, writer, follower, keeping, courier, .. } = self;
        let (store, stop) = (Arc::clone(&app.store), app.stop.clone());
        let beat = tokio::spawn(events::beat(app.clone()));
        let housekeeper = tokio::spawn(housekeep(app.clone()));
        let housekeeping = tokio::spawn(attachments::keep_house(app.clone()));
        let keep = tokio::spawn(keeping::keep(app.clone(), keeping));
        // Nobody waits for it, neither at the start nor at the end.
        let warming = tokio::spawn({
            let app = app.clone();
            async move { app.ledger.warm(&*app.store).await }
        });
        let ends = tokio::spawn(shifts::watch(app.clone()));
        let follow = follower.map(|follower| {
            let (hub, rules) = (app.hub.clone(), Arc::clone(&app.rules));
            tokio::spawn(follower.run(Arc::clone(&store), hub, rules, stop.clone()))
        });
        let telling = courier.map(|courier| tokio::spawn(webhooks::run(app.clone(), courier)));
        let service = router::router(app).into_make_service_with_connect_info::<Peer>();
        let stopped = stop.clone().cancelled_owned();
        let serve = async {
            match tls {
                Some(tls) => {
                    let listener = TlsListener::new(listener, tls)?;
                    axum::serve(listener, service).with_graceful_shutdown(stopped).await
                }
                None => axum::serve(listener, service).with_graceful_shutdown(stopped).await,
            }
        };
        let late = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let result = tokio::select! {
            result = serve => result.map_err(ServerError::Serve),
            () = late => {
                tracing::warn!("some requests did not end in time");
                Ok(())
            }
        };
        stop.cancel();
        warming.abort();
        let _aborted = warming.await;
        // The last of the writer's queue goes with the last route that could ask it.
        let _ended = tokio::join!(beat, housekeeper, housekeeping, keep, ends);
        if let Some(follow) = follow {
            let _ended = follow.await;
        }
        if let Some(telling) = telling {
            let _ended = telling.await;
        }
        if tokio::time::timeout(GRACE, writer).await.is_err() {
            tracing::warn!("the writer did not end in time");
        }
        store.close().await;
        result
    }
}

/// Opens the store and starts the writer.
pub(super) async fn app(
    config: &Config,
    token: TokenHash,
    stop: CancellationToken,
) -> Result<(App, tokio::task::JoinHandle<()>), ServerError> {
    let store = config.database.open().await?;
    let clock = settle(&*store, config).await?;
    fill_in(&*store).await?;
    let organisation = Organisation::new(config.place.as_deref(), &config.units, &config.rulebook.calendar);
    organisation.load(&*store).await?;
    let rules =
        Arc::new(Rules { book: config.rulebook.clone(), organisation, clock, simulated: config.simulated });
    let hub = Hub::new({
        let rules = Arc::clone(&rules);
        Arc::new(move |place, at| {
            let asked = Whereabouts { place: Some(place), address: None, at };
            rules.organisation.locality(&asked).areas
        })
    });
    let metrics = Metrics::new();
    let (writer, task) = writer::start(Arc::clone(&store), Arc::clone(&rules), hub.clone(), metrics.clone());
    let loopback = config.listen.ip().is_loopback();
    let access = Access::new(token, loopback, config.tls.is_some(), config.requests_per_second);
    let allow_origins = origins(&config.allow_origins)?;
    let (place, files) = (config.place.clone(), attachments::Files::new(config.files_folder()));
    let start_id = uuid::Uuid::new_v4().simple().to_string();
    let ledger = Ledger::new(&config.rulebook.calendar);
    let can_send = config.courier.is_some();
    let shared = Shared {
        store,
        writer,
        hub,
        ledger,
        metrics,
        can_send,
        rules,
        place,
        start_id,
        files,
        access,
        allow_origins,
        stop,
    };
    Ok((App(Arc::new(shared)), task))
}

/// Fills in what issues of an older file are asked by, some a transaction.
pub(super) async fn fill_in(store: &dyn Store) -> Result<(), StoreError> {
    loop {
        let mut transaction = store.begin().await?;
        let is_more = transaction.fill_in_filters().await?;
        transaction.commit().await?;
        if !is_more {
            return Ok(());
        }
    }
}

fn origins(texts: &[String]) -> Result<Vec<HeaderValue>, ServerError> {
    let read = |text: &String| {
        let url = url::Url::parse(text).ok().filter(|url| url.origin().is_tuple());
        let origin = url.map(|url| url.origin().ascii_serialization());
        let header = origin.and_then(|origin| HeaderValue::try_from(origin).ok());
        header.ok_or_else(|| ServerError::Origin(text.clone()))
    };
    texts.iter().map(read).collect()
}

/// A scenario clock as it is kept in the file.
#[derive(Serialize, Deserialize)]
struct StoredClock {
    real: Timestamp,
    reading: Reading,
}

/// Checks that the file fits the settings, and finds the clock; both are written down.
async fn settle(store: &dyn Store, config: &Config) -> Result<Clock, ServerError> {
    let mut transaction = store.begin().await?;
    let word = |simulated: bool| if simulated { "simulated" } else { "real" };
    let asked = word(config.simulated);
    match transaction.setting("data").await? {
        None => transaction.set_setting("data", asked).await?,
        Some(held) if held == asked => {}
        Some(_) => {
            let held = word(!config.simulated);
            return Err(ServerError::Mixed { held, asked, database: config.database.clone() });
        }
    }
    let real = Clock::real_now();
    let stored: Option<StoredClock> = match transaction.setting("clock").await? {
        Some(text) => Some(serde_json::from_str(&text).map_err(StoreError::from)?),
        None => None,
    };
    let clock = match (config.clock, stored) {
        (Some(reading), _) => Clock::anchored(reading),
        // The scenario went on while the server was down, as it did for everyone who looked on.
        (None, Some(StoredClock { real: then, reading })) => Clock::anchored_at(reading, then),
        (None, None) => Clock::real(),
    };
    let clock = config.clock_rate.map_or(clock, |rate| Clock::scenario(clock.at(real), rate));
    if config.simulated {
        let stored = StoredClock { real, reading: Reading { now: clock.at(real), rate: clock.rate() } };
        let text = serde_json::to_string(&stored).map_err(StoreError::from)?;
        transaction.set_setting("clock", &text).await?;
    }
    let now = clock.now();
    transaction.forget_before(now.saturating_sub(KEYS_KEPT).unwrap_or(now)).await?;
    transaction.commit().await?;
    Ok(clock)
}
