//! Issues as the standard's requests: one, some, and the id behind a token.
//!
//! Pages are counted, the last reported first: a report that arrives meanwhile shows the reader one twice, never one
//! less. A page behind the last is empty.

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};

use super::super::App;
use super::super::access::{Caller, mask_issue};
use super::super::problem::{ApiError, ApiResult};
use super::super::store::{CountedPage, Interval, IssueFilter, StoreError, class_key};
use super::document::{Format, Node};
use super::report::split_link;
use super::{services, split_file};
use crate::governance::{Issue, State as IssueState};

/// The longest span of `start_date` and `end_date`, and the span where neither is said; the standard's.
const SPAN: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Requests of a page unless the client says otherwise, and at most; the standard's.
const PAGE: u32 = 1_000;

/// `GET requests.json` or `.xml`.
pub(super) async fn list(
    app: &App,
    caller: &Caller,
    query: Option<&str>,
    format: Format,
) -> ApiResult<Response> {
    let (filter, page) = filter(query, app.now())?;
    let issues = app.store.newest_issues(&filter, page).await?;
    answer(app, caller, issues, format)
}

/// `GET requests/{service_request_id}.json` or `.xml`: a list of one.
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(file): Path<String>,
) -> ApiResult<Response> {
    let (id, format) = split_file(&file)?;
    let issue = find(&app, id).await?;
    answer(&app, &caller, vec![issue], format)
}

/// `GET tokens/{token}.json` or `.xml`. Ids are given at once, so a token is an id.
pub(super) async fn token(State(app): State<App>, Path(file): Path<String>) -> ApiResult<Response> {
    let (token, format) = split_file(&file)?;
    let issue = find(&app, token).await?;
    let request =
        Node::Record(vec![("service_request_id", Node::text(&issue.id.0)), ("token", Node::text(token))]);
    Ok(Node::List("request", vec![request]).answer("service_requests", format))
}

async fn find(app: &App, id: &str) -> ApiResult<Issue> {
    let filter = IssueFilter { ids: vec![id.to_owned()], ..IssueFilter::default() };
    let found = app.store.newest_issues(&filter, CountedPage { skip: 0, limit: 1 }).await?;
    let not_found = || ApiError::not_found(format!("service_request_id {id:?} was not found"));
    found.into_iter().next().ok_or_else(not_found)
}

fn answer(app: &App, caller: &Caller, issues: Vec<Issue>, format: Format) -> ApiResult<Response> {
    let mut requests = Vec::with_capacity(issues.len());
    for issue in issues {
        let shown = mask_issue(issue, caller.level(), app.now()).map_err(StoreError::from)?;
        requests.push(request(app, &shown));
    }
    Ok(Node::List("request", requests).answer("service_requests", format))
}

fn request(app: &App, issue: &Issue) -> Node {
    let time =
        |time: Option<Timestamp>| Node::optional(time.map(to_second).as_ref().map(ToString::to_string));
    let (description, link) = split_link(&issue.description);
    Node::Record(vec![
        ("service_request_id", Node::text(&issue.id.0)),
        ("status", Node::text(if issue.state.is_open() { "open" } else { "closed" })),
        ("status_notes", Node::text(status_notes(issue))),
        ("service_name", Node::text(services::name(app, &issue.class, &issue.class_name))),
        ("service_code", Node::text(class_key(&issue.class))),
        ("description", Node::text(description)),
        ("agency_responsible", Node::optional(issue.department.as_ref())),
        ("service_notice", Node::Nothing),
        ("requested_datetime", time(Some(issue.reported_at))),
        ("updated_datetime", time(Some(issue.updated_at))),
        ("expected_datetime", time(issue.due_at)),
        ("address", Node::optional(issue.address.as_ref())),
        ("address_id", Node::optional(issue.building.as_ref())),
        ("zipcode", Node::Nothing),
        ("lat", issue.place.map_or(Node::Nothing, |place| Node::Number(place.lat))),
        ("long", issue.place.map_or(Node::Nothing, |place| Node::Number(place.lon))),
        ("media_url", Node::optional(link)),
    ])
}

/// The standard has open and closed; which of our states it is, is said in the notes.
fn status_notes(issue: &Issue) -> String {
    match (&issue.merged_into, issue.state) {
        (Some(into), IssueState::Merged) => format!("merged into {into}"),
        (_, state) => state.name().to_owned(),
    }
}

/// The standard's dates end with the second.
fn to_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// The parameters; what we do not know is another server's extension and ignored, what is empty is not said.
fn filter(query: Option<&str>, now: Timestamp) -> ApiResult<(IssueFilter, CountedPage)> {
    let mut filter = IssueFilter::default();
    let (mut from, mut to) = (None, None);
    let (mut page, mut size) = (1, PAGE);
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if value.trim().is_empty() {
            continue;
        }
        let words = || value.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty());
        match &*name {
            "service_request_id" => filter.ids = words().take(PAGE as usize).collect(),
            "service_code" => filter.classes = words().take(PAGE as usize).collect(),
            "start_date" => from = Some(date(&name, &value)?),
            "end_date" => to = Some(date(&name, &value)?),
            "status" => filter.states = states(words())?,
            "page" => page = number(&name, &value)?.max(1),
            "page_size" => size = number(&name, &value)?.clamp(1, PAGE),
            _ => {}
        }
    }
    let page = CountedPage { skip: (page - 1).saturating_mul(size), limit: size };
    if !filter.ids.is_empty() {
        // By the standard, ids override everything else.
        return Ok((IssueFilter { ids: filter.ids, ..IssueFilter::default() }, page));
    }
    let before = |time: Timestamp| time.saturating_sub(SPAN).unwrap_or(Timestamp::MIN);
    let after = |time: Timestamp| time.saturating_add(SPAN).unwrap_or(Timestamp::MAX);
    filter.reported = Some(match (from, to) {
        (Some(from), Some(to)) if from > to => {
            return Err(ApiError::bad_request("start_date lies after end_date"));
        }
        (Some(from), Some(to)) if to > after(from) => {
            return Err(ApiError::bad_request("start_date and end_date span more than 90 days"));
        }
        (Some(from), to) => Interval { from: Some(from), to: Some(to.unwrap_or_else(|| after(from))) },
        (None, Some(to)) => Interval { from: Some(before(to)), to: Some(to) },
        (None, None) => Interval { from: Some(before(now)), to: None },
    });
    Ok((filter, page))
}

fn date(name: &str, text: &str) -> ApiResult<Timestamp> {
    // An unescaped plus sign arrives as a space.
    text.trim().replace(' ', "+").parse().map_err(|_not_a_time| {
        ApiError::bad_request(format!(
            "{name} is {text:?}, expected a time with its zone such as 2026-09-15T00:00:00Z"
        ))
    })
}

fn number(name: &str, text: &str) -> ApiResult<u32> {
    text.trim().parse().map_err(|_not_a_number| {
        ApiError::bad_request(format!("{name} is {text:?}, expected a number such as 2"))
    })
}

fn states(words: impl Iterator<Item = String>) -> ApiResult<Vec<IssueState>> {
    let mut states = Vec::new();
    for word in words {
        let is_open = match word.to_ascii_lowercase().as_str() {
            "open" => true,
            "closed" => false,
            _ => {
                return Err(ApiError::bad_request(format!(
                    "status is {word:?}, expected open, closed or both"
                )));
            }
        };
        states.extend(IssueState::ALL.into_iter().filter(|state| state.is_open() == is_open));
    }
    Ok(states)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn read(query: &str) -> ApiResult<(IssueFilter, CountedPage)> {
        filter(Some(query), at("2026-09-15T00:00:00Z"))
    }

    #[test]
    fn spans_are_ninety_days_at_most_and_unless_said() {
        let span = |query| read(query).expect("sound").0.reported.map(|span| (span.from, span.to));
        let june = Some(at("2026-06-17T00:00:00Z"));
        assert_eq!(span(""), Some((june, None)));
        assert_eq!(
            span("start_date=&end_date=2026-09-15T08:00:00+08:00"),
            Some((june, Some(at("2026-09-15T00:00:00Z"))))
        );
        assert_eq!(span("start_date=2026-06-17T00:00:00Z"), Some((june, Some(at("2026-09-15T00:00:00Z")))));
        assert!(read("start_date=2026-06-16T00:00:00Z&end_date=2026-09-15T00:00:00Z").is_err());
        assert!(read("start_date=2026-09-16T00:00:00Z&end_date=2026-09-15T00:00:00Z").is_err());
        assert!(read("start_date=yesterday").is_err());
    }

    #[test]
    fn ids_override_everything_else() {
        let (filter, _) =
            read("service_request_id=a,%20b&status=open&service_code=x&start_date=2020-01-01T00:00:00Z")
                .expect("sound");
        assert_eq!(filter, IssueFilter { ids: vec!["a".into(), "b".into()], ..IssueFilter::default() });
    }

    #[test]
    fn pages_are_counted_from_one() {
        let page = |query| read(query).map(|(_, page)| (page.skip, page.limit)).ok();
        assert_eq!(page(""), Some((0, 1_000)));
        assert_eq!(page("page=0&page_size=50"), Some((0, 50)));
        assert_eq!(page("page=3&page_size=50"), Some((100, 50)));
        assert_eq!(page("page=4294967295&page_size=9999"), Some((u32::MAX, 1_000)));
        assert_eq!(page("page=x"), None);
        assert_eq!(page("page=-1"), None);
    }

    #[test]
    fn every_state_is_open_or_closed() {
        let all = read("status=open,CLOSED").expect("sound").0.states;
        assert_eq!(all.len(), IssueState::ALL.len());
        assert!(read("status=done").is_err());
    }
}
