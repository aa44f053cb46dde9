//! Why a delivery fails, and why an endpoint or a secret is refused.

mod delivery;
mod endpoint;
mod too_many_secrets;

pub use delivery::DeliveryError;
pub use endpoint::EndpointError;
pub use too_many_secrets::TooManySecretsError;
