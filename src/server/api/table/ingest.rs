//! What trackers of phones send.

use super::{Body, Kind, Operation, Parameter, READ, Security, Shape, WRITE, header, query};

const OSMAND: &[Parameter] = &[
    query("id", Kind::Text, "The device, which is the patrol's id; or deviceid."),
    query("timestamp", Kind::Text, "Seconds or milliseconds since 1970 or a time; now unless said."),
    query("lat", Kind::Number, "Degrees; or location as lat,lon."),
    query("lon", Kind::Number, "Degrees."),
    query("speed", Kind::Number, "Knots; negative for unknown."),
    query("bearing", Kind::Number, "Degrees clockwise from north; or heading."),
    query("accuracy", Kind::Number, "Metres."),
    query("mock", Kind::Flag, "Whether the phone says that the position is faked."),
];

const OWNTRACKS: &[Parameter] = &[
    header("X-Limit-U", Kind::Text, "The user, who is the patrol."),
    header("X-Limit-D", Kind::Text, "The device, which stands for the patrol where there is no user."),
    query("u", Kind::Text, "As X-Limit-U."),
    query("d", Kind::Text, "As X-Limit-D."),
];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/ingest/osmand",
        tag: "ingest",
        summary: "A position by OsmAnd's protocol.",
        security: Security::Tracker,
        parameters: OSMAND,
        answers: &[(200, Shape::NONE, "It was taken.")],
        problems: &[400, 404, 422],
        ..READ
    },
    Operation {
        path: "/ingest/osmand",
        tag: "ingest",
        summary: "The same as a form, or the JSON of newer clients.",
        security: Security::Tracker,
        parameters: OSMAND,
        body: &[Body(Shape::form("")), Body(Shape::json(""))],
        answers: &[(200, Shape::NONE, "It was taken.")],
        problems: &[400, 404, 413, 415, 422],
        ..WRITE
    },
    Operation {
        path: "/ingest/owntracks",
        tag: "ingest",
        summary: "A message of OwnTracks, or an array of them; those without a position are ignored.",
        security: Security::Tracker,
        parameters: OWNTRACKS,
        body: &[Body(Shape::json(""))],
        answers: &[(200, Shape::json(""), "Messages for the device: none.")],
        problems: &[400, 404, 413, 415, 422],
        ..WRITE
    },
];
