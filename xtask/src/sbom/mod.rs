//! `cargo xtask sbom`: what is compiled into the npm package and into the sender's command, as CycloneDX documents. Without a
//! time or a serial number, so that the same commit gives the same bytes.

mod crates;

use crate::command::{output, program, root, step};
use anyhow::{Context, Result};
use crates::Crate;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// What is published, and what it is compiled from.
struct Artifact {
    name: &'static str,
    kind: &'static str,
    purl: &'static str,
    features: &'static str,
    target: &'static str,
}

const ARTIFACTS: [Artifact; 2] = [
    // The TypeScript around the two modules has no dependency.
    Artifact {
        name: "@dealix/webhooks",
        kind: "library",
        purl: "pkg:npm/%40dealix/webhooks",
        features: "wasm,wasm-testing",
        target: "wasm32-unknown-unknown",
    },
    Artifact {
        name: "dealix-sender",
        kind: "application",
        purl: "pkg:cargo/dealix-webhooks",
        features: "cli",
        target: "x86_64-unknown-linux-gnu",
    },
];

/// Writes `target/sbom/<name>-<version>.cdx.json` for each artifact.
pub fn write() -> Result<()> {
    let folder = root().join("target/sbom");
    fs::create_dir_all(&folder)?;
    for artifact in ARTIFACTS {
        let path = folder.join(file_name(&artifact));
        step(&format!("sbom: {}", path.display()));
        fs::write(path, format!("{:#}\n", document(&artifact)?))?;
    }
    Ok(())
}

fn file_name(artifact: &Artifact) -> PathBuf {
    let name = artifact.name.trim_start_matches('@').replace('/', "-");
    format!("{name}-{}.cdx.json", env!("CARGO_PKG_VERSION")).into()
}

fn document(artifact: &Artifact) -> Result<Value> {
    let graph = crates::compiled_into(artifact.features, artifact.target)?;
    let std = standard_library()?;
    let subject = format!("{}@{}", artifact.purl, graph.root.version);
    let reference = |one: &Crate| if *one == graph.root { subject.clone() } else { one.purl() };
    let components = graph.crates.iter().map(Crate::component);
    let dependencies = graph.edges.iter().map(|(one, uses)| {
        let mut uses: Vec<_> = uses.iter().map(reference).collect();
        uses.push(text(&std, "bom-ref"));
        json!({ "ref": reference(one), "dependsOn": uses })
    });
    let leaf = json!({ "ref": std["bom-ref"], "dependsOn": [] });
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": { "components": [{ "type": "application", "name": "cargo xtask sbom" }] },
            "component": {
                "type": artifact.kind,
                "bom-ref": subject,
                "name": artifact.name,
                "version": graph.root.version,
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
                "purl": subject,
            },
        },
        "components": components.chain([std.clone()]).collect::<Vec<_>>(),
        "dependencies": dependencies.chain([leaf]).collect::<Vec<_>>(),
    }))
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

/// Rust's standard library, which every crate uses and no Cargo.lock names.
fn standard_library() -> Result<Value> {
    let printed = output(program("rustc").arg("--version"))?;
    let version = printed.split_whitespace().nth(1).context("rustc --version")?;
    let purl = format!("pkg:generic/rust-std@{version}");
    Ok(json!({
        "type": "library",
        "bom-ref": purl,
        "name": "rust-std",
        "version": version,
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        "purl": purl,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names(document: &Value) -> BTreeSet<String> {
        document["components"].as_array().expect("components").iter().map(|one| text(one, "name")).collect()
    }

    #[test]
    fn each_artifact_lists_what_is_compiled_into_it() {
        let [package, sender] = ARTIFACTS.map(|artifact| names(&document(&artifact).expect("a document")));
        for name in ["sha2", "hmac", "serde_json", "rust-std", "miniz_oxide"] {
            assert!(package.contains(name), "{name} in {package:?}");
        }
        for name in ["sqlx", "hyper", "rustls", "clap", "rust-std"] {
            assert!(sender.contains(name), "{name}");
            assert!(name == "rust-std" || !package.contains(name), "{name} is not in the package");
        }
        for name in ["criterion", "tempfile", "syn", "ureq"] {
            assert!(!sender.contains(name), "{name} is only used by tests, macros or tools");
        }
    }

    #[test]
    fn every_component_has_a_licence_and_a_digest_and_is_referred_to() {
        for artifact in ARTIFACTS {
            let document = document(&artifact).expect("a document");
            let dependencies = document["dependencies"].as_array().expect("dependencies");
            let refs: BTreeSet<_> = dependencies.iter().map(|one| text(one, "ref")).collect();
            for component in document["components"].as_array().expect("components") {
                let name = text(component, "name");
                assert!(!text(&component["licenses"][0], "expression").is_empty(), "{name}");
                let digest = text(&component["hashes"][0], "content");
                assert!(digest.len() == 64 || name == "rust-std", "{name}");
                assert!(refs.contains(&text(component, "bom-ref")), "{name}");
            }
            let used = dependencies.iter().flat_map(|one| one["dependsOn"].as_array().expect("a list"));
            for reference in used {
                assert!(refs.contains(reference.as_str().expect("text")), "{reference}");
            }
        }
    }

    #[test]
    fn a_document_names_no_folder_of_this_machine() {
        let root = root().display().to_string();
        for artifact in ARTIFACTS {
            let text = document(&artifact).expect("a document").to_string();
            assert!(!text.contains(&root) && !text.contains("file:"), "{}", artifact.name);
        }
    }
}
