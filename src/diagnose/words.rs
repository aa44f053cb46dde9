//! The diagnosis in words, which show no secret, no body and no MAC.

use super::Details;
use super::mistake::{ADDED, Mistake};
use super::provider::full_name;
use crate::DEFAULT_MAX_AGE_SECONDS;

/// One sentence on what was found, and what to do about each part of it.
pub(super) fn sentences(mistakes: &[Mistake], details: &Details) -> (String, String) {
    let mut found = String::new();
    let mut advice: Vec<&str> = Vec::new();
    for mistake in mistakes {
        if !found.is_empty() {
            found.push_str(", and ");
        }
        found.push_str(&finding(mistake, details));
        let line = self::advice(mistake, details);
        if !advice.contains(&line) {
            advice.push(line);
        }
    }
    if mistakes.is_empty() {
        found.push_str("the signature is good");
        advice.push("If the delivery is refused all the same, the handler or the body's fields are the reason, not the signature.");
    }
    if details.is_incomplete {
        found.push_str("; the body is too long, or the secrets are too many, for all to be tried");
    }
    found.push('.');
    found[..1].make_ascii_uppercase();
    (found, advice.join(" "))
}

/// A clause that says what was found.
fn finding(mistake: &Mistake, details: &Details) -> String {
    let names = &details.header_names;
    let finding = match mistake {
        Mistake::BodyParsed(form) => parsed(form),
        Mistake::ByteOrderMark(change) => {
            return format!("a byte-order mark at the start of the body was {change} on the way");
        }
        Mistake::Newline(change) => return format!("a newline at the end of the body was {change} on the way"),
        Mistake::LineEndings(change) => {
            let (from, to) = if *change == ADDED { ("LF", "CRLF") } else { ("CRLF", "LF") };
            return format!("the body's line endings were changed from {from} to {to} on the way");
        }
        Mistake::Charset(form) => charset(form),
        Mistake::Base64Body => "the body is still in base64",
        Mistake::CompressedBody("unknown") => {
            "the body is encoded as its Content-Encoding says, and the signature covers what it was before"
        }
        Mistake::CompressedBody(encoding) => {
            return format!("the body is compressed ({encoding}), and the signature covers what it was before");
        }
        Mistake::BodyRewritten => {
            "the body is JSON, but not as Dealix writes it, and writing it so again does not match: \
            most likely it was changed on the way, such as 12500.0 to 12500, or it was not sent by Dealix"
        }
        Mistake::BodyTruncated { body_bytes, content_length: Some(length) } => {
            return format!(
                "the body has {body_bytes} bytes where the Content-Length says {length}: a part of it is missing"
            );
        }
        Mistake::BodyTruncated { body_bytes, content_length: None } => {
            return format!(
                "the body is JSON that ends in the middle, after {body_bytes} bytes: most likely a part of it is missing"
            );
        }
        Mistake::EmptyBody => "the body is empty, and no delivery of Dealix is",
        Mistake::SecretAround("name") => "the secret has its variable's name before it, as in NAME=secret",
        Mistake::SecretAround("whsec_prefix") => "the secret begins with whsec_, and the right one does not",
        Mistake::SecretAround(what) => return format!("the secret has {} around it", thing(what)),
        Mistake::SecretMissing("whsec_prefix") => "the secret lacks the whsec_ that it begins with",
        Mistake::SecretMissing(what) => {
            return format!("the secret lacks {} that the sender's has around it", thing(what));
        }
        Mistake::SecretEncoded(encoding) => return format!("the secret is still {}", encoded(encoding)),
        Mistake::SecretDecoded(encoding) => {
            return format!("the secret was decoded, and the right one is {} of it", encoding_of(encoding));
        }
        Mistake::OtherSecret(_) => {
            let label = details.other_secret.as_deref().unwrap_or_default();
            return format!(
                "the delivery was signed with the secret that you named {label}, not with the one that verifies it"
            );
        }
        Mistake::UnknownSecret { secrets: 1 } => {
            "header and body are as Dealix writes them, and the secret does not match: most likely the delivery was signed with another"
        }
        Mistake::UnknownSecret { secrets } => {
            return format!(
                "header and body are as Dealix writes them, and none of the {secrets} secrets matches: \
                 most likely the delivery was signed with another"
            );
        }
        Mistake::Milliseconds("now") => "the receiver's clock is in milliseconds",
        Mistake::Milliseconds(_) => "the header's t is in milliseconds",
        Mistake::ClockSkew { age_seconds, max_age_seconds } => return skew(*age_seconds, *max_age_seconds),
        Mistake::OtherProvider(provider) => {
            return format!("the headers are those of {}, not of Dealix", full_name(provider));
        }
        Mistake::MissingHeader if names.is_empty() => "there is no Dealix-Signature header, and no other was given",
        Mistake::MissingHeader if is_empty(names) => "the Dealix-Signature header is there, but has no text",
        Mistake::MissingHeader => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            return format!("there is no Dealix-Signature header among {}", names.join(", "));
        }
        Mistake::HeaderRewritten(what) => return format!("the Dealix-Signature header {}", header(what)),
        Mistake::UpperCaseHex => "the signature is in upper-case hex",
        Mistake::Base64Signature => "the signature is in base64",
        Mistake::TimestampNotSigned => "the signature was made of the body alone, without the time",
        Mistake::Unknown => "nothing that commonly goes wrong explains it",
    };
    finding.to_owned()
}

/// Whether a header without a text is among the names.
fn is_empty(names: &[String]) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case("dealix-signature"))
}

fn parsed(form: &str) -> &'static str {
    match form {
        "canonical" => "the body was parsed and written again: the form in which Dealix writes it matches",
        "json_stringify" => "the body was parsed: what JSON.stringify makes of it matches",
        "floats" => {
            "the body was parsed and written again, and numbers such as 12500.0 became 12500: it matches with them as they were"
        }
        "json_string" => "the body was put through JSON.stringify twice, so that it is a JSON string of JSON",
        "buffer_json" => "the body is a buffer written as a list of numbers, and its bytes match",
        "form_key" => "the body was parsed as a form, and is the object that this makes of JSON",
        "object_text" => {
            "the body is the text that JavaScript shows for an object: it was parsed, and made a string of"
        }
        _ => {
            "the body is a parsed object, and no way to write it again matches: numbers may have changed, or the secret is wrong too"
        }
    }
}

fn charset(form: &str) -> &'static str {
    match form {
        "latin1" => "the body's text was taken for latin-1 on the way",
        "windows_1252" => "the body's text was taken for windows-1252 on the way",
        "utf_16" => "the body's text was written as UTF-16 on the way",
        _ => {
            "the body holds the character U+FFFD: most likely it was decoded in a wrong charset or in the middle of a character"
        }
    }
}

fn thing(what: &str) -> &'static str {
    match what {
        "newline" => "a newline",
        "quotes" => "quotes",
        _ => "white space",
    }
}

fn encoded(encoding: &str) -> &'static str {
    match encoding {
        "base64" => "in base64",
        "hex" => "in hex",
        _ => "URL-encoded",
    }
}

fn encoding_of(encoding: &str) -> &'static str {
    match encoding {
        "base64" => "the base64",
        "hex" => "the hex",
        _ => "the URL encoding",
    }
}

fn skew(age_seconds: i64, max_age_seconds: i64) -> String {
    let limit = format!("the limit is {max_age_seconds} s");
    let seconds = age_seconds.unsigned_abs();
    let time = duration(seconds);
    if is_usual(age_seconds) {
        let direction = if age_seconds < 0 { "ahead of" } else { "before" };
        return format!(
            "the delivery was signed {seconds} s {direction} the receiver's clock, which is usual, and {limit}"
        );
    }
    if age_seconds < 0 {
        return format!(
            "the delivery was signed {seconds} s{time} ahead of the receiver's clock, and {limit}: one of the clocks is off"
        );
    }
    format!(
        "the delivery was signed {seconds} s{time} ago by the receiver's clock, and {limit}: \
         that clock is ahead, or the delivery was held back in a queue, or is sent again from a recording"
    )
}

/// Whether it is the window that is too narrow.
fn is_usual(age_seconds: i64) -> bool {
    age_seconds.unsigned_abs() <= DEFAULT_MAX_AGE_SECONDS.unsigned_abs()
}

/// In the units of people, for what is over two minutes.
fn duration(seconds: u64) -> String {
    match seconds {
        0..=119 => String::new(),
        120..=7_199 => format!(" ({} min)", seconds / 60),
        7_200..=172_799 => format!(" ({} h)", seconds / 3_600),
        _ => format!(" ({} days)", seconds / 86_400),
    }
}

fn header(what: &str) -> &'static str {
    match what {
        "white_space" => "was given white space",
        "quotes" => "was given quotes",
        "name_in_value" => "has its own name in its value",
        "semicolons" => "has semicolons in place of commas",
        "url_encoded" => "was URL-encoded",
        "upper_case" => "was put in upper case",
        "joined" => "is several headers joined to one",
        "truncated" => "was cut",
        _ => "is not of the form t=<unix seconds>,v1=<64 hex digits>",
    }
}

/// A sentence that says what to do.
fn advice(mistake: &Mistake, details: &Details) -> &'static str {
    match mistake {
        Mistake::BodyParsed("form_key") => {
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
        Mistake::CompressedBody(encoding) => decompress(encoding),
        Mistake::BodyRewritten => {
            "Verify the raw body, before any parser, and look for a proxy, gateway or middleware that writes the JSON again."
        }
        Mistake::BodyTruncated { .. } => {
            "Read the request to its end, all chunks of it, and look for a limit on the body's length."
        }
        Mistake::EmptyBody => {
            "Read the body before verifying it, look for what read it first, and check that the parser knows this content type."
        }
        Mistake::SecretAround("name") => "Set the variable to the secret alone, without NAME= before it.",
        Mistake::SecretAround("whsec_prefix") | Mistake::SecretMissing("whsec_prefix") => {
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
        Mistake::Milliseconds("now") => "Pass seconds: `Math.floor(Date.now() / 1000)`.",
        Mistake::Milliseconds(_) => {
            "Sign with the time in seconds: Dealix does, so look at your own sender, test or proxy."
        }
        Mistake::ClockSkew { age_seconds, .. } if is_usual(*age_seconds) => {
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
        Mistake::MissingHeader if is_empty(&details.header_names) => {
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

fn decompress(encoding: &str) -> &'static str {
    match encoding {
        "gzip" => {
            "Let no proxy or client compress requests, or decompress the body before you verify it: `gunzipSync(body)` of node:zlib; `express.raw` does so."
        }
        "deflate" => {
            "Let no proxy or client compress requests, or decompress the body before you verify it: `inflateSync(body)` of node:zlib; `express.raw` does so."
        }
        "br" => {
            "Let no proxy or client compress requests, or decompress the body before you verify it: `brotliDecompressSync(body)` of node:zlib."
        }
        _ => "Let no proxy or client compress requests, or decompress the body before you verify it.",
    }
}
