//! Draws the window in which somebody logs in and out, and keeps what was typed there.

use egui::{Context, Id, Key, Ui, vec2};

use super::desk::DeskView;
use super::notices_ui;
use super::theme::{self, Tone};
use super::widgets::{button, fact, field, secret_field, switch, text};
use crate::feed::{Entry, ErrandError, MeKind, Secret};
use crate::viewer::actions::Action;
use crate::viewer::login::Entering;

/// What has been typed to log in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LoginForm {
    /// The window is open.
    pub(super) is_open: bool,
    account: String,
    secret: String,
    /// What was given is a one-time code, and a password is to be set.
    is_first: bool,
    new_password: String,
    again: String,
    /// The account is to take the keyboard.
    wants_focus: bool,
    /// Whether nobody could come in when this was last looked at.
    was_shut_out: bool,
}

impl LoginForm {
    /// Opens by itself where nobody is let in, and closes when somebody has been.
    fn follow(&mut self, view: &DeskView<'_>) {
        if view.login.is_shut_out != self.was_shut_out {
            self.was_shut_out = view.login.is_shut_out;
            self.is_open = view.login.is_shut_out;
            self.wants_focus = self.is_open;
        }
        if view.login.account().is_some() {
            (self.secret, self.new_password, self.again) = <(String, String, String)>::default();
            self.is_first = false;
        }
    }

    /// What is to be sent, if all is there.
    fn entry(&self) -> Option<Entry> {
        let account = self.account.trim();
        let is_complete = !account.is_empty()
            && !self.secret.is_empty()
            && (!self.is_first || (!self.new_password.is_empty() && self.new_password == self.again));
        is_complete.then(|| Entry {
            account: account.to_owned(),
            secret: Secret(self.secret.clone()),
            new_password: self.is_first.then(|| Secret(self.new_password.clone())),
        })
    }
}

/// Draws the window, if it is open.
pub(super) fn window(ctx: &Context, view: &DeskView<'_>, form: &mut LoginForm, actions: &mut Vec<Action>) {
    if !view.has_feed {
        return;
    }
    form.follow(view);
    if !form.is_open {
        return;
    }
    let height = match (view.login.account().is_some(), form.is_first) {
        (true, _) => 208.0,
        (false, false) => 256.0,
        (false, true) => 344.0,
    };
    let (screen, title) = (ctx.content_rect().size(), view.speech.text("login"));
    form.is_open =
        notices_ui::window(ctx, "login", &title, screen, vec2(368.0, height), view, |ui| {
            match view.login.account() {
                Some(account) => known(ui, view, account, actions),
                None => fields(ui, view, form, actions),
            }
        }) && form.is_open;
}

/// Who is logged in, as what.
fn known(ui: &mut Ui, view: &DeskView<'_>, account: &str, actions: &mut Vec<Action>) {
    let speech = view.speech;
    ui.spacing_mut().item_spacing.y = 6.0;
    fact(ui, &speech.text("login-account"), account, Tone::Normal);
    let posts = view.login.me.iter().flat_map(|me| &me.posts);
    let posts: Vec<&str> = posts.map(|post| post.name.as_str()).collect();
    fact(ui, &speech.text("login-posts"), &posts.join("\n"), Tone::Normal);
    said(ui, view);
    if button(ui, &speech.text("login-out"), false).clicked() {
        actions.push(Action::LogOut);
    }
}

fn fields(ui: &mut Ui, view: &DeskView<'_>, form: &mut LoginForm, actions: &mut Vec<Action>) {
    let speech = view.speech;
    ui.spacing_mut().item_spacing.y = 6.0;
    let key = match &view.login.me {
        Some(me) if me.kind == MeKind::Token => "login-by-token",
        Some(_) => "login-by-start",
        None => "login-nobody",
    };
    text(ui, speech.text(key), theme::CAPTION, theme::FAINT);
    let account = field(ui, Some(Id::new("login account")), &mut form.account, &speech.text("login-account"));
    if std::mem::take(&mut form.wants_focus) {
        account.request_focus();
    }
    let key = if form.is_first { "login-code" } else { "login-password" };
    let mut last = secret_field(ui, Id::new("login secret"), &mut form.secret, &speech.text(key));
    if form.is_first {
        let id = Id::new("login new");
        secret_field(ui, id, &mut form.new_password, &speech.text("login-new"));
        last = secret_field(ui, Id::new("login again"), &mut form.again, &speech.text("login-again"));
    }
    if switch(ui, &speech.text("login-first"), form.is_first).clicked() {
        form.is_first = !form.is_first;
    }
    said(ui, view);
    let enters = last.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let entry = form.entry().filter(|_| view.login.entering != Entering::Pending);
    if (button(ui, &speech.text("login-in"), entry.is_some()).clicked() || enters)
        && let Some(entry) = entry
    {
        actions.push(Action::LogIn(entry));
    }
}

/// What became of the last try.
fn said(ui: &mut Ui, view: &DeskView<'_>) {
    let speech = view.speech;
    let words = match &view.login.entering {
        Entering::Not => return,
        Entering::Pending => {
            text(ui, speech.text("login-pending"), theme::BODY, theme::QUIET);
            return;
        }
        Entering::Refused(ErrandError::Unknown) => speech.owned("login-wrong"),
        Entering::Refused(ErrandError::TooMany { wait_secs }) => {
            let wait = speech.span_secs(wait_secs.unwrap_or(60).cast_signed());
            speech.with("login-too-many", &[("time", wait.into())])
        }
        Entering::Refused(error) => {
            speech.with("login-failed", &[("reason", error.to_string().as_str().into())])
        }
    };
    let words = egui::RichText::new(words).font(theme::regular(theme::BODY)).color(Tone::Bad.color());
    ui.add(egui::Label::new(words).wrap());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_sent_with_a_password_that_was_typed_twice() {
        let mut form = LoginForm { account: " zhao ".into(), ..LoginForm::default() };
        assert_eq!(form.entry(), None);
        form.secret = "1234-5678".into();
        let entry = form.entry().expect("complete");
        assert_eq!((entry.account.as_str(), entry.new_password), ("zhao", None));
        form.is_first = true;
        form.new_password = "correct horse".into();
        assert_eq!(form.entry(), None, "only once");
        form.again = "correct horse".into();
        assert_eq!(form.entry().and_then(|entry| entry.new_password), Some(Secret("correct horse".into())));
    }
}
