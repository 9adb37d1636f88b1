//! Draws the form in which a new issue is logged.

use egui::{Align, Context, Id, Key, Modifiers, Order, Rect, Ui, UiBuilder};
use jiff::Timestamp;

use super::desk::DeskLayout;
use super::desk_ui::{fitted, remember_height};
use super::likely::LikelyLine;
use super::logging::{Field, Form, Logging};
use super::speech::Speech;
use super::theme::{self, Tone};
use super::widgets::{button, cell_text, fact, field, filled_panel, heading, row, section, text};
use crate::feed::{ErrandError, Situation};
use crate::governance::{IssueId, Step};
use crate::viewer::actions::Action;
use crate::viewer::login::Login;
use crate::viewer::reporting::Sent;

const ROW_HEIGHT: f32 = 30.0;

/// What the form reads.
pub(super) struct Reads<'a> {
    pub(super) form: &'a Form,
    pub(super) situation: &'a Situation,
    pub(super) now: Timestamp,
    pub(super) speech: &'a Speech,
    pub(super) login: &'a Login,
}

/// Draws the form in the room of the card; whether there is one.
pub(super) fn form(
    ctx: &Context,
    reads: &Reads<'_>,
    logging: &mut Logging,
    layout: &DeskLayout,
    actions: &mut Vec<Action>,
) -> bool {
    if reads.form.site.is_none() {
        return false;
    }
    logging.follow(reads.form);
    let id = Id::new("log height");
    let height = fitted(ctx, id, layout.card).height();
    let rect = layout.card.with_min_y(layout.card.bottom() - height);
    filled_panel(ctx, "log", rect, Order::Middle, theme::SOLID, |ui| {
        let room = rect.shrink(theme::PAD).with_max_y(rect.top() + layout.card.height() - theme::PAD);
        let mut inner = ui.new_child(UiBuilder::new().max_rect(room));
        fields(&mut inner, reads, logging, actions);
        remember_height(ctx, id, inner.min_rect().height());
    });
    if ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        actions.push(Action::PutReportAway);
    }
    true
}

fn fields(ui: &mut Ui, reads: &Reads<'_>, logging: &mut Logging, actions: &mut Vec<Action>) {
    let Reads { form, speech, .. } = reads;
    heading(ui, speech.text("log-title"), theme::LEAD, theme::INK);
    let Some(site) = &form.site else { return };
    let dash = speech.dash();
    fact(ui, &speech.text("log-place"), site.address.as_deref().unwrap_or(&dash), Tone::Normal);
    fact(ui, &speech.text("log-areas"), &site.areas.join(" · "), Tone::Normal);
    fact(ui, &speech.text("card-responsible"), site.responsible.as_deref().unwrap_or(&dash), Tone::Normal);

    section(ui, &speech.text("log-class"));
    class_field(ui, reads, logging);
    section(ui, &speech.text("log-what"));
    let response = field(ui, Some(Id::new("log title")), &mut logging.title, &speech.text("log-what-hint"));
    if logging.focus == Some(Field::Title) {
        logging.focus = None;
        response.request_focus();
    }
    let enters = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    field(ui, Some(Id::new("log note")), &mut logging.note, &speech.text("case-note"));
    let desk = speech.text("case-desk");
    let act = |step| reads.login.act(step, None, None, &desk);
    let may_report = act(Step::Report);
    if act(Step::Merge).is_some() {
        duplicates(ui, reads, logging);
    }
    said(ui, form, speech);
    if may_report.is_none() {
        text(ui, speech.text("log-may-not"), theme::BODY, Tone::Bad.color());
    }
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        let is_complete = logging.is_complete(form);
        let key = if logging.merge.is_some() { "log-send-merged" } else { "log-send" };
        let is_clicked = button(ui, &speech.text(key), is_complete).clicked();
        if (is_clicked || enters)
            && is_complete
            && let Some(actor) = may_report
            && let Some(action) = logging.action(form, actor, act(Step::Merge))
        {
            actions.push(action);
        }
        if button(ui, &speech.text("cancel"), false).clicked() {
            actions.push(Action::PutReportAway);
        }
    });
}

/// The class is found by typing, as places are.
fn class_field(ui: &mut Ui, reads: &Reads<'_>, logging: &mut Logging) {
    let Reads { form, speech, .. } = reads;
    let id = Id::new("log class");
    let has_focus = ui.memory(|memory| memory.has_focus(id));
    let is_taken = |logging: &Logging| {
        let taken = logging.class.and_then(|index| form.class(index));
        taken.is_some_and(|offer| offer.name == logging.class_typed)
    };
    let offers = if is_taken(logging) { Vec::new() } else { form.offers(&logging.class_typed) };
    if has_focus && !offers.is_empty() {
        let step = ui.input_mut(|input| {
            let down = input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown);
            let up = input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp);
            down.cast_signed() - up.cast_signed()
        });
        let last = offers.len() - 1;
        logging.offer = logging.offer.min(last).saturating_add_signed(step).min(last);
    }
    let response = field(ui, Some(id), &mut logging.class_typed, &speech.text("log-class-hint"));
    if logging.focus == Some(Field::Class) {
        logging.focus = None;
        response.request_focus();
    }
    if response.changed() {
        (logging.class, logging.offer) = (None, 0);
    }
    let enters = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let mut taken = offers.get(logging.offer).copied().filter(|_| enters);
    if !form.has_classes() {
        text(ui, speech.text("log-no-classes"), theme::CAPTION, theme::FAINT);
    }
    for (at, index) in offers.iter().enumerate() {
        let Some(offer) = form.class(*index) else { continue };
        let (rect, response) = row(ui, ROW_HEIGHT, &offer.name, at == logging.offer);
        let inner = rect.shrink2(egui::vec2(8.0, 2.0));
        let (left, right) = inner.split_left_right_at_fraction(0.62);
        cell_text(ui, left, Align::Min, &offer.name, theme::BODY, theme::INK);
        cell_text(ui, right, Align::Max, &offer.group, theme::CAPTION, theme::FAINT);
        if response.clicked() {
            taken = Some(*index);
        }
    }
    if let Some(index) = taken {
        logging.take_class(index, form);
    }
}

/// What may be the same: chosen, the new one goes into it.
fn duplicates(ui: &mut Ui, reads: &Reads<'_>, logging: &mut Logging) {
    let Reads { form, situation, now, speech, .. } = reads;
    let lines = logging.likely(form, situation, *now, speech).to_vec();
    if lines.is_empty() {
        return;
    }
    section(ui, &speech.text("log-likely"));
    if let Some(clicked) = likely_rows(ui, &lines, logging.merge.as_ref()) {
        logging.merge = (logging.merge.as_ref() != Some(&clicked)).then_some(clicked);
    }
    text(ui, speech.text("log-likely-hint"), theme::CAPTION, theme::FAINT);
}

/// Draws what may be the same; the one that is clicked.
pub(super) fn likely_rows(ui: &mut Ui, lines: &[LikelyLine], chosen: Option<&IssueId>) -> Option<IssueId> {
    let mut clicked = None;
    for line in lines {
        let (rect, response) = row(ui, ROW_HEIGHT, &line.words, chosen == Some(&line.issue));
        let inner: Rect = rect.shrink2(egui::vec2(8.0, 2.0));
        cell_text(ui, inner, Align::Min, &line.words, theme::BODY, theme::INK);
        if response.clicked() {
            clicked = Some(line.issue.clone());
        }
    }
    clicked
}

/// What became of what was sent.
fn said(ui: &mut Ui, form: &Form, speech: &Speech) {
    match &form.sent {
        Sent::Nothing | Sent::Logged(_) => {}
        Sent::Pending => {
            text(ui, speech.text("log-pending"), theme::BODY, theme::QUIET);
        }
        Sent::Not(error) => {
            let words = match error {
                ErrandError::Refused(reason) => {
                    speech.with("log-refused", &[("reason", reason.as_str().into())])
                }
                ErrandError::Unknown => speech.owned("login-ended"),
                error => speech.with("log-failed", &[("reason", error.to_string().into())]),
            };
            text(ui, words, theme::BODY, Tone::Bad.color());
        }
    }
}
