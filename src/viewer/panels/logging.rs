//! The form in which a new issue is logged, as plain values: by keyboard alone in a few seconds.

use std::sync::Arc;

use jiff::Timestamp;

use super::likely::{self, LikelyLine, LikelyLines};
use super::speech::Speech;
use crate::city::search::{Query, SearchText};
use crate::feed::{ClassOffer, Situation};
use crate::governance::{Actor, AreaCodes, IssueId, NewIssue, Owner, Source};
use crate::viewer::actions::Action;
use crate::viewer::reporting::{Reporting, Sent, Site};

/// So many classes are offered at once.
const MOST_CLASSES: usize = 6;

/// What the form shows of what is being logged.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    pub(super) site: Option<Site>,
    pub(super) sent: Sent,
    pub(super) serial: u64,
    classes: Arc<[ClassOffer]>,
    texts: Vec<SearchText>,
}

impl Form {
    /// Follows what is being logged.
    pub(super) fn follow(&mut self, reporting: &Reporting) {
        if !Arc::ptr_eq(&self.classes, &reporting.classes) {
            self.classes = Arc::clone(&reporting.classes);
            let text = |offer: &ClassOffer| {
                SearchText::new(&format!("{} {} {}", offer.name, offer.group, offer.code.code))
            };
            self.texts = self.classes.iter().map(text).collect();
        }
        if self.serial != reporting.serial || self.site != reporting.site {
            self.site.clone_from(&reporting.site);
            self.serial = reporting.serial;
        }
        if self.sent != reporting.sent {
            self.sent = reporting.sent.clone();
        }
    }

    /// The classes that answer to what was typed, the best first; the first ones of the table while nothing is.
    pub(super) fn offers(&self, typed: &str) -> Vec<usize> {
        let query = Query::new(typed);
        if query.is_empty() {
            return (0..self.classes.len().min(MOST_CLASSES)).collect();
        }
        let scored = self.texts.iter().enumerate();
        let mut scored: Vec<(u32, usize)> =
            scored.filter_map(|(index, text)| Some((query.score(text)?, index))).collect();
        scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.into_iter().map(|(_, index)| index).take(MOST_CLASSES).collect()
    }

    /// A class by its place in the table.
    pub(super) fn class(&self, index: usize) -> Option<&ClassOffer> {
        self.classes.get(index)
    }

    /// Whether the table has come.
    pub(super) fn has_classes(&self) -> bool {
        !self.classes.is_empty()
    }
}

/// What somebody has typed so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Logging {
    /// Of which report, by its serial.
    serial: u64,
    /// What was typed to find the class.
    pub(super) class_typed: String,
    /// Which of the offers is chosen.
    pub(super) offer: usize,
    /// The class, once it is taken.
    pub(super) class: Option<usize>,
    pub(super) title: String,
    pub(super) note: String,
    /// The issue that it goes into, if it is the same.
    pub(super) merge: Option<IssueId>,
    /// Which field takes the keyboard next.
    pub(super) focus: Option<Field>,
    likely: LikelyLines<Option<usize>>,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Class,
    Title,
}

impl Logging {
    /// Begins anew where another report was begun.
    pub(super) fn follow(&mut self, form: &Form) {
        if self.serial != form.serial {
            *self = Self { serial: form.serial, focus: Some(Field::Class), ..Self::default() };
        }
    }

    /// Takes a class: the title is proposed from it, and comes next.
    pub(super) fn take_class(&mut self, index: usize, form: &Form) {
        let Some(offer) = form.class(index) else { return };
        let address = form.site.as_ref().and_then(|site| site.address.as_deref());
        self.title = match address {
            Some(address) => format!("{address} {}", offer.name),
            None => offer.name.clone(),
        };
        self.class = Some(index);
        self.class_typed.clone_from(&offer.name);
        self.focus = Some(Field::Title);
    }

    /// The open issues that this may be the same as; found anew where the class changes.
    pub(super) fn likely(
        &mut self,
        form: &Form,
        situation: &Situation,
        now: Timestamp,
        speech: &Speech,
    ) -> &[LikelyLine] {
        let lines = self.likely.of(self.class, || {
            let class = self.class.and_then(|index| form.class(index)).map(|offer| &offer.code);
            let find = |site: &Site| likely::find(situation, class, site.place, None, now, speech);
            form.site.as_ref().map(find).unwrap_or_default()
        });
        if !lines.iter().any(|line| Some(&line.issue) == self.merge.as_ref()) {
            self.merge = None;
        }
        lines
    }

    /// Whether all is there.
    pub(super) fn is_complete(&self, form: &Form) -> bool {
        self.class.is_some() && !self.title.trim().is_empty() && form.sent != Sent::Pending
    }

    /// The report to be sent by somebody, and where it is the same as another issue, who merges it.
    pub(super) fn action(&self, form: &Form, actor: Actor, merger: Option<Actor>) -> Option<Action> {
        let site = form.site.as_ref()?;
        let class = form.class(self.class?)?.code.clone();
        let new = NewIssue {
            id: None,
            title: self.title.trim().to_owned(),
            description: self.note.trim().to_owned(),
            class,
            urgency: None,
            source: Source::Leader,
            owner: Owner::Us,
            place: Some(site.place),
            address: site.address.clone(),
            building: site.building.clone(),
            // The server knows the areas of the day and who answers for them.
            areas: AreaCodes::default(),
            department: None,
            responsible: None,
            happened_at: None,
            actor,
            note: None,
            attachments: Vec::new(),
        };
        let merge = self.merge.clone().zip(merger);
        Some(Action::SendReport { new: Box::new(new), merge })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LonLat;
    use crate::governance::{ClassCode, Role};

    fn form() -> Form {
        let offer = |name: &str, code: &str| ClassOffer {
            code: ClassCode { scheme: "s".into(), kind: "event".into(), code: code.into() },
            name: name.into(),
            group: "市容环境".into(),
        };
        let site = Site {
            place: LonLat::new(118.87, 28.96),
            building: Some("b1".into()),
            address: Some("坊门街12号".into()),
            areas: Vec::new(),
            responsible: None,
        };
        let classes = [offer("道路不洁", "06012"), offer("暴露垃圾", "06010")];
        let reporting = Reporting::begun(site, classes);
        let mut form = Form::default();
        form.follow(&reporting);
        form
    }

    #[test]
    fn a_class_is_found_by_its_sound_and_proposes_the_title() {
        let form = form();
        let mut logging = Logging::default();
        logging.follow(&form);
        assert_eq!(logging.focus, Some(Field::Class));
        assert_eq!(form.offers(""), [0, 1]);
        for typed in ["baolulaji", "bllj", "垃圾", "06010"] {
            assert_eq!(form.offers(typed), [1], "{typed}");
        }
        assert!(!logging.is_complete(&form));
        logging.take_class(1, &form);
        assert_eq!((logging.title.as_str(), logging.focus), ("坊门街12号 暴露垃圾", Some(Field::Title)));
        assert!(logging.is_complete(&form));
        let actor = Actor { name: "值班台".into(), role: Role::Desk };
        let Some(Action::SendReport { new, merge: None }) = logging.action(&form, actor, None) else {
            panic!("a report")
        };
        assert_eq!((new.class.code.as_str(), new.building.as_deref()), ("06010", Some("b1")));
        assert_eq!(new.place, Some(LonLat::new(118.87, 28.96)));
    }
}
