//! What hands out accounts, codes and tokens, for the routes and the command line alike.

use jiff::{SignedDuration, Timestamp};

use super::people::AccessError;
use super::secrets;
use crate::governance::rulebook::{check_text, is_valid_id};
use crate::governance::{Post, Role};
use crate::server::store::{HeldCode, HeldToken, Transaction};

/// How long a one-time code works.
const CODE_LASTS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Posts of an account, and areas or departments of a post, at most.
const MOST: usize = 50;
/// The longest name, as elsewhere.
const NAME: usize = 100;

/// A one-time code for an account: whatever let its person in before does so no more.
pub(super) async fn give_code(
    transaction: &mut dyn Transaction,
    account: i64,
    now: Timestamp,
) -> Result<String, AccessError> {
    let code = secrets::make_code();
    let held = HeldCode {
        hash: secrets::code_hash(&code),
        expires_at: now.saturating_add(CODE_LASTS).unwrap_or(now),
    };
    transaction.set_code(account, Some(&held)).await?;
    transaction.set_password(account, None).await?;
    transaction.end_sessions(account, None).await?;
    Ok(code)
}

/// Gives an account these posts, unless one of them is another's.
pub(super) async fn give_posts(
    transaction: &mut dyn Transaction,
    account: i64,
    posts: &[Post],
) -> Result<(), AccessError> {
    let wrong = |reason: String| Err(AccessError::Post(reason));
    if posts.is_empty() || posts.len() > MOST {
        return wrong(format!("an account has 1 to {MOST} posts"));
    }
    for (at, post) in posts.iter().enumerate() {
        check_post(post)?;
        if posts.iter().take(at).any(|other| other.name == post.name) {
            return wrong(format!("post {} is named twice", post.name));
        }
        let holder = transaction.account_of_post(&post.name).await?;
        if let Some(holder) = holder.filter(|holder| holder.seq != account) {
            return Err(AccessError::PostTaken { post: post.name.clone(), account: holder.account.id });
        }
    }
    Ok(transaction.set_posts(account, posts).await?)
}

fn check_post(post: &Post) -> Result<(), AccessError> {
    let wrong = |reason: String| Err(AccessError::Post(reason));
    if post.name.trim().is_empty() || post.name.contains(char::is_control) {
        return wrong("a post has an empty name, or one that is no text".to_owned());
    }
    let texts = [&post.areas, &post.departments].into_iter().flatten().chain([&post.name]);
    for text in texts {
        check_text("post", text, NAME).map_err(|error| AccessError::Post(error.to_string()))?;
    }
    if post.areas.len() > MOST || post.departments.len() > MOST {
        return wrong(format!("post {} has more than {MOST} areas or departments", post.name));
    }
    if post.patrol.as_ref().is_some_and(|patrol| !is_valid_id(&patrol.0)) {
        return wrong(format!("post {} has a patrol that is no id", post.name));
    }
    Ok(())
}

/// A new token and its secret, which is told once. Tokens are for machines: whoever administers or looks after personal
/// data does so by name.
pub(super) async fn give_token(
    transaction: &mut dyn Transaction,
    tokens: &[HeldToken],
    post: Post,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(HeldToken, String), AccessError> {
    check_post(&post)?;
    if matches!(post.role, Role::Admin | Role::Privacy) {
        return Err(AccessError::Post(format!("a token may not have the role {}", post.role.name())));
    }
    if expires_at.is_some_and(|end| end <= now) {
        return Err(AccessError::Post("expires_at is over".to_owned()));
    }
    if tokens.iter().any(|token| token.revoked_at.is_none() && token.post.name == post.name) {
        return Err(AccessError::TokenTaken(post.name));
    }
    let secret = secrets::make(secrets::TOKEN);
    let id = uuid::Uuid::now_v7().simple().to_string();
    let token = HeldToken { id, post, created_at: now, expires_at, revoked_at: None };
    transaction.insert_token(&token, &secrets::hash(&secret)).await?;
    Ok((token, secret))
}
