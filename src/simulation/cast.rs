//! Who plays: the posts of a place, its patrols with their shifts, and its classes, from the tables of the place.
//!
//! `people.csv` (`post,name,role,kind,community,grid,department`), `roster.csv` (`patrol,post,date,from,to`) and
//! `classes.csv`; ARCHITECTURE.md has the formats. People are invented.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::SimulationError;
use crate::city::{Files, Manifest};
use crate::governance::classes::ClassTable;
use crate::governance::rulebook::is_valid_id;
use crate::governance::{Actor, AreaCodes, Duty, PatrolId, PatrolKind, Role};

/// The patrol that is on the roster of the demo place and never shows up (data/fushan/README.md).
const ABSENT: &str = "P37";

/// A row of `people.csv`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Person {
    post: String,
    name: String,
    role: Role,
    #[serde(default)]
    kind: Option<PatrolKind>,
    #[serde(default)]
    community: Option<String>,
    #[serde(default)]
    grid: Option<String>,
    #[serde(default)]
    department: Option<String>,
}

/// A row of `roster.csv`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Shift {
    patrol: PatrolId,
    post: String,
    date: Date,
    from: String,
    to: String,
}

/// One patrol of the cast.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its id.
    pub id: PatrolId,
    /// Its post: what events call it.
    pub post: String,
    /// The invented name of the person.
    pub name: String,
    /// What it is.
    pub kind: PatrolKind,
    /// Where it goes.
    pub areas: AreaCodes,
    /// Whom it works for.
    pub department: Option<String>,
    /// Its shifts by date, in local time; a shift that ends before it begins ends the next day.
    shifts: BTreeMap<Date, (Time, Time)>,
}

/// Everybody, and the classes of what they deal with.
#[derive(Debug, Clone)]
pub struct Cast {
    people: Vec<Person>,
    /// The patrols, in the order of the roster.
    pub members: Vec<Member>,
    /// Those on the roster who never show up.
    pub absent: BTreeSet<PatrolId>,
    /// The classes of the place.
    pub classes: ClassTable,
    /// The zone of the roster's times.
    pub zone: TimeZone,
    /// Rows that were left out.
    pub warnings: Vec<String>,
}

impl Cast {
    /// Reads the tables that a place's manifest names.
    ///
    /// # Errors
    /// [`SimulationError::Table`] if a table is missing or cannot be read at all, [`SimulationError::NoPatrols`] if the
    /// roster names nobody. Single bad rows become warnings.
    pub fn read(files: &dyn Files, manifest: &Manifest) -> Result<Self, SimulationError> {
        let table = |name: &Option<String>, which: &'static str| {
            let name = name.as_deref().ok_or(SimulationError::NoTable(which))?;
            files.read(name).map_err(|error| SimulationError::Table { which, reason: error.to_string() })
        };
        let mut warnings = Vec::new();
        let bytes = table(&manifest.files.classes, "classes")?;
        let (classes, bad) = ClassTable::read(&bytes)
            .map_err(|error| SimulationError::Table { which: "classes", reason: error.to_string() })?;
        warnings.extend(bad.into_iter().map(|warning| format!("classes: {warning}")));
        let people: Vec<Person> = rows(&table(&manifest.files.people, "people")?, "people", &mut warnings);
        let shifts: Vec<Shift> = rows(&table(&manifest.files.roster, "roster")?, "roster", &mut warnings);
        let zone = TimeZone::get(&manifest.time_zone)
            .map_err(|_unknown| SimulationError::Zone(manifest.time_zone.clone()))?;
        let members = members(&people, shifts, &mut warnings);
        if members.is_empty() {
            return Err(SimulationError::NoPatrols);
        }
        if classes.is_empty() {
            return Err(SimulationError::Table {
                which: "classes",
                reason: "it has no usable row".to_owned(),
            });
        }
        let absent = members.iter().map(|member| member.id.clone()).filter(|id| id.0 == ABSENT).collect();
        Ok(Self { people, members, absent, classes, zone, warnings })
    }

    /// Somebody who acts in a role, of a department if one is named and has such a person; else of any.
    pub(super) fn actor(&self, role: Role, department: Option<&str>, pick: u64) -> Actor {
        let of = |wanted: Option<&str>| {
            let fits: Vec<&Person> = self
                .people
                .iter()
                .filter(|person| person.role == role)
                .filter(|person| wanted.is_none() || person.department.as_deref() == wanted)
                .collect();
            (!fits.is_empty())
                .then(|| fits.get((pick % fits.len() as u64) as usize).map(|person| person.post.clone()))?
        };
        // A department whose people are not in the table acts in its own name.
        let name = of(department).or_else(|| department.map(str::to_owned)).or_else(|| of(None));
        Actor { name: name.unwrap_or_else(|| "值班台".to_owned()), role }
    }

    /// The manager of a community.
    pub(super) fn manager(&self, community: Option<&str>) -> Option<Actor> {
        let fits = |person: &&Person| {
            person.role == Role::Manager && community.is_some() && person.community.as_deref() == community
        };
        let person = self.people.iter().find(fits)?;
        Some(Actor { name: person.post.clone(), role: Role::Manager })
    }
}

impl Member {
    /// Its shift that begins on a day: as the roster has it, or, on a day that the roster does not know,
    /// as on the first day that it does.
    pub fn duty(&self, date: Date, zone: &TimeZone) -> Option<Duty> {
        let (from, to) = self.shifts.get(&date).or_else(|| self.shifts.values().next())?;
        let end = if to > from { date } else { date.checked_add(1.day()).ok()? };
        let moment = |date: Date, time: Time| zone.to_timestamp(date.to_datetime(time)).ok();
        Some(Duty { from: moment(date, *from)?, to: moment(end, *to)? })
    }

    /// Whether it is on duty at a moment.
    pub(super) fn is_on_duty(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let today = zone.to_datetime(at).date();
        [today.checked_sub(1.day()).unwrap_or(today), today]
            .into_iter()
            .filter_map(|date| self.duty(date, zone))
            .any(|duty| duty.from <= at && at < duty.to)
    }

    /// As events name it.
    pub(super) fn actor(&self) -> Actor {
        Actor { name: self.post.clone(), role: Role::Officer }
    }
}

fn rows<T: serde::de::DeserializeOwned>(bytes: &[u8], which: &str, warnings: &mut Vec<String>) -> Vec<T> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let mut values = Vec::new();
    for row in reader.deserialize() {
        match row {
            Ok(value) => values.push(value),
            Err(error) => {
                // Every further row of a table that cannot be read would say the same.
                let ends =
                    !matches!(error.kind(), csv::ErrorKind::Deserialize { .. } | csv::ErrorKind::Utf8 { .. });
                warnings.push(format!("{which}: left out: {error}"));
                if ends {
                    break;
                }
            }
        }
    }
    values
}

fn members(people: &[Person], shifts: Vec<Shift>, warnings: &mut Vec<String>) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    for shift in shifts {
        let (Ok(from), Ok(to)) = (shift.from.parse::<Time>(), shift.to.parse::<Time>()) else {
            warnings.push(format!("roster: left out: {} is not from HH:MM to HH:MM", shift.patrol));
            continue;
        };
        if let Some(member) = members.iter_mut().find(|member| member.id == shift.patrol) {
            member.shifts.entry(shift.date).or_insert((from, to));
            continue;
        }
        if !is_valid_id(&shift.patrol.0) {
            warnings.push(format!(
                "roster: left out: {:?} is not 1 to 64 letters, digits and -_.:",
                shift.patrol.0
            ));
            continue;
        }
        let Some(person) = people.iter().find(|person| person.post == shift.post) else {
            warnings.push(format!("roster: left out: no post {:?} among the people", shift.post));
            continue;
        };
        let Some(kind) = person.kind else {
            warnings.push(format!("roster: left out: the post {:?} has no kind of patrol", shift.post));
            continue;
        };
        members.push(Member {
            id: shift.patrol,
            post: person.post.clone(),
            name: person.name.clone(),
            kind,
            areas: AreaCodes {
                community: person.community.clone(),
                grid: person.grid.clone(),
                compound: None,
            },
            department: person.department.clone(),
            shifts: BTreeMap::from([(shift.date, (from, to))]),
        });
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{Embedded, Place};
    use crate::generate;

    fn demo() -> Cast {
        let files = Embedded(generate::embedded());
        let place = Place::read(&files).expect("the demo place");
        Cast::read(&files, &place.manifest).expect("its tables")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn the_demo_place_has_forty_patrols_of_eight_kinds_and_one_never_comes() {
        let cast = demo();
        assert_eq!(cast.warnings, Vec::<String>::new());
        assert_eq!(cast.members.len(), 40);
        let kinds: std::collections::HashSet<_> = cast.members.iter().map(|member| member.kind).collect();
        assert_eq!(kinds.len(), 8);
        assert_eq!(cast.absent.iter().map(|id| id.0.as_str()).collect::<Vec<_>>(), ["P37"]);
    }

    #[test]
    fn shifts_are_local_and_repeat_on_days_that_the_roster_does_not_know() {
        let cast = demo();
        let first = &cast.members[0];
        let duty = first.duty(jiff::civil::date(2026, 9, 15), &cast.zone).expect("a shift");
        assert_eq!((duty.from, duty.to), (at("2026-09-15T07:30:00+08:00"), at("2026-09-15T17:30:00+08:00")));
        assert!(first.is_on_duty(at("2026-09-16T09:00:00+08:00"), &cast.zone));
        assert!(!first.is_on_duty(at("2026-09-16T18:00:00+08:00"), &cast.zone));
    }

    #[test]
    fn whoever_acts_is_a_post() {
        let cast = demo();
        let actor = cast.actor(Role::Handler, Some("园林管理所"), 5);
        assert_eq!(actor.name, "园林管理所处置员");
        assert_eq!(cast.actor(Role::Handler, Some("无名物业"), 5).name, "无名物业");
        assert!(cast.actor(Role::Desk, None, 1).name.starts_with("府山街道指挥中心"));
        assert_eq!(cast.manager(Some("330802006008")).expect("one").name, "钟楼社区党组织书记");
    }

    #[test]
    fn bad_rows_are_named_and_left_out() {
        const FILES: Embedded = Embedded(&[
            ("c", "scheme,kind,code,name\nlocal,event,1,暴露垃圾\n".as_bytes()),
            ("p", "post,name,role,kind\n岗,某,officer,grid_officer\n乙,某,officer,dragon\n".as_bytes()),
            ("r", "patrol,post,date,from,to\nP1,岗,2026-09-15,08:00,17:00\nP2,丙,2026-09-15,08:00,17:00\nP3,岗,2026-09-15,8,17:00\n".as_bytes()),
        ]);
        let mut manifest = Place::read(&Embedded(generate::embedded())).expect("a place").manifest;
        manifest.files.classes = Some("c".into());
        manifest.files.people = Some("p".into());
        manifest.files.roster = Some("r".into());
        let cast = Cast::read(&FILES, &manifest).expect("one patrol is left");
        assert_eq!((cast.members.len(), cast.warnings.len()), (1, 3), "{:?}", cast.warnings);
        manifest.files.roster = None;
        assert!(matches!(Cast::read(&FILES, &manifest), Err(SimulationError::NoTable("roster"))));
    }
}
