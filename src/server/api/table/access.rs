//! Who may come in, what was done, and whom to reach about an issue.

use super::{ANY_JSON, ISSUE, Kind, Operation, Parameter, READ, Security, Shape, WRITE, path, query};

const ACCOUNT: Parameter = path("id", "The account.");

const TOKEN: Parameter = path("id", "The token's id.");

const AUDIT_AFTER: Parameter = query("after", Kind::Whole(0, u32::MAX), "After the line of this number.");

pub(super) const OPERATIONS: &[Operation] = &[
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
