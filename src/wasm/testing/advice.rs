//! What to do about it, in the npm package's words.

use crate::diagnose::sentences::{has_empty_header, is_usual_age};
use crate::diagnose::{BodyForm, Compression, Details, Mistake, Time};

/// A sentence that says what to do.
pub(super) fn advice(mistake: &Mistake, details: &Details) -> &'static str {
    match mistake {
        Mistake::BodyParsed(BodyForm::FormKey) => {
            "Verify the raw body, before any parser: in Express `express.raw({ type: () => true })` on this route."
        }
        Mistake::BodyParsed(_) => {
            "Verify the raw body, before any parser: in Express `express.raw({ type: () => true })` on this route before `express.json()`, \
             elsewhere `await request.text()` in place of `request.json()`; and let no proxy write the JSON again."
        }
        Mistake::ByteOrderMark(_) => {
            "Pass the bytes as they arrived: read no file or stream in a way that adds or drops the mark."
        }
        Mistake::Newline(_) => {
            "Pass the bytes as they arrived: look for what trims or prints the body, such as `trim()`, `echo`, an editor or a proxy."
        }
        Mistake::LineEndings(_) => {
            "Transfer the body in binary, not as text: look for git's autocrlf, FTP in text mode, or a Windows tool."
        }
        Mistake::Charset(_) => {
            "Keep the body as bytes, a `Buffer` or `Uint8Array`, or decode all of it at once as UTF-8."
        }
        Mistake::Base64Body => {
            "Decode it first: on Lambda `Buffer.from(event.body, \"base64\")` where `event.isBase64Encoded`, or `verifyLambda` of @dealix/webhooks/node."
        }
        Mistake::CompressedBody(compression) => decompress(*compression),
        Mistake::BodyRewritten => {
            "Verify the raw body, before any parser, and look for a proxy, gateway or middleware that writes the JSON again."
        }
        Mistake::BodyTruncated { .. } => {
            "Read the request to its end, all chunks of it, and look for a limit on the body's length."
        }
        Mistake::EmptyBody => {
            "Read the body before verifying it, look for what read it first, and check that the parser knows this content type."
        }
        Mistake::SecretNamed => "Set the variable to the secret alone, without NAME= before it.",
        Mistake::SecretPrefix(_) => {
            "Copy the secret from Dealix as it stands there, and change nothing in code: the whole of it is the key."
        }
        Mistake::SecretAround(_) => {
            "Take it away where the secret is set: in the .env or secret file, the shell, or the dashboard; `docker --env-file` keeps quotes, `echo` adds a newline."
        }
        Mistake::SecretMissing(_) => "Register the endpoint's secret at Dealix again, without it.",
        Mistake::SecretEncoded(_) | Mistake::SecretDecoded(_) => {
            "Use the secret as Dealix shows it: neither encoded, as in a Kubernetes manifest, nor decoded."
        }
        Mistake::OtherSecret(_) => {
            "Use that secret here, or let Dealix send to the endpoint that it belongs to; while one is rotated out, list both."
        }
        Mistake::UnknownSecret { .. } => {
            "Compare the secret with the one that Dealix shows for this very endpoint and environment; `otherSecrets` tries those that you have."
        }
        Mistake::Milliseconds(Time::Now) => "Pass seconds: `Math.floor(Date.now() / 1000)`.",
        Mistake::Milliseconds(Time::Timestamp) => {
            "Sign with the time in seconds: Dealix does, so look at your own sender, test or proxy."
        }
        Mistake::ClockSkew { age_seconds, .. } if is_usual_age(*age_seconds) => {
            "Leave the window at its default of 300 s: clocks differ, and a delivery takes its time."
        }
        Mistake::ClockSkew { age_seconds, .. } if *age_seconds < 0 => {
            "Set the clocks by NTP (`timedatectl`), the receiver's first; if you signed it yourself, pass seconds since 1970 in UTC."
        }
        Mistake::ClockSkew { .. } => {
            "Set the receiver's clock by NTP (`timedatectl`), verify before you queue, and take no recording: Dealix signs every attempt anew."
        }
        Mistake::OtherProvider(_) => {
            "Verify it with that provider's library, or correct the address that the provider sends to."
        }
        Mistake::MissingHeader if has_empty_header(details) => {
            "Pass the request's headers as they are, or the header's text; in a Map of your own, write the names in lower case."
        }
        Mistake::MissingHeader => {
            "Pass all of the request's headers; if a proxy or gateway stands before this server, let it pass Dealix-Signature on."
        }
        Mistake::HeaderRewritten(_) => {
            "Pass the header's value exactly as it arrived; look for a proxy or code that trims, joins, splits or copies it."
        }
        Mistake::UpperCaseHex => {
            "Write it in lower case: Dealix does, so look at your own sender or test, or at what changes the header."
        }
        Mistake::Base64Signature => {
            "Write it in hex, such as `digest(\"hex\")`: Dealix does, so look at your own sender or test."
        }
        Mistake::TimestampNotSigned => {
            "Sign `<t>.<body>`: Dealix does, so look at your own sender or test, or use `signPayload`."
        }
        Mistake::Unknown => {
            "Compare the bytes, the header and the secret with those that Dealix sent, from the server's entrance inwards."
        }
    }
}

fn decompress(compression: Compression) -> &'static str {
    match compression {
        Compression::Gzip => {
            "Let no proxy or client compress requests, or decompress the body before you verify it: `gunzipSync(body)` of node:zlib; `express.raw` does so."
        }
        Compression::Deflate => {
            "Let no proxy or client compress requests, or decompress the body before you verify it: `inflateSync(body)` of node:zlib; `express.raw` does so."
        }
        Compression::Brotli => {
            "Let no proxy or client compress requests, or decompress the body before you verify it: `brotliDecompressSync(body)` of node:zlib."
        }
        Compression::Zstd | Compression::Unknown => {
            "Let no proxy or client compress requests, or decompress the body before you verify it."
        }
    }
}
