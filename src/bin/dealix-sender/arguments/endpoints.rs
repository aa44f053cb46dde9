use anyhow::{Context, Result};
use clap::Args;
use dealix_webhooks::sender::foreign::IpNet;
use dealix_webhooks::sender::{EndpointError, EndpointPolicy};

#[derive(Args)]
pub struct EndpointArguments {
    /// Also call http:// endpoints and this machine's own addresses, for local development
    #[arg(long)]
    local: bool,
    /// Also call http:// endpoints
    #[arg(long)]
    allow_http: bool,
    /// Also call the addresses in this network, such as 10.0.0.0/8; can be repeated
    #[arg(long = "allow-network", value_name = "CIDR")]
    allow_networks: Vec<IpNet>,
}

impl EndpointArguments {
    pub fn policy(self) -> Result<EndpointPolicy> {
        let mut allow_networks = self.allow_networks;
        if self.local {
            for network in ["127.0.0.0/8", "::1/128"] {
                allow_networks.push(network.parse().context("a network")?);
            }
        }
        Ok(EndpointPolicy { allow_http: self.allow_http || self.local, allow_networks })
    }
}

/// Which options allow an endpoint that was refused, if any do.
pub fn advice(refused: EndpointError) -> &'static str {
    match refused {
        EndpointError::NotHttps => "; --allow-http allows http, and --local allows http and this machine's addresses",
        EndpointError::NotPublic => "; --allow-network allows a network, and --local allows this machine's addresses",
        _ => "",
    }
}
