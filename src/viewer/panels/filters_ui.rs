//! Draws the filters that map and list share.

use egui::{Checkbox, ComboBox, Ui};

use super::desk::DeskView;
use super::theme;
use super::widgets::{button, section, text};
use crate::governance::State;
use crate::viewer::actions::{Action, FilterChange};
use crate::viewer::filter::Filter;

/// Draws them all.
pub fn filters(ui: &mut Ui, view: &DeskView<'_>, actions: &mut Vec<Action>) {
    let (speech, filter) = (view.speech, view.filter);
    section(ui, &speech.text("filter"));
    let states = State::ALL.map(|state| (state, speech.words.state(state).to_owned()));
    let chosen = filter.state.map(|state| speech.words.state(state).to_owned());
    choice(ui, &speech.text("filter-state"), &speech.text("filter-none-chosen"), chosen, &states, |state| {
        actions.push(Action::Filter(FilterChange::State(state)));
    });
    let name = |list: &[(String, String)], code: &Option<String>| {
        let code = code.as_ref()?;
        let named = list.iter().find(|(key, _)| key == code).map(|(_, name)| name.clone());
        Some(named.unwrap_or_else(|| code.clone()))
    };
    let classes = &view.choices.classes;
    let chosen = name(classes, &filter.class);
    choice(ui, &speech.text("filter-class"), &speech.text("filter-all-classes"), chosen, classes, |code| {
        actions.push(Action::Filter(FilterChange::Class(code)));
    });
    let communities = &view.choices.communities;
    let chosen = name(communities, &filter.community);
    let all = speech.text("filter-all-communities");
    choice(ui, &speech.text("filter-community"), &all, chosen, communities, |code| {
        actions.push(Action::Filter(FilterChange::Community(code)));
    });
    ui.horizontal(|ui| {
        let mut overdue = filter.overdue;
        if ui.add(Checkbox::new(&mut overdue, speech.text("filter-overdue-only"))).changed() {
            actions.push(Action::Filter(FilterChange::Overdue(overdue)));
        }
        if *filter != Filter::default() {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if button(ui, &speech.text("filter-clear"), false).clicked() {
                    actions.push(Action::Filter(FilterChange::Clear));
                }
            });
        }
    });
}

/// One choice among many, or none.
fn choice<K: Clone>(
    ui: &mut Ui,
    label: &str,
    none: &str,
    chosen: Option<String>,
    all: &[(K, String)],
    mut choose: impl FnMut(Option<K>),
) {
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(40.0, 28.0), egui::Sense::hover());
        super::widgets::cell_text(ui, rect, egui::Align::Min, label, theme::CAPTION, theme::FAINT);
        let width = ui.available_width() - 1.0;
        let response = ComboBox::from_id_salt(label)
            .selected_text(chosen.as_deref().unwrap_or(none))
            .width(width)
            .truncate()
            .show_ui(ui, |ui| {
                if ui.selectable_label(chosen.is_none(), none).clicked() {
                    choose(None);
                }
                for (key, name) in all {
                    if ui.selectable_label(chosen.as_ref() == Some(name), name).clicked() {
                        choose(Some(key.clone()));
                    }
                }
            });
        response.response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, true, label));
    });
}

/// Says that the filter hides something, above a list that it makes shorter.
pub fn filter_note(ui: &mut Ui, view: &DeskView<'_>, actions: &mut Vec<Action>) {
    let (shown, total) = view.issues;
    let hidden = total.saturating_sub(shown);
    if *view.filter == Filter::default() {
        return;
    }
    ui.horizontal(|ui| {
        text(ui, view.speech.count("filter-hidden", hidden), theme::CAPTION, theme::QUIET);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if button(ui, &view.speech.text("filter-clear"), false).clicked() {
                actions.push(Action::Filter(FilterChange::Clear));
            }
        });
    });
}
