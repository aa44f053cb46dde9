//! What to do about it, worded for Rust programs.

use super::details::Details;
use super::facts::{BodyForm, Time};
use super::mistake::Mistake;
use super::sentences::{has_empty_header, is_usual_age};

/// A sentence that says what to do.
pub(crate) fn advice(mistake: &Mistake, details: &Details) -> &'static str {
    match mistake {
        Mistake::BodyParsed(BodyForm::FormKey) => {
            "Verify the raw body before any parser sees it: in axum, extract `Bytes`, not `Form`."
        }
        Mistake::BodyParsed(_) => {
            "Verify the raw body before any parser sees it: in axum, extract `Bytes`, not `Json`; \
             and make sure that no proxy rewrites the JSON."
        }
        Mistake::ByteOrderMark(_) => {
            "Pass the bytes as they arrived: do not read a file or stream in a way that adds or drops the mark."
        }
        Mistake::Newline(_) => {
            "Pass the bytes as they arrived: look for what trims or prints the body, such as `trim()`, `echo`, an editor or a proxy."
        }
        Mistake::LineEndings(_) => {
            "Transfer the body as binary, not as text: look for git's autocrlf, FTP in text mode, or a Windows tool."
        }
        Mistake::Charset(_) => {
            "Keep the body as bytes, such as `Bytes` or `&[u8]`, and do not convert it to a `String` first."
        }
        Mistake::Base64Body => "Decode it first: AWS Lambda marks such a body with `isBase64Encoded`.",
        Mistake::CompressedBody(_) => {
            "Keep proxies and clients from compressing requests, or decompress the body before you verify it."
        }
        Mistake::BodyRewritten => {
            "Verify the raw body before any parser sees it, and look for a proxy, gateway or middleware that rewrites the JSON."
        }
        Mistake::BodyTruncated { .. } => {
            "Read all chunks of the request, to its end, and look for a limit on the body's length."
        }
        Mistake::EmptyBody => "Read the body before you verify it, and look for what may have read it first.",
        Mistake::SecretNamed => "Set the variable to the secret alone, without NAME= before it.",
        Mistake::SecretPrefix(_) => {
            "Copy the secret from Dealix exactly as it is shown, and do not change it in code: all of it is the key."
        }
        Mistake::SecretAround(_) => {
            "Remove it where the secret is set: in the .env or secret file, the shell, or the dashboard; \
             `docker --env-file` keeps quotes, and `echo` adds a newline."
        }
        Mistake::SecretMissing(_) => "Register the endpoint's secret with Dealix again, without it.",
        Mistake::SecretEncoded(_) | Mistake::SecretDecoded(_) => {
            "Use the secret as Dealix shows it: neither encoded, as in a Kubernetes manifest, nor decoded."
        }
        Mistake::OtherSecret(_) => {
            "Use that secret here, or have Dealix send to the endpoint that it belongs to; during a rotation, list both."
        }
        Mistake::UnknownSecret { .. } => {
            "Compare the secret with the one that Dealix shows for this very endpoint and environment; \
             `other_secrets` tries any others that you have."
        }
        Mistake::Milliseconds(Time::Now) => {
            "Pass seconds: `SystemTime::now().duration_since(UNIX_EPOCH)`, and then `as_secs`, not `as_millis`."
        }
        Mistake::Milliseconds(Time::Timestamp) => {
            "Sign with the time in seconds, as Dealix does: look at your own sender, test or proxy."
        }
        Mistake::ClockSkew { age_seconds, .. } if is_usual_age(*age_seconds) => {
            "Leave the window at its default of 300 s: clocks differ, and deliveries take time."
        }
        Mistake::ClockSkew { age_seconds, .. } if *age_seconds < 0 => {
            "Synchronize the clocks by NTP (`timedatectl`), the receiver's first; if you signed it yourself, pass seconds since 1970 in UTC."
        }
        Mistake::ClockSkew { .. } => {
            "Synchronize the receiver's clock by NTP (`timedatectl`), verify before you queue, and do not replay recordings: \
             Dealix signs every attempt with its own time."
        }
        Mistake::OtherProvider(_) => {
            "Verify it with that provider's library, or correct the address that the provider sends to."
        }
        Mistake::MissingHeader if has_empty_header(details) => "Pass the header's value, not just its name.",
        Mistake::MissingHeader => {
            "Pass all of the request's headers; if there is a proxy or gateway in front of this server, make it forward Dealix-Signature."
        }
        Mistake::HeaderRewritten(_) => {
            "Pass the header's value exactly as it arrived; look for a proxy or code that trims, joins, splits or copies it."
        }
        Mistake::UpperCaseHex => {
            "Write it in lower case, as Dealix does: look at your own sender or test, or at what changes the header."
        }
        Mistake::Base64Signature => "Write it in lower-case hex, as Dealix does: look at your own sender or test.",
        Mistake::TimestampNotSigned => {
            "Sign `<t>.<body>`, as Dealix does: look at your own sender or test, or use `sign_payload`."
        }
        Mistake::Unknown => {
            "Compare the bytes and the header with what Dealix sent, starting where the request enters your server, and the secret with the one that Dealix shows."
        }
    }
}
