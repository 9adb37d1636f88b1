//! PostgreSQL: when one machine is not enough.
//!
//! Several servers share one database. Each writes in one transaction at a time, and every such transaction begins by
//! locking the row of the counter: what is written is in one order whoever writes it, numbers of events have no gaps,
//! nobody overwrites what he has not seen, and two servers never wait for each other in a circle.
//! A commit says to all of them that there is something new, and no more than that; each then reads what it is.

mod doctor;
mod shared;
#[path = "../statements/mod.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are compiled for each database")]
mod statements;

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::{ConnectOptions, QueryBuilder};
use url::Url;

use super::words::{postgres_document, postgres_search};
use super::{Shared, StoreError};
use crate::governance::{Issue, PatrolId};

pub(super) use doctor::examine;
use shared::{before_commit, tell};

static MIGRATIONS: Migrator = sqlx::migrate!("src/server/migrations/postgres");

/// How long a reader or the writer waits for one of the connections.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that read, and one that listens.
const READERS: u32 = 9;
/// What holds for every connection. A server that stops answering in the middle of a transaction must not stop the others.
const SESSION: [(&str, &str); 3] =
    [("synchronous_commit", "on"), ("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "30s")];

/// A database of a PostgreSQL server.
pub(in crate::server) struct Postgres {
    writer: PgPool,
    readers: PgPool,
}

impl Postgres {
    /// Connects, and brings the tables up to date.
    pub(in crate::server) async fn open(url: &Url) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_url(url)?.application_name("yunfushan").options(SESSION);
        let pool = |size| PgPoolOptions::new().max_connections(size).acquire_timeout(ACQUIRE_TIMEOUT);
        let writer = pool(1).connect_with(options.clone()).await?;
        MIGRATIONS.run(&writer).await?;
        let readers = pool(READERS).connect_with(options).await?;
        Ok(Self { writer, readers })
    }

    fn writer(&self) -> &PgPool {
        &self.writer
    }

    fn readers(&self) -> &PgPool {
        &self.readers
    }
}

type Engine = sqlx::Postgres;
type EnginePool = PgPool;
type EngineRow = PgRow;
type EngineConnection = PgConnection;
type EngineStore = Postgres;

/// Sees one moment, however many statements follow.
/// Asks how many bytes the database has.
const SIZE: &str = "SELECT pg_database_size(current_database())";

async fn begin_reading(pool: &PgPool) -> Result<sqlx::Transaction<'static, Engine>, StoreError> {
    Ok(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
}

/// Waits until no other server writes.
async fn begin_writing(pool: &PgPool) -> Result<sqlx::Transaction<'static, Engine>, StoreError> {
    let mut transaction = pool.begin().await?;
    sqlx::query("SELECT last_event FROM counter WHERE one = 1 FOR UPDATE").execute(&mut *transaction).await?;
    Ok(transaction)
}

/// `IN` these ids, as one parameter whatever their number.
fn push_ids(query: &mut QueryBuilder<Engine>, ids: &[&PatrolId]) -> Result<(), StoreError> {
    let ids: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
    query.push("= ANY(").push_bind(ids).push(")");
    Ok(())
}

/// The issues in which these words stand.
fn push_words(query: &mut QueryBuilder<Engine>, words: &str) {
    match postgres_search(words) {
        Some(search) => {
            query.push(" AND i.seq IN (SELECT issue FROM issue_words WHERE words @@ ");
            query.push_bind(search).push("::tsquery)");
        }
        // Signs alone stand in no text.
        None => {
            query.push(" AND 1 = 0");
        }
    }
}

/// Writes the words that an issue is found by, instead of those that it had.
async fn write_words(connection: &mut PgConnection, seq: i64, issue: &Issue) -> Result<(), StoreError> {
    let words = sqlx::query(
        "INSERT INTO issue_words (issue, words) VALUES ($1, $2::tsvector)
         ON CONFLICT (issue) DO UPDATE SET words = excluded.words",
    );
    words.bind(seq).bind(postgres_document(issue)).execute(connection).await?;
    Ok(())
}

fn shared(store: &Postgres) -> Option<&dyn Shared> {
    Some(store)
}
