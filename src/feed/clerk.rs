//! What somebody at a desk asks of the server: to be let in, what happened to an issue, and that a step be taken.
//!
//! One errand at a time, in their order, on the thread of the feed. A step carries a key, so that one whose answer was lost
//! on the way can be asked for again without being taken twice; what it led to comes through the feed like everything else.

use std::future::Future;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;
use url::Url;

use super::http::{Http, Pass, Write};
use super::transport::{AnswerError, Get, Transport, read_whole, require_ok};
use crate::governance::{
    Actor, Attachment, ClassCode, Event, IssueId, NewIssue, NewStep, Post, Problem, Step, StoredAttachment,
};
use crate::picture::{self, Picture};

/// So many errands may wait; a hand is never quicker.
const MOST_WAITING: usize = 16;
/// The largest answer that is read, in bytes.
const MOST_BYTES: usize = 8 << 20;
/// The longest side that is shown.
const SHOWN_PHOTO_SIDE: u32 = 1_600;
const JSON: &str = "application/json";
/// How long an errand may take, to the end of the answer.
const LIMIT: Duration = Duration::from_secs(20);

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Errand {
    /// To ask for everything that happened to an issue.
    Events(IssueId),
    /// To take a step of an issue.
    Step {
        /// Of which.
        issue: IssueId,
        /// The version that whoever decided saw.
        seen: u64,
        /// Which step, by whom.
        step: Box<NewStep>,
    },
    /// To log a new issue, and where somebody says so to merge it into one that is known already.
    Report {
        /// What was found.
        new: Box<NewIssue>,
        /// The issue that it goes into, and who says so.
        merge: Option<(IssueId, Actor)>,
    },
    /// To ask which classes of issue the place has.
    Classes,
    /// To ask who we are to the server.
    Me,
    /// To log in; the feed then reads everything anew.
    LogIn(Entry),
    /// To log out.
    LogOut,
    /// To fetch a photo.
    Photo {
        /// Its hash.
        hash: String,
        /// As large as a screen shows, instead of small.
        is_large: bool,
    },
    /// To hand in a photo that a step is to name.
    Attach {
        /// Of which issue.
        issue: IssueId,
        /// The file.
        path: PathBuf,
    },
}

/// What somebody logs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: String,
    /// Its password, or the one-time code where a new password comes with it.
    pub secret: Secret,
    /// The password that it is to have from now on.
    pub new_password: Option<Secret>,
}

/// What must not get into a log.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Who we are to the server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Me {
    /// What is told apart.
    pub kind: MeKind,
    /// The account's or the token's id.
    #[serde(default)]
    pub account: Option<String>,
    /// As what we may act.
    #[serde(default)]
    pub posts: Vec<Post>,
}

/// What somebody comes in with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeKind {
    /// The token that the server was started with: it speaks for whoever it names.
    #[default]
    Start,
    /// A token of a program or a wall.
    Token,
    /// A person's account.
    Account,
}

/// What came of an errand.
#[derive(Debug)]
pub struct Report {
    /// Of which.
    pub errand: Errand,
    /// What came.
    pub outcome: Result<Outcome, ErrandError>,
}

/// What an errand brings.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The events of the issue, in their order.
    Events(Vec<Event>),
    /// The step has been taken, durably.
    Taken,
    /// The issue has been logged.
    Reported {
        /// Its id.
        issue: IssueId,
        /// Why it was not merged, where that was asked and could not be done.
        not_merged: Option<ErrandError>,
    },
    /// The classes of the place.
    Classes(Vec<ClassOffer>),
    /// Who we are now; nobody after having logged out.
    Me(Option<Me>),
    /// The photo.
    Photo(Arc<Picture>),
    /// The photo is kept, under this hash.
    Attached(Attachment),
}

/// A class that an issue may be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassOffer {
    /// Its code.
    pub code: ClassCode,
    /// What it is called.
    pub name: String,
    /// The larger class.
    pub group: String,
}

/// Why an errand came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErrandError {
    /// Somebody else was quicker: the issue is not any more as it was seen (412).
    #[error("the issue has changed since it was seen")]
    Stale,
    /// The state does not allow the step (409).
    #[error("the issue's state does not allow the step; it allows {allowed:?}")]
    NotAllowed {
        /// What it allows.
        allowed: Vec<Step>,
    },
    /// The server does not know us, or not any more (401).
    #[error("the server does not know who asks")]
    Unknown,
    /// It was tried too often (429).
    #[error("too many tries; wait {wait_secs:?} seconds")]
    TooMany {
        /// For how long nothing is taken, in seconds, if the server says so.
        wait_secs: Option<u64>,
    },
    /// The server says why not.
    #[error("{0}")]
    Refused(String),
    /// There was no answer, or none that can be read. Whether a step was taken is not known until the feed tells.
    #[error("{0}")]
    Failed(String),
}

impl ErrandError {
    /// That an errand was not taken: too many wait.
    pub fn busy() -> Self {
        Self::Failed("too much is under way".to_owned())
    }
}

/// The near end: errands in, reports out.
#[derive(Debug, Clone)]
pub struct Clerk {
    errands: mpsc::Sender<Errand>,
    reports: Arc<Mutex<Vec<Report>>>,
}

impl Clerk {
    /// Hands an errand over; false where too many wait already or the feed has ended.
    pub fn send(&self, errand: Errand) -> bool {
        self.errands.try_send(errand).is_ok()
    }

    /// What has come of errands since this was last asked.
    pub fn reports(&self) -> Vec<Report> {
        std::mem::take(&mut *self.reports.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whoever goes to the server, one errand at a time.
#[derive(Debug)]
pub(super) struct Messenger {
    base: Url,
    http: Http,
}

/// The far end: takes errands and hands in what came of them.
pub(super) struct Runner {
    messenger: Messenger,
    errands: mpsc::Receiver<Errand>,
    reports: Arc<Mutex<Vec<Report>>>,
}

/// Both ends for one server.
pub(super) fn clerk(base: Url, http: Http) -> (Clerk, Runner) {
    let (sender, errands) = mpsc::channel(MOST_WAITING);
    let reports = Arc::new(Mutex::new(Vec::new()));
    let clerk = Clerk { errands: sender, reports: Arc::clone(&reports) };
    (clerk, Runner { messenger: Messenger::new(base, http), errands, reports })
}

/// An errand that nobody runs: for feeds without a server.
pub(super) fn idle() -> Clerk {
    let (errands, _closed) = mpsc::channel(1);
    Clerk { errands, reports: Arc::default() }
}

#[derive(Deserialize)]
struct EventsAnswer {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct SessionAnswer {
    token: String,
    #[serde(flatten)]
    me: Me,
}

#[derive(Deserialize)]
struct ReportAnswer {
    id: String,
}

/// A class as Open311 tells it.
#[derive(Deserialize)]
struct Service {
    #[serde(rename = "service_code")]
    code: String,
    #[serde(rename = "service_name")]
    name: String,
    #[serde(default)]
    group: String,
}

impl Service {
    /// Our server's codes are scheme, kind and code; of others nothing can be reported here.
    fn offer(self) -> Option<ClassOffer> {
        let mut parts = self.code.rsplitn(3, '-').map(str::to_owned);
        let (code, kind, scheme) = (parts.next()?, parts.next()?, parts.next()?);
        Some(ClassOffer { code: ClassCode { scheme, kind, code }, name: self.name, group: self.group })
    }
}

impl Runner {
    /// Runs errands for as long as there is somebody to send some; `told` is called after each.
    pub(super) async fn run(mut self, told: impl Fn()) {
        while let Some(errand) = self.errands.recv().await {
            let outcome = self.messenger.run(&errand).await;
            self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(Report { errand, outcome });
            told();
        }
    }
}

/// What comes of it in time, or that nothing does.
async fn in_time<T>(work: impl Future<Output = Result<T, ErrandError>>) -> Result<T, ErrandError> {
    tokio::time::timeout(LIMIT, work).await.unwrap_or_else(|_elapsed| {
        Err(ErrandError::Failed(format!("no answer within {} seconds", LIMIT.as_secs())))
    })
}

impl Messenger {
    pub(super) const fn new(base: Url, http: Http) -> Self {
        Self { base, http }
    }

    /// Runs one errand.
    pub(super) async fn run(&self, errand: &Errand) -> Result<Outcome, ErrandError> {
        in_time(self.errand(errand)).await
    }

    /// Reads what is at an address.
    pub(super) async fn read(&self, path: &[&str], query: &[(&str, String)]) -> Result<Vec<u8>, ErrandError> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        in_time(self.text(url)).await
    }

    async fn errand(&self, errand: &Errand) -> Result<Outcome, ErrandError> {
        match errand {
            Errand::Events(issue) => {
                let read: EventsAnswer = self.get(self.issue_url(issue, "events")?).await?;
                Ok(Outcome::Events(read.events))
            }
            Errand::Step { issue, seen, step } => {
                self.write(self.issue_url(issue, "steps")?, Some(*seen), step).await?;
                Ok(Outcome::Taken)
            }
            Errand::Report { new, merge } => {
                let body = self.write(self.url(&["api", "v1", "issues"])?, None, new).await?;
                let logged: ReportAnswer = read_json(&body)?;
                let issue = IssueId(logged.id);
                let mut not_merged = None;
                if let Some((into, actor)) = merge {
                    let merged_into = Some(into.clone());
                    let step = NewStep { merged_into, ..NewStep::bare(Step::Merge, actor.clone()) };
                    // It is logged already, so a failure from here on is no failure of the whole.
                    not_merged = self.write(self.issue_url(&issue, "steps")?, Some(1), &step).await.err();
                }
                Ok(Outcome::Reported { issue, not_merged })
            }
            Errand::Me => Ok(Outcome::Me(Some(self.get(self.url(&["api", "v1", "me"])?).await?))),
            Errand::LogIn(entry) => self.log_in(entry).await,
            Errand::Photo { hash, is_large } => self.photo(hash, *is_large).await,
            Errand::Attach { path, .. } => self.attach(path).await,
            Errand::LogOut => {
                let url = self.url(&["api", "v1", "sessions", "current"])?;
                // Whoever leaves is let go, whatever the server says.
                let ended = self.once(write(Method::DELETE, url, JSON, Vec::new())).await;
                self.pass().set(None);
                ended.map(|_nothing| Outcome::Me(None))
            }
            Errand::Classes => {
                let services: Vec<Service> = self.get(self.url(&["open311", "v2", "services.json"])?).await?;
                Ok(Outcome::Classes(services.into_iter().filter_map(Service::offer).collect()))
            }
        }
    }

    async fn log_in(&self, entry: &Entry) -> Result<Outcome, ErrandError> {
        let Entry { account, secret: Secret(secret), new_password } = entry;
        let body = match new_password {
            None => json!({ "account": account, "password": secret }),
            Some(Secret(new)) => json!({ "account": account, "code": secret, "new_password": new }),
        };
        let url = self.url(&["api", "v1", "sessions"])?;
        let body = body.to_string().into_bytes();
        // Not repeated: a code works once, and each try counts.
        let answer = self.once(write(Method::POST, url, JSON, body)).await?;
        let session: SessionAnswer = read_json(&answer)?;
        self.pass().set(Some(session.token));
        Ok(Outcome::Me(Some(session.me)))
    }

    fn pass(&self) -> &Pass {
        self.http.pass()
    }

    async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, ErrandError> {
        read_json(&self.text(url).await?)
    }

    async fn text(&self, url: Url) -> Result<Vec<u8>, ErrandError> {
        let get = Get { url, accept: "application/json, application/geo+json", last_event_id: None };
        let answer = require_ok(self.http.get(get).await.map_err(failed)?).await.map_err(failed)?;
        read_whole(answer, MOST_BYTES).await.map_err(failed)
    }

    /// Writes something.
    async fn write(
        &self,
        url: Url,
        seen: Option<u64>,
        value: &impl Serialize,
    ) -> Result<Vec<u8>, ErrandError> {
        let body = serde_json::to_vec(value).map_err(|error| ErrandError::Failed(error.to_string()))?;
        self.surely(Write { seen, ..write(Method::POST, url, JSON, body) }).await
    }

    /// Once more where no answer came: the key keeps it from being done twice.
    async fn surely(&self, write: Write) -> Result<Vec<u8>, ErrandError> {
        let write = Write { key: Some(uuid::Uuid::new_v4().to_string()), ..write };
        match self.once(write.clone()).await {
            Err(ErrandError::Failed(_)) => self.once(write).await,
            answer => answer,
        }
    }

    async fn photo(&self, hash: &str, is_large: bool) -> Result<Outcome, ErrandError> {
        let mut url = self.url(&["api", "v1", "attachments", hash])?;
        if !is_large && let Ok(mut segments) = url.path_segments_mut() {
            segments.push("thumbnail");
        }
        let get = Get { url, accept: "image/jpeg, image/png", last_event_id: None };
        let answer = require_ok(self.http.get(get).await.map_err(failed)?).await.map_err(failed)?;
        let bytes = read_whole(answer, StoredAttachment::MOST_BYTES).await.map_err(failed)?;
        // Beside the stream, which must not wait for a large one.
        let decoded = tokio::task::spawn_blocking(move || {
            picture::decode(&bytes, StoredAttachment::MOST_SIDE).map(|photo| photo.within(SHOWN_PHOTO_SIDE))
        });
        let broken = |error: String| ErrandError::Failed(format!("the photo cannot be read: {error}"));
        match decoded.await {
            Ok(Ok(photo)) => Ok(Outcome::Photo(Arc::new(photo))),
            Ok(Err(error)) => Err(broken(error.to_string())),
            Err(error) => Err(broken(error.to_string())),
        }
    }

    async fn attach(&self, path: &Path) -> Result<Outcome, ErrandError> {
        let unusable = |reason: String| ErrandError::Refused(format!("{reason}: {}", path.display()));
        let (file, most) = (path.to_owned(), StoredAttachment::MOST_BYTES as u64);
        let read = tokio::task::spawn_blocking(move || -> std::io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            std::fs::File::open(file)?.take(most + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        let bytes = read.await.map_err(|error| unusable(error.to_string()))?;
        let bytes = bytes.map_err(|error| unusable(error.to_string()))?;
        if bytes.len() as u64 > most {
            return Err(unusable(format!("larger than {} MB", most >> 20)));
        }
        let Some(media_type) = picture::media_type(&bytes) else {
            return Err(unusable("neither a JPEG nor a PNG".to_owned()));
        };
        let url = self.url(&["api", "v1", "attachments"])?;
        let body = self.surely(write(Method::POST, url, media_type, bytes)).await?;
        Ok(Outcome::Attached(read_json(&body)?))
    }

    async fn once(&self, write: Write) -> Result<Vec<u8>, ErrandError> {
        let answer = self.http.write(write).await.map_err(failed)?;
        let (status, wait_secs) = (answer.status, answer.retry_after_secs);
        let body = read_whole(answer, MOST_BYTES).await.map_err(failed)?;
        taken(status, &body, wait_secs).map(|()| body)
    }

    /// The address of a part of an issue; its id is one segment, whatever is in it.
    fn issue_url(&self, issue: &IssueId, part: &str) -> Result<Url, ErrandError> {
        self.url(&["api", "v1", "issues", &issue.0, part])
    }

    fn url(&self, segments: &[&str]) -> Result<Url, ErrandError> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| ErrandError::Failed("the address of the API has no path".to_owned()))?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }
}

/// A write of something new, once.
fn write(method: Method, url: Url, media_type: &'static str, body: Vec<u8>) -> Write {
    Write { method, url, media_type, body, seen: None, key: None }
}

fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ErrandError> {
    serde_json::from_slice(body)
        .map_err(|error| ErrandError::Failed(format!("the answer cannot be read: {error}")))
}

/// What an answer to a write means.
fn taken(status: u16, body: &[u8], wait_secs: Option<u64>) -> Result<(), ErrandError> {
    let problem = || serde_json::from_slice::<Problem>(body).ok();
    let said = || Problem::sentence_of(body).unwrap_or_else(|| format!("HTTP {status}"));
    match status {
        200..=299 => Ok(()),
        401 => Err(ErrandError::Unknown),
        412 => Err(ErrandError::Stale),
        429 => Err(ErrandError::TooMany { wait_secs }),
        409 => match problem().and_then(|problem| problem.allowed) {
            Some(allowed) => Err(ErrandError::NotAllowed { allowed }),
            None => Err(ErrandError::Refused(said())),
        },
        500..=599 => Err(ErrandError::Failed(said())),
        _ => Err(ErrandError::Refused(said())),
    }
}

fn failed(error: impl Into<AnswerError>) -> ErrandError {
    match error.into() {
        AnswerError::Refused { status: 401 } => ErrandError::Unknown,
        error @ AnswerError::Refused { .. } => ErrandError::Refused(error.to_string()),
        error => ErrandError::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_what_became_of_a_step() {
        let of = |status, body: &str| taken(status, body.as_bytes(), Some(30));
        assert_eq!(of(200, "{}"), Ok(()));
        assert_eq!(of(412, "not JSON"), Err(ErrandError::Stale));
        let problem = r#"{"type":"step-not-allowed","title":"t","status":409,"allowed":["register"]}"#;
        assert_eq!(of(409, problem), Err(ErrandError::NotAllowed { allowed: vec![Step::Register] }));
        let problem = r#"{"type":"invalid","title":"t","status":422,"detail":"until is too early"}"#;
        assert_eq!(of(422, problem), Err(ErrandError::Refused("until is too early".into())));
        assert_eq!(of(401, ""), Err(ErrandError::Unknown));
        assert_eq!(of(429, ""), Err(ErrandError::TooMany { wait_secs: Some(30) }));
        assert_eq!(of(403, ""), Err(ErrandError::Refused("HTTP 403".into())));
        assert_eq!(of(503, "<html>"), Err(ErrandError::Failed("HTTP 503".into())));
    }

    #[test]
    fn an_id_is_one_segment_of_the_address() {
        let base = Url::parse("http://127.0.0.1:9/under/").expect("an address");
        let http = Http::new(&base, None).expect("a client");
        let messenger = Messenger::new(base, http);
        let url = messenger.issue_url(&IssueId("a/../b ?".into()), "steps").expect("an address");
        assert_eq!(url.as_str(), "http://127.0.0.1:9/under/api/v1/issues/a%2F..%2Fb%20%3F/steps");
    }

    #[test]
    fn a_class_is_read_from_the_end_of_its_code() {
        let service =
            |code: &str| Service { code: code.to_owned(), name: "A".to_owned(), group: "B".to_owned() };
        let code = ClassCode { scheme: "GBT47678.5-2026".into(), kind: "event".into(), code: "06010".into() };
        let offer = ClassOffer { code, name: "A".into(), group: "B".into() };
        assert_eq!(service("GBT47678.5-2026-event-06010").offer(), Some(offer));
        assert_eq!(service("potholes").offer(), None);
    }

    #[test]
    fn what_somebody_logs_in_with_gets_into_no_log() {
        let secret = Secret("hunter2".to_owned());
        let entry = Entry { account: "li".into(), secret: secret.clone(), new_password: Some(secret) };
        let told = format!("{:?}", Errand::LogIn(entry));
        assert!(told.contains("li") && !told.contains("hunter2"), "{told}");
        let http = Http::new(&Url::parse("http://127.0.0.1:9/").expect("an address"), Some("hunter2".into()));
        assert!(!format!("{http:?}").contains("hunter2"));
    }

    #[test]
    fn nobody_runs_errands_without_a_server() {
        assert!(!idle().send(Errand::Events(IssueId("1".into()))));
        assert!(idle().reports().is_empty());
    }
}
