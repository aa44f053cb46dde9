//! Compares two tarballs of the npm package, byte by byte.

use crate::command::run;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Fails, and names the files that differ and where, unless both tarballs hold the same bytes. `scratch` is emptied.
pub fn tarballs(first: &Path, second: &Path, scratch: &Path) -> Result<()> {
    let bytes = [read(first)?, read(second)?];
    if bytes[0] == bytes[1] {
        println!("the same {} bytes", bytes[0].len());
        return Ok(());
    }
    let folders = [("first", first), ("second", second)].map(|(name, tarball)| unpack(tarball, &scratch.join(name)));
    let [first_folder, second_folder] = folders;
    let differences = folders_differ(&first_folder?, &second_folder?)?;
    let what = match differences[..] {
        // The archives' own headers: owners, times, compression.
        [] => "all files are the same; the tarballs differ only in how they are packed".to_owned(),
        _ => differences.join("\n"),
    };
    bail!("{} and {} differ:\n{what}", first.display(), second.display())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

fn unpack(tarball: &Path, folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    run(Command::new("tar").arg("-xzf").arg(tarball).arg("-C").arg(folder))?;
    Ok(folder.to_path_buf())
}

/// A line for each file that is in one folder alone, or differs.
fn folders_differ(first: &Path, second: &Path) -> Result<Vec<String>> {
    let (in_first, in_second) = (files(first, first)?, files(second, second)?);
    let mut lines = Vec::new();
    for file in in_first.union(&in_second) {
        let name = file.display();
        if !in_second.contains(file) {
            lines.push(format!("{name}: only in the first"));
        } else if !in_first.contains(file) {
            lines.push(format!("{name}: only in the second"));
        } else if let Some(at) = first_difference(&read(&first.join(file))?, &read(&second.join(file))?) {
            lines.push(format!("{name}: from byte {at} on"));
        }
    }
    Ok(lines)
}

/// The files below a folder, by their paths in `root`.
fn files(folder: &Path, root: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.append(&mut files(&path, root)?);
        } else {
            found.insert(path.strip_prefix(root)?.to_path_buf());
        }
    }
    Ok(found)
}

/// The offset of the first byte that differs, from 0; the shorter one's end if it is the start of the other.
fn first_difference(first: &[u8], second: &[u8]) -> Option<usize> {
    let shorter = first.len().min(second.len());
    let differs = first.iter().zip(second).position(|(first, second)| first != second);
    differs.or((first.len() != second.len()).then_some(shorter))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is removed at the end.
    struct Scratch(PathBuf);

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn scratch(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("dealix-compare-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Scratch(folder)
    }

    fn pack(folder: &Path, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let (package, tarball) = (folder.join(name).join("package"), folder.join(name).with_extension("tgz"));
        fs::create_dir_all(&package).expect("a folder");
        for (file, text) in files {
            fs::write(package.join(file), text).expect("a file");
        }
        // Without the times, which would differ.
        let mut tar = Command::new("tar");
        tar.args(["--sort=name", "--mtime=@0", "--use-compress-program=gzip -n", "-cf"]).arg(&tarball);
        run(tar.arg("-C").arg(folder.join(name)).arg("package")).expect("tar");
        tarball
    }

    #[test]
    fn equal_tarballs_are_equal() {
        let Scratch(folder) = &scratch("equal");
        let [first, second] = ["a", "b"].map(|name| pack(folder, name, &[("x.js", "1"), ("y.js", "2")]));
        tarballs(&first, &second, &folder.join("scratch")).expect("the same bytes");
    }

    #[test]
    fn files_that_differ_are_named_with_the_first_byte() {
        let Scratch(folder) = &scratch("differ");
        let first = pack(folder, "a", &[("x.js", "same"), ("y.js", "abcd"), ("old.js", ""), ("z.js", "abc")]);
        let second = pack(folder, "b", &[("x.js", "same"), ("y.js", "abXd"), ("new.js", ""), ("z.js", "abcdef")]);
        let error = tarballs(&first, &second, &folder.join("scratch")).expect_err("a difference").to_string();
        let lines: Vec<_> = error.lines().skip(1).collect();
        let expected = [
            "package/new.js: only in the second",
            "package/old.js: only in the first",
            "package/y.js: from byte 2 on",
            "package/z.js: from byte 3 on",
        ];
        assert_eq!(lines, expected);
    }
}
