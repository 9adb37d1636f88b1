//! The panels: everything that is read, clicked and typed beside the map, for a desk and for a wall.
//!
//! ```text
//! Situation, Filter, Chosen, Stand, Tour → Book::refresh (view data) → desk_ui, wall_ui (egui) → Action
//! ```
//!
//! `book` keeps all view data, plain values that know no engine; each `x_ui` draws what `x` says, and tests draw it
//! without an engine. Nothing is rebuilt that did not change, and ages are told once a second.
//! Panels cover exact rectangles: whatever lies beside them is the map's.

mod arrival;
mod book;
mod card;
mod card_ui;
mod counts_ui;
mod desk;
mod desk_ui;
mod filters_ui;
mod ledger;
mod legend;
mod legend_ui;
mod likely;
mod lists_ui;
mod logging;
mod logging_ui;
mod login_ui;
mod notices;
mod notices_ui;
mod order;
mod photos_ui;
mod roster;
mod rows;
#[cfg(test)]
mod samples;
mod search;
mod search_ui;
mod speech;
mod switches_ui;
#[cfg(test)]
mod tests;
mod theme;
mod title;
mod title_ui;
mod wall;
mod wall_ui;
mod widgets;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use jiff::Timestamp;

use self::book::{Book, DeskScene, Inputs};
use self::card::FanState;
use super::ViewerSystems;
use super::actions::Action;
use super::casework::Casework;
use super::colouring::Colourings;
use super::filter::Filter;
use super::floors::Fan;
use super::layers::Layers;
use super::located::Located;
use super::login::Login;
use super::place::{LoadReport, Stand};
use super::placing::Placing;
use super::preset::{Preset, WantedPreset};
use super::reporting::Reporting;
use super::selection::Chosen;
use super::situation::{Live, SituationChanged};
use super::sky::SceneTime;
use super::tour::Tour;
use super::view::{MiddleOfMap, PanelsOnScreen, View};
use super::wall::WallMode;
use crate::clock::Clock;
use crate::language::Language;

/// The panels' view data, and whether they are shown at all.
#[derive(Resource, Default)]
pub struct Panels {
    book: Book,
    is_hidden: bool,
}

impl Panels {
    /// Shows nothing but the picture.
    pub fn hide(&mut self) {
        self.is_hidden = true;
    }

    /// Whether Esc is theirs, to close what is open.
    pub(super) fn take_escape(&self) -> bool {
        !self.is_hidden && self.book.has_window()
    }

    /// What somebody at the desk is called whom the server does not know by name.
    pub(super) fn desk_name(&self) -> String {
        self.book.speech.owned("case-desk")
    }

    /// Speaks another language.
    pub fn speak(&mut self, language: Language) {
        self.book.speak(language);
    }
}

/// Everything that panels read.
#[derive(SystemParam)]
struct Reads<'w> {
    live: Res<'w, Live>,
    stand: Option<Res<'w, Stand>>,
    load: Res<'w, LoadReport>,
    filter: Res<'w, Filter>,
    colourings: Res<'w, Colourings>,
    chosen: Res<'w, Chosen>,
    layers: Res<'w, Layers>,
    preset: Res<'w, Preset>,
    wanted_preset: Res<'w, WantedPreset>,
    tour: Res<'w, Tour>,
    scene_time: Option<Res<'w, SceneTime>>,
    located: Res<'w, Located>,
    wall: Res<'w, WallMode>,
    time: Res<'w, Time<Real>>,
    view: Res<'w, View>,
    fan: Res<'w, Fan>,
    casework: Res<'w, Casework>,
    reporting: Res<'w, Reporting>,
    login: Res<'w, Login>,
    placing: Res<'w, Placing>,
}

impl Reads<'_> {
    fn now(&self) -> Timestamp {
        self.live.situation.now()
    }

    fn inputs<'a>(&'a self, building: &'a dyn Fn(u32) -> Option<u32>) -> Inputs<'a> {
        Inputs {
            place: self.stand.as_ref().map(|stand| stand.place.as_ref()),
            // Nobody searches on a wall.
            names: self.stand.as_ref().filter(|_| !self.wall.is_wall).and_then(|stand| stand.names()),
            situation: &self.live.situation,
            has_feed: self.live.feed.is_some(),
            filter: &self.filter,
            colourings: &self.colourings,
            chosen: self.chosen.0.as_ref(),
            tour: (self.tour.state(), self.tour.next_in_secs()),
            now: self.now(),
            real_now: Clock::real_now(),
            elapsed_secs: self.time.elapsed_secs_f64(),
            masks_names: self.wall.masks_names,
            is_wall: self.wall.is_wall,
            fan: FanState { is_open: self.fan.is_open(), chosen: self.fan.chosen() },
            case: (self.casework.case.as_ref(), self.casework.revision),
            reporting: &self.reporting,
            login: &self.login,
            building,
        }
    }
}

/// Gives a context our letters and colours; false as long as it does not have them, which is one pass.
pub(super) fn dress(ctx: &egui::Context) -> bool {
    theme::dress(ctx)
}

/// The system set after which the panels of this frame are drawn.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PanelsDrawn;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Panels>()
        .add_systems(
            Update,
            (
                change_language.in_set(ViewerSystems::Apply),
                refresh
                    .in_set(ViewerSystems::Show)
                    .after(super::colouring::paint)
                    .after(super::floors::StoreysDrawn),
            ),
        )
        .add_systems(EguiPrimaryContextPass, draw.in_set(PanelsDrawn));
}

fn change_language(mut actions: MessageReader<Action>, mut panels: ResMut<Panels>) {
    for action in actions.read() {
        if let Action::SetLanguage(language) = action {
            panels.speak(*language);
        }
    }
}

fn refresh(mut changed: MessageReader<SituationChanged>, mut panels: ResMut<Panels>, reads: Reads) {
    if panels.is_hidden {
        changed.clear();
        return;
    }
    let book = &mut panels.book;
    let building = |slot| reads.located.building(slot);
    let inputs = reads.inputs(&building);
    if reads.stand.as_ref().is_some_and(DetectChanges::is_added) {
        if let Some(time) = &reads.scene_time {
            book.set_zone(&time.zone);
        }
        book.place_came(&inputs);
    }
    if let Some(reason) = reads.load.error.as_ref().filter(|_| reads.load.is_changed()) {
        book.place_failed(reason.clone());
    }
    for SituationChanged(changes) in changed.read() {
        book.follow(changes, &inputs);
    }
    book.refresh(&inputs);
}

fn draw(
    mut contexts: EguiContexts,
    mut panels: ResMut<Panels>,
    reads: Reads,
    mut map: ResMut<MiddleOfMap>,
    mut covered: ResMut<PanelsOnScreen>,
    mut actions: MessageWriter<Action>,
) {
    // Without a camera there is no context and nothing to draw on.
    let Ok(ctx) = contexts.ctx_mut() else { return };
    if panels.is_hidden || !theme::dress(ctx) {
        return;
    }
    let mut clicked = Vec::new();
    if reads.wall.is_wall {
        let size = egui::vec2(reads.view.size_px.x, reads.view.size_px.y);
        ctx.set_zoom_factor(wall_ui::zoom(size, reads.view.pixels_per_point));
        wall_ui::wall(ctx, &panels.book, &mut clicked);
    } else {
        let local = reads.scene_time.as_deref().map(SceneTime::local);
        let scene = DeskScene {
            situation: &reads.live.situation,
            now: reads.now(),
            filter: &reads.filter,
            chosen: reads.chosen.0.as_ref(),
            layers: &reads.layers,
            colouring: reads.colourings.shown(),
            preset: (*reads.preset, reads.wanted_preset.0.is_none()),
            hour: reads.scene_time.as_ref().and_then(|time| time.fixed_hour),
            clock_hour: local
                .map_or(12.0, |local| f32::from(local.hour()) + f32::from(local.minute()) / 60.0),
            tour_is_on: reads.tour.is_on(),
            masks_names: reads.wall.masks_names,
            has_feed: reads.live.feed.is_some(),
            login: &reads.login,
            placing: reads.placing.wanted(),
        };
        let middle =
            panels.book.with_desk(&scene, |view, state| desk_ui::desk(ctx, view, state, &mut clicked));
        map.set_if_neq(MiddleOfMap(middle * ctx.pixels_per_point()));
    }
    covered.set_if_neq(PanelsOnScreen(covered_by(ctx)));
    actions.write_batch(clicked);
}

/// What panels and windows cover, in physical pixels. What lies over them for a moment (menus, hints) is left out.
fn covered_by(ctx: &egui::Context) -> Vec<Rect> {
    let scale = ctx.pixels_per_point();
    let corner = |at: egui::Pos2| Vec2::new(at.x, at.y) * scale;
    ctx.memory(|memory| {
        let layers = memory.areas().visible_layer_ids();
        let mut rects: Vec<Rect> = layers
            .into_iter()
            .filter(|layer| layer.order == egui::Order::Middle || layer.order == egui::Order::Foreground)
            .filter_map(|layer| memory.area_rect(layer.id))
            .map(|rect| Rect::from_corners(corner(rect.min), corner(rect.max)))
            .collect();
        rects.sort_by(|a, b| {
            (a.min.x, a.min.y).partial_cmp(&(b.min.x, b.min.y)).unwrap_or(std::cmp::Ordering::Equal)
        });
        rects
    })
}
