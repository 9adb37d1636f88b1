//! An issue as the fold of its events: what one event changes, and which events are refused.
//!
//! The store keeps events; the issue's row is only this fold, kept for quick reading.

use jiff::Timestamp;

use super::{
    AreaCodes, Bond, Event, Issue, IssueId, Location, Reason, Refusal, State, Step, Suspension, Target,
    allowed_steps,
};

/// Why an event could not be applied to an issue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The state does not allow the step.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The step lacks something that it cannot do without.
    #[error("step {step:?} needs {missing}")]
    Incomplete {
        /// The step.
        step: Step,
        /// What it lacks, in words.
        missing: &'static str,
    },
    /// The event is not the next one.
    #[error("event {event} does not follow version {held}")]
    OutOfOrder {
        /// The issue's version.
        held: u64,
        /// The event's version.
        event: u64,
    },
    /// The event says that it led to another state than the life cycle has it lead to.
    #[error("the event says {said:?}, but its step leads to {led_to:?}")]
    WrongState {
        /// What the event says.
        said: State,
        /// Where the step leads.
        led_to: State,
    },
    /// The event happened before the one that it follows.
    #[error("happened_at {happened_at} lies before the last event; the earliest is {earliest}")]
    BeforeLast {
        /// When the event says that it happened.
        happened_at: Timestamp,
        /// When the last event happened.
        earliest: Timestamp,
    },
}

impl Issue {
    /// Opens an issue by its first event, which must be a report of version 1.
    ///
    /// # Errors
    /// [`ApplyError::Incomplete`] if the event carries no report, [`ApplyError::Refused`] if its step is another one,
    /// [`ApplyError::OutOfOrder`] if its version is not 1.
    pub fn open(id: IssueId, event: &Event) -> Result<Self, ApplyError> {
        if event.step != Step::Report {
            let allowed = vec![Step::Report];
            return Err(Refusal { from: State::Reported, step: event.step, allowed }.into());
        }
        if event.version != 1 {
            return Err(ApplyError::OutOfOrder { held: 0, event: event.version });
        }
        if event.state != State::Reported {
            return Err(ApplyError::WrongState { said: event.state, led_to: State::Reported });
        }
        let Some(report) = event.report.as_deref().cloned() else {
            return Err(ApplyError::Incomplete { step: Step::Report, missing: "what was reported" });
        };
        Ok(Self {
            title: report.title,
            description: report.description,
            class_name: report.class_name,
            urgency: report.urgency,
            owner: report.owner,
            place: report.place,
            address: report.address,
            building: report.building,
            areas: report.areas,
            department: event.department.clone(),
            helpers: event.helpers.clone().unwrap_or_default(),
            responsible: report.responsible,
            decided: report.decided,
            due_at: event.due_at,
            stage_due_at: event.stage_due_at,
            ..Self::reported(id, report.class, report.source, event.happened_at)
        })
    }

    /// Folds all events of an issue.
    ///
    /// # Errors
    /// As [`Issue::open`] and [`Issue::apply`]; without any event, [`ApplyError::Incomplete`].
    pub fn fold<'a>(id: IssueId, events: impl IntoIterator<Item = &'a Event>) -> Result<Self, ApplyError> {
        let mut events = events.into_iter();
        let first =
            events.next().ok_or(ApplyError::Incomplete { step: Step::Report, missing: "a first event" })?;
        let mut issue = Self::open(id, first)?;
        for event in events {
            issue.apply(event)?;
        }
        Ok(issue)
    }

    /// Where a step would lead from here.
    ///
    /// # Errors
    /// [`Refusal`] with the allowed steps; none are allowed on an issue that another system owns.
    pub fn state_after(&self, step: Step) -> Result<State, Refusal> {
        let allowed = self.allowed_steps();
        if !allowed.contains(&step) {
            return Err(Refusal { from: self.state, step, allowed: allowed.to_vec() });
        }
        Ok(match step.target() {
            Target::To(state) => state,
            Target::Stay => self.state,
            Target::Back => self.suspension.map_or(State::Registered, |suspension| suspension.from),
        })
    }

    /// The steps that can be taken now: those of its state, and none on an issue that another system owns.
    pub fn allowed_steps(&self) -> &'static [Step] {
        match self.owner {
            super::Owner::Us => allowed_steps(self.state),
            super::Owner::Other { .. } => &[],
        }
    }

    /// Applies the next event. On an error the issue is as it was.
    ///
    /// # Errors
    /// [`ApplyError::OutOfOrder`] unless the event's version is the next one, [`ApplyError::Refused`] if the state does
    /// not allow the step, [`ApplyError::WrongState`] if the event names another state than the step leads to,
    /// [`ApplyError::Incomplete`] if a merge names no issue, an extension no deadline or a placing no place,
    /// [`ApplyError::BeforeLast`] if the event happened before the last one.
    pub fn apply(&mut self, event: &Event) -> Result<(), ApplyError> {
        if event.happened_at < self.updated_at {
            let earliest = self.updated_at;
            return Err(ApplyError::BeforeLast { happened_at: event.happened_at, earliest });
        }
        self.replay(event)
    }

    /// Applies the next event as a store holds it: as [`Issue::apply`], but in whatever order of time.
    ///
    /// Stores that were written before the order was a rule hold events that happened before the one that they follow.
    ///
    /// # Errors
    /// As [`Issue::apply`], but never [`ApplyError::BeforeLast`].
    pub fn replay(&mut self, event: &Event) -> Result<(), ApplyError> {
        if event.version != self.version + 1 {
            return Err(ApplyError::OutOfOrder { held: self.version, event: event.version });
        }
        let led_to = self.state_after(event.step)?;
        if event.state != led_to {
            return Err(ApplyError::WrongState { said: event.state, led_to });
        }
        if event.step == Step::Merge && event.merged_into.is_none() {
            return Err(ApplyError::Incomplete { step: Step::Merge, missing: "the issue that it goes into" });
        }
        if event.step == Step::Extend && event.due_at.is_none() {
            return Err(ApplyError::Incomplete { step: Step::Extend, missing: "a new deadline" });
        }
        if event.step == Step::Locate && event.location.is_none() {
            return Err(ApplyError::Incomplete { step: Step::Locate, missing: "a place (location)" });
        }

        let from = self.state;
        self.version = event.version;
        self.state = led_to;
        self.updated_at = self.updated_at.max(event.happened_at);
        if let Some(department) = &event.department {
            self.department = Some(department.clone());
        }
        if let Some(helpers) = &event.helpers {
            self.helpers.clone_from(helpers);
        }
        if let Some(due_at) = event.due_at {
            self.due_at = Some(due_at);
        }
        self.stage_due_at = event.stage_due_at.filter(|_| led_to.is_open());
        // What belongs to one state alone leaves with it.
        if from != led_to {
            self.suspension =
                (led_to == State::Suspended).then_some(Suspension { from, since: event.happened_at });
            self.merged_into = if led_to == State::Merged { event.merged_into.clone() } else { None };
            self.closed_at = (led_to == State::Closed).then_some(event.happened_at);
        }
        if let Some(location) = event.location.as_deref().filter(|_| event.step == Step::Locate) {
            self.locate(location);
        }
        match &event.bond {
            Some(Bond::Absorbed(other)) if !self.absorbed.contains(other) => {
                self.absorbed.push(other.clone());
            }
            Some(Bond::Released(other)) => self.absorbed.retain(|absorbed| absorbed != other),
            _ => {}
        }
        match event.step {
            Step::Urge => self.urged = self.urged.saturating_add(1),
            Step::Supervise => self.supervised = true,
            Step::Reopen => self.reopened = self.reopened.saturating_add(1),
            _ => {}
        }
        Ok(())
    }

    /// Takes the place that somebody gave; the areas that held when it arose stay where there is none of a kind there.
    fn locate(&mut self, location: &Location) {
        self.place = Some(location.place);
        self.building.clone_from(&location.building);
        if let Some(address) = &location.address {
            self.address = Some(address.clone());
        }
        // Most places lie in no compound, so what is not said of one here is not so.
        let held = AreaCodes { compound: None, ..std::mem::take(&mut self.areas) };
        self.areas = location.areas.clone().or(&held);
        if !location.decided.is_empty() {
            self.responsible.clone_from(&location.responsible);
            let says = |of: fn(Reason) -> bool| location.decided.iter().any(|reason| of(*reason));
            let (department, responsible) = (says(Reason::is_of_department), says(Reason::is_of_responsible));
            self.decided.retain(|reason| {
                !(reason.is_of_areas()
                    || (reason.is_of_department() && department)
                    || (reason.is_of_responsible() && responsible))
            });
            self.decided.extend(&location.decided);
        }
        self.decided.retain(|reason| !reason.is_of_point());
        self.decided.push(Reason::PlaceGiven);
    }
}
