//! Which database: a file, or a PostgreSQL server by its URL.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use url::Url;

use super::{OpenError, Postgres, Sqlite, Store};

/// Where everything is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file; made where it is absent.
    File(PathBuf),
    /// A database of a PostgreSQL server, which several servers may share: `postgres://user:password@host/name`.
    Postgres(Box<Url>),
}

impl Database {
    /// Opens it and brings its tables up to date.
    pub(in crate::server) async fn open(&self) -> Result<Arc<dyn Store>, OpenError> {
        Ok(match self {
            Self::File(path) => Arc::new(Box::pin(Sqlite::open(path)).await?),
            Self::Postgres(url) => {
                Arc::new(Box::pin(Postgres::open(url)).await.map_err(|source| self.error(source))?)
            }
        })
    }

    /// Where its photos lie unless somebody said otherwise: beside the file (`FILE.files`), else in `yunfushan.files`.
    pub fn files_folder(&self) -> PathBuf {
        match self {
            Self::File(path) => files_beside(path),
            Self::Postgres(_) => files_beside(Path::new("yunfushan")),
        }
    }

    /// The same beside a server that may be using it: only for what makes no events.
    pub(in crate::server) async fn open_beside(&self) -> Result<Arc<dyn Store>, OpenError> {
        match self {
            Self::File(path) => Ok(Arc::new(Sqlite::open_beside(path).await?)),
            Self::Postgres(_) => self.open().await,
        }
    }

    /// What went wrong with this database.
    pub(in crate::server) fn error(&self, source: super::StoreError) -> OpenError {
        OpenError::Store { database: self.clone(), source }
    }
}

/// The folder of photos beside a file: of a database, or of a copy of one.
pub(in crate::server) fn files_beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".files");
    name.into()
}

impl From<PathBuf> for Database {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&Path> for Database {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<Url> for Database {
    fn from(url: Url) -> Self {
        Self::Postgres(url.into())
    }
}

/// What looks like the URL of a PostgreSQL database cannot be read as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a URL of a PostgreSQL database ({0}); expected postgres://user:password@host/name")]
pub struct DatabaseError(#[from] url::ParseError);

impl FromStr for Database {
    type Err = DatabaseError;

    fn from_str(text: &str) -> Result<Self, DatabaseError> {
        if text.starts_with("postgres:") || text.starts_with("postgresql:") {
            return Ok(Self::Postgres(Url::parse(text)?.into()));
        }
        Ok(Self::File(text.into()))
    }
}

impl fmt::Display for Database {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => {
                let mut shown = Url::clone(url);
                // What has no host has no password.
                let _nothing_to_hide = shown.set_password(None);
                let asks: Vec<_> = url.query_pairs().filter(|(name, _)| name != "password").collect();
                if asks.is_empty() {
                    shown.set_query(None);
                } else {
                    shown.query_pairs_mut().clear().extend_pairs(asks);
                }
                f.write_str(shown.as_str())
            }
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_told_from_a_path_and_its_password_is_not_shown() {
        for path in ["yunfushan.sqlite", "/var/lib/yunfushan/a.sqlite", "C:\\a.sqlite", "postgres"] {
            assert_eq!(path.parse(), Ok(Database::File(path.into())));
        }
        let shown = |url: &str| {
            let database: Database = url.parse().expect("a URL");
            assert!(matches!(database, Database::Postgres(_)), "{url}");
            assert_eq!(format!("{database:?}"), database.to_string());
            database.to_string()
        };
        assert_eq!(shown("postgres://cloud:secret@db.example/twin"), "postgres://cloud@db.example/twin");
        assert_eq!(shown("postgresql:///twin?password=secret"), "postgresql:///twin");
        assert_eq!(
            shown("postgres://cloud@[::1]/twin?password=secret&sslmode=require"),
            "postgres://cloud@[::1]/twin?sslmode=require"
        );
        assert!("postgres://cloud@/twin".parse::<Database>().is_err(), "taken for the name of a file");
    }
}
