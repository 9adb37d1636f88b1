//! Draws the filters that map and list share.

use egui::{ComboBox, Ui};

use super::desk::{DeskView, toggle_overdue};
use super::theme;
use super::widgets::{button, section, switch, text};
use crate::governance::State;
use crate::viewer::actions::{Action, FilterChange};
use crate::viewer::filter::Filter;

/// Draws them all.
pub(super) fn filters(ui: &mut Ui, view: &DeskView<'_>, actions: &mut Vec<Action>) {
    let (speech, filter) = (view.speech, view.filter);
    section(ui, &speech.text("filter"));
    let labels = ["filter-state", "filter-class", "filter-community"].map(|key| speech.owned(key));
    let width = |label: &String| {
        let font = theme::regular(theme::CAPTION);
        ui.painter().layout_no_wrap(label.clone(), font, theme::FAINT).size().x
    };
    let label_width = labels.iter().map(width).fold(0.0, f32::max) + 4.0;
    let [state_label, class_label, community_label] = &labels;
    let states = State::ALL.map(|state| (state, speech.words.state(state).to_owned()));
    let chosen = filter.state.map(|state| speech.words.state(state).to_owned());
    choice(ui, (state_label, label_width), &speech.text("filter-none-chosen"), chosen, &states, |state| {
        actions.push(Action::Filter(FilterChange::State(state)));
    });
    let name = |list: &[(String, String)], code: &Option<String>| {
        let code = code.as_ref()?;
        let named = list.iter().find(|(key, _)| key == code).map(|(_, name)| name.clone());
        Some(named.unwrap_or_else(|| code.clone()))
    };
    let classes = &view.choices.classes;
    let chosen = name(classes, &filter.class);
    choice(ui, (class_label, label_width), &speech.text("filter-all-classes"), chosen, classes, |code| {
        actions.push(Action::Filter(FilterChange::Class(code)));
    });
    let communities = &view.choices.communities;
    let chosen = name(communities, &filter.community);
    let all = speech.text("filter-all-communities");
    choice(ui, (community_label, label_width), &all, chosen, communities, |code| {
        actions.push(Action::Filter(FilterChange::Community(code)));
    });
    ui.horizontal(|ui| {
        if switch(ui, &speech.text("filter-overdue-only"), filter.overdue).clicked() {
            actions.push(toggle_overdue(filter));
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
    (label, label_width): (&str, f32),
    none: &str,
    chosen: Option<String>,
    all: &[(K, String)],
    mut choose: impl FnMut(Option<K>),
) {
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(label_width, 28.0), egui::Sense::hover());
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
pub(super) fn filter_note(ui: &mut Ui, view: &DeskView<'_>, actions: &mut Vec<Action>) {
    let (shown, total) = view.issues;
    let hidden = total.saturating_sub(shown);
    if *view.filter == Filter::default() {
        return;
    }
    ui.horizontal(|ui| {
        if view.arrival.is_whole() {
            text(ui, view.speech.count("filter-hidden", hidden), theme::CAPTION, theme::QUIET);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if button(ui, &view.speech.text("filter-clear"), false).clicked() {
                actions.push(Action::Filter(FilterChange::Clear));
            }
        });
    });
}
