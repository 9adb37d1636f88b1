//! Reading access: accounts, sessions, tokens, the audit.

use jiff::Timestamp;
use sqlx::Row;

use super::{EngineRow, EngineStore};
use crate::governance::Account;
use crate::server::store::access::{AccessStore, AuditLine, HeldAccount, HeldToken};
use crate::server::store::{Answer, StoreError};

/// Accounts with their posts, a row each.
pub(super) const ACCOUNT_COLUMNS: &str = "a.seq, a.id, a.password, a.disabled_at, p.post";
const TOKEN_COLUMNS: &str = "id, post, created_at, expires_at, revoked_at";

pub(super) fn time(milliseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// Accounts from rows that begin with [`ACCOUNT_COLUMNS`] and are in the order of accounts.
pub(super) fn accounts_from(rows: &[EngineRow]) -> Result<Vec<HeldAccount>, StoreError> {
    let mut accounts: Vec<HeldAccount> = Vec::new();
    for row in rows {
        let seq: i64 = row.try_get(0)?;
        if accounts.last().is_none_or(|last| last.seq != seq) {
            let disabled_at: Option<i64> = row.try_get(3)?;
            accounts.push(HeldAccount {
                seq,
                account: Account { id: row.try_get(1)?, posts: Vec::new() },
                password: row.try_get(2)?,
                is_disabled: disabled_at.is_some(),
            });
        }
        let post: Option<&str> = row.try_get(4)?;
        if let (Some(post), Some(last)) = (post, accounts.last_mut()) {
            last.account.posts.push(serde_json::from_str(post)?);
        }
    }
    Ok(accounts)
}

fn token_from(row: &EngineRow) -> Result<HeldToken, StoreError> {
    let end = |column| -> Result<Option<Timestamp>, StoreError> {
        row.try_get::<Option<i64>, _>(column)?.map(time).transpose()
    };
    Ok(HeldToken {
        id: row.try_get(0)?,
        post: serde_json::from_str(row.try_get(1)?)?,
        created_at: time(row.try_get(2)?)?,
        expires_at: end(3)?,
        revoked_at: end(4)?,
    })
}

impl AccessStore for EngineStore {
    fn has_accounts(&self) -> Answer<'_, bool> {
        Box::pin(async {
            let row = sqlx::query("SELECT seq FROM accounts WHERE disabled_at IS NULL LIMIT 1")
                .fetch_optional(self.readers())
                .await?;
            Ok(row.is_some())
        })
    }

    fn accounts(&self) -> Answer<'_, Vec<HeldAccount>> {
        Box::pin(async {
            let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
                "SELECT {ACCOUNT_COLUMNS} FROM accounts a LEFT JOIN posts p ON p.account = a.seq ORDER BY a.seq, p.seq"
            )))
            .fetch_all(self.readers())
            .await?;
            accounts_from(&rows)
        })
    }

    fn account<'a>(&'a self, id: &'a str) -> Answer<'a, Option<HeldAccount>> {
        Box::pin(async move {
            let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
                "SELECT {ACCOUNT_COLUMNS} FROM accounts a LEFT JOIN posts p ON p.account = a.seq
                 WHERE a.id = $1 ORDER BY p.seq"
            )))
            .bind(id)
            .fetch_all(self.readers())
            .await?;
            Ok(accounts_from(&rows)?.pop())
        })
    }

    fn session<'a>(&'a self, hash: &'a str) -> Answer<'a, Option<(HeldAccount, Timestamp)>> {
        Box::pin(async move {
            let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
                "SELECT {ACCOUNT_COLUMNS}, s.expires_at FROM sessions s JOIN accounts a ON a.seq = s.account
                 LEFT JOIN posts p ON p.account = a.seq WHERE s.hash = $1 ORDER BY p.seq"
            )))
            .bind(hash)
            .fetch_all(self.readers())
            .await?;
            let Some(row) = rows.first() else { return Ok(None) };
            let end = time(row.try_get(5)?)?;
            Ok(accounts_from(&rows)?.pop().map(|account| (account, end)))
        })
    }

    fn tokens(&self) -> Answer<'_, Vec<HeldToken>> {
        Box::pin(async {
            let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
                "SELECT {TOKEN_COLUMNS} FROM tokens ORDER BY created_at, id"
            )))
            .fetch_all(self.readers())
            .await?;
            rows.iter().map(token_from).collect()
        })
    }

    fn token<'a>(&'a self, hash: &'a str) -> Answer<'a, Option<HeldToken>> {
        Box::pin(async move {
            let row = sqlx::query(sqlx::AssertSqlSafe(format!(
                "SELECT {TOKEN_COLUMNS} FROM tokens WHERE hash = $1"
            )))
            .bind(hash)
            .fetch_optional(self.readers())
            .await?;
            row.as_ref().map(token_from).transpose()
        })
    }

    fn audit(&self, after: i64, limit: u32) -> Answer<'_, Vec<AuditLine>> {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT seq, at, who, action, target, outcome FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2",
            )
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(self.readers())
            .await?;
            let line = |row: &EngineRow| -> Result<AuditLine, StoreError> {
                Ok(AuditLine {
                    number: row.try_get(0)?,
                    at: time(row.try_get(1)?)?,
                    who: row.try_get(2)?,
                    action: row.try_get(3)?,
                    target: row.try_get(4)?,
                    outcome: row.try_get(5)?,
                })
            };
            rows.iter().map(line).collect()
        })
    }
}
