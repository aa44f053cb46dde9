//! The crates that an artifact is compiled from, as `cargo tree` and Cargo.lock have them.

use crate::command::{output, program, root};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crate {
    pub name: String,
    pub version: String,
    licence: String,
    /// Of the archive on crates.io; the crate of this repository has none.
    sha256: Option<String>,
}

impl Crate {
    pub fn purl(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }

    pub fn component(&self) -> Value {
        let purl = self.purl();
        json!({
            "type": "library",
            "bom-ref": purl,
            "name": self.name,
            "version": self.version,
            "hashes": [{ "alg": "SHA-256", "content": self.sha256 }],
            "licenses": [{ "expression": self.licence }],
            "purl": purl,
        })
    }
}

pub struct Graph {
    pub root: Crate,
    /// All but the root.
    pub crates: BTreeSet<Crate>,
    pub edges: BTreeMap<Crate, BTreeSet<Crate>>,
}

/// What is linked into the crate with these features: neither macros nor build scripts, which only run while it is compiled.
pub fn compiled_into(features: &str, target: &str) -> Result<Graph> {
    let checksums = checksums()?;
    let mut cargo = program("cargo");
    cargo.args(["tree", "--locked", "--package=dealix-webhooks", "--edges=normal,no-proc-macro", "--prefix=depth"]);
    cargo.args(["--format= {p} | {l}", "--no-default-features", "--features", features]);
    let printed = output(cargo.args(["--target", target]))?;
    let mut edges = BTreeMap::<Crate, BTreeSet<Crate>>::new();
    let mut above: Vec<Crate> = Vec::new();
    for line in printed.lines() {
        let (depth, one) = read(line, &checksums).with_context(|| format!("cargo tree: {line}"))?;
        above.truncate(depth);
        edges.entry(one.clone()).or_default();
        if let Some(user) = above.last() {
            edges.entry(user.clone()).or_default().insert(one.clone());
        }
        above.push(one);
    }
    let root = above.into_iter().next().context("cargo tree prints nothing")?;
    let crates = edges.keys().filter(|one| **one != root).cloned().collect();
    Ok(Graph { root, crates, edges })
}

/// A line such as `2 serde v1.0.229 | MIT OR Apache-2.0`; what was printed before ends with ` (*)`.
fn read(line: &str, checksums: &BTreeMap<(String, String), String>) -> Option<(usize, Crate)> {
    let (depth, rest) = line.split_once(' ')?;
    let (package, licence) = rest.split_once(" | ")?;
    let mut words = package.split(' ');
    let (name, version) = (words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned());
    // Older crates separate two licences by a slash.
    let licence = licence.trim_end_matches(" (*)").replace('/', " OR ");
    let sha256 = checksums.get(&(name.clone(), version.clone())).cloned();
    Some((depth.parse().ok()?, Crate { name, version, licence, sha256 }))
}

/// The digest of each crate's archive by name and version, from Cargo.lock.
fn checksums() -> Result<BTreeMap<(String, String), String>> {
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    let field = |package: &str, name: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(&format!("{name} = \"")).map(str::to_owned));
        line.map(|value| value.trim_end_matches('"').to_owned())
    };
    let packages = lock.split("[[package]]").filter_map(|package| {
        let key = (field(package, "name")?, field(package, "version")?);
        Some((key, field(package, "checksum")?))
    });
    Ok(packages.collect())
}
