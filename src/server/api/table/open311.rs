//! Open311 GeoReport v2.

use super::{Body, IDEMPOTENCY, Kind, Operation, Parameter, READ, Security, Shape, WRITE, path, query};

const FILE: Parameter = Parameter {
    kind: Kind::Like("^[A-Za-z0-9._-]+\\.(json|xml)$"),
    ..path("file", "The code or id, then .json or .xml.")
};

const OPEN311_FIND: &[Parameter] = &[
    query("service_request_id", Kind::Words(&[]), "These, whatever else is asked."),
    query("service_code", Kind::Words(&[]), "Of these services."),
    query("start_date", Kind::Time, "Reported from then on; 90 days at most."),
    query("end_date", Kind::Time, "Reported until then."),
    query("status", Kind::Words(&["open", "closed"]), "In one of these states."),
    query("page", Kind::Whole(1, 1_000_000), "Counted from 1."),
    query("page_size", Kind::Whole(1, 1_000), "Requests of a page; 1,000 unless said."),
    query("jurisdiction_id", Kind::Text, "Ignored: there is one."),
];

const fn open311_read(
    path: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    answers: &'static [(u16, Shape, &'static str)],
) -> Operation {
    Operation {
        path,
        tag: "open311",
        summary,
        security: Security::Open311,
        parameters,
        answers,
        problems: &[400, 404],
        ..READ
    }
}

const fn open311_report(path: &'static str, answers: &'static [(u16, Shape, &'static str)]) -> Operation {
    Operation {
        path,
        tag: "open311",
        summary: "Report a request.",
        security: Security::Open311,
        parameters: &[IDEMPOTENCY],
        body: OPEN311_FORM,
        answers,
        problems: &[400, 404, 409, 413, 415, 422],
        ..WRITE
    }
}

const OPEN311_FORM: &[Body] = &[Body(Shape::form("Open311Report"))];

const OPEN311_EITHER: &[(u16, Shape, &str)] =
    &[(200, Shape { media_type: "*/*", schema: "" }, "As JSON or XML, by the end of the path.")];

pub(super) const OPERATIONS: &[Operation] = &[
    open311_read(
        "/open311/v2/discovery.json",
        "Which versions stand where.",
        &[],
        &[(200, Shape::json(""), "The discovery.")],
    ),
    open311_read(
        "/open311/v2/discovery.xml",
        "The same as XML.",
        &[],
        &[(200, Shape::XML, "The discovery.")],
    ),
    open311_read(
        "/open311/v2/services.json",
        "What can be reported: the classes of the place.",
        &[],
        &[(200, Shape::json(""), "The services.")],
    ),
    open311_read(
        "/open311/v2/services.xml",
        "The same services as XML.",
        &[],
        &[(200, Shape::XML, "The services.")],
    ),
    open311_read(
        "/open311/v2/services/{file}",
        "What a report of a service may say.",
        &[FILE],
        OPEN311_EITHER,
    ),
    open311_read(
        "/open311/v2/requests.json",
        "Issues as requests, the last reported first.",
        OPEN311_FIND,
        &[(200, Shape::json("Open311Requests"), "The requests.")],
    ),
    open311_read(
        "/open311/v2/requests.xml",
        "The same requests as XML.",
        OPEN311_FIND,
        &[(200, Shape::XML, "The requests.")],
    ),
    open311_report("/open311/v2/requests.json", &[(201, Shape::json("Open311Requests"), "Its id.")]),
    open311_report("/open311/v2/requests.xml", &[(201, Shape::XML, "Its id.")]),
    open311_read("/open311/v2/requests/{file}", "One request, in a list.", &[FILE], OPEN311_EITHER),
    open311_read(
        "/open311/v2/tokens/{file}",
        "The id behind a token, which is the id itself.",
        &[FILE],
        OPEN311_EITHER,
    ),
];
