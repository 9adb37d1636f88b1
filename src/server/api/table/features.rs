//! The collections of OGC API – Features.

use super::{IF_NONE_MATCH, Kind, Operation, Parameter, READ, SOURCES, Shape, path, query};
use crate::server::query::MAX_LIMIT;

const COLLECTION: Parameter = Parameter {
    kind: Kind::Word(&[
        "issues",
        "patrols",
        "buildings",
        "areas",
        "subdistricts",
        "communities",
        "grids",
        "compounds",
        "business_districts",
        "alleys",
        "stairwells",
        "departments",
        "teams",
        "shifts",
    ]),
    ..path("id", "The collection; what the server has no place or data for is not there.")
};

const STATES: &[&str] = &[
    "open",
    "reported",
    "verifying",
    "registered",
    "dispatched",
    "accepted",
    "handling",
    "feedback",
    "checking",
    "closed",
    "void",
    "merged",
    "suspended",
];

const ITEMS: &[Parameter] = &[
    COLLECTION,
    query("bbox", Kind::Text, "west,south,east,north in degrees; what touches it."),
    query(
        "datetime",
        Kind::Text,
        "A time or an interval with a slash, open ends as two dots: what was alive then.",
    ),
    query("limit", Kind::Whole(1, MAX_LIMIT), "Features of a page; 100 unless said."),
    query("cursor", Kind::Whole(0, u32::MAX), "Where a next link goes on."),
    query("f", Kind::Word(&["json"]), "The format."),
    query(
        "state",
        Kind::Words(STATES),
        "Of issues: in one of these states; open are all that somebody still has to see to.",
    ),
    query("class", Kind::Words(&[]), "Of issues: scheme-kind-code of the class table."),
    query("level", Kind::Words(&["general", "elevated", "high"]), "Of issues: how pressing."),
    query("source", Kind::Words(SOURCES), "Of issues: how they came."),
    query("community", Kind::Words(&[]), "Of issues: codes of communities."),
    query("grid", Kind::Words(&[]), "Of issues: codes of governance grids."),
    query("compound", Kind::Words(&[]), "Of issues: codes of compounds."),
    query("department", Kind::Words(&[]), "Of issues: who has the lead."),
    query("reported", Kind::Text, "Of issues: reported then; as datetime."),
    query("closed", Kind::Text, "Of issues: closed then; as datetime."),
    query("overdue", Kind::Flag, "Of issues: open, running and past the deadline, or not."),
    query("due_before", Kind::Time, "Of issues: running, with a deadline before."),
    query("q", Kind::Text, "Of issues: words in title, description and address; two characters are enough."),
    IF_NONE_MATCH,
];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/",
        tag: "features",
        summary: "The way in.",
        answers: &[(200, Shape::json("Landing"), "Links to everything else.")],
        ..READ
    },
    Operation {
        path: "/conformance",
        tag: "features",
        summary: "Which standards hold here.",
        answers: &[(200, Shape::json("Conformance"), "Their conformance classes.")],
        ..READ
    },
    Operation {
        path: "/collections",
        tag: "features",
        summary: "Which collections there are.",
        answers: &[(200, Shape::json("Collections"), "All of them.")],
        ..READ
    },
    Operation {
        path: "/collections/{id}",
        tag: "features",
        summary: "One collection.",
        parameters: &[COLLECTION],
        answers: &[(200, Shape::json("Collection"), "What it is.")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/collections/{id}/items",
        tag: "features",
        summary: "A page of features, in the order of arrival; follow its next link.",
        parameters: ITEMS,
        answers: &[
            (
                200,
                Shape::geojson("FeatureCollection"),
                "The page; the first of a snapshot names the last event before it in Event-Id.",
            ),
            (304, Shape::NONE, "It is as it was seen."),
        ],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/collections/{id}/items/{feature}",
        tag: "features",
        summary: "One feature.",
        parameters: &[COLLECTION, path("feature", "Its id."), IF_NONE_MATCH],
        answers: &[
            (200, Shape::geojson("Feature"), "The feature, with its version as ETag."),
            (304, Shape::NONE, "It is as it was seen."),
        ],
        problems: &[400, 404],
        ..READ
    },
];
