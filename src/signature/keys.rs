use super::configuration_error::ConfigurationError;
use super::key::Key;
use super::secret;

/// The keys of one or several secrets, in their order.
pub(super) fn keys<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Result<Vec<Key>, ConfigurationError> {
    let mut keys = Vec::new();
    for secret in secrets {
        secret::check(secret.as_ref())?;
        keys.push(Key::new(secret.as_ref()));
    }
    if keys.is_empty() { Err(ConfigurationError::EmptySecret) } else { Ok(keys) }
}
