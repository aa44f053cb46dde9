//! Resolves the endpoints' host names.

use super::look_up_error::LookUpError;
use super::look_ups::LookUps;
use super::outage::FailedNames;
use super::policy::EndpointPolicy;
use super::resolve::Resolve;
use crate::sender::error::EndpointError;
use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time;

/// Returns only the addresses that the policy allows; the client connects to one of these.
pub(super) struct GuardedResolver {
    endpoints: Arc<EndpointPolicy>,
    look_ups: LookUps,
    failed_names: FailedNames,
    timeout: Duration,
}

impl GuardedResolver {
    /// `timeout` limits each look-up.
    pub fn new(endpoints: Arc<EndpointPolicy>, resolver: Arc<dyn Resolve>, timeout: Duration) -> Self {
        Self { endpoints, look_ups: LookUps::new(resolver), failed_names: FailedNames::default(), timeout }
    }

    /// The addresses of an endpoint.
    pub async fn endpoint(&self, name: &str) -> Result<Vec<IpAddr>, Box<dyn Error + Send + Sync>> {
        let addresses = match self.look_up(name).await {
            Ok(addresses) => addresses,
            Err(error) => return Err(self.failed_names.judge(name, error).into()),
        };
        self.failed_names.clear();
        let allowed: Vec<_> = addresses.iter().copied().filter(|address| self.endpoints.allows(*address)).collect();
        // A name without any address may have one later: the client fails, and the delivery is retried.
        if allowed.is_empty() && !addresses.is_empty() {
            return Err(EndpointError::NotPublic.into());
        }
        Ok(allowed)
    }

    /// All addresses of a name: of the operator's own proxy.
    pub async fn look_up(&self, name: &str) -> Result<Arc<[IpAddr]>, LookUpError> {
        match time::timeout(self.timeout, self.look_ups.look_up(name)).await {
            Ok(looked_up) => looked_up,
            Err(_) => Err(LookUpError::TimedOut(self.timeout)),
        }
    }
}
