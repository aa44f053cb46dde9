//! What was found, in the npm package's words.

use super::label::other_secret;
use crate::diagnose::sentences::{duration, has_empty_header, is_usual_age};
use crate::diagnose::{
    BodyForm, Change, Charset, Compression, Details, HeaderFault, Mistake, SecretEncoding, Time, Wrapping,
};

/// A clause that says what was found. It shows no secret, no body and no MAC.
pub(super) fn finding(mistake: &Mistake, details: &Details) -> String {
    let names = &details.header_names;
    let finding = match mistake {
        Mistake::BodyParsed(form) => parsed(*form),
        Mistake::ByteOrderMark(change) => {
            return format!("a byte-order mark at the start of the body was {change} on the way");
        }
        Mistake::Newline(change) => return format!("a newline at the end of the body was {change} on the way"),
        Mistake::LineEndings(change) => {
            let (from, to) = match change {
                Change::Added => ("LF", "CRLF"),
                Change::Dropped => ("CRLF", "LF"),
            };
            return format!("the body's line endings were changed from {from} to {to} on the way");
        }
        Mistake::Charset(form) => charset(*form),
        Mistake::Base64Body => "the body is still in base64",
        Mistake::CompressedBody(Compression::Unknown) => {
            "the body is encoded as its Content-Encoding says, and the signature covers what it was before"
        }
        Mistake::CompressedBody(compression) => {
            return format!("the body is compressed ({compression}), and the signature covers what it was before");
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
        Mistake::SecretNamed => "the secret has its variable's name before it, as in NAME=secret",
        Mistake::SecretPrefix(Change::Added) => "the secret begins with whsec_, and the right one does not",
        Mistake::SecretAround(wrapping) => return format!("the secret has {} around it", thing(*wrapping)),
        Mistake::SecretPrefix(Change::Dropped) => "the secret lacks the whsec_ that it begins with",
        Mistake::SecretMissing(wrapping) => {
            return format!("the secret lacks {} that the sender's has around it", thing(*wrapping));
        }
        Mistake::SecretEncoded(encoding) => return format!("the secret is still {}", encoded(*encoding)),
        Mistake::SecretDecoded(encoding) => {
            return format!("the secret was decoded, and the right one is {} of it", encoding_of(*encoding));
        }
        Mistake::OtherSecret(_) => {
            let label = other_secret(details).unwrap_or_default();
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
        Mistake::Milliseconds(Time::Now) => "the receiver's clock is in milliseconds",
        Mistake::Milliseconds(Time::Timestamp) => "the header's t is in milliseconds",
        Mistake::ClockSkew { age_seconds, max_age_seconds } => return skew(*age_seconds, *max_age_seconds),
        Mistake::OtherProvider(provider) => {
            return format!("the headers are those of {}, not of Dealix", provider.full_name());
        }
        Mistake::MissingHeader if names.is_empty() => "there is no Dealix-Signature header, and no other was given",
        Mistake::MissingHeader if has_empty_header(details) => "the Dealix-Signature header is there, but has no text",
        Mistake::MissingHeader => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            return format!("there is no Dealix-Signature header among {}", names.join(", "));
        }
        Mistake::HeaderRewritten(fault) => return format!("the Dealix-Signature header {}", header(*fault)),
        Mistake::UpperCaseHex => "the signature is in upper-case hex",
        Mistake::Base64Signature => "the signature is in base64",
        Mistake::TimestampNotSigned => "the signature was made of the body alone, without the time",
        Mistake::Unknown => "nothing that commonly goes wrong explains it",
    };
    finding.to_owned()
}

fn parsed(form: BodyForm) -> &'static str {
    match form {
        BodyForm::Canonical => "the body was parsed and written again: the form in which Dealix writes it matches",
        BodyForm::JsonStringify => "the body was parsed: what JSON.stringify makes of it matches",
        BodyForm::Floats => {
            "the body was parsed and written again, and numbers such as 12500.0 became 12500: it matches with them as they were"
        }
        BodyForm::JsonString => "the body was put through JSON.stringify twice, so that it is a JSON string of JSON",
        BodyForm::BufferJson => "the body is a buffer written as a list of numbers, and its bytes match",
        BodyForm::FormKey => "the body was parsed as a form, and is the object that this makes of JSON",
        BodyForm::ObjectText => {
            "the body is the text that JavaScript shows for an object: it was parsed, and made a string of"
        }
        BodyForm::Object => {
            "the body is a parsed object, and no way to write it again matches: numbers may have changed, or the secret is wrong too"
        }
    }
}

fn charset(charset: Charset) -> &'static str {
    match charset {
        Charset::Latin1 => "the body's text was taken for latin-1 on the way",
        Charset::Windows1252 => "the body's text was taken for windows-1252 on the way",
        Charset::Utf16 => "the body's text was written as UTF-16 on the way",
        Charset::ReplacementCharacter => {
            "the body holds the character U+FFFD: most likely it was decoded in a wrong charset or in the middle of a character"
        }
    }
}

fn thing(wrapping: Wrapping) -> &'static str {
    match wrapping {
        Wrapping::Newline => "a newline",
        Wrapping::Quotes => "quotes",
        Wrapping::WhiteSpace => "white space",
    }
}

fn encoded(encoding: SecretEncoding) -> &'static str {
    match encoding {
        SecretEncoding::Base64 => "in base64",
        SecretEncoding::Hex => "in hex",
        SecretEncoding::Url => "URL-encoded",
    }
}

fn encoding_of(encoding: SecretEncoding) -> &'static str {
    match encoding {
        SecretEncoding::Base64 => "the base64",
        SecretEncoding::Hex => "the hex",
        SecretEncoding::Url => "the URL encoding",
    }
}

fn skew(age_seconds: i64, max_age_seconds: i64) -> String {
    let limit = format!("the limit is {max_age_seconds} s");
    let seconds = age_seconds.unsigned_abs();
    let time = duration(seconds);
    if is_usual_age(age_seconds) {
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

fn header(fault: HeaderFault) -> &'static str {
    match fault {
        HeaderFault::WhiteSpace => "was given white space",
        HeaderFault::Quotes => "was given quotes",
        HeaderFault::NameInValue => "has its own name in its value",
        HeaderFault::Semicolons => "has semicolons in place of commas",
        HeaderFault::UrlEncoded => "was URL-encoded",
        HeaderFault::UpperCase => "was put in upper case",
        HeaderFault::Joined => "is several headers joined to one",
        HeaderFault::Truncated => "was cut",
        HeaderFault::Other => "is not of the form t=<unix seconds>,v1=<64 hex digits>",
    }
}
