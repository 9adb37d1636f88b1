//! Writing access. What is erased is erased: rows go, and SQLite overwrites where they stood.

use jiff::Timestamp;
use sqlx::Row;

use super::access::{ACCOUNT_COLUMNS, accounts_from, time};
use super::write::Writing;
use crate::governance::{Actor, Event, IssueId, Post};
use crate::server::store::access::{
    AccessTransaction, AuditEntry, Contact, HeldAccount, HeldCode, HeldToken, Person,
};
use crate::server::store::{Answer, StoreError};

impl Writing {
    /// The accounts that a condition with one text chooses.
    async fn account_where(
        &mut self,
        condition: &'static str,
        text: &str,
    ) -> Result<Option<HeldAccount>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {ACCOUNT_COLUMNS} FROM accounts a LEFT JOIN posts p ON p.account = a.seq
             WHERE {condition} ORDER BY p.seq"
        )))
        .bind(text)
        .fetch_all(&mut *self.0)
        .await?;
        Ok(accounts_from(&rows)?.pop())
    }
}

impl AccessTransaction for Writing {
    fn log<'a>(&'a mut self, entry: &'a AuditEntry) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("INSERT INTO audit (at, who, action, target, outcome) VALUES ($1, $2, $3, $4, $5)")
                .bind(entry.at.as_millisecond())
                .bind(&entry.who)
                .bind(&entry.action)
                .bind(&entry.target)
                .bind(entry.outcome)
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn reporter(&mut self, issue: i64) -> Answer<'_, Option<Actor>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT event FROM events WHERE issue = $1 AND version = 1")
                .bind(issue)
                .fetch_optional(&mut *self.0)
                .await?;
            let Some(row) = row else { return Ok(None) };
            let event: Event = serde_json::from_str(row.try_get(0)?)?;
            Ok(Some(event.actor))
        })
    }

    fn account_to_change<'a>(&'a mut self, id: &'a str) -> Answer<'a, Option<HeldAccount>> {
        Box::pin(self.account_where("a.id = $1", id))
    }

    fn account_of_post<'a>(&'a mut self, name: &'a str) -> Answer<'a, Option<HeldAccount>> {
        Box::pin(self.account_where("a.seq = (SELECT account FROM posts WHERE name = $1)", name))
    }

    fn insert_account<'a>(&'a mut self, id: &'a str, now: Timestamp) -> Answer<'a, i64> {
        Box::pin(async move {
            let row = sqlx::query("INSERT INTO accounts (id, created_at) VALUES ($1, $2) RETURNING seq")
                .bind(id)
                .bind(now.as_millisecond())
                .fetch_one(&mut *self.0)
                .await?;
            Ok(row.try_get(0)?)
        })
    }

    fn set_posts<'a>(&'a mut self, account: i64, posts: &'a [Post]) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("DELETE FROM posts WHERE account = $1").bind(account).execute(&mut *self.0).await?;
            for post in posts {
                sqlx::query("INSERT INTO posts (name, account, post) VALUES ($1, $2, $3)")
                    .bind(&post.name)
                    .bind(account)
                    .bind(serde_json::to_string(post)?)
                    .execute(&mut *self.0)
                    .await?;
            }
            Ok(())
        })
    }

    fn set_password<'a>(&'a mut self, account: i64, password: Option<&'a str>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("UPDATE accounts SET password = $1 WHERE seq = $2")
                .bind(password)
                .bind(account)
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn set_disabled(&mut self, account: i64, since: Option<Timestamp>) -> Answer<'_, ()> {
        Box::pin(async move {
            sqlx::query("UPDATE accounts SET disabled_at = $1 WHERE seq = $2")
                .bind(since.map(Timestamp::as_millisecond))
                .bind(account)
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn code(&mut self, account: i64) -> Answer<'_, Option<HeldCode>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT hash, expires_at FROM codes WHERE account = $1")
                .bind(account)
                .fetch_optional(&mut *self.0)
                .await?;
            row.map(|row| Ok(HeldCode { hash: row.try_get(0)?, expires_at: time(row.try_get(1)?)? }))
                .transpose()
        })
    }

    fn set_code<'a>(&'a mut self, account: i64, code: Option<&'a HeldCode>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("DELETE FROM codes WHERE account = $1").bind(account).execute(&mut *self.0).await?;
            if let Some(code) = code {
                sqlx::query("INSERT INTO codes (account, hash, expires_at) VALUES ($1, $2, $3)")
                    .bind(account)
                    .bind(&code.hash)
                    .bind(code.expires_at.as_millisecond())
                    .execute(&mut *self.0)
                    .await?;
            }
            Ok(())
        })
    }

    fn insert_session<'a>(
        &'a mut self,
        hash: &'a str,
        account: i64,
        now: Timestamp,
        end: Timestamp,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO sessions (hash, account, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(hash)
            .bind(account)
            .bind(now.as_millisecond())
            .bind(end.as_millisecond())
            .execute(&mut *self.0)
            .await?;
            Ok(())
        })
    }

    fn end_session<'a>(&'a mut self, hash: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("DELETE FROM sessions WHERE hash = $1").bind(hash).execute(&mut *self.0).await?;
            Ok(())
        })
    }

    fn end_sessions<'a>(&'a mut self, account: i64, but: Option<&'a str>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("DELETE FROM sessions WHERE account = $1 AND hash <> $2")
                .bind(account)
                .bind(but.unwrap_or_default())
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn insert_token<'a>(&'a mut self, token: &'a HeldToken, hash: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO tokens (id, hash, post, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(&token.id)
            .bind(hash)
            .bind(serde_json::to_string(&token.post)?)
            .bind(token.created_at.as_millisecond())
            .bind(token.expires_at.map(Timestamp::as_millisecond))
            .execute(&mut *self.0)
            .await?;
            Ok(())
        })
    }

    fn revoke_token<'a>(&'a mut self, id: &'a str, now: Timestamp) -> Answer<'a, bool> {
        Box::pin(async move {
            let done = sqlx::query("UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
                .bind(now.as_millisecond())
                .bind(id)
                .execute(&mut *self.0)
                .await?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn person(&mut self, account: i64) -> Answer<'_, Option<Person>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT name, phone FROM people WHERE account = $1")
                .bind(account)
                .fetch_optional(&mut *self.0)
                .await?;
            row.map(|row| Ok(Person { name: row.try_get(0)?, phone: row.try_get(1)? })).transpose()
        })
    }

    fn set_person<'a>(&'a mut self, account: i64, person: Option<&'a Person>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("DELETE FROM people WHERE account = $1").bind(account).execute(&mut *self.0).await?;
            if let Some(person) = person {
                sqlx::query("INSERT INTO people (account, name, phone) VALUES ($1, $2, $3)")
                    .bind(account)
                    .bind(&person.name)
                    .bind(&person.phone)
                    .execute(&mut *self.0)
                    .await?;
            }
            Ok(())
        })
    }

    fn contact<'a>(&'a mut self, issue: &'a IssueId) -> Answer<'a, Option<Option<Contact>>> {
        Box::pin(async move {
            let row = sqlx::query(
                "SELECT c.purpose, c.name, c.phone, c.email, c.words, c.keep_until
                 FROM issues i LEFT JOIN contacts c ON c.issue = i.seq WHERE i.id = $1",
            )
            .bind(&issue.0)
            .fetch_optional(&mut *self.0)
            .await?;
            let Some(row) = row else { return Ok(None) };
            let Some(purpose) = row.try_get::<Option<String>, _>(0)? else { return Ok(Some(None)) };
            Ok(Some(Some(Contact {
                purpose,
                name: row.try_get(1)?,
                phone: row.try_get(2)?,
                email: row.try_get(3)?,
                words: row.try_get(4)?,
                keep_until: time(row.try_get(5)?)?,
            })))
        })
    }

    fn set_contact<'a>(&'a mut self, issue: &'a IssueId, contact: Option<&'a Contact>) -> Answer<'a, bool> {
        Box::pin(async move {
            let row = sqlx::query("SELECT seq FROM issues WHERE id = $1")
                .bind(&issue.0)
                .fetch_optional(&mut *self.0)
                .await?;
            let Some(row) = row else { return Ok(false) };
            let seq: i64 = row.try_get(0)?;
            sqlx::query("DELETE FROM contacts WHERE issue = $1").bind(seq).execute(&mut *self.0).await?;
            if let Some(contact) = contact {
                sqlx::query(
                    "INSERT INTO contacts (issue, name, phone, email, words, purpose, keep_until)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(seq)
                .bind(&contact.name)
                .bind(&contact.phone)
                .bind(&contact.email)
                .bind(&contact.words)
                .bind(&contact.purpose)
                .bind(contact.keep_until.as_millisecond())
                .execute(&mut *self.0)
                .await?;
            }
            Ok(true)
        })
    }

    fn forget_expired(&mut self, now: Timestamp) -> Answer<'_, u64> {
        Box::pin(async move {
            let now = now.as_millisecond();
            for statement in
                ["DELETE FROM sessions WHERE expires_at < $1", "DELETE FROM codes WHERE expires_at < $1"]
            {
                sqlx::query(statement).bind(now).execute(&mut *self.0).await?;
            }
            let done = sqlx::query("DELETE FROM contacts WHERE keep_until < $1")
                .bind(now)
                .execute(&mut *self.0)
                .await?;
            Ok(done.rows_affected())
        })
    }
}
