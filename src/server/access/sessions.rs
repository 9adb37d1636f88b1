//! Logging in and out, changing the password, and who I am.

use axum::body::Body;
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::caller::Who;
use super::{COOKIE, Caller, audit, entry, secrets, unauthorized};
use crate::clock::Clock;
use crate::governance::{Power, Role, Step};
use crate::server::App;
use crate::server::problem::{ApiError, ApiResult};
use crate::server::request::{SMALL_BODY, json as read_json};
use crate::server::store::HeldAccount;
use crate::server::tls::Peer;

/// How long a session lasts: a long shift.
const LASTS: SignedDuration = SignedDuration::from_hours(12);
/// The fewest and the most characters of a password.
const PASSWORD: std::ops::RangeInclusive<usize> = 10..=200;

/// The longest name of an account, in bytes.
const LONGEST_ACCOUNT: usize = 300;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/sessions", post(log_in))
        .route("/api/v1/sessions/current", delete(log_out))
        .route("/api/v1/me", get(me))
        .route("/api/v1/me/password", put(change_password))
}

/// What logs in: an account with its password, or with a one-time code and the password that it is to have.
#[derive(Deserialize)]
struct LogIn {
    account: String,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    new_password: Option<String>,
    /// Whether the session is to be a cookie, as a browser wants it, instead of a token in the answer.
    #[serde(default)]
    cookie: bool,
}

/// By what somebody logs in.
enum Way {
    Password(String),
    Code { code: String, new_password: String },
}

#[derive(Serialize)]
struct Session {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    expires_at: Timestamp,
    #[serde(flatten)]
    me: Value,
}

/// `POST /api/v1/sessions`: 201 with a session.
async fn log_in(
    State(app): State<App>,
    peer: Option<Extension<ConnectInfo<Peer>>>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let LogIn { account, password, code, new_password, cookie } =
        read_json::<LogIn>(&headers, body, SMALL_BODY).await?.value;
    let way = match (password, code, new_password) {
        (Some(password), None, None) => Way::Password(password),
        (None, Some(code), Some(new_password)) => {
            check_password(&new_password, &account)?;
            Way::Code { code, new_password }
        }
        _ => {
            let detail = "account goes with password, or with code and new_password";
            return Err(ApiError::unprocessable(detail));
        }
    };
    if account.len() > LONGEST_ACCOUNT || account.contains('\0') {
        return Err(unauthorized("There is no such account"));
    }
    let account_key = format!("account:{account}");
    let address_key = peer
        .map(|peer| peer.0.0.0.ip().to_canonical())
        .filter(|address| !address.is_loopback())
        .map(|address| format!("address:{address}"));
    let keys: Vec<String> = std::iter::once(account_key.clone()).chain(address_key.clone()).collect();
    app.access.lockouts.attempt(&keys, Clock::real_now()).map_err(ApiError::too_many)?;

    let held = app.store.account(&account).await?.filter(|held| !held.is_disabled);
    let entered = match way {
        Way::Password(password) => by_password(&app, held.as_ref(), password).await?,
        Way::Code { code, new_password } => by_code(&app, held.as_ref(), &code, new_password).await?,
    };
    let Some((caller, secret, expires_at)) = entered else {
        // What was typed is not written down: people type passwords into the wrong field.
        let target = held.map(|held| format!("account/{}", held.account.id)).unwrap_or_default();
        audit(&app, &Caller::nobody(), "log in", &target, "refused").await?;
        return Err(unauthorized("Account and password, or code, do not fit")
            .with_detail("A code works once; whoever administers accounts gives a new one."));
    };
    app.access.lockouts.succeeded(&account_key, address_key.as_deref());
    let cookie = cookie.then(|| session_cookie(&app, &secret, LASTS.as_secs())).transpose()?;
    let token = cookie.is_none().then_some(secret);
    let session = Session { token, expires_at, me: describe(&caller) };
    let mut response = (StatusCode::CREATED, Json(session)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

type Entered = Option<(Caller, String, Timestamp)>;

async fn by_password(app: &App, held: Option<&HeldAccount>, password: String) -> ApiResult<Entered> {
    let kept = held.and_then(|held| held.password.clone());
    if !secrets::is_password(password, kept).await {
        return Ok(None);
    }
    let Some(held) = held else { return Ok(None) };
    let mut transaction = app.store.begin().await?;
    // It may have been changed or taken away while we looked.
    let now_held = transaction.account_to_change(&held.account.id).await?;
    let is_same = |now: &HeldAccount| !now.is_disabled && now.password == held.password;
    let Some(held) = now_held.filter(is_same) else { return Ok(None) };
    begin(transaction, held, "log in").await.map(Some)
}

async fn by_code(
    app: &App,
    held: Option<&HeldAccount>,
    code: &str,
    new_password: String,
) -> ApiResult<Entered> {
    let Some(password) = secrets::hash_password(new_password).await else { return Err(ApiError::internal()) };
    let Some(held) = held else { return Ok(None) };
    let mut transaction = app.store.begin().await?;
    let Some(held) = transaction.account_to_change(&held.account.id).await? else { return Ok(None) };
    let kept = transaction.code(held.seq).await?;
    let is_right = kept.is_some_and(|kept| {
        secrets::same(&kept.hash, &secrets::code_hash(code)) && Clock::real_now() < kept.expires_at
    });
    if held.is_disabled || !is_right {
        return Ok(None);
    }
    transaction.set_code(held.seq, None).await?;
    transaction.set_password(held.seq, Some(&password)).await?;
    transaction.end_sessions(held.seq, None).await?;
    begin(transaction, held, "log in with a code").await.map(Some)
}

async fn begin(
    mut transaction: Box<dyn crate::server::store::Transaction>,
    held: HeldAccount,
    action: &str,
) -> ApiResult<(Caller, String, Timestamp)> {
    let secret = secrets::make(secrets::SESSION);
    let hash = secrets::hash(&secret);
    let now = Clock::real_now();
    let end = now.saturating_add(LASTS).unwrap_or(now);
    transaction.insert_session(&hash, held.seq, now, end).await?;
    let target = format!("account/{}", held.account.id);
    let caller = Caller::session(held, hash);
    transaction.log(&entry(&caller, action, &target, "done")).await?;
    transaction.commit().await?;
    Ok((caller, secret, end))
}

fn session_cookie(app: &App, value: &str, max_age_secs: i64) -> ApiResult<HeaderValue> {
    let secure = if app.access.is_tls { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_secs}{secure}");
    HeaderValue::try_from(cookie).map_err(|_not_a_header| ApiError::internal())
}

/// `DELETE /api/v1/sessions/current`: ends this session.
async fn log_out(State(app): State<App>, caller: Caller) -> ApiResult<Response> {
    let Who::Account { session, id } = caller.who() else { return Err(no_account()) };
    let mut transaction = app.store.begin().await?;
    transaction.end_session(session).await?;
    transaction.log(&entry(&caller, "log out", &format!("account/{id}"), "done")).await?;
    transaction.commit().await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, session_cookie(&app, "", 0)?)]).into_response())
}

/// `GET /api/v1/me`: whom the secret stands for, its posts, and which steps each role of it may take.
async fn me(caller: Caller) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(describe(&caller))).into_response()
}

fn describe(caller: &Caller) -> Value {
    let (kind, id) = match caller.who() {
        Who::Account { id, .. } => ("account", Some(id)),
        Who::Token { id, .. } => ("token", Some(id)),
        Who::Nobody | Who::Start | Who::Server => ("start", None),
    };
    let roles = Role::ALL.into_iter().filter(|role| caller.holds(&[*role]));
    let steps = |role: Role, wanted: Power| -> Vec<Step> {
        Step::ALL.into_iter().filter(|step| role.power(*step) == wanted).collect()
    };
    let steps: Map<String, Value> = roles
        .map(|role| {
            let of = json!({
                "always": steps(role, Power::Always),
                "on_theirs": steps(role, Power::OnTheirs),
            });
            (role.name().to_owned(), of)
        })
        .collect();
    json!({ "kind": kind, "account": id, "posts": caller.posts(), "steps": steps })
}

#[derive(Deserialize)]
struct NewPassword {
    password: String,
    new_password: String,
}

/// `PUT /api/v1/me/password`: a new password; all other sessions end.
async fn change_password(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let NewPassword { password, new_password } =
        read_json::<NewPassword>(&headers, body, SMALL_BODY).await?.value;
    let Who::Account { session, id } = caller.who() else { return Err(no_account()) };
    check_password(&new_password, id)?;
    let account_key = format!("account:{id}");
    app.access
        .lockouts
        .attempt(std::slice::from_ref(&account_key), Clock::real_now())
        .map_err(ApiError::too_many)?;
    let kept = app.store.account(id).await?.and_then(|held| held.password);
    if !secrets::is_password(password, kept.clone()).await {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "wrong-password",
            "The password is not the old one",
        ));
    }
    app.access.lockouts.succeeded(&account_key, None);
    let hash = secrets::hash_password(new_password).await.ok_or_else(ApiError::internal)?;
    let mut transaction = app.store.begin().await?;
    let held = transaction.account_to_change(id).await?;
    let Some(held) = held.filter(|held| held.password == kept) else {
        return Err(ApiError::conflict(
            "password-changed",
            "the password was changed meanwhile; log in again",
        ));
    };
    transaction.set_password(held.seq, Some(&hash)).await?;
    transaction.end_sessions(held.seq, Some(session)).await?;
    transaction.log(&entry(&caller, "change password", &format!("account/{id}"), "done")).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn no_account() -> ApiError {
    ApiError::conflict("no-session", "this is no session of an account")
}

fn check_password(password: &str, account: &str) -> ApiResult<()> {
    let length = password.chars().count();
    if !PASSWORD.contains(&length) {
        let (least, most) = (PASSWORD.start(), PASSWORD.end());
        return Err(ApiError::unprocessable(format!("new_password has not {least} to {most} characters")));
    }
    let first = password.chars().next();
    if password.to_lowercase().contains(&account.to_lowercase()) && account.len() > 3
        || password.chars().all(|c| Some(c) == first)
    {
        return Err(ApiError::unprocessable("new_password is too easy to guess"));
    }
    Ok(())
}
