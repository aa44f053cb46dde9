//! Who resolves the endpoints' names.

use super::policy::EndpointPolicy;
use crate::sender::error::EndpointError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::sync::Arc;

/// Lets only those addresses through that the policy allows; what it answers is what is connected to.
pub(super) struct GuardedResolver {
    pub endpoints: Arc<EndpointPolicy>,
    pub resolver: Arc<dyn Resolve>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let endpoints = self.endpoints.clone();
        let resolving = self.resolver.resolve(name);
        Box::pin(async move {
            let (allowed, refused): (Vec<_>, Vec<_>) =
                resolving.await?.partition(|address| endpoints.allows(address.ip()));
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
