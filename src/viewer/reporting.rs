//! A new issue that somebody at the desk logs: where it is, which classes there are, what became of it.
//!
//! `N` or a right click writes [`Action::BeginReport`]; the form in the panels writes [`Action::SendReport`].
//! Once the feed has delivered what was logged, it is chosen like anything else.

use std::sync::Arc;

use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::input::EguiWantsInput;

use super::actions::Action;
use super::place::Stand;
use super::pointer::{Picking, PointerOwner, Press};
use super::selection::Selection;
use super::situation::Live;
use super::{HandSystems, ViewerSystems};
use crate::city::{Area, AreaKind, BuildingIndex, BuildingRef, Place};
use crate::feed::{ClassOffer, Clerk, Errand, ErrandError, Outcome};
use crate::geo::LonLat;
use crate::governance::IssueId;

/// An address lies at a place if it is no further away than this, in metres.
const NEAR_M: f64 = 60.0;

/// Where a new issue is, and what is known of that place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Site {
    pub(super) place: LonLat,
    /// The building's id in its source.
    pub(super) building: Option<String>,
    pub(super) address: Option<String>,
    /// The names of compound, grid and community.
    pub(super) areas: Vec<String>,
    /// The post that answers for it.
    pub(super) responsible: Option<String>,
}

/// What became of what was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Sent {
    /// Nothing was.
    #[default]
    Nothing,
    /// It is on its way.
    Pending,
    /// It was not taken.
    Not(ErrandError),
    /// It was logged, and has not come through the feed yet.
    Logged(IssueId),
}

/// What is being logged.
#[derive(Resource, Default)]
pub(super) struct Reporting {
    pub(super) site: Option<Site>,
    /// The classes of the place, once they have come.
    pub(super) classes: Arc<[ClassOffer]>,
    has_asked: bool,
    pub(super) sent: Sent,
    /// What was logged and not merged, and why: said on its card.
    pub(super) not_merged: Option<(IssueId, ErrandError)>,
    /// Grows with every new report that is begun.
    pub(super) serial: u64,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Reporting>();
    app.add_systems(
        Update,
        begin
            .after(super::pointer::click)
            .in_set(HandSystems::Pointer)
            .run_if(any_with_component::<PrimaryWindow>),
    );
    app.add_systems(Update, log.in_set(ViewerSystems::Apply));
}

/// Takes `N` and a click of the right button.
pub(super) fn begin(
    window: Single<&Window, With<PrimaryWindow>>,
    egui: Res<EguiWantsInput>,
    owner: PointerOwner,
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
    picking: Picking,
    mut press: Local<Press>,
    mut actions: MessageWriter<Action>,
) {
    let size = window.physical_size().as_vec2();
    let cursor = window.physical_cursor_position();
    let others = [
        KeyCode::ShiftLeft,
        KeyCode::ShiftRight,
        KeyCode::ControlLeft,
        KeyCode::ControlRight,
        KeyCode::AltLeft,
        KeyCode::SuperLeft,
    ];
    let by_key =
        keys.just_pressed(KeyCode::KeyN) && !keys.any_pressed(others) && !egui.wants_any_keyboard_input();
    let by_hand = press.is_click(&buttons, MouseButton::Right, cursor, owner.is_map());
    if !(by_key || by_hand) {
        return;
    }
    // By key it is where the pointer is, if that is over the map; else in the middle of what is looked at.
    let pixel = cursor.filter(|_| owner.is_map()).unwrap_or(size / 2.0);
    if let Some((at, building)) = picking.place_at(pixel, size) {
        actions.write(Action::BeginReport { at, building });
    }
}

pub(super) fn log(
    mut read: MessageReader<Action>,
    mut reporting: ResMut<Reporting>,
    live: Res<Live>,
    stand: Option<Res<Stand>>,
    mut commands: Commands,
) {
    let reporting = reporting.bypass_change_detection();
    let clerk = live.feed.as_ref().map(crate::feed::Feed::clerk);
    for action in read.read() {
        match action {
            Action::BeginReport { at, building } => {
                if let (Some(stand), Some(clerk)) = (&stand, clerk) {
                    reporting.begin(site_at(&stand.place, *at, *building), clerk);
                }
            }
            Action::PutReportAway => reporting.site = None,
            Action::SendReport { new, merge } => {
                let errand = Errand::Report { new: new.clone(), merge: merge.clone() };
                reporting.send(clerk, errand);
            }
            _ => {}
        }
    }
    if let Sent::Logged(id) = &reporting.sent
        && live.situation.issue(id).is_some()
    {
        commands.write_message(Action::Select(Some(Selection::Issue(id.clone()))));
        reporting.sent = Sent::Nothing;
    }
}

impl Reporting {
    fn begin(&mut self, site: Site, clerk: &Clerk) {
        self.site = Some(site);
        self.sent = Sent::Nothing;
        self.not_merged = None;
        self.serial += 1;
        if self.classes.is_empty() && !self.has_asked {
            self.has_asked = clerk.send(Errand::Classes);
        }
    }

    /// One that has been begun, with its classes there.
    #[cfg(test)]
    pub(super) fn begun(site: Site, classes: impl Into<Arc<[ClassOffer]>>) -> Self {
        Self { site: Some(site), classes: classes.into(), serial: 1, ..Self::default() }
    }

    fn send(&mut self, clerk: Option<&Clerk>, errand: Errand) {
        if self.sent == Sent::Pending {
            return;
        }
        let is_sent = clerk.is_some_and(|clerk| clerk.send(errand));
        self.sent = if is_sent { Sent::Pending } else { Sent::Not(ErrandError::busy()) };
    }

    /// Takes what came of an errand of ours.
    pub(super) fn take(&mut self, outcome: Result<Outcome, ErrandError>) {
        match outcome {
            Ok(Outcome::Classes(classes)) => self.classes = classes.into(),
            Ok(Outcome::Reported { issue, not_merged }) => {
                self.site = None;
                self.not_merged = not_merged.map(|error| (issue.clone(), error));
                self.sent = Sent::Logged(issue);
            }
            Err(error) if self.sent == Sent::Pending => self.sent = Sent::Not(error),
            // The classes did not come: the next report asks again.
            _ => self.has_asked = false,
        }
    }
}

/// What is known of a point of the ground, `[east, south]` in world metres.
pub(super) fn site_at(place: &Place, at: Vec2, building: Option<u32>) -> Site {
    let ground = [f64::from(at.x), f64::from(-at.y)];
    let building = building.and_then(|building| place.city.building(BuildingIndex(building)));
    // Of a building its own middle: the ground behind its roof is another place.
    let point = building.map_or(ground, BuildingRef::centroid);
    let address = building.and_then(BuildingRef::address).map(str::to_owned);
    let address = address.or_else(|| nearest_address(place, point));
    let of_kind = |kind| place.areas.at_kind(point, kind);
    let grid = place.areas.at(point).find(|area| area.is_governance_grid());
    let areas = [of_kind(AreaKind::Compound), grid, of_kind(AreaKind::Community)];
    let responsible = areas.iter().flatten().find_map(|area: &&Area| area.responsible.clone());
    Site {
        place: place.frame.unproject(point),
        building: building.map(|building| building.original_id().to_owned()),
        address,
        areas: areas.iter().flatten().map(|area| area.name.clone()).collect(),
        responsible,
    }
}

fn nearest_address(place: &Place, point: [f64; 2]) -> Option<String> {
    let away = |at: [f32; 2]| (f64::from(at[0]) - point[0]).hypot(f64::from(at[1]) - point[1]);
    let known = place.addresses.iter().filter_map(|address| Some((away(address.point?), address)));
    let (away_m, nearest) = known.min_by(|a, b| a.0.total_cmp(&b.0))?;
    (away_m <= NEAR_M).then(|| nearest.address.clone())
}
