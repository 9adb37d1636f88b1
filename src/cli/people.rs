//! `yunfushan people` and `yunfushan token`: who may come in, on the database itself, beside a server that runs or does not.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;

use super::times::read_time;
use crate::governance::{PatrolId, Post, Role};
use crate::server::{self, Accounts, read_people};

/// What `people` takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct PeopleArgs {
    #[command(subcommand)]
    what: People,
}

/// The database that is meant.
#[derive(Debug, Clone, clap::Args)]
struct Database {
    /// The SQLite file, or a PostgreSQL database; a server may be using it
    #[arg(
        long,
        env = "YUNFUSHAN_DATABASE",
        hide_env_values = true,
        value_name = "FILE|URL",
        default_value = "yunfushan.sqlite"
    )]
    database: server::Database,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum People {
    /// Makes accounts of a file of people, and prints the codes that new ones log in with once.
    ///
    /// A post that is known is updated, not doubled; where somebody else has it now, they get a code and whoever had it
    /// comes in no more.
    Import {
        /// post,name,role,kind,community,grid,department, and phone and patrol if there are such columns
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        database: Database,
    },
    /// Shows the accounts and their posts.
    List {
        #[command(flatten)]
        database: Database,
    },
    /// Prints a new code for an account, whose password and sessions are gone; enables it where it was disabled.
    Reset {
        /// Which, such as p001
        account: String,
        #[command(flatten)]
        database: Database,
    },
    /// Lets nobody in with an account any more.
    Disable {
        /// Which, such as p001
        account: String,
        #[command(flatten)]
        database: Database,
    },
}

/// What `token` takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    what: Token,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Token {
    /// Makes a token for a program or a wall and prints it, this once.
    Create {
        /// What it is called in what it does
        name: String,
        /// screen, viewer, program, or what people are but admin and privacy
        #[arg(long, value_parser = read_role)]
        role: Role,
        /// The code of an area that it is for; may be repeated
        #[arg(long = "area", value_name = "CODE")]
        areas: Vec<String>,
        /// A department that it acts for; may be repeated
        #[arg(long = "department", value_name = "NAME")]
        departments: Vec<String>,
        /// The patrol whose positions it sends; a program sends any
        #[arg(long, value_name = "ID")]
        patrol: Option<String>,
        /// When it ends: local time, or with an offset; without it never
        #[arg(long, value_name = "TIME", value_parser = read_time)]
        expires: Option<Timestamp>,
        #[command(flatten)]
        database: Database,
    },
    /// Shows the tokens, without their secrets.
    List {
        #[command(flatten)]
        database: Database,
    },
    /// Lets nobody in with a token any more.
    Revoke {
        /// Which: the id that was printed
        id: String,
        #[command(flatten)]
        database: Database,
    },
}

fn read_role(text: &str) -> Result<Role, String> {
    Role::find(text).ok_or_else(|| format!("there are {}", Role::ALL.map(Role::name).join(", ")))
}

/// Runs one of the subcommands of `people`.
///
/// # Errors
/// What to change so that it can be done.
pub(super) fn people(args: PeopleArgs) -> anyhow::Result<ExitCode> {
    block_on(async {
        let mut out = std::io::stdout().lock();
        match args.what {
            People::Import { file, database } => {
                let bytes =
                    std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                let people = read_people(&bytes).with_context(|| format!("in {}", file.display()))?;
                let accounts = Accounts::open(&database.database).await?;
                let imported = accounts.import(&people).await?;
                accounts.close().await;
                writeln!(out, "account\tcode\tpost\tname")?;
                for one in imported {
                    let code = one.code.as_deref().unwrap_or("-");
                    let name = one.name.as_deref().unwrap_or_default();
                    writeln!(out, "{}\t{code}\t{}\t{name}", one.account, one.post)?;
                }
            }
            People::List { database } => {
                let accounts = Accounts::open(&database.database).await?;
                writeln!(out, "account\tstate\trole\tpost\tareas\tdepartments")?;
                for one in accounts.list().await? {
                    let state = match (one.is_disabled, one.has_password) {
                        (true, _) => "disabled",
                        (false, true) => "active",
                        (false, false) => "waits for its code",
                    };
                    for post in one.posts {
                        let (areas, departments) = (post.areas.join(" "), post.departments.join(" "));
                        let (role, name) = (post.role.name(), post.name);
                        writeln!(out, "{}\t{state}\t{role}\t{name}\t{areas}\t{departments}", one.account)?;
                    }
                }
                accounts.close().await;
            }
            People::Reset { account, database } => {
                let accounts = Accounts::open(&database.database).await?;
                let code = accounts.reset(&account).await?;
                accounts.close().await;
                writeln!(out, "{account}\t{code}")?;
            }
            People::Disable { account, database } => {
                let accounts = Accounts::open(&database.database).await?;
                accounts.disable(&account).await?;
                accounts.close().await;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Runs one of the subcommands of `token`.
///
/// # Errors
/// What to change so that it can be done.
pub(super) fn token(args: TokenArgs) -> anyhow::Result<ExitCode> {
    block_on(async {
        let mut out = std::io::stdout().lock();
        match args.what {
            Token::Create { name, role, areas, departments, patrol, expires, database } => {
                let post = Post { name, role, areas, departments, patrol: patrol.map(PatrolId) };
                let accounts = Accounts::open(&database.database).await?;
                let (id, secret) = accounts.create_token(post, expires).await?;
                accounts.close().await;
                writeln!(out, "id {id}\ntoken {secret}")?;
            }
            Token::List { database } => {
                let accounts = Accounts::open(&database.database).await?;
                writeln!(out, "id\tstate\trole\tname\texpires")?;
                for token in accounts.tokens().await? {
                    let state = if token.revoked_at.is_some() { "revoked" } else { "active" };
                    let expires = token.expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string());
                    let (role, name) = (token.post.role.name(), token.post.name);
                    writeln!(out, "{}\t{state}\t{role}\t{name}\t{expires}", token.id)?;
                }
                accounts.close().await;
            }
            Token::Revoke { id, database } => {
                let accounts = Accounts::open(&database.database).await?;
                accounts.revoke_token(&id).await?;
                accounts.close().await;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn block_on(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
