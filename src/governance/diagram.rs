//! The transition matrix as a picture: a `stateDiagram-v2` of Mermaid, drawn from the matrix itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{State, Step, Target, allowed_steps};

/// The life cycle as the text of a Mermaid `stateDiagram-v2`, with states and steps by the names given.
///
/// Steps that change no state are left out; several that lead the same way are one arrow. A resumption leads to each state
/// that an issue can be suspended from.
pub fn diagram<'a>(state_name: impl Fn(State) -> &'a str, step_name: impl Fn(Step) -> &'a str) -> String {
    let mut text = String::from("stateDiagram-v2\n");
    let mut line = |line: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let _written = writeln!(text, "    {line}");
    };
    for state in State::ALL {
        line(format_args!("state \"{}\" as {}", state_name(state), state.name()));
    }
    line(format_args!("[*] --> {} : {}", State::Reported.name(), step_name(Step::Report)));
    for from in State::ALL {
        for (to, steps) in arrows(from) {
            let steps: Vec<&str> = steps.into_iter().map(&step_name).collect();
            line(format_args!("{} --> {} : {}", from.name(), to.name(), steps.join(" / ")));
        }
        if !from.is_open() {
            line(format_args!("{} --> [*]", from.name()));
        }
    }
    text
}

/// Where the steps of a state lead, each with the steps that lead there.
fn arrows(from: State) -> BTreeMap<State, Vec<Step>> {
    let mut arrows: BTreeMap<State, Vec<Step>> = BTreeMap::new();
    for step in allowed_steps(from) {
        let to = match step.target() {
            Target::To(state) => vec![state],
            Target::Stay => Vec::new(),
            Target::Back => suspended_from(),
        };
        for state in to {
            arrows.entry(state).or_default().push(*step);
        }
    }
    arrows
}

/// The states that an issue can be suspended from.
fn suspended_from() -> Vec<State> {
    State::ALL.into_iter().filter(|state| allowed_steps(*state).contains(&Step::Suspend)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_that_leads_somewhere_is_an_arrow() {
        let text = diagram(State::name, |step| match step {
            Step::Resume => "resume",
            Step::Reassign => "reassign",
            Step::Dispatch => "dispatch",
            _ => "other",
        });
        assert!(text.starts_with("stateDiagram-v2\n    state \"reported\" as reported\n"), "{text}");
        for arrow in [
            "    [*] --> reported : other\n",
            "    registered --> dispatched : dispatch\n",
            "    dispatched --> dispatched : reassign\n",
            "    suspended --> handling : resume\n",
            "    closed --> registered : other\n    closed --> [*]\n",
        ] {
            assert!(text.contains(arrow), "{arrow}\n{text}");
        }
        let arrows = State::ALL.map(|from| arrows(from).len());
        assert_eq!(arrows, [5, 3, 4, 6, 6, 6, 2, 2, 1, 1, 1, 6]);
    }

    #[test]
    fn the_names_are_those_on_the_wire() {
        for state in State::ALL {
            assert_eq!(serde_json::to_value(state).expect("a name"), state.name());
        }
    }
}
