use std::fmt;

/// The beginning of a response, for whoever asks why a delivery failed. It is the receiver's text, which may repeat the
/// delivery or a secret of its own, so `Debug` shows only its length.
///
/// Both texts are safe to print and to store: invalid UTF-8 and control characters other than `\n` and `\t` are U+FFFD.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "queue", derive(serde::Serialize))]
pub struct ResponseExcerpt {
    /// The first 1,024 bytes of the body, or fewer where a character would be cut.
    pub body: String,
    /// The first 128 bytes of the `Content-Type`.
    pub content_type: Option<String>,
}

impl fmt::Debug for ResponseExcerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseExcerpt")
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish_non_exhaustive()
    }
}
