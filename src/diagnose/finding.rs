//! What was found, worded for Rust programs.

use super::details::Details;
use super::facts::{BodyForm, Change, Charset, Compression, HeaderFault, SecretEncoding, Time, Wrapping};
use super::mistake::Mistake;
use super::sentences::{duration, has_empty_header, is_usual_age};

/// A clause that says what was found. It shows no secret, no body and no MAC.
pub(crate) fn finding(mistake: &Mistake, details: &Details) -> String {
    let finding = match mistake {
        Mistake::BodyParsed(form) => parsed(*form),
        Mistake::ByteOrderMark(change) => {
            return format!("a byte-order mark at the start of the body was {change} in transit");
        }
        Mistake::Newline(change) => return format!("a newline at the end of the body was {change} in transit"),
        Mistake::LineEndings(Change::Added) => "the body's line endings were changed from LF to CRLF in transit",
        Mistake::LineEndings(Change::Dropped) => "the body's line endings were changed from CRLF to LF in transit",
        Mistake::Charset(charset) => mistaken(*charset),
        Mistake::Base64Body => "the body is still in base64",
        Mistake::CompressedBody(Compression::Unknown) => {
            "the body is encoded as its Content-Encoding says, but the signature covers the original"
        }
        Mistake::CompressedBody(compression) => {
            return format!("the body is compressed ({compression}), but the signature covers the original");
        }
        Mistake::BodyRewritten => {
            "the body is JSON, but not as Dealix writes it, and rewriting it as Dealix would does not match: \
             most likely it was changed in transit, such as 12500.0 to 12500, or Dealix did not send it"
        }
        Mistake::BodyTruncated { body_bytes, content_length: Some(length) } => {
            return format!(
                "the body has {body_bytes} bytes, but the Content-Length is {length}: part of it is missing"
            );
        }
        Mistake::BodyTruncated { body_bytes, content_length: None } => {
            return format!(
                "the body is JSON that breaks off after {body_bytes} bytes: most likely part of it is missing"
            );
        }
        Mistake::EmptyBody => "the body is empty, and Dealix never sends an empty body",
        Mistake::SecretAround(wrapping) => return format!("the secret has {} around it", thing(*wrapping)),
        Mistake::SecretMissing(wrapping) => {
            return format!("the secret lacks {}, which the sender's secret has around it", thing(*wrapping));
        }
        Mistake::SecretNamed => "the secret has its variable's name before it, as in NAME=secret",
        Mistake::SecretPrefix(Change::Added) => "the secret begins with whsec_, but the right one does not",
        Mistake::SecretPrefix(Change::Dropped) => "the secret lacks the whsec_ at its start",
        Mistake::SecretEncoded(encoding) => return format!("the secret is still encoded in {}", name(*encoding)),
        Mistake::SecretDecoded(encoding) => {
            return format!("the secret was decoded from {}, but the encoded text is the right one", name(*encoding));
        }
        Mistake::OtherSecret(index) => return other_secret(*index, details),
        Mistake::UnknownSecret { secrets: 1 } => {
            "the header and the body are as Dealix writes them, but the secret does not match: \
             most likely the delivery was signed with a different one"
        }
        Mistake::UnknownSecret { secrets } => {
            return format!(
                "the header and the body are as Dealix writes them, but none of the {secrets} secrets matches: \
                 most likely the delivery was signed with a different one"
            );
        }
        Mistake::Milliseconds(Time::Now) => "the receiver's clock is in milliseconds",
        Mistake::Milliseconds(Time::Timestamp) => "the header's t is in milliseconds",
        Mistake::ClockSkew { age_seconds, max_age_seconds } => return skew(*age_seconds, *max_age_seconds),
        Mistake::OtherProvider(provider) => {
            return format!("the headers are those of {}, not of Dealix", provider.full_name());
        }
        Mistake::MissingHeader => return missing_header(details),
        Mistake::HeaderRewritten(fault) => return format!("the Dealix-Signature header {}", rewritten(*fault)),
        Mistake::UpperCaseHex => "the signature is in upper-case hex",
        Mistake::Base64Signature => "the signature is in base64",
        Mistake::TimestampNotSigned => "the signature covers only the body and not the timestamp",
        Mistake::Unknown => "no common mistake explains it",
    };
    finding.to_owned()
}

fn parsed(form: BodyForm) -> &'static str {
    match form {
        BodyForm::Canonical => "the body was parsed and written again: it matches when written as Dealix writes it",
        BodyForm::JsonStringify => "the body was parsed and written again: it matches as your JSON library writes it",
        BodyForm::Floats => {
            "the body was parsed and written again, and numbers such as 12500.0 became 12500: it matches once they are restored"
        }
        BodyForm::JsonString => "the body was serialized twice, so it is a JSON string that holds JSON",
        BodyForm::BufferJson => "the body is a byte buffer written as a list of numbers, and those bytes match",
        BodyForm::FormKey => "the body was parsed as a form, with the JSON as the name of a field",
        BodyForm::ObjectText => "the body is the text that JavaScript shows for an object: it was parsed in transit",
        BodyForm::Object => {
            "the body was parsed, and it matches in no form: numbers may have changed, or the secret is wrong too"
        }
    }
}

fn mistaken(charset: Charset) -> &'static str {
    match charset {
        Charset::Latin1 => "the body's text was taken for Latin-1 in transit",
        Charset::Windows1252 => "the body's text was taken for Windows-1252 in transit",
        Charset::Utf16 => "the body's text was written as UTF-16 in transit",
        Charset::ReplacementCharacter => {
            "the body holds the character U+FFFD: most likely it was decoded in the wrong charset, or in pieces"
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

fn name(encoding: SecretEncoding) -> &'static str {
    match encoding {
        SecretEncoding::Base64 => "base64",
        SecretEncoding::Hex => "hex",
        SecretEncoding::Url => "percent-encoding",
    }
}

fn other_secret(index: usize, details: &Details) -> String {
    let label = details.other_secret_label.clone().unwrap_or_else(|| format!("other_secrets[{index}]"));
    format!("the delivery was signed with the secret labelled {label}, not with the one that you verify it with")
}

fn missing_header(details: &Details) -> String {
    if details.header_names.is_empty() {
        return "there is no Dealix-Signature header, and no other header was given".to_owned();
    }
    if has_empty_header(details) {
        return "the Dealix-Signature header is there, but has no text".to_owned();
    }
    format!("there is no Dealix-Signature header among {}", details.header_names.join(", "))
}

fn rewritten(fault: HeaderFault) -> &'static str {
    match fault {
        HeaderFault::WhiteSpace => "has extra white space",
        HeaderFault::Quotes => "has quotes around it",
        HeaderFault::NameInValue => "repeats its own name in its value",
        HeaderFault::Semicolons => "has semicolons instead of commas",
        HeaderFault::UrlEncoded => "was percent-encoded",
        HeaderFault::UpperCase => "was put in upper case",
        HeaderFault::Joined => "is several headers joined into one",
        HeaderFault::Truncated => "was cut off",
        HeaderFault::Other => "does not have the form t=<unix seconds>,v1=<64 hex digits>",
    }
}

fn skew(age_seconds: i64, max_age_seconds: i64) -> String {
    let limit = format!("the limit is {max_age_seconds} s");
    let seconds = age_seconds.unsigned_abs();
    let time = duration(seconds);
    if is_usual_age(age_seconds) {
        let direction = if age_seconds < 0 { "ahead of" } else { "behind" };
        return format!(
            "the delivery was signed {seconds} s {direction} the receiver's clock, which is normal, but {limit}"
        );
    }
    if age_seconds < 0 {
        return format!(
            "the delivery was signed {seconds} s{time} ahead of the receiver's clock, and {limit}: one of the clocks is off"
        );
    }
    format!(
        "the delivery was signed {seconds} s{time} ago by the receiver's clock, and {limit}: \
         that clock is ahead, or the delivery waited in a queue, or it was replayed from a recording"
    )
}
