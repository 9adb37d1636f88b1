//! Personal data: who has an account, who reported an issue. Each reading is recorded, before it is answered.
//!
//! It lies in tables of its own, so erasing it leaves issues and events as they are. The audit is read here, too;
//! it names accounts and issues, never a person.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::{Caller, account_to_change, finish, fresh};
use crate::clock::Clock;
use crate::governance::rulebook::check_text;
use crate::governance::{IssueId, Role};
use crate::server::App;
use crate::server::problem::{ApiError, ApiResult};
use crate::server::request::{SMALL_BODY, json as read_json};
use crate::server::store::{Contact, Person, without_nul};

/// How long a contact is kept unless it says otherwise, and at most, in days.
pub(in crate::server) const KEEP_DAYS: u32 = 180;
const MOST_KEEP_DAYS: u32 = 1_095;
/// Lines of the audit at once.
const AUDIT_LINES: u32 = 1_000;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/accounts/{id}/person", get(person).put(put_person).delete(erase_person))
        .route("/api/v1/issues/{id}/contact", get(contact).put(put_contact).delete(erase_contact))
        .route("/api/v1/audit", get(audit))
}

/// `GET /api/v1/accounts/{id}/person`: whose account it is; recorded.
async fn person(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> ApiResult<Response> {
    let mut transaction = app.store.begin().await?;
    let seq = account_to_change(&mut *transaction, &id).await?.seq;
    let person = transaction.person(seq).await?;
    finish(transaction, &caller, "read person", &format!("account/{id}")).await?;
    let person = person.ok_or_else(|| ApiError::not_found("nobody is written down for this account"))?;
    Ok(fresh(StatusCode::OK, &person))
}

/// `PUT /api/v1/accounts/{id}/person`.
async fn put_person(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let Person { name, phone } = read_json::<Person>(&headers, body, SMALL_BODY).await?.value;
    let person = Person { name: name.replace('\0', ""), phone: without_nul(phone) };
    check_text("name", &person.name, 100)?;
    check_text("phone", person.phone.as_deref().unwrap_or_default(), 40)?;
    let mut transaction = app.store.begin().await?;
    let seq = account_to_change(&mut *transaction, &id).await?.seq;
    transaction.set_person(seq, Some(&person)).await?;
    finish(transaction, &caller, "write person", &format!("account/{id}")).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `DELETE /api/v1/accounts/{id}/person`: erased for good.
async fn erase_person(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> ApiResult<Response> {
    let mut transaction = app.store.begin().await?;
    let seq = account_to_change(&mut *transaction, &id).await?.seq;
    transaction.set_person(seq, None).await?;
    finish(transaction, &caller, "erase person", &format!("account/{id}")).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A contact as it comes.
#[derive(Deserialize)]
struct NewContact {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    words: Option<String>,
    purpose: String,
    #[serde(default)]
    keep_days: Option<u32>,
}

/// `GET /api/v1/issues/{id}/contact`: who reported it; recorded.
async fn contact(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> ApiResult<Response> {
    let id = IssueId(id);
    let mut transaction = app.store.begin().await?;
    let held = transaction.contact(&id).await?.ok_or_else(|| no_issue(&id))?;
    finish(transaction, &caller, "read contact", &format!("issue/{id}")).await?;
    let Some(Contact { name, phone, email, words, purpose, keep_until }) = held else {
        return Err(ApiError::not_found("nobody is written down for this issue"));
    };
    Ok(fresh(
        StatusCode::OK,
        &json!({
            "name": name, "phone": phone, "email": email, "words": words, "purpose": purpose, "keep_until": keep_until,
        }),
    ))
}

/// Until when a contact is kept that is written down now.
pub(in crate::server) fn keep_until(days: u32) -> Timestamp {
    let now = Clock::real_now();
    now.saturating_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(now)
}

fn no_issue(id: &IssueId) -> ApiError {
    ApiError::not_found(format!("there is no issue {id}"))
}

/// `PUT /api/v1/issues/{id}/contact`: the desk for any issue, others for what they reported.
async fn put_contact(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let new = read_json::<NewContact>(&headers, body, SMALL_BODY).await?.value;
    let id = IssueId(id);
    for (member, text, most) in [
        ("name", new.name.as_deref(), 100),
        ("phone", new.phone.as_deref(), 40),
        ("email", new.email.as_deref(), 200),
        ("words", new.words.as_deref(), 4_000),
        ("purpose", Some(new.purpose.as_str()), 200),
    ] {
        check_text(member, text.unwrap_or_default(), most)?;
    }
    if new.purpose.trim().is_empty() {
        return Err(ApiError::unprocessable("purpose is empty; personal data is kept for a purpose alone"));
    }
    let days = new.keep_days.unwrap_or(KEEP_DAYS);
    if !(1..=MOST_KEEP_DAYS).contains(&days) {
        return Err(ApiError::unprocessable(format!("keep_days is not 1 to {MOST_KEEP_DAYS}")));
    }
    let contact = Contact {
        name: without_nul(new.name),
        phone: without_nul(new.phone),
        email: without_nul(new.email),
        words: without_nul(new.words),
        purpose: new.purpose.replace('\0', ""),
        keep_until: keep_until(days),
    };
    let mut transaction = app.store.begin().await?;
    let issue = transaction.issue(&id).await?.ok_or_else(|| no_issue(&id))?;
    let reporter = transaction.reporter(issue.seq).await?;
    let is_theirs = caller.posts().iter().any(|post| reporter.as_ref() == Some(&post.actor()));
    if !caller.holds(&[Role::Desk, Role::Admin]) && !is_theirs {
        let title = "Only the desk and whoever reported an issue may say whom to reach about it";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "not-theirs", title));
    }
    transaction.set_contact(&id, Some(&contact)).await?;
    finish(transaction, &caller, "write contact", &format!("issue/{id}")).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `DELETE /api/v1/issues/{id}/contact`: erased for good.
async fn erase_contact(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let id = IssueId(id);
    let mut transaction = app.store.begin().await?;
    if !transaction.set_contact(&id, None).await? {
        return Err(no_issue(&id));
    }
    finish(transaction, &caller, "erase contact", &format!("issue/{id}")).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /api/v1/audit?after=N`: a thousand lines after that number, oldest first; `next` where there may be more.
async fn audit(State(app): State<App>, RawQuery(query): RawQuery) -> ApiResult<Response> {
    let mut after = 0;
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let number = value.parse::<i64>().ok().filter(|number| *number >= 0);
        match (&*name, number) {
            ("after", Some(number)) => after = number,
            _ => return Err(ApiError::bad_request("there is one parameter, after: a line's number")),
        }
    }
    let lines = app.store.audit(after, AUDIT_LINES).await?;
    let is_full = lines.len() == AUDIT_LINES as usize;
    let next = lines.last().filter(|_| is_full).map(|line| line.number);
    Ok(fresh(StatusCode::OK, &json!({ "lines": lines, "next": next })))
}
