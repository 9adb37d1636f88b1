//! Accounts and tokens, for whoever administers them. Everything is written to the audit with the change itself.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{AccessError, Caller, account_to_change, finish, fresh, no_account, office};
use crate::clock::Clock;
use crate::governance::rulebook::is_valid_id;
use crate::governance::{Department, PatrolId, Post, Role};
use crate::server::App;
use crate::server::problem::{ApiError, ApiResult};
use crate::server::request::{SMALL_BODY, json as read_json};
use crate::server::store::{HeldAccount, HeldToken};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/accounts", get(accounts))
        .route("/api/v1/accounts/{id}", get(account).put(put_account))
        .route("/api/v1/accounts/{id}/code", post(new_code))
        .route("/api/v1/accounts/{id}/sessions", delete(end_sessions))
        .route("/api/v1/tokens", get(tokens).post(new_token))
        .route("/api/v1/tokens/{id}", delete(revoke_token))
}

/// An account as it is shown: nothing personal, no secret.
fn account_json(held: &HeldAccount) -> Value {
    json!({
        "id": held.account.id,
        "posts": held.account.posts,
        "disabled": held.is_disabled,
        "has_password": held.password.is_some(),
    })
}

/// A token as it is shown.
fn token_json(token: &HeldToken) -> Value {
    json!({
        "id": token.id,
        "post": token.post,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    })
}

async fn accounts(State(app): State<App>) -> ApiResult<Response> {
    let accounts: Vec<Value> = app.store.accounts().await?.iter().map(account_json).collect();
    Ok(fresh(StatusCode::OK, &json!({ "accounts": accounts })))
}

async fn account(State(app): State<App>, Path(id): Path<String>) -> ApiResult<Response> {
    let held = app.store.account(&id).await?.ok_or_else(|| no_account(&id))?;
    Ok(fresh(StatusCode::OK, &account_json(&held)))
}

#[derive(Deserialize)]
struct PutAccount {
    posts: Vec<Post>,
    #[serde(default)]
    disabled: bool,
}

/// `PUT /api/v1/accounts/{id}`: 201 with a one-time code if it is new, else 200.
async fn put_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let PutAccount { posts, disabled } = read_json::<PutAccount>(&headers, body, SMALL_BODY).await?.value;
    if !is_valid_id(&id) {
        return Err(ApiError::unprocessable("id is not 1 to 64 letters, digits and -_.:"));
    }
    let now = Clock::real_now();
    let mut transaction = app.store.begin().await?;
    let held = transaction.account_to_change(&id).await?;
    let seq = match &held {
        Some(held) => held.seq,
        None => transaction.insert_account(&id, now).await?,
    };
    office::give_posts(&mut *transaction, seq, &posts).await?;
    transaction.set_disabled(seq, disabled.then_some(now)).await?;
    if disabled {
        transaction.end_sessions(seq, None).await?;
    }
    let code = match &held {
        Some(_) => None,
        None => Some(office::give_code(&mut *transaction, seq, now).await?),
    };
    let held = account_to_change(&mut *transaction, &id).await?;
    finish(transaction, &caller, "put account", &format!("account/{id}")).await?;
    let mut shown = account_json(&held);
    let Some(code) = code else { return Ok(fresh(StatusCode::OK, &shown)) };
    shown["code"] = code.into();
    Ok(fresh(StatusCode::CREATED, &shown))
}

/// `POST /api/v1/accounts/{id}/code`: a one-time code, told once; password and sessions are gone.
async fn new_code(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> ApiResult<Response> {
    let mut transaction = app.store.begin().await?;
    let held = account_to_change(&mut *transaction, &id).await?;
    let code = office::give_code(&mut *transaction, held.seq, Clock::real_now()).await?;
    finish(transaction, &caller, "give code", &format!("account/{id}")).await?;
    Ok(fresh(StatusCode::CREATED, &json!({ "account": id, "code": code })))
}

/// `DELETE /api/v1/accounts/{id}/sessions`: whoever is in is out.
async fn end_sessions(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> ApiResult<Response> {
    let mut transaction = app.store.begin().await?;
    let held = account_to_change(&mut *transaction, &id).await?;
    transaction.end_sessions(held.seq, None).await?;
    finish(transaction, &caller, "end sessions", &format!("account/{id}")).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn tokens(State(app): State<App>) -> ApiResult<Response> {
    let tokens: Vec<Value> = app.store.tokens().await?.iter().map(token_json).collect();
    Ok(fresh(StatusCode::OK, &json!({ "tokens": tokens })))
}

#[derive(Deserialize)]
struct NewToken {
    name: String,
    role: Role,
    #[serde(default)]
    areas: Vec<String>,
    #[serde(default)]
    departments: Vec<Department>,
    #[serde(default)]
    patrol: Option<PatrolId>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// `POST /api/v1/tokens`: 201 with the secret, which is told this once.
async fn new_token(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let NewToken { name, role, areas, departments, patrol, expires_at } =
        read_json::<NewToken>(&headers, body, SMALL_BODY).await?.value;
    let post = Post { name, role, areas, departments, patrol };
    let mut transaction = app.store.begin().await?;
    let tokens = app.store.tokens().await?;
    let given = office::give_token(&mut *transaction, &tokens, post, expires_at, Clock::real_now()).await?;
    let (token, secret) = given;
    finish(transaction, &caller, "create token", &format!("token/{}", token.id)).await?;
    let mut shown = token_json(&token);
    shown["token"] = secret.into();
    Ok(fresh(StatusCode::CREATED, &shown))
}

/// `DELETE /api/v1/tokens/{id}`: it lets nobody in from now on.
async fn revoke_token(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> ApiResult<Response> {
    let mut transaction = app.store.begin().await?;
    if !transaction.revoke_token(&id, Clock::real_now()).await? {
        return Err(ApiError::not_found(format!("there is no token {id} that could be revoked")));
    }
    finish(transaction, &caller, "revoke token", &format!("token/{id}")).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl From<AccessError> for ApiError {
    fn from(error: AccessError) -> Self {
        let detail = error.to_string();
        match error {
            AccessError::Store(error) => error.into(),
            AccessError::PostTaken { .. } => Self::conflict("post-taken", detail),
            AccessError::TokenTaken(_) => Self::conflict("token-taken", detail),
            AccessError::NoAccount(_) | AccessError::NoToken(_) => Self::not_found(detail),
            AccessError::Post(_) | AccessError::People(_) | AccessError::Open(_) => {
                Self::unprocessable(detail)
            }
        }
    }
}
