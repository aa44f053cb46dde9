use crate::DEFAULT_MAX_AGE_SECONDS;

/// The longest body for which every mistake is tried: 4 MiB. For a longer one, only mistakes in the secret, the header and
/// the clock are.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// What a receiver knows about one delivery, and what it verifies it with. Set `secrets`, `signature_header`, `body` and `now`,
/// and whatever else you have.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The endpoint's secrets, as [`Verifier::new`](crate::Verifier::new) takes them.
    pub secrets: &'a [&'a str],
    /// The secrets of other endpoints or environments, each with a label that the diagnosis may name; empty ones are
    /// skipped.
    pub other_secrets: &'a [(&'a str, &'a str)],
    /// The value of the `Dealix-Signature` header; `None` if the request has no such header.
    pub signature_header: Option<&'a str>,
    /// The names of all headers, by which other providers are recognised.
    pub header_names: &'a [&'a str],
    /// The request's `Content-Length`, in bytes; `None` if the request has no such header.
    pub content_length: Option<u64>,
    /// The request's `Content-Encoding`; `None` if the request has no such header.
    pub content_encoding: Option<&'a str>,
    /// The body as it is passed to the verifier.
    pub body: &'a [u8],
    /// Whether the receiver has only a parsed value and no bytes; `body` is then that value, written as JSON.
    pub is_parsed: bool,
    /// The body as the receiver's own JSON library writes it after parsing it, if that is at hand.
    pub reserialized: Option<&'a [u8]>,
    /// The window, in seconds; [`DEFAULT_MAX_AGE_SECONDS`] by default.
    pub max_age_seconds: i64,
    /// The receiver's clock, in seconds since 1970.
    pub now: i64,
}

impl Default for Evidence<'_> {
    fn default() -> Self {
        Self {
            secrets: &[],
            other_secrets: &[],
            signature_header: None,
            header_names: &[],
            content_length: None,
            content_encoding: None,
            body: &[],
            is_parsed: false,
            reserialized: None,
            max_age_seconds: DEFAULT_MAX_AGE_SECONDS,
            now: 0,
        }
    }
}
