//! Accounts and tokens by the command line: on the database itself, beside a server that runs or does not.
//!
//! Nothing of access is kept in a server's memory and none of it is an event, so a second program may write it: SQLite
//! lets one write after the other, and the server asks the database at each request.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use super::{Caller, entry, office};
use crate::clock::Clock;
use crate::governance::{PatrolId, Post, Role};
use crate::server::store::{Database, OpenError, Person, Store, StoreError, Transaction};

/// Why nothing was done to an account or a token.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such account.
    #[error("there is no account {0}; `yunfushan people list` shows them")]
    NoAccount(String),
    /// There is no such token.
    #[error("there is no token {0} that could be revoked; `yunfushan token list` shows them")]
    NoToken(String),
    /// A post cannot be taken as it is.
    #[error("{0}")]
    Post(String),
    /// Another account has the post.
    #[error("the post {post} is account {account}'s")]
    PostTaken {
        /// The post.
        post: String,
        /// Who has it.
        account: String,
    },
    /// Another token has the name.
    #[error("there is a token {0} already; revoke it first")]
    TokenTaken(String),
    /// The file of people cannot be read.
    #[error("{0}")]
    People(String),
}

/// One line of a file of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// Who it is, if anybody yet.
    pub name: Option<String>,
    /// Their number.
    pub phone: Option<String>,
    /// What they are.
    pub post: Post,
}

#[derive(Deserialize)]
struct Row {
    post: String,
    #[serde(default)]
    name: Option<String>,
    role: String,
    #[serde(default)]
    community: Option<String>,
    #[serde(default)]
    grid: Option<String>,
    #[serde(default)]
    department: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    patrol: Option<String>,
}

/// Reads `post,name,role,kind,community,grid,department`, and `phone` and `patrol` where there are such columns.
/// Whoever has a grid is for the grid, else for the community.
///
/// # Errors
/// [`AccessError::People`] names the line that cannot be read; then nothing is taken.
pub fn read_people(bytes: &[u8]) -> Result<Vec<NewPerson>, AccessError> {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let mut people: Vec<NewPerson> = Vec::new();
    for (line, row) in (2..).zip(reader.deserialize::<Row>()) {
        let row = row.map_err(|error| AccessError::People(error.to_string()))?;
        let wrong = |reason: &str| AccessError::People(format!("line {line}: {reason}"));
        if row.post.is_empty() {
            return Err(wrong("the post has no name"));
        }
        if people.iter().any(|person| person.post.name == row.post) {
            return Err(wrong("the post stands in the file twice"));
        }
        let role = Role::find(&row.role)
            .filter(|role| *role != Role::Program)
            .ok_or_else(|| wrong("the role is none that a person may have"))?;
        let area = some(row.grid).or(some(row.community));
        people.push(NewPerson {
            name: some(row.name),
            phone: some(row.phone),
            post: Post {
                name: row.post,
                role,
                areas: area.into_iter().collect(),
                departments: some(row.department).into_iter().collect(),
                patrol: some(row.patrol).map(PatrolId),
            },
        });
    }
    Ok(people)
}

/// What became of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The account.
    pub account: String,
    /// Its post.
    pub post: String,
    /// Who it is.
    pub name: Option<String>,
    /// The code to log in with once, if it is new or somebody else's now.
    pub code: Option<String>,
}

/// An account as the command line shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The account.
    pub account: String,
    /// Its posts.
    pub posts: Vec<Post>,
    /// Whether it lets nobody in.
    pub is_disabled: bool,
    /// Whether its person has logged in once.
    pub has_password: bool,
}

/// A token as the command line shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedToken {
    /// Its id.
    pub id: String,
    /// What it may act as.
    pub post: Post,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// The accounts of a database.
pub struct Accounts {
    store: Arc<dyn Store>,
}

impl Accounts {
    /// Opens a database, made where it is absent; a server may be using it.
    ///
    /// # Errors
    /// [`AccessError::Open`].
    pub async fn open(database: &Database) -> Result<Self, AccessError> {
        Ok(Self { store: database.open_beside().await? })
    }

    /// Makes accounts of people, or brings the known ones up to date: a post is known by its name. Where somebody else has
    /// it now, whoever had it comes in no more.
    ///
    /// # Errors
    /// [`AccessError`]; then nobody was taken.
    pub async fn import(&self, people: &[NewPerson]) -> Result<Vec<Imported>, AccessError> {
        let now = Clock::real_now();
        let mut transaction = self.store.begin().await?;
        let mut next = self.store.accounts().await?.len() + 1;
        let mut imported = Vec::with_capacity(people.len());
        for NewPerson { name, phone, post } in people {
            let person = name.clone().map(|name| Person { name, phone: phone.clone() });
            let held = transaction.account_of_post(&post.name).await?;
            let (account, code) = if let Some(held) = held {
                let mut posts = held.account.posts;
                for known in posts.iter_mut().filter(|known| known.name == post.name) {
                    known.clone_from(post);
                }
                office::give_posts(&mut *transaction, held.seq, &posts).await?;
                let before = transaction.person(held.seq).await?;
                let is_other = before.is_some_and(|before| Some(&before.name) != name.as_ref());
                let code = if is_other {
                    Some(office::give_code(&mut *transaction, held.seq, now).await?)
                } else {
                    None
                };
                transaction.set_person(held.seq, person.as_ref()).await?;
                (held.account.id, code)
            } else {
                let id = free_id(&mut *transaction, &mut next).await?;
                let seq = transaction.insert_account(&id, now).await?;
                office::give_posts(&mut *transaction, seq, std::slice::from_ref(post)).await?;
                transaction.set_person(seq, person.as_ref()).await?;
                let code = office::give_code(&mut *transaction, seq, now).await?;
                (id, Some(code))
            };
            let target = format!("account/{account}");
            transaction.log(&entry(&Caller::server(), "import person", &target, "done")).await?;
            imported.push(Imported { account, post: post.name.clone(), name: name.clone(), code });
        }
        transaction.commit().await?;
        Ok(imported)
    }

    /// Every account.
    ///
    /// # Errors
    /// [`AccessError::Store`].
    pub async fn list(&self) -> Result<Vec<Listed>, AccessError> {
        let listed = self.store.accounts().await?.into_iter().map(|held| Listed {
            account: held.account.id,
            posts: held.account.posts,
            is_disabled: held.is_disabled,
            has_password: held.password.is_some(),
        });
        Ok(listed.collect())
    }

    /// A new one-time code; password and sessions are gone.
    ///
    /// # Errors
    /// [`AccessError::NoAccount`].
    pub async fn reset(&self, account: &str) -> Result<String, AccessError> {
        let mut transaction = self.store.begin().await?;
        let held = transaction.account_to_change(account).await?;
        let held = held.ok_or_else(|| AccessError::NoAccount(account.to_owned()))?;
        transaction.set_disabled(held.seq, None).await?;
        let code = office::give_code(&mut *transaction, held.seq, Clock::real_now()).await?;
        let target = format!("account/{account}");
        transaction.log(&entry(&Caller::server(), "give code", &target, "done")).await?;
        transaction.commit().await?;
        Ok(code)
    }

    /// Lets nobody in with this account any more, until it is reset.
    ///
    /// # Errors
    /// [`AccessError::NoAccount`].
    pub async fn disable(&self, account: &str) -> Result<(), AccessError> {
        let mut transaction = self.store.begin().await?;
        let held = transaction.account_to_change(account).await?;
        let held = held.ok_or_else(|| AccessError::NoAccount(account.to_owned()))?;
        transaction.set_disabled(held.seq, Some(Clock::real_now())).await?;
        transaction.end_sessions(held.seq, None).await?;
        let target = format!("account/{account}");
        transaction.log(&entry(&Caller::server(), "disable account", &target, "done")).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// A new token: its id and its secret, which is told this once.
    ///
    /// # Errors
    /// [`AccessError::TokenTaken`], [`AccessError::Post`].
    pub async fn create_token(
        &self,
        post: Post,
        expires_at: Option<Timestamp>,
    ) -> Result<(String, String), AccessError> {
        let mut transaction = self.store.begin().await?;
        let tokens = self.store.tokens().await?;
        let now = Clock::real_now();
        let (token, secret) = office::give_token(&mut *transaction, &tokens, post, expires_at, now).await?;
        let target = format!("token/{}", token.id);
        transaction.log(&entry(&Caller::server(), "create token", &target, "done")).await?;
        transaction.commit().await?;
        Ok((token.id, secret))
    }

    /// Every token, revoked ones included.
    ///
    /// # Errors
    /// [`AccessError::Store`].
    pub async fn tokens(&self) -> Result<Vec<ListedToken>, AccessError> {
        let listed = self.store.tokens().await?.into_iter().map(|token| ListedToken {
            id: token.id,
            post: token.post,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
        });
        Ok(listed.collect())
    }

    /// Lets nobody in with this token any more.
    ///
    /// # Errors
    /// [`AccessError::NoToken`].
    pub async fn revoke_token(&self, id: &str) -> Result<(), AccessError> {
        let mut transaction = self.store.begin().await?;
        if !transaction.revoke_token(id, Clock::real_now()).await? {
            return Err(AccessError::NoToken(id.to_owned()));
        }
        let target = format!("token/{id}");
        transaction.log(&entry(&Caller::server(), "revoke token", &target, "done")).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Finishes what is under way and closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }
}

/// The next account's id, short enough to be typed on a phone: `p001`.
async fn free_id(transaction: &mut dyn Transaction, next: &mut usize) -> Result<String, StoreError> {
    loop {
        let id = format!("p{next:03}");
        *next += 1;
        if transaction.account_to_change(&id).await?.is_none() {
            return Ok(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_people() {
        let text = "\u{feff}post,name,role,kind,community,grid,department\n\
                    desk,Ann,desk,,,,\n\
                    grid 5,Bo,officer,grid_officer,330802006002,330802006002005,station\n\
                    secretary,,manager,,330802006002,,\n";
        let people = read_people(text.as_bytes()).expect("it reads");
        let of =
            |at: usize| (people[at].name.as_deref(), people[at].post.role, people[at].post.areas.clone());
        assert_eq!(of(0), (Some("Ann"), Role::Desk, vec![]));
        assert_eq!(of(1), (Some("Bo"), Role::Officer, vec!["330802006002005".to_owned()]));
        assert_eq!(of(2), (None, Role::Manager, vec!["330802006002".to_owned()]));
        assert_eq!(people[1].post.departments, ["station"]);
        for (wrong, said) in [
            ("post,name,role\nx,Y,king\n", "line 2: the role"),
            ("post,name,role\nx,Y,program\n", "line 2: the role"),
            ("post,name,role\n,Y,desk\n", "line 2: the post has no name"),
            ("post,name,role\nx,Y,desk\nx,Z,desk\n", "line 3: the post stands in the file twice"),
            ("name,role\nx,desk\n", "missing field `post`"),
        ] {
            let error = read_people(wrong.as_bytes()).expect_err(wrong).to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[tokio::test]
    async fn importing_again_updates_and_doubles_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        let accounts = Accounts::open(&folder.path().join("a.sqlite").into()).await.expect("it opens");
        let read = |text: &str| read_people(format!("post,name,role,community\n{text}").as_bytes());
        let first = read("desk,Ann,desk,\nsecretary,Bo,manager,330802006002\n").expect("it reads");
        let made = accounts.import(&first).await.expect("imported");
        assert_eq!(made.iter().map(|one| one.account.as_str()).collect::<Vec<_>>(), ["p001", "p002"]);
        assert!(made.iter().all(|one| one.code.as_ref().is_some_and(|code| code.len() == 19)));
        assert!(accounts.import(&first).await.expect("imported").iter().all(|one| one.code.is_none()));
        // Another area changes the post; another person gets a code of their own.
        let second = read("secretary,Cy,manager,330802006003\nyard,Di,viewer,\n").expect("it reads");
        let made = accounts.import(&second).await.expect("imported");
        assert_eq!((made[0].account.as_str(), made[1].account.as_str()), ("p002", "p003"));
        assert!(made[0].code.is_some());
        let listed = accounts.list().await.expect("listed");
        assert_eq!(listed.len(), 3);
        assert_eq!(listed[1].posts[0].areas, ["330802006003"]);
        accounts.close().await;
    }
}
