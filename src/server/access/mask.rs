//! Field × role: what of an issue, an event, a patrol goes out to whom. One table, used by whatever encodes an answer.
//!
//! Three levels are enough: a screen sees neither names nor words, whoever works here sees them, and only an
//! administrator sees where somebody was last outside of their shift. Personal data proper (names and phones of accounts,
//! contacts of reporters) is in no answer of these; it has routes and tables of its own.
//! What the table does not list is hidden from screens, so a field that is added is shown nowhere before somebody says so.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::governance::wire::{Item, WireError};
use crate::governance::{Duty, Issue, Role};

/// How much somebody sees; each sees all that the one before does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::server) enum Level {
    /// A wall, or a program of somebody else.
    Screen,
    /// Whoever works here.
    Work,
    /// An administrator, the demo, the simulator.
    Whole,
}

impl Level {
    pub(in crate::server) const ALL: [Self; 3] = [Self::Screen, Self::Work, Self::Whole];

    /// The level of a role.
    pub(in crate::server) const fn of(role: Role) -> Self {
        match role {
            Role::Screen | Role::Program => Self::Screen,
            Role::Admin => Self::Whole,
            Role::Viewer | Role::Desk | Role::Officer | Role::Handler | Role::Manager | Role::Privacy => {
                Self::Work
            }
        }
    }
}

/// How a field goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// As it is.
    Whole,
    /// Not at all.
    Hidden,
    /// A name: its first character.
    Initial,
    /// Words: without runs of five digits and more.
    NoNumbers,
    /// An address: without stairwell and room.
    NoRoom,
    /// A position: within the shift, where that is known.
    InShift,
    /// Photos: those that were released for walls.
    Released,
}

use Sight::{Hidden, InShift, Initial, NoNumbers, NoRoom, Released, Whole};

/// One field of one thing, and how it goes out at each of [`Level::ALL`].
pub(super) struct Field {
    pub(super) of: Thing,
    pub(super) name: &'static str,
    pub(super) sight: [Sight; Level::ALL.len()],
}

/// What has fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Thing {
    /// An issue as a Feature; what its first event reports has the same fields.
    Issue,
    /// An event of an issue.
    Event,
    /// A patrol as a Feature.
    Patrol,
    /// A unit of the organisation as a Feature.
    Unit,
}

const fn row(of: Thing, name: &'static str, screen: Sight, work: Sight) -> Field {
    Field { of, name, sight: [screen, work, Whole] }
}

/// The table. Whatever is not in it is hidden from screens and shown to everybody else.
pub(super) const FIELDS: &[Field] = &[
    row(Thing::Issue, "version", Whole, Whole),
    row(Thing::Issue, "title", NoNumbers, Whole),
    row(Thing::Issue, "description", Hidden, Whole),
    row(Thing::Issue, "class", Whole, Whole),
    row(Thing::Issue, "class_name", Whole, Whole),
    row(Thing::Issue, "urgency", Whole, Whole),
    row(Thing::Issue, "state", Whole, Whole),
    row(Thing::Issue, "source", Whole, Whole),
    row(Thing::Issue, "owner", Whole, Whole),
    row(Thing::Issue, "address", NoRoom, Whole),
    row(Thing::Issue, "building", Whole, Whole),
    row(Thing::Issue, "areas", Whole, Whole),
    row(Thing::Issue, "department", Whole, Whole),
    row(Thing::Issue, "helpers", Whole, Whole),
    row(Thing::Issue, "responsible", Whole, Whole),
    row(Thing::Issue, "reported_at", Whole, Whole),
    row(Thing::Issue, "updated_at", Whole, Whole),
    row(Thing::Issue, "due_at", Whole, Whole),
    row(Thing::Issue, "stage_due_at", Whole, Whole),
    row(Thing::Issue, "closed_at", Whole, Whole),
    row(Thing::Issue, "urged", Whole, Whole),
    row(Thing::Issue, "supervised", Whole, Whole),
    row(Thing::Issue, "reopened", Whole, Whole),
    row(Thing::Issue, "suspension", Whole, Whole),
    row(Thing::Issue, "merged_into", Whole, Whole),
    row(Thing::Issue, "absorbed", Whole, Whole),
    row(Thing::Issue, "place", Whole, Whole),
    row(Thing::Issue, "decided", Hidden, Whole),
    row(Thing::Event, "version", Whole, Whole),
    row(Thing::Event, "step", Whole, Whole),
    row(Thing::Event, "state", Whole, Whole),
    row(Thing::Event, "happened_at", Whole, Whole),
    row(Thing::Event, "recorded_at", Whole, Whole),
    row(Thing::Event, "actor", Initial, Whole),
    row(Thing::Event, "note", Hidden, Whole),
    row(Thing::Event, "attachments", Released, Whole),
    row(Thing::Event, "department", Whole, Whole),
    row(Thing::Event, "helpers", Whole, Whole),
    row(Thing::Event, "due_at", Whole, Whole),
    row(Thing::Event, "stage_due_at", Whole, Whole),
    row(Thing::Event, "merged_into", Whole, Whole),
    row(Thing::Event, "bond", Whole, Whole),
    row(Thing::Event, "location", Whole, Whole),
    row(Thing::Event, "report", Whole, Whole),
    row(Thing::Patrol, "version", Whole, Whole),
    row(Thing::Patrol, "name", Initial, Whole),
    row(Thing::Patrol, "kind", Whole, Whole),
    row(Thing::Patrol, "areas", Whole, Whole),
    row(Thing::Patrol, "fix", InShift, InShift),
    row(Thing::Patrol, "duty", Whole, Whole),
    row(Thing::Unit, "version", Whole, Whole),
    row(Thing::Unit, "kind", Whole, Whole),
    row(Thing::Unit, "code", Whole, Whole),
    row(Thing::Unit, "name", Whole, Whole),
    row(Thing::Unit, "name_en", Whole, Whole),
    row(Thing::Unit, "parent", Whole, Whole),
    row(Thing::Unit, "valid_from", Whole, Whole),
    row(Thing::Unit, "valid_to", Whole, Whole),
    row(Thing::Unit, "responsible", Whole, Whole),
    row(Thing::Unit, "grid_kind", Whole, Whole),
    row(Thing::Unit, "management", Whole, Whole),
    row(Thing::Unit, "company", Whole, Whole),
    row(Thing::Unit, "alliance", Whole, Whole),
    row(Thing::Unit, "supporting_unit", Whole, Whole),
    row(Thing::Unit, "contact_leader", Whole, Whole),
    row(Thing::Unit, "department", Whole, Whole),
    row(Thing::Unit, "building", Whole, Whole),
    row(Thing::Unit, "households", Whole, Whole),
    row(Thing::Unit, "steward", Initial, Whole),
    row(Thing::Unit, "party_members", Hidden, Whole),
    row(Thing::Unit, "sort", Whole, Whole),
    row(Thing::Unit, "leader", Whole, Whole),
    row(Thing::Unit, "compounds", Whole, Whole),
    row(Thing::Unit, "departments", Whole, Whole),
    row(Thing::Unit, "patrol", Whole, Whole),
    row(Thing::Unit, "post", Whole, Whole),
    row(Thing::Unit, "date", Whole, Whole),
    row(Thing::Unit, "from", Whole, Whole),
    row(Thing::Unit, "to", Whole, Whole),
];

fn sight(of: Thing, name: &str, level: Level) -> Sight {
    let unlisted = if level == Level::Screen { Hidden } else { Whole };
    let field = FIELDS.iter().find(|field| field.of == of && field.name == name);
    field.and_then(|field| field.sight.get(level as usize).copied()).unwrap_or(unlisted)
}

/// A Feature as it goes out at this level, at this time of the server's clock.
///
/// # Errors
/// If the text is not the Feature that it should be.
pub(in crate::server) fn feature(
    of: Thing,
    text: String,
    level: Level,
    now: Timestamp,
) -> serde_json::Result<String> {
    let is_as_it_is = match of {
        Thing::Issue | Thing::Event | Thing::Unit => level != Level::Screen,
        Thing::Patrol => level == Level::Whole,
    };
    if is_as_it_is {
        return Ok(text);
    }
    let mut feature: Value = serde_json::from_str(&text)?;
    if let Some(Value::Object(properties)) = feature.get_mut("properties") {
        let had_fix = properties.contains_key("fix");
        fields(of, properties, level, now);
        if had_fix && !properties.contains_key("fix") {
            feature["geometry"] = Value::Null;
        }
    }
    serde_json::to_string(&feature)
}

/// An issue as it goes out at this level, in whatever form it is then written.
///
/// # Errors
/// If it cannot be written and read, which does not happen.
pub(in crate::server) fn issue(issue: Issue, level: Level, now: Timestamp) -> Result<Issue, WireError> {
    if level != Level::Screen {
        return Ok(issue);
    }
    Issue::from_text(&feature(Thing::Issue, issue.to_text()?, level, now)?)
}

/// The events of an issue as they go out at this level; of its photos these are released.
pub(in crate::server) fn events(
    events: &mut Value,
    level: Level,
    now: Timestamp,
    released: &BTreeSet<String>,
) {
    for event in events.as_array_mut().into_iter().flatten() {
        let Value::Object(event) = event else { continue };
        mark_released(event, released);
        fields(Thing::Event, event, level, now);
        for name in ["report", "location"] {
            if let Some(Value::Object(told)) = event.get_mut(name) {
                fields(Thing::Issue, told, level, now);
            }
        }
    }
}

/// Says of each photo that is released that it is.
fn mark_released(event: &mut Map<String, Value>, released: &BTreeSet<String>) {
    let Some(Value::Array(photos)) = event.get_mut("attachments") else { return };
    for photo in photos.iter_mut().filter_map(Value::as_object_mut) {
        let hash = photo.get("hash").and_then(Value::as_str).map(str::to_ascii_lowercase);
        if hash.is_some_and(|hash| released.contains(&hash)) {
            photo.insert("released".to_owned(), Value::Bool(true));
        }
    }
}

fn fields(of: Thing, properties: &mut Map<String, Value>, level: Level, now: Timestamp) {
    // Vehicles have no privacy, and their names are what people call them by on the radio.
    let is_nobody = properties.get("kind").is_some_and(|kind| *kind == "vehicle");
    let is_in_shift = is_shown(properties, now);
    properties.retain(|name, value| match sight(of, name, level) {
        Hidden => false,
        InShift => is_in_shift,
        Released => {
            let Value::Array(photos) = value else { return false };
            photos.retain(|photo| photo.get("released") == Some(&Value::Bool(true)));
            !photos.is_empty()
        }
        sight => {
            match value {
                Value::String(text) if !(sight == Initial && is_nobody) => *text = masked(text, sight),
                Value::Object(actor) if sight == Initial => {
                    if let Some(Value::String(name)) = actor.get_mut("name") {
                        *name = masked(name, sight);
                    }
                }
                _ => {}
            }
            true
        }
    });
}

/// Whether the position of a patrol may be shown: within the shift, and of the shift, where there is one.
fn is_shown(properties: &Map<String, Value>, now: Timestamp) -> bool {
    if properties.get("kind").is_some_and(|kind| *kind == "vehicle") {
        return true;
    }
    let Some(duty) = properties.get("duty") else { return true };
    let Ok(duty) = serde_json::from_value::<Duty>(duty.clone()) else { return false };
    let at = properties.get("fix").and_then(|fix| fix.get("at")).and_then(Value::as_str);
    let within = |at: Timestamp| duty.from <= at && at <= duty.to;
    within(now) && at.is_none_or(|at| at.parse().is_ok_and(within))
}

fn masked(text: &str, sight: Sight) -> String {
    match sight {
        Whole | InShift | Released => text.to_owned(),
        Hidden => String::new(),
        Initial => text.chars().enumerate().map(|(at, c)| if at == 0 { c } else { '*' }).collect(),
        NoNumbers => without_numbers(text),
        NoRoom => without_numbers(without_room(text)),
    }
}

/// So many digits in a row are no house number.
const LONG: usize = 5;

/// Without five digits and more in a row, spaces and dashes among them: a phone number, an identity card, a plate.
fn without_numbers(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let rest = characters.get(at..).unwrap_or_default();
        let mut run =
            rest.iter().take_while(|c| c.is_numeric() || matches!(c, ' ' | '-' | '\u{2013}')).count();
        while run > 0 && rest.get(run - 1).is_some_and(|c| !c.is_numeric()) {
            run -= 1;
        }
        let digits = rest.iter().take(run).filter(|c| c.is_numeric()).count();
        let taken = if character.is_numeric() { run } else { 1 };
        if character.is_numeric() && digits >= LONG {
            masked.extend(std::iter::repeat_n('*', digits));
        } else {
            masked.extend(rest.iter().take(taken));
        }
        at += taken;
    }
    masked
}

/// An address up to its building: without stairwell, storey and room.
fn without_room(address: &str) -> &str {
    let ends = |word: &str| address.rfind(word).map(|at| at + word.len());
    if let Some(end) = ["幢", "栋", "号楼"].into_iter().filter_map(ends).max() {
        return address.get(..end).unwrap_or(address);
    }
    // Only after a number: 三户村 is no room.
    let number_before = |(at, _): (usize, &str)| {
        let before = address.get(..at)?;
        let street = before.trim_end_matches(|c: char| (c.is_alphanumeric() && !is_sign(c)) || c == '-');
        (street.len() < before.len()).then_some(street.len())
    };
    let begins = |word: &str| address.match_indices(word).find_map(number_before);
    let end = ["单元", "室", "房", "户", "层"].into_iter().filter_map(begins).min();
    end.and_then(|end| address.get(..end)).unwrap_or(address)
}

/// A Chinese sign, which is no part of a number.
fn is_sign(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_rooms() {
        let cases = [
            (Initial, "欧阳云", "欧**"),
            (Initial, "", ""),
            (NoNumbers, "电话13800001111找王", "电话***********找王"),
            (NoNumbers, "138 0000-1111, 3楼 12号", "***********, 3楼 12号"),
            (NoNumbers, "3幢 402 和 13800001111", "3幢 402 和 ***********"),
            (NoRoom, "三户村12号", "三户村12号"),
            (NoRoom, "坊门街12号3幢2单元402室", "坊门街12号3幢"),
            (NoRoom, "坊门街12号2单元402室", "坊门街12号"),
            (NoRoom, "坊门街12号402室", "坊门街12号"),
            (NoRoom, "坊门街12号3-402室", "坊门街12号"),
            (NoRoom, "坊门街12号", "坊门街12号"),
            (NoRoom, "荷花小区7栋B-1001 13800001111", "荷花小区7栋"),
        ];
        for (sight, text, expected) in cases {
            assert_eq!(masked(text, sight), expected, "{text}");
        }
    }

    #[test]
    fn what_the_table_does_not_list_is_hidden_from_screens_alone() {
        assert_eq!(sight(Thing::Issue, "caller_phone", Level::Screen), Hidden);
        assert_eq!(sight(Thing::Issue, "caller_phone", Level::Work), Whole);
        let duty = serde_json::json!({ "from": "2026-09-15T00:00:00Z", "to": "2026-09-15T09:00:00Z" });
        let feature_of = |properties: Value| serde_json::json!({ "type": "Feature", "id": "p", "geometry": { "type": "Point", "coordinates": [1, 2] }, "properties": properties });
        let of = feature_of(serde_json::json!({
            "name": "郑云", "kind": "steward", "duty": duty, "fix": { "at": "2026-09-15T08:59:00Z" }, "mood": "x"
        }));
        let out = |level, now: &str| -> Value {
            let text = feature(Thing::Patrol, of.to_string(), level, now.parse().expect("a time"));
            serde_json::from_str(&text.expect("a Feature")).expect("JSON")
        };
        let (during, after) = ("2026-09-15T08:59:30Z", "2026-09-15T09:00:01Z");
        assert_eq!(out(Level::Screen, during)["properties"]["name"], "郑*");
        assert!(out(Level::Screen, during)["properties"].get("mood").is_none());
        assert_eq!(out(Level::Work, during), of);
        assert_eq!(out(Level::Whole, after), of);
        for level in [Level::Screen, Level::Work] {
            let gone = out(level, after);
            assert!(gone["geometry"].is_null() && gone["properties"].get("fix").is_none(), "{gone}");
        }
    }
}
