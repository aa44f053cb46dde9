//! The transport that sends attempts over HTTP: hyper, behind the address guard.

mod address;
mod causes;
mod client;
mod connection;
mod connector;
mod excerpt;
mod failure;
mod look_up_error;
mod look_ups;
mod options;
mod outage;
mod phases;
mod policy;
mod proxy_url;
mod request;
mod resolve;
mod resolver;
mod response;
mod setup_error;
mod tcp;
mod timeouts;
mod tls;
mod transport;
mod tunnel;
mod upload;

pub use options::HttpOptions;
pub use policy::EndpointPolicy;
pub use proxy_url::{ProxyUrl, ProxyUrlError};
pub use resolve::{Resolve, Resolving};
pub use setup_error::HttpSetupError;
pub use transport::HttpTransport;
