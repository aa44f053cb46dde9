//! Reads secrets from the environment, standard input or the terminal.

use crate::environment::{self, without_line_break};
use anyhow::{Context, Result, bail};
use dealix_webhooks::Verifier;
use dealix_webhooks::sender::Secret;
use std::io::{IsTerminal, Read};
use zeroize::Zeroizing;

const VARIABLE: &str = "DEALIX_WEBHOOK_SECRET";

const MAX_INPUT_BYTES: u64 = 64 * 1024;

/// The secret in the environment, or the only line of standard input. On a terminal, prompts for it without echoing it.
pub fn read() -> Result<Secret> {
    let secret = match environment::find(VARIABLE)? {
        Some(secret) => secret,
        None if std::io::stdin().is_terminal() => {
            Zeroizing::new(rpassword::prompt_password("Secret (not shown): ").context("the secret cannot be read")?)
        }
        None => from_standard_input()?,
    };
    checked(secret)
}

/// Refuses what is more or less than a secret, or no receiver accepts.
pub fn checked(secret: Zeroizing<String>) -> Result<Secret> {
    if secret.is_empty() {
        bail!("no secret: set {VARIABLE} or {VARIABLE}_FILE, or pass it on standard input");
    }
    if secret.trim() != secret.as_str() {
        bail!("the secret has white space around it, and the receiver would need the same; remove it");
    }
    if secret.contains(char::is_control) {
        bail!("the secret contains a line break or another control character; does it contain more than the secret?");
    }
    if ['"', '\''].iter().any(|quote| secret.starts_with(*quote) && secret.ends_with(*quote)) {
        bail!("the secret has quotes around it, and the receiver would need the same; remove them");
    }
    // No receiver accepts these, such as the text that an unset variable becomes in a string.
    Verifier::new([secret.as_str()])?;
    Ok(Secret::from(secret.as_str()))
}

pub fn is_in_environment() -> bool {
    environment::is_set(VARIABLE)
}

fn from_standard_input() -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    let read = std::io::stdin().take(MAX_INPUT_BYTES).read_to_string(&mut text);
    read.context("the secret cannot be read from standard input")?;
    Ok(Zeroizing::new(without_line_break(&text).to_owned()))
}
