//! Why a delivery fails, and why an endpoint or a secret is refused.

mod delivery;
mod endpoint;
mod too_many_secrets;

pub use delivery::DeliveryError;
#[cfg(feature = "queue")]
pub(in crate::sender) use delivery::MAX_CHARS;
pub use endpoint::EndpointError;
pub use too_many_secrets::TooManySecretsError;
