//! Access: who may come in, what they may do, how much they see.
//!
//! ```text
//! request → guard: Host → route (table) → secret → caller → Origin (cookies) → limit → role → handler
//! ```
//!
//! - `table`: route × role, used by the guard itself. `mask`: field × role, used where an answer is encoded.
//! - `caller`: whom a secret stands for. `secrets`: how they are made and kept. `lockout`, `limit`: how often one may try.
//! - `sessions`: logging in and out, and who I am. `admin`: accounts and tokens. `personal`: personal data and the audit.
//! - `office`: what the routes and the command line share. `people`: accounts by the command line.
//!
//! A secret is the token that the server was started with, which alone may speak for others; a token of a program or a
//! wall; or a session, as Bearer or as a cookie. All but the first are looked up at every request, so revoking works at once.
//! A web page in a browser on the same machine must not reach a loopback server under a name of its own (DNS rebinding),
//! so there the Host must be a loopback one, too.
//! ACCESS.md beside this module has both tables; a test compares it with the code.

mod admin;
mod caller;
mod limit;
mod lockout;
mod mask;
mod office;
mod people;
mod personal;
mod secrets;
mod sessions;
mod table;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::ConnectInfo;
use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};

pub(super) use caller::Caller;
pub(super) use mask::{Level, Thing, events as mask_events, feature as mask_feature, issue as mask_issue};
pub use people::{AccessError, Accounts, Imported, Listed, ListedToken, NewPerson, read_people};
pub(super) use personal::{KEEP_DAYS, keep_until};

#[cfg(test)]
pub(super) use table::{May as TableMay, ROUTES};
#[cfg(test)]
pub(super) use tests::{hash_of, let_in};

use self::caller::Who;
use self::limit::Limits;
use self::lockout::Lockouts;
use self::table::{Found, May};
use super::observe::CallerId;
use super::problem::{ApiError, ApiResult};
use super::store::{AuditEntry, HeldAccount, Store, StoreError, Transaction};
use super::{App, secret, tls};
use crate::clock::Clock;

/// The cookie of a session.
const COOKIE: &str = "yunfushan_session";
/// How often what has expired is deleted.
const HOUSEKEEPING: Duration = Duration::from_secs(3_600);
/// How often an open stream asks whether its reader may still come in.
const RECHECK: Duration = Duration::from_secs(5);

/// The routes of this module.
pub(super) fn routes() -> Router<App> {
    sessions::routes().merge(admin::routes()).merge(personal::routes())
}

/// The start token as it is kept: its hash.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct TokenHash(String);

impl TokenHash {
    pub(super) fn of(token: &str) -> Self {
        Self(secrets::hash(token))
    }

    /// Whether this is the token; takes as long whether it is right or nearly right.
    pub(super) fn matches(&self, token: &str) -> bool {
        secrets::same(&self.0, &secrets::hash(token))
    }
}

/// What access holds while a server runs.
pub(super) struct Access {
    start: TokenHash,
    limits: Limits,
    lockouts: Lockouts,
    /// Whether it listens on loopback alone.
    loopback: bool,
    is_tls: bool,
}

impl Access {
    pub(super) fn new(
        start: TokenHash,
        loopback: bool,
        is_tls: bool,
        requests_per_second: Option<NonZeroU32>,
    ) -> Self {
        Self {
            start,
            limits: Limits::new(requests_per_second),
            lockouts: Lockouts::default(),
            loopback,
            is_tls,
        }
    }

    /// Whether it speaks TLS.
    pub(super) const fn is_tls(&self) -> bool {
        self.is_tls
    }
}

impl super::Shared {
    /// Whom a secret stands for; `None` if it is wrong, expired or revoked.
    pub(super) async fn verify(&self, secret: &str) -> Result<Option<Caller>, StoreError> {
        if self.access.start.matches(secret) {
            return Ok(Some(Caller::start()));
        }
        verify_kept(&*self.store, secrets::hash(secret), secret).await
    }
}

/// As [`super::Shared::verify`], of what is kept by its hash; of the secret only its beginning is looked at.
async fn verify_kept(store: &dyn Store, hash: String, secret: &str) -> Result<Option<Caller>, StoreError> {
    let now = Clock::real_now();
    if secret.starts_with(secrets::SESSION) {
        let held = store.session(&hash).await?;
        let held = held.filter(|(account, end)| !account.is_disabled && now < *end);
        return Ok(held.map(|(account, _)| Caller::session(account, hash)));
    }
    if secret.starts_with(secrets::TOKEN) {
        let held = store.token(&hash).await?;
        let held =
            held.filter(|token| token.revoked_at.is_none() && token.expires_at.is_none_or(|end| now < end));
        return Ok(held.map(|token| Caller::token(token, hash)));
    }
    Ok(None)
}

/// Whom the key in a form stands for, if they may use the route that has it there.
///
/// # Errors
/// 403 with the roles that may.
pub(super) fn check_form_key(method: &Method, path: &str, caller: &Caller) -> ApiResult<()> {
    match table::find(method, path) {
        Found::Route(May::KeyInForm(roles)) if !caller.holds(roles) => Err(not_allowed(roles)),
        _ => Ok(()),
    }
}

fn not_allowed(roles: &[crate::governance::Role]) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "not-allowed", "Your role may not do this")
        .with_roles(roles.to_vec())
}

/// Ends once a caller may no longer come in: an open stream ends with it.
pub(super) async fn revoked(app: App, caller: Caller) {
    loop {
        tokio::time::sleep(RECHECK).await;
        let is_in = match caller.who() {
            Who::Start | Who::Server => std::future::pending().await,
            Who::Nobody => false,
            Who::Account { session, .. } => is_still_in(&app, &caller, session, secrets::SESSION).await,
            Who::Token { hash, .. } => is_still_in(&app, &caller, hash, secrets::TOKEN).await,
        };
        if !is_in {
            return;
        }
    }
}

/// Whether a secret still stands for a caller; a store that cannot say throws nobody out.
async fn is_still_in(app: &App, caller: &Caller, hash: &str, kind: &str) -> bool {
    let kept = verify_kept(&*app.store, hash.to_owned(), kind).await;
    kept.map_or(true, |kept| kept.is_some_and(|kept| kept.posts() == caller.posts()))
}

/// Lets a request through whose caller may use the route.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    match admit(&app, &head).await {
        Ok(caller) => {
            if app.access.is_tls {
                // Links are made from what a proxy would say.
                let https = HeaderValue::from_static("https");
                head.headers.entry("x-forwarded-proto").or_insert(https);
            }
            let whose = CallerId(caller.key());
            head.extensions.insert(caller);
            let mut response = next.run(Request::from_parts(head, body)).await;
            response.extensions_mut().insert(whose);
            response
        }
        Err(error) => error.into_response(),
    }
}

async fn admit(app: &App, head: &Parts) -> ApiResult<Caller> {
    if app.access.loopback && !request_host(head).is_some_and(is_loopback_host) {
        let title = "This server listens on loopback alone and answers to loopback names alone";
        return Err(ApiError::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", title)
            .with_detail("Use 127.0.0.1, [::1] or localhost."));
    }
    if head.uri.path().contains("%00") {
        // Nothing is called so, and PostgreSQL cannot even be asked.
        return Err(ApiError::not_found("a path has no NUL in it"));
    }
    let path = head.extensions.get::<MatchedPath>();
    let found = path.map(|path| table::find(&head.method, path.as_str()));
    let is_open = matches!(found, Some(Found::Route(May::Anybody | May::KeyInForm(_))));
    let (given, is_cookie) = given_secret(head);
    let caller = match &given {
        Some(secret) => app.verify(secret).await?,
        None => None,
    };
    let is_known = caller.is_some();
    let caller = caller.unwrap_or_else(Caller::nobody);
    app.access.limits.take(&caller, address(head)).map_err(ApiError::too_many)?;
    if !is_open && !is_known {
        return Err(if given.is_some() {
            unauthorized("The token is wrong, expired or revoked")
        } else {
            unauthorized("A token is needed: Authorization: Bearer TOKEN")
        });
    }
    // Only a browser sends cookies, and it sends them for whatever page asks it to.
    if is_cookie && is_known && is_unsafe(&head.method) && !is_own_origin(app, head) {
        let title = "This page may not write with your session";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "wrong-origin", title)
            .with_detail("Origin must be the address that this server is reached at."));
    }
    let may = match found {
        None => return Ok(caller),
        Some(Found::Route(may)) => may,
        Some(Found::OtherMethods) => {
            return Err(super::router::wrong_method(head.method.clone(), head.uri.clone()).await);
        }
        Some(Found::Unlisted) => {
            tracing::error!(path = head.uri.path(), "a route is not in the table of access");
            let title = "Nobody may use this route yet";
            return Err(ApiError::new(StatusCode::FORBIDDEN, "not-listed", title));
        }
    };
    let is_allowed = match may {
        May::Anybody => true,
        // Without one here, the route itself looks for the key in its form, and asks the table again.
        May::KeyInForm(roles) => !is_known || caller.holds(roles),
        May::Roles(roles) => caller.holds(roles),
        May::Start => caller.speaks_for_others(),
    };
    if is_allowed {
        return Ok(caller);
    }
    if is_unsafe(&head.method) {
        let action = format!("{} {}", head.method, path.map_or("", MatchedPath::as_str));
        audit(app, &caller, &action, "", "refused").await?;
    }
    Err(match may {
        May::Roles(roles) | May::KeyInForm(roles) => not_allowed(roles),
        _ => not_allowed(&[]).with_detail("Only the token that the server was started with may."),
    })
}

/// Adds a line to the audit in a transaction of its own.
async fn audit(
    app: &App,
    caller: &Caller,
    action: &str,
    target: &str,
    outcome: &'static str,
) -> ApiResult<()> {
    let mut transaction = app.store.begin().await?;
    transaction.log(&entry(caller, action, target, outcome)).await?;
    transaction.commit().await?;
    Ok(())
}

/// Ends a transaction of a route of access: what was done is in the audit with the change itself.
async fn finish(
    mut transaction: Box<dyn Transaction>,
    caller: &Caller,
    action: &str,
    target: &str,
) -> ApiResult<()> {
    transaction.log(&entry(caller, action, target, "done")).await?;
    Ok(transaction.commit().await?)
}

/// An account to be changed, or 404.
async fn account_to_change(transaction: &mut dyn Transaction, id: &str) -> ApiResult<HeldAccount> {
    transaction.account_to_change(id).await?.ok_or_else(|| no_account(id))
}

fn no_account(id: &str) -> ApiError {
    ApiError::not_found(format!("there is no account {id}"))
}

/// An answer that holds a secret, or tells of people, and so stays in no cache.
fn fresh(status: StatusCode, body: &impl serde::Serialize) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// A line of the audit.
pub(super) fn entry(caller: &Caller, action: &str, target: &str, outcome: &'static str) -> AuditEntry {
    AuditEntry {
        at: Clock::real_now(),
        who: caller.key(),
        action: action.to_owned(),
        target: target.to_owned(),
        outcome,
    }
}

/// Deletes what has expired, at the start and every hour, until the server stops.
pub(super) async fn housekeep(app: App) {
    loop {
        if let Err(error) = forget_expired(&app.store).await {
            tracing::error!(%error, "what has expired was not deleted");
        }
        tokio::select! {
            () = app.stop.cancelled() => return,
            () = tokio::time::sleep(HOUSEKEEPING) => {}
        }
    }
}

async fn forget_expired(store: &Arc<dyn Store>) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    let contacts = transaction.forget_expired(Clock::real_now()).await?;
    if contacts > 0 {
        let target = format!("{contacts} contacts");
        transaction.log(&entry(&Caller::server(), "erase what is kept no longer", &target, "done")).await?;
    }
    transaction.commit().await
}

fn unauthorized(title: &str) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", title)
}

/// The secret that a request carries, and whether it is a cookie.
fn given_secret(head: &Parts) -> (Option<String>, bool) {
    if let Some(secret) = secret::presented(head.uri.path(), head.uri.query(), &head.headers) {
        return (Some(secret), false);
    }
    if head.headers.contains_key(header::AUTHORIZATION) {
        // A scheme that we do not know, which is as good as a wrong secret.
        return (Some(String::new()), false);
    }
    let cookies = head.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let cookie = pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned());
    let is_cookie = cookie.is_some();
    (cookie, is_cookie)
}

const fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a request comes from a page of ours.
fn is_own_origin(app: &App, head: &Parts) -> bool {
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let Some((scheme, origin)) = header("origin").and_then(|origin| origin.split_once("://")) else {
        return false;
    };
    let own = [header("x-forwarded-host"), request_host(head)];
    (!app.access.is_tls || scheme == "https")
        && own.into_iter().flatten().any(|own| own.eq_ignore_ascii_case(origin))
}

/// Where a request comes from; nothing is known without a port, as in tests.
fn address(head: &Parts) -> Option<IpAddr> {
    head.extensions.get::<ConnectInfo<tls::Peer>>().map(|peer| peer.0.0.ip())
}

/// The host that the request is for: of its target if that names one, else of its header.
fn request_host(head: &Parts) -> Option<&str> {
    let authority = head.uri.authority().map(axum::http::uri::Authority::as_str);
    authority.or_else(|| head.headers.get(header::HOST)?.to_str().ok())
}

fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(name, _port)| name),
        None => host.rsplit_once(':').map_or(host, |(name, _port)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
