use crate::sender::secret::{MAX_ACTIVE_SECRETS, SECRET_OVERLAP_SECONDS};
use thiserror::Error;

/// A subscription already has [`MAX_ACTIVE_SECRETS`] active secrets; see
/// [`WebhookSubscription::rotate_secret`](crate::sender::WebhookSubscription::rotate_secret).
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "{MAX_ACTIVE_SECRETS} secrets are active; rotate again when one has expired ({SECRET_OVERLAP_SECONDS} s after it was replaced)"
)]
pub struct TooManySecretsError;
