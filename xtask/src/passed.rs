//! What has passed: `cargo xtask test` does not repeat a check within a day while nothing that it reads has changed.

use crate::command::{output, program, root};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The checks that have passed, each under a key made of all that it reads.
pub struct Passed {
    folder: PathBuf,
    is_fresh: bool,
}

impl Passed {
    /// With `is_fresh`, nothing counts as passed; what passes is recorded all the same.
    pub fn new(is_fresh: bool) -> Self {
        Self { folder: root().join("target/passed"), is_fresh }
    }

    #[cfg(test)]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder, is_fresh: false }
    }

    pub fn has(&self, check: &str, key: &str) -> bool {
        let file = self.folder.join(check);
        let is_recent = || Some(fs::metadata(&file).ok()?.modified().ok()?.elapsed().ok()? < KEPT);
        !self.is_fresh && is_recent() == Some(true) && fs::read_to_string(&file).is_ok_and(|kept| kept == key)
    }

    pub fn record(&self, check: &str, key: &str) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        Ok(fs::write(self.folder.join(check), key)?)
    }
}

/// The repository's files, ignored ones left out, whose path from its root is `wanted`.
pub fn sources(wanted: impl Fn(&str) -> bool) -> Result<BTreeSet<PathBuf>> {
    let listed = output(program("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let paths = listed.split('\0').filter(|path| !path.is_empty() && wanted(path)).map(|path| root().join(path));
    // One that is deleted and not committed is still listed.
    Ok(paths.filter(|path| path.is_file()).collect())
}

/// A key that changes when a file or a tool does.
pub fn key<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for tool in ["rustc", "node"] {
        output(program(tool).arg("--version"))?.hash(&mut hasher);
    }
    for file in files {
        file.hash(&mut hasher);
        contents(file)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn contents(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_has_passed_until_something_that_it_reads_changes() {
        let folder = std::env::temp_dir().join(format!("dealix-passed-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("input");
        let key_of = |text: &str| {
            fs::write(&file, text).unwrap();
            key([&file]).unwrap()
        };
        let passed = Passed::in_folder(folder.join("passed"));
        assert!(!passed.has("check", &key_of("one")));
        passed.record("check", &key_of("one")).unwrap();
        let found = [passed.has("check", &key_of("one")), passed.has("check", &key_of("two"))];
        let fresh = Passed { folder: folder.join("passed"), is_fresh: true }.has("check", &key_of("one"));
        fs::remove_dir_all(folder).unwrap();
        assert_eq!((found, fresh), ([true, false], false));
    }

    #[test]
    fn sources_are_those_of_the_repository() {
        let found = sources(|path| path.starts_with("xtask/src/")).unwrap();
        assert!(found.contains(&root().join("xtask/src/passed.rs")));
        assert!(sources(|path| path.starts_with("target/")).unwrap().is_empty());
    }
}
