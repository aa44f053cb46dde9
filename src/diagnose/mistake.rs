use super::cause::Cause;
use super::facts::{BodyForm, Change, Charset, Compression, HeaderFault, SecretEncoding, Time, Wrapping};
use super::provider::Provider;

/// One thing that went wrong, and what is known about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mistake {
    /// The body was parsed, and perhaps written again.
    BodyParsed(BodyForm),
    /// A byte-order mark was added or dropped.
    ByteOrderMark(Change),
    /// A newline at the end of the body was added or dropped.
    Newline(Change),
    /// Carriage returns were added to the line endings or dropped from them.
    LineEndings(Change),
    /// The body was decoded or encoded in the wrong charset.
    Charset(Charset),
    /// The body is still in base64.
    Base64Body,
    /// The body is still compressed.
    CompressedBody(Compression),
    /// The body is not what Dealix writes, and cannot be restored.
    BodyRewritten,
    /// Part of the body is missing.
    BodyTruncated {
        /// The length of the body in bytes.
        body_bytes: u64,
        /// What `Content-Length` says, if it says more.
        content_length: Option<u64>,
    },
    /// There is no body.
    EmptyBody,
    /// The secret has something around it that does not belong to it.
    SecretAround(Wrapping),
    /// The secret lacks something that the sender's has around it.
    SecretMissing(Wrapping),
    /// The secret has a `NAME=` before it.
    SecretNamed,
    /// `whsec_` was added to the secret or dropped from it.
    SecretPrefix(Change),
    /// The secret given is this encoding of the right one.
    SecretEncoded(SecretEncoding),
    /// The right secret is this encoding of the one given.
    SecretDecoded(SecretEncoding),
    /// The delivery was signed with the other secret at this index.
    OtherSecret(usize),
    /// The delivery was most likely signed with a secret that was not given.
    UnknownSecret {
        /// How many secrets were tried.
        secrets: usize,
    },
    /// A time is in milliseconds.
    Milliseconds(Time),
    /// The signature is outside the window.
    ClockSkew {
        /// The receiver's clock minus the signature's time, in seconds.
        age_seconds: i64,
        /// The window, in seconds.
        max_age_seconds: i64,
    },
    /// The delivery comes from another provider.
    OtherProvider(Provider),
    /// There is no signature header, or it is empty.
    MissingHeader,
    /// The signature header was changed.
    HeaderRewritten(HeaderFault),
    /// The signature is in upper-case hex.
    UpperCaseHex,
    /// The signature is in base64.
    Base64Signature,
    /// The MAC was computed without the timestamp.
    TimestampNotSigned,
    /// None of the known mistakes explains it.
    Unknown,
}

impl Mistake {
    /// The cause to which this mistake belongs.
    pub const fn cause(&self) -> Cause {
        match self {
            Self::BodyParsed(_) => Cause::BodyParsed,
            Self::ByteOrderMark(_) => Cause::ByteOrderMark,
            Self::Newline(_) => Cause::Newline,
            Self::LineEndings(_) => Cause::LineEndings,
            Self::Charset(_) => Cause::Charset,
            Self::Base64Body => Cause::Base64Body,
            Self::CompressedBody(_) => Cause::CompressedBody,
            Self::BodyRewritten => Cause::BodyRewritten,
            Self::BodyTruncated { .. } => Cause::BodyTruncated,
            Self::EmptyBody => Cause::EmptyBody,
            Self::SecretAround(_) | Self::SecretMissing(_) | Self::SecretNamed | Self::SecretPrefix(_) => {
                Cause::SecretWrapped
            }
            Self::SecretEncoded(_) | Self::SecretDecoded(_) => Cause::SecretEncoded,
            Self::OtherSecret(_) => Cause::OtherSecret,
            Self::UnknownSecret { .. } => Cause::UnknownSecret,
            Self::Milliseconds(_) => Cause::Milliseconds,
            Self::ClockSkew { .. } => Cause::ClockSkew,
            Self::OtherProvider(_) => Cause::OtherProvider,
            Self::MissingHeader => Cause::MissingHeader,
            Self::HeaderRewritten(_) => Cause::HeaderRewritten,
            Self::UpperCaseHex => Cause::UpperCaseHex,
            Self::Base64Signature => Cause::Base64Signature,
            Self::TimestampNotSigned => Cause::TimestampNotSigned,
            Self::Unknown => Cause::Unknown,
        }
    }
}
