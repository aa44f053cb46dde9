//! Where secrets come from.

use anyhow::{Context, Result, bail};
use dealix_webhooks::native::Secret;
use std::io::IsTerminal;
use zeroize::Zeroizing;

const VARIABLE: &str = "DEALIX_WEBHOOK_SECRET";

/// The secret in `DEALIX_WEBHOOK_SECRET`, or the first line of standard input; a terminal is asked, without an echo.
pub fn read() -> Result<Secret> {
    let secret = match from_environment()? {
        Some(secret) => secret,
        None if std::io::stdin().is_terminal() => {
            Zeroizing::new(rpassword::prompt_password("Secret (not shown): ").context("the secret cannot be read")?)
        }
        None => from_standard_input()?,
    };
    if secret.is_empty() {
        bail!("no secret: set {VARIABLE}, or write it to standard input");
    }
    if secret.trim() != secret.as_str() {
        bail!("the secret has white space around it, which its receiver would have to have too; take it away");
    }
    Ok(Secret::from(secret.as_str()))
}

pub fn is_in_environment() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

fn from_environment() -> Result<Option<Zeroizing<String>>> {
    match std::env::var(VARIABLE) {
        Ok(secret) => Ok(Some(Zeroizing::new(secret))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => bail!("{VARIABLE} is not Unicode text"),
    }
}

fn from_standard_input() -> Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().read_line(&mut line).context("the secret cannot be read from standard input")?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}
