//! Small situations for the tests of panels.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::feed::Situation;
use crate::geo::LonLat;
use crate::governance::{
    AreaCodes, ClassCode, Duty, Issue, IssueId, Patrol, PatrolId, PatrolKind, Source, State, Update,
};

/// A local time of the place.
pub(super) fn at(local: &str) -> Timestamp {
    let time: jiff::civil::DateTime = local.parse().expect("a local time");
    TimeZone::get("Asia/Shanghai").expect("a zone").to_timestamp(time).expect("a time")
}

/// An issue of this morning.
pub(super) fn issue(id: &str, state: State) -> Issue {
    let class = ClassCode { scheme: "GBT47678.5-2026".into(), kind: "event".into(), code: "06010".into() };
    Issue {
        title: format!("问题 {id}"),
        class_name: "暴露垃圾".into(),
        state,
        place: Some(LonLat::new(118.87, 28.96)),
        address: Some("坊门街12号".into()),
        areas: AreaCodes { community: Some("330802006003".into()), ..AreaCodes::default() },
        department: Some("环境卫生管理所".into()),
        responsible: Some("府山第03网格 网格员".into()),
        updated_at: at("2026-09-15T08:40"),
        ..Issue::reported(IssueId(id.to_owned()), class, Source::Patrol, at("2026-09-15T08:30"))
    }
}

/// A patrol whose shift is from 07:30 to 17:30, and that has not been seen.
pub(super) fn patrol(name: &str) -> Patrol {
    Patrol {
        id: PatrolId(name.to_owned()),
        version: 1,
        name: name.to_owned(),
        kind: PatrolKind::GridOfficer,
        areas: AreaCodes::default(),
        fix: None,
        duty: Some(Duty { from: at("2026-09-15T07:30"), to: at("2026-09-15T17:30") }),
    }
}

/// A situation of these.
pub(super) fn situation(issues: Vec<Issue>, patrols: Vec<Patrol>) -> Situation {
    let mut situation = Situation::default();
    situation.apply_all(issues.into_iter().map(|issue| Update::Issue(Box::new(issue))));
    situation.apply_all(patrols.into_iter().map(|patrol| Update::Patrol(Box::new(patrol))));
    situation
}
