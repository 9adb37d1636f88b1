//! Whether what somebody sends can be taken: not empty where it must not be, and of a sane length.

use super::{RuleError, invalid};
use crate::governance::{Actor, AreaCodes, Attachment, NewIssue, NewStep};

/// The longest title, in characters.
const MAX_TITLE: usize = 200;
/// The longest description, note or address, in characters.
const MAX_TEXT: usize = 4_000;
/// The longest id, name of a department, post or actor, in characters.
const MAX_NAME: usize = 100;
/// The most attachments that one event may carry.
const MAX_ATTACHMENTS: usize = 20;
/// The most helpers that an issue may have.
const MAX_HELPERS: usize = 10;

/// Whether an id is one that we take from a client: up to 64 letters, digits and `-_.:`.
pub fn is_valid_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

pub(super) fn check_report(new: &NewIssue) -> Result<(), RuleError> {
    if let Some(id) = &new.id
        && !is_valid_id(&id.0)
    {
        return Err(invalid("id", "is not 1 to 64 letters, digits and -_.:"));
    }
    if new.title.trim().is_empty() {
        return Err(invalid("title", "is empty"));
    }
    check_text("title", &new.title, MAX_TITLE)?;
    check_text("description", &new.description, MAX_TEXT)?;
    if new.class.scheme.is_empty() || new.class.kind.is_empty() || new.class.code.is_empty() {
        return Err(invalid("class", "needs scheme, kind and code"));
    }
    for part in [&new.class.scheme, &new.class.kind, &new.class.code] {
        check_text("class", part, MAX_NAME)?;
    }
    if let Some(place) = new.place {
        check_place(place)?;
    }
    check_optional("address", new.address.as_deref(), MAX_TEXT)?;
    check_optional("building", new.building.as_deref(), MAX_NAME)?;
    check_optional("department", new.department.as_deref(), MAX_NAME)?;
    check_optional("responsible", new.responsible.as_deref(), MAX_NAME)?;
    check_areas(&new.areas)?;
    check_common(&new.actor, new.note.as_deref(), &new.attachments)
}

pub(super) fn check_step(new: &NewStep) -> Result<(), RuleError> {
    if new.department.as_deref().is_some_and(|department| department.trim().is_empty()) {
        return Err(invalid("department", "is empty"));
    }
    check_optional("department", new.department.as_deref(), MAX_NAME)?;
    let helpers = new.helpers.as_deref().unwrap_or_default();
    if helpers.len() > MAX_HELPERS {
        return Err(invalid("helpers", format!("are more than {MAX_HELPERS}")));
    }
    for helper in helpers {
        if helper.trim().is_empty() {
            return Err(invalid("helpers", "have an empty name among them"));
        }
        check_text("helpers", helper, MAX_NAME)?;
    }
    if let Some(location) = &new.location {
        check_place(location.place)?;
        check_optional("address", location.address.as_deref(), MAX_TEXT)?;
        check_optional("building", location.building.as_deref(), MAX_NAME)?;
        check_areas(&location.areas)?;
    }
    check_optional("merged_into", new.merged_into.as_ref().map(|id| id.0.as_str()), MAX_NAME)?;
    check_common(&new.actor, new.note.as_deref(), &new.attachments)
}

fn check_common(actor: &Actor, note: Option<&str>, attachments: &[Attachment]) -> Result<(), RuleError> {
    if actor.name.trim().is_empty() {
        return Err(invalid("actor", "has an empty name"));
    }
    check_text("actor", &actor.name, MAX_NAME)?;
    check_optional("note", note, MAX_TEXT)?;
    if attachments.len() > MAX_ATTACHMENTS {
        return Err(invalid("attachments", format!("are more than {MAX_ATTACHMENTS}")));
    }
    for attachment in attachments {
        if attachment.hash.len() != 64 || !attachment.hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(invalid("attachments", "have a hash that is not 64 hexadecimal digits"));
        }
        check_text("attachments", &attachment.media_type, MAX_NAME)?;
    }
    Ok(())
}

/// Whether a place is on the ellipsoid.
///
/// # Errors
/// [`RuleError::Invalid`] if it is not.
pub fn check_place(place: crate::geo::LonLat) -> Result<(), RuleError> {
    if (-180.0..=180.0).contains(&place.lon) && (-90.0..=90.0).contains(&place.lat) {
        Ok(())
    } else {
        Err(invalid("place", "is no longitude and latitude in degrees"))
    }
}

/// Whether the codes of areas are of a sane length.
///
/// # Errors
/// [`RuleError::Invalid`] if one is not.
pub fn check_areas(areas: &AreaCodes) -> Result<(), RuleError> {
    for code in [&areas.community, &areas.grid, &areas.compound] {
        check_optional("areas", code.as_deref(), MAX_NAME)?;
    }
    Ok(())
}

fn check_optional(member: &'static str, text: Option<&str>, max: usize) -> Result<(), RuleError> {
    text.map_or(Ok(()), |text| check_text(member, text, max))
}

/// Whether a text is short enough.
///
/// # Errors
/// [`RuleError::Invalid`] if it has more than `max` characters.
pub fn check_text(member: &'static str, text: &str, max: usize) -> Result<(), RuleError> {
    if text.chars().count() > max {
        Err(invalid(member, format!("has more than {max} characters")))
    } else {
        Ok(())
    }
}
