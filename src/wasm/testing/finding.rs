//! What was found, in the npm package's words where they differ from the crate's.

use super::label::other_secret;
use crate::diagnose::{BodyForm, Details, Mistake, finding};

/// A clause that says what was found.
pub(super) fn finding(mistake: &Mistake, details: &Details) -> String {
    let finding = match mistake {
        Mistake::BodyParsed(BodyForm::JsonStringify) => "the body was parsed: the output of JSON.stringify matches",
        Mistake::BodyParsed(BodyForm::JsonString) => {
            "the body went through JSON.stringify twice, so it is a JSON string that contains JSON"
        }
        Mistake::BodyParsed(BodyForm::BufferJson) => {
            "the body is a buffer written as a list of numbers, and those bytes match"
        }
        Mistake::BodyParsed(BodyForm::ObjectText) => {
            "the body is the text that JavaScript shows for an object: it was parsed and then converted to a string"
        }
        Mistake::BodyParsed(BodyForm::Object) => {
            "the body is a parsed object that matches in no form: numbers may have changed, or the secret is wrong too"
        }
        Mistake::OtherSecret(_) => {
            let label = other_secret(details).unwrap_or_default();
            return format!(
                "the delivery was signed with the secret labelled {label}, not with the one that you verify it with"
            );
        }
        _ => return finding::finding(mistake, details),
    };
    finding.to_owned()
}
