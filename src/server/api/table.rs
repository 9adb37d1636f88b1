//! The table of routes: what each takes and answers. A new route is a line in [`OPERATIONS`].

use serde_json::{Value, json};

use super::super::query::MAX_LIMIT;

/// What any route may answer: no token or a wrong one, not this one's business, another host, too often, a mistake of
/// ours, not now. 405 is answered to methods that are not in this table.
pub(super) const ANYWHERE: [u16; 6] = [401, 403, 421, 429, 500, 503];

/// One method of one path.
pub(in crate::server) struct Operation {
    /// In lower case.
    pub(in crate::server) method: &'static str,
    pub(in crate::server) path: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) security: Security,
    pub(super) parameters: &'static [Parameter],
    /// Any one of these.
    pub(super) body: &'static [Body],
    pub(super) answers: &'static [(u16, Shape, &'static str)],
    /// Problems beyond [`ANYWHERE`].
    pub(super) problems: &'static [u16],
}

/// How a request shows that it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    Token,
    /// It need not.
    Open,
    /// A token, also as `api_key`.
    Open311,
    /// A token, also in the query or as the password of HTTP Basic.
    Tracker,
}

/// A media type and the schema of what it carries; the empty type for no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) media_type: &'static str,
    pub(super) schema: &'static str,
}

impl Shape {
    pub(super) const NONE: Self = Self { media_type: "", schema: "" };
    pub(super) const PROBLEM: Self = Self { media_type: "application/problem+json", schema: "Problem" };
    pub(super) const OPEN311_ERRORS: Self = Self { media_type: "application/json", schema: "Open311Errors" };
    pub(super) const XML: Self = Self { media_type: "text/xml", schema: "text" };

    const fn json(schema: &'static str) -> Self {
        Self { media_type: "application/json", schema }
    }

    const fn geojson(schema: &'static str) -> Self {
        Self { media_type: "application/geo+json", schema }
    }

    const fn form(schema: &'static str) -> Self {
        Self { media_type: "application/x-www-form-urlencoded", schema }
    }
}

/// A body that a route takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Body(pub(super) Shape);

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
}

impl Place {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// What a parameter may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Text of this regular expression.
    Like(&'static str),
    /// A whole number from one to another.
    Whole(u32, u32),
    Number,
    Flag,
    Time,
    /// One of these.
    Word(&'static [&'static str]),
    /// Some of these with commas between; of any where none are named.
    Words(&'static [&'static str]),
}

impl Kind {
    pub(super) fn schema(self) -> Value {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Like(pattern) => json!({ "type": "string", "pattern": pattern }),
            Self::Whole(from, to) => json!({ "type": "integer", "minimum": from, "maximum": to }),
            Self::Number => json!({ "type": "number" }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Time => json!({ "type": "string", "format": "date-time" }),
            Self::Word(words) => json!({ "type": "string", "enum": words }),
            Self::Words([]) => {
                json!({ "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } })
            }
            Self::Words(words) => {
                json!({ "type": "array", "minItems": 1, "items": { "type": "string", "enum": words } })
            }
        }
    }
}

/// A parameter.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) place: Place,
    pub(super) kind: Kind,
    pub(super) is_required: bool,
    pub(super) description: &'static str,
}

const fn path(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, place: Place::Path, kind: Kind::Text, is_required: true, description }
}

const fn query(name: &'static str, kind: Kind, description: &'static str) -> Parameter {
    Parameter { name, place: Place::Query, kind, is_required: false, description }
}

const fn header(name: &'static str, kind: Kind, description: &'static str) -> Parameter {
    Parameter { name, place: Place::Header, kind, is_required: false, description }
}

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
const ISSUE: Parameter = path("id", "The issue.");
const PATROL: Parameter = path("id", "The patrol: 1 to 64 letters, digits and -_.:");
const FILE: Parameter = Parameter {
    kind: Kind::Like("^[A-Za-z0-9._-]+\\.(json|xml)$"),
    ..path("file", "The code or id, then .json or .xml.")
};
const IF_NONE_MATCH: Parameter = header("If-None-Match", Kind::Text, "The ETag of what was seen.");
const IF_MATCH: Parameter = header(
    "If-Match",
    Kind::Like("^\"[0-9]+\"$"),
    "The version that was seen, such as \"3\"; missing is 428, stale is 412.",
);
const IDEMPOTENCY: Parameter = header(
    "Idempotency-Key",
    Kind::Like("^[A-Za-z0-9-]{1,100}$"),
    "Makes the request safe to repeat for seven days.",
);

const HASH: Parameter = Parameter {
    kind: Kind::Like("^[0-9a-f]{64}$"),
    ..path("hash", "The photo's hash: SHA-256, hexadecimal.")
};
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
const SOURCES: &[&str] =
    &["patrol", "leader", "hotline", "resident_app", "property_company", "volunteer", "sensor", "transfer"];

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

const ISSUE_ANSWERS: &[(u16, Shape, &str)] = &[
    (200, Shape::geojson("IssueFeature"), "The issue, with its version as ETag."),
    (304, Shape::NONE, "It is as it was seen."),
];
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

const WEBHOOK: Parameter = path("id", "The webhook.");
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
const ACCOUNT: Parameter = path("id", "The account.");
const TOKEN: Parameter = path("id", "The token's id.");
const AUDIT_AFTER: Parameter = query("after", Kind::Whole(0, u32::MAX), "After the line of this number.");
const ANY_JSON: &[Body] = &[Body(Shape::json(""))];

const READ: Operation = Operation {
    method: "get",
    path: "",
    tag: "",
    summary: "",
    security: Security::Token,
    parameters: &[],
    body: &[],
    answers: &[],
    problems: &[],
};
const WRITE: Operation = Operation { method: "post", problems: &[400, 413, 415, 422], ..READ };

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

/// Every route.
pub(in crate::server) const OPERATIONS: &[Operation] = &[
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
    Operation {
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
    },
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
    Operation {
        path: "/health",
        tag: "service",
        summary: "Whether the server can read and write, and its clock.",
        security: Security::Open,
        answers: &[(200, Shape::json("Health"), "It can.")],
        ..READ
    },
    Operation {
        path: "/openapi.json",
        tag: "service",
        summary: "This document.",
        security: Security::Open,
        answers: &[(
            200,
            Shape { media_type: "application/vnd.oai.openapi+json;version=3.1", schema: "" },
            "OpenAPI 3.1.",
        )],
        ..READ
    },
    Operation {
        path: "/api",
        tag: "service",
        summary: "This document to read.",
        security: Security::Open,
        answers: &[(200, Shape { media_type: "text/html", schema: "text" }, "A page.")],
        ..READ
    },
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
    Operation {
        path: "/api/v1/webhooks",
        tag: "webhooks",
        summary: "Who is told of what.",
        answers: &[(200, Shape::json("Webhooks"), "All of them, without their secrets.")],
        ..READ
    },
    Operation {
        path: "/api/v1/webhooks",
        tag: "webhooks",
        summary: "Have somebody told, signed after the Standard Webhooks specification.",
        body: &[Body(Shape::json("NewWebhook"))],
        answers: &[(201, Shape::json("Webhook"), "With its secret, which is not shown again.")],
        problems: &[400, 409, 413, 415, 422],
        ..WRITE
    },
    Operation {
        path: "/api/v1/webhooks/{id}",
        tag: "webhooks",
        summary: "One webhook.",
        parameters: &[WEBHOOK],
        answers: &[(200, Shape::json("Webhook"), "Without its secret.")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        method: "put",
        path: "/api/v1/webhooks/{id}",
        tag: "webhooks",
        summary: "Change a webhook; it keeps its secret unless another one is given.",
        parameters: &[WEBHOOK],
        body: &[Body(Shape::json("NewWebhook"))],
        answers: &[(200, Shape::json("Webhook"), "As it is now.")],
        problems: &[400, 404, 413, 415, 422],
        ..WRITE
    },
    Operation {
        method: "delete",
        path: "/api/v1/webhooks/{id}",
        tag: "webhooks",
        summary: "Tell it nothing any more.",
        parameters: &[WEBHOOK],
        answers: &[(204, Shape::NONE, "It is gone.")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/api/v1/webhooks/{id}/deliveries",
        tag: "webhooks",
        summary: "What it was told, the newest first, with every attempt.",
        parameters: &[WEBHOOK, query("cursor", Kind::Whole(0, u32::MAX), "Where a next link goes on.")],
        answers: &[(200, Shape::json("Deliveries"), "A page of the log.")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/metrics",
        tag: "service",
        summary: "How the server is doing, for Prometheus.",
        answers: &[(200, Shape { media_type: "text/plain", schema: "text" }, "Prometheus text.")],
        ..READ
    },
    Operation {
        path: "/api/v1/sessions",
        tag: "access",
        summary: "Log in by a password, or by a one-time code that sets one.",
        body: ANY_JSON,
        security: Security::Open,
        answers: &[(201, Shape::json(""), "")],
        problems: &[400, 404, 409, 413, 415, 422],
        ..WRITE
    },
    Operation {
        method: "delete",
        path: "/api/v1/sessions/current",
        tag: "access",
        summary: "Log out.",
        answers: &[(204, Shape::NONE, "")],
        problems: &[409],
        ..READ
    },
    Operation {
        path: "/api/v1/me",
        tag: "access",
        summary: "Whom the secret stands for, and which steps they may take.",
        answers: &[(200, Shape::json(""), "")],
        ..READ
    },
    Operation {
        method: "put",
        path: "/api/v1/me/password",
        tag: "access",
        summary: "Change the password.",
        body: ANY_JSON,
        answers: &[(204, Shape::NONE, "")],
        problems: &[400, 404, 409, 413, 415, 422],
        ..WRITE
    },
    Operation {
        path: "/api/v1/accounts",
        tag: "access",
        summary: "Every account.",
        answers: &[(200, Shape::json(""), "")],
        ..READ
    },
    Operation {
        path: "/api/v1/accounts/{id}",
        tag: "access",
        summary: "An account.",
        parameters: &[ACCOUNT],
        answers: &[(200, Shape::json(""), "")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        method: "put",
        path: "/api/v1/accounts/{id}",
        tag: "access",
        summary: "Make an account, or change its posts.",
        body: ANY_JSON,
        parameters: &[ACCOUNT],
        answers: &[(200, Shape::json(""), ""), (201, Shape::json(""), "With a one-time code.")],
        problems: &[400, 404, 409, 413, 415, 422],
        ..WRITE
    },
    Operation {
        method: "post",
        path: "/api/v1/accounts/{id}/code",
        tag: "access",
        summary: "A one-time code; password and sessions are gone.",
        parameters: &[ACCOUNT],
        answers: &[(201, Shape::json(""), "")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        method: "delete",
        path: "/api/v1/accounts/{id}/sessions",
        tag: "access",
        summary: "End its sessions.",
        parameters: &[ACCOUNT],
        answers: &[(204, Shape::NONE, "")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/api/v1/accounts/{id}/person",
        tag: "access",
        summary: "Whose it is; the reading is recorded.",
        parameters: &[ACCOUNT],
        answers: &[(200, Shape::json(""), "")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        method: "put",
        path: "/api/v1/accounts/{id}/person",
        tag: "access",
        summary: "Write down whose it is.",
        body: ANY_JSON,
        parameters: &[ACCOUNT],
        answers: &[(204, Shape::NONE, "")],
        problems: &[400, 404, 409, 413, 415, 422],
        ..WRITE
    },
    Operation {
        method: "delete",
        path: "/api/v1/accounts/{id}/person",
        tag: "access",
        summary: "Erase whose it is.",
        parameters: &[ACCOUNT],
        answers: &[(204, Shape::NONE, "")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/api/v1/tokens",
        tag: "access",
        summary: "Every token, without its secret.",
        answers: &[(200, Shape::json(""), "")],
        ..READ
    },
    Operation {
        path: "/api/v1/tokens",
        tag: "access",
        summary: "Make a token; its secret is told this once.",
        body: ANY_JSON,
        answers: &[(201, Shape::json(""), "")],
        problems: &[400, 404, 409, 413, 415, 422],
        ..WRITE
    },
    Operation {
        method: "delete",
        path: "/api/v1/tokens/{id}",
        tag: "access",
        summary: "Revoke a token.",
        parameters: &[TOKEN],
        answers: &[(204, Shape::NONE, "")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        path: "/api/v1/audit",
        tag: "access",
        summary: "Who did what, a thousand lines at once.",
        parameters: &[AUDIT_AFTER],
        answers: &[(200, Shape::json(""), "")],
        problems: &[400],
        ..READ
    },
    Operation {
        path: "/api/v1/issues/{id}/contact",
        tag: "access",
        summary: "Whom to reach about it; the reading is recorded.",
        parameters: &[ISSUE],
        answers: &[(200, Shape::json(""), "")],
        problems: &[400, 404],
        ..READ
    },
    Operation {
        method: "put",
        path: "/api/v1/issues/{id}/contact",
        tag: "access",
        summary: "Write down whom to reach about it.",
        body: ANY_JSON,
        parameters: &[ISSUE],
        answers: &[(204, Shape::NONE, "")],
        problems: &[400, 404, 409, 413, 415, 422],
        ..WRITE
    },
    Operation {
        method: "delete",
        path: "/api/v1/issues/{id}/contact",
        tag: "access",
        summary: "Erase whom to reach about it.",
        parameters: &[ISSUE],
        answers: &[(204, Shape::NONE, "")],
        problems: &[400, 404],
        ..READ
    },
];

const PHOTO: &[(u16, Shape, &str)] = &[
    (200, Shape { media_type: "image/*", schema: "binary" }, "The picture."),
    (304, Shape::NONE, "It was seen."),
];
const OPEN311_FORM: &[Body] = &[Body(Shape::form("Open311Report"))];
const OPEN311_EITHER: &[(u16, Shape, &str)] =
    &[(200, Shape { media_type: "*/*", schema: "" }, "As JSON or XML, by the end of the path.")];
