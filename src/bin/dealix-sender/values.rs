//! Parses the values of arguments.

use anyhow::{Result, anyhow, bail};
use dealix_webhooks::sender::unix_now;
use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};
use tracing_subscriber::EnvFilter;

/// The directives of tracing's `EnvFilter`, without the white space around each. With it, `EnvFilter` would take a target's
/// name for another, and panic if that is not ASCII.
pub fn parse_log(text: &str) -> Result<String> {
    let directives = text.split(',').map(str::trim).collect::<Vec<_>>().join(",");
    EnvFilter::try_new(&directives)
        .map_err(|error| anyhow!("{error}; use a level, such as info, or warn,target=level"))?;
    Ok(directives)
}

pub fn parse_timeout(text: &str) -> Result<Duration> {
    let timeout = humantime::parse_duration(text)?;
    if timeout.is_zero() {
        bail!("must be greater than zero");
    }
    Ok(timeout)
}

pub fn parse_address(text: &str) -> Result<SocketAddr> {
    text.parse().map_err(|_| anyhow!("not an IP address and a port, such as 127.0.0.1:9464"))
}

/// A time given as how long ago or when; in seconds since 1970.
pub fn parse_since(text: &str) -> Result<i64> {
    if let Ok(ago) = humantime::parse_duration(text) {
        return Ok(unix_now().saturating_sub(i64::try_from(ago.as_secs())?));
    }
    let time = humantime::parse_rfc3339_weak(text)
        .map_err(|_| anyhow!("neither a duration such as 2h nor a time such as 2026-11-24T12:00:00Z"))?;
    Ok(i64::try_from(time.duration_since(UNIX_EPOCH)?.as_secs())?)
}
