//! The card of an issue: where it stands, until when, whose it is.

use super::{Card, Link, Section, Sources};
use crate::city::{AreaKind, BuildingIndex};
use crate::governance::{Issue, IssueId, Owner, State, Urgency};
use crate::viewer::panels::ledger::NO_BUILDING;
use crate::viewer::panels::rows::deadline_tone;
use crate::viewer::panels::theme::Tone;
use crate::viewer::selection::Selection;

impl Sources<'_> {
    pub(super) fn issue(&self, issue: &Issue) -> Card {
        let (speech, words) = (self.speech, &self.speech.words);
        let mut facts = Vec::new();
        self.fact(&mut facts, "issue-class", Some(issue.class_short().to_owned()));
        self.fact(&mut facts, "issue-urgency", Some(words.urgency(issue.urgency).to_owned()));
        self.fact(&mut facts, "issue-source", Some(words.source(issue.source).to_owned()));
        self.fact(&mut facts, "issue-address", issue.address.clone());
        self.areas(&mut facts, &issue.areas);
        let reported = format!(
            "{} · {}",
            speech.moment(self.now, issue.reported_at),
            speech.ago(self.now, issue.reported_at)
        );
        self.fact(&mut facts, "issue-reported", Some(reported));
        let (deadline, tone) = match (issue.state, issue.due_at) {
            (State::Suspended, _) => (speech.owned("issue-suspended"), Tone::Quiet),
            (_, None) => (speech.owned("issue-no-deadline"), Tone::Quiet),
            (state, Some(due)) if state.is_open() => (
                format!("{} · {}", speech.moment(self.now, due), speech.remaining(self.now, issue)),
                deadline_tone(issue, self.now),
            ),
            (_, Some(due)) => (speech.moment(self.now, due), Tone::Quiet),
        };
        self.toned_fact(&mut facts, "issue-deadline", Some(deadline), tone);
        self.deadline_facts(issue, &mut facts);
        self.fact(&mut facts, "issue-closed", issue.closed_at.map(|at| speech.moment(self.now, at)));
        self.fact(&mut facts, "card-department", issue.department.clone());
        self.fact(&mut facts, "card-helpers", Some(issue.helpers.join(&speech.text("card-helpers-between"))));
        self.fact(&mut facts, "card-responsible", issue.responsible.clone());

        let mut sections = Vec::new();
        sections.extend(self.bonds("issue-merged-into", issue.merged_into.iter()));
        sections.extend(self.bonds("issue-absorbed", issue.absorbed.iter()));
        sections.extend(self.building_of(issue));
        sections.extend(issue.place.map(|place| self.patrols_near(place)));
        sections.extend(self.history(issue));
        let (photos, large) = self.photos(issue);
        Card {
            kind: speech.with("issue-number", &[("number", issue.id.0.as_str().into())]),
            title: issue.title.clone(),
            state: Some((issue.state, words.state(issue.state).to_owned())),
            badges: self.marks(issue),
            facts,
            description: issue.description.clone(),
            sections,
            floors: None,
            doable: self.doable(issue),
            photos,
            large,
            selection: None,
        }
    }

    fn marks(&self, issue: &Issue) -> Vec<(String, Tone)> {
        let speech = self.speech;
        let mut marks = Vec::new();
        if issue.urgency == Urgency::High {
            marks.push((speech.owned("wall-urgent"), Tone::Bad));
        }
        if issue.supervised {
            marks.push((speech.owned("issue-supervised"), Tone::Bad));
        }
        if issue.urged > 0 {
            marks.push((speech.count("issue-urged", issue.urged as usize), Tone::Warn));
        }
        if issue.reopened > 0 {
            marks.push((speech.count("issue-reopened", issue.reopened as usize), Tone::Warn));
        }
        if issue.place.is_none() {
            marks.push((speech.owned("issue-unplaced"), Tone::Warn));
        }
        if let Owner::Other { name, number, state, .. } = &issue.owner {
            let text = speech.with(
                "issue-other-system",
                &[
                    ("system", name.as_str().into()),
                    ("number", number.as_str().into()),
                    ("state", state.as_str().into()),
                ],
            );
            marks.push((text, Tone::Quiet));
        }
        marks
    }

    /// The issues that this one is one case with.
    fn bonds<'a>(&self, title: &str, others: impl Iterator<Item = &'a IssueId>) -> Option<Section> {
        let link = |id: &IssueId| {
            let other = self.situation.issue(id);
            Link {
                selection: Selection::Issue(id.clone()),
                state: other.map(|other| other.state),
                text: other.map_or_else(|| id.0.clone(), |other| other.title.clone()),
                note: other.map(|other| self.speech.moment(self.now, other.reported_at)).unwrap_or_default(),
                tone: Tone::Quiet,
            }
        };
        let links: Vec<Link> = others.map(link).collect();
        (!links.is_empty()).then(|| Section { title: self.speech.owned(title), links, ..Section::default() })
    }

    fn building_of(&self, issue: &Issue) -> Option<Section> {
        let slot = self.situation.issue_slot(&issue.id)?;
        let index = self.ledger.facts(slot)?.building;
        if index == NO_BUILDING {
            return None;
        }
        let building = self.place?.city.building(BuildingIndex(index))?;
        let text = building.name().or(building.address())?.to_owned();
        let compound = self.area_name(AreaKind::Compound, building.compound()).unwrap_or_default();
        let link = Link {
            selection: Selection::Building(index),
            state: None,
            text,
            note: compound,
            tone: Tone::Quiet,
        };
        Some(Section {
            title: self.speech.owned("issue-at-building"),
            links: vec![link],
            ..Section::default()
        })
    }
}
