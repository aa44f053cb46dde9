//! Who resolves the endpoints' names.

use super::look_up_error::LookUpError;
use super::outage::FailedNames;
use super::policy::EndpointPolicy;
use crate::sender::error::EndpointError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::sync::Arc;
use std::time::Duration;
use tokio::time;

/// Lets only those addresses through that the policy allows; what it answers is what is connected to.
pub(super) struct GuardedResolver {
    endpoints: Arc<EndpointPolicy>,
    resolver: Arc<dyn Resolve>,
    failed_names: Arc<FailedNames>,
    timeout: Duration,
}

impl GuardedResolver {
    /// `timeout` is for each look-up.
    pub fn new(endpoints: Arc<EndpointPolicy>, resolver: Arc<dyn Resolve>, timeout: Duration) -> Self {
        Self { endpoints, resolver, failed_names: Arc::default(), timeout }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (endpoints, failed_names, timeout) = (self.endpoints.clone(), self.failed_names.clone(), self.timeout);
        let name_text = name.as_str().to_owned();
        let resolving = self.resolver.resolve(name);
        Box::pin(async move {
            let looked_up = match time::timeout(timeout, resolving).await {
                Ok(answer) => answer.map_err(|error| LookUpError::Failed(error.into())),
                Err(_) => Err(LookUpError::TimedOut(timeout)),
            };
            let addresses = looked_up.map_err(|error| failed_names.judge(&name_text, error))?;
            failed_names.clear();
            let (allowed, refused): (Vec<_>, Vec<_>) = addresses.partition(|address| endpoints.allows(address.ip()));
            // A name without any address may have one later: the client fails, and the delivery is tried again.
            if allowed.is_empty() && !refused.is_empty() {
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
            // The port is the URL's: the client fills it in.
            let addresses: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
