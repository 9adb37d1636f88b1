//! `yunfushan lifecycle`: the life of an issue as the program has it: which step leads where, who may take it, and how
//! long each stage may take. For people, for programs (`--json`) and as a picture (`--mermaid`).

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use serde::Serialize;

use crate::governance::classes::{Limit, LimitUnit};
use crate::governance::stages::{Stage, StageLimits};
use crate::governance::{Power, Role, State, Step, Target, allowed_steps, diagram};
use crate::language::{Language, Messages, Scheme, Vocabulary};

/// What `lifecycle` takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// Print one JSON object, with the names that are used on the wire
    #[arg(long, conflicts_with = "mermaid")]
    json: bool,
    /// Print the transitions as a `stateDiagram-v2` of Mermaid
    #[arg(long)]
    mermaid: bool,
    /// The language of the names: zh-CN or en; without it Chinese
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// Whose words: own, si-pingtai, shuzi-chengguan or 12345
    #[arg(long, value_name = "SCHEME", default_value = "own")]
    scheme: Scheme,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output {
    states: Vec<StateRow>,
    steps: Vec<StepRow>,
    stages: Vec<StageRow>,
}

#[derive(Debug, Serialize)]
struct StateRow {
    state: State,
    open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<Stage>,
    steps: Vec<Leads>,
}

#[derive(Debug, Serialize)]
struct Leads {
    step: Step,
    /// `{"to": state}`, `"stay"`, or `"back"` to the state that the issue was suspended from.
    leads: Target,
}

#[derive(Debug, Serialize)]
struct StepRow {
    step: Step,
    roles: Vec<RoleCell>,
}

#[derive(Debug, Serialize)]
struct RoleCell {
    role: Role,
    power: Power,
}

#[derive(Debug, Serialize)]
struct StageRow {
    stage: Stage,
    /// Without one the stage lasts until the issue's deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Limit>,
}

/// Runs the command.
///
/// # Errors
/// If the output cannot be written.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    out.write_all(text(args)?.as_bytes()).context("the life cycle cannot be written")?;
    out.flush().context("the life cycle cannot be written")?;
    Ok(ExitCode::SUCCESS)
}

fn text(args: &Args) -> anyhow::Result<String> {
    let language = args.language.unwrap_or_default();
    let words = Vocabulary::new(args.scheme, language);
    if args.json {
        let mut text = serde_json::to_string_pretty(&output())?;
        text.push('\n');
        Ok(text)
    } else if args.mermaid {
        Ok(diagram(|state| words.state(state), |step| words.step(step)))
    } else {
        Ok(plain(&output(), &words, &Messages::new(language))?)
    }
}

/// The rules as this program ships them.
fn output() -> Output {
    let limits = StageLimits::default();
    let leads = |step: &Step| Leads { step: *step, leads: step.target() };
    let states = State::ALL.map(|state| StateRow {
        state,
        open: state.is_open(),
        stage: state.stage(),
        steps: allowed_steps(state).iter().map(leads).collect(),
    });
    let steps = Step::ALL.map(|step| StepRow {
        step,
        roles: step.roles().into_iter().map(|role| RoleCell { role, power: role.power(step) }).collect(),
    });
    let stages = Stage::ALL.map(|stage| StageRow { stage, limit: limits.get(stage) });
    Output { states: states.into(), steps: steps.into(), stages: stages.into() }
}

fn plain(output: &Output, words: &Vocabulary, messages: &Messages) -> Result<String, std::fmt::Error> {
    let separator = messages.text("lifecycle-separator");
    let mut text = String::new();
    writeln!(text, "{}", messages.text("lifecycle-states"))?;
    for row in &output.states {
        writeln!(text, "  {}", words.state(row.state))?;
        let mut marks = Vec::new();
        for Leads { step, leads } in &row.steps {
            let step = words.step(*step);
            match leads {
                Target::To(state) => writeln!(text, "    {step} → {}", words.state(*state))?,
                Target::Back => writeln!(text, "    {step} → {}", messages.text("lifecycle-back"))?,
                Target::Stay => marks.push(step),
            }
        }
        let marks = marks.join(&separator);
        writeln!(text, "    {}", messages.text_with("lifecycle-stays", &[("steps", marks.into())]))?;
    }
    writeln!(text, "\n{}", messages.text("lifecycle-roles"))?;
    for row in &output.steps {
        let roles: Vec<String> = row.roles.iter().map(|cell| role(cell, words)).collect();
        writeln!(text, "  {}", line(words.step(row.step), roles.join(&separator), messages))?;
    }
    writeln!(text, "\n{}", messages.text("lifecycle-stages"))?;
    for row in &output.stages {
        let stage = format!("stage-{}", row.stage.name());
        writeln!(text, "  {}", line(&messages.text(&stage), limit(row.limit, messages), messages))?;
    }
    Ok(text)
}

fn line(name: &str, what: String, messages: &Messages) -> String {
    messages.text_with("lifecycle-line", &[("name", name.into()), ("what", what.into())]).into_owned()
}

fn role(cell: &RoleCell, words: &Vocabulary) -> String {
    match cell.power {
        Power::OnTheirs => format!("({})", words.role(cell.role)),
        Power::Always | Power::Never => words.role(cell.role).to_owned(),
    }
}

fn limit(limit: Option<Limit>, messages: &Messages) -> String {
    let Some(Limit { amount, unit }) = limit else { return messages.text("lifecycle-rest").into_owned() };
    let key = match unit {
        LimitUnit::WorkHours => "limit-work-hours",
        LimitUnit::WorkDays => "limit-work-days",
        LimitUnit::Hours => "limit-hours",
        LimitUnit::Days => "limit-days",
    };
    messages.text_with(key, &[("n", amount.into())]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARCHITECTURE: &str = include_str!("../../ARCHITECTURE.md");

    fn asked(language: Language) -> Args {
        Args { json: false, mermaid: false, language: Some(language), scheme: Scheme::Own }
    }

    #[test]
    fn the_architecture_shows_the_diagram_that_the_code_prints() {
        let printed = text(&Args { mermaid: true, ..asked(Language::English) }).expect("a diagram");
        let shown = ARCHITECTURE.split("```mermaid\n").nth(1).and_then(|rest| rest.split("```").next());
        assert_eq!(
            shown,
            Some(printed.as_str()),
            "put the output of `yunfushan lifecycle --mermaid --language en` into ARCHITECTURE.md:\n{printed}"
        );
    }

    #[test]
    fn json_has_every_state_step_and_stage_by_its_name_on_the_wire() {
        let printed = text(&Args { json: true, ..asked(Language::English) }).expect("an object");
        let value: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
        let count = |member: &str| value[member].as_array().expect("a list").len();
        assert_eq!((count("states"), count("steps"), count("stages")), (12, 23, 6));
        assert_eq!(value["states"][0]["state"], "reported");
        assert_eq!(
            value["states"][0]["steps"][0],
            serde_json::json!({ "step": "register", "leads": { "to": "registered" } })
        );
        assert_eq!(value["states"][11]["steps"][0]["leads"], "back");
        assert_eq!(
            value["steps"][4]["roles"][0],
            serde_json::json!({ "role": "officer", "power": "on_theirs" })
        );
        assert_eq!(value["stages"][0]["limit"], serde_json::json!({ "amount": 2.0, "unit": "work_hours" }));
        assert_eq!(value["stages"][4], serde_json::json!({ "stage": "handling" }));
    }

    #[test]
    fn people_read_it_in_their_language() {
        let printed = text(&asked(Language::English)).expect("text");
        for line in [
            "    Reassign → Dispatched\n",
            "    Resume → the state before\n",
            "  Send back: (Handler), Administrator\n",
            "  Verifying: 2 work hours\n",
            "  Dispatching: 1 work hour\n",
            "  Handling: the rest of the time until the deadline\n",
        ] {
            assert!(printed.contains(line), "{line}\n{printed}");
        }
        for language in Language::ALL {
            let printed = text(&asked(language)).expect("text");
            for untold in ["lifecycle-", "stage-", "limit-", "—"] {
                assert!(!printed.contains(untold), "{untold}\n{printed}");
            }
        }
    }
}
