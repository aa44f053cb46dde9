//! Generates what the npm package contains about the event types from the crate's catalogue: TypeScript, JSON Schema, OpenAPI
//! and the README's table.

mod openapi;
mod readme;
mod sample;
mod schema;
mod typescript;

use anyhow::Result;
use dealix_webhooks::catalogue::CATALOGUE;
use serde_json::Value;
use std::fs;
use std::path::Path;

pub use readme::table;

/// Fails if a sample is not what the catalogue says. Called before anything is built or removed.
pub fn check() -> Result<()> {
    CATALOGUE.iter().try_for_each(sample::check)
}

/// Writes the types of the payloads, which the TypeScript imports.
pub fn write_types(generated: &Path) -> Result<()> {
    Ok(fs::write(generated.join("payloads.ts"), typescript::payloads())?)
}

/// Writes the documents for other tools.
pub fn write_documents(package: &Path, version: &str) -> Result<()> {
    fs::create_dir_all(package.join("schemas"))?;
    write_json(&package.join("schemas/events.json"), &schema::events())?;
    write_json(&package.join("openapi.json"), &openapi::document(version)?)
}

fn write_json(file: &Path, document: &Value) -> Result<()> {
    Ok(fs::write(file, format!("{document}\n"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_what_the_catalogue_says() {
        check().unwrap_or_else(|error| panic!("{error:#}"));
    }

    #[test]
    fn every_file_in_the_folder_of_the_samples_belongs_to_a_type() {
        let folder = fs::read_dir(crate::command::root().join(sample::FOLDER)).unwrap();
        let mut files: Vec<_> = folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        let mut named: Vec<_> = CATALOGUE.iter().map(|entry| format!("{}.json", entry.event_type)).collect();
        files.sort();
        named.sort();
        assert_eq!(files, named);
    }

    #[test]
    fn the_documents_are_small() {
        let bytes = schema::events().to_string().len() + openapi::document("1.2.3").unwrap().to_string().len();
        assert!(bytes < MAX_BYTES, "{bytes} bytes");
    }

    /// Nearly half is what OpenAPI repeats for each webhook: its headers and responses, by reference.
    const MAX_BYTES: usize = 26_000;
}
