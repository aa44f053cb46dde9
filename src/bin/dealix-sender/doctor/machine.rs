//! Checks of this machine.

use super::check::{Check, State};
use rlimit::Resource;
use std::path::Path;
use std::time::Duration;
use tokio::time::timeout;

/// What a worker opens besides its attempts' connections: those to the database, files, a few connections that are idle.
const OTHER_DESCRIPTORS: u64 = 64;
const FULL: u64 = 64 << 20;
const NEARLY_FULL: u64 = 1 << 30;
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(10);

pub fn config(file: Option<&Path>) -> Check {
    let none = || "no file: options come from arguments and the environment".to_owned();
    Check::ok("config", file.map_or_else(none, |file| file.display().to_string()))
}

/// A worker raises the soft limit itself.
pub fn descriptors(concurrency: u16) -> Check {
    let needed = u64::from(concurrency) + OTHER_DESCRIPTORS;
    match Resource::NOFILE.get() {
        Err(error) => Check::not_ok("descriptors", State::Warning, error.to_string(), "see `ulimit -Hn`"),
        Ok((_, hard)) if hard < needed => Check::not_ok(
            "descriptors",
            State::Warning,
            format!("a process may open {hard} files and sockets; --concurrency {concurrency} needs {needed}"),
            "raise the limit (ulimit -Hn, LimitNOFILE), or lower --concurrency",
        ),
        Ok((_, hard)) => {
            Check::ok("descriptors", format!("a process may open {hard}; --concurrency {concurrency} needs {needed}"))
        }
    }
}

/// The space that is left where SQLite's file is.
pub fn disk(file: &Path) -> Check {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let free = match rustix::fs::statvfs(folder) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => {
            let seen = format!("{}: {error}", folder.display());
            return Check::not_ok("disk", State::Failed, seen, "check DEALIX_DATABASE");
        }
    };
    let seen = format!("{} MB are free in {}", free / 1_000_000, folder.display());
    let advice = "make space: when the disk is full, nothing can be queued or recorded";
    if free >= NEARLY_FULL {
        return Check::ok("disk", seen);
    }
    Check::not_ok("disk", if free < FULL { State::Failed } else { State::Warning }, seen, advice)
}

pub async fn dns(host: Option<String>) -> Check {
    let Some(host) = host else {
        let seen = "no subscription names a host to look up";
        return Check::not_ok("dns", State::Skipped, seen, "--resolve HOST looks one up");
    };
    let failed = |reason: String| {
        let advice = "check /etc/resolv.conf, and that this machine reaches its name server";
        Check::not_ok("dns", State::Failed, format!("{host}: {reason}"), advice)
    };
    match timeout(LOOK_UP_TIMEOUT, tokio::net::lookup_host((host.as_str(), 443))).await {
        Err(_) => failed(format!("no answer in {} s", LOOK_UP_TIMEOUT.as_secs())),
        Ok(Err(error)) => failed(error.to_string()),
        Ok(Ok(mut addresses)) => match addresses.next() {
            Some(address) => Check::ok("dns", format!("{host} is {}", address.ip())),
            None => failed("it has no address".to_owned()),
        },
    }
}
