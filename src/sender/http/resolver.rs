//! Resolves the endpoints' host names.

use super::look_up_error::LookUpError;
use super::look_ups::LookUps;
use super::outage::FailedNames;
use super::policy::EndpointPolicy;
use crate::sender::error::EndpointError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time;

/// Returns only the addresses that the policy allows; the client connects to one of these.
#[derive(Clone)]
pub(super) struct GuardedResolver {
    endpoints: Arc<EndpointPolicy>,
    look_ups: LookUps,
    failed_names: Arc<FailedNames>,
    timeout: Duration,
}

impl GuardedResolver {
    /// `timeout` limits each look-up.
    pub fn new(endpoints: Arc<EndpointPolicy>, resolver: Arc<dyn Resolve>, timeout: Duration) -> Self {
        Self { endpoints, look_ups: LookUps::new(resolver), failed_names: Arc::default(), timeout }
    }

    async fn look_up(&self, name: Name) -> Result<Arc<[SocketAddr]>, LookUpError> {
        let name_text = name.as_str().to_owned();
        let looked_up = match time::timeout(self.timeout, self.look_ups.look_up(name)).await {
            Ok(looked_up) => looked_up,
            Err(_) => Err(LookUpError::TimedOut(self.timeout)),
        };
        let addresses = looked_up.map_err(|error| self.failed_names.judge(&name_text, error))?;
        self.failed_names.clear();
        Ok(addresses)
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let addresses = this.look_up(name).await?;
            let allowed: Vec<_> =
                addresses.iter().copied().filter(|address| this.endpoints.allows(address.ip())).collect();
            // A name without any address may have one later: the client fails, and the delivery is retried.
            if allowed.is_empty() && !addresses.is_empty() {
                return Err(EndpointError::NotPublic.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

pub(super) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The client replaces the port by the URL's.
            let addresses: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
