//! Webhooks and their deliveries.

use super::{Body, Kind, Operation, Parameter, READ, Shape, WRITE, path, query};

const WEBHOOK: Parameter = path("id", "The webhook.");

pub(super) const OPERATIONS: &[Operation] = &[
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
];
