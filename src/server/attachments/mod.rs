//! Photos before and after: taken in, checked by content, stripped of what they say of themselves, kept, served.
//!
//! ```text
//! POST → prepare (a thread: take apart, decode, small one) → files (durable) → writer (its row) → 201 with the hash
//! ```
//!
//! A report or a step names photos by hash; the writer refuses hashes that are not stored and notes which event named one first.
//! Walls see what was released for them (`release`), and nothing else.
//! What no event named within a day is removed by [`keep_house`]: first the row, then, an hour after it was written, the file.

mod files;
mod housekeeping;
mod jpeg;
mod metadata;
mod photo;
mod png;
mod release;
mod sound;

use std::io;
use std::path::PathBuf;

use axum::Router;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};

use self::photo::{MAX_BYTES, Photo, PhotoError};
use super::App;
use super::access::{Caller, Level};
use super::problem::{ApiError, ApiResult};
use super::request::read_body;
use super::store::StoreError;
use super::store::attachments::AttachmentRow;
use super::writer::{Write, Written};
use crate::governance::StoredAttachment;

pub(super) use files::Files;
pub(super) use housekeeping::keep_house;
pub(super) use sound::{Copied, Examined, copy_photos, examine_photos};
#[cfg(test)]
pub(super) use {housekeeping::tidy, photo::tests::jpeg_with_exif};

/// What a form needs around the photo.
const FORM_BYTES: usize = 64 * 1024;
/// A hash never stands for anything else.
const FOREVER: &str = "private, max-age=31536000, immutable";

/// What is released may be withdrawn.
const WHILE_RELEASED: &str = "private, no-cache";

/// The routes of photos.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/attachments", post(upload).layer(DefaultBodyLimit::max(MAX_BYTES + FORM_BYTES)))
        .route("/api/v1/attachments/{hash}", get(photo))
        .route("/api/v1/attachments/{hash}/thumbnail", get(thumbnail))
        .route(
            "/api/v1/issues/{id}/attachments/{hash}/release",
            put(release::release).delete(release::withdraw),
        )
}

/// `POST /api/v1/attachments`: a photo as the body, or as a file of a form; 201 with its hash, 200 if it was there.
async fn upload(State(app): State<App>, caller: Caller, request: Request) -> ApiResult<Response> {
    let sent = sent_photo(request).await?;
    let Ok(_permit) = app.files.decoding.acquire().await else { return Err(ApiError::unavailable()) };
    let prepared = tokio::task::spawn_blocking(move || photo::prepare(&sent)).await;
    let photo = prepared.map_err(|_panicked| {
        tracing::error!("a decoder panicked on a photo");
        ApiError::unprocessable("the photo cannot be read")
    })??;
    let answer = StoredAttachment {
        hash: photo.hash.clone(),
        media_type: photo.media_type.to_owned(),
        bytes: photo.bytes.len(),
        width: photo.width,
        height: photo.height,
        taken_at: photo.taken_at,
        place: photo.place,
    };
    let created = keep(&app, &caller, photo).await?;
    let body = serde_json::to_string(&answer).map_err(StoreError::from)?;
    let location = HeaderValue::try_from(format!("/api/v1/attachments/{}", answer.hash));
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// Keeps a photo: its files first, then its row; says whether it is new.
///
/// The files are written even if they are there: they may have been damaged, or be about to be removed.
async fn keep(app: &App, caller: &Caller, photo: Photo) -> ApiResult<bool> {
    let row = AttachmentRow {
        hash: photo.hash.clone(),
        media_type: photo.media_type.to_owned(),
        bytes: i64::try_from(photo.bytes.len()).unwrap_or(i64::MAX),
        width: i64::from(photo.width),
        height: i64::from(photo.height),
    };
    let (path, small) = (app.files.photo(&photo.hash), app.files.thumbnail(&photo.hash));
    let put = move || files::put(&small, &photo.thumbnail).and_then(|()| files::put(&path, &photo.bytes));
    let _not_while_tidying = app.files.tidying.read().await;
    match tokio::task::spawn_blocking(put).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(unkept(&error)),
        Err(_panicked) => return Err(ApiError::internal()),
    }
    match app.writer.write(caller, Write::Attachment(Box::new(row))).await? {
        Written::Attachment { created } => Ok(created),
        _ => Err(ApiError::internal()),
    }
}

fn unkept(error: &io::Error) -> ApiError {
    tracing::error!(%error, "a photo cannot be written");
    ApiError::unavailable()
}

/// The bytes of the photo, from the body or from the first file of a form.
async fn sent_photo(request: Request) -> ApiResult<Vec<u8>> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    match media_type.to_ascii_lowercase().as_str() {
        "multipart/form-data" => {
            let form = Multipart::from_request(request, &()).await;
            let form = form.map_err(|error| ApiError::bad_request(error.body_text()))?;
            file_of_form(form).await
        }
        // What it is, its content says.
        "application/octet-stream" | "image/jpeg" | "image/jpg" | "image/png" => {
            read_body(request.into_body(), MAX_BYTES).await
        }
        _ => {
            let title = "A photo is sent as image/jpeg, image/png or multipart/form-data";
            Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-a-photo", title))
        }
    }
}

async fn file_of_form(mut form: Multipart) -> ApiResult<Vec<u8>> {
    while let Some(mut field) = form.next_field().await.map_err(|error| form_error(&error))? {
        if field.file_name().is_none() {
            continue;
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| form_error(&error))? {
            if bytes.len() + chunk.len() > MAX_BYTES {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        return Ok(bytes);
    }
    Err(ApiError::unprocessable("there is no file in the form"))
}

fn form_error(error: &MultipartError) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large()
    } else {
        ApiError::bad_request(error.body_text())
    }
}

fn too_large() -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The photo is too large")
        .with_detail(format!("At most {MAX_BYTES} bytes; send a smaller one."))
}

impl From<PhotoError> for ApiError {
    fn from(error: PhotoError) -> Self {
        match error {
            PhotoError::UnknownFormat => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not-a-photo",
                "The content is neither JPEG nor PNG",
            ),
            error => Self::unprocessable(format!("the photo is not taken: {error}")),
        }
    }
}

/// `GET /api/v1/attachments/{hash}`: the photo.
async fn photo(
    State(app): State<App>,
    caller: Caller,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let (row, kept) = find_for(&app, &caller, &hash).await?;
    let extension = if row.media_type == "image/png" { "png" } else { "jpg" };
    let path = app.files.photo(&row.hash);
    serve(&headers, path, &row.media_type, &row.hash, extension, kept).await
}

/// `GET /api/v1/attachments/{hash}/thumbnail`: a JPEG of 320 pixels at most a side.
async fn thumbnail(
    State(app): State<App>,
    caller: Caller,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let (row, kept) = find_for(&app, &caller, &hash).await?;
    let path = app.files.thumbnail(&row.hash);
    serve(&headers, path, "image/jpeg", &format!("{}-small", row.hash), "jpg", kept).await
}

/// A photo that the caller may see, and how long whoever has it may keep it.
async fn find_for(app: &App, caller: &Caller, hash: &str) -> ApiResult<(AttachmentRow, &'static str)> {
    let row = find(app, hash).await?;
    if caller.level() > Level::Screen {
        return Ok((row, FOREVER));
    }
    if app.store.is_released(&row.hash).await? {
        return Ok((row, WHILE_RELEASED));
    }
    // Not even that it is there.
    Err(no_photo(&row.hash))
}

fn no_photo(hash: &str) -> ApiError {
    ApiError::not_found(format!("there is no attachment {hash:?}"))
}

async fn find(app: &App, hash: &str) -> ApiResult<AttachmentRow> {
    let hash = hash.to_ascii_lowercase();
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let row = if is_hash { app.store.attachment(&hash).await? } else { None };
    row.ok_or_else(|| no_photo(&hash))
}

async fn serve(
    headers: &HeaderMap,
    path: PathBuf,
    media_type: &str,
    tag: &str,
    extension: &str,
    kept: &'static str,
) -> ApiResult<Response> {
    let value = |text: String| HeaderValue::try_from(text).map_err(|_unprintable| ApiError::internal());
    let etag = value(format!("\"{tag}\""))?;
    let cached = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, HeaderValue::from_static(kept))];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| *seen == etag) {
        return Ok((StatusCode::NOT_MODIFIED, cached).into_response());
    }
    let bytes = tokio::fs::read(&path).await.map_err(|error| {
        tracing::error!(%error, path = %path.display(), "a photo that is stored cannot be read");
        ApiError::unavailable()
    })?;
    let name = tag.get(..12).unwrap_or(tag);
    let more = [
        (header::CONTENT_TYPE, value(media_type.to_owned())?),
        (header::CONTENT_DISPOSITION, value(format!("inline; filename=\"{name}.{extension}\""))?),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    Ok((cached, more, bytes).into_response())
}
