//! Subscriptions over HTTP, for whoever administers them; and the log of what was sent.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::subscription::{Held, MOST, NewSubscription, Subscription, every};
use crate::server::App;
use crate::server::problem::{ApiError, ApiResult};
use crate::server::request::{SMALL_BODY, json as read_json};
use crate::server::store::StoreError;

/// Deliveries of a page.
const PAGE: u32 = 100;

/// The routes of this module.
pub(in crate::server) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/webhooks", get(list).post(create))
        .route("/api/v1/webhooks/{id}", get(one).put(change).delete(remove))
        .route("/api/v1/webhooks/{id}/deliveries", get(deliveries))
}

/// A subscription as it is shown: its secret only when it was made.
fn shown(held: &Held) -> Value {
    let Subscription { url, kinds, areas, departments, paused, created_at, .. } = &held.subscription;
    json!({
        "id": held.id,
        "url": url,
        "kinds": kinds,
        "areas": areas,
        "departments": departments,
        "paused": paused,
        "created_at": created_at,
        "deliveries": format!("/api/v1/webhooks/{}/deliveries", held.id),
    })
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

fn no_webhook(id: &str) -> ApiError {
    ApiError::not_found(format!("there is no webhook {id}"))
}

/// No database is asked for what cannot be the id of one.
fn check_id(id: &str) -> ApiResult<()> {
    uuid::Uuid::try_parse(id).map(|_is_one| ()).map_err(|_is_none| no_webhook(id))
}

async fn list(State(app): State<App>) -> ApiResult<Response> {
    let held = every(&*app.store).await?;
    Ok(answer(StatusCode::OK, &json!({ "webhooks": held.iter().map(shown).collect::<Vec<_>>() })))
}

async fn find(app: &App, id: &str) -> ApiResult<Held> {
    check_id(id)?;
    let record = app.store.record(super::RECORD, id).await?.ok_or_else(|| no_webhook(id))?;
    let subscription = serde_json::from_str(&record.body).map_err(StoreError::from)?;
    Ok(Held { id: record.id, version: record.version, subscription })
}

async fn one(State(app): State<App>, Path(id): Path<String>) -> ApiResult<Response> {
    Ok(answer(StatusCode::OK, &shown(&find(&app, &id).await?)))
}

async fn put(app: &App, held: &Held) -> ApiResult<()> {
    let body = serde_json::to_string(&held.subscription).map_err(StoreError::from)?;
    let mut transaction = app.store.begin().await?;
    transaction.put_record(super::RECORD, &held.id, held.version, &body, app.now()).await?;
    Ok(transaction.commit().await?)
}

/// `POST /api/v1/webhooks`: 201 with the secret, which is not shown again.
async fn create(State(app): State<App>, headers: HeaderMap, body: Body) -> ApiResult<Response> {
    if !app.can_send {
        return Err(ApiError::conflict(
            "cannot-send",
            "this server was started without a way to send webhooks",
        ));
    }
    let new = read_json::<NewSubscription>(&headers, body, SMALL_BODY).await?.value;
    let subscription = new.checked(None, app.now())?;
    if every(&*app.store).await?.len() >= MOST {
        return Err(ApiError::conflict("too-many", format!("there are {MOST} webhooks already; delete one")));
    }
    let held = Held { id: uuid::Uuid::now_v7().to_string(), version: 1, subscription };
    put(&app, &held).await?;
    let mut body = shown(&held);
    body["secret"] = held.subscription.secret.as_str().into();
    let location = [(header::LOCATION, format!("/api/v1/webhooks/{}", held.id))];
    Ok((location, answer(StatusCode::CREATED, &body)).into_response())
}

/// `PUT /api/v1/webhooks/{id}`: keeps the secret unless another one is given.
async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let new = read_json::<NewSubscription>(&headers, body, SMALL_BODY).await?.value;
    let before = find(&app, &id).await?;
    let subscription = new.checked(Some(&before.subscription), app.now())?;
    let held = Held { version: before.version + 1, subscription, ..before };
    put(&app, &held).await?;
    Ok(answer(StatusCode::OK, &shown(&held)))
}

/// `DELETE /api/v1/webhooks/{id}`: 204; what waits for it is given up.
async fn remove(State(app): State<App>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    check_id(&id)?;
    let mut transaction = app.store.begin().await?;
    if !transaction.delete_record(super::RECORD, &id).await? {
        return Err(no_webhook(&id));
    }
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/webhooks/{id}/deliveries`: the newest first, each with every attempt.
async fn deliveries(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let mut before = i64::MAX;
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        before = match &*name {
            "cursor" => value
                .parse()
                .map_err(|_not_a_number| ApiError::bad_request("cursor is not one that a next link gave"))?,
            _ => {
                return Err(ApiError::bad_request(format!(
                    "{name:?} is not a parameter here; there is cursor"
                )));
            }
        };
    }
    find(&app, &id).await?;
    let told = app.store.told(&id, before, PAGE).await?;
    let next = (told.len() == PAGE as usize).then(|| told.last()).flatten();
    let next = next.map(|last| format!("/api/v1/webhooks/{id}/deliveries?cursor={}", last.seq));
    Ok(answer(StatusCode::OK, &json!({ "deliveries": told, "next": next })))
}
