//! `POST requests`: a form becomes a report.

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use jiff::Timestamp;

use super::super::App;
use super::super::access::{Caller, KEEP_DAYS, check_form_key, keep_until};
use super::super::problem::{ApiError, ApiResult};
use super::super::request::{FormBody, SMALL_BODY, form, idempotency_key};
use super::super::store::{Contact, without_nul};
use super::super::writer::{Write, Written};
use super::document::{Format, Node};
use super::{key_error, services};
use crate::geo::LonLat;
use crate::governance::rulebook::check_text;
use crate::governance::{Actor, AreaCodes, NewIssue, Owner, Role, Source};

/// Who acts, where the key is the token that the server was started with; others sign with their own name.
const ACTOR: &str = "open311";
/// The longest link, in characters.
const MAX_LINK: usize = 1_000;
/// So many digits in a row are a telephone number or worse.
const MANY_DIGITS: usize = 7;

/// Takes a report; answers with its id.
pub(super) async fn post(
    app: &App,
    caller: Caller,
    query: Option<&str>,
    headers: &HeaderMap,
    body: Body,
    format: Format,
) -> ApiResult<Response> {
    let body = form(headers, body, SMALL_BODY).await?;
    let caller = by_key(app, caller, query, headers, &body).await?;
    let new = read(app, &body)?;
    let contact = contact(&body, &new.description)?.map(Box::new);
    let key = idempotency_key(headers, &caller, "POST open311 requests", &body.hash)?;
    let written = app.writer.write(&caller, Write::Report { new: Box::new(new), contact, key }).await?;
    let Written::Issue(issue) = written else { return Err(ApiError::internal()) };
    let request = Node::Record(vec![
        ("service_request_id", Node::text(&issue.id.0)),
        ("service_notice", Node::Nothing),
        ("account_id", Node::Nothing),
    ]);
    let mut answer = Node::List("request", vec![request]).answer("service_requests", format);
    *answer.status_mut() = StatusCode::CREATED;
    Ok(answer)
}

/// The guard lets a POST without a token through to here, where the form may hold the key.
async fn by_key(
    app: &App,
    caller: Caller,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &FormBody,
) -> ApiResult<Caller> {
    if !caller.is_nobody() {
        return Ok(caller);
    }
    let in_head = super::super::secret::presented("/open311/v2/requests", query, headers);
    let Some(key) = in_head.as_deref().or_else(|| body.get("api_key")) else { return Err(key_error(true)) };
    let caller = app.verify(key).await?.ok_or_else(|| key_error(false))?;
    check_form_key(&Method::POST, "/open311/v2/requests.json", &caller)?;
    Ok(caller)
}

fn read(app: &App, form: &FormBody) -> ApiResult<NewIssue> {
    let code = form
        .get("service_code")
        .ok_or_else(|| ApiError::bad_request("service_code was not provided; services lists them"))?;
    let class = services::find(app, code)?;
    let place = place(form)?;
    let address = form.get("address_string").map(str::to_owned);
    let building = form.get("address_id").map(str::to_owned);
    if place.is_none() && address.is_none() && building.is_none() {
        return Err(ApiError::bad_request("lat and long, address_string or address_id must be provided"));
    }
    Ok(NewIssue {
        id: None,
        title: class.name.clone(),
        description: description(form)?,
        class: class.code.clone(),
        urgency: None,
        source: Source::ResidentApp,
        owner: Owner::Us,
        place,
        address,
        building,
        areas: AreaCodes::default(),
        department: None,
        responsible: None,
        happened_at: found_at(form)?,
        actor: Actor { name: ACTOR.to_owned(), role: Role::Program },
        note: None,
        attachments: Vec::new(),
    })
}

/// Whom to reach about the report, and their own words where the issue has them without numbers. It is kept apart, for
/// calling back alone.
fn contact(form: &FormBody, description: &str) -> ApiResult<Option<Contact>> {
    let given = |name: &str, most: usize| -> ApiResult<Option<String>> {
        let text = form.get(name).map(str::trim).filter(|text| !text.is_empty());
        check_text("contact", text.unwrap_or_default(), most)?;
        Ok(text.map(str::to_owned))
    };
    let names: Vec<String> =
        [given("first_name", 100)?, given("last_name", 100)?].into_iter().flatten().collect();
    let said = form.get("description").map(str::trim).filter(|said| !description.starts_with(said));
    let contact = Contact {
        name: without_nul((!names.is_empty()).then(|| names.join(" "))),
        phone: without_nul(given("phone", 40)?),
        email: without_nul(given("email", 200)?),
        words: without_nul(said.map(str::to_owned)),
        purpose: "call back".to_owned(),
        keep_until: keep_until(KEEP_DAYS),
    };
    let is_given =
        [&contact.name, &contact.phone, &contact.email, &contact.words].iter().any(|text| text.is_some());
    Ok(is_given.then_some(contact))
}

fn place(form: &FormBody) -> ApiResult<Option<LonLat>> {
    let number = |name: &str, limit: f64| {
        form.get(name)
            .map(|text| {
                text.trim().parse::<f64>().ok().filter(|degrees| degrees.abs() <= limit).ok_or_else(|| {
                    ApiError::bad_request(format!(
                        "{name} is {text:?}, expected degrees from -{limit} to {limit}"
                    ))
                })
            })
            .transpose()
    };
    match (number("lat", 90.0)?, number("long", 180.0)?) {
        (Some(lat), Some(lon)) => Ok(Some(LonLat::new(lon, lat))),
        (None, None) => Ok(None),
        _ => Err(ApiError::bad_request("lat and long must be provided together")),
    }
}

fn found_at(form: &FormBody) -> ApiResult<Option<Timestamp>> {
    let Some(text) = form.get(&format!("attribute[{}]", services::FOUND_AT)) else { return Ok(None) };
    text.parse().map(Some).map_err(|_not_a_time| {
        ApiError::bad_request(format!(
            "attribute[{}] is {text:?}, expected a time such as 2026-09-15T09:30:00+08:00",
            services::FOUND_AT
        ))
    })
}

/// The caller's words without telephone numbers and the like; a link to a photo is their last line.
fn description(form: &FormBody) -> ApiResult<String> {
    let mut description = without_numbers(form.get("description").unwrap_or_default().trim());
    if let Some(link) = form.get("media_url") {
        if !is_link(link) {
            return Err(ApiError::bad_request(format!(
                "media_url is no address that begins with https:// or http:// and has at most {MAX_LINK} characters"
            )));
        }
        if !description.is_empty() {
            description.push('\n');
        }
        description.push_str(link);
    }
    Ok(description)
}

fn is_link(text: &str) -> bool {
    let is_web = |url: url::Url| ["http", "https"].contains(&url.scheme());
    text.len() <= MAX_LINK && !text.contains(char::is_whitespace) && url::Url::parse(text).is_ok_and(is_web)
}

/// The words and the link of a description that was written by [`description`].
pub(super) fn split_link(description: &str) -> (&str, Option<&str>) {
    match description.rsplit_once('\n') {
        Some((words, link)) if is_link(link) => (words, Some(link)),
        None if is_link(description) => ("", Some(description)),
        _ => (description, None),
    }
}

/// The text with the digits of long numbers blotted out: events are for ever and hold no telephone or identity numbers.
fn without_numbers(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut digits = 0;
    let mut characters = text.chars().peekable();
    let mut held = String::new();
    while let Some(c) = characters.next() {
        // A hyphen or space within a number parts it for people only.
        let is_inner = "- ".contains(c) && digits > 0 && characters.peek().is_some_and(char::is_ascii_digit);
        if c.is_ascii_digit() || is_inner {
            digits += usize::from(c.is_ascii_digit());
            held.push(c);
        } else {
            told.push_str(&blotted(&held, digits));
            held.clear();
            digits = 0;
            told.push(c);
        }
    }
    told.push_str(&blotted(&held, digits));
    told
}

fn blotted(number: &str, digits: usize) -> String {
    let longest = number.split(['-', ' ']).map(str::len).max().unwrap_or_default();
    if digits >= MANY_DIGITS + 4 || longest >= MANY_DIGITS {
        number.chars().map(|c| if c.is_ascii_digit() { '*' } else { c }).collect()
    } else {
        number.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_blotted_out_and_short_ones_stay() {
        for (said, kept) in [
            ("call 13812345678 now", "call *********** now"),
            ("138 1234-5678", "*** ****-****"),
            ("0570-3021234", "****-*******"),
            ("2026-09-15, 3-2-501, 12345", "2026-09-15, 3-2-501, 12345"),
            ("33080219900101123X", "*****************X"),
            ("", ""),
        ] {
            assert_eq!(without_numbers(said), kept);
        }
    }

    #[test]
    fn a_link_is_the_last_line_and_only_a_link() {
        assert_eq!(split_link("a\nhttps://x.example/1.jpg"), ("a", Some("https://x.example/1.jpg")));
        assert_eq!(split_link("http://x.example/"), ("", Some("http://x.example/")));
        assert_eq!(split_link("a\nb"), ("a\nb", None));
        assert_eq!(split_link("see https://x.example/1"), ("see https://x.example/1", None));
        assert!(!is_link("javascript:alert(1)") && !is_link("https://x.example/a b") && !is_link(""));
    }
}
