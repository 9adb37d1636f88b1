//! The rules, from request to issue.

mod life;

use super::*;
use crate::governance::{
    Actor, Attachment, ClassCode, Location, Owner, Refusal, Role, Source, Standing, Urgency,
};

fn at(local: &str) -> Timestamp {
    format!("{local}:00+08:00").parse().expect("a valid time")
}

fn rulebook() -> Rulebook {
    let table = "scheme,kind,code,name,group,department,urgency,limit,limit_unit\n\
                 local,event,06010,暴露垃圾,市容环境,环卫所,general,4,work_hours\n\
                 local,event,09005,店外经营,街面秩序,,elevated,2,days\n";
    let (classes, warnings) = ClassTable::read(table.as_bytes()).expect("the table reads");
    assert_eq!(warnings, []);
    Rulebook { classes, ..Rulebook::default() }
}

fn actor() -> Actor {
    Actor { name: "府山社区第03网格 网格员".into(), role: Role::Officer }
}

/// Somebody who may take a step.
fn fit(step: Step) -> Actor {
    let role = if Role::Desk.may(step) { Role::Desk } else { Role::Handler };
    Actor { name: "府山街道指挥中心 值班台".into(), role }
}

/// A step by somebody who may take it.
fn by_right(step: Step) -> NewStep {
    NewStep::bare(step, fit(step))
}

fn rubbish() -> NewIssue {
    NewIssue {
        id: None,
        title: "楼道口堆放垃圾".into(),
        description: String::new(),
        class: ClassCode { scheme: "local".into(), kind: "event".into(), code: "06010".into() },
        urgency: None,
        source: Source::Patrol,
        owner: Owner::Us,
        place: None,
        address: None,
        building: None,
        areas: AreaCodes::default(),
        department: None,
        responsible: None,
        happened_at: None,
        actor: actor(),
        note: None,
        attachments: Vec::new(),
    }
}

fn open(rules: &Rulebook, new: &NewIssue, now: Timestamp) -> Issue {
    let event = rules.report(new, Standing::AsSaid, &Locality::default(), now).expect("the report is taken");
    Issue::open(IssueId("1".into()), &event).expect("the event opens it")
}

/// Takes a step at `now`, and says how the issue stands.
fn take(rules: &Rulebook, issue: &mut Issue, step: Step, now: Timestamp) {
    let event = rules.step(issue, &by_right(step), Standing::AsSaid, now).expect("the step is allowed");
    issue.apply(&event).expect("the event follows");
}

#[test]
fn a_bare_report_gets_name_department_urgency_and_deadline_from_its_class() {
    let issue = open(&rulebook(), &rubbish(), at("2026-09-15T10:00"));
    assert_eq!(issue.class_name, "暴露垃圾");
    assert_eq!(issue.department.as_deref(), Some("环卫所"));
    assert_eq!(issue.urgency, Urgency::General);
    assert_eq!(issue.due_at, Some(at("2026-09-15T15:30")));
    assert_eq!((issue.version, issue.state), (1, State::Reported));
}

#[test]
fn a_class_that_the_table_lacks_is_kept_without_a_deadline() {
    let mut new = rubbish();
    new.class.code = "99999".into();
    let issue = open(&rulebook(), &new, at("2026-09-15T10:00"));
    assert_eq!((issue.class_name.as_str(), issue.due_at), ("99999", None));
}

#[test]
fn the_whole_way_to_closing() {
    let rules = rulebook();
    let mut issue = open(&rules, &rubbish(), at("2026-09-15T10:00"));
    let steps = [
        Step::Register,
        Step::Dispatch,
        Step::Accept,
        Step::Handle,
        Step::GiveFeedback,
        Step::Check,
        Step::Close,
    ];
    for (hour, step) in (11..).zip(steps) {
        take(&rules, &mut issue, step, at(&format!("2026-09-15T{hour}:00")));
    }
    assert_eq!((issue.version, issue.state), (8, State::Closed));
    assert_eq!(issue.closed_at, Some(at("2026-09-15T17:00")));
    take(&rules, &mut issue, Step::Reopen, at("2026-09-16T09:00"));
    assert_eq!((issue.state, issue.closed_at, issue.reopened), (State::Registered, None, 1));
    assert_eq!(issue.due_at, Some(at("2026-09-16T14:30")));
}

#[test]
fn a_clock_that_was_set_back_refuses_no_step() {
    let rules = rulebook();
    let mut issue = open(&rules, &rubbish(), at("2026-09-15T10:00"));
    take(&rules, &mut issue, Step::Register, at("2026-09-15T09:58"));
    assert_eq!((issue.version, issue.updated_at), (2, at("2026-09-15T10:00")));
    let said = NewStep { happened_at: Some(at("2026-09-15T09:58")), ..by_right(Step::Dispatch) };
    assert!(
        rules.step(&issue, &said, Standing::AsSaid, at("2026-09-15T10:01")).is_err(),
        "said so, it is refused"
    );
}

#[test]
fn nothing_happens_before_the_last_event() {
    let rules = rulebook();
    let mut issue = open(&rules, &rubbish(), at("2026-09-15T10:00"));
    take(&rules, &mut issue, Step::Register, at("2026-09-15T11:00"));
    let now = at("2026-09-15T11:30");
    let said = |local| NewStep { happened_at: Some(at(local)), ..by_right(Step::Dispatch) };
    // After the report, but before it was registered.
    let refused = rules.step(&issue, &said("2026-09-15T10:30"), Standing::AsSaid, now);
    let Err(RuleError::Invalid { member: "happened_at", reason }) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("the earliest is 2026-09-15T03:00:00Z"), "{reason}");
    for local in ["2026-09-15T11:00", "2026-09-15T11:10", "2026-09-15T11:34"] {
        let event = rules.step(&issue, &said(local), Standing::AsSaid, now).expect("it follows");
        assert_eq!(event.happened_at, at(local));
    }
    assert!(rules.step(&issue, &said("2026-09-15T11:36"), Standing::AsSaid, now).is_err(), "in the future");
    // Five minutes ahead of the clock once is not ten minutes ahead the next time.
    let ahead = at("2026-09-15T10:58");
    assert!(rules.step(&issue, &said("2026-09-15T11:00"), Standing::AsSaid, ahead).is_ok());
    assert!(rules.step(&issue, &said("2026-09-15T11:04"), Standing::AsSaid, ahead).is_err());
}

#[test]
fn an_event_before_the_last_is_replayed_but_not_applied() {
    let rules = rulebook();
    let mut issue = open(&rules, &rubbish(), at("2026-09-15T10:00"));
    let mut event = rules
        .step(&issue, &by_right(Step::Register), Standing::AsSaid, at("2026-09-15T11:00"))
        .expect("the step is allowed");
    event.happened_at = at("2026-09-15T09:59");
    let before = issue.clone();
    let earliest = at("2026-09-15T10:00");
    let refused = ApplyError::BeforeLast { happened_at: event.happened_at, earliest };
    assert_eq!(issue.apply(&event), Err(refused));
    assert_eq!(issue, before);
    assert_eq!(issue.replay(&event), Ok(()));
    assert_eq!((issue.version, issue.updated_at), (2, earliest));
}

#[test]
fn suspension_stops_the_clock_and_extension_moves_the_deadline() {
    let rules = rulebook();
    let mut issue = open(&rules, &rubbish(), at("2026-09-15T10:00"));
    take(&rules, &mut issue, Step::Register, at("2026-09-15T10:30"));
    take(&rules, &mut issue, Step::Suspend, at("2026-09-15T11:00"));
    assert!(!issue.is_overdue(at("2026-09-17T11:00")));
    take(&rules, &mut issue, Step::Resume, at("2026-09-17T09:00"));
    // Three of its four hours were left: 09:00 to 12:00.
    assert_eq!((issue.state, issue.due_at), (State::Registered, Some(at("2026-09-17T12:00"))));
    assert!(issue.is_overdue(at("2026-09-17T12:01")));

    let mut extend = by_right(Step::Extend);
    let now = at("2026-09-17T11:00");
    let refused = rules.step(&issue, &extend, Standing::AsSaid, now);
    assert!(matches!(refused, Err(RuleError::Apply(ApplyError::Incomplete { step: Step::Extend, .. }))));
    extend.until = Some(at("2026-09-17T11:30"));
    assert!(matches!(
        rules.step(&issue, &extend, Standing::AsSaid, now),
        Err(RuleError::Invalid { member: "until", .. })
    ));
    extend.until = Some(at("2026-09-18T17:00"));
    let event = rules.step(&issue, &extend, Standing::AsSaid, now).expect("a later deadline");
    issue.apply(&event).expect("it follows");
    assert_eq!((issue.state, issue.due_at), (State::Registered, extend.until));
}

#[test]
fn each_stage_has_its_own_limit() {
    let rules = rulebook();
    let mut issue = open(&rules, &rubbish(), at("2026-09-15T10:00"));
    let due = |issue: &Issue| issue.stage_due_at;
    assert_eq!((due(&issue), issue.due_at), (Some(at("2026-09-15T12:00")), Some(at("2026-09-15T15:30"))));
    let mut go = |step, now: &str, end: Option<&str>| {
        let mut new = by_right(step);
        new.department = Some("综合执法队".into());
        let event = rules.step(&issue, &new, Standing::AsSaid, at(now)).expect("the step is allowed");
        issue.apply(&event).expect("it follows");
        assert_eq!(issue.stage_due_at, end.map(at), "{step:?}");
        assert_eq!(issue.stage_due_at, event.stage_due_at, "{step:?}");
    };
    // Two hours to say what is there, one to hand it out; a mark begins nothing.
    go(Step::Verify, "2026-09-15T10:30", Some("2026-09-15T14:00"));
    go(Step::Register, "2026-09-15T11:00", Some("2026-09-15T12:00"));
    go(Step::Urge, "2026-09-15T11:10", Some("2026-09-15T12:00"));
    // The clock stands with ten minutes left of the hour, and with three and a half hours less of the whole.
    go(Step::Suspend, "2026-09-15T11:50", Some("2026-09-15T12:00"));
    go(Step::Note, "2026-09-16T08:00", Some("2026-09-15T12:00"));
    go(Step::Resume, "2026-09-16T09:00", Some("2026-09-16T09:10"));
    go(Step::Dispatch, "2026-09-16T09:05", Some("2026-09-16T11:05"));
    // Another department has its own two hours.
    go(Step::Reassign, "2026-09-16T09:35", Some("2026-09-16T11:35"));
    // Handling gets the rest: two hours and ten minutes were left of the whole at 11:50.
    go(Step::Accept, "2026-09-16T10:00", Some("2026-09-16T11:10"));
    go(Step::Handle, "2026-09-16T10:10", Some("2026-09-16T11:10"));
    // Eight hours to check and to close: five of today and three of tomorrow.
    go(Step::GiveFeedback, "2026-09-16T11:00", Some("2026-09-17T11:30"));
    go(Step::Check, "2026-09-16T14:00", Some("2026-09-17T11:30"));
    go(Step::Rework, "2026-09-16T14:30", Some("2026-09-16T11:10"));
    go(Step::GiveFeedback, "2026-09-16T15:00", Some("2026-09-17T15:30"));
    go(Step::Check, "2026-09-16T15:30", Some("2026-09-17T15:30"));
    go(Step::Close, "2026-09-16T16:00", None);
    go(Step::Reopen, "2026-09-17T09:00", Some("2026-09-17T10:00"));
    go(Step::MakeVoid, "2026-09-17T09:10", None);
}

#[test]
fn an_extension_moves_the_end_of_handling_and_urgency_halves_the_other_stages() {
    let rules = rulebook();
    let mut urgent = rubbish();
    urgent.urgency = Some(Urgency::High);
    let mut issue = open(&rules, &urgent, at("2026-09-15T10:00"));
    assert_eq!(
        (issue.stage_due_at, issue.due_at),
        (Some(at("2026-09-15T10:30")), Some(at("2026-09-15T11:00")))
    );
    for (step, now, end) in [
        (Step::Register, "2026-09-15T10:04", "2026-09-15T10:19"),
        (Step::Dispatch, "2026-09-15T10:08", "2026-09-15T10:38"),
        (Step::Accept, "2026-09-15T10:10", "2026-09-15T11:00"),
    ] {
        take(&rules, &mut issue, step, at(now));
        assert_eq!(issue.stage_due_at, Some(at(end)), "{step:?}");
    }
    assert!(
        issue.is_stage_overdue(at("2026-09-15T11:01")) && !issue.is_stage_overdue(at("2026-09-15T11:00"))
    );
    let extend = NewStep { until: Some(at("2026-09-15T14:00")), ..by_right(Step::Extend) };
    let event =
        rules.step(&issue, &extend, Standing::AsSaid, at("2026-09-15T10:50")).expect("the step is allowed");
    issue.apply(&event).expect("it follows");
    assert_eq!(issue.stage_due_at, Some(at("2026-09-15T14:00")));
}

#[test]
fn a_step_that_is_not_allowed_is_refused_with_those_that_are() {
    let rules = rulebook();
    let issue = open(&rules, &rubbish(), at("2026-09-15T10:00"));
    let refused = rules.step(&issue, &by_right(Step::Close), Standing::AsSaid, at("2026-09-15T10:01"));
    let Err(RuleError::Apply(ApplyError::Refused(Refusal { from, step, allowed }))) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((from, step), (State::Reported, Step::Close));
    assert_eq!(allowed, issue.allowed_steps());
}

#[test]
fn whoever_may_not_is_refused_with_those_who_may() {
    let rules = rulebook();
    let now = at("2026-09-15T10:00");
    let issue = open(&rules, &rubbish(), now);
    // Refused even where the state would allow it, and said so first where it would not.
    for step in [Step::Register, Step::Close] {
        let refused = rules.step(&issue, &NewStep::bare(step, actor()), Standing::AsSaid, now);
        let may = vec![Role::Desk, Role::Manager, Role::Admin];
        assert_eq!(refused, Err(NotAllowed { role: Role::Officer, step, may }.into()));
    }
    let mut report = rubbish();
    report.actor.role = Role::Screen;
    let refused = rules.report(&report, Standing::AsSaid, &Locality::default(), now);
    assert!(matches!(refused, Err(RuleError::NotAllowed(_))), "{refused:?}");
}

#[test]
fn nothing_is_offered_on_an_issue_of_another_system() {
    let mut new = rubbish();
    new.owner =
        Owner::Other { name: "12345".into(), number: "7".into(), state: "办理中".into(), link: None };
    let issue = open(&rulebook(), &new, at("2026-09-15T10:00"));
    assert_eq!(issue.allowed_steps(), []);
    assert!(issue.state_after(Step::Note).is_err());
}

#[test]
fn what_cannot_be_taken_is_named() {
    let rules = rulebook();
    let now = at("2026-09-15T10:00");
    let member = |change: &dyn Fn(&mut NewIssue)| {
        let mut new = rubbish();
        change(&mut new);
        match rules.report(&new, Standing::AsSaid, &Locality::default(), now) {
            Err(RuleError::Invalid { member, .. }) => member,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(member(&|new| new.title = "  ".into()), "title");
    assert_eq!(member(&|new| new.title = "长".repeat(201)), "title");
    assert_eq!(member(&|new| new.id = Some(IssueId("a b".into()))), "id");
    assert_eq!(member(&|new| new.place = Some(crate::geo::LonLat::new(28.9, 118.8))), "place");
    assert_eq!(member(&|new| new.place = Some(crate::geo::LonLat::new(f64::NAN, 0.0))), "place");
    assert_eq!(member(&|new| new.happened_at = Some(at("2026-09-15T10:06"))), "happened_at");
    assert_eq!(member(&|new| new.actor.name = String::new()), "actor");
}

#[test]
fn helpers_are_each_once_never_the_lead_and_replaced_as_a_whole() {
    let rules = rulebook();
    let now = at("2026-09-15T10:00");
    let mut issue = open(&rules, &rubbish(), now);
    let mut events = vec![
        rules.report(&rubbish(), Standing::AsSaid, &Locality::default(), now).expect("the report is taken"),
    ];
    let mut go = |issue: &mut Issue, step: Step, department: Option<&str>, helpers: Option<&[&str]>| {
        let new = NewStep {
            department: department.map(Into::into),
            helpers: helpers.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
            ..by_right(step)
        };
        let event = rules.step(issue, &new, Standing::AsSaid, now).expect("the step is allowed");
        issue.apply(&event).expect("it follows");
        events.push(event);
        assert_eq!(Issue::fold(issue.id.clone(), &events).as_ref(), Ok(&*issue));
        (issue.department.clone().expect("a lead"), issue.helpers.clone())
    };
    // Other steps than a dispatch and a reassignment name nobody.
    let stands = go(&mut issue, Step::Register, None, Some(&["园林管理所"]));
    assert_eq!(stands, ("环卫所".into(), vec![]));
    let helpers = ["园林管理所", "环卫所", "综合执法队", "园林管理所"];
    let stands = go(&mut issue, Step::Dispatch, None, Some(&helpers));
    assert_eq!(stands, ("环卫所".into(), vec!["园林管理所".into(), "综合执法队".into()]));
    // Who accepts does not hand the lead to others; nobody named, nobody changed.
    let stands = go(&mut issue, Step::Accept, Some("别人"), None);
    assert_eq!(stands, ("环卫所".into(), vec!["园林管理所".into(), "综合执法队".into()]));
    // A helper that gets the lead helps no more.
    let stands = go(&mut issue, Step::Reassign, Some("综合执法队"), None);
    assert_eq!(stands, ("综合执法队".into(), vec!["园林管理所".into()]));
    let stands = go(&mut issue, Step::Reassign, Some("环卫所"), Some(&[]));
    assert_eq!(stands, ("环卫所".into(), vec![]));

    let refused = |helpers: Vec<String>| {
        let new = NewStep { helpers: Some(helpers), ..by_right(Step::Note) };
        matches!(
            rules.step(&issue, &new, Standing::AsSaid, now),
            Err(RuleError::Invalid { member: "helpers", .. })
        )
    };
    assert!(refused((0..11).map(|number| number.to_string()).collect()));
    assert!(refused(vec![" ".into()]) && refused(vec!["长".repeat(101)]));
    assert!(!refused((0..10).map(|number| number.to_string()).collect()));
}

#[test]
fn a_history_is_recorded_when_it_happened() {
    let rules = rulebook();
    let mut report = rubbish();
    report.happened_at = Some(at("2026-07-01T09:00"));
    let mut close = by_right(Step::CloseOnSpot);
    close.happened_at = Some(at("2026-07-01T09:10"));
    let history = IssueHistory { report, steps: vec![close] };
    let now = at("2026-09-15T07:55");
    let (issue, events) =
        rules.history(IssueId("1".into()), &history, &Locality::default(), now).expect("a sound history");
    assert_eq!((issue.state, issue.closed_at), (State::Closed, Some(at("2026-07-01T09:10"))));
    assert!(events.iter().all(|event| event.recorded_at == event.happened_at));

    let mut backwards = history;
    backwards.steps[0].happened_at = Some(at("2026-07-01T08:00"));
    assert!(rules.history(IssueId("1".into()), &backwards, &Locality::default(), now).is_err());
}

#[test]
fn a_place_is_given_later_and_the_areas_follow_it() {
    let rules = rulebook();
    let now = at("2026-09-15T10:00");
    let because = vec![Reason::PlaceUnknown];
    let event = rules
        .report(&rubbish(), Standing::AsSaid, &Locality { because, ..Locality::default() }, now)
        .expect("taken");
    let mut issue = Issue::open(IssueId("A-1".into()), &event).expect("opened");
    let by_class =
        if issue.department.is_some() { Reason::DepartmentByClass } else { Reason::DepartmentUnknown };
    assert_eq!((issue.place, issue.decided.as_slice()), (None, &[Reason::PlaceUnknown, by_class][..]));

    let refused = rules.step(&issue, &by_right(Step::Locate), Standing::AsSaid, now);
    assert!(matches!(refused, Err(RuleError::Apply(ApplyError::Incomplete { .. }))), "{refused:?}");
    let areas = AreaCodes { grid: Some("330802006001001".into()), ..AreaCodes::default() };
    let place = crate::geo::LonLat::new(118.87, 28.96);
    let location = Location { building: Some("b7".into()), areas: areas.clone(), ..Location::at(place) };
    let new = NewStep { location: Some(Box::new(location)), ..by_right(Step::Locate) };
    let event = rules.step(&issue, &new, Standing::AsSaid, now).expect("placed");
    issue.apply(&event).expect("applied");
    assert_eq!((issue.state, issue.place, &issue.areas), (State::Reported, Some(place), &areas));
    assert_eq!(
        (issue.building.as_deref(), issue.decided.as_slice()),
        (Some("b7"), &[by_class, Reason::PlaceGiven][..])
    );
}

#[test]
fn whoever_answers_is_found_when_an_issue_is_placed() {
    let rules = rulebook();
    let now = at("2026-09-15T10:00");
    let nowhere =
        Locality { because: vec![Reason::PlaceUnknown, Reason::ResponsibleUnknown], ..Locality::default() };
    let opened = |responsible: Option<&str>| {
        let new = NewIssue { responsible: responsible.map(str::to_owned), ..rubbish() };
        let event = rules.report(&new, Standing::AsSaid, &nowhere, now).expect("taken");
        Issue::open(IssueId("A-1".into()), &event).expect("opened")
    };
    let found = Locality {
        areas: AreaCodes { grid: Some("330802006001001".into()), ..AreaCodes::default() },
        responsible: Some("the grid's officer".into()),
        because: vec![Reason::AreasByPlace, Reason::ResponsibleByGrid],
        ..Locality::default()
    };
    let placed = |mut issue: Issue, found: &Locality| {
        let location = Location::at(crate::geo::LonLat::new(118.87, 28.96));
        let new = NewStep { location: Some(Box::new(location)), ..by_right(Step::Locate) };
        let mut event = rules.step(&issue, &new, Standing::AsSaid, now).expect("placed");
        rules.settle(&issue, &mut event, found);
        issue.apply(&event).expect("applied");
        issue
    };
    let issue = placed(opened(None), &found);
    assert_eq!(
        (issue.areas.grid.as_deref(), issue.responsible.as_deref()),
        (Some("330802006001001"), Some("the grid's officer"))
    );
    assert!(!issue.decided.iter().any(|reason| reason.is_open_question()), "{:?}", issue.decided);
    for reason in [Reason::PlaceGiven, Reason::AreasByPlace, Reason::ResponsibleByGrid] {
        assert_eq!(issue.decided.iter().filter(|held| **held == reason).count(), 1, "{reason:?}");
    }
    // Put right a second time, outside of every area: nobody answers any more, and that is flagged.
    let outside = Locality {
        because: vec![Reason::OutsideEveryArea, Reason::ResponsibleUnknown],
        ..Locality::default()
    };
    let issue = placed(issue, &outside);
    assert_eq!(issue.responsible, None);
    assert!(
        issue.decided.contains(&Reason::OutsideEveryArea)
            && !issue.decided.contains(&Reason::ResponsibleByGrid)
    );
    let named = placed(opened(Some("a post")), &found);
    assert_eq!(named.responsible.as_deref(), Some("a post"));
    assert!(named.decided.contains(&Reason::ResponsibleGiven));
    assert!(!named.decided.contains(&Reason::ResponsibleByGrid), "{:?}", named.decided);
}

#[test]
fn what_the_report_says_itself_needs_no_other_reason() {
    let rules = rulebook();
    let mut new = rubbish();
    new.place = Some(crate::geo::LonLat::new(118.87, 28.96));
    new.responsible = Some("a post".into());
    let because = vec![Reason::PlaceByAddress, Reason::AreasByPlace, Reason::ResponsibleByGrid];
    let areas = AreaCodes { community: Some("330802006001".into()), ..AreaCodes::default() };
    let locality = Locality { areas: areas.clone(), because, ..Locality::default() };
    let event = rules.report(&new, Standing::AsSaid, &locality, at("2026-09-15T10:00")).expect("taken");
    let report = event.report.expect("a report");
    assert_eq!(report.areas, areas);
    let (last, said) = report.decided.split_last().expect("reasons");
    assert_eq!(said, [Reason::PlaceGiven, Reason::ResponsibleGiven, Reason::AreasByPlace]);
    assert!(matches!(last, Reason::DepartmentByClass | Reason::DepartmentUnknown));
}

#[test]
fn closing_on_the_spot_shows_before_and_after() {
    let now = at("2026-09-15T10:00");
    let rules = Rulebook { photos_on_spot: 2, ..rulebook() };
    let issue = open(&rules, &rubbish(), now);
    let photo = |digit: &str| Attachment { hash: digit.repeat(64), media_type: "image/jpeg".to_owned() };
    let close = |attachments| NewStep { attachments, ..by_right(Step::CloseOnSpot) };
    for few in [vec![], vec![photo("a")], vec![photo("a"), photo("A")]] {
        let refused = rules.step(&issue, &close(few), Standing::AsSaid, now).expect_err("it needs two");
        assert!(matches!(refused, RuleError::Apply(ApplyError::Incomplete { .. })), "{refused}");
    }
    assert!(rules.step(&issue, &close(vec![photo("a"), photo("b")]), Standing::AsSaid, now).is_ok());
    assert!(rulebook().step(&issue, &close(vec![]), Standing::AsSaid, now).is_ok());
}
