//! Checks of this machine.

use super::check::{Check, State};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rlimit::Resource;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;
use tokio::time::timeout;

/// What a worker opens besides its attempts' connections: those to the database, files, a few connections that are idle.
const OTHER_DESCRIPTORS: u64 = 64;
const FULL: u64 = 64 << 20;
const NEARLY_FULL: u64 = 1 << 30;
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(10);
/// What glibc says then.
const NO_SUCH_NAME: [&str; 2] = ["Name or service not known", "No address associated with hostname"];

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

/// Looks up the host that was asked for, or else those of the endpoints. One of these is enough: a customer's name may be wrong.
pub async fn dns(asked_for: Option<String>, endpoints: Vec<String>) -> Check {
    let is_of_endpoints = asked_for.is_none();
    let mut pending: FuturesUnordered<_> =
        asked_for.map_or(endpoints, |host| vec![host]).into_iter().map(look_up).collect();
    let mut reasons = Vec::new();
    while let Some((host, found)) = pending.next().await {
        match found {
            Ok(address) => return Check::ok("dns", format!("{host} is {address}")),
            Err(reason) => reasons.push(format!("{host}: {reason}")),
        }
    }
    if reasons.is_empty() {
        let seen = "no subscription names a host to look up";
        return Check::not_ok("dns", State::Skipped, seen, "--resolve HOST looks one up");
    }
    let seen = reasons.join(", ");
    if is_of_endpoints && NO_SUCH_NAME.iter().any(|text| seen.contains(text)) {
        let advice = "check the endpoints' names; --resolve HOST looks another one up";
        return Check::not_ok("dns", State::Warning, seen, advice);
    }
    Check::not_ok("dns", State::Failed, seen, "check /etc/resolv.conf, and that this machine reaches its name server")
}

async fn look_up(host: String) -> (String, Result<IpAddr, String>) {
    let found = match timeout(LOOK_UP_TIMEOUT, tokio::net::lookup_host((host.as_str(), 443))).await {
        Err(_) => Err(format!("no answer in {} s", LOOK_UP_TIMEOUT.as_secs())),
        Ok(Err(error)) => Err(error.to_string()),
        Ok(Ok(mut addresses)) => addresses.next().map(|address| address.ip()).ok_or("it has no address".to_owned()),
    };
    (host, found)
}
