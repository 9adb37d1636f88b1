//! `GET /api/v1/indicators/{figure}/cases`: the cases behind a figure, in the order of their arrival, in pages.

use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};

use super::ledger::companies;
use super::question::Question;
use crate::governance::indicators::{Course, Figure, Moment, cases as cases_of};
use crate::server::App;
use crate::server::problem::{ApiError, ApiResult};

/// The cases.
pub(super) async fn cases(
    State(app): State<App>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let figure = Figure::ALL.into_iter().find(|figure| figure.name() == name).ok_or_else(|| {
        let known = Figure::ALL.map(Figure::name).join(", ");
        ApiError::not_found(format!("there is no figure {name:?}; there are {known}"))
    })?;
    let zone = &app.ledger.zone;
    let question = Question::read(query.as_deref(), app.now(), zone)?;
    let view = question.view(zone)?;
    let (wanted, companies) = (question.wanted.clone(), companies(&app.rules.organisation));
    let (cursor, limit) = (question.cursor, question.limit);
    let list = move |courses: &super::ledger::Courses| {
        let mut page = Vec::new();
        let mut matched = 0_usize;
        for course in cases_of(courses.all(), &view, figure, &wanted, &companies) {
            if matched >= cursor && page.len() < limit {
                page.push(case(course, view.moment));
            }
            matched += 1;
        }
        (page, matched)
    };
    let (page, matched) = app.ledger.look(&*app.store, list).await?;
    let end = cursor.saturating_add(page.len());
    let next = (end < matched && !page.is_empty())
        .then(|| format!("/api/v1/indicators/{name}/cases?{}", question.query(None, Some(end))));
    let body = json!({
        "figure": name,
        "period": { "from": question.window.from, "to": question.window.to },
        "as_of": question.moment.at,
        "number_matched": matched,
        "number_returned": page.len(),
        "cases": page,
        "next": next,
    });
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, body.to_string()).into_response())
}

/// A case as it stood at the moment.
fn case(course: &Course, moment: Moment) -> Json {
    let standing = course.at(moment);
    json!({
        "id": course.id,
        "title": course.title,
        "state": standing.map(|standing| standing.last.state),
        "reported_at": standing.map(|standing| standing.first.happened_at),
        "due_at": standing.and_then(|standing| standing.last.due_at),
        "closed_at": standing.and_then(|standing| standing.closed_at),
        "href": format!("/api/v1/issues/{}", course.id),
    })
}
