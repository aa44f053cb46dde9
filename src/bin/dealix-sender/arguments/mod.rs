//! What the command line accepts. Secrets are no part of it: see `secret.rs`.

mod deliveries;
mod doctor;
mod endpoints;
mod events;
mod generate;
mod root;
mod secrets;
mod subscriptions;
mod work;

pub use deliveries::{DeadLettersArguments, DeliveriesArguments, ListArguments, RecoverArguments, ReplayArguments};
pub use doctor::DoctorArguments;
pub use endpoints::advice;
pub use events::{EnqueueArguments, EventArguments, SendArguments};
pub use generate::ManArguments;
pub use root::{Arguments, Command, LogFormat};
pub use secrets::SecretsCommand;
pub use subscriptions::{AddArguments, PingArguments, SettingArguments, SubscriptionsCommand, UpdateArguments};
pub use work::{PROXY, WorkArguments};
