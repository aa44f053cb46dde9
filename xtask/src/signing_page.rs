//! The page that verifies, explains and signs: `examples/signing-page` built on the packed package, and served.

use crate::command::{program, root, run, step};
use crate::{consumer, package, projects, setup};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

pub const NAME: &str = "signing-page";
const FILE: &str = "signing-page.html";
/// Where a checkout has the page, once it is built.
pub const BUILT: &str = "target/npm/signing-page.html";
/// Vite's own, and those after it, should it be taken.
const PORTS: std::ops::Range<u16> = 4173..4193;

/// The page in `target/npm`, where a release takes it from, with its checksum in a file beside it.
pub struct Built {
    path: PathBuf,
    bytes: usize,
    sha256: String,
}

impl Built {
    pub fn print(&self) {
        println!("{}\n{} bytes, SHA-256 {}", self.path.display(), self.bytes, self.sha256);
    }

    pub fn print_json(&self) {
        let Self { path, bytes, sha256 } = self;
        println!("{}", serde_json::json!({ "path": path, "bytes": bytes, "sha256": sha256 }));
    }
}

/// Builds the package, and the page with it.
pub fn build() -> Result<Built> {
    let tarball = package::package()?;
    let project = projects::folder().join(NAME);
    projects::install_named(NAME)?;
    step("signing-page: building one HTML file");
    // The tests keep a build of theirs here, by this mark; it is theirs no longer.
    let _ = fs::remove_file(project.join("node_modules/.built"));
    let _ = fs::remove_dir_all(project.join("src"));
    consumer::copy(&root().join("examples").join(NAME), &project)?;
    unpack(&tarball, &project.join("node_modules/@dealix/webhooks"))?;
    // Standard output is for results.
    run(program("npm").args(["run", "--silent", "build"]).current_dir(&project).stdout(std::io::stderr()))?;
    keep(&project.join("dist").join(FILE), &root().join("target/npm"))
}

/// Builds the page, prints where it is, and serves it until it is interrupted.
pub fn build_and_serve() -> Result<()> {
    let built = build()?;
    let port = free_port()?;
    built.print();
    println!("\nServed at http://127.0.0.1:{port}/{FILE} until you press Ctrl-C");
    let mut vite = program(projects::folder().join(NAME).join("node_modules/.bin/vite"));
    vite.args(["preview", "--host", "127.0.0.1", "--port", &port.to_string(), "--strictPort", "--logLevel", "error"]);
    run(vite.current_dir(projects::folder().join(NAME)))
}

/// Builds the page, and takes the pictures that the README shows.
pub fn take_pictures() -> Result<()> {
    let chromium = setup::chromium()?;
    setup::fonts()?;
    let page = build()?.path;
    step("signing-page: taking docs/signing-page-light.png and docs/signing-page-dark.png");
    run(program("node")
        .arg("tests/npm/signing-page/pictures.mjs")
        .args([&page, &root().join("docs")])
        .env("CHROMIUM", chromium))
}

fn unpack(tarball: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(folder)?;
    run(program("tar").arg("-xzf").arg(tarball).arg("-C").arg(folder).arg("--strip-components=1"))
}

/// Copies the page, and writes its checksum as `sha256sum --check` reads it.
fn keep(page: &Path, folder: &Path) -> Result<Built> {
    let content = fs::read(page).with_context(|| page.display().to_string())?;
    let sha256: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    let path = folder.join(FILE);
    fs::write(&path, &content)?;
    fs::write(folder.join(format!("{FILE}.sha256")), format!("{sha256}  {FILE}\n"))?;
    Ok(Built { path, bytes: content.len(), sha256 })
}

fn free_port() -> Result<u16> {
    match PORTS.into_iter().find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()) {
        Some(port) => Ok(port),
        None => bail!("the ports {} to {} are all taken; `--build` builds without serving", PORTS.start, PORTS.end - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_that_sha256sum_computes() {
        let folder = std::env::temp_dir().join(format!("dealix-signing-page-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("page"), "<!doctype html>").unwrap();
        let built = keep(&folder.join("page"), &folder).unwrap();
        let check =
            || run(program("sha256sum").args(["--check", "--status", "signing-page.html.sha256"]).current_dir(&folder));
        let good = check();
        fs::write(&built.path, "<!doctype html>.").unwrap();
        let changed = check();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!((good.is_ok(), changed.is_err(), built.bytes), (true, true, 15));
    }

    #[test]
    fn a_taken_port_is_passed_over() {
        let first = free_port().unwrap();
        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        // A lower one may have become free meanwhile.
        assert_ne!(free_port().unwrap(), first);
    }

    /// `npx @dealix/webhooks page` prints the addresses of these files.
    #[test]
    fn a_release_has_the_page_and_its_checksum() {
        let workflow = fs::read_to_string(root().join(".github/workflows/release.yml")).unwrap();
        let (before, release) = workflow.split_once("gh release create").unwrap();
        assert!(before.contains("- run: cargo xtask signing-page --build\n"));
        let (release, _) = release.split_once("env:").unwrap();
        for file in ["signing-page.html", "signing-page.html.sha256", "dealix-webhooks-*.tgz"] {
            assert!(release.split_whitespace().any(|word| word == format!("target/npm/{file}")), "{file}");
        }
        let command = fs::read_to_string(root().join("pkg-template/src/cli/page.ts")).unwrap();
        assert!(command.contains("/releases/download/v${version}/signing-page.html`"));
        assert!(command.contains("`${url}.sha256`"));
    }
}
