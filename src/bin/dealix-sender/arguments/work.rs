use super::endpoints::EndpointArguments;
use crate::environment;
use crate::values::{parse_address, parse_timeout};
use anyhow::{Context, Result, bail};
use clap::Args;
use dealix_webhooks::sender::{HttpOptions, HttpTransport, ProxyUrl, QueueOptions};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The variable for a proxy's URL that holds a password.
pub const PROXY: &str = "DEALIX_PROXY";

#[derive(Args)]
pub struct WorkArguments {
    #[command(flatten)]
    pub transport: TransportArguments,
    /// Stop when nothing is due any more, and what is no longer kept is deleted
    #[arg(long)]
    pub until_idle: bool,
    /// How many attempts are in flight at once
    #[arg(long, default_value = "1024", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency: u16,
    /// How many attempts are in flight at once at one endpoint
    #[arg(long, default_value = "16", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency_per_endpoint: u16,
    /// How many bytes of bodies are in flight at once; a body that exceeds what is left is still sent while at most half is in use
    #[arg(long, default_value = "67108864", value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_bytes_in_flight: u32,
    #[command(flatten)]
    pub limits: LimitArguments,
    /// Keep exactly to the retry schedule, without adding up to a tenth to each delay
    #[arg(long)]
    pub no_jitter: bool,
    /// How long deliveries stay reserved for a worker that has died; a live worker renews its leases
    #[arg(long, alias = "presumed-dead-after", default_value = "60s", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub lease: Duration,
    /// How long finished deliveries and their logs are kept
    #[arg(long, default_value = "30d", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub keep_finished: Duration,
    /// Tell operators of an endpoint at which every attempt has failed for this long, one of them in the second half of it or later
    #[arg(long, default_value = "1h", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub alarm_failing_for: Duration,
    /// Tell operators of deliveries that are overdue by this much
    #[arg(long, default_value = "15m", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub alarm_overdue_by: Duration,
    /// Serve /metrics for Prometheus, /health/live and /health/ready at this address, without encryption or a password
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = parse_address)]
    pub listen: Option<SocketAddr>,
    /// With --listen, count attempts and finished deliveries of each subscription, so that there are more metrics with every customer
    #[arg(long)]
    pub metrics_by_subscription: bool,
}

#[derive(Args)]
pub struct TransportArguments {
    #[command(flatten)]
    endpoints: EndpointArguments,
    /// The time limit for an attempt, from the DNS look-up to the last byte of the response
    #[arg(long, default_value = "10s", value_parser = parse_timeout, value_name = "DURATION")]
    timeout: Duration,
    /// Call every endpoint through this HTTP proxy, which is asked for the checked address. One with a password: DEALIX_PROXY
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// Also trust the certificates in this PEM file; can be repeated
    #[arg(long = "root-certificates", value_name = "FILE")]
    root_certificates: Vec<PathBuf>,
    /// Do not keep the first 1,024 bytes of each response
    #[arg(long)]
    no_excerpt: bool,
}

#[derive(Args)]
pub struct LimitArguments {
    /// The longest event to accept, measured as the canonical envelope that is sent
    #[arg(long, default_value = "1048576", value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..))]
    max_envelope_bytes: u32,
}

impl TransportArguments {
    pub fn transport(self) -> Result<HttpTransport> {
        let proxy = self.proxy()?;
        let read =
            |file: &PathBuf| std::fs::read(file).with_context(|| format!("--root-certificates {}", file.display()));
        let root_certificates = self.root_certificates.iter().map(read).collect::<Result<_>>()?;
        Ok(HttpTransport::new(HttpOptions {
            endpoints: self.endpoints.policy()?,
            timeout: self.timeout,
            proxy,
            root_certificates,
            keep_excerpt: !self.no_excerpt,
            ..Default::default()
        })?)
    }

    pub fn proxy(&self) -> Result<Option<ProxyUrl>> {
        let Some(url) = &self.proxy else {
            return environment::find(PROXY)?.map(|url| url.parse().context(PROXY)).transpose();
        };
        // Every user of the machine can read the arguments of its processes.
        if url.contains('@') {
            bail!(
                "--proxy contains a user or a password, which other users of this machine can see; set {PROXY} instead"
            );
        }
        Ok(Some(url.parse().context("--proxy")?))
    }
}

impl LimitArguments {
    pub fn options(&self) -> QueueOptions {
        QueueOptions {
            max_envelope_bytes: usize::try_from(self.max_envelope_bytes).unwrap_or(usize::MAX),
            ..Default::default()
        }
    }
}
