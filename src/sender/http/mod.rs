//! The transport that deliveries go out by: reqwest, behind the address guard.

mod address;
mod causes;
mod client;
mod failure;
mod look_up_error;
mod look_ups;
mod options;
mod outage;
mod policy;
mod resolver;
mod response;
mod transport;

pub use client::HttpSetupError;
pub use options::HttpOptions;
pub use policy::EndpointPolicy;
pub use transport::HttpTransport;
