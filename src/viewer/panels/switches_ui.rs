//! Draws the bar of switches: layers, light, quality, tour, views, language.

use egui::{Align, ComboBox, Layout, ScrollArea, Slider, Ui, UiBuilder};

use super::desk::{DeskState, DeskView};
use super::legend::colouring_name;
use super::theme;
use super::widgets::{Icon, button, icon_button, rule_upright, switch, text};
use crate::viewer::actions::Action;
use crate::viewer::camera::CameraMove;
use crate::viewer::colouring::ColouringKey;
use crate::viewer::layers::Layer;
use crate::viewer::preset::Preset;

/// Draws it; where there is no room for all words only what is needed is said, and what even then has none scrolls
/// sideways.
pub(super) fn switches(ui: &mut Ui, view: &DeskView<'_>, state: &mut DeskState, actions: &mut Vec<Action>) {
    let room = ui.available_width();
    // How wide it is with all its words, which are these: measured before it is drawn, so that nothing is seen to change.
    let said = (view.speech.language(), view.preset, view.hour.is_some(), view.colouring);
    let id = ui.id().with(("switches", format!("{said:?}")));
    let known = ui.data(|data| data.get_temp::<f32>(id));
    let width = known.unwrap_or_else(|| {
        let builder = UiBuilder::new().id_salt("switches measured").sizing_pass().invisible();
        let width = Bar { is_terse: false }.draw(
            &mut ui.new_child(builder),
            view,
            &mut state.clone(),
            &mut Vec::new(),
        );
        ui.data_mut(|data| data.insert_temp(id, width));
        width
    });
    let bar = Bar { is_terse: width > room };
    ScrollArea::horizontal().id_salt("switches").auto_shrink(false).show(ui, |ui| {
        bar.draw(ui, view, state, actions);
    });
}

/// The bar, with all its words or without those that it can do without.
struct Bar {
    is_terse: bool,
}

impl Bar {
    /// Draws it; gives its width.
    fn draw(
        &self,
        ui: &mut Ui,
        view: &DeskView<'_>,
        state: &mut DeskState,
        actions: &mut Vec<Action>,
    ) -> f32 {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = if self.is_terse { 2.0 } else { 4.0 };
            self.layers(ui, view, actions);
            rule_upright(ui, 20.0);
            self.colouring(ui, view, actions);
            rule_upright(ui, 20.0);
            self.hour(ui, view, actions);
            rule_upright(ui, 20.0);
            self.preset(ui, view, actions);
            rule_upright(ui, 20.0);
            self.tour(ui, view, actions);
            rule_upright(ui, 20.0);
            views(ui, view, state, actions);
            rule_upright(ui, 20.0);
            self.languages(ui, view, actions);
            ui.min_rect().width()
        })
        .inner
    }

    /// What a group is about.
    fn caption(&self, ui: &mut Ui, words: impl Into<String>) {
        if !self.is_terse {
            text(ui, words.into(), theme::CAPTION, theme::FAINT);
        }
    }

    fn layers(&self, ui: &mut Ui, view: &DeskView<'_>, actions: &mut Vec<Action>) {
        self.caption(ui, view.speech.text("layers"));
        for layer in Layer::ALL {
            let is_shown = view.layers.shows(layer);
            if switch(ui, &view.speech.text(layer.key()), is_shown).clicked() {
                actions.push(Action::SetLayer(layer, !is_shown));
            }
        }
    }

    fn colouring(&self, ui: &mut Ui, view: &DeskView<'_>, actions: &mut Vec<Action>) {
        let label = view.speech.text("colouring");
        self.caption(ui, label.as_ref());
        let name = |key: Option<ColouringKey>| {
            key.map_or_else(|| view.speech.owned("colouring-none"), |key| colouring_name(key, view.speech))
        };
        let combo = ComboBox::from_id_salt("colouring")
            .selected_text(name(view.colouring))
            .width(96.0)
            .show_ui(ui, |ui| {
                for key in std::iter::once(None).chain(ColouringKey::all().map(Some)) {
                    if ui.selectable_label(view.colouring == key, name(key)).clicked() {
                        actions.push(Action::SetColouring(key));
                    }
                }
            });
        combo
            .response
            .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, true, label.as_ref()));
    }

    fn hour(&self, ui: &mut Ui, view: &DeskView<'_>, actions: &mut Vec<Action>) {
        let label = view.speech.text("view-hour");
        self.caption(ui, label.as_ref());
        // On the slider's steps from the start: what it rounds by itself would count as moved by hand.
        let mut hour = (view.hour.unwrap_or(view.clock_hour) * 4.0).round() / 4.0;
        ui.spacing_mut().slider_width = if self.is_terse { 80.0 } else { 112.0 };
        let slider = ui.add(Slider::new(&mut hour, 0.0..=24.0).step_by(0.25).show_value(false));
        slider.widget_info(|| egui::WidgetInfo::slider(true, f64::from(hour), label.as_ref()));
        if slider.changed() {
            actions.push(Action::SetHour(Some(hour)));
        }
        let minutes = (view.hour.unwrap_or(view.clock_hour) * 60.0).round() as i32;
        let time = format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60);
        text(ui, time, theme::BODY, if view.hour.is_some() { theme::INK } else { theme::FAINT });
        if view.hour.is_some()
            && icon_button(ui, Icon::Close, &view.speech.text("view-hour-clock"), false).clicked()
        {
            actions.push(Action::SetHour(None));
        }
    }

    fn preset(&self, ui: &mut Ui, view: &DeskView<'_>, actions: &mut Vec<Action>) {
        let label = view.speech.text("preset");
        let (current, is_automatic) = view.preset;
        // What the machine chose is said with it: it may have stepped down.
        let mut selected = view.speech.owned(current.key());
        if is_automatic {
            selected = view.speech.with("preset-by-itself", &[("preset", selected.into())]);
        }
        self.caption(ui, label.as_ref());
        let combo = ComboBox::from_id_salt("preset")
            .selected_text(selected)
            .width(if is_automatic { 96.0 } else { 64.0 })
            .show_ui(ui, |ui| {
                if ui.selectable_label(is_automatic, view.speech.owned("preset-automatic")).clicked() {
                    actions.push(Action::AutomaticPreset);
                }
                for preset in Preset::ALL {
                    let name = view.speech.owned(preset.key());
                    if ui.selectable_label(!is_automatic && current == preset, name).clicked() {
                        actions.push(Action::SetPreset(preset));
                    }
                }
            });
        combo
            .response
            .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, true, label.as_ref()));
    }

    fn tour(&self, ui: &mut Ui, view: &DeskView<'_>, actions: &mut Vec<Action>) {
        let (line, is_on) = view.tour;
        let (icon, key) = if is_on { (Icon::Stop, "wall-stop") } else { (Icon::Play, "wall-start") };
        if icon_button(ui, icon, &view.speech.text(key), is_on).clicked() {
            actions.push(Action::SetTour(!is_on));
        }
        if !self.is_terse {
            let tone = if is_on { line.tone.color() } else { theme::QUIET };
            text(ui, view.speech.text("wall-tour"), theme::BODY, tone);
        }
    }

    fn languages(&self, ui: &mut Ui, view: &DeskView<'_>, actions: &mut Vec<Action>) {
        for (language, name) in view.languages {
            let is_on = *language == view.speech.language();
            if is_on && self.is_terse {
                continue;
            }
            if button(ui, name, is_on).clicked() && !is_on {
                actions.push(Action::SetLanguage(*language));
            }
        }
    }
}

fn views(ui: &mut Ui, view: &DeskView<'_>, state: &mut DeskState, actions: &mut Vec<Action>) {
    if icon_button(ui, Icon::Home, &view.speech.text("view-home"), false).clicked() {
        actions.push(Action::Camera(CameraMove::Home));
    }
    if icon_button(ui, Icon::North, &view.speech.text("view-north"), false).clicked() {
        actions.push(Action::Camera(CameraMove::FaceNorth));
    }
    if icon_button(ui, Icon::Help, &view.speech.text("help"), state.shows_help).clicked() {
        state.shows_help = !state.shows_help;
    }
}
