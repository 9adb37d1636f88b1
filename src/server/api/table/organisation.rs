//! What the place consists of, and where addresses lie.

use super::{Body, IF_MATCH, Kind, Operation, Parameter, READ, Shape, WRITE, header, path, query};

const UNIT_KIND: Parameter = Parameter {
    kind: Kind::Word(&[
        "subdistrict",
        "community",
        "grid",
        "compound",
        "business_district",
        "alley",
        "stairwell",
        "department",
        "team",
        "shift",
    ]),
    ..path("kind", "The kind, or its collection.")
};

const UNIT: Parameter = path("code", "Its code, which may have slashes.");

const IF_NONE: Parameter = header("If-None-Match", Kind::Word(&["*"]), "For a unit that is new.");

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v1/organisation/{kind}",
        tag: "organisation",
        summary: "Take a whole file of one kind, CSV or GeoJSON; all of it or nothing.",
        parameters: &[UNIT_KIND, query("dry_run", Kind::Flag, "Only reads it.")],
        body: &[
            Body(Shape { media_type: "text/csv", schema: "text" }),
            Body(Shape::geojson("")),
            Body(Shape::json("")),
        ],
        answers: &[(200, Shape::json(""), "How many were taken.")],
        problems: &[400, 404, 409, 412, 413, 415, 422],
        ..WRITE
    },
    Operation {
        path: "/api/v1/organisation/{kind}/{code}",
        tag: "organisation",
        summary: "One unit with its version.",
        parameters: &[UNIT_KIND, UNIT],
        answers: &[(200, Shape::geojson("Feature"), "The unit, with its version as ETag.")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        method: "put",
        path: "/api/v1/organisation/{kind}/{code}",
        tag: "organisation",
        summary: "Write a unit: with its version, or as a new one.",
        parameters: &[UNIT_KIND, UNIT, IF_MATCH, IF_NONE],
        body: &[Body(Shape::json(""))],
        answers: &[
            (200, Shape::geojson("Feature"), "The unit, which was there."),
            (201, Shape::geojson("Feature"), "The unit, which is new."),
        ],
        problems: &[400, 404, 409, 412, 413, 415, 422, 428],
        ..WRITE
    },
    Operation {
        method: "delete",
        path: "/api/v1/organisation/{kind}/{code}",
        tag: "organisation",
        summary: "Take away a unit that was entered by mistake.",
        parameters: &[UNIT_KIND, UNIT, IF_MATCH],
        answers: &[(204, Shape::NONE, "It is gone.")],
        problems: &[400, 404, 409, 412, 422, 428],
        ..READ
    },
    Operation {
        path: "/api/v1/addresses",
        tag: "organisation",
        summary: "Where an address may lie, with how sure that is.",
        parameters: &[Parameter { is_required: true, ..query("q", Kind::Text, "The address.") }],
        answers: &[(200, Shape::json(""), "A FeatureCollection of proposals.")],
        problems: &[400],
        ..READ
    },
];
