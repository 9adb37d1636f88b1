//! The service itself: whether it lives, what it offers, what it measures.

use super::{Operation, READ, Security, Shape};

pub(super) const OPERATIONS: &[Operation] = &[
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
        path: "/metrics",
        tag: "service",
        summary: "How the server is doing, for Prometheus.",
        answers: &[(200, Shape { media_type: "text/plain", schema: "text" }, "Prometheus text.")],
        ..READ
    },
];
