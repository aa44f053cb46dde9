//! The TypeScript map: the known fields of each type's payload.

use dealix_webhooks::catalogue::{CATALOGUE, CatalogueEntry};

const HEAD: &str = "\
// Written by `cargo xtask package` from the crate's catalogue.

/**
 * What is known of each type's payload. Every field may be absent or null, and others may be present: neither Dealix nor this
 * package checks a payload. To fix the type of a payload, declare it in `DealixEventMap`.
 */
export interface KnownPayloads {
";

pub fn payloads() -> String {
    let entries: String = CATALOGUE.iter().map(payload).collect();
    format!("{HEAD}{entries}}}\n")
}

fn payload(entry: &CatalogueEntry) -> String {
    let fields = entry.fields.iter();
    let fields: String = fields
        .map(|field| format!("    /** {} */\n    {}?: {} | null;\n", field.meaning, field.name, field.kind.json_type()))
        .collect();
    format!(
        "  /** {} */\n  \"{}\": {{\n{fields}    [field: string]: unknown;\n  }};\n",
        entry.summary, entry.event_type
    )
}
