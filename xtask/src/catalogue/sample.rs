//! Whether a sample is what the catalogue says: valid JSON, the known fields, and a trap for receivers that write it again.

use anyhow::{Context, Result, bail, ensure};
use dealix_webhooks::catalogue::{CatalogueEntry, FieldKind, KnownField};
use serde_json::{Map, Value};

pub const FOLDER: &str = "src/event/catalogue/samples";

/// What every message ends with.
const NOTHING_LOST: &str = "Nothing was built, and nothing that was built before is gone.";

pub fn check(entry: &CatalogueEntry) -> Result<()> {
    let file = format!("{FOLDER}/{}.json", entry.event_type);
    let fields = parse(&file, entry.sample)?;
    check_fields(&fields, entry.fields).with_context(|| {
        format!("{file} differs from its entry in src/event/catalogue/entries.rs. Correct either. {NOTHING_LOST}")
    })?;
    check_trap(entry.sample, &fields)
        .with_context(|| format!("{file} would not catch a receiver that parses and writes it again. {NOTHING_LOST}"))
}

fn parse(file: &str, text: &str) -> Result<Map<String, Value>> {
    let parsed = serde_json::from_str(text).map_err(|error| not_json(file, &error))?;
    match parsed {
        Value::Object(fields) => Ok(fields),
        _ => bail!("{file} is JSON, but not an object: put what it contains into {{\"a field\": …}}. {NOTHING_LOST}"),
    }
}

fn not_json(file: &str, error: &serde_json::Error) -> anyhow::Error {
    let (line, column) = (error.line(), error.column());
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    anyhow::anyhow!(
        "{file} is not JSON: {reason} at line {line}, column {column}. Correct it there, or restore the file with \
         `git restore {file}`. {NOTHING_LOST}"
    )
}

fn check_fields(fields: &Map<String, Value>, known: &[KnownField]) -> Result<()> {
    for field in known {
        let value = fields.get(field.name).with_context(|| format!("the sample has no `{}`", field.name))?;
        ensure!(is_of_kind(value, field.kind), "`{}` is {value}, not {}", field.name, described(field.kind));
    }
    let is_known = |name: &str| known.iter().any(|field| field.name == name);
    match fields.keys().find(|name| !is_known(name)) {
        Some(unknown) => bail!("the entry has no field `{unknown}`"),
        None => Ok(()),
    }
}

fn is_of_kind(value: &Value, kind: FieldKind) -> bool {
    match kind {
        FieldKind::Text => value.is_string(),
        FieldKind::Number => value.is_number(),
        _ => false,
    }
}

fn described(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "a string",
        FieldKind::Number => "a number",
        _ => "a kind that this check knows",
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

    const FIELDS: [(&str, FieldKind); 2] = [("name", FieldKind::Text), ("amount", FieldKind::Number)];

    /// The message for a sample of an event with a name and an amount.
    fn message(text: &str) -> String {
        let entry = dealix_webhooks::catalogue::CATALOGUE.iter().find(|entry| entry.event_type == "health.changed");
        let mut entry = entry.unwrap().clone();
        assert_eq!(entry.fields.iter().map(|field| field.kind).collect::<Vec<_>>(), FIELDS.map(|(_, kind)| kind));
        entry.sample = Box::leak(text.to_owned().into_boxed_str());
        check(&entry).map_or_else(|error| format!("{error:#}"), |()| String::new())
    }

    #[test]
    fn a_sample_that_is_not_json_is_named_with_the_place_and_the_cure() {
        assert_eq!(
            message("{\n  \"score\": 64.0\n  \"name\": \"x\"\n}\n"),
            "src/event/catalogue/samples/health.changed.json is not JSON: expected `,` or `}` at line 3, column 3. Correct it \
             there, or restore the file with `git restore src/event/catalogue/samples/health.changed.json`. Nothing was \
             built, and nothing that was built before is gone."
        );
        assert!(message("").contains("is not JSON: EOF while parsing a value at line 1, column 0. Correct it there"));
        assert!(message("[1]").contains("is JSON, but not an object: put what it contains into {"));
    }

    #[test]
    fn a_sample_has_exactly_the_known_fields() {
        assert_eq!(message("{\"score\": 64.0, \"name\": \"شركة 🌅\"}"), "");
        for (text, fault) in [
            ("{\"score\": 64.0}", "the sample has no `name`"),
            ("{\"score\": \"64.0\", \"name\": \"شركة 🌅\"}", "`score` is \"64.0\", not a number"),
            ("{\"score\": 64.0, \"name\": null}", "`name` is null, not a string"),
            ("{\"score\": 64.0, \"name\": \"شركة 🌅\", \"more\": 1}", "the entry has no field `more`"),
        ] {
            assert!(message(text).ends_with(fault), "{}", message(text));
        }
    }

    #[test]
    fn a_sample_that_survives_being_written_again_is_refused() {
        for (text, cure) in [
            ("{\"score\": 64.0, \"name\": \"Horizon 🌅\"}", "add an Arabic word"),
            ("{\"score\": 64.0, \"name\": \"شركة\"}", "add an emoji"),
            ("{\"score\": 64, \"name\": \"شركة 🌅\"}", "write one number with `.0`, such as 12500.0"),
            ("{\"name\": \"شركة 🌅\", \"score\": 64.0}", "put the keys out of order"),
        ] {
            assert!(message(text).ends_with(cure), "{}", message(text));
        }
    }
}
