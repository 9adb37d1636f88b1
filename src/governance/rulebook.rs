//! The rules of a place, put to work: a request becomes the event that it stands for, or is refused.
//!
//! A request says what somebody wants; the event says what happened, with state, deadline and both times.
//! Nothing here reads or writes anything: the server asks, then stores.

use jiff::{SignedDuration, Timestamp};

use super::calendar::WorkCalendar;
use super::classes::ClassTable;
use super::deadline::{after_limit, after_suspension, limit_for};
use super::{
    ApplyError, AreaCodes, Event, Issue, IssueHistory, IssueId, NewIssue, NewStep, NotAllowed, Report, State,
    Step, Target,
};

/// The longest title, in characters.
const MAX_TITLE: usize = 200;
/// The longest description, note or address, in characters.
const MAX_TEXT: usize = 4_000;
/// The longest id, name of a department, post or actor, in characters.
const MAX_NAME: usize = 100;
/// The most attachments that one event may carry.
const MAX_ATTACHMENTS: usize = 20;
/// How far ahead of the server's clock something may have happened: clocks differ, messages take time.
const MAX_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// What decides: classes with their limits, and the calendar that they are counted in.
#[derive(Debug, Clone, Default)]
pub struct Rulebook {
    /// The classes of the place.
    pub classes: ClassTable,
    /// Its work calendar.
    pub calendar: WorkCalendar,
}

/// Why a request was not turned into an event.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RuleError {
    /// A member of the request cannot be taken.
    #[error("{member} {reason}")]
    Invalid {
        /// Which member.
        member: &'static str,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// Whoever asks may not do it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The life cycle does not allow it.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

fn invalid(member: &'static str, reason: impl Into<String>) -> RuleError {
    RuleError::Invalid { member, reason: reason.into() }
}

impl Rulebook {
    /// The first event of a new issue, recorded at `now`.
    ///
    /// Class name, urgency and department are filled in from the class table, areas from `areas` where the report
    /// does not name them, and the deadline is computed.
    ///
    /// # Errors
    /// [`RuleError::NotAllowed`] if the actor's role may not report;
    /// [`RuleError::Invalid`] names the member that cannot be taken.
    pub fn report(&self, new: &NewIssue, areas: AreaCodes, now: Timestamp) -> Result<Event, RuleError> {
        new.actor.role.check(Step::Report)?;
        check_report(new)?;
        let happened_at = happened(new.happened_at, now)?;
        let class = self.classes.get(&new.class);
        let urgency = new.urgency.unwrap_or_else(|| class.map(|class| class.urgency).unwrap_or_default());
        let report = Report {
            title: new.title.trim().to_owned(),
            description: new.description.clone(),
            class: new.class.clone(),
            class_name: class.map_or_else(|| new.class.code.clone(), |class| class.name.clone()),
            urgency,
            source: new.source,
            owner: new.owner.clone(),
            place: new.place,
            address: new.address.clone(),
            building: new.building.clone(),
            areas: AreaCodes {
                community: new.areas.community.clone().or(areas.community),
                grid: new.areas.grid.clone().or(areas.grid),
                compound: new.areas.compound.clone().or(areas.compound),
            },
            responsible: new.responsible.clone(),
        };
        let due_at = class
            .and_then(|class| limit_for(class, urgency))
            .and_then(|limit| after_limit(&self.calendar, happened_at, limit));
        Ok(Event {
            version: 1,
            step: Step::Report,
            state: State::Reported,
            happened_at,
            recorded_at: now,
            actor: new.actor.clone(),
            note: new.note.clone(),
            attachments: new.attachments.clone(),
            department: new.department.clone().or_else(|| class.and_then(|class| class.department.clone())),
            due_at,
            merged_into: None,
            report: Some(Box::new(report)),
        })
    }

    /// The next event of an issue, recorded at `now`. [`Issue::apply`] takes it without an error.
    ///
    /// A resumption and a reopening bring a new deadline.
    ///
    /// # Errors
    /// [`RuleError::NotAllowed`] if the actor's role may not take the step, whatever the state;
    /// [`RuleError::Apply`] if the state does not allow the step or the step lacks something;
    /// [`RuleError::Invalid`] names the member that cannot be taken, such as `happened_at` before the last event.
    pub fn step(&self, issue: &Issue, new: &NewStep, now: Timestamp) -> Result<Event, RuleError> {
        new.actor.role.check(new.step)?;
        let state = issue.state_after(new.step).map_err(ApplyError::from)?;
        check_step(new)?;
        let happened_at = next_moment(issue.updated_at, new.happened_at, now)?;
        let incomplete = |missing| ApplyError::Incomplete { step: new.step, missing };
        let mut due_at = None;
        let mut merged_into = None;
        match new.step {
            Step::Dispatch if new.department.is_none() && issue.department.is_none() => {
                return Err(incomplete("a department").into());
            }
            Step::Reassign if new.department.is_none() => return Err(incomplete("another department").into()),
            Step::Merge => {
                let into = new.merged_into.as_ref().ok_or(incomplete("the issue that it goes into"))?;
                if *into == issue.id {
                    return Err(invalid("merged_into", "is the issue itself"));
                }
                merged_into = Some(into.clone());
            }
            Step::Extend => {
                let until = new.until.ok_or(incomplete("a new deadline (until)"))?;
                if issue.due_at.is_some_and(|due_at| until <= due_at) || until <= happened_at {
                    return Err(invalid("until", "is not later than the deadline that it moves"));
                }
                due_at = Some(until);
            }
            Step::Resume => {
                let unit =
                    self.classes.get(&issue.class).and_then(|class| class.limit).map(|limit| limit.unit);
                due_at = issue.due_at.zip(issue.suspension).and_then(|(due_at, suspension)| {
                    after_suspension(&self.calendar, due_at, suspension, happened_at, unit)
                });
            }
            Step::Reopen => {
                let limit = self.classes.get(&issue.class).and_then(|class| limit_for(class, issue.urgency));
                due_at = limit.and_then(|limit| after_limit(&self.calendar, happened_at, limit));
            }
            _ => {}
        }
        // Only a step that moves the issue may move the lead.
        let moves = matches!(new.step.target(), Target::To(state) if state != State::Merged);
        Ok(Event {
            version: issue.version + 1,
            step: new.step,
            state,
            happened_at,
            recorded_at: now,
            actor: new.actor.clone(),
            note: new.note.clone(),
            attachments: new.attachments.clone(),
            department: if moves { new.department.clone() } else { None },
            due_at,
            merged_into,
            report: None,
        })
    }

    /// The whole life of one issue: its events, each recorded when it happened, and the issue that they make.
    ///
    /// # Errors
    /// As [`Rulebook::report`] and [`Rulebook::step`]; a history must say when each step happened, none before the one before.
    pub fn history(
        &self,
        id: IssueId,
        history: &IssueHistory,
        areas: AreaCodes,
        now: Timestamp,
    ) -> Result<(Issue, Vec<Event>), RuleError> {
        let needed = || invalid("happened_at", "is needed on every entry of a history");
        let begun = history.report.happened_at.ok_or_else(needed)?;
        happened(Some(begun), now)?;
        let first = self.report(&history.report, areas, begun)?;
        let mut issue = Issue::open(id, &first)?;
        let mut events = vec![first];
        for step in &history.steps {
            let at = step.happened_at.ok_or_else(needed)?;
            happened(Some(at), now)?;
            let event = self.step(&issue, step, at)?;
            issue.apply(&event)?;
            events.push(event);
        }
        Ok((issue, events))
    }
}

/// When it happened: as said, if that is not in the future.
fn happened(said: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, RuleError> {
    match said {
        Some(at) if at.duration_since(now) > MAX_AHEAD => {
            Err(invalid("happened_at", format!("lies in the future; the server's clock shows {now}")))
        }
        Some(at) => Ok(at),
        None => Ok(now),
    }
}

/// When a step happened that follows what happened at `last`: as said, if that is neither before it nor in the future.
///
/// Else time would count twice, such as the hours of a suspension that begins before the step it follows.
/// A clock that was set back since must not keep anybody from taking a step now, so what is not said is `last` at least.
fn next_moment(last: Timestamp, said: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, RuleError> {
    match said {
        None => Ok(now.max(last)),
        Some(at) if at < last => {
            Err(invalid("happened_at", format!("lies before the last event; the earliest is {last}")))
        }
        Some(at) if at == last => Ok(at),
        said => happened(said, now),
    }
}

/// Whether an id is one that we take from a client: up to 64 letters, digits and `-_.:`.
pub fn is_valid_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

fn check_report(new: &NewIssue) -> Result<(), RuleError> {
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

fn check_step(new: &NewStep) -> Result<(), RuleError> {
    check_optional("department", new.department.as_deref(), MAX_NAME)?;
    check_optional("merged_into", new.merged_into.as_ref().map(|id| id.0.as_str()), MAX_NAME)?;
    check_common(&new.actor, new.note.as_deref(), &new.attachments)
}

fn check_common(
    actor: &super::Actor,
    note: Option<&str>,
    attachments: &[super::Attachment],
) -> Result<(), RuleError> {
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

#[cfg(test)]
mod tests;
