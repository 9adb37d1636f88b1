//! Placing (落图): the place of an issue is pointed out on the map, by a click after its step was chosen on the card, or by
//! dragging its row there.
//!
//! Reads [`Action::BeginPlacing`], [`Action::PutPlacingAway`] and the pointer; owns [`Placing`]; writes [`Action::TakeStep`].

use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::input::EguiWantsInput;

use super::actions::Action;
use super::login::Login;
use super::panels::Panels;
use super::place::Stand;
use super::pointer::{Picking, PointerOwner, Press};
use super::reporting::{Site, site_at};
use super::selection::{Hovered, Selection};
use super::situation::Live;
use super::{HandSystems, ViewerSystems};
use crate::governance::{Issue, IssueId, Location, NewStep, Step};

/// An issue that a place is being pointed out for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) issue: IssueId,
    /// What it is called.
    pub(super) title: String,
    /// Its row is being dragged: letting go says where.
    pub(super) by_drag: bool,
}

/// What is being placed.
#[derive(Resource, Default)]
pub(super) struct Placing(Option<Wanted>);

impl Placing {
    /// What is being placed.
    pub(super) const fn wanted(&self) -> Option<&Wanted> {
        self.0.as_ref()
    }
}

/// Whether clicks are what they always are.
pub(super) fn nothing_is_placed(placing: Res<Placing>) -> bool {
    placing.0.is_none()
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Placing>();
    app.add_systems(
        Update,
        point
            .after(super::pointer::click)
            .after(super::reporting::begin)
            .in_set(HandSystems::Pointer)
            .run_if(any_with_component::<PrimaryWindow>)
            .run_if(not(nothing_is_placed)),
    );
    app.add_systems(Update, follow.in_set(ViewerSystems::Apply));
}

fn follow(mut actions: MessageReader<Action>, live: Res<Live>, mut placing: ResMut<Placing>) {
    for action in actions.read() {
        placing.0 = match action {
            Action::BeginPlacing { issue, by_drag } => live.situation.issue(issue).map(|held| Wanted {
                issue: issue.clone(),
                title: held.title.clone(),
                by_drag: *by_drag,
            }),
            // Whoever turns to something else has given it up.
            Action::PutPlacingAway | Action::Select(None) | Action::Show(_) | Action::BeginReport { .. } => {
                None
            }
            _ => continue,
        };
    }
}

/// Takes the click or the end of the drag.
fn point(
    window: Single<&Window, With<PrimaryWindow>>,
    hands: (Res<ButtonInput<MouseButton>>, Res<ButtonInput<KeyCode>>, Res<EguiWantsInput>),
    owner: PointerOwner,
    picking: Picking,
    reads: (Option<Res<Stand>>, Res<Live>, Res<Login>, Res<Panels>),
    mut press: Local<Press>,
    mut hovered: ResMut<Hovered>,
    mut placing: ResMut<Placing>,
    mut actions: MessageWriter<Action>,
) {
    let (buttons, keys, egui) = hands;
    let (stand, live, login, panels) = reads;
    let Some(wanted) = placing.0.clone() else { return };
    let is_left = keys.just_pressed(KeyCode::Escape) && !egui.wants_any_keyboard_input();
    let cursor = window.physical_cursor_position();
    let size = window.physical_size().as_vec2();
    let is_map = if wanted.by_drag { !owner.is_over_panels() } else { owner.is_map() };
    let over_map = cursor.filter(|_| is_map);
    if wanted.by_drag {
        // Nothing else says at which building it would be.
        let below = over_map.and_then(|pixel| picking.building_at(pixel, size)).map(Selection::Building);
        hovered.set_if_neq(Hovered(below));
    }
    let (is_let_go, is_given_up) = if wanted.by_drag {
        let is_held = buttons.pressed(MouseButton::Left);
        (buttons.just_released(MouseButton::Left) && over_map.is_some(), !is_held)
    } else {
        (press.is_click(&buttons, MouseButton::Left, cursor, is_map), false)
    };
    if !(is_left || is_let_go || is_given_up) {
        return;
    }
    placing.0 = None;
    if is_let_go
        && let (Some(stand), Some(pixel)) = (&stand, over_map)
        && let (Some((at, building)), Some(issue)) =
            (picking.place_at(pixel, size), live.situation.issue(&wanted.issue))
    {
        let site = site_at(&stand.place, at, building);
        if let Some(step) = locate(issue, site, &login, &panels.desk_name()) {
            actions.write(step);
        }
    }
}

/// The step that says that an issue is there, if whoever sits at the desk may say it.
fn locate(issue: &Issue, site: Site, login: &Login, desk: &str) -> Option<Action> {
    let actor = login.act(Step::Locate, Some(issue), None, desk)?;
    let location = Location {
        // An address that somebody wrote is theirs: what it means is remembered with it.
        address: site.address.filter(|_| issue.address.is_none()),
        building: site.building,
        ..Location::at(site.place)
    };
    let step = NewStep { location: Some(Box::new(location)), ..NewStep::bare(Step::Locate, actor) };
    Some(Action::TakeStep { issue: issue.id.clone(), seen: issue.version, step: Box::new(step) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LonLat;
    use crate::governance::{ClassCode, Source};

    fn issue(address: Option<&str>) -> Issue {
        let class = ClassCode { scheme: "s".into(), kind: "event".into(), code: "06010".into() };
        let at = "2026-09-15T00:30:00Z".parse().expect("a time");
        Issue {
            address: address.map(str::to_owned),
            version: 3,
            ..Issue::reported(IssueId("1".into()), class, Source::Patrol, at)
        }
    }

    fn site() -> Site {
        Site {
            place: LonLat::new(118.87, 28.96),
            building: Some("b1".into()),
            address: Some("坊门街12号".into()),
            areas: Vec::new(),
            responsible: None,
        }
    }

    #[test]
    fn what_was_pointed_out_is_said_of_the_version_that_was_seen() {
        let located = |issue: &Issue| match locate(issue, site(), &Login::default(), "值班台") {
            Some(Action::TakeStep { seen, step, .. }) => (seen, step.location.expect("a location")),
            other => panic!("{other:?}"),
        };
        let (seen, location) = located(&issue(None));
        assert_eq!((seen, location.place), (3, LonLat::new(118.87, 28.96)));
        assert_eq!(
            (location.building.as_deref(), location.address.as_deref()),
            (Some("b1"), Some("坊门街12号"))
        );
        let (_, location) = located(&issue(Some("老邮局对面")));
        assert_eq!(location.address, None, "what somebody wrote stays");
    }

    #[test]
    fn whoever_turns_to_something_else_has_given_it_up() {
        let mut app = App::new();
        app.add_message::<Action>().init_resource::<Placing>().init_resource::<Live>();
        app.add_systems(Update, follow);
        app.world_mut()
            .resource_mut::<Live>()
            .situation
            .apply(crate::governance::Update::Issue(Box::new(issue(None))));
        let mut after = |action| {
            app.world_mut().write_message(action);
            app.update();
            app.world().resource::<Placing>().wanted().cloned()
        };
        let begin = |id: &str| Action::BeginPlacing { issue: IssueId(id.into()), by_drag: true };
        assert!(after(begin("1")).is_some_and(|wanted| wanted.by_drag));
        assert!(after(Action::SetTour(false)).is_some());
        assert_eq!(after(Action::Select(None)), None);
        assert_eq!(after(begin("nobody knows it")), None);
    }
}
