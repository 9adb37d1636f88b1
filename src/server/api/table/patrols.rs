//! Patrols, their tracks and positions.

use super::{Body, IF_NONE_MATCH, Kind, Operation, PATROL, Parameter, READ, Shape, WRITE, query};

const TRACK: &[Parameter] = &[
    PATROL,
    query("from", Kind::Time, "RFC 3339; a day before to unless said, at most 31 days before it."),
    query("to", Kind::Time, "RFC 3339; now unless said."),
    query(
        "every_s",
        Kind::Whole(0, 86_400),
        "Of positions closer together than these seconds the first alone.",
    ),
    query("limit", Kind::Whole(1, 100_000), "Positions at most, 1 to 100000; 20000 unless said."),
];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v1/patrols/{id}",
        tag: "patrols",
        summary: "One patrol.",
        parameters: &[PATROL, IF_NONE_MATCH],
        answers: &[
            (
                200,
                Shape::geojson("PatrolFeature"),
                "The patrol with its last position, and its version as ETag.",
            ),
            (304, Shape::NONE, "It is as it was seen."),
        ],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        method: "put",
        path: "/api/v1/patrols/{id}",
        tag: "patrols",
        summary: "Register a patrol, or change it.",
        parameters: &[PATROL],
        body: &[Body(Shape::json("NewPatrol"))],
        answers: &[
            (200, Shape::geojson("PatrolFeature"), "The patrol, which was there."),
            (201, Shape::geojson("PatrolFeature"), "The patrol, which is new."),
        ],
        ..WRITE
    },
    Operation {
        path: "/api/v1/patrols/{id}/track",
        tag: "patrols",
        summary: "Where a patrol went: a LineString with the time of each position in coordTimes.",
        parameters: TRACK,
        answers: &[(200, Shape::geojson(""), "The track; a next link where there is more.")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/api/v1/positions",
        tag: "patrols",
        summary: "A batch of positions, in any order.",
        body: &[Body(Shape::json("PositionBatch"))],
        answers: &[(200, Shape::json("PositionsAccepted"), "How many were taken, and which were not.")],
        ..WRITE
    },
];
