//! What is in a database, past the store: for tests of what the store alone does not show.

use sqlx::{ConnectOptions, Connection};

use super::Database;

/// Does something to it that no rule allows.
pub(super) async fn execute(database: &Database, statement: &'static str) {
    match database {
        Database::File(path) => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).foreign_keys(false);
            let mut connection = options.connect().await.expect("it opens");
            sqlx::query(statement).execute(&mut connection).await.expect("it can be done");
            connection.close().await.expect("it closes");
        }
        Database::Postgres(url) => {
            let options = sqlx::postgres::PgConnectOptions::from_url(url).expect("a URL");
            let mut connection = options.connect().await.expect("it opens");
            let unguarded = sqlx::query("SET session_replication_role = replica");
            unguarded.execute(&mut connection).await.expect("it can be done");
            sqlx::query(statement).execute(&mut connection).await.expect("it can be done");
            connection.close().await.expect("it closes");
        }
    }
}

/// Whether the database itself refuses a statement.
pub(super) async fn is_refused(database: &Database, statement: &'static str) -> bool {
    match database {
        Database::File(path) => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
            let mut connection =
                sqlx::SqliteConnection::connect_with(&options).await.expect("the file opens");
            sqlx::query(statement).execute(&mut connection).await.is_err()
        }
        Database::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(url.as_str()).await.expect("it opens");
            sqlx::query(statement).execute(&mut connection).await.is_err()
        }
    }
}

/// A number that a statement asks for.
pub(super) async fn number(database: &Database, statement: &'static str) -> i64 {
    match database {
        Database::File(path) => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
            let mut connection =
                sqlx::SqliteConnection::connect_with(&options).await.expect("the file opens");
            sqlx::query_scalar(statement).fetch_one(&mut connection).await.expect("a number")
        }
        Database::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(url.as_str()).await.expect("it opens");
            sqlx::query_scalar(statement).fetch_one(&mut connection).await.expect("a number")
        }
    }
}

/// The texts that a statement asks for.
pub(super) async fn texts(database: &Database, statement: &'static str) -> Vec<String> {
    match database {
        Database::File(path) => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
            let mut connection =
                sqlx::SqliteConnection::connect_with(&options).await.expect("the file opens");
            sqlx::query_scalar(statement).fetch_all(&mut connection).await.expect("texts")
        }
        Database::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(url.as_str()).await.expect("it opens");
            sqlx::query_scalar(statement).fetch_all(&mut connection).await.expect("texts")
        }
    }
}
