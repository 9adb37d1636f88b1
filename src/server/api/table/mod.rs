//! The table of routes: what each takes and answers, a file a subject. A new route is a line in the `OPERATIONS` of its subject.

mod access;
mod events;
mod features;
mod field;
mod indicators;
mod ingest;
mod issues;
mod open311;
mod organisation;
mod patrols;
mod service;
mod webhooks;

use serde_json::{Value, json};

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

#[cfg(test)]
impl Operation {
    /// The names that its query may have.
    pub(in crate::server) fn query_names(&self) -> impl Iterator<Item = &'static str> {
        let of_query = |parameter: &&Parameter| parameter.place == Place::Query;
        self.parameters.iter().filter(of_query).map(|parameter| parameter.name)
    }
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

const ISSUE: Parameter = path("id", "The issue.");

const PATROL: Parameter = path("id", "The patrol: 1 to 64 letters, digits and -_.:");

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

const SOURCES: &[&str] =
    &["patrol", "leader", "hotline", "resident_app", "property_company", "volunteer", "sensor", "transfer"];

const ISSUE_ANSWERS: &[(u16, Shape, &str)] = &[
    (200, Shape::geojson("IssueFeature"), "The issue, with its version as ETag."),
    (304, Shape::NONE, "It is as it was seen."),
];

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

/// Every subject, in the order in which they are told.
const SUBJECTS: [&[Operation]; 12] = [
    features::OPERATIONS,
    issues::OPERATIONS,
    patrols::OPERATIONS,
    field::OPERATIONS,
    organisation::OPERATIONS,
    events::OPERATIONS,
    open311::OPERATIONS,
    ingest::OPERATIONS,
    service::OPERATIONS,
    indicators::OPERATIONS,
    webhooks::OPERATIONS,
    access::OPERATIONS,
];

/// Every route.
pub(in crate::server) fn operations() -> impl Iterator<Item = &'static Operation> {
    SUBJECTS.into_iter().flatten()
}
