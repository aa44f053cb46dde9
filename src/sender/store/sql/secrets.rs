//! A subscription's secrets and headers in the form in which they are stored. Headers may hold credentials, so they are
//! sealed together with the secrets.

use crate::sender::queue::{QueueError, SecretsAtRest, SecretsKeys, key_id_of};
use crate::sender::secret::{Secret, SubscriptionSecret};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

#[derive(Serialize, Deserialize)]
struct StoredSecret {
    secret: Zeroizing<String>,
    expires_at: Option<i64>,
}

/// A header's name and value.
pub type Header = (String, Secret);

/// The text of an empty list of headers, which is not sealed.
pub const NO_HEADERS: &str = "[]";

/// The text to store.
pub fn stored_secrets(keys: &SecretsKeys, subscription_id: &str, secrets: &[SubscriptionSecret]) -> Zeroizing<String> {
    let stored = |secret: &SubscriptionSecret| StoredSecret {
        secret: secret.secret.expose().to_owned().into(),
        expires_at: secret.expires_at,
    };
    let stored: Vec<_> = secrets.iter().map(stored).collect();
    keys.seal(subscription_id, serde_json::to_string(&stored).expect("text and integers have a JSON form").into())
}

/// The text to store.
pub fn stored_headers(keys: &SecretsKeys, subscription_id: &str, headers: &[Header]) -> Zeroizing<String> {
    if headers.is_empty() {
        return Zeroizing::new(NO_HEADERS.to_owned());
    }
    let stored: Vec<_> = headers.iter().map(|(name, value)| (name, value.expose())).collect();
    keys.seal(subscription_id, serde_json::to_string(&stored).expect("texts have a JSON form").into())
}

/// The secrets and the headers, and how they are stored; none if they are sealed with a key that is not there.
///
/// # Errors
/// [`QueueError::Damaged`], which says where the JSON text is wrong but never quotes it, as serde_json's error would.
pub fn read_secrets(
    keys: &SecretsKeys,
    subscription_id: &str,
    secrets: &str,
    headers: &str,
) -> Result<(Vec<SubscriptionSecret>, Vec<Header>, SecretsAtRest), QueueError> {
    let (secrets, at_rest) = read::<StoredSecret>(keys, subscription_id, secrets, "secrets")?;
    let (headers, headers_at_rest) = match headers {
        NO_HEADERS => (Vec::new(), at_rest.clone()),
        _ => read::<(String, Zeroizing<String>)>(keys, subscription_id, headers, "headers")?,
    };
    let at_rest = match (at_rest, headers_at_rest) {
        (locked @ SecretsAtRest::Locked { .. }, _) | (_, locked @ SecretsAtRest::Locked { .. }) => {
            return Ok((Vec::new(), Vec::new(), locked));
        }
        (sealed, SecretsAtRest::Sealed { .. }) => sealed,
        (_, SecretsAtRest::Clear) => SecretsAtRest::Clear,
    };
    let secrets = secrets.into_iter().map(|stored| SubscriptionSecret {
        secret: Secret::from(stored.secret.as_str()),
        expires_at: stored.expires_at,
    });
    let headers = headers.into_iter().map(|(name, value)| (name, Secret::from(value.as_str())));
    Ok((secrets.collect(), headers.collect(), at_rest))
}

fn read<T: DeserializeOwned>(
    keys: &SecretsKeys,
    subscription_id: &str,
    stored: &str,
    what: &str,
) -> Result<(Vec<T>, SecretsAtRest), QueueError> {
    match keys.open(subscription_id, stored) {
        Ok(None) => Ok((from_json(subscription_id, stored, what)?, SecretsAtRest::Clear)),
        Ok(Some(opened)) => {
            let key_id = key_id_of(stored).unwrap_or_default();
            Ok((from_json(subscription_id, &opened, what)?, SecretsAtRest::Sealed { key_id }))
        }
        Err(QueueError::SecretsLocked { key_id, .. }) => Ok((Vec::new(), SecretsAtRest::Locked { key_id })),
        Err(error) => Err(error),
    }
}

/// A JSON array that is stored in a subscription's row. Its texts may be secrets, and are never quoted.
pub fn from_json<T: DeserializeOwned>(subscription_id: &str, json: &str, what: &str) -> Result<Vec<T>, QueueError> {
    serde_json::from_str(json).map_err(|error| {
        QueueError::damaged(format!("the {what} of {subscription_id} are not valid at column {}", error.column()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_quotes_no_secret() {
        for json in
            [r#"["whsec_quoted"]"#, r#"[{"secret": "whsec_quoted", "expires_at": "whsec_quoted"}]"#, "whsec_quoted"]
        {
            for (secrets, headers) in [(json, NO_HEADERS), ("[]", json)] {
                let read = read_secrets(&SecretsKeys::default(), "sub_1", secrets, headers);
                let error = read.expect_err("not the stored form");
                assert!(!format!("{error} {error:?}").contains("whsec_quoted"), "{error:?}");
                assert!(error.to_string().contains("of sub_1"), "{error}");
            }
        }
    }
}
