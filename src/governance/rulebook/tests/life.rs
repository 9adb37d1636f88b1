//! What holds of any life, whoever wishes whatever: invariants, by proptest.

use proptest::prelude::*;

use super::*;
use crate::geo::LonLat;
use crate::governance::{Location, Target};

/// Names that a wish may use, some of which cannot be taken.
const NAMES: [&str; 5] = ["环卫所", "综合执法队", "园林管理所", "市政所", " "];

/// Something that somebody wishes.
#[derive(Debug, Clone)]
struct Wish {
    /// Which step: of those that the state allows, or of all.
    step: (bool, prop::sample::Index),
    /// Who: somebody who may, or anybody.
    role: Option<prop::sample::Index>,
    /// By how much the server's clock has moved since the wish before; it may be set back.
    minutes: i64,
    /// When it happened, counted from the clock, if it is said.
    happened: Option<i64>,
    /// The new deadline, counted from the old one.
    until: Option<i64>,
    department: Option<prop::sample::Index>,
    helpers: Option<Vec<prop::sample::Index>>,
    merged_into: Option<bool>,
    /// Where it is, in ten-thousandths of a degree from a corner.
    location: Option<(u16, u16)>,
}

fn wish() -> impl Strategy<Value = Wish> {
    let index = any::<prop::sample::Index>;
    let minutes = prop_oneof![8 => 0_i64..3_000, 1 => -600_i64..0];
    let happened = prop::option::weighted(0.4, -600_i64..20);
    let until = prop::option::weighted(0.9, -60_i64..3_000);
    let department = prop::option::weighted(0.7, index());
    let helpers = prop::option::weighted(0.4, prop::collection::vec(index(), 0..12));
    let merged_into = prop::option::weighted(0.9, prop::bool::weighted(0.9));
    let role = prop::option::weighted(0.3, index());
    let location = prop::option::weighted(0.8, (0_u16..1_000, 0_u16..1_000));
    let step = (prop::bool::weighted(0.8), index());
    (step, role, minutes, happened, until, department, helpers, merged_into, location).prop_map(
        |(step, role, minutes, happened, until, department, helpers, merged_into, location)| Wish {
            step,
            role,
            minutes,
            happened,
            until,
            department,
            helpers,
            merged_into,
            location,
        },
    )
}

impl Wish {
    fn request(&self, issue: &Issue, now: Timestamp) -> NewStep {
        let (is_allowed, index) = self.step;
        let step = if is_allowed { *index.get(issue.allowed_steps()) } else { *index.get(&Step::ALL) };
        let name = |index: &prop::sample::Index| (*index.get(&NAMES)).to_owned();
        let mut actor = fit(step);
        if let Some(role) = self.role {
            actor.role = *role.get(&Role::ALL);
        }
        NewStep {
            step,
            actor,
            note: None,
            happened_at: self.happened.map(|minutes| now + SignedDuration::from_mins(minutes)),
            until: self.until.map(|minutes| issue.due_at.unwrap_or(now) + SignedDuration::from_mins(minutes)),
            department: self.department.as_ref().map(name),
            helpers: self.helpers.as_ref().map(|helpers| helpers.iter().map(name).collect()),
            merged_into: self.merged_into.map(|other| IssueId(if other { "2" } else { "1" }.into())),
            attachments: Vec::new(),
            location: self.location.map(|(lon, lat)| {
                let areas = AreaCodes { grid: Some("330802006001001".to_owned()), ..AreaCodes::default() };
                let place = LonLat::new(118.8 + f64::from(lon) / 1e4, 28.9 + f64::from(lat) / 1e4);
                Box::new(Location { areas, ..Location::at(place) })
            }),
        }
    }
}

/// Why the rules may have refused a request: for the reason that comes first, and for no other.
fn check_refusal(error: &RuleError, new: &NewStep, issue: &Issue) -> Result<(), TestCaseError> {
    let may = new.actor.role.may(new.step);
    let is_allowed = issue.allowed_steps().contains(&new.step);
    match error {
        RuleError::NotAllowed(_) => prop_assert!(!may),
        RuleError::NotTheirs(_) => prop_assert!(false, "nothing is known of whose it is: {}", error),
        RuleError::Apply(ApplyError::Refused(_)) => prop_assert!(may && !is_allowed),
        RuleError::Apply(ApplyError::Incomplete { .. }) | RuleError::Invalid { .. } => {
            prop_assert!(may && is_allowed);
        }
        RuleError::Apply(_) => prop_assert!(false, "the rulebook made what does not follow: {}", error),
    }
    Ok(())
}

/// What one event may change, and how.
fn check_event(event: &Event, before: &Issue, after: &Issue) -> Result<(), TestCaseError> {
    prop_assert!(event.actor.role.may(event.step) && before.allowed_steps().contains(&event.step));
    prop_assert_eq!((event.version, after.version), (before.version + 1, before.version + 1));
    let expected = match event.step.target() {
        Target::To(state) => Some(state),
        Target::Stay => Some(before.state),
        Target::Back => before.suspension.map(|suspension| suspension.from),
    };
    prop_assert_eq!(Some(after.state), expected);
    prop_assert!(after.updated_at >= before.updated_at);
    prop_assert_eq!(after.updated_at, event.happened_at);
    if before.department != after.department {
        prop_assert!(event.step.is_assignment());
    }
    // What does not follow is not taken, and changes nothing.
    let mut held = before.clone();
    let early = before.updated_at - SignedDuration::from_secs(1);
    let wrong_state = if event.state == State::Verifying { State::Closed } else { State::Verifying };
    for wrong in [
        Event { version: event.version + 1, ..event.clone() },
        Event { version: before.version, ..event.clone() },
        Event { state: wrong_state, ..event.clone() },
        Event { happened_at: early, ..event.clone() },
    ] {
        prop_assert!(held.apply(&wrong).is_err());
        prop_assert_eq!(&held, before);
    }
    // An event is the same after a journey.
    let text = serde_json::to_string(event).expect("an event serialises");
    let read: Event = serde_json::from_str(&text).expect("an event reads");
    prop_assert_eq!(&read, event);
    Ok(())
}

/// What holds of an issue at any time.
fn check_issue(issue: &Issue, events: &[Event]) -> Result<(), TestCaseError> {
    prop_assert_eq!(issue.version, events.len() as u64);
    prop_assert_eq!(issue.closed_at.is_some(), issue.state == State::Closed);
    prop_assert_eq!(issue.suspension.is_some(), issue.state == State::Suspended);
    prop_assert_eq!(issue.merged_into.is_some(), issue.state == State::Merged);
    prop_assert!(issue.suspension.is_none_or(|suspension| suspension.from != State::Suspended));
    prop_assert!(issue.state != State::Suspended || !issue.is_overdue(Timestamp::MAX));
    prop_assert!(issue.state != State::Suspended || !issue.is_stage_overdue(Timestamp::MAX));
    // The class has a limit, so each open issue has both deadlines, and a closed one has no stage.
    prop_assert!(issue.due_at.is_some_and(|due_at| due_at > issue.reported_at));
    prop_assert_eq!(issue.stage_due_at.is_some(), issue.state.is_open());
    let mut helpers = issue.helpers.clone();
    helpers.sort_unstable();
    helpers.dedup();
    prop_assert!(helpers.len() == issue.helpers.len() && helpers.len() <= 10);
    prop_assert!(issue.department.as_ref().is_none_or(|lead| !helpers.contains(lead)));
    let count = |step| events.iter().filter(|event| event.step == step).count();
    prop_assert_eq!(
        (issue.reopened as usize, issue.urged as usize),
        (count(Step::Reopen), count(Step::Urge))
    );
    let account = crate::governance::deadline::account(events);
    prop_assert_eq!(account.due_at, issue.due_at);
    prop_assert_eq!(
        (account.suspensions.len(), account.extensions.len()),
        (count(Step::Suspend), count(Step::Extend))
    );
    let now_standing = account.suspensions.iter().filter(|stop| stop.until.is_none()).count();
    prop_assert_eq!(now_standing, usize::from(issue.state == State::Suspended));
    Ok(())
}

proptest! {
    /// Any wishes, by anybody, at any pace: what is taken keeps the invariants, what is refused changes nothing.
    #[test]
    fn any_life_keeps_the_invariants(wishes in prop::collection::vec(wish(), 0..40)) {
        let rules = rulebook();
        let mut now = at("2026-09-15T10:00");
        let first = rules.report(&rubbish(), Standing::AsSaid, &Locality::default(), now).expect("the report is taken");
        let mut issue = Issue::open(IssueId("1".into()), &first).expect("it opens");
        let mut events = vec![first];
        for wish in wishes {
            now += SignedDuration::from_mins(wish.minutes);
            let new = wish.request(&issue, now);
            let before = issue.clone();
            match rules.step(&issue, &new, Standing::AsSaid, now) {
                Ok(event) => {
                    issue.apply(&event).expect("an event of the rulebook follows");
                    check_event(&event, &before, &issue)?;
                    events.push(event);
                }
                Err(error) => check_refusal(&error, &new, &issue)?,
            }
            check_issue(&issue, &events)?;
        }
        // The row is the fold of the events.
        prop_assert_eq!(Issue::fold(IssueId("1".into()), &events).expect("they fold"), issue);
    }

    /// Whoever may takes whatever the state allows: with all that a step needs, nothing is refused.
    #[test]
    fn what_may_be_done_can_be_done(
        steps in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..5_000), 0..40),
    ) {
        let rules = rulebook();
        let mut now = at("2026-09-15T10:00");
        let mut issue = open(&rules, &rubbish(), now);
        for (index, minutes) in steps {
            now += SignedDuration::from_mins(minutes);
            let mut new = by_right(*index.get(issue.allowed_steps()));
            new.department = Some("综合执法队".into());
            new.merged_into = Some(IssueId("2".into()));
            let place = LonLat::new(118.87, 28.96);
            let areas = AreaCodes::default();
            new.location = Some(Box::new(Location { areas, ..Location::at(place) }));
            new.until = issue.due_at.map(|due_at| due_at.max(now) + SignedDuration::from_hours(1));
            let event = rules.step(&issue, &new, Standing::AsSaid, now);
            prop_assert!(event.is_ok(), "{:?}", event);
            issue.apply(&event.expect("just seen")).expect("it follows");
        }
    }
}
