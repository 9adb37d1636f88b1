//! Secrets: made at random, kept as hashes.
//!
//! What we make has 256 bits, so one round of SHA-256 is enough; what people choose goes through argon2, off the threads
//! that serve and two at a time, so that log-ins can neither stall the server nor fill its memory.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

/// What the secret of a session begins with.
pub(super) const SESSION: &str = "yfs_";
/// What the secret of a token begins with.
pub(super) const TOKEN: &str = "yft_";
/// Passwords that may be worked on at once; each takes 19 MiB.
const AT_ONCE: usize = 2;
/// Letters of a one-time code: none that looks like another, upper case, 32 of them.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Letters of a one-time code; five bits each.
const CODE_LETTERS: usize = 16;

static AT_WORK: Semaphore = Semaphore::const_new(AT_ONCE);

/// 256 bits nobody can guess.
fn random() -> [u8; 32] {
    // Each v4 UUID brings 122 bits of the system's generator.
    let seed: Vec<u8> = (0..3).flat_map(|_| uuid::Uuid::new_v4().into_bytes()).collect();
    Sha256::digest(seed).into()
}

/// A new secret of a session or a token.
pub(super) fn make(prefix: &str) -> String {
    format!("{prefix}{}", hex(&random()))
}

/// A new one-time code, such as `K7QM-2XPA-…`: it is read from paper and typed.
pub(super) fn make_code() -> String {
    let letters: Vec<u8> =
        random().iter().take(CODE_LETTERS).map(|byte| LETTERS[usize::from(byte % 32)]).collect();
    let groups: Vec<_> = letters.chunks(4).map(String::from_utf8_lossy).collect();
    groups.join("-")
}

/// The hash of a one-time code, however it was typed.
pub(super) fn code_hash(code: &str) -> String {
    let typed: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    hash(&typed)
}

/// The hash by which a secret is kept and found.
pub(super) fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Whether two hashes are the same; takes as long whether they are or nearly are.
pub(super) fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
        text
    })
}

/// Hashes a password, to be kept. `None` if that cannot be done.
pub(super) async fn hash_password(password: String) -> Option<String> {
    let _turn = AT_WORK.acquire().await.ok()?;
    let work = move || Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string());
    tokio::task::spawn_blocking(work).await.ok()?
}

/// Whether this is the password. Without a hash it takes as long, so that nobody learns which accounts there are.
pub(super) async fn is_password(password: String, kept: Option<String>) -> bool {
    let Ok(_turn) = AT_WORK.acquire().await else { return false };
    let work = move || match kept.as_deref().map(PasswordHash::new) {
        Some(Ok(kept)) => Argon2::default().verify_password(password.as_bytes(), &kept).is_ok(),
        Some(Err(_)) | None => {
            let _as_long = Argon2::default().hash_password(password.as_bytes());
            false
        }
    };
    tokio::task::spawn_blocking(work).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_long_and_never_the_same() {
        let (one, other) = (make(TOKEN), make(TOKEN));
        assert!(one != other && one.len() == 4 + 64 && one.starts_with("yft_"));
        assert_eq!(hash(&one), hash(&one));
        assert!(same(&hash(&one), &hash(&one)) && !same(&hash(&one), &hash(&other)) && !same("a", "ab"));
    }

    #[test]
    fn a_code_may_be_typed_in_any_way() {
        let code = make_code();
        assert_eq!((code.len(), code.matches('-').count()), (19, 3));
        assert_eq!(code_hash(&code), code_hash(&code.to_lowercase().replace('-', " ")));
        assert_ne!(code_hash(&code), code_hash(&make_code()));
    }

    #[tokio::test]
    async fn passwords_are_kept_as_argon2_with_a_salt() {
        let hash = || async { hash_password("correct horse".to_owned()).await.expect("a hash") };
        let (one, other) = (hash().await, hash().await);
        assert!(one.starts_with("$argon2id$") && one != other, "{one}");
        assert!(is_password("correct horse".to_owned(), Some(one.clone())).await);
        assert!(!is_password("correct horsf".to_owned(), Some(one)).await);
        assert!(!is_password(String::new(), None).await);
        assert!(!is_password("x".to_owned(), Some("no hash".to_owned())).await);
    }
}
