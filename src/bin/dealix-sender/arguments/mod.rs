//! What the command line accepts. Secrets are no part of it: see `secret.rs`.

mod deliveries;
mod endpoints;
mod events;
mod root;
mod secrets;
mod subscriptions;
mod work;

pub use deliveries::{DeadLettersArguments, DeliveriesArguments, ListArguments, RecoverArguments, ReplayArguments};
pub use endpoints::advice;
pub use events::{EnqueueArguments, EventArguments, SendArguments};
pub use root::{Arguments, Command};
pub use secrets::SecretsCommand;
pub use subscriptions::{AddArguments, PingArguments, SettingArguments, SubscriptionsCommand, UpdateArguments};
pub use work::WorkArguments;
