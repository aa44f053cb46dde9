/// How a subscription's secrets are stored in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretsAtRest {
    /// As they are: whoever can read the database can sign.
    Clear,
    /// Sealed with a key of [`SecretsKeys`](super::SecretsKeys).
    Sealed {
        /// The id of the key.
        key_id: String,
    },
    /// Sealed with a key that is not there, so that the secrets cannot be read and nothing can be signed.
    Locked {
        /// The id of the key.
        key_id: String,
    },
}
