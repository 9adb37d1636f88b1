//! Releasing a photo of an issue for walls, and withdrawing it: walls see no photo that nobody has looked at for that.
//!
//! What is released is one photo of one issue, whichever event named it. It is no step: it changes nothing of the issue,
//! and is taken back without a trace but the audit's.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::App;
use super::find;
use crate::governance::{IssueId, Role};
use crate::server::access::{Caller, entry};
use crate::server::problem::{ApiError, ApiResult};
use crate::server::store::HeldIssue;

/// `PUT /api/v1/issues/{id}/attachments/{hash}/release`: walls may show it.
pub(super) async fn release(
    State(app): State<App>,
    caller: Caller,
    Path(photo): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    change(&app, &caller, photo, true).await
}

/// `DELETE /api/v1/issues/{id}/attachments/{hash}/release`: walls may show it no more.
pub(super) async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(photo): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    change(&app, &caller, photo, false).await
}

async fn change(
    app: &App,
    caller: &Caller,
    (id, hash): (String, String),
    is_released: bool,
) -> ApiResult<StatusCode> {
    let id = IssueId(id);
    let no_issue = || ApiError::not_found(format!("there is no issue {id}"));
    let hash = find(app, &hash).await?.hash;
    // Events stay as they are, so what names the photo now names it below.
    let events = app.store.issue_events(&id).await?.ok_or_else(no_issue)?;
    let mut photos = events.iter().flat_map(|event| &event.attachments);
    if !photos.any(|photo| photo.hash.eq_ignore_ascii_case(&hash)) {
        return Err(ApiError::not_found(format!("no event of issue {id} names the photo {hash}")));
    }
    let mut transaction = app.store.begin().await?;
    let HeldIssue { seq, issue } = transaction.issue(&id).await?.ok_or_else(no_issue)?;
    let reporter = transaction.reporter(seq).await?;
    // A manager decides within their own areas.
    let is_theirs = caller.posts().iter().any(|post| match post.role {
        Role::Desk | Role::Admin => true,
        Role::Manager => post.covers(&issue, reporter.as_ref()),
        _ => false,
    });
    if !is_theirs && !caller.speaks_for_others() {
        let title = "This issue lies in none of your areas";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "not-theirs", title));
    }
    if transaction.release(seq, &hash, is_released, app.now()).await? {
        let action = if is_released { "release photo" } else { "withdraw photo" };
        transaction.log(&entry(caller, action, &format!("issue/{id}/attachment/{hash}"), "done")).await?;
        transaction.commit().await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
