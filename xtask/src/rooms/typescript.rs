//! The imports of TypeScript sources.

use super::graph::Arrow;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

pub fn arrows(sources: &Path) -> BTreeSet<Arrow> {
    let mut arrows = BTreeSet::new();
    let mut folders = vec![sources.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "ts") {
                let text = fs::read_to_string(&path).expect("text");
                let from = path.strip_prefix(sources).expect("within the sources");
                arrows.extend(imports(&text).map(|import| (from.to_owned(), resolve(from, import))));
            }
        }
    }
    arrows
}

/// What stands in `from "./…"`, `import "./…"` and `import("./…")`.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('"').collect::<Vec<_>>();
    let pairs = quoted.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>();
    pairs
        .into_iter()
        .filter(|(before, path)| {
            let before = before.trim_end();
            path.starts_with('.') && ["from", "import", "import("].iter().any(|word| before.ends_with(word))
        })
        .map(|(_, path)| path)
}

fn resolve(from: &Path, import: &str) -> PathBuf {
    let mut path = from.parent().unwrap_or(Path::new("")).to_path_buf();
    for component in Path::new(import).components() {
        match component {
            Component::ParentDir => assert!(path.pop(), "{} imports from outside: {import}", from.display()),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    if import.ends_with(".js") { path.with_extension("ts") } else { path }
}
