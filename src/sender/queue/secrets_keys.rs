//! The keys that secrets are sealed with in the database: AES-256-GCM-SIV (RFC 8452), bound to the subscription's id.

use super::error::QueueError;
use super::secrets_key_error::SecretsKeyError;
use crate::sender::system::random;
use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
/// Enough to tell an operator's keys apart, and too few to help anyone guess one.
const ID_DIGITS: usize = 8;

/// The keys that secrets are sealed with in the database: the first seals, and each opens what it has sealed, so that a key
/// can be replaced. Without keys, secrets are stored as they are.
///
/// The text of a key is 64 hex digits, such as `openssl rand -hex 32` prints; several are separated by white space or commas,
/// the current one first. Keys are wiped from memory when dropped, and `Debug` shows only their ids.
///
/// ```
/// use dealix_webhooks::sender::{QueueOptions, SecretsKeys};
///
/// # let text = "8ff1e0bbc9c6f4ce9c1d4f4f1e6f0f0c5d3a4a2b6b9c7d8e0f1a2b3c4d5e6f70";
/// let secrets_keys: SecretsKeys = text.parse()?;
/// let options = QueueOptions { secrets_keys, ..Default::default() };
/// # Ok::<(), dealix_webhooks::sender::SecretsKeyError>(())
/// ```
#[derive(Clone, Default)]
pub struct SecretsKeys(Arc<[SecretsKey]>);

struct SecretsKey {
    id: String,
    cipher: Aes256GcmSiv,
}

/// What is stored in place of the secrets' JSON text.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// The id of the key.
    key: String,
    /// The nonce and the ciphertext with its tag, in hex.
    sealed: String,
}

impl SecretsKeys {
    /// Whether there are none, so that secrets are stored as they are.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The id of the key that seals. It is made from a hash of the key, and is no secret.
    pub fn current_id(&self) -> Option<&str> {
        self.0.first().map(|key| key.id.as_str())
    }

    /// Seals a text for a subscription; without keys, returns it as it is.
    pub(in crate::sender) fn seal(&self, subscription_id: &str, text: Zeroizing<String>) -> Zeroizing<String> {
        let Some(key) = self.0.first() else { return text };
        let nonce = &random()[..NONCE_BYTES];
        let payload = Payload { msg: text.as_bytes(), aad: &bound_to(subscription_id) };
        let sealed = key.cipher.encrypt(&nonce_of(nonce), payload).expect("secrets are far shorter than 64 GiB");
        let sealed = Sealed { key: key.id.clone(), sealed: hex::encode([nonce, &sealed].concat()) };
        Zeroizing::new(serde_json::to_string(&sealed).expect("text has a JSON form"))
    }

    /// Opens what [`SecretsKeys::seal`] has sealed. `None` if the text is not sealed.
    ///
    /// # Errors
    /// [`QueueError::SecretsLocked`] without the key; [`QueueError::Damaged`] if the text was changed or belongs to another
    /// subscription.
    pub(in crate::sender) fn open(
        &self,
        subscription_id: &str,
        stored: &str,
    ) -> Result<Option<Zeroizing<String>>, QueueError> {
        let Some(Sealed { key: key_id, sealed }) = parse(stored) else { return Ok(None) };
        let Some(key) = self.0.iter().find(|key| key.id == key_id) else {
            return Err(QueueError::SecretsLocked { subscription_id: subscription_id.to_owned(), key_id });
        };
        let damaged = || {
            let changed = "were changed after they were sealed, or belong to another subscription";
            QueueError::damaged(format!("the secrets of {subscription_id} {changed}"))
        };
        let sealed = hex::decode(sealed).map_err(|_| damaged())?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(damaged)?;
        let payload = Payload { msg: sealed, aad: &bound_to(subscription_id) };
        let text = key.cipher.decrypt(&nonce_of(nonce), payload).map_err(|_| damaged())?;
        String::from_utf8(text).map(|text| Some(Zeroizing::new(text))).map_err(|_| damaged())
    }
}

/// The id of the key that a stored text is sealed with, if it is sealed.
pub(in crate::sender) fn key_id_of(stored: &str) -> Option<String> {
    parse(stored).map(|sealed| sealed.key)
}

fn parse(stored: &str) -> Option<Sealed> {
    // In clear, it is an array.
    stored.starts_with('{').then(|| serde_json::from_str(stored).ok()).flatten()
}

/// A sealed text opens only for the subscription that it was sealed for: one that is copied to another row does not.
fn bound_to(subscription_id: &str) -> Vec<u8> {
    ["dealix-webhooks secrets of ", subscription_id].concat().into_bytes()
}

fn nonce_of(bytes: &[u8]) -> Nonce {
    Nonce::try_from(bytes).expect("its length is the cipher's")
}

impl FromStr for SecretsKeys {
    type Err = SecretsKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let texts = text.split(|c: char| c.is_whitespace() || c == ',').filter(|text| !text.is_empty());
        let keys: Vec<_> =
            texts.enumerate().map(|(index, text)| SecretsKey::parse(text, index + 1)).collect::<Result<_, _>>()?;
        match keys.is_empty() {
            true => Err(SecretsKeyError::Missing),
            false => Ok(Self(keys.into())),
        }
    }
}

impl SecretsKey {
    fn parse(text: &str, number: usize) -> Result<Self, SecretsKeyError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        if text.len() != 2 * KEY_BYTES {
            return Err(SecretsKeyError::Length { number, found: text.chars().count() });
        }
        hex::decode_to_slice(text, bytes.as_mut_slice()).map_err(|_| SecretsKeyError::NotHex { number })?;
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(SecretsKeyError::Guessable { number });
        }
        let hash = Sha256::new().chain_update("dealix-webhooks secrets key").chain_update(bytes.as_slice()).finalize();
        let id = hex::encode(hash)[..ID_DIGITS].to_owned();
        Ok(Self { id, cipher: Aes256GcmSiv::new_from_slice(bytes.as_slice()).expect("its length is the cipher's") })
    }
}

impl fmt::Debug for SecretsKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| &key.id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "8ff1e0bbc9c6f4ce9c1d4f4f1e6f0f0c5d3a4a2b6b9c7d8e0f1a2b3c4d5e6f70";
    const OTHER: &str = "00f1e0bbc9c6f4ce9c1d4f4f1e6f0f0c5d3a4a2b6b9c7d8e0f1a2b3c4d5e6f7A";
    const SECRETS: &str = r#"[{"secret":"whsec_1","expires_at":null}]"#;

    fn keys(text: &str) -> SecretsKeys {
        text.parse().expect("keys")
    }

    fn sealed(with: &str) -> String {
        keys(with).seal("sub_1", Zeroizing::new(SECRETS.to_owned())).to_string()
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_alone() {
        let stored = sealed(KEY);
        assert!(!stored.contains("whsec"));
        let opened = |with: &str| keys(with).open("sub_1", &stored);
        let both = format!("{OTHER},\n{KEY} ");
        for with in [KEY, &both, &KEY.to_uppercase()] {
            assert_eq!(opened(with).expect("opened").as_deref().map(String::as_str), Some(SECRETS));
        }
        let locked = opened(OTHER).expect_err("the key is another");
        assert!(matches!(&locked, QueueError::SecretsLocked { key_id, .. } if *key_id == key_id_of(&stored).unwrap()));
        assert!(keys(OTHER).open("sub_1", SECRETS).expect("it is in clear").is_none());
    }

    #[test]
    fn the_same_secrets_are_never_sealed_to_the_same_text() {
        assert_ne!(sealed(KEY), sealed(KEY));
        assert_eq!(keys(&[KEY, OTHER].join(" ")).current_id(), keys(KEY).current_id());
    }

    #[test]
    fn what_was_changed_or_moved_does_not_open() {
        let stored = sealed(KEY);
        let moved = keys(KEY).open("sub_2", &stored).expect_err("it belongs to sub_1");
        assert!(matches!(moved, QueueError::Damaged(_)) && moved.to_string().contains("sub_2"));
        let hex_begins = stored.find(r#""sealed":""#).expect("the hex digits") + 10;
        for index in hex_begins..stored.len() - 2 {
            let mut changed = stored.clone().into_bytes();
            changed[index] = if changed[index] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).expect("text");
            assert!(matches!(keys(KEY).open("sub_1", &changed), Err(QueueError::Damaged(_))), "digit {index}");
        }
        for cut in [0, 1, 23, 24, 25] {
            let cut = format!("{}\"}}", &stored[..hex_begins + cut]);
            assert!(matches!(keys(KEY).open("sub_1", &cut), Err(QueueError::Damaged(_))), "{cut}");
        }
    }

    #[test]
    fn a_key_that_is_none_is_refused_without_showing_it() {
        let short = &KEY[1..];
        let not_hex = KEY.replace('f', "g");
        for text in [short, &not_hex, &format!("{KEY} {short}"), &"ab".repeat(32), &format!("{KEY}0"), "é", ""] {
            let error = text.parse::<SecretsKeys>().expect_err("no key");
            assert!(text.is_empty() || !format!("{error} {error:?}").contains(&text[..text.len().min(6)]), "{error}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", keys(KEY));
        assert!(shown.contains(keys(KEY).current_id().expect("a key")) && !shown.contains(&KEY[..12]), "{shown}");
    }
}
