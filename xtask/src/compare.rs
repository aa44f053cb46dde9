//! Compares two builds byte by byte: tarballs of the npm package, or single files.

use crate::command::run;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Fails, and names the files that differ and where, unless both tarballs hold the same bytes. `scratch` is emptied.
pub fn tarballs(first: &Path, second: &Path, scratch: &Path) -> Result<()> {
    let folders = [("first", first), ("second", second)].map(|(name, tarball)| unpack(tarball, &scratch.join(name)));
    let [first_folder, second_folder] = folders;
    let (first_folder, second_folder) = (first_folder?, second_folder?);
    if read(first)? == read(second)? {
        print_equal(&first_folder, first)?;
        return Ok(());
    }
    let differences = folders_differ(&first_folder, &second_folder)?;
    let what = match differences[..] {
        // The archives' own headers: owners, times, compression.
        [] => "all files are the same; the tarballs differ only in how they are packed".to_owned(),
        _ => differences.join("\n"),
    };
    bail!("{} and {} differ:\n{what}", first.display(), second.display())
}

/// Fails, and says where they differ, unless both files hold the same bytes.
pub fn files(first: &Path, second: &Path) -> Result<()> {
    let bytes = read(first)?;
    if let Some(at) = first_difference(&bytes, &read(second)?) {
        bail!("{} and {} differ from byte {at} on", first.display(), second.display());
    }
    println!("{}: the same {} bytes", name(first).display(), bytes.len());
    Ok(())
}

/// How many bytes of the tarball are the same, and how many of them each WebAssembly module has.
fn print_equal(unpacked: &Path, tarball: &Path) -> Result<()> {
    println!("{}: the same {} bytes", name(tarball).display(), read(tarball)?.len());
    for file in files_in(unpacked, unpacked)? {
        if file.extension().is_some_and(|extension| extension == "wasm") {
            println!("  with {}: {} bytes", file.display(), read(&unpacked.join(&file))?.len());
        }
    }
    Ok(())
}

fn name(path: &Path) -> &Path {
    path.file_name().map_or(path, Path::new)
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
    let (in_first, in_second) = (files_in(first, first)?, files_in(second, second)?);
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
fn files_in(folder: &Path, root: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.append(&mut files_in(&path, root)?);
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
    fn a_file_with_a_changed_byte_is_named_with_its_place() {
        let Scratch(folder) = &scratch("files");
        let [first, second] = ["a.html", "b.html"].map(|name| folder.join(name));
        fs::write(&first, "page").expect("a file");
        fs::write(&second, "page").expect("a file");
        files(&first, &second).expect("the same bytes");
        fs::write(&second, "paGe").expect("a file");
        let error = files(&first, &second).expect_err("a difference").to_string();
        assert!(error.ends_with("b.html differ from byte 2 on"), "{error}");
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
