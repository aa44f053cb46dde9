use clap::Subcommand;

#[derive(Subcommand)]
pub enum SecretsCommand {
    /// Count the subscriptions whose secrets are in clear, and those that are sealed, by key
    Status,
    /// Seal all secrets with the current key, the first in DEALIX_SECRETS_KEY; safe to interrupt and to repeat
    Rekey,
}
