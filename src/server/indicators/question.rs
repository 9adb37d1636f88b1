//! What is asked: the window, the moment, the split and the filters.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::governance::indicators::{Comparison, Dimension, Moment, Period, View, Wanted, Window};
use crate::server::problem::{ApiError, ApiResult};
use crate::server::query::time;

/// A question for figures, read from a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    pub(super) period: Option<Period>,
    pub(super) window: Window,
    pub(super) moment: Moment,
    pub(super) by: Option<Dimension>,
    pub(super) wanted: Wanted,
    /// Of a list of cases: after so many.
    pub(super) cursor: usize,
    /// Of a list of cases: at most so many.
    pub(super) limit: usize,
}

/// Cases of a page unless the client says otherwise, and at most.
const LIMITS: (usize, usize) = (100, 1_000);

impl Question {
    /// Reads a query; without a window it asks for the month of the moment, without a moment for now.
    pub(super) fn read(query: Option<&str>, now: Timestamp, zone: &TimeZone) -> ApiResult<Self> {
        let (mut period, mut from, mut to, mut as_of, mut by) = (None, None, None, None, None);
        let (mut cursor, mut limit, mut wanted) = (0, LIMITS.0, Wanted::default());
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "period" => period = Some(one_of("period", &value, &Period::ALL.map(|p| (p.name(), p)))?),
                "from" => from = Some(time("from", &value)?),
                "to" => to = Some(time("to", &value)?),
                "as_of" => as_of = Some(time("as_of", &value)?),
                "by" if value == "none" => by = None,
                "by" => by = Some(one_of("by", &value, &Dimension::ALL.map(|d| (d.name(), d)))?),
                "cursor" => cursor = number("cursor", &value)?,
                "limit" => limit = number("limit", &value)?.clamp(1, LIMITS.1),
                name => match Dimension::ALL.into_iter().find(|dimension| dimension.name() == name) {
                    Some(dimension) => wanted.0.push((dimension, value.into_owned())),
                    None => return Err(unknown(name)),
                },
            }
        }
        let at = as_of.unwrap_or(now);
        if at > now {
            return Err(ApiError::bad_request(format!(
                "as_of lies in the future; the server's clock shows {now}"
            )));
        }
        let (period, window) = match (period, from, to) {
            (None, Some(from), Some(to)) if from < to => (None, Some(Window { from, to })),
            (period, None, None) => {
                let period = period.unwrap_or(Period::Month);
                (Some(period), period.around(at, zone))
            }
            _ => return Err(ApiError::bad_request("give either period or both from and to, from before to")),
        };
        let window = window.ok_or_else(out_of_time)?;
        Ok(Self { period, window, moment: Moment::of(at), by, wanted, cursor, limit })
    }

    /// What it looks at.
    pub(super) fn view(&self, zone: &TimeZone) -> ApiResult<View> {
        view(self.window, self.moment, zone)
    }

    /// What it is compared with.
    pub(super) fn compared(&self, with: Comparison, zone: &TimeZone) -> ApiResult<View> {
        let (window, moment) =
            with.of(self.window, self.period, self.moment, zone).ok_or_else(out_of_time)?;
        view(window, moment, zone)
    }

    /// The same question for the cases of a group, as a query: always the same window and moment, however late it is asked.
    pub(super) fn query(&self, group: Option<(Dimension, &str)>, cursor: Option<usize>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("from", &self.window.from.to_string());
        query.append_pair("to", &self.window.to.to_string());
        query.append_pair("as_of", &self.moment.at.to_string());
        for (dimension, key) in &self.wanted.0 {
            query.append_pair(dimension.name(), key);
        }
        if let Some((dimension, key)) = group {
            query.append_pair(dimension.name(), key);
        }
        if let Some(cursor) = cursor {
            query.append_pair("limit", &self.limit.to_string()).append_pair("cursor", &cursor.to_string());
        }
        query.finish()
    }
}

fn view(window: Window, moment: Moment, zone: &TimeZone) -> ApiResult<View> {
    let today = Period::Day.around(moment.at, zone).ok_or_else(out_of_time)?;
    Ok(View { window, moment, today })
}

fn out_of_time() -> ApiError {
    ApiError::bad_request("the times lie too far away")
}

fn unknown(name: &str) -> ApiError {
    let filters = Dimension::ALL.map(Dimension::name).join(", ");
    ApiError::bad_request(format!(
        "{name:?} is not a parameter here; there are period, from, to, as_of, by, limit, cursor and the filters {filters}"
    ))
}

fn one_of<T: Copy>(name: &str, value: &str, known: &[(&str, T)]) -> ApiResult<T> {
    let found = known.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning);
    found.ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        ApiError::bad_request(format!("{name} is {value:?}, expected one of {}", words.join(", ")))
    })
}

pub(super) fn number(name: &str, value: &str) -> ApiResult<usize> {
    value
        .parse::<u32>()
        .map(|number| number as usize)
        .map_err(|_not_a_number| ApiError::bad_request(format!("{name} is {value:?}, expected a number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_and_what_is_none_is_refused() {
        let now = "2026-09-15T02:00:00Z".parse().expect("a time");
        let zone = TimeZone::UTC;
        let read = |query: &str| Question::read(Some(query), now, &zone);
        let plain = Question::read(None, now, &zone).expect("sound");
        assert_eq!(plain.period, Some(Period::Month));
        assert_eq!(plain.window.from, "2026-09-01T00:00:00Z".parse().expect("a time"));
        let asked =
            read("from=2026-09-01T00:00:00Z&to=2026-09-08T00:00:00Z&by=source&department=&limit=9999");
        let asked = asked.expect("sound");
        assert_eq!((asked.period, asked.by, asked.limit), (None, Some(Dimension::Source), 1_000));
        assert_eq!(asked.wanted, Wanted(vec![(Dimension::Department, String::new())]));
        // What a link says is read as the same question.
        let again = read(&asked.query(None, Some(7))).expect("sound");
        assert_eq!((again.window, again.moment, again.wanted), (asked.window, asked.moment, asked.wanted));
        for query in [
            "period=decade",
            "by=colour",
            "colour=red",
            "from=2026-09-01T00:00:00Z",
            "from=2026-09-08T00:00:00Z&to=2026-09-01T00:00:00Z",
            "period=day&from=2026-09-01T00:00:00Z&to=2026-09-08T00:00:00Z",
            "as_of=2027-01-01T00:00:00Z",
            "as_of=yesterday",
            "as_of=-009999-01-01T00:00:00Z&period=year",
            "cursor=-1",
        ] {
            assert!(
                read(query).and_then(|asked| asked.compared(Comparison::YearBefore, &zone)).is_err(),
                "{query}"
            );
        }
    }
}
