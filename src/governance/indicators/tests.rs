//! Cases made by hand, whose numbers a reader can check; and what holds of any cases.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use proptest::prelude::*;

use super::*;
use crate::governance::{
    Actor, AreaCodes, ClassCode, Event, IssueId, Owner, Report, Role, Source, State, Step, Urgency,
};

fn zone() -> TimeZone {
    TimeZone::fixed(offset(8))
}

fn at(local: &str) -> Timestamp {
    format!("2026-{local}:00+08:00").parse().expect("a valid time")
}

fn event(version: u64, step: Step, state: State, happened_at: Timestamp, due_at: Option<Timestamp>) -> Event {
    Event {
        version,
        step,
        state,
        happened_at,
        recorded_at: happened_at,
        actor: Actor { name: "desk".into(), role: Role::Desk },
        note: None,
        attachments: Vec::new(),
        department: None,
        helpers: None,
        due_at,
        stage_due_at: None,
        merged_into: None,
        location: None,
        bond: None,
        report: None,
    }
}

fn report(department: &str, happened_at: Timestamp, due_at: Option<Timestamp>) -> Event {
    let class = ClassCode { scheme: "local".into(), kind: "event".into(), code: "06010".into() };
    let areas = AreaCodes { compound: Some("c-1".into()), ..AreaCodes::default() };
    Event {
        department: Some(department.into()),
        report: Some(Box::new(Report {
            title: "x".into(),
            description: String::new(),
            class,
            class_name: "x".into(),
            urgency: Urgency::General,
            source: Source::Patrol,
            owner: Owner::Us,
            place: None,
            address: None,
            building: None,
            areas,
            responsible: None,
            decided: Vec::new(),
        })),
        ..event(1, Step::Report, State::Reported, happened_at, due_at)
    }
}

/// A life from lines of `step happened_at [due_at]`, the report first.
fn life(lines: &[&str]) -> Vec<Event> {
    let mut events = Vec::new();
    for (version, line) in (1..).zip(lines) {
        let mut words = line.split(' ');
        let step: Step =
            serde_json::from_value(words.next().unwrap_or_default().into()).expect("a known step");
        let happened_at = at(words.next().expect("a time"));
        let due_at = words.next().map(at);
        let last = events.last().map_or(State::Reported, |event: &Event| event.state);
        let state = match step.target() {
            crate::governance::Target::To(state) => state,
            _ => last,
        };
        events.push(match step {
            Step::Report => report("office", happened_at, due_at),
            step => event(version, step, state, happened_at, due_at),
        });
    }
    events
}

fn course(id: &str, events: &[Event], words: &mut Words) -> Course {
    let (first, rest) = events.split_first().expect("a report");
    let mut course = Course::begin(IssueId(id.into()), first, words).expect("a report");
    for event in rest {
        course.follow(event, words);
    }
    course
}

/// A September: in time, late, open, suspended, void, merged, extended, of today, of August, reopened.
fn september() -> Vec<Course> {
    let lives: [(&str, &[&str]); 10] = [
        (
            "in-time",
            &[
                "report 09-01T10:00 09-02T10:00",
                "register 09-01T11:00",
                "give_feedback 09-01T16:00",
                "close 09-02T09:00",
            ],
        ),
        ("late", &["report 09-03T10:00 09-04T10:00", "register 09-03T11:00", "close 09-04T12:00"]),
        ("open", &["report 09-05T10:00 09-06T10:00", "register 09-05T11:00"]),
        ("suspended", &["report 09-05T10:00 09-06T10:00", "suspend 09-05T11:00"]),
        ("void", &["report 09-05T10:00 09-06T10:00", "make_void 09-05T11:00"]),
        ("merged", &["report 09-05T10:00 09-06T10:00", "merge 09-05T11:00"]),
        ("extended", &["report 09-09T10:00 09-10T10:00", "extend 09-09T11:00 10-05T10:00"]),
        ("today", &["report 09-20T11:00 09-20T13:30"]),
        ("august", &["report 08-31T10:00 08-31T20:00", "close_on_spot 09-01T10:00"]),
        (
            "reopened",
            &["report 09-10T10:00 09-11T10:00", "close 09-10T16:00", "reopen 09-15T10:00 09-18T10:00"],
        ),
    ];
    let mut words = Words::default();
    lives.map(|(id, lines)| course(id, &life(lines), &mut words)).into()
}

fn view(from: &str, to: &str, moment: &str) -> View {
    let moment = Moment::of(at(moment));
    let today = Period::Day.around(moment.at, &zone()).expect("a day");
    View { window: Window { from: at(from), to: at(to) }, moment, today }
}

fn ids(courses: &[Course], view: &View, figure: Figure) -> Vec<String> {
    let (wanted, companies) = (Wanted::default(), Companies::new());
    cases(courses, view, figure, &wanted, &companies).map(|course| course.id.0.clone()).collect()
}

#[test]
fn a_month_that_can_be_counted_by_hand() {
    let (courses, view) = (september(), view("09-01T00:00", "10-01T00:00", "09-20T12:00"));
    let behind = |figure| ids(&courses, &view, figure);
    assert_eq!(behind(Figure::Reported).len(), 9, "all but the one of August");
    assert_eq!(behind(Figure::Registered), ["in-time", "late", "open"]);
    assert_eq!(behind(Figure::Handled), ["in-time", "august"]);
    assert_eq!(behind(Figure::Closed), ["in-time", "late", "august", "reopened"]);
    assert_eq!(behind(Figure::Reopened), ["reopened"]);
    assert_eq!(behind(Figure::Due), ["in-time", "late", "open", "reopened"]);
    assert_eq!(behind(Figure::ClosedOnTime), ["in-time"]);
    assert_eq!(behind(Figure::Open), ["open", "suspended", "extended", "today", "reopened"]);
    assert_eq!(behind(Figure::Overdue), ["open", "reopened"]);
    assert_eq!(behind(Figure::DueSoon), ["today"]);
    assert_eq!(behind(Figure::DueToday), ["today"]);

    let groups = tally(&courses, &view, None, &Wanted::default(), &Companies::new());
    let all = groups.get(&None).expect("one group");
    assert_eq!(
        all.value(Figure::OnTimeRate),
        Value::Ratio { value: Some(0.25), numerator: 1, denominator: 4 }
    );
    // 6, 23, 24 and 26 hours.
    assert_eq!(all.value(Figure::MedianTimeToClose), Value::Median { value: Some(23.5 * 3_600.0), of: 4 });
    assert_eq!(all.value(Figure::Reported), Value::Count { value: 9 });
}

#[test]
fn nothing_of_nothing_is_nothing() {
    let (courses, view) = (september(), view("07-01T00:00", "08-01T00:00", "09-20T12:00"));
    let groups = tally(&courses, &view, None, &Wanted::default(), &Companies::new());
    let all = groups.get(&None).cloned().unwrap_or_default();
    let rate = serde_json::to_value(all.value(Figure::OnTimeRate)).expect("JSON");
    assert_eq!(rate, serde_json::json!({ "value": null, "numerator": 0, "denominator": 0 }));
    let median = serde_json::to_value(all.value(Figure::MedianTimeToClose)).expect("JSON");
    assert_eq!(median, serde_json::json!({ "value": null, "of": 0 }));
}

#[test]
fn what_was_not_known_at_the_moment_does_not_count() {
    let mut events = life(&["report 09-01T10:00 09-03T10:00", "close 09-02T09:00"]);
    // Somebody wrote down on the fifth that it had been closed on the second.
    events[1].recorded_at = at("09-05T09:00");
    let courses = [course("x", &events, &mut Words::default())];
    let before = view("09-01T00:00", "10-01T00:00", "09-04T12:00");
    let after = view("09-01T00:00", "10-01T00:00", "09-05T12:00");
    assert_eq!(ids(&courses, &before, Figure::Overdue), ["x"]);
    assert_eq!(ids(&courses, &before, Figure::ClosedOnTime), [""; 0]);
    assert_eq!(ids(&courses, &after, Figure::Overdue), [""; 0]);
    assert_eq!(ids(&courses, &after, Figure::ClosedOnTime), ["x"]);
}

#[test]
fn a_deadline_that_moved_is_due_where_it_lay_at_the_moment() {
    let courses = september();
    let early = view("09-10T00:00", "09-11T00:00", "09-09T10:30");
    let later = view("10-05T00:00", "10-06T00:00", "10-05T12:00");
    // Before the extension it was to be closed on the tenth, which had not come.
    assert_eq!(ids(&courses, &early, Figure::Due), [""; 0]);
    assert_eq!(ids(&courses, &later, Figure::Due), ["extended"]);
    let tenth = view("09-10T00:00", "09-11T00:00", "10-05T12:00");
    assert_eq!(ids(&courses, &tenth, Figure::Due), [""; 0]);
}

#[test]
fn groups_follow_who_has_the_lead_and_the_company_of_the_compound() {
    let mut events = life(&["report 09-01T10:00", "register 09-01T11:00", "dispatch 09-01T12:00"]);
    events[2].department = Some("gardens".into());
    let courses = [course("x", &events, &mut Words::default())];
    let companies = Companies::from([("c-1".to_owned(), Word::from("company"))]);
    let key = |moment, by| {
        let view = view("09-01T00:00", "10-01T00:00", moment);
        let groups = tally(&courses, &view, Some(by), &Wanted::default(), &companies);
        groups.into_keys().next().flatten().map(|word| word.to_string())
    };
    assert_eq!(key("09-01T11:30", Dimension::Department).as_deref(), Some("office"));
    assert_eq!(key("09-01T12:00", Dimension::Department).as_deref(), Some("gardens"));
    assert_eq!(key("09-01T12:00", Dimension::PropertyCompany).as_deref(), Some("company"));
    assert_eq!(key("09-01T12:00", Dimension::Class).as_deref(), Some("local/event/06010"));
    assert_eq!(key("09-01T12:00", Dimension::Source).as_deref(), Some("patrol"));
    assert_eq!(key("09-01T12:00", Dimension::Grid), None);
}

#[test]
fn periods_and_what_they_are_compared_with() {
    let moment = Moment::of(at("03-31T10:00"));
    let window = |period: Period| period.around(moment.at, &zone()).expect("a period");
    let month = window(Period::Month);
    assert_eq!(month, Window { from: at("03-01T00:00"), to: at("04-01T00:00") });
    assert_eq!(window(Period::Week), Window { from: at("03-30T00:00"), to: at("04-06T00:00") });
    let (before, then) =
        Comparison::Previous.of(month, Some(Period::Month), moment, &zone()).expect("in time");
    assert_eq!(before, Window { from: at("02-01T00:00"), to: at("03-01T00:00") });
    // There is no 31st of February; what is known stays what is known now.
    assert_eq!(then, Moment { at: at("02-28T10:00"), known: moment.at });
    let (year, _) = Comparison::YearBefore.of(month, Some(Period::Month), moment, &zone()).expect("in time");
    assert_eq!(year.from, "2025-03-01T00:00:00+08:00".parse().expect("a time"));
    let (week, _) = Comparison::YearBefore
        .of(window(Period::Week), Some(Period::Week), moment, &zone())
        .expect("in time");
    assert_eq!(week.from, "2025-03-31T00:00:00+08:00".parse().expect("a time"), "a Monday too");
    let odd = Window { from: at("03-10T00:00"), to: at("03-13T00:00") };
    let (before, _) = Comparison::Previous.of(odd, None, moment, &zone()).expect("in time");
    assert_eq!(before, Window { from: at("03-07T00:00"), to: at("03-10T00:00") });
}

/// Any course: steps in any order at any hours of a month, which is more than the life cycle allows.
fn any_course() -> impl Strategy<Value = Vec<Event>> {
    let step = (0_usize..Step::ALL.len(), 0_i64..200, 0_i64..300, proptest::option::of(0_i64..700));
    (0_usize..4, proptest::collection::vec(step, 0..8)).prop_map(|(department, steps)| {
        let hour = |count: i64| at("09-01T00:00") + jiff::SignedDuration::from_hours(count);
        let mut events = vec![report(&format!("d{department}"), hour(0), Some(hour(24)))];
        let mut now = 0;
        for (version, (step, after, late, due)) in (2..).zip(steps) {
            now += after;
            let state = match Step::ALL[step].target() {
                crate::governance::Target::To(state) => state,
                _ => State::Handling,
            };
            let mut event = event(version, Step::ALL[step], state, hour(now), due.map(hour));
            event.recorded_at = hour(now + late);
            event.department = (step % 5 == 0).then(|| format!("d{}", step % 3));
            events.push(event);
        }
        events
    })
}

proptest! {
    #[test]
    fn parts_add_up_and_each_count_is_the_length_of_its_list(
        lives in proptest::collection::vec(any_course(), 0..20),
        from in 0_i64..700, length in 1_i64..700, now in 0_i64..1_500,
    ) {
        let mut words = Words::default();
        let courses: Vec<Course> = (0..).zip(&lives).map(|(id, life): (u32, _)| course(&id.to_string(), life, &mut words)).collect();
        let hour = |count: i64| at("09-01T00:00") + jiff::SignedDuration::from_hours(count);
        let moment = Moment::of(hour(now));
        let today = Period::Day.around(moment.at, &zone()).expect("a day");
        let view = View { window: Window { from: hour(from), to: hour(from + length) }, moment, today };
        let (wanted, companies) = (Wanted::default(), Companies::new());
        let whole = tally(&courses, &view, None, &wanted, &companies).remove(&None).unwrap_or_default();
        for by in Dimension::ALL {
            let parts = tally(&courses, &view, Some(by), &wanted, &companies);
            for figure in Figure::ALL {
                let number = |tally: &Tally| match tally.value(figure) {
                    Value::Count { value } => value,
                    Value::Ratio { denominator, .. } => denominator,
                    Value::Median { of, .. } => of,
                };
                let sum: u64 = parts.values().map(number).sum();
                prop_assert_eq!(sum, number(&whole), "{:?} by {:?}", figure, by);
                prop_assert_eq!(ids(&courses, &view, figure).len() as u64, sum, "{:?}", figure);
                let listed: BTreeMap<_, _> = parts.iter().map(|(key, tally)| (key.clone(), number(tally))).collect();
                for (key, count) in listed {
                    let wanted = Wanted(vec![(by, key.as_deref().unwrap_or_default().to_owned())]);
                    prop_assert_eq!(cases(&courses, &view, figure, &wanted, &companies).count() as u64, count);
                }
            }
        }
        if let Value::Ratio { numerator, denominator, value } = whole.value(Figure::OnTimeRate) {
            prop_assert!(numerator <= denominator);
            prop_assert_eq!(value.is_none(), denominator == 0);
        }
    }
}
