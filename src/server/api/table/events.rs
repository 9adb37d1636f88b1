//! The stream of events.

use super::{Kind, Operation, READ, Shape, header, query};

pub(super) const OPERATIONS: &[Operation] = &[Operation {
    path: "/api/v1/events",
    tag: "events",
    summary: "The event stream (Server-Sent Events): issue, issue_removed, patrol, patrol_removed, positions, heartbeat.",
    parameters: &[
        header(
            "Last-Event-ID",
            Kind::Whole(0, u32::MAX),
            "The last event that the reader has; it gets every later one.",
        ),
        query("after", Kind::Whole(0, u32::MAX), "The same where no header can be set."),
        query("positions", Kind::Word(&["live", "1s", "5s", "off"]), "How often positions come."),
        query("bbox", Kind::Text, "Positions within: west,south,east,north."),
        query("areas", Kind::Words(&[]), "Positions within these areas, by code."),
    ],
    answers: &[(
        200,
        Shape { media_type: "text/event-stream", schema: "text" },
        "The stream, which does not end.",
    )],
    problems: &[400, 410, 422],
    ..READ
}];
