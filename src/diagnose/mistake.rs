use super::Delivery;
use super::cause::{Cause, Details};

/// One thing that went wrong, with what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    BodyParsed(&'static str),
    ByteOrderMark(&'static str),
    Newline(&'static str),
    LineEndings(&'static str),
    Charset(&'static str),
    Base64Body,
    CompressedBody(&'static str),
    BodyRewritten,
    BodyTruncated {
        body_bytes: u64,
        content_length: Option<u64>,
    },
    EmptyBody,
    SecretAround(&'static str),
    SecretMissing(&'static str),
    SecretEncoded(&'static str),
    SecretDecoded(&'static str),
    /// Which of the other secrets it is.
    OtherSecret(usize),
    UnknownSecret {
        secrets: usize,
    },
    Milliseconds(&'static str),
    ClockSkew {
        age_seconds: i64,
        max_age_seconds: i64,
    },
    OtherProvider(&'static str),
    MissingHeader,
    HeaderRewritten(&'static str),
    UpperCaseHex,
    Base64Signature,
    TimestampNotSigned,
    Unknown,
}

/// What is shown of a name or a label: nothing that a terminal obeys.
fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(64).collect()
}

/// Labels are shown, and whoever made them of the secrets must not be shown those.
fn label(delivery: &Delivery, index: usize) -> String {
    let others = delivery.other_secrets;
    let holds = |secret: &str| secret.len() >= MIN_SECRET && others[index].0.contains(secret);
    if delivery.secrets.iter().any(|secret| holds(secret)) || others.iter().any(|(_, secret)| holds(secret)) {
        return format!("otherSecrets[{index}]");
    }
    shown(others[index].0)
}

/// From so many bytes on, a secret within a label is no chance.
const MIN_SECRET: usize = 8;

const MAX_NAMES: usize = 50;

pub(super) const ADDED: &str = "added";
pub(super) const DROPPED: &str = "dropped";

impl Mistake {
    pub(super) fn cause(&self) -> Cause {
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
            Self::SecretAround(_) | Self::SecretMissing(_) => Cause::SecretWrapped,
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

    /// Enters what is known of it; of two mistakes of a kind the first has its say.
    pub(super) fn note(&self, delivery: &Delivery, details: &mut Details) {
        match self {
            Self::BodyParsed(form) | Self::Charset(form) => note(&mut details.form, *form),
            Self::ByteOrderMark(change) | Self::Newline(change) | Self::LineEndings(change) => {
                note(&mut details.change, *change);
            }
            Self::BodyTruncated { body_bytes, content_length } => {
                note(&mut details.body_bytes, *body_bytes);
                details.content_length = details.content_length.or(*content_length);
            }
            Self::SecretAround(what) => note(&mut details.around, *what),
            Self::SecretMissing(what) => note(&mut details.missing, *what),
            Self::SecretEncoded(encoding) => note(&mut details.encoded, *encoding),
            Self::SecretDecoded(encoding) => note(&mut details.decoded, *encoding),
            Self::OtherSecret(index) => note(&mut details.other_secret, label(delivery, *index)),
            Self::Milliseconds(what) => note(&mut details.milliseconds, *what),
            Self::ClockSkew { age_seconds, max_age_seconds } => {
                note(&mut details.age_seconds, *age_seconds);
                note(&mut details.max_age_seconds, *max_age_seconds);
            }
            Self::CompressedBody(encoding) => note(&mut details.content_encoding, *encoding),
            Self::OtherProvider(provider) => note(&mut details.provider, *provider),
            Self::MissingHeader => {
                details.header_names = delivery.header_names.iter().take(MAX_NAMES).map(|name| shown(name)).collect();
            }
            Self::HeaderRewritten(what) => note(&mut details.header, *what),
            Self::Base64Body
            | Self::BodyRewritten
            | Self::EmptyBody
            | Self::UnknownSecret { .. }
            | Self::UpperCaseHex
            | Self::Base64Signature
            | Self::TimestampNotSigned
            | Self::Unknown => {}
        }
    }
}

fn note<T>(field: &mut Option<T>, value: T) {
    field.get_or_insert(value);
}
