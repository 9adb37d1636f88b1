//! Route × role: who may use which route. One table; a route that is not in it is refused to everybody.
//!
//! What a role may do on a route is finer: steps by `governance`'s table of powers, fields by [`super::mask`].
//! A new route is a line here; a test compares the lines with the routes that the sources register.

use axum::http::Method;

use crate::governance::Role::{
    self, Admin, Desk, Handler, Manager, Officer, Privacy, Program, Screen, Viewer,
};

/// One route, and who may use it.
#[derive(Debug, Clone)]
pub(in crate::server) struct Route {
    pub(in crate::server) method: Method,
    pub(in crate::server) path: &'static str,
    pub(in crate::server) may: May,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum May {
    /// Anybody, without a secret.
    Anybody,
    /// Whoever holds one of these roles; the start token always.
    Roles(&'static [Role]),
    /// Whoever holds one of these roles; the secret may stand in the form, where only the route itself can read it.
    KeyInForm(&'static [Role]),
    /// Only the start token: it tells of others.
    Start,
}

/// Everybody with a secret.
const ALL: May = May::Roles(&Role::ALL);
/// Who logs in.
const PEOPLE: May = May::Roles(&[Viewer, Desk, Officer, Handler, Manager, Privacy, Admin]);
/// Who logs in, and walls.
const LOOKERS: May = May::Roles(&[Screen, Viewer, Desk, Officer, Handler, Manager, Privacy, Admin]);
/// Who may take at least one step.
const ACTORS: May = May::Roles(&[Desk, Officer, Handler, Manager, Privacy, Admin, Program]);
/// Who may report.
const REPORTING: &[Role] = &[Desk, Officer, Handler, Manager, Admin, Program];
const REPORTERS: May = May::Roles(REPORTING);
/// Resident apps, and whoever works here.
const FOLLOWERS: May = May::Roles(&[Viewer, Desk, Officer, Handler, Manager, Privacy, Admin, Program]);
/// Who moves on the ground, or speaks for what does.
const MOVERS: May = May::Roles(&[Officer, Admin, Program]);
/// Who plans the ground, and what walls show.
const PLANNERS: May = May::Roles(&[Desk, Manager, Admin]);
/// Who calls back whoever reported.
const CALLERS: May = May::Roles(&[Desk, Privacy, Admin]);
/// Who watches how the server is doing.
const METRICS: May = May::Roles(&[Admin, Program]);
const KEEPERS: May = May::Roles(&[Privacy, Admin]);
const PRIVACY: May = May::Roles(&[Privacy]);
const ADMIN: May = May::Roles(&[Admin]);

const fn get(path: &'static str, may: May) -> Route {
    Route { method: Method::GET, path, may }
}

const fn post(path: &'static str, may: May) -> Route {
    Route { method: Method::POST, path, may }
}

const fn put(path: &'static str, may: May) -> Route {
    Route { method: Method::PUT, path, may }
}

const fn delete(path: &'static str, may: May) -> Route {
    Route { method: Method::DELETE, path, may }
}

/// The table.
pub(in crate::server) const ROUTES: &[Route] = &[
    get("/health", May::Anybody),
    get("/", ALL),
    get("/conformance", ALL),
    get("/collections", ALL),
    get("/collections/{id}", ALL),
    get("/collections/{id}/items", ALL),
    get("/collections/{id}/items/{feature}", ALL),
    post("/api/v1/issues", REPORTERS),
    get("/api/v1/issues/{id}", ALL),
    post("/api/v1/issues/{id}/steps", ACTORS),
    get("/api/v1/issues/{id}/events", ALL),
    get("/api/v1/issues/{id}/contact", CALLERS),
    put("/api/v1/issues/{id}/contact", REPORTERS),
    delete("/api/v1/issues/{id}/contact", PRIVACY),
    get("/api/v1/patrols/{id}", ALL),
    put("/api/v1/patrols/{id}", PLANNERS),
    post("/api/v1/positions", MOVERS),
    post("/api/v1/history", May::Start),
    get("/api/v1/events", ALL),
    post("/api/v1/sessions", May::Anybody),
    delete("/api/v1/sessions/current", PEOPLE),
    get("/api/v1/me", ALL),
    put("/api/v1/me/password", PEOPLE),
    get("/api/v1/accounts", ADMIN),
    get("/api/v1/accounts/{id}", ADMIN),
    put("/api/v1/accounts/{id}", ADMIN),
    post("/api/v1/accounts/{id}/code", ADMIN),
    delete("/api/v1/accounts/{id}/sessions", ADMIN),
    get("/api/v1/accounts/{id}/person", KEEPERS),
    put("/api/v1/accounts/{id}/person", KEEPERS),
    delete("/api/v1/accounts/{id}/person", PRIVACY),
    get("/api/v1/tokens", ADMIN),
    post("/api/v1/tokens", ADMIN),
    delete("/api/v1/tokens/{id}", ADMIN),
    get("/api/v1/audit", KEEPERS),
    post("/api/v1/organisation/{kind}", ADMIN),
    get("/api/v1/organisation/{kind}/{*code}", ALL),
    put("/api/v1/organisation/{kind}/{*code}", ADMIN),
    delete("/api/v1/organisation/{kind}/{*code}", ADMIN),
    get("/api/v1/addresses", FOLLOWERS),
    get("/api/v1/patrols/{id}/track", PLANNERS),
    post("/api/v1/attachments", REPORTERS),
    // A screen gets what was released for walls.
    get("/api/v1/attachments/{hash}", LOOKERS),
    get("/api/v1/attachments/{hash}/thumbnail", LOOKERS),
    put("/api/v1/issues/{id}/attachments/{hash}/release", PLANNERS),
    delete("/api/v1/issues/{id}/attachments/{hash}/release", PLANNERS),
    post("/api/v1/visits", REPORTERS),
    get("/api/v1/visits", PEOPLE),
    get("/api/v1/indicators", ALL),
    // Cases and the roster show words and names as they are.
    get("/api/v1/indicators/{figure}/cases", PEOPLE),
    get("/api/v1/duty", PEOPLE),
    get("/api/v1/webhooks", ADMIN),
    post("/api/v1/webhooks", ADMIN),
    get("/api/v1/webhooks/{id}", ADMIN),
    put("/api/v1/webhooks/{id}", ADMIN),
    delete("/api/v1/webhooks/{id}", ADMIN),
    get("/api/v1/webhooks/{id}/deliveries", ADMIN),
    get("/metrics", METRICS),
    get("/m", May::Anybody),
    get("/m/style.css", May::Anybody),
    get("/m/page.js", May::Anybody),
    get("/m/outbox.js", May::Anybody),
    get("/m/worker.js", May::Anybody),
    get("/m/zh.json", May::Anybody),
    get("/m/en.json", May::Anybody),
    get("/m/codes", May::Anybody),
    get("/openapi.json", May::Anybody),
    get("/api", May::Anybody),
    get("/open311/v2/discovery.json", FOLLOWERS),
    get("/open311/v2/discovery.xml", FOLLOWERS),
    get("/open311/v2/services.json", FOLLOWERS),
    get("/open311/v2/services.xml", FOLLOWERS),
    get("/open311/v2/services/{file}", FOLLOWERS),
    get("/open311/v2/requests.json", FOLLOWERS),
    get("/open311/v2/requests.xml", FOLLOWERS),
    post("/open311/v2/requests.json", May::KeyInForm(REPORTING)),
    post("/open311/v2/requests.xml", May::KeyInForm(REPORTING)),
    get("/open311/v2/requests/{file}", FOLLOWERS),
    get("/open311/v2/tokens/{file}", FOLLOWERS),
    get("/ingest/osmand", MOVERS),
    post("/ingest/osmand", MOVERS),
    post("/ingest/owntracks", MOVERS),
];

/// What the table says of a request.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) enum Found {
    /// There is such a route.
    Route(May),
    /// There is such a path, but not with this method.
    OtherMethods,
    /// The table does not have the path.
    Unlisted,
}

/// Looks up a method and the path as it is registered.
pub(in crate::server) fn find(method: &Method, path: &str) -> Found {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let mut on_path = ROUTES.iter().filter(|route| route.path == path).peekable();
    if on_path.peek().is_none() {
        return Found::Unlisted;
    }
    on_path.find(|route| route.method == *method).map_or(Found::OtherMethods, |route| Found::Route(route.may))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_stands_once() {
        for (at, route) in ROUTES.iter().enumerate() {
            let same = ROUTES.iter().skip(at + 1).find(|o| o.method == route.method && o.path == route.path);
            assert!(same.is_none(), "{route:?}");
        }
        assert!(matches!(find(&Method::HEAD, "/api/v1/me"), Found::Route(_)));
        assert!(matches!(find(&Method::PATCH, "/api/v1/me"), Found::OtherMethods));
        assert!(matches!(find(&Method::GET, "/api/v1/secrets"), Found::Unlisted));
    }
}
