//! What the doctor looks at of accounts and tokens. Rows of nobody are found by what points to them ([`Finding::Dangling`]).

use sqlx::Row;

use super::EngineConnection;
use crate::governance::{Post, Role};
use crate::server::store::{Diagnosis, Finding, HeldPost, Holder, StoreError};

/// Accounts with their posts, and tokens; gives the posts that can be read.
pub(super) async fn examine_access(
    connection: &mut EngineConnection,
    diagnosis: &mut Diagnosis,
) -> Result<Vec<HeldPost>, StoreError> {
    let mut held = Vec::new();
    examine_accounts(connection, &mut held, diagnosis).await?;
    examine_tokens(connection, &mut held, diagnosis).await?;
    Ok(held)
}

async fn examine_accounts(
    connection: &mut EngineConnection,
    held: &mut Vec<HeldPost>,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT a.id, a.password, a.disabled_at, p.name, p.post,
                (SELECT count(*) FROM sessions s WHERE s.account = a.seq)
         FROM accounts a LEFT JOIN posts p ON p.account = a.seq ORDER BY a.seq, p.seq",
    )
    .fetch_all(connection)
    .await?;
    let mut last = None;
    for row in rows {
        let account: String = row.try_get(0)?;
        let mut find = |reason: String| {
            diagnosis.find(Finding::Account { account: account.clone(), reason });
        };
        if last.as_ref() != Some(&account) {
            let (password, sessions): (Option<&str>, i64) = (row.try_get(1)?, row.try_get(5)?);
            if password.is_some_and(|password| !password.starts_with("$argon2")) {
                find("its password is no hash".to_owned());
            }
            if row.try_get::<Option<i64>, _>(2)?.is_some() && sessions > 0 {
                find(format!("it is disabled, and has sessions: {sessions}"));
            }
            last = Some(account.clone());
        }
        let (name, post): (Option<&str>, Option<&str>) = (row.try_get(3)?, row.try_get(4)?);
        match (name, post.map(serde_json::from_str::<Post>)) {
            (Some(name), Some(Ok(post))) => {
                if post.name != name {
                    find(format!("its post {name} calls itself {}", post.name));
                }
                held.push(HeldPost { holder: Holder::Account(account), post });
            }
            (Some(name), Some(Err(error))) => find(format!("its post {name} cannot be read: {error}")),
            _ => find("it has no post".to_owned()),
        }
    }
    Ok(())
}

async fn examine_tokens(
    connection: &mut EngineConnection,
    held: &mut Vec<HeldPost>,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    let rows = sqlx::query("SELECT id, hash, post FROM tokens ORDER BY created_at, id")
        .fetch_all(connection)
        .await?;
    for row in rows {
        let (token, hash): (String, &str) = (row.try_get(0)?, row.try_get(1)?);
        let mut find = |reason: String| diagnosis.find(Finding::Token { token: token.clone(), reason });
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            find("its secret is kept as no hash".to_owned());
        }
        match serde_json::from_str::<Post>(row.try_get(2)?) {
            Err(error) => find(format!("its post cannot be read: {error}")),
            Ok(post) if matches!(post.role, Role::Admin | Role::Privacy) => {
                find(format!("it has the role {}, which no token may have", post.role.name()));
            }
            Ok(post) => held.push(HeldPost { holder: Holder::Token(token), post }),
        }
    }
    Ok(())
}
