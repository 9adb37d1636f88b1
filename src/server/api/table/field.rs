//! What a phone brings from the field, photos and visits, and the page itself.

use super::{
    Body, IDEMPOTENCY, IF_NONE_MATCH, ISSUE, Kind, Operation, Parameter, READ, Security, Shape, WRITE, path,
    query,
};

const HASH: Parameter = Parameter {
    kind: Kind::Like("^[0-9a-f]{64}$"),
    ..path("hash", "The photo's hash: SHA-256, hexadecimal.")
};

const fn phone(path: &'static str, answers: &'static [(u16, Shape, &'static str)]) -> Operation {
    Operation {
        path,
        tag: "phone",
        summary: "A file of the page for an officer's phone.",
        security: Security::Open,
        answers,
        ..READ
    }
}

const PHOTO: &[(u16, Shape, &str)] = &[
    (200, Shape { media_type: "image/*", schema: "binary" }, "The picture."),
    (304, Shape::NONE, "It was seen."),
];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v1/attachments",
        tag: "attachments",
        summary: "Keep a photo, without what it says of itself; a report or a step then names its hash.",
        body: &[
            Body(Shape { media_type: "image/jpeg", schema: "binary" }),
            Body(Shape { media_type: "image/png", schema: "binary" }),
            Body(Shape { media_type: "multipart/form-data", schema: "PhotoForm" }),
        ],
        answers: &[
            (200, Shape::json("StoredAttachment"), "It was there."),
            (201, Shape::json("StoredAttachment"), "It is new; its address is in Location."),
        ],
        ..WRITE
    },
    Operation {
        method: "put",
        path: "/api/v1/issues/{id}/attachments/{hash}/release",
        tag: "attachments",
        summary: "Let walls show a photo that an event of the issue names.",
        parameters: &[ISSUE, HASH],
        answers: &[(204, Shape::NONE, "They may.")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        method: "delete",
        path: "/api/v1/issues/{id}/attachments/{hash}/release",
        tag: "attachments",
        summary: "Let walls show a photo of the issue no more.",
        parameters: &[ISSUE, HASH],
        answers: &[(204, Shape::NONE, "They may not.")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/api/v1/attachments/{hash}",
        tag: "attachments",
        summary: "A photo.",
        parameters: &[HASH, IF_NONE_MATCH],
        answers: PHOTO,
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/api/v1/attachments/{hash}/thumbnail",
        tag: "attachments",
        summary: "A small JPEG of a photo.",
        parameters: &[HASH, IF_NONE_MATCH],
        answers: PHOTO,
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/api/v1/visits",
        tag: "visits",
        summary: "Note a visit; its id, else the Idempotency-Key, makes it safe to send again.",
        parameters: &[IDEMPOTENCY],
        body: &[Body(Shape::json("NewVisit"))],
        answers: &[
            (200, Shape::geojson("Feature"), "It was noted before."),
            (201, Shape::geojson("Feature"), "It is noted."),
        ],
        problems: &[400, 409, 413, 415, 422],
        ..WRITE
    },
    Operation {
        path: "/api/v1/visits",
        tag: "visits",
        summary: "A page of visits, in the order of arrival.",
        parameters: &[
            query("datetime", Kind::Text, "When they were: a time or an interval with a slash."),
            query("code", Kind::Text, "Whose code was scanned."),
            query("limit", Kind::Whole(1, 1_000), "Visits of a page; 100 unless said."),
            query("cursor", Kind::Whole(0, u32::MAX), "Where a next link goes on."),
        ],
        answers: &[(200, Shape::geojson("FeatureCollection"), "The page.")],
        problems: &[400],
        ..READ
    },
    phone("/m", &[(200, Shape { media_type: "text/html", schema: "text" }, "The file.")]),
    phone("/m/style.css", &[(200, Shape { media_type: "text/css", schema: "text" }, "The file.")]),
    phone("/m/page.js", &[(200, Shape { media_type: "text/javascript", schema: "text" }, "The file.")]),
    phone("/m/outbox.js", &[(200, Shape { media_type: "text/javascript", schema: "text" }, "The file.")]),
    phone("/m/worker.js", &[(200, Shape { media_type: "text/javascript", schema: "text" }, "The file.")]),
    phone("/m/zh.json", &[(200, Shape::json(""), "The file.")]),
    phone("/m/en.json", &[(200, Shape::json(""), "The file.")]),
    Operation {
        path: "/m/codes",
        tag: "phone",
        summary: "A code to print, which opens the page checked in at that place.",
        security: Security::Open,
        parameters: &[Parameter {
            is_required: true,
            ..query("place", Kind::Text, "What the code says, 1 to 100 characters.")
        }],
        answers: &[(200, Shape { media_type: "image/svg+xml", schema: "text" }, "The picture.")],
        problems: &[400, 422],
        ..READ
    },
];
