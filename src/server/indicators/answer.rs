//! `GET /api/v1/indicators`: every figure, with what it was before, the counts behind it and a link to its cases.

use std::collections::BTreeMap;

use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json, json};

use super::ledger::companies;
use super::question::Question;
use crate::governance::indicators::{Comparison, Figure, Tally, Value, View, Word, tally};
use crate::server::App;
use crate::server::problem::ApiResult;

type Groups = BTreeMap<Option<Word>, Tally>;

/// The figures.
pub(super) async fn indicators(State(app): State<App>, RawQuery(query): RawQuery) -> ApiResult<Response> {
    let zone = &app.ledger.zone;
    let question = Question::read(query.as_deref(), app.now(), zone)?;
    let views = [
        question.view(zone)?,
        question.compared(Comparison::Previous, zone)?,
        question.compared(Comparison::YearBefore, zone)?,
    ];
    let (by, wanted) = (question.by, question.wanted.clone());
    let companies = companies(&app.rules.organisation);
    let count = move |courses: &super::ledger::Courses| {
        let groups = views.map(|view| tally(courses.all(), &view, by, &wanted, &companies));
        (groups, courses.last_event())
    };
    let (groups, last_event) = app.ledger.look(&*app.store, count).await?;
    let body = json!({
        "period": { "name": question.period, "from": question.window.from, "to": question.window.to },
        "as_of": question.moment.at,
        "computed_at": app.now(),
        "event_id": last_event,
        "previous": compared(&views[1]),
        "year_before": compared(&views[2]),
        "by": question.by.map(crate::governance::indicators::Dimension::name),
        "groups": grouped(&question, &groups),
    });
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, body.to_string()).into_response())
}

fn compared(view: &View) -> Json {
    json!({ "from": view.window.from, "to": view.window.to, "as_of": view.moment.at })
}

/// A group for each key that there is now or was in either comparison; unsplit, the one group of all.
fn grouped(question: &Question, groups: &[Groups; 3]) -> Vec<Json> {
    let mut keys: Vec<&Option<Word>> = groups.iter().flat_map(BTreeMap::keys).collect();
    keys.sort_unstable();
    keys.dedup();
    if question.by.is_none() {
        keys = vec![&None];
    }
    let nothing = Tally::default();
    let of = |key: &Option<Word>| groups.each_ref().map(|groups| groups.get(key).unwrap_or(&nothing));
    keys.into_iter()
        .map(|key| json!({ "key": key.as_deref(), "figures": figures(question, key.as_deref(), of(key)) }))
        .collect()
}

fn figures(question: &Question, key: Option<&str>, tallies: [&Tally; 3]) -> Map<String, Json> {
    let group = question.by.map(|by| (by, key.unwrap_or_default()));
    let query = question.query(group, None);
    let figure = |figure: Figure| {
        let [value, previous, year_before] = tallies.map(|tally| tally.value(figure));
        let mut entry = json!(value);
        entry["previous"] = with_change(value, previous);
        entry["year_before"] = with_change(value, year_before);
        entry["cases"] = format!("/api/v1/indicators/{}/cases?{query}", figure.name()).into();
        (figure.name().to_owned(), entry)
    };
    Figure::ALL.into_iter().map(figure).collect()
}

/// What it was, and how much it has changed since: of a rate the difference, of everything else the part by which it grew.
fn with_change(value: Value, before: Value) -> Json {
    let plain = |value: Value| match value {
        Value::Count { value } => Some(value as f64),
        Value::Ratio { value, .. } | Value::Median { value, .. } => value,
    };
    let change = plain(value).zip(plain(before)).and_then(|(now, then)| match before {
        Value::Ratio { .. } => Some(now - then),
        _ => (then != 0.0).then(|| (now - then) / then),
    });
    let mut entry = json!(before);
    entry["change"] = json!(change);
    entry
}
