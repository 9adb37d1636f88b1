//! Secrets and signatures, after <https://www.standardwebhooks.com>.
//!
//! A secret is `whsec_` and 24 to 64 bytes in base64. A signature is `v1,` and the HMAC-SHA256 in base64 of
//! `id.timestamp.body` under those bytes, the timestamp in seconds since 1970.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::server::secret::decode_base64;

const PREFIX: &str = "whsec_";
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A new secret.
pub(super) fn new_secret() -> String {
    let halves = [uuid::Uuid::new_v4().into_bytes(), uuid::Uuid::new_v4().into_bytes()];
    format!("{PREFIX}{}", encode_base64(&halves.concat()))
}

/// The bytes of a secret; `None` if it is none.
pub(super) fn key(secret: &str) -> Option<Vec<u8>> {
    let bytes = decode_base64(secret.strip_prefix(PREFIX)?)?;
    BYTES.contains(&bytes.len()).then_some(bytes)
}

/// What `Webhook-Signature` says; `None` if the secret is none.
pub(super) fn signature(secret: &str, id: &str, timestamp: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)?).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", encode_base64(&mac.finalize().into_bytes())))
}

/// RFC 4648, padded.
fn encode_base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let held = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            let sign = SIGNS[(held >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= chunk.len() { char::from(sign) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        let signed = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_new_secret_is_one_and_other_texts_are_none() {
        let secret = new_secret();
        assert_eq!(key(&secret).map(|bytes| bytes.len()), Some(32));
        assert_ne!(secret, new_secret());
        for text in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!"] {
            assert_eq!(key(text), None, "{text:?}");
        }
        for (bytes, text) in [("", ""), ("M", "TQ=="), ("Ma", "TWE="), ("Man", "TWFu")] {
            assert_eq!(encode_base64(bytes.as_bytes()), text);
        }
    }
}
