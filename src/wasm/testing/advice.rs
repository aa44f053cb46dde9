//! What to do about it, in the npm package's words where they differ from the crate's.

use crate::diagnose::sentences::has_empty_header;
use crate::diagnose::{BodyForm, Compression, Details, Mistake, Time, advice};

/// A sentence that says what to do.
pub(super) fn advice(mistake: &Mistake, details: &Details) -> &'static str {
    match mistake {
        Mistake::BodyParsed(BodyForm::FormKey) => {
            "Verify the raw body before any parser sees it: in Express, use `express.raw({ type: () => true })` on this route."
        }
        Mistake::BodyParsed(_) => {
            "Verify the raw body before any parser sees it: in Express, use `express.raw({ type: () => true })` on this route before `express.json()`, \
             elsewhere `await request.text()` instead of `request.json()`; and make sure that no proxy rewrites the JSON."
        }
        Mistake::Charset(_) => {
            "Keep the body as bytes, a `Buffer` or `Uint8Array`, or decode all of it at once as UTF-8."
        }
        Mistake::Base64Body => {
            "Decode it first: on Lambda, use `Buffer.from(event.body, \"base64\")` if `event.isBase64Encoded` is true, or `verifyLambda` of @dealix/webhooks/node."
        }
        Mistake::CompressedBody(Compression::Gzip) => {
            "Keep proxies and clients from compressing requests, or decompress the body before you verify it: `gunzipSync(body)` from node:zlib; `express.raw` does it for you."
        }
        Mistake::CompressedBody(Compression::Deflate) => {
            "Keep proxies and clients from compressing requests, or decompress the body before you verify it: `inflateSync(body)` from node:zlib; `express.raw` does it for you."
        }
        Mistake::CompressedBody(Compression::Brotli) => {
            "Keep proxies and clients from compressing requests, or decompress the body before you verify it: `brotliDecompressSync(body)` from node:zlib."
        }
        Mistake::EmptyBody => {
            "Read the body before verifying it, look for what read it first, and check that the parser knows this content type."
        }
        Mistake::UnknownSecret { .. } => {
            "Compare the secret with the one that Dealix shows for this very endpoint and environment; `otherSecrets` tries any others that you have."
        }
        Mistake::Milliseconds(Time::Now) => "Pass seconds: `Math.floor(Date.now() / 1000)`.",
        Mistake::MissingHeader if has_empty_header(details) => {
            "Pass the request's headers as they are, or the header's text; in a Map of your own, write the names in lower case."
        }
        Mistake::Base64Signature => {
            "Write it in hex, as Dealix does, for example with `digest(\"hex\")`: look at your own sender or test."
        }
        Mistake::TimestampNotSigned => {
            "Sign `<t>.<body>`, as Dealix does: look at your own sender or test, or use `signPayload`."
        }
        _ => advice::advice(mistake, details),
    }
}
