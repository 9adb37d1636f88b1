//! A subscription: who is told of what.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::sign;
use crate::governance::AreaCodes;
use crate::governance::indicators::Facts;
use crate::server::problem::{ApiError, ApiResult};
use crate::server::store::{Store, StoreError};

/// Subscriptions that a server keeps at most, and areas or departments of one.
pub(super) const MOST: usize = 100;
/// The longest code or name.
const LONGEST: usize = 100;

/// Of what one may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// 派遣, 改派: somebody has the lead.
    Dispatched,
    /// The deadline is near.
    DueSoon,
    /// The deadline has passed.
    Overdue,
    /// 督办.
    Supervised,
    /// Somebody on duty is silent, out of battery or has not started, once a shift.
    SilentPatrol,
}

impl Kind {
    /// What it is called in the log and in the body of what is sent.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Dispatched => "issue.dispatched",
            Self::DueSoon => "issue.due_soon",
            Self::Overdue => "issue.overdue",
            Self::Supervised => "issue.supervised",
            Self::SilentPatrol => "patrol.silent",
        }
    }
}

/// What a client says of a subscription.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSubscription {
    url: Url,
    kinds: Vec<Kind>,
    /// Codes of areas; without any, all.
    #[serde(default)]
    areas: Vec<String>,
    /// Departments; without any, all.
    #[serde(default)]
    departments: Vec<String>,
    /// Made by the server where it is absent, kept where there is one already.
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    paused: bool,
}

/// A subscription as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Subscription {
    pub(super) url: Url,
    pub(super) kinds: Vec<Kind>,
    pub(super) areas: Vec<String>,
    pub(super) departments: Vec<String>,
    pub(super) secret: String,
    pub(super) paused: bool,
    /// By the server's clock: it is told of nothing from before.
    pub(super) created_at: Timestamp,
}

/// A subscription with its id.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Held {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) subscription: Subscription,
}

impl NewSubscription {
    /// Checks what was said; `before` is the subscription that it changes.
    pub(super) fn checked(self, before: Option<&Subscription>, now: Timestamp) -> ApiResult<Subscription> {
        let Self { url, kinds, areas, departments, secret, paused } = self;
        let has_user = !url.username().is_empty() || url.password().is_some();
        if !["http", "https"].contains(&url.scheme()) || has_user || url.as_str().len() > 1_000 {
            return Err(ApiError::unprocessable(
                "url is not an address with http or https, of 1000 characters at most and without a user",
            ));
        }
        if kinds.is_empty() {
            return Err(ApiError::unprocessable("kinds names nothing to be told of"));
        }
        for (member, list) in [("areas", &areas), ("departments", &departments)] {
            if list.len() > MOST || list.iter().any(|one| one.is_empty() || one.chars().count() > LONGEST) {
                return Err(ApiError::unprocessable(format!(
                    "{member} is not a list of at most {MOST} codes or names of 1 to {LONGEST} characters"
                )));
            }
        }
        if secret.as_deref().is_some_and(|secret| sign::key(secret).is_none()) {
            return Err(ApiError::unprocessable(
                "secret is not whsec_ and 24 to 64 bytes in base64; leave it out and one is made",
            ));
        }
        let secret =
            secret.or_else(|| before.map(|before| before.secret.clone())).unwrap_or_else(sign::new_secret);
        let created_at = before.map_or(now, |before| before.created_at);
        Ok(Subscription { url, kinds, areas, departments, secret, paused, created_at })
    }
}

impl Subscription {
    /// Whether it is to be told of something of this kind that became so at this time.
    pub(super) fn wants(&self, kind: Kind, since: Timestamp) -> bool {
        !self.paused && self.kinds.contains(&kind) && since >= self.created_at
    }

    /// Whether it is to be told of an issue with these facts.
    pub(super) fn takes_issue(&self, facts: &Facts) -> bool {
        let areas = [&facts.community, &facts.grid, &facts.compound];
        let is_in = |code: &String| areas.into_iter().any(|area| area.as_deref() == Some(code));
        let leads = |name: &String| facts.department.as_deref() == Some(name);
        (self.areas.is_empty() || self.areas.iter().any(is_in))
            && (self.departments.is_empty() || self.departments.iter().any(leads))
    }

    /// Whether it is to be told of a patrol of these areas. Departments say nothing of patrols.
    pub(super) fn takes_patrol(&self, areas: &AreaCodes) -> bool {
        self.areas.is_empty() || self.areas.iter().any(|code| areas.has(code))
    }
}

/// Every subscription.
pub(super) async fn every(store: &dyn Store) -> Result<Vec<Held>, StoreError> {
    let records = store.records(super::RECORD, "", MOST as u32).await?;
    let held = records.into_iter().map(|record| {
        let subscription = serde_json::from_str(&record.body)?;
        Ok(Held { id: record.id, version: record.version, subscription })
    });
    held.collect()
}
