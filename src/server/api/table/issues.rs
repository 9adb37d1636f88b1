//! Issues, their steps and their history.

use super::{
    Body, IDEMPOTENCY, IF_MATCH, IF_NONE_MATCH, ISSUE, ISSUE_ANSWERS, Operation, READ, Shape, WRITE,
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v1/issues",
        tag: "issues",
        summary: "Report an issue.",
        parameters: &[IDEMPOTENCY],
        body: &[Body(Shape::json("NewIssue"))],
        answers: &[(
            201,
            Shape::geojson("IssueFeature"),
            "The issue, with its address in Location and its version as ETag.",
        )],
        problems: &[400, 409, 413, 415, 422],
        ..WRITE
    },
    Operation {
        path: "/api/v1/issues/{id}",
        tag: "issues",
        summary: "One issue.",
        parameters: &[ISSUE, IF_NONE_MATCH],
        answers: ISSUE_ANSWERS,
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/api/v1/issues/{id}/steps",
        tag: "issues",
        summary: "Take a step.",
        parameters: &[ISSUE, IF_MATCH, IDEMPOTENCY],
        body: &[Body(Shape::json("NewStep"))],
        answers: &[(200, Shape::geojson("IssueFeature"), "The issue as it stands afterwards.")],
        problems: &[400, 404, 409, 412, 413, 415, 422, 428],
        ..WRITE
    },
    Operation {
        path: "/api/v1/issues/{id}/events",
        tag: "issues",
        summary: "Everything that happened to an issue, in order.",
        parameters: &[ISSUE],
        answers: &[(200, Shape::json("Events"), "Its events.")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/api/v1/history",
        tag: "issues",
        summary: "Whole lives of issues, only into a store of simulated data.",
        body: &[Body(Shape::json("HistoryBatch"))],
        answers: &[(201, Shape::json("HistoryAccepted"), "How many.")],
        problems: &[400, 404, 409, 413, 415, 422],
        ..WRITE
    },
];
