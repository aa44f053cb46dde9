use super::cause::Cause;
use super::evidence::Evidence;
use super::facts::Change;
use super::mistake::Mistake;

/// Facts about a diagnosis, as codes and numbers; those that do not apply are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Details {
    /// Further causes, which need fixing too.
    pub also: Vec<Cause>,
    /// `added` or `dropped`: what happened in transit to a byte-order mark, a newline, or carriage returns.
    pub change: Option<&'static str>,
    /// What became of the body: the code of a [`BodyForm`](super::BodyForm) or a [`Charset`](super::Charset).
    pub form: Option<&'static str>,
    /// What surrounds the secret: the code of a [`Wrapping`](super::Wrapping), `name` or `whsec_prefix`.
    pub around: Option<&'static str>,
    /// What is missing around the secret: the code of a [`Wrapping`](super::Wrapping), or `whsec_prefix`.
    pub missing: Option<&'static str>,
    /// The secret given is this encoding of the right one: the code of a [`SecretEncoding`](super::SecretEncoding).
    pub encoded: Option<&'static str>,
    /// The right secret is this encoding of the one given: the code of a [`SecretEncoding`](super::SecretEncoding).
    pub decoded: Option<&'static str>,
    /// Which of the secrets is the right one, counted from 0.
    pub secret_index: Option<usize>,
    /// Which of the other secrets is the right one, counted from 0.
    pub other_secret: Option<usize>,
    /// The label of that secret, without control characters and at most 64 characters long; `None` if it holds a secret.
    pub other_secret_label: Option<String>,
    /// How the body is compressed: the code of a [`Compression`](super::Compression).
    pub content_encoding: Option<&'static str>,
    /// Who sent the delivery: the code of a [`Provider`](super::Provider).
    pub provider: Option<&'static str>,
    /// Which time is in milliseconds: the code of a [`Time`](super::Time).
    pub milliseconds: Option<&'static str>,
    /// The receiver's clock minus the signature's time, in seconds.
    pub age_seconds: Option<i64>,
    /// The window that was applied, in seconds.
    pub max_age_seconds: Option<i64>,
    /// What is wrong with the header: the code of a [`HeaderFault`](super::HeaderFault).
    pub header: Option<&'static str>,
    /// The names of the headers, if the signature header is missing or empty; at most 50.
    pub header_names: Vec<String>,
    /// The length of the body in bytes, if part of it is missing.
    pub body_bytes: Option<u64>,
    /// What `Content-Length` says, if the body is shorter.
    pub content_length: Option<u64>,
    /// Whether something was not tried, so that a cause may have been missed.
    pub is_incomplete: bool,
}

impl Details {
    /// Records what is known about a mistake. Of two mistakes of one kind, the first is recorded.
    pub(super) fn add(&mut self, mistake: &Mistake, evidence: &Evidence) {
        match mistake {
            Mistake::BodyParsed(form) => set(&mut self.form, form.code()),
            Mistake::Charset(charset) => set(&mut self.form, charset.code()),
            Mistake::ByteOrderMark(change) | Mistake::Newline(change) | Mistake::LineEndings(change) => {
                set(&mut self.change, change.code());
            }
            Mistake::BodyTruncated { body_bytes, content_length } => {
                set(&mut self.body_bytes, *body_bytes);
                self.content_length = self.content_length.or(*content_length);
            }
            Mistake::SecretAround(wrapping) => set(&mut self.around, wrapping.code()),
            Mistake::SecretMissing(wrapping) => set(&mut self.missing, wrapping.code()),
            Mistake::SecretNamed => set(&mut self.around, "name"),
            Mistake::SecretPrefix(Change::Added) => set(&mut self.around, "whsec_prefix"),
            Mistake::SecretPrefix(Change::Dropped) => set(&mut self.missing, "whsec_prefix"),
            Mistake::SecretEncoded(encoding) => set(&mut self.encoded, encoding.code()),
            Mistake::SecretDecoded(encoding) => set(&mut self.decoded, encoding.code()),
            Mistake::OtherSecret(index) => {
                set(&mut self.other_secret, *index);
                self.other_secret_label = label(evidence, *index);
            }
            Mistake::Milliseconds(time) => set(&mut self.milliseconds, time.code()),
            Mistake::ClockSkew { age_seconds, max_age_seconds } => {
                set(&mut self.age_seconds, *age_seconds);
                set(&mut self.max_age_seconds, *max_age_seconds);
            }
            Mistake::CompressedBody(compression) => set(&mut self.content_encoding, compression.code()),
            Mistake::OtherProvider(provider) => set(&mut self.provider, provider.code()),
            Mistake::MissingHeader => {
                self.header_names = evidence.header_names.iter().take(MAX_NAMES).map(|name| shown(name)).collect();
            }
            Mistake::HeaderRewritten(fault) => set(&mut self.header, fault.code()),
            Mistake::Base64Body
            | Mistake::BodyRewritten
            | Mistake::EmptyBody
            | Mistake::UnknownSecret { .. }
            | Mistake::UpperCaseHex
            | Mistake::Base64Signature
            | Mistake::TimestampNotSigned
            | Mistake::Unknown => {}
        }
    }
}

fn set<T>(field: &mut Option<T>, value: T) {
    field.get_or_insert(value);
}

const MAX_NAMES: usize = 50;

/// A secret at least this long is not in a label by coincidence.
const MIN_SECRET_BYTES: usize = 8;

/// The label of another secret; `None` if it holds a secret, as it may if it was built from one by mistake.
fn label(evidence: &Evidence, index: usize) -> Option<String> {
    let others = evidence.other_secrets;
    let label = others[index].0;
    let is_in_label = |secret: &str| secret.len() >= MIN_SECRET_BYTES && label.contains(secret);
    if evidence.secrets.iter().any(|secret| is_in_label(secret)) || others.iter().any(|(_, secret)| is_in_label(secret))
    {
        return None;
    }
    Some(shown(label))
}

/// A name or label as it is shown: without control characters, which a terminal would obey.
fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(64).collect()
}
