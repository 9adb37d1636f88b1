//! Draws the card of what is chosen.

use egui::{Align, Layout, Rect, ScrollArea, Ui, pos2};

use super::card::{Card, DAYS, Doable, Draft, Floors, Link, Offer, Section};
use super::desk::DeskView;
use super::logging_ui::likely_rows;
use super::photos_ui::{self, Shelf};
use super::speech::Speech;
use super::theme::{self, Tone};
use super::widgets::{
    Icon, badge, button, cell_text, fact, field, icon_button, row, section, short_text, state_label,
    state_mark, text,
};
use crate::governance::{IssueId, Step};
use crate::viewer::actions::Action;

/// Draws it; it scrolls where it is longer than its room.
pub(super) fn card(
    ui: &mut Ui,
    card: &Card,
    view: &DeskView<'_>,
    (draft, shelf): (&mut Draft, &mut Shelf),
    actions: &mut Vec<Action>,
) {
    let speech = view.speech;
    ui.spacing_mut().item_spacing.y = 6.0;
    ui.allocate_ui_with_layout(
        egui::vec2(ui.available_width(), 28.0),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            if icon_button(ui, Icon::Close, &speech.text("close"), false).clicked() {
                actions.push(Action::Select(None));
            }
            if let Some(selection) = &card.selection
                && button(ui, &speech.text("card-fly-here"), false).clicked()
            {
                actions.push(Action::Show(selection.clone()));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                short_text(ui, &card.kind, theme::CAPTION, theme::FAINT);
            });
        },
    );
    ui.add_space(-4.0);
    ui.add(
        egui::Label::new(
            egui::RichText::new(&card.title).font(theme::medium(theme::TITLE)).color(theme::INK),
        )
        .wrap(),
    );
    if card.state.is_some() || !card.badges.is_empty() {
        ui.horizontal_wrapped(|ui| {
            if let Some((state, name)) = &card.state {
                state_label(ui, *state, name, theme::BODY);
            }
            for (mark, tone) in &card.badges {
                badge(ui, mark, *tone);
            }
        });
    }
    ui.add_space(2.0);
    ScrollArea::vertical().id_salt("card").auto_shrink([false, true]).show(ui, |ui| {
        ui.set_width(ui.available_width() - 8.0);
        for known in &card.facts {
            fact(ui, &known.label, &known.value, known.tone);
        }
        if !card.description.is_empty() {
            ui.add_space(4.0);
            let words =
                egui::RichText::new(&card.description).font(theme::regular(theme::BODY)).color(theme::QUIET);
            ui.add(egui::Label::new(words).wrap());
        }
        if let Some(floors) = &card.floors {
            draw_floors(ui, floors, speech, actions);
        }
        if let Some(doable) = &card.doable {
            draw_doable(ui, doable, view, draft, actions);
        }
        photos_ui::thumbnails(ui, card, speech, shelf, actions);
        for part in &card.sections {
            draw_section(ui, part, actions);
        }
    });
}

/// The button that draws the storeys apart, and while they are, one for each of them.
fn draw_floors(ui: &mut Ui, floors: &Floors, speech: &Speech, actions: &mut Vec<Action>) {
    let fan = floors.fan;
    let key = if fan.is_open { "card-floors-close" } else { "card-floors-open" };
    ui.add_space(4.0);
    if button(ui, &speech.text(key), fan.is_open).clicked() {
        actions.push(Action::FanFloors(!fan.is_open));
    }
    if !fan.is_open {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        for (storey, issues) in (1u16..).zip(&floors.issues) {
            let is_chosen = fan.chosen == Some(storey);
            // How many issues name it stands beside its number.
            let name = if *issues > 0 { format!("{storey} · {issues}") } else { storey.to_string() };
            if button(ui, &name, is_chosen).clicked() {
                actions.push(Action::ChooseFloor((!is_chosen).then_some(storey)));
            }
        }
    });
}

/// The steps that can be taken; one that is chosen is told more about and then confirmed, since it cannot be undone.
fn draw_doable(
    ui: &mut Ui,
    doable: &Doable,
    view: &DeskView<'_>,
    draft: &mut Draft,
    actions: &mut Vec<Action>,
) {
    let speech = view.speech;
    section(ui, &speech.text("case-next"));
    if let Some((words, tone)) = &doable.news {
        ui.add(
            egui::Label::new(
                egui::RichText::new(words).font(theme::regular(theme::BODY)).color(tone.color()),
            )
            .wrap(),
        );
    }
    if let Some(words) = &doable.pending {
        text(ui, words, theme::BODY, theme::QUIET);
        return;
    }
    if doable.steps.is_empty() {
        text(ui, speech.text("case-nothing"), theme::CAPTION, theme::FAINT);
        return;
    }
    let is_placing = view.placing.is_some_and(|wanted| wanted.issue == doable.issue);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        for Offer { step, name, .. } in &doable.steps {
            let is_on = draft.begun(doable) == Some(*step) || (*step == Step::Locate && is_placing);
            if !button(ui, name, is_on).clicked() {
                continue;
            }
            // Where it is, is not typed: it is pointed out on the map.
            if *step == Step::Locate {
                draft.step = None;
                actions.push(if is_placing {
                    Action::PutPlacingAway
                } else {
                    Action::BeginPlacing { issue: doable.issue.clone(), by_drag: false }
                });
            } else {
                draft.toggle(*step, doable);
            }
        }
    });
    let Some(step) = draft.begun(doable) else { return };
    let Some(offer) = doable.steps.iter().find(|offer| offer.step == step) else {
        // Somebody else was quicker.
        draft.step = None;
        return;
    };
    draw_draft(ui, doable, view, draft);
    field(ui, None, &mut draft.note, &speech.text("case-note"));
    photos_ui::drop_zone(ui, doable, speech, actions);
    ui.horizontal(|ui| {
        let is_complete = draft.is_complete(step, doable, view.situation);
        if button(ui, &speech.text("case-confirm"), is_complete).clicked() && is_complete {
            actions.push(draft.action(offer, doable));
            draft.step = None;
        }
        if button(ui, &speech.text("cancel"), false).clicked() {
            draft.step = None;
        }
    });
}

/// What the step that is begun asks for, beside a note.
fn draw_draft(ui: &mut Ui, doable: &Doable, view: &DeskView<'_>, draft: &mut Draft) {
    let speech = view.speech;
    match draft.step {
        Some(step) if Draft::wants_department(step) => {
            field(ui, None, &mut draft.department, &speech.text("case-department"));
        }
        Some(Step::Extend) => {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
                for days in DAYS {
                    let name = speech.count("case-days", days.unsigned_abs() as usize);
                    if button(ui, &name, draft.days == days).clicked() {
                        draft.days = days;
                    }
                }
            });
        }
        Some(Step::Merge) => {
            field(ui, None, &mut draft.into, &speech.text("case-into"));
            let lines = draft.likely(doable, view.situation, view.now, speech).to_vec();
            match draft.target(doable, view.situation) {
                Some(target) if lines.iter().any(|line| line.issue == target.id) => {}
                Some(target) => {
                    short_text(ui, &target.title, theme::BODY, theme::INK);
                }
                None if draft.into.trim().is_empty() => {}
                None => {
                    text(ui, speech.text("case-into-unknown"), theme::CAPTION, Tone::Bad.color());
                }
            }
            if lines.is_empty() {
                text(ui, speech.text("case-into-none"), theme::CAPTION, theme::FAINT);
            }
            let chosen = IssueId(draft.into.clone());
            if let Some(clicked) = likely_rows(ui, &lines, Some(&chosen)) {
                draft.into = clicked.0;
            }
        }
        _ => {}
    }
}

fn draw_section(ui: &mut Ui, part: &Section, actions: &mut Vec<Action>) {
    section(ui, &part.title);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for link in &part.links {
            if draw_link(ui, link) {
                actions.push(Action::Show(link.selection.clone()));
            }
        }
        for line in &part.lines {
            text(ui, line, theme::CAPTION, theme::QUIET);
            ui.add_space(4.0);
        }
        if part.links.is_empty() && part.lines.is_empty() {
            text(ui, &part.empty, theme::CAPTION, theme::FAINT);
        }
    });
}

fn draw_link(ui: &mut Ui, link: &Link) -> bool {
    let (rect, response) = row(ui, 28.0, &link.text, false);
    let mut left = rect.left() + 4.0;
    if let Some(state) = link.state {
        state_mark(ui.painter(), pos2(left + 6.0, rect.center().y), 5.0, state);
        left += 20.0;
    }
    let tone = if link.tone == Tone::Normal { Tone::Quiet } else { link.tone };
    let right = rect.right() - 4.0;
    let note_left = (right - 112.0).max(left);
    let cell = |from: f32, to: f32| Rect::from_min_max(pos2(from, rect.top()), pos2(to, rect.bottom()));
    cell_text(ui, cell(left, note_left - 8.0), Align::Min, &link.text, theme::BODY, Tone::Accent.color());
    cell_text(ui, cell(note_left, right), Align::Max, &link.note, theme::CAPTION, tone.color());
    response.clicked()
}
