//! All view data of all panels, kept up to date at the least cost: what changed is followed, ages are told once a second.
//!
//! Knows no engine: [`Inputs`] is what it reads, [`Book::refresh`] what it does each frame.
//! A frame in which nothing changed costs a few comparisons.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::arrival::Arrival;
use super::card::{Card, FanState, Sources};
use super::desk::{DeskState, DeskView, FilterChoices};
use super::ledger::{Counts, Ledger, Now};
use super::legend::Legend;
use super::logging::Form;
use super::notices::Notices;
use super::order::{Order, Query};
use super::roster::{self, DutyCounts, PatrolLens, PatrolSort, Roster};
use super::rows::{IssueRow, PatrolRow, RowCache};
use super::search::{self, IssueTexts};
use super::speech::Speech;
use super::title::TitleBar;
use super::wall::{Alarm, TourLine, WallLists};
use crate::city::search::SearchIndex;
use crate::city::{AreaKind, Place};
use crate::feed::{Changes, Situation};
use crate::governance::Issue;
use crate::language::{Language, Messages};
use crate::viewer::casework::Case;
use crate::viewer::colouring::{ColouringKey, Colourings};
use crate::viewer::filter::Filter;
use crate::viewer::layers::Layers;
use crate::viewer::login::Login;
use crate::viewer::placing::Wanted;
use crate::viewer::preset::Preset;
use crate::viewer::reporting::Reporting;
use crate::viewer::selection::Selection;
use crate::viewer::tour::TourState;

/// Lists and figures follow changes at most so often, seconds.
const FOLLOW_SECS: f64 = 0.25;
/// Ages and deadlines are told anew so often, seconds.
const AGE_SECS: f64 = 1.0;
/// Rows of each of a wall's lists.
const WALL_ROWS: usize = 6;

/// What the book reads.
pub(super) struct Inputs<'a> {
    /// What stands still.
    pub(super) place: Option<&'a Place>,
    /// The names in it.
    pub(super) names: Option<&'a SearchIndex>,
    /// What happens.
    pub(super) situation: &'a Situation,
    /// Whether a feed was named.
    pub(super) has_feed: bool,
    /// What map and list show.
    pub(super) filter: &'a Filter,
    /// What the colours of buildings say.
    pub(super) colourings: &'a Colourings,
    /// What is chosen.
    pub(super) chosen: Option<&'a Selection>,
    /// The tour, and in how many seconds it goes on.
    pub(super) tour: (TourState, Option<u32>),
    /// The scenario's time.
    pub(super) now: Timestamp,
    /// The real time: the age of a connection is real.
    pub(super) real_now: Timestamp,
    /// Real seconds since the start.
    pub(super) elapsed_secs: f64,
    /// Whether names of people are masked.
    pub(super) masks_names: bool,
    /// Whether this is a wall, which nobody searches.
    pub(super) is_wall: bool,
    /// How the storeys of the chosen building are shown.
    pub(super) fan: FanState,
    /// The case that is open, and how often it has changed.
    pub(super) case: (Option<&'a Case>, u64),
    /// The new issue that is being logged.
    pub(super) reporting: &'a Reporting,
    /// Who sits at the desk.
    pub(super) login: &'a Login,
    /// The building that the issue of a slot is at.
    pub(super) building: &'a dyn Fn(u32) -> Option<u32>,
}

/// What has to be made anew.
#[derive(Clone, Copy, Debug, Default)]
struct Stale {
    everything: bool,
    title: bool,
    notices: bool,
}

impl Stale {
    const ALL: Self = Self { everything: true, title: true, notices: true };
}

/// All view data.
pub(super) struct Book {
    /// In which words.
    pub(super) speech: Speech,
    languages: Vec<(Language, String)>,
    /// The title bar.
    pub(super) title: TitleBar,
    has_snapshot: bool,
    /// Whether figures and lists mean something yet.
    pub(super) arrival: Arrival,
    /// The figures.
    pub(super) counts: Counts,
    /// The figures about patrols.
    pub(super) duty: DutyCounts,
    choices: FilterChoices,
    ledger: Ledger,
    order: Order,
    query: Query,
    roster: Roster,
    patrol_query: (PatrolLens, PatrolSort),
    issue_rows: RowCache<IssueRow>,
    patrol_rows: RowCache<PatrolRow>,
    texts: IssueTexts,
    has_names: bool,
    chosen: Option<Selection>,
    fan: FanState,
    case_revision: u64,
    login_revision: u64,
    /// The card of what is chosen.
    pub(super) card: Option<Card>,
    /// The new issue that is being logged.
    pub(super) form: Form,
    /// What the colours of buildings say.
    pub(super) legend: Option<Legend>,
    legend_revision: u64,
    /// What is to be noticed.
    pub(super) notices: Notices,
    /// What a wall lists.
    pub(super) wall: WallLists,
    /// What holds the screen.
    pub(super) alarm: Option<Alarm>,
    /// What the tour is doing.
    pub(super) tour: TourLine,
    tour_state: TourState,
    /// What is open on the desk.
    pub(super) state: DeskState,
    touched: Vec<u32>,
    stale: Stale,
    followed_at_secs: f64,
    aged_at_secs: f64,
}

impl Default for Book {
    fn default() -> Self {
        let own_name = |language| (language, Messages::new(language).text("language-own-name").into_owned());
        Self {
            speech: Speech::default(),
            languages: Language::ALL.map(own_name).to_vec(),
            title: TitleBar::default(),
            has_snapshot: false,
            arrival: Arrival::default(),
            counts: Counts::default(),
            duty: DutyCounts::default(),
            choices: FilterChoices::default(),
            ledger: Ledger::default(),
            order: Order::default(),
            query: Query::default(),
            roster: Roster::default(),
            patrol_query: <(PatrolLens, PatrolSort)>::default(),
            issue_rows: RowCache::default(),
            patrol_rows: RowCache::default(),
            texts: IssueTexts::default(),
            has_names: false,
            chosen: None,
            fan: FanState::default(),
            case_revision: 0,
            login_revision: 0,
            card: None,
            form: Form::default(),
            legend: None,
            legend_revision: 0,
            notices: Notices::waiting(None),
            wall: WallLists::default(),
            alarm: None,
            tour: TourLine::default(),
            tour_state: TourState::Off,
            state: DeskState::default(),
            touched: Vec::new(),
            stale: Stale::ALL,
            followed_at_secs: f64::NEG_INFINITY,
            aged_at_secs: f64::NEG_INFINITY,
        }
    }
}

impl Book {
    /// Speaks another language.
    pub(super) fn speak(&mut self, language: Language) {
        if self.speech.language() != language {
            self.speech = Speech::new(language, self.speech.zone.clone());
            self.stale = Stale::ALL;
        }
    }

    /// Reads times in another zone.
    pub(super) fn set_zone(&mut self, zone: &TimeZone) {
        if self.speech.zone != *zone {
            self.speech.zone = zone.clone();
            self.stale.everything = true;
        }
    }

    /// The place has come: what came before it is looked at again.
    pub(super) fn place_came(&mut self, inputs: &Inputs<'_>) {
        self.ledger.rebuild(inputs.situation, inputs.building);
        self.texts.clear();
        self.stale = Stale::ALL;
    }

    /// The place cannot come.
    pub(super) fn place_failed(&mut self, reason: String) {
        self.notices = Notices::waiting(Some(reason));
    }

    /// Takes what changed in the situation.
    pub(super) fn follow(&mut self, changes: &Changes, inputs: &Inputs<'_>) {
        let from = self.touched.len();
        self.ledger.follow(changes, inputs.situation, inputs.building, &mut self.touched);
        self.texts.forget(self.touched.get(from..).unwrap_or_default());
        self.stale.title |= changes.feed || changes.clock;
        // Once whole it stays so, whatever becomes of the feed; another database begins anew.
        self.has_snapshot = changes.snapshot || (self.has_snapshot && !changes.reset);
        // The first snapshot is shown at once, whenever the lists were last made.
        self.stale.everything |= changes.snapshot;
    }

    /// Brings everything up to date.
    pub(super) fn refresh(&mut self, inputs: &Inputs<'_>) {
        let now = Now::new(inputs.now, &self.speech.zone);
        self.arrival = Arrival::new(inputs.situation, inputs.has_feed, self.has_snapshot);
        let ages = inputs.elapsed_secs - self.aged_at_secs >= AGE_SECS || self.stale.everything;
        let follows = !self.touched.is_empty() && inputs.elapsed_secs - self.followed_at_secs >= FOLLOW_SECS;
        if ages || self.stale.title {
            self.title = TitleBar::new(
                inputs.place.map(|place| &place.manifest),
                inputs.situation,
                inputs.has_feed,
                inputs.now,
                inputs.real_now,
                &self.speech,
            );
        }
        if let Some(place) = inputs.place.filter(|_| self.stale.notices) {
            self.notices = Notices::of(place, &self.speech);
        }
        self.refresh_issues(inputs, now, ages, follows);
        self.refresh_patrols(inputs, ages);
        let chosen_changed = self.chosen.as_ref() != inputs.chosen
            || self.fan != inputs.fan
            || self.case_revision != inputs.case.1
            || self.login_revision != inputs.login.revision;
        if chosen_changed || ages || follows {
            self.chosen = inputs.chosen.cloned();
            self.fan = inputs.fan;
            self.case_revision = inputs.case.1;
            self.login_revision = inputs.login.revision;
            self.card = inputs.chosen.and_then(|selection| {
                let sources = Sources {
                    place: inputs.place,
                    situation: inputs.situation,
                    ledger: &self.ledger,
                    now: inputs.now,
                    judged_at: roster::judged_at(inputs.situation, inputs.now),
                    arrival: self.arrival,
                    speech: &self.speech,
                    masks_names: inputs.masks_names,
                    fan: inputs.fan,
                    case: inputs.case.0,
                    login: inputs.login,
                };
                Card::new(selection, &sources)
            });
        }
        if chosen_changed || ages || self.tour_state != inputs.tour.0 {
            self.refresh_tour(inputs);
        }
        if !inputs.is_wall {
            self.form.follow(inputs.reporting);
            self.search(inputs);
        }
        if self.legend_revision != inputs.colourings.revision() || self.stale.everything {
            self.legend_revision = inputs.colourings.revision();
            self.legend = Legend::new(inputs.colourings, &self.speech);
        }
        if ages {
            self.aged_at_secs = inputs.elapsed_secs;
        }
        self.stale = Stale::default();
    }

    fn refresh_issues(&mut self, inputs: &Inputs<'_>, now: Now, ages: bool, follows: bool) {
        let query = self.state.query(inputs.filter);
        let resorts = self.stale.everything || query != self.query || (ages && query.follows_time());
        if resorts {
            self.order.rebuild(&query, &self.ledger, inputs.situation, now);
            self.query = query;
        } else if follows {
            self.order.follow(&self.touched, &self.ledger, inputs.situation, now);
        }
        if resorts || follows {
            self.touched.clear();
            self.followed_at_secs = inputs.elapsed_secs;
        }
        if !(ages || follows || resorts) {
            return;
        }
        self.issue_rows.clear();
        self.counts = self.ledger.counts(now);
        if inputs.is_wall {
            self.wall = WallLists::new(&self.ledger, inputs.situation, inputs.now, WALL_ROWS, &self.speech);
        } else {
            self.choices.classes =
                self.ledger.open_classes().into_iter().map(|(code, name, _)| (code, name)).collect();
            if self.stale.notices || self.stale.everything {
                self.choices.communities = inputs.place.map(communities).unwrap_or_default();
            }
        }
    }

    fn refresh_patrols(&mut self, inputs: &Inputs<'_>, ages: bool) {
        let query = (self.state.patrol_lens, self.state.patrol_sort);
        if ages || query != self.patrol_query {
            self.patrol_query = query;
            let judged_at = roster::judged_at(inputs.situation, inputs.now);
            self.roster.refresh(inputs.situation, judged_at, query.0, query.1);
            self.duty = self.roster.counts();
            self.patrol_rows.clear();
        }
    }

    fn refresh_tour(&mut self, inputs: &Inputs<'_>) {
        let (state, next_secs) = &inputs.tour;
        let row = |issue: &Issue| IssueRow::new(issue, inputs.now, &self.speech);
        let stop = match inputs.chosen {
            Some(Selection::Issue(id)) => inputs.situation.issue(id).map(row),
            _ => None,
        };
        self.alarm = match state {
            TourState::Holding { id, since } => {
                let issue = inputs.situation.issue(id);
                issue.map(|issue| Alarm::new(issue, *since, inputs.now, &self.speech))
            }
            _ => None,
        };
        self.tour = TourLine::new(state, stop, *next_secs, &self.speech);
        self.tour_state = state.clone();
    }

    fn search(&mut self, inputs: &Inputs<'_>) {
        let slots = self.ledger.slot_count();
        if !self.has_names && inputs.names.is_some() {
            // What was typed before the names were there is looked for again.
            self.has_names = true;
            self.state.search.is_stale |= !self.state.search.typed.is_empty();
        }
        if self.state.search.is_stale {
            let found = search::find(
                &self.state.search.typed,
                inputs.names,
                &mut self.texts,
                inputs.situation,
                slots,
            );
            self.state.search.take(found);
        } else {
            self.texts.prepare_some(inputs.situation, slots);
        }
    }

    /// Whether something is open that Esc closes before anything else.
    pub(super) fn has_window(&self) -> bool {
        let DeskState { shows_report, shows_help, login, photos, .. } = &self.state;
        let has_photo = self.card.as_ref().is_some_and(|card| card.large.is_some());
        *shows_report
            || *shows_help
            || login.is_open
            || (photos.is_open && has_photo)
            || self.form.site.is_some()
    }

    /// Hands the desk's view data and state to whoever draws it.
    pub(super) fn with_desk<R>(
        &mut self,
        scene: &DeskScene<'_>,
        draw: impl FnOnce(&mut DeskView<'_>, &mut DeskState) -> R,
    ) -> R {
        let Self { speech, order, roster, issue_rows, patrol_rows, state, .. } = self;
        let speech = &*speech;
        let (situation, now) = (scene.situation, scene.now);
        let mut issue_row = |row| -> Option<Arc<IssueRow>> {
            let slot = order.slot(row)?;
            issue_rows.row(slot, || Some(IssueRow::new(situation.issue_at(slot)?, now, speech)))
        };
        let masks_names = scene.masks_names;
        let judged_at = roster::judged_at(situation, now);
        let mut patrol_row = |row| -> Option<Arc<PatrolRow>> {
            let slot = roster.slot(row)?;
            patrol_rows.row(slot, || {
                let patrol = &situation.patrol_at(slot)?.patrol;
                Some(PatrolRow::new(patrol, judged_at, now, speech, masks_names))
            })
        };
        let mut view = DeskView {
            speech,
            languages: &self.languages,
            title: &self.title,
            arrival: self.arrival,
            counts: self.counts,
            duty: self.duty,
            filter: scene.filter,
            choices: &self.choices,
            issues: (order.len(), order.total()),
            issue_row: &mut issue_row,
            patrols: roster.len(),
            patrol_row: &mut patrol_row,
            chosen: scene.chosen,
            card: self.card.as_ref(),
            form: &self.form,
            situation,
            now,
            legend: self.legend.as_ref(),
            colouring: scene.colouring,
            layers: scene.layers,
            preset: scene.preset,
            hour: scene.hour,
            clock_hour: scene.clock_hour,
            tour: (&self.tour, scene.tour_is_on),
            notices: &self.notices,
            has_feed: scene.has_feed,
            login: scene.login,
            placing: scene.placing,
        };
        draw(&mut view, state)
    }
}

/// What the desk shows beside the book.
pub(super) struct DeskScene<'a> {
    /// What happens.
    pub(super) situation: &'a Situation,
    /// The scenario's time.
    pub(super) now: Timestamp,
    /// The filter.
    pub(super) filter: &'a Filter,
    /// What is chosen.
    pub(super) chosen: Option<&'a Selection>,
    /// Which layers are shown.
    pub(super) layers: &'a Layers,
    /// What the colours of buildings say.
    pub(super) colouring: Option<ColouringKey>,
    /// The quality, and whether the machine chose it.
    pub(super) preset: (Preset, bool),
    /// The hour whose light is shown, where it is not the clock's.
    pub(super) hour: Option<f32>,
    /// The clock's hour.
    pub(super) clock_hour: f32,
    /// Whether the tour is on.
    pub(super) tour_is_on: bool,
    /// Whether names of people are masked.
    pub(super) masks_names: bool,
    /// Whether a feed was named.
    pub(super) has_feed: bool,
    /// Who sits at the desk.
    pub(super) login: &'a Login,
    /// The issue that a place is being pointed out for.
    pub(super) placing: Option<&'a Wanted>,
}

fn communities(place: &Place) -> Vec<(String, String)> {
    place
        .areas
        .iter()
        .filter(|area| area.kind == AreaKind::Community)
        .map(|area| (area.code.clone(), area.name.clone()))
        .collect()
}
