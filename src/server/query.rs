//! The parameters of a collection's items: which there are, and what each says.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::features::Collection;
use super::problem::{ApiError, ApiResult};
use super::store::{Bbox, Filter, Interval};
use crate::governance::State;

/// Features of a page unless the client says otherwise.
const DEFAULT_LIMIT: u32 = 100;
/// Features of a page at most.
pub(super) const MAX_LIMIT: u32 = 10_000;
/// Values of one parameter at most.
const MAX_VALUES: usize = 100;
/// The longest text that is looked for, in characters.
const MAX_WORDS: usize = 100;

/// What every collection understands.
pub(super) const COMMON: [&str; 5] = ["bbox", "datetime", "limit", "cursor", "f"];
/// What issues understand beyond that.
pub(super) const OF_ISSUES: [&str; 13] = [
    "state",
    "class",
    "level",
    "source",
    "community",
    "grid",
    "compound",
    "department",
    "reported",
    "closed",
    "overdue",
    "due_before",
    "q",
];

/// Reads the parameters; one that the collection does not have is an error, as OGC API – Features wants it.
pub(super) fn filter(query: Option<&str>, collection: Collection, now: Timestamp) -> ApiResult<Filter> {
    let mut filter = Filter { limit: DEFAULT_LIMIT, ..Filter::default() };
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let is_read = read_common(&mut filter, &name, &value)?
            || (collection == Collection::Issues && read_of_issues(&mut filter, &name, &value, now)?);
        if !is_read {
            let mut known: Vec<&str> = COMMON.into_iter().filter(|name| *name != "cursor").collect();
            known.extend(OF_ISSUES.iter().filter(|_| collection == Collection::Issues));
            return Err(ApiError::bad_request(format!(
                "{name:?} is not a parameter here, or {value:?} not a value of it; there are {}, and f is json",
                known.join(", ")
            )));
        }
    }
    Ok(filter)
}

fn read_common(filter: &mut Filter, name: &str, value: &str) -> ApiResult<bool> {
    match name {
        "bbox" => filter.bbox = Some(bbox(value)?),
        "datetime" => filter.time = Some(interval(name, value)?),
        "limit" => filter.limit = limit(value, MAX_LIMIT)?,
        "cursor" => filter.after = cursor(value)?,
        "f" if value == "json" => {}
        _ => return Ok(false),
    }
    Ok(true)
}

fn read_of_issues(filter: &mut Filter, name: &str, value: &str, now: Timestamp) -> ApiResult<bool> {
    let issues = &mut filter.issues;
    match name {
        "state" => issues.states = states(value)?,
        "level" => issues.urgencies = words(name, value)?,
        "source" => issues.sources = words(name, value)?,
        "class" => issues.classes = list(name, value)?,
        "community" => issues.communities = list(name, value)?,
        "grid" => issues.grids = list(name, value)?,
        "compound" => issues.compounds = list(name, value)?,
        "department" => issues.departments = list(name, value)?,
        "reported" => issues.reported = Some(interval(name, value)?),
        "closed" => issues.closed = Some(interval(name, value)?),
        "overdue" => {
            let is_overdue = value.parse().map_err(|_neither| {
                ApiError::bad_request(format!("overdue is {value:?}, expected true or false"))
            })?;
            issues.overdue = Some((is_overdue, now));
        }
        "due_before" => issues.due_before = Some(time(name, value)?),
        "q" => {
            if value.chars().count() > MAX_WORDS {
                return Err(ApiError::bad_request(format!("q has more than {MAX_WORDS} characters")));
            }
            issues.words = Some(value.to_owned()).filter(|words| !words.trim().is_empty());
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// How many of a page: what is asked for, and never more than there may be.
pub(super) fn limit(value: &str, most: u32) -> ApiResult<u32> {
    let limit: Option<u32> = value.parse().ok().filter(|limit| *limit > 0);
    limit.map(|limit| limit.min(most)).ok_or_else(|| {
        ApiError::bad_request(format!("limit is {value:?}, expected a number from 1 to {most}"))
    })
}

/// Where a page begins, as a `next` link says it.
pub(super) fn cursor(value: &str) -> ApiResult<i64> {
    let after = value.parse().ok().filter(|after| *after >= 0);
    after.ok_or_else(|| ApiError::bad_request("cursor is not one that a next link gave"))
}

fn list(name: &str, value: &str) -> ApiResult<Vec<String>> {
    let list: Vec<String> =
        value.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect();
    if list.is_empty() || list.len() > MAX_VALUES {
        return Err(ApiError::bad_request(format!(
            "{name} is {value:?}, expected 1 to {MAX_VALUES} values with commas between"
        )));
    }
    Ok(list)
}

/// Values that serde knows by one word each.
fn words<T: DeserializeOwned>(name: &str, value: &str) -> ApiResult<Vec<T>> {
    let read = |word: String| {
        serde_json::from_value(Value::from(word))
            .map_err(|error| ApiError::bad_request(format!("{name}: {error}")))
    };
    list(name, value)?.into_iter().map(read).collect()
}

/// States by their names; `open` are all in which somebody still has to do something.
fn states(value: &str) -> ApiResult<Vec<State>> {
    let mut states = Vec::new();
    for word in list("state", value)? {
        if word == "open" {
            states.extend(State::ALL.into_iter().filter(|state| state.is_open()));
        } else {
            states.append(&mut words("state", &word)?);
        }
    }
    Ok(states)
}

pub(super) fn bbox(text: &str) -> ApiResult<Bbox> {
    let bad = || {
        ApiError::bad_request(format!(
            "bbox is {text:?}, expected west,south,east,north in degrees (or six numbers with heights)"
        ))
    };
    let numbers: Vec<f64> = text
        .split(',')
        .map(|number| number.trim().parse().map_err(|_not_a_number| bad()))
        .collect::<Result<_, _>>()?;
    let (west, south, east, north) = match *numbers.as_slice() {
        [west, south, east, north] | [west, south, _, east, north, _] => (west, south, east, north),
        _ => return Err(bad()),
    };
    let in_range = [west, east].iter().all(|lon| (-180.0..=180.0).contains(lon))
        && [south, north].iter().all(|lat| (-90.0..=90.0).contains(lat));
    if in_range && south <= north { Ok(Bbox { west, south, east, north }) } else { Err(bad()) }
}

/// A moment.
pub(super) fn time(name: &str, text: &str) -> ApiResult<Timestamp> {
    text.parse().map_err(|_not_a_time| {
        ApiError::bad_request(format!("{name} is {text:?}, expected a time such as 2026-09-15T00:00:00Z"))
    })
}

pub(super) fn interval(name: &str, text: &str) -> ApiResult<Interval> {
    let bad = || {
        ApiError::bad_request(format!(
            "{name} is {text:?}, expected a time such as 2026-09-15T00:00:00Z or an interval such as 2026-09-15T00:00:00Z/.."
        ))
    };
    let end = |text: &str| match text {
        "" | ".." => Ok(None),
        time => time.parse::<Timestamp>().map(Some).map_err(|_not_a_time| bad()),
    };
    let interval = match text.split_once('/') {
        Some((from, to)) => Interval { from: end(from)?, to: end(to)? },
        None => {
            let at = Some(text.parse().map_err(|_not_a_time| bad())?);
            Interval { from: at, to: at }
        }
    };
    match interval {
        Interval { from: None, to: None } => Err(bad()),
        Interval { from: Some(from), to: Some(to) } if from > to => Err(bad()),
        interval => Ok(interval),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(collection: Collection, query: Option<&str>) -> ApiResult<Filter> {
        filter(query, collection, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_parameters_of_items() {
        let page = read(Collection::Issues, Some("bbox=118.8,28.9,118.9,29.0&limit=20000&cursor=7&f=json"))
            .expect("sound");
        assert_eq!(page.bbox, Some(Bbox { west: 118.8, south: 28.9, east: 118.9, north: 29.0 }));
        assert_eq!((page.limit, page.after), (MAX_LIMIT, 7));
        let six = read(Collection::Issues, Some("bbox=1,2,-5,3,4,99")).expect("sound");
        assert_eq!(six.bbox, Some(Bbox { west: 1.0, south: 2.0, east: 3.0, north: 4.0 }));
        assert_eq!(read(Collection::Issues, None).expect("sound").limit, 100);
    }

    #[test]
    fn times() {
        let at = |text: &str| Some(text.parse::<Timestamp>().expect("a valid time"));
        let instant = "2026-09-15T00:00:00Z";
        assert_eq!(
            interval("datetime", instant).expect("sound"),
            Interval { from: at(instant), to: at(instant) }
        );
        assert_eq!(
            interval("datetime", "2026-09-15T08:00:00+08:00/..").expect("sound"),
            Interval { from: at(instant), to: None }
        );
        assert_eq!(
            interval("datetime", "/2026-09-15T00:00:00Z").expect("sound"),
            Interval { from: None, to: at(instant) }
        );
    }

    #[test]
    fn what_is_no_parameter_is_refused() {
        for query in [
            "bbox=1,2,3",
            "bbox=1,2,3,nan",
            "bbox=1,2,3,inf",
            "bbox=28.9,118.8,29,119",
            "bbox=1,5,2,4",
            "limit=0",
            "limit=-1",
            "limit=x",
            "cursor=-1",
            "cursor=x",
            "datetime=yesterday",
            "datetime=../..",
            "datetime=2026-09-16T00:00:00Z/2026-09-15T00:00:00Z",
            "f=html",
            "colour=red",
            "state=open",
        ] {
            assert!(read(Collection::Patrols, Some(query)).is_err(), "{query}");
        }
    }

    #[test]
    fn what_issues_are_asked_by() {
        let read = |query| read(Collection::Issues, Some(query)).map(|filter| filter.issues);
        let asked =
            read("state=open,closed&level=high&source=hotline,patrol&department=a%2Cb&overdue=true&q=%20")
                .expect("sound");
        assert_eq!((asked.states.len(), asked.urgencies.len(), asked.sources.len()), (10, 1, 2));
        assert_eq!((asked.departments, asked.words), (vec!["a".to_owned(), "b".to_owned()], None));
        assert_eq!(asked.overdue, Some((true, Timestamp::UNIX_EPOCH)));
        for wrong in
            ["state=gone", "state=", "level=9", "source=me", "overdue=1", "due_before=soon", "reported=x/y"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
