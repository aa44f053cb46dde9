//! A subscription's secrets in the form in which they are stored.

use crate::sender::queue::{QueueError, SecretsAtRest, SecretsKeys, key_id_of};
use crate::sender::secret::{Secret, SubscriptionSecret};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

#[derive(Serialize, Deserialize)]
struct StoredSecret {
    secret: Zeroizing<String>,
    expires_at: Option<i64>,
}

/// The text to store.
pub fn stored_secrets(keys: &SecretsKeys, subscription_id: &str, secrets: &[SubscriptionSecret]) -> Zeroizing<String> {
    let stored = |secret: &SubscriptionSecret| StoredSecret {
        secret: secret.secret.expose().to_owned().into(),
        expires_at: secret.expires_at,
    };
    let stored: Vec<_> = secrets.iter().map(stored).collect();
    keys.seal(subscription_id, serde_json::to_string(&stored).expect("text and integers have a JSON form").into())
}

/// The secrets, and how they are stored; none if they are sealed with a key that is not there.
///
/// # Errors
/// [`QueueError::Damaged`], which says where the JSON text is wrong but never quotes it, as serde_json's error would.
pub fn read_secrets(
    keys: &SecretsKeys,
    subscription_id: &str,
    stored: &str,
) -> Result<(Vec<SubscriptionSecret>, SecretsAtRest), QueueError> {
    match keys.open(subscription_id, stored) {
        Ok(None) => Ok((from_json(stored)?, SecretsAtRest::Clear)),
        Ok(Some(opened)) => {
            let key_id = key_id_of(stored).unwrap_or_default();
            Ok((from_json(&opened)?, SecretsAtRest::Sealed { key_id }))
        }
        Err(QueueError::SecretsLocked { key_id, .. }) => Ok((Vec::new(), SecretsAtRest::Locked { key_id })),
        Err(error) => Err(error),
    }
}

fn from_json(json: &str) -> Result<Vec<SubscriptionSecret>, QueueError> {
    let stored: Vec<StoredSecret> = serde_json::from_str(json)
        .map_err(|error| QueueError::damaged(format!("the secrets are not valid at column {}", error.column())))?;
    let secrets = stored.into_iter().map(|stored| SubscriptionSecret {
        secret: Secret::from(stored.secret.as_str()),
        expires_at: stored.expires_at,
    });
    Ok(secrets.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_quotes_no_secret() {
        for json in
            [r#"["whsec_quoted"]"#, r#"[{"secret": "whsec_quoted", "expires_at": "whsec_quoted"}]"#, "whsec_quoted"]
        {
            let error = read_secrets(&SecretsKeys::default(), "sub_1", json).expect_err("not the stored form");
            assert!(!format!("{error} {error:?}").contains("whsec_quoted"), "{error:?}");
        }
    }
}
