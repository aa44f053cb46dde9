//! Whether a sample is what the catalogue says: valid JSON, the known fields, and a trap for receivers that write it again.

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use dealix_webhooks::catalogue::{CatalogueEntry, KnownField};
use serde_json::{Map, Value};

pub const FOLDER: &str = "src/event/catalogue/samples";

/// What every message ends with.
const NOTHING_LOST: &str = "Nothing was built; earlier builds are untouched.";

pub fn check(entry: &CatalogueEntry) -> Result<()> {
    let file = format!("{FOLDER}/{}.json", entry.event_type);
    let fields = parse(&file, entry.sample)?;
    check_fields(&fields, entry.fields).map_err(|fault| {
        anyhow!(
            "{file} differs from its entry in src/event/catalogue/entries.rs: {fault}. Change one to match the other. {NOTHING_LOST}"
        )
    })?;
    check_trap(entry.sample, &fields).map_err(|cure| {
        anyhow!("{file} would not catch a receiver that parses and re-serializes the body: {cure}. {NOTHING_LOST}")
    })
}

fn parse(file: &str, text: &str) -> Result<Map<String, Value>> {
    let parsed = serde_json::from_str(text).map_err(|error| not_json(file, &error))?;
    match parsed {
        Value::Object(fields) => Ok(fields),
        _ => bail!("{file} must be a JSON object, such as {{\"name\": …}}. {NOTHING_LOST}"),
    }
}

fn not_json(file: &str, error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    anyhow!(
        "{file} is not JSON: {reason} at line {line}, column {column}. Correct it there, or restore the file with \
         `git restore {file}`. {NOTHING_LOST}"
    )
}

fn check_fields(fields: &Map<String, Value>, known: &[KnownField]) -> Result<()> {
    for field in known {
        let value = fields.get(field.name).with_context(|| format!("the sample has no `{}`", field.name))?;
        let (found, expected) = (json_type_of(value), field.kind.json_type());
        ensure!(found == expected, "`{}` is {value}, not a {expected}", field.name);
    }
    Ok(())
}

fn json_type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// What most often goes wrong when a body is parsed and written again must be in every sample.
fn check_trap(text: &str, fields: &Map<String, Value>) -> Result<()> {
    let is_arabic = |letter: char| ('\u{600}'..='\u{6ff}').contains(&letter);
    let places: Vec<_> = fields.keys().map(|name| text.find(&format!("\"{name}\":"))).collect();
    ensure!(text.matches(is_arabic).count() >= 2, "add an Arabic word");
    ensure!(text.chars().any(|letter| letter > '\u{ffff}'), "add an emoji");
    ensure!(text.matches(".0").count() == 1, "write one number with `.0`, such as 12500.0");
    ensure!(!places.is_sorted(), "put the keys out of order");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dealix_webhooks::EventType;
    use dealix_webhooks::catalogue::CATALOGUE;

    /// The message for a sample of an event with a name, an amount and a currency.
    fn message(text: &str) -> String {
        let entry = CATALOGUE.iter().find(|entry| entry.event_type == EventType::DEAL_CREATED);
        let mut entry = entry.unwrap().clone();
        entry.sample = Box::leak(text.to_owned().into_boxed_str());
        check(&entry).map_or_else(|error| format!("{error:#}"), |()| String::new())
    }

    #[test]
    fn a_sample_that_is_not_json_is_named_with_the_place_and_the_cure() {
        assert_eq!(
            message("{\n  \"amount\": 64.0\n  \"name\": \"x\"\n}\n"),
            "src/event/catalogue/samples/deal.created.json is not JSON: expected `,` or `}` at line 3, column 3. Correct it \
             there, or restore the file with `git restore src/event/catalogue/samples/deal.created.json`. Nothing was \
             built; earlier builds are untouched."
        );
        assert!(message("").contains("is not JSON: EOF while parsing a value at line 1, column 0. Correct it there"));
        assert!(message("[1]").contains("must be a JSON object, such as {"));
    }

    #[test]
    fn a_sample_has_the_known_fields() {
        let good = "{\"currency\": \"SAR\", \"amount\": 64.0, \"name\": \"شركة 🌅\"}";
        assert_eq!(message(good), "");
        assert_eq!(message(&good.replace('}', ", \"more\": 1}")), "");
        for (text, fault) in [
            ("{\"currency\": \"SAR\", \"amount\": 64.0}", "the sample has no `name`"),
            (
                "{\"currency\": \"SAR\", \"amount\": \"64.0\", \"name\": \"شركة 🌅\"}",
                "`amount` is \"64.0\", not a number",
            ),
            ("{\"currency\": \"SAR\", \"amount\": 64.0, \"name\": null}", "`name` is null, not a string"),
        ] {
            assert!(message(text).contains(&format!("entries.rs: {fault}. Change")), "{}", message(text));
        }
    }

    #[test]
    fn a_sample_that_survives_being_written_again_is_refused() {
        for (text, cure) in [
            ("{\"currency\": \"SAR\", \"amount\": 64.0, \"name\": \"Horizon 🌅\"}", "add an Arabic word"),
            ("{\"currency\": \"SAR\", \"amount\": 64.0, \"name\": \"شركة\"}", "add an emoji"),
            (
                "{\"currency\": \"SAR\", \"amount\": 64, \"name\": \"شركة 🌅\"}",
                "write one number with `.0`, such as 12500.0",
            ),
            ("{\"amount\": 64.0, \"currency\": \"SAR\", \"name\": \"شركة 🌅\"}", "put the keys out of order"),
        ] {
            assert!(message(text).contains(&format!("body: {cure}. Nothing")), "{}", message(text));
        }
    }
}
