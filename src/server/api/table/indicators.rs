//! Indicators, their cases, and who is on duty.

use super::{Kind, Operation, Parameter, READ, SOURCES, Shape, path, query};

const FROM: Parameter = query("from", Kind::Time, "The beginning of a window, with to; instead of a period.");

const TO: Parameter = query("to", Kind::Time, "The end of a window, itself not in it.");

const PERIOD: Parameter = query(
    "period",
    Kind::Word(&["day", "week", "month", "year"]),
    "The calendar period around as_of; month unless there is a window.",
);

const AS_OF: Parameter =
    query("as_of", Kind::Time, "What happened or was recorded later does not count; now unless said.");

const CLASS: Parameter = query("class", Kind::Text, "Of this class, as scheme/kind/code.");

const COMMUNITY: Parameter = query("community", Kind::Text, "Of this community; empty for those without.");

const GRID: Parameter = query("grid", Kind::Text, "Of this grid; empty for those without.");

const COMPOUND: Parameter = query("compound", Kind::Text, "Of this compound; empty for those without.");

const DEPARTMENT: Parameter = query("department", Kind::Text, "With this lead; empty for those without.");

const COMPANY: Parameter =
    query("property_company", Kind::Text, "In compounds of this company; empty for those without.");

const OFFICER: Parameter =
    query("officer", Kind::Text, "For which this post answers; empty for those without.");

const SOURCE: Parameter = query("source", Kind::Word(SOURCES), "That came so.");

const BY: Parameter = query(
    "by",
    Kind::Word(&[
        "none",
        "class",
        "community",
        "grid",
        "compound",
        "department",
        "property_company",
        "officer",
        "source",
    ]),
    "By what the figures are split.",
);

const FIGURE: Parameter = Parameter {
    kind: Kind::Word(&[
        "reported",
        "registered",
        "handled",
        "closed",
        "reopened",
        "due",
        "closed_on_time",
        "on_time_rate",
        "median_time_to_close",
        "open",
        "overdue",
        "due_within_two_hours",
        "due_today",
    ]),
    ..path("figure", "The figure.")
};

const INDICATORS: &[Parameter] =
    &[PERIOD, FROM, TO, AS_OF, BY, CLASS, COMMUNITY, GRID, COMPOUND, DEPARTMENT, COMPANY, OFFICER, SOURCE];

const CASES: &[Parameter] = &[
    FIGURE,
    PERIOD,
    FROM,
    TO,
    AS_OF,
    CLASS,
    COMMUNITY,
    GRID,
    COMPOUND,
    DEPARTMENT,
    COMPANY,
    OFFICER,
    SOURCE,
    query("limit", Kind::Whole(1, 1_000), "Cases of a page; 100 unless said."),
    query("cursor", Kind::Whole(0, u32::MAX), "Where a next link goes on."),
];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v1/indicators",
        tag: "indicators",
        summary: "Figures of a window of time, with the counts behind them and what was before.",
        parameters: INDICATORS,
        answers: &[(
            200,
            Shape::json("Indicators"),
            "A group of figures, or one for each key of a dimension.",
        )],
        problems: &[400],
        ..READ
    },
    Operation {
        path: "/api/v1/indicators/{figure}/cases",
        tag: "indicators",
        summary: "The cases behind a figure, in pages that agree.",
        parameters: CASES,
        answers: &[(200, Shape::json("Cases"), "A page of them, as they stood then.")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/api/v1/duty",
        tag: "indicators",
        summary: "Who ought to be out now, and who of them is seen, silent, out of battery or never started.",
        parameters: &[
            query(
                "silent_after_secs",
                Kind::Whole(0, u32::MAX),
                "How old a position may be; 900 unless said.",
            ),
            query(
                "out_of_battery_percent",
                Kind::Number,
                "The charge, 0 to 100, at and below which whoever is silent is out of battery; 5 unless said.",
            ),
        ],
        answers: &[(200, Shape::json("Roster"), "The share, and a list for each way of being there.")],
        problems: &[400],
        ..READ
    },
];
