//! `yunfushan issue`: the life of an issue from the command line, over HTTP like any client.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::times::{read_time, zone};
use crate::feed::{Entry, Errand, ErrandError, Errands, Outcome, Secret};
use crate::geo::LonLat;
use crate::governance::wire::{Item, read_page, word};
use crate::governance::{
    Actor, AreaCodes, Attachment, ClassCode, Event, Issue, IssueId, Location, NewIssue, NewStep, Owner, Role,
    Source, Step, Urgency,
};
use crate::language::{Language, Messages, Scheme, Vocabulary};

/// What `issue` takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

/// Which server, and as whom.
#[derive(Debug, Clone, clap::Args)]
struct Server {
    /// The address of a yunfushan server
    #[arg(long, env = "YUNFUSHAN_API", value_name = "URL", default_value = "http://127.0.0.1:8650/")]
    api: url::Url,
    /// Its token; better in the environment than on the command line
    #[arg(long, env = "YUNFUSHAN_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Log in with this account for as long as the command takes, instead of a token; its password is in YUNFUSHAN_PASSWORD
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// The language of the words: zh-CN or en; without it Chinese
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// Print JSON, as the server has it
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum What {
    /// Lists issues: number, state, title, address, deadline.
    List {
        /// States such as open, reported or handling, with commas between
        #[arg(long)]
        state: Option<String>,
        /// Words in title, description or address
        #[arg(long = "text", value_name = "WORDS")]
        text: Option<String>,
        /// Only what is past its deadline
        #[arg(long)]
        overdue: bool,
        /// Codes of classes, with commas between
        #[arg(long)]
        class: Option<String>,
        /// The code of a community
        #[arg(long)]
        community: Option<String>,
        /// Who has the lead
        #[arg(long)]
        department: Option<String>,
        /// So many at most
        #[arg(long, default_value_t = 50)]
        limit: u32,
        #[command(flatten)]
        server: Server,
    },
    /// Shows an issue and everything that happened to it.
    Show {
        /// Its number
        id: String,
        #[command(flatten)]
        server: Server,
    },
    /// Reports an issue, and prints its number.
    Report(Box<Report>),
    /// Takes a step of an issue, such as register, dispatch, accept, handle, give_feedback, check, close or locate.
    Step(Box<Take>),
}

/// When, with what, as whom and where something is done.
#[derive(Debug, Clone, clap::Args)]
struct Doing {
    /// When it was found or happened; now without it
    #[arg(long, value_parser = read_time)]
    happened_at: Option<Timestamp>,
    /// A photo, JPEG or PNG; may be repeated
    #[arg(long = "photo", value_name = "FILE")]
    photos: Vec<PathBuf>,
    /// In whose name, where the token may say so: NAME:ROLE; the duty desk without it
    #[arg(long = "as", value_name = "NAME:ROLE", value_parser = read_actor)]
    actor: Option<Actor>,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, Clone, clap::Args)]
struct Report {
    /// What was found, in a few words
    #[arg(long)]
    title: String,
    /// Its class: scheme/kind/code, such as GBT47678.5-2026/event/06010
    #[arg(long, value_parser = read_class)]
    class: ClassCode,
    /// Where: LON,LAT in WGS 84
    #[arg(long, value_parser = read_place, allow_hyphen_values = true)]
    at: Option<LonLat>,
    /// The address in words; without --at the server looks it up
    #[arg(long)]
    address: Option<String>,
    /// More about it
    #[arg(long, default_value = "")]
    description: String,
    /// How it came: patrol, leader, hotline, resident_app, property_company, volunteer, sensor or transfer
    #[arg(long, value_parser = read_word::<Source>, default_value = "leader")]
    source: Source,
    /// How pressing: general, elevated or high; that of its class without it
    #[arg(long, value_parser = read_word::<Urgency>)]
    urgency: Option<Urgency>,
    #[command(flatten)]
    doing: Doing,
}

#[derive(Debug, Clone, clap::Args)]
struct Take {
    /// The issue's number
    id: String,
    /// Which step; `yunfushan lifecycle` prints all
    #[arg(value_parser = read_word::<Step>)]
    step: Step,
    /// The version that you have seen; the step is refused if the issue has changed since. Without it the newest
    #[arg(long)]
    seen: Option<u64>,
    /// In what words
    #[arg(long)]
    note: Option<String>,
    /// Who is to have the lead: of dispatch, reassign, register, reopen
    #[arg(long)]
    department: Option<String>,
    /// Who helps, with commas between: of dispatch and reassign
    #[arg(long, value_delimiter = ',')]
    helpers: Option<Vec<String>>,
    /// The new deadline: of extend
    #[arg(long, value_parser = read_time)]
    until: Option<Timestamp>,
    /// The number of the issue that it goes into: of merge
    #[arg(long)]
    into: Option<String>,
    /// Where it is, LON,LAT in WGS 84: of locate
    #[arg(long, value_parser = read_place, allow_hyphen_values = true)]
    at: Option<LonLat>,
    /// The building's id in the building source: of locate
    #[arg(long)]
    building: Option<String>,
    /// The address, where it changes: of locate
    #[arg(long)]
    address: Option<String>,
    #[command(flatten)]
    doing: Doing,
}

/// A word of the wire, such as `give_feedback`; an unknown one is told with those that there are.
fn read_word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::from(text.replace('-', "_"))).map_err(|error| error.to_string())
}

fn read_class(text: &str) -> Result<ClassCode, String> {
    match text.split('/').map(str::trim).collect::<Vec<_>>().as_slice() {
        [scheme, kind, code] if ![scheme, kind, code].iter().any(|part| part.is_empty()) => {
            Ok(ClassCode { scheme: (*scheme).to_owned(), kind: (*kind).to_owned(), code: (*code).to_owned() })
        }
        _ => Err("a class is scheme/kind/code, such as GBT47678.5-2026/event/06010".to_owned()),
    }
}

fn read_place(text: &str) -> Result<LonLat, String> {
    let place = text
        .split_once(',')
        .and_then(|(lon, lat)| Some(LonLat::new(lon.trim().parse().ok()?, lat.trim().parse().ok()?)));
    let is_on_earth = |place: &LonLat| place.lon.abs() <= 180.0 && place.lat.abs() <= 90.0;
    place
        .filter(is_on_earth)
        .ok_or_else(|| "a place is LON,LAT in degrees, such as 118.8735,28.9655".to_owned())
}

fn read_actor(text: &str) -> Result<Actor, String> {
    let (name, role) = text
        .rsplit_once(':')
        .filter(|(name, _)| !name.trim().is_empty())
        .ok_or_else(|| "whoever acts is NAME:ROLE, such as sanitation:handler".to_owned())?;
    Ok(Actor { name: name.trim().to_owned(), role: read_word::<Role>(role.trim())? })
}

/// Runs the command.
///
/// # Errors
/// What the server says, or why it could not be asked.
pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let server = match &args.what {
        What::List { server, .. } | What::Show { server, .. } => server,
        What::Report(report) => &report.doing.server,
        What::Step(take) => &take.doing.server,
    };
    let desk = Desk::enter(server)?;
    let answer = desk.answer(&args.what);
    desk.leave();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", answer?.trim_end()).context("the answer cannot be printed")?;
    Ok(ExitCode::SUCCESS)
}

/// Whoever asks, and in which words they are answered.
struct Desk {
    errands: Errands,
    is_logged_in: bool,
    is_json: bool,
    messages: Messages,
    words: Vocabulary,
    zone: TimeZone,
}

#[derive(Deserialize)]
struct EventsAnswer {
    events: Vec<Event>,
}

impl Desk {
    fn enter(server: &Server) -> anyhow::Result<Self> {
        let language = server.language.unwrap_or_default();
        let token = server.token.clone().filter(|_| server.account.is_none());
        let errands = Errands::new(server.api.clone(), token)?;
        if let Some(account) = &server.account {
            let password = std::env::var("YUNFUSHAN_PASSWORD")
                .map_err(|_unset| anyhow!("the password of {account} is to be in YUNFUSHAN_PASSWORD"))?;
            let entry = Entry { account: account.clone(), secret: Secret(password), new_password: None };
            errands.run(&Errand::LogIn(entry)).map_err(|error| match error {
                ErrandError::Unknown => anyhow!("account and password do not fit: {account}"),
                error => told(error),
            })?;
        }
        Ok(Self {
            errands,
            is_logged_in: server.account.is_some(),
            is_json: server.json,
            messages: Messages::new(language),
            words: Vocabulary::new(Scheme::default(), language),
            zone: zone().unwrap_or(TimeZone::UTC),
        })
    }

    fn leave(&self) {
        if self.is_logged_in
            && let Err(error) = self.errands.run(&Errand::LogOut)
        {
            tracing::warn!(%error, "the session could not be ended; it ends by itself");
        }
    }

    fn answer(&self, what: &What) -> anyhow::Result<String> {
        match what {
            What::List { state, text, overdue, class, community, department, limit, .. } => {
                let some = |name, value: &Option<String>| value.clone().map(|value| (name, value));
                let query = [
                    some("state", state),
                    some("q", text),
                    some("class", class),
                    some("community", community),
                    some("department", department),
                    overdue.then(|| ("overdue", "true".to_owned())),
                    Some(("limit", limit.to_string())),
                ];
                let query: Vec<_> = query.into_iter().flatten().collect();
                self.list(&query)
            }
            What::Show { id, .. } => self.show(id),
            What::Report(report) => self.report(report),
            What::Step(take) => self.step(take),
        }
    }

    fn list(&self, query: &[(&str, String)]) -> anyhow::Result<String> {
        let body = self.errands.read(&["collections", "issues", "items"], query).map_err(told)?;
        if self.is_json {
            return Ok(String::from_utf8(body)?);
        }
        let page = read_page::<Issue>(&body).context("the answer cannot be read")?;
        let mut text = String::new();
        for issue in &page.items {
            let due = issue.due_at.map(|at| self.moment(at)).unwrap_or_default();
            let address = issue.address.as_deref().unwrap_or_default();
            let state = self.words.state(issue.state);
            writeln!(text, "{}\t{state}\t{}\t{address}\t{due}", issue.id.0, issue.title)?;
        }
        Ok(text)
    }

    fn show(&self, id: &str) -> anyhow::Result<String> {
        let issue_text = self.issue_text(id)?;
        let events = self.errands.read(&["api", "v1", "issues", id, "events"], &[]).map_err(told)?;
        if self.is_json {
            let events: serde_json::Value = serde_json::from_slice(&events)?;
            let issue: serde_json::Value = serde_json::from_str(&issue_text)?;
            return Ok(serde_json::json!({ "issue": issue, "events": events["events"] }).to_string());
        }
        let issue = Issue::from_text(&issue_text).context("the answer cannot be read")?;
        let EventsAnswer { events } = serde_json::from_slice(&events).context("the answer cannot be read")?;
        let mut text = self.head(&issue)?;
        for event in &events {
            let step = self.words.step(event.step);
            let note = event.note.as_deref().unwrap_or_default();
            writeln!(text, "{}\t{step}\t{}\t{note}", self.moment(event.happened_at), event.actor.name)?;
        }
        Ok(text)
    }

    /// What an issue is, in a few lines.
    fn head(&self, issue: &Issue) -> Result<String, std::fmt::Error> {
        let mut text = format!("{}\t{}\n", issue.id.0, issue.title);
        writeln!(text, "{}\t{}", self.words.state(issue.state), issue.class_name)?;
        let facts = [
            ("issue-address", issue.address.clone()),
            ("issue-deadline", issue.due_at.map(|at| self.moment(at))),
            ("card-department", issue.department.clone()),
            ("card-responsible", issue.responsible.clone()),
        ];
        for (key, value) in facts {
            if let Some(value) = value {
                writeln!(text, "{}\t{value}", self.messages.text(key))?;
            }
        }
        Ok(text)
    }

    fn report(&self, report: &Report) -> anyhow::Result<String> {
        let new = NewIssue {
            id: None,
            title: report.title.clone(),
            description: report.description.clone(),
            class: report.class.clone(),
            urgency: report.urgency,
            source: report.source,
            owner: Owner::Us,
            place: report.at,
            address: report.address.clone(),
            building: None,
            areas: AreaCodes::default(),
            department: None,
            responsible: None,
            happened_at: report.doing.happened_at,
            actor: self.actor(report.doing.actor.as_ref()),
            note: None,
            attachments: self.photos("", &report.doing.photos)?,
        };
        match self.errands.run(&Errand::Report { new: Box::new(new), merge: None }).map_err(told)? {
            Outcome::Reported { issue, .. } if self.is_json => self.issue_text(&issue.0),
            Outcome::Reported { issue, .. } => Ok(issue.0),
            other => bail!("the server answered something else: {other:?}"),
        }
    }

    fn step(&self, take: &Take) -> anyhow::Result<String> {
        let seen = match take.seen {
            Some(seen) => seen,
            None => {
                Issue::from_text(&self.issue_text(&take.id)?).context("the answer cannot be read")?.version
            }
        };
        let location = take.at.map(|at| {
            let (address, building) = (take.address.clone(), take.building.clone());
            Box::new(Location { address, building, ..Location::at(at) })
        });
        let step = NewStep {
            note: take.note.clone(),
            happened_at: take.doing.happened_at,
            until: take.until,
            department: take.department.clone(),
            helpers: take.helpers.clone(),
            merged_into: take.into.clone().map(IssueId),
            location,
            attachments: self.photos(&take.id, &take.doing.photos)?,
            ..NewStep::bare(take.step, self.actor(take.doing.actor.as_ref()))
        };
        let errand = Errand::Step { issue: IssueId(take.id.clone()), seen, step: Box::new(step) };
        self.errands.run(&errand).map_err(told)?;
        let text = self.issue_text(&take.id)?;
        if self.is_json {
            return Ok(text);
        }
        Ok(self.head(&Issue::from_text(&text).context("the answer cannot be read")?)?)
    }

    fn photos(&self, issue: &str, files: &[PathBuf]) -> anyhow::Result<Vec<Attachment>> {
        let hand_in = |path: &PathBuf| {
            let errand = Errand::Attach { issue: IssueId(issue.to_owned()), path: path.clone() };
            match self.errands.run(&errand).map_err(told)? {
                Outcome::Attached(photo) => Ok(photo),
                other => bail!("the server answered something else: {other:?}"),
            }
        };
        files.iter().map(hand_in).collect()
    }

    fn issue_text(&self, id: &str) -> anyhow::Result<String> {
        let body = self.errands.read(&["collections", "issues", "items", id], &[]).map_err(told)?;
        Ok(String::from_utf8(body)?)
    }

    /// Whoever acts; the server takes the post of whoever has an account or a token of their own.
    fn actor(&self, said: Option<&Actor>) -> Actor {
        let desk = || Actor { name: self.messages.text("case-desk").into_owned(), role: Role::Desk };
        said.cloned().unwrap_or_else(desk)
    }

    fn moment(&self, at: Timestamp) -> String {
        self.messages.date_time_short(at, &self.zone)
    }
}

/// What to do about an errand that came to nothing.
fn told(error: ErrandError) -> anyhow::Error {
    match error {
        ErrandError::Unknown => anyhow!("the server lets nobody in like this: give --token or --account"),
        ErrandError::Stale => anyhow!("somebody else has changed the issue since: look at it, then decide"),
        ErrandError::NotAllowed { allowed } => {
            let allowed: Vec<String> = allowed.into_iter().map(word).collect();
            anyhow!("the issue's state does not allow the step; it allows {}", allowed.join(", "))
        }
        error => anyhow!(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_or_said_to_be_wrong() {
        assert_eq!(read_word::<Step>("give-feedback"), Ok(Step::GiveFeedback));
        let wrong = read_word::<Step>("finish").expect_err("no step");
        assert!(wrong.contains("finish") && wrong.contains("close_on_spot"), "{wrong}");
        assert_eq!(read_place("118.8735, 28.9655"), Ok(LonLat::new(118.8735, 28.9655)));
        for bad in ["118.8", "x,y", "28.9,118.8,", "500,3"] {
            assert!(read_place(bad).is_err(), "{bad}");
        }
        let class = read_class("GBT47678.5-2026/event/06010").expect("a class");
        assert_eq!((class.kind.as_str(), class.code.as_str()), ("event", "06010"));
        assert!(read_class("06010").is_err() && read_class("a//b").is_err());
        let actor = read_actor("a: b:handler").expect("somebody");
        assert_eq!((actor.name.as_str(), actor.role), ("a: b", Role::Handler));
        assert!(read_actor("handler").is_err() && read_actor("a:king").is_err());
    }
}
