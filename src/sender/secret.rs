//! The secrets that deliveries are signed with, and other texts that are not to be shown.

use crate::signature::secret;
use std::fmt;
use zeroize::Zeroizing;

/// How long a replaced secret keeps signing, in seconds: 24 hours.
pub const SECRET_OVERLAP_SECONDS: i64 = 24 * 60 * 60;

/// How many secrets may sign at once. A receiver has no use for more, and each adds an HMAC to every attempt.
pub const MAX_ACTIVE_SECRETS: usize = 5;

/// A signing secret, or the value of a header that may be one: wiped from memory when dropped, and never shown by `Debug`.
///
/// ```
/// use dealix_webhooks::sender::Secret;
///
/// assert_eq!(format!("{:?}", Secret::from("whsec_1")), "Secret([redacted])");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text of the secret, for signing and storing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(Zeroizing::new(text.into()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// One of a subscription's secrets, and how long it signs.
#[derive(Clone, Debug)]
pub struct SubscriptionSecret {
    /// The secret.
    pub secret: Secret,
    /// The secret no longer signs from this time on, in seconds since 1970; `None` for the current one.
    pub expires_at: Option<i64>,
}

impl SubscriptionSecret {
    pub(in crate::sender) fn is_active(&self, now: i64) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > now && secret::check(self.secret.expose()).is_ok())
    }
}
