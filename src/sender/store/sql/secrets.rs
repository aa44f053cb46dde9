//! A subscription's secrets in the form in which they are stored.

use crate::sender::queue::QueueError;
use crate::sender::secret::{Secret, SubscriptionSecret};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

#[derive(Serialize, Deserialize)]
struct StoredSecret {
    secret: Zeroizing<String>,
    expires_at: Option<i64>,
}

pub fn secrets_to_json(secrets: &[SubscriptionSecret]) -> Zeroizing<String> {
    let stored = |secret: &SubscriptionSecret| StoredSecret {
        secret: secret.secret.expose().to_owned().into(),
        expires_at: secret.expires_at,
    };
    let stored: Vec<_> = secrets.iter().map(stored).collect();
    serde_json::to_string(&stored).expect("text and integers have a JSON form").into()
}

/// # Errors
/// [`QueueError::Damaged`], which says where the JSON text is wrong but never quotes it, as serde_json's error would.
pub fn secrets_from_json(json: &str) -> Result<Vec<SubscriptionSecret>, QueueError> {
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
            let error = secrets_from_json(json).expect_err("not the stored form");
            assert!(!format!("{error} {error:?}").contains("whsec_quoted"), "{error:?}");
        }
    }
}
