//! Who asks: whom a secret stands for, what they may act as, how much they may see.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::mask::Level;
use crate::governance::{Actor, PatrolId, Post, Role, Standing};
use crate::server::problem::ApiError;
use crate::server::store::{HeldAccount, HeldToken};

/// Whom a request comes from; every route that passed the guard has one.
#[derive(Debug, Clone)]
pub(in crate::server) struct Caller(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    who: Who,
    posts: Vec<Post>,
}

/// Whose secret it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) enum Who {
    /// Nobody's: only open routes.
    Nobody,
    /// The token that the server was started with: an operator of this machine, the demo, the simulator.
    Start,
    /// The server itself, in what it does by the clock, or an operator on its database.
    Server,
    /// A session of an account.
    Account {
        /// What was typed to log in.
        id: String,
        /// The hash of the session's secret.
        session: String,
    },
    /// A token of a program or a wall.
    Token {
        /// Its id.
        id: String,
        /// The hash of its secret.
        hash: String,
    },
}

impl Caller {
    pub(super) fn new(who: Who, posts: Vec<Post>) -> Self {
        Self(Arc::new(Inner { who, posts }))
    }

    pub(super) fn nobody() -> Self {
        Self::new(Who::Nobody, Vec::new())
    }

    /// The start token.
    pub(in crate::server) fn start() -> Self {
        Self::new(Who::Start, Vec::new())
    }

    /// What the server does by itself.
    pub(in crate::server) fn server() -> Self {
        Self::new(Who::Server, Vec::new())
    }

    pub(super) fn session(account: HeldAccount, session: String) -> Self {
        let HeldAccount { account, .. } = account;
        Self::new(Who::Account { id: account.id, session }, account.posts)
    }

    pub(super) fn token(token: HeldToken, hash: String) -> Self {
        Self::new(Who::Token { id: token.id, hash }, vec![token.post])
    }

    pub(super) fn who(&self) -> &Who {
        &self.0.who
    }

    /// Whether there was no secret, or a wrong one; only open routes see such callers.
    pub(in crate::server) fn is_nobody(&self) -> bool {
        self.0.who == Who::Nobody
    }

    pub(in crate::server) fn posts(&self) -> &[Post] {
        &self.0.posts
    }

    /// Whether it may speak for others: only what the server was started with, and the server itself.
    pub(in crate::server) fn speaks_for_others(&self) -> bool {
        matches!(self.0.who, Who::Start | Who::Server)
    }

    /// A word for it that is its alone, without anything personal: for the audit and for limits.
    pub(in crate::server) fn key(&self) -> String {
        match &self.0.who {
            Who::Nobody => "nobody".to_owned(),
            Who::Start => "start".to_owned(),
            Who::Server => "server".to_owned(),
            Who::Account { id, .. } => format!("account:{id}"),
            Who::Token { id, .. } => format!("token:{id}"),
        }
    }

    /// Whether it holds one of these roles; whoever speaks for others holds all.
    pub(in crate::server) fn holds(&self, roles: &[Role]) -> bool {
        self.speaks_for_others() || self.posts().iter().any(|post| roles.contains(&post.role))
    }

    /// How much it may see: as much as the post that may see most.
    pub(in crate::server) fn level(&self) -> Level {
        if self.speaks_for_others() {
            return Level::Whole;
        }
        self.posts().iter().map(|post| Level::of(post.role)).max().unwrap_or(Level::Screen)
    }

    /// How the rules see it.
    pub(in crate::server) fn standing<'a>(&'a self, reporter: Option<&'a Actor>) -> Standing<'a> {
        if self.speaks_for_others() {
            Standing::AsSaid
        } else {
            Standing::Holds { posts: self.posts(), reporter }
        }
    }

    /// As whom it signs what is no step: who the request says where it may say so, else the post that it names or its
    /// first.
    pub(in crate::server) fn signature(&self, said: Actor) -> Actor {
        if self.speaks_for_others() || self.posts().iter().any(|post| post.actor() == said) {
            return said;
        }
        self.posts().first().map_or(said, Post::actor)
    }

    /// Whether it may send positions of a patrol: programs of any, everybody else of their own.
    pub(in crate::server) fn may_move(&self, patrol: &PatrolId) -> bool {
        self.holds(&[Role::Admin, Role::Program])
            || self.posts().iter().any(|post| post.patrol.as_ref() == Some(patrol))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!(path = parts.uri.path(), "a route is not behind the guard");
            ApiError::internal()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(role: Role) -> Post {
        let patrol = (role == Role::Officer).then(|| PatrolId("P1".into()));
        Post { name: role.name().to_owned(), role, areas: Vec::new(), departments: Vec::new(), patrol }
    }

    #[test]
    fn several_posts_may_what_each_of_them_may() {
        let id = || Who::Token { id: "t".into(), hash: "h".into() };
        let both = Caller::new(id(), vec![post(Role::Screen), post(Role::Officer)]);
        assert!(both.holds(&[Role::Officer]) && both.holds(&[Role::Screen]) && !both.holds(&[Role::Desk]));
        assert_eq!(both.level(), Level::Work);
        assert!(both.may_move(&PatrolId("P1".into())) && !both.may_move(&PatrolId("P2".into())));
        assert_eq!(Caller::new(id(), Vec::new()).level(), Level::Screen);
        assert!(!Caller::nobody().holds(&Role::ALL) && Caller::start().holds(&[Role::Admin]));
        assert_eq!((Caller::start().level(), both.key()), (Level::Whole, "token:t".to_owned()));
    }
}
