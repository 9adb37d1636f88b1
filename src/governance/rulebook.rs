//! The rules of a place, put to work: a request becomes the event that it stands for, or is refused.
//!
//! A request says what somebody wants; the event says what happened, with state, deadline and both times.
//! Nothing here reads or writes anything: the server asks, then stores.

mod checks;

use jiff::{SignedDuration, Timestamp};

pub use checks::{check_areas, check_place, check_text, is_valid_id};

use self::checks::{check_report, check_step};
use super::calendar::WorkCalendar;
use super::classes::ClassTable;
use super::deadline::{after_limit, after_suspension, hastened, limit_for};
use super::stages::{Stage, StageLimits};
use super::{
    ApplyError, AreaCodes, Bond, Denied, Department, Event, Issue, IssueHistory, IssueId, Locality, NewIssue,
    NewStep, NotAllowed, NotTheirs, Reason, Report, Standing, State, Step, Urgency,
};

/// How far ahead of the server's clock something may have happened: clocks differ, messages take time.
const MAX_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// What decides: classes and stages with their limits, and the calendar that they are counted in.
#[derive(Debug, Clone, Default)]
pub struct Rulebook {
    /// The classes of the place.
    pub classes: ClassTable,
    /// How long each stage may take.
    pub stages: StageLimits,
    /// Its work calendar.
    pub calendar: WorkCalendar,
    /// How many photos, before and after, whoever closes an issue on the spot must show; none where photos are not kept.
    pub photos_on_spot: usize,
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
    /// Whoever asks may do it, but not on this issue.
    #[error(transparent)]
    NotTheirs(#[from] NotTheirs),
    /// The life cycle does not allow it.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

impl From<Denied> for RuleError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotAllowed(refusal) => refusal.into(),
            Denied::NotTheirs(refusal) => refusal.into(),
        }
    }
}

fn invalid(member: &'static str, reason: impl Into<String>) -> RuleError {
    RuleError::Invalid { member, reason: reason.into() }
}

impl Rulebook {
    /// The first event of a new issue, recorded at `now`.
    ///
    /// Class name, urgency and department are filled in from the class table, place, areas and post from `locality` where
    /// the report does not name them, and the deadline is computed.
    ///
    /// # Errors
    /// [`RuleError::NotAllowed`] if whoever asks may not report;
    /// [`RuleError::Invalid`] names the member that cannot be taken.
    pub fn report(
        &self,
        new: &NewIssue,
        by: Standing<'_>,
        locality: &Locality,
        now: Timestamp,
    ) -> Result<Event, RuleError> {
        let actor = by.act(Step::Report, None, &new.actor)?;
        check_report(new)?;
        let happened_at = happened(new.happened_at, now)?;
        let class = self.classes.get(&new.class);
        let urgency = new.urgency.unwrap_or_else(|| class.map(|class| class.urgency).unwrap_or_default());
        let of_class = class.and_then(|class| class.department.as_ref());
        let (department, by) = locality.department(new.department.as_ref(), of_class);
        let place = new.place.or(locality.place);
        let report = Report {
            title: new.title.trim().to_owned(),
            description: new.description.clone(),
            class: new.class.clone(),
            class_name: class.map_or_else(|| new.class.code.clone(), |class| class.name.clone()),
            urgency,
            source: new.source,
            owner: new.owner.clone(),
            place,
            address: new.address.clone(),
            building: new.building.clone().or_else(|| locality.building.clone()),
            areas: new.areas.clone().or(&locality.areas),
            responsible: new.responsible.clone().or_else(|| locality.responsible.clone()),
            decided: decided(new, locality, by),
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
            actor,
            note: new.note.clone(),
            attachments: new.attachments.clone(),
            department,
            helpers: None,
            due_at,
            stage_due_at: State::Reported.stage().and_then(|stage| {
                let usual = class.map(|class| class.urgency).unwrap_or_default();
                self.stage_end(stage, (usual, urgency), happened_at, due_at)
            }),
            merged_into: None,
            location: None,
            bond: None,
            report: Some(Box::new(report)),
        })
    }

    /// The next event of an issue, recorded at `now`. [`Issue::apply`] takes it without an error.
    ///
    /// A resumption and a reopening bring a new deadline.
    ///
    /// # Errors
    /// [`RuleError::NotAllowed`] if whoever asks may not take the step, whatever the state, [`RuleError::NotTheirs`] if
    /// they may not on this issue;
    /// [`RuleError::Apply`] if the state does not allow the step or the step lacks something;
    /// [`RuleError::Invalid`] names the member that cannot be taken, such as `happened_at` before the last event.
    pub fn step(
        &self,
        issue: &Issue,
        new: &NewStep,
        by: Standing<'_>,
        now: Timestamp,
    ) -> Result<Event, RuleError> {
        let actor = by.act(new.step, Some(issue), &new.actor)?;
        let state = issue.state_after(new.step).map_err(ApplyError::from)?;
        check_step(new)?;
        let happened_at = next_moment(issue.updated_at, new.happened_at, now)?;
        let incomplete = |missing| ApplyError::Incomplete { step: new.step, missing };
        let mut due_at = None;
        let mut merged_into = None;
        let mut location = None;
        match new.step {
            Step::Dispatch if new.department.is_none() && issue.department.is_none() => {
                return Err(incomplete("a department").into());
            }
            Step::CloseOnSpot if different_photos(new) < self.photos_on_spot => {
                return Err(incomplete("photos, before and after (attachments)").into());
            }
            Step::Reassign if new.department.is_none() => return Err(incomplete("another department").into()),
            Step::Merge => {
                let into = new.merged_into.as_ref().ok_or(incomplete("the issue that it goes into"))?;
                if *into == issue.id {
                    return Err(invalid("merged_into", "is the issue itself"));
                }
                merged_into = Some(into.clone());
            }
            Step::Locate => {
                location = Some(new.location.clone().ok_or(incomplete("a place (location)"))?);
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
        let department = if new.step.is_assignment() { new.department.clone() } else { None };
        let helpers = helpers(issue, new, department.as_ref());
        Ok(Event {
            version: issue.version + 1,
            step: new.step,
            state,
            happened_at,
            recorded_at: now,
            actor,
            note: new.note.clone(),
            attachments: new.attachments.clone(),
            department,
            helpers,
            due_at,
            stage_due_at: self.stage_due_at(issue, new.step, happened_at, due_at.or(issue.due_at)),
            merged_into,
            location,
            bond: None,
            report: None,
        })
    }

    /// Says in the event that places an issue what the place says of that point: areas where the request names none, the
    /// post that answers, and the department where the issue has none yet.
    pub fn settle(&self, issue: &Issue, event: &mut Event, found: &Locality) {
        let Some(location) = &mut event.location else { return };
        let areas_given = location.areas != AreaCodes::default();
        location.areas = std::mem::take(&mut location.areas).or(&found.areas);
        // A post that somebody named stays.
        let is_named = issue.decided.contains(&Reason::ResponsibleGiven);
        let responsible = if is_named { &issue.responsible } else { &found.responsible };
        location.responsible.clone_from(responsible);
        let is_new = |reason: &Reason| {
            !(reason.is_of_point()
                || (areas_given && reason.is_of_areas())
                || (is_named && reason.is_of_responsible()))
        };
        location.decided = areas_given.then_some(Reason::AreasGiven).into_iter().collect();
        location.decided.extend(found.because.iter().copied().filter(is_new));
        if issue.department.is_none() && event.department.is_none() {
            let class = self.classes.get(&issue.class);
            let (department, reason) =
                found.department(None, class.and_then(|class| class.department.as_ref()));
            event.department = department;
            location.decided.push(reason);
        }
    }

    /// That another issue was merged into this one, or left it again by being reopened: the event that this one gets
    /// in the same breath, by the same actor. `None` where this one has no life here, being another system's.
    pub fn bond(&self, issue: &Issue, bond: Bond, of: &Event) -> Option<Event> {
        let state = issue.state_after(Step::Note).ok()?;
        let happened_at = issue.updated_at.max(of.happened_at);
        Some(Event {
            version: issue.version + 1,
            step: Step::Note,
            state,
            happened_at,
            recorded_at: of.recorded_at,
            actor: of.actor.clone(),
            note: None,
            attachments: Vec::new(),
            department: None,
            helpers: None,
            due_at: None,
            stage_due_at: issue.stage_due_at,
            merged_into: None,
            location: None,
            bond: Some(bond),
            report: None,
        })
    }

    /// When the stage must be over that an issue is in after a step, with the deadline `due_at` that then holds.
    ///
    /// A stage begins when the turn goes to somebody else, with a reassignment to another department in the same stage.
    /// While the issue is suspended its end stands; a resumption gives back what was left of it.
    fn stage_due_at(
        &self,
        issue: &Issue,
        step: Step,
        at: Timestamp,
        due_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let state = issue.state_after(step).ok()?;
        if state == State::Suspended {
            return issue.stage_due_at;
        }
        let stage = state.stage()?;
        match (self.stages.get(stage), issue.suspension) {
            (Some(limit), Some(suspension)) => {
                after_suspension(&self.calendar, issue.stage_due_at?, suspension, at, Some(limit.unit))
            }
            (Some(_), None) if issue.state.stage() == Some(stage) && step != Step::Reassign => {
                issue.stage_due_at
            }
            _ => {
                let class = self.classes.get(&issue.class);
                let usual = class.map(|class| class.urgency).unwrap_or_default();
                self.stage_end(stage, (usual, issue.urgency), at, due_at)
            }
        }
    }

    /// When a stage must be over that begins now: after its limit, hastened from the `usual` urgency to the issue's own,
    /// or with the whole issue where it has none.
    fn stage_end(
        &self,
        stage: Stage,
        (usual, urgency): (Urgency, Urgency),
        at: Timestamp,
        due_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        match self.stages.get(stage) {
            Some(limit) => after_limit(&self.calendar, at, hastened(limit, usual, urgency)),
            None => due_at,
        }
    }

    /// The whole life of one issue: its events, each recorded when it happened, and the issue that they make.
    ///
    /// # Errors
    /// As [`Rulebook::report`] and [`Rulebook::step`]; a history must say when each step happened, none before the one before.
    pub fn history(
        &self,
        id: IssueId,
        history: &IssueHistory,
        locality: &Locality,
        now: Timestamp,
    ) -> Result<(Issue, Vec<Event>), RuleError> {
        let needed = || invalid("happened_at", "is needed on every entry of a history");
        let begun = history.report.happened_at.ok_or_else(needed)?;
        happened(Some(begun), now)?;
        let first = self.report(&history.report, Standing::AsSaid, locality, begun)?;
        let mut issue = Issue::open(id, &first)?;
        let mut events = vec![first];
        for step in &history.steps {
            let at = step.happened_at.ok_or_else(needed)?;
            happened(Some(at), now)?;
            let event = self.step(&issue, step, Standing::AsSaid, at)?;
            issue.apply(&event)?;
            events.push(event);
        }
        Ok((issue, events))
    }
}

fn different_photos(new: &NewStep) -> usize {
    let mut hashes: Vec<String> =
        new.attachments.iter().map(|attachment| attachment.hash.to_ascii_lowercase()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.len()
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

/// How it was decided: what the report said itself, then what the place said of the rest.
fn decided(new: &NewIssue, locality: &Locality, department: Reason) -> Vec<Reason> {
    let areas_given = new.areas != AreaCodes::default();
    let mut decided = Vec::new();
    if new.place.is_some() {
        decided.push(Reason::PlaceGiven);
    }
    if areas_given {
        decided.push(Reason::AreasGiven);
    }
    if new.responsible.is_some() {
        decided.push(Reason::ResponsibleGiven);
    }
    let is_said = |reason: &Reason| {
        (reason.is_of_point() && new.place.is_some())
            || (reason.is_of_responsible() && new.responsible.is_some())
            || (*reason == Reason::OutsideEveryArea && areas_given)
    };
    decided.extend(locality.because.iter().filter(|reason| !is_said(reason)));
    decided.push(department);
    decided
}

/// Who helps from now on, where that changes: those that a dispatch or a reassignment names, else those of before; each
/// once, and never who has the lead.
fn helpers(issue: &Issue, new: &NewStep, lead: Option<&Department>) -> Option<Vec<Department>> {
    let lead = lead.or(issue.department.as_ref());
    let named = new.helpers.as_ref().filter(|_| matches!(new.step, Step::Dispatch | Step::Reassign));
    let mut helpers: Vec<Department> = Vec::new();
    for name in named.unwrap_or(&issue.helpers) {
        if Some(name) != lead && !helpers.contains(name) {
            helpers.push(name.clone());
        }
    }
    (helpers != issue.helpers).then_some(helpers)
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

#[cfg(test)]
mod tests;
