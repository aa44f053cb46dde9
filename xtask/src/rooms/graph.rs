//! Circles among the entries of each folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The file that imports, and the file that it imports from, both relative to the sources.
pub type Arrow = (PathBuf, PathBuf);

/// What each entry of a folder imports from the folder's other entries, with one import of files as evidence.
type Imports<'a> = BTreeMap<PathBuf, BTreeMap<PathBuf, &'a Arrow>>;

/// One circle for each folder that has any, as a line: an import that leads from each of its entries to the next.
pub fn circles(arrows: &BTreeSet<Arrow>) -> Vec<String> {
    let mut folders: BTreeMap<PathBuf, Imports> = BTreeMap::new();
    for arrow in arrows {
        let Some((folder, from, to)) = meet(&arrow.0, &arrow.1) else { continue };
        folders.entry(folder).or_default().entry(from).or_default().insert(to, arrow);
    }
    folders.values().filter_map(circle).collect()
}

/// The deepest folder that holds both files, and its two entries that hold one each.
fn meet(from: &Path, to: &Path) -> Option<(PathBuf, PathBuf, PathBuf)> {
    let common = from.iter().zip(to.iter()).take_while(|(from, to)| from == to).count();
    let entry = |path: &Path| path.iter().take(common + 1).collect::<PathBuf>();
    (from != to).then(|| (from.iter().take(common).collect(), entry(from), entry(to)))
}

/// Repeatedly removes an entry that imports none of the others left. Whatever remains is part of a circle or leads to one.
fn circle(imports: &Imports) -> Option<String> {
    let mut left: BTreeSet<&PathBuf> = imports.keys().collect();
    while let Some(&last) = left.iter().find(|from| !imports[**from].keys().any(|to| left.contains(to))) {
        left.remove(last);
    }
    let mut walked = vec![*left.first()?];
    loop {
        let here = walked.last().expect("the first");
        let next = imports[*here].keys().find(|to| left.contains(to)).expect("it was not taken away");
        if let Some(start) = walked.iter().position(|entry| *entry == next) {
            return Some(describe(imports, &walked[start..]));
        }
        walked.push(next);
    }
}

fn describe(imports: &Imports, circle: &[&PathBuf]) -> String {
    let next = circle.iter().cycle().skip(1);
    let steps = circle.iter().zip(next).map(|(from, to)| {
        let (file, imported) = imports[*from][*to];
        format!("{} imports from {}", file.display(), imported.display())
    });
    steps.collect::<Vec<_>>().join(", ")
}

#[test]
fn a_circle_is_found_wherever_it_is_and_nothing_else_is() {
    let arrows = |pairs: &[(&str, &str)]| pairs.iter().map(|(from, to)| (from.into(), to.into())).collect();
    let tree = arrows(&[("lib", "a/mod"), ("a/mod", "a/x"), ("a/x", "b/y"), ("b/y", "c"), ("lib", "c")]);
    assert_eq!(circles(&tree), [""; 0]);
    let files = arrows(&[("lib", "a/x"), ("a/x", "a/y"), ("a/y", "a/x"), ("a/z", "a/x")]);
    assert_eq!(circles(&files), ["a/x imports from a/y, a/y imports from a/x"]);
    let folders = arrows(&[("a/x", "b/y"), ("b/z", "a/w")]);
    assert_eq!(circles(&folders), ["a/x imports from b/y, b/z imports from a/w"]);
}
