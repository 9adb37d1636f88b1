//! The routes that write: reports, steps, patrols, positions, history. Each answers after the commit.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::App;
use super::access::{Caller, Level, Thing, mask_events, mask_feature};
use super::features::feature_response;
use super::problem::{ApiError, ApiResult};
use super::request::{BATCH_BODY, SMALL_BODY, idempotency_key, json, seen_version};
use super::store::{StoreError, Versioned};
use super::writer::{Write, Written};
use crate::governance::wire::Item;
use crate::governance::{
    HistoryBatch, Issue, IssueId, NewIssue, NewPatrol, NewStep, PatrolId, PositionBatch, Role,
};

/// `POST /api/v1/issues`: 201 with Location, ETag and the issue.
pub(super) async fn report(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let body = json::<NewIssue>(&headers, body, SMALL_BODY).await?;
    let key = idempotency_key(&headers, &caller, "POST issues", &body.hash)?;
    let written =
        app.writer.write(&caller, Write::Report { new: Box::new(body.value), contact: None, key }).await?;
    let Written::Issue(issue) = written else { return Err(ApiError::internal()) };
    let location = HeaderValue::try_from(format!("/api/v1/issues/{}", issue.id));
    let mut response = feature(&app, &caller, StatusCode::CREATED, issue.version, &*issue)?;
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// `POST /api/v1/issues/{id}/steps`: the issue as it stands afterwards, with its new ETag.
pub(super) async fn step(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let body = json::<NewStep>(&headers, body, SMALL_BODY).await?;
    let seen = seen_version(&headers)?;
    let key = idempotency_key(&headers, &caller, &format!("POST issues/{id}/steps"), &body.hash)?;
    let step = Write::Step { id: IssueId(id), seen, new: Box::new(body.value), key };
    let written = app.writer.write(&caller, step).await?;
    let Written::Issue(issue) = written else { return Err(ApiError::internal()) };
    feature(&app, &caller, StatusCode::OK, issue.version, &*issue)
}

/// `GET /api/v1/issues/{id}/events`: everything that happened to an issue, in order.
pub(super) async fn issue_events(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let id = IssueId(id);
    let events = app.store.issue_events(&id).await?;
    let events = events.ok_or_else(|| ApiError::not_found(format!("there is no issue {id}")))?;
    let mut events = serde_json::to_value(events).map_err(StoreError::from)?;
    // What is for walls is for no program of somebody else.
    let is_shown = caller.level() > Level::Screen || caller.holds(&[Role::Screen]);
    let released = if is_shown { app.store.released(&id).await? } else { BTreeSet::new() };
    mask_events(&mut events, caller.level(), app.now(), &released);
    let body = serde_json::json!({ "events": events });
    Ok(([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response())
}

/// `PUT /api/v1/patrols/{id}`: 201 if it is new, else 200.
pub(super) async fn put_patrol(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let body = json::<NewPatrol>(&headers, body, SMALL_BODY).await?;
    let write = Write::Patrol { id: PatrolId(id), new: Box::new(body.value) };
    let written = app.writer.write(&caller, write).await?;
    let Written::Patrol { patrol, created } = written else { return Err(ApiError::internal()) };
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    feature(&app, &caller, status, patrol.version, &*patrol)
}

/// `POST /api/v1/positions`: how many were taken, and which were not.
pub(super) async fn positions(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let body = json::<PositionBatch>(&headers, body, BATCH_BODY).await?;
    check_size(body.value.0.len(), PositionBatch::MAX)?;
    let written = app.writer.write(&caller, Write::Positions(body.value)).await?;
    let Written::Positions(accepted) = written else { return Err(ApiError::internal()) };
    json_answer(StatusCode::OK, &accepted)
}

/// `POST /api/v1/history`: whole lives of issues, only into a file of simulated data.
pub(super) async fn history(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let body = json::<HistoryBatch>(&headers, body, BATCH_BODY).await?;
    check_size(body.value.issues.len(), HistoryBatch::MAX)?;
    let written = app.writer.write(&caller, Write::History(body.value)).await?;
    let Written::History(accepted) = written else { return Err(ApiError::internal()) };
    json_answer(StatusCode::CREATED, &accepted)
}

fn check_size(entries: usize, max: usize) -> ApiResult<()> {
    if entries > max {
        return Err(ApiError::unprocessable(format!(
            "{entries} entries are too many; send at most {max} at once"
        )));
    }
    Ok(())
}

fn feature<T: Item>(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    version: u64,
    item: &T,
) -> ApiResult<Response> {
    let thing = if T::COLLECTION == Issue::COLLECTION { Thing::Issue } else { Thing::Patrol };
    let text = item.to_text().map_err(StoreError::from)?;
    let feature = mask_feature(thing, text, caller.level(), app.now()).map_err(StoreError::from)?;
    Ok(feature_response(status, Versioned { version, feature }))
}

fn json_answer(status: StatusCode, answer: &impl serde::Serialize) -> ApiResult<Response> {
    let body = serde_json::to_string(answer).map_err(StoreError::from)?;
    Ok((status, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}
