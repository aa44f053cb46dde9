//! The transport that sends attempts over HTTP: reqwest, behind the address guard.

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
mod setup_error;
mod timeouts;
mod transport;

pub use options::HttpOptions;
pub use policy::EndpointPolicy;
pub use setup_error::HttpSetupError;
pub use transport::HttpTransport;
